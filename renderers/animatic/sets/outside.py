"""What is seen out of doors: sky, sun and moon, clouds, skylines, trees, the sea.

Used through windows and as the backdrop of streets and parks, on the current plane.

Knows: weather and horizons by hour. Does not know: rooms, streets.
"""

from __future__ import annotations

from typing import Literal

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.paths import curve
from renderers.animatic.sets.stage import Stage

Outlook = Literal["city", "trees", "sky", "sea", "hills"]
Box = tuple[float, float, float, float]


def outlook(stage: Stage, box: Box, kind: Outlook) -> None:
    """Fill a box (left, bottom, right, top) of the current plane with a view."""
    left, bottom, right, top = box
    stage.canvas.save()
    stage.canvas.clipRect(skia.Rect.MakeLTRB(left, bottom, right, top), True)
    sky(stage, box)
    base = bottom + (top - bottom) * 0.18
    if kind == "city":
        skyline(stage, (left, bottom, right, top), 0.62, 0.42)
        skyline(stage, (left, bottom, right, top), 0.4, 0.75)
    elif kind == "trees":
        hills(stage, box, 0.42, 0.5)
        treeline(stage, box, 0.45)
    elif kind == "hills":
        hills(stage, box, 0.5, 0.3)
        hills(stage, box, 0.34, 0.65)
    elif kind == "sea":
        sea(stage, (left, bottom, right, base + (top - bottom) * 0.2))
    stage.canvas.restore()


def sky(stage: Stage, box: Box) -> None:
    """Gradient, sun or moon and stars."""
    left, bottom, right, top = box
    p, light = stage.palette, stage.light
    stage.rect(left, bottom, right, top, (p.sky_top, p.sky_bottom), line=0)
    # A camera that looks up sees more of it.
    stage.rect(left, top, right, top + 3 * (top - bottom), p.sky_top, line=0)
    wide, high = right - left, top - bottom
    rng = stage.random
    if light.dark:
        for _ in range(26):
            x, y = left + wide * rng.random(), bottom + high * (0.4 + 0.6 * rng.random())
            r = high * rng.uniform(0.002, 0.006)
            stage.oval(x, y, r, r, "#ffffff", line=0, alpha=rng.uniform(0.4, 0.95))


def sun(stage: Stage, x: float, y: float, size: float) -> None:
    """The sun or the moon of this hour, with its halo."""
    light = stage.light
    name = {"morning": "#fff0bf", "day": "#fffbe6", "evening": "#ffd27a", "night": "#f1f0df"}[
        light.time_of_day
    ]
    shader = skia.GradientShader.MakeRadial(
        center=skia.Point(x, y),
        radius=size * 4,
        colors=[argb(name, 0.65), argb(name, 0.18), argb(name, 0.0)],
        positions=[0.0, 0.4, 1.0],
    )
    paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
    stage.canvas.drawCircle(x, y, size * 4, paint)
    stage.oval(x, y, size, size, name, line=0)
    if light.dark:
        for dx, dy, r in ((-0.3, 0.25, 0.2), (0.3, -0.1, 0.26), (-0.15, -0.42, 0.14)):
            stage.oval(
                x + dx * size, y + dy * size, r * size, r * size, "#cfd0c8", line=0, alpha=0.7
            )


def cloud(stage: Stage, x: float, y: float, size: float, alpha: float = 0.9) -> None:
    """A flat-bottomed cloud, `size` wide, its base at `y`."""
    p = stage.palette
    fill = (
        mix("#ffffff", p.sky_bottom, 0.25)
        if not stage.light.dark
        else mix(p.sky_top, "#8a96d0", 0.3)
    )
    s = size
    path = curve(
        (x, y), (x - 0.02 * s, y + 0.15 * s, x + 0.16 * s, y + 0.15 * s),
        (x + 0.2 * s, y + 0.33 * s, x + 0.4 * s, y + 0.3 * s),
        (x + 0.62 * s, y + 0.38 * s, x + 0.7 * s, y + 0.19 * s),
        (x + 0.98 * s, y + 0.2 * s, x + s, y),
    )  # fmt: skip
    stage.shape(path, fill, line=0, alpha=alpha)


def skyline(stage: Stage, box: Box, high: float, near: float) -> None:
    """A row of buildings up to `high` of the box; `near` 0 (hazy) to 1."""
    left, bottom, right, top = box
    p, rng = stage.palette, stage.random
    body = mix(mix(p.sky_bottom, p.haze, 0.3), mix(p.fabric, p.dark, 0.5), 0.25 + 0.5 * near)
    lit = stage.light.dark or stage.light.time_of_day == "evening"
    x = left - 0.05
    unit = (top - bottom) * 0.2
    while x < right:
        wide = unit * rng.uniform(0.7, 1.5)
        tall = (top - bottom) * high * rng.uniform(0.55, 1.0)
        stage.rect(x, bottom, x + wide, bottom + tall, body, line=0)
        if rng.random() < 0.3:
            stage.rect(
                x + wide * 0.4, bottom + tall, x + wide * 0.6, bottom + tall * 1.1, body, line=0
            )
        name = p.light if lit else mix(body, "#ffffff", 0.3)
        share = 0.5 if lit else 0.75
        _panes(stage, (x, bottom, x + wide, bottom + tall), unit * 0.17, name, share)
        x += wide + unit * rng.uniform(0.0, 0.15)


def _panes(stage: Stage, box: Box, step: float, name: str, share: float) -> None:
    left, bottom, right, top = box
    path = skia.Path()
    y = top - step * 1.4
    while y > bottom + step:
        x = left + step * 0.7
        while x < right - step * 0.9:
            if stage.random.random() < share:
                path.addRect(skia.Rect.MakeLTRB(x, y, x + step * 0.5, y + step * 0.62))
            x += step
        y -= step * 1.25
    stage.canvas.drawPath(path, stage.paint(name, 0.75))


def hills(stage: Stage, box: Box, high: float, near: float) -> None:
    left, bottom, right, top = box
    p, rng = stage.palette, stage.random
    fill = mix(mix(p.sky_bottom, p.haze, 0.3), p.leaf, 0.3 + 0.6 * near)
    wide, tall = right - left, (top - bottom) * high
    path = curve((left, bottom), (left, bottom + tall * rng.uniform(0.6, 0.9)), closed=False)
    steps = 3
    for i in range(steps):
        x = left + wide * (i + 1) / steps
        mid = left + wide * (i + 0.5) / steps
        path.quadTo(
            mid, bottom + tall * rng.uniform(0.9, 1.3), x, bottom + tall * rng.uniform(0.5, 0.9)
        )
    path.lineTo(right, bottom)
    path.close()
    stage.shape(path, (mix(fill, p.haze, 0.1), fill), line=0)


def treeline(stage: Stage, box: Box, high: float) -> None:
    """A bank of round trees along the bottom of the box."""
    left, bottom, right, top = box
    p, rng = stage.palette, stage.random
    tall = (top - bottom) * high
    x = left
    while x < right + tall * 0.3:
        r = tall * rng.uniform(0.3, 0.48)
        y = bottom + tall * rng.uniform(0.35, 0.55)
        fill = mix(p.leaf, p.haze, rng.uniform(0.08, 0.3))
        stage.oval(x, y, r, r, (mix(fill, p.haze, 0.2), mix(fill, p.dark, 0.2)), line=0)
        x += r * rng.uniform(0.8, 1.2)
    stage.rect(left, bottom, right, bottom + tall * 0.35, mix(p.leaf, p.dark, 0.16), line=0)


def sea(stage: Stage, box: Box) -> None:
    left, bottom, right, top = box
    p, rng = stage.palette, stage.random
    deep = mix(p.fabric, p.sky_top, 0.55)
    stage.rect(left, bottom, right, top, (mix(deep, p.sky_bottom, 0.35), deep), line=0)
    for _ in range(30):
        y = bottom + (top - bottom) * rng.random() ** 0.7
        x = left + (right - left) * rng.random()
        size = (right - left) * 0.05 * (1.25 - (y - bottom) / (top - bottom))
        stage.stroke([(x, y), (x + size, y)], 1.0, mix(p.sky_bottom, "#ffffff", 0.4), 0.6)
