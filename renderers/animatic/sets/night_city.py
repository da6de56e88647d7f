"""The city from a bridge: towers in three depths, neon, a river that mirrors them, a railing.

Knows: what is seen from the bridge. Does not know: other places, cameras.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import outside
from renderers.animatic.sets.stage import Stage

_FAR = 40.0
_NEON = ("#ff4f8b", "#3fe0ff", "#ffd34f", "#9b6bff", "#57f2a5")


def far(stage: Stage) -> None:
    view = stage.view
    left, right = view.edges(_FAR, overscan=True)
    high = 13.0
    with stage.facing(_FAR):
        outside.sky(stage, (left, -10.0, right, 26.0))
        outside.sun(stage, left * 0.1, high * 0.86, 0.8)
        outside.skyline(stage, (left, 0, right, high), 0.8, 0.12)
        outside.skyline(stage, (left, 0, right, high), 0.55, 0.4)
    if stage.light.dark:
        stage.moving("stars", (left, 11, _FAR), (right, 20, _FAR), "#ffffff")
    _towers(stage)
    _haze(stage)
    _river(stage)


def _lit(stage: Stage) -> bool:
    return stage.light.time_of_day in ("evening", "night")


def _towers(stage: Stage) -> None:
    """The near towers, with neon signs on some."""
    p, rng = stage.palette, stage.random
    z = 16.0
    left, right = stage.view.edges(z, overscan=True)
    body = mix(mix(p.fabric, p.dark, 0.55), p.sky_bottom, 0.1)
    if stage.light.dark:
        body = mix(body, "#060a20", 0.45)
    x, number = left - 0.4, 0
    with stage.facing(z):
        stage.rect(left, 0, right, 1.6, mix(body, p.sky_bottom, 0.2), line=0)
        while x < right:
            wide = rng.uniform(1.5, 2.5)
            tall = rng.uniform(2.6, 6.0) * (0.72 if abs(x + wide / 2) < 1.6 else 1.0)
            fill = mix(body, (p.accent, p.fabric, p.wall)[number % 3], 0.14)
            stage.rect(x, 0, x + wide, tall, (mix(fill, p.sky_bottom, 0.12), fill), line=0.9)
            _windows(stage, x, wide, tall)
            if rng.random() < 0.5:
                stage.bar(x + wide * 0.5, tall, x + wide * 0.5, tall + 0.9, 0.05, p.dark)
            if number % 2:
                name = _NEON[number % len(_NEON)]
                _neon_sign(stage, x + wide * 0.78, tall * 0.35, 0.42, tall * 0.5, name, z)
            x += wide + rng.uniform(0.0, 0.25)
            number += 1


def _windows(stage: Stage, x: float, wide: float, tall: float) -> None:
    p, rng = stage.palette, stage.random
    share = 0.5 if _lit(stage) else 0.85
    warm, cold = skia.Path(), skia.Path()
    y = tall - 0.5
    while y > 0.4:
        a = x + 0.2
        while a < x + wide - 0.3:
            if rng.random() < share:
                path = warm if rng.random() < 0.75 else cold
                path.addRect(skia.Rect.MakeLTRB(a, y - 0.26, a + 0.2, y))
            a += 0.34
        y -= 0.46
    if _lit(stage):
        stage.canvas.drawPath(warm, stage.paint(mix(p.light, "#ffffff", 0.1), 0.95))
        stage.canvas.drawPath(cold, stage.paint("#9fd8ff", 0.8))
    else:
        glass = mix(p.sky_top, "#ffffff", 0.4)
        stage.canvas.drawPath(warm, stage.paint(glass, 0.65))
        stage.canvas.drawPath(cold, stage.paint(glass, 0.4))


def _neon_sign(
    stage: Stage, x: float, y: float, wide: float, high: float, name: str, z: float
) -> None:
    """An upright sign of glowing bars and rings."""
    p = stage.palette
    board = mix(p.dark, "#0a0618", 0.5)
    stage.rect(x - wide / 2, y, x + wide / 2, y + high, board, radius=0.08)
    tube = name if _lit(stage) else mix(name, p.paper, 0.35)
    rows = max(2, int(high / 0.5))
    for i in range(rows):
        cy = y + high * (i + 0.5) / rows
        r = min(wide * 0.3, high / rows * 0.36)
        path = skia.Path()
        if i % 3 == 0:
            path.addCircle(x, cy, r)
        elif i % 3 == 1:
            path.moveTo(x - r, cy + r * 0.7)
            path.lineTo(x + r, cy + r * 0.7)
            path.lineTo(x - r, cy - r * 0.7)
            path.lineTo(x + r, cy - r * 0.7)
        else:
            path.addRect(skia.Rect.MakeLTRB(x - r, cy - r * 0.8, x + r, cy + r * 0.8))
        stage.canvas.drawPath(path, stage.pen(1.8, tube))
    if _lit(stage):
        stage.glow(x, y + high / 2, z, high * 0.7, name, 0.6)
        stage.moving("neon", (x - wide, y, z), (x + wide, y + high, z), name, amount=0.8)


def _haze(stage: Stage) -> None:
    """Warm air over the streets at the foot of the towers."""
    view = stage.view
    p = stage.palette
    name = mix(p.accent, p.light, 0.5) if _lit(stage) else p.haze
    y = view.at(0, 1.2, 16.0).y()
    reach = view.height * 0.16
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(0, y - reach), skia.Point(0, y + reach * 0.5)],
        colors=[argb(name, 0.0), argb(name, 0.4), argb(name, 0.0)],
        positions=[0.0, 0.66, 1.0],
    )
    box = skia.Rect.MakeLTRB(-view.width, y - reach, view.width * 2, y + reach * 0.5)
    stage.canvas.drawRect(box, skia.Paint(Shader=shader))


def _river(stage: Stage) -> None:
    """Dark water with the city's lights drawn out in it."""
    p, rng = stage.palette, stage.random
    view = stage.view
    water = mix(mix(p.fabric, p.sky_top, 0.6), p.dark, 0.35 if stage.light.dark else 0.1)
    with stage.level(-1.6):
        near = stage.near
        box = skia.Rect.MakeLTRB(-60, near, 60, 16)
        stage.canvas.drawRect(box, stage.paint((mix(water, p.sky_bottom, 0.45), water), 1.0, 16, 3))
    left, right = view.edges(16.0, overscan=True)
    names = (*_NEON, p.light, p.light) if _lit(stage) else (p.haze, p.paper)
    with stage.facing(15.9):
        for _ in range(46):
            x = rng.uniform(left, right)
            y = -1.6 - rng.uniform(0.15, 3.2)
            long = rng.uniform(0.2, 0.8) * (1 + (-y - 1.6) * 0.5)
            stage.stroke(
                [(x - long / 2, y), (x + long / 2, y)],
                rng.uniform(1.2, 2.6),
                rng.choice(names),
                0.5,
            )
        for _ in range(18):
            x, long = rng.uniform(left, right), rng.uniform(1.2, 3.4)
            name = rng.choice(names)
            stage.rect(
                x, -1.6 - long, x + rng.uniform(0.06, 0.2), -1.6, (name, water), line=0, alpha=0.32
            )
    with stage.facing(16.0):
        stage.rect(left, -1.6, right, 0.03, mix(p.dark, p.stone, 0.25), line=0.8)


def mid(stage: Stage) -> None:
    """The bridge: its deck, railing and lamps, and a lit sign with the lettering."""
    p = stage.palette
    z = 1.5
    left, right = stage.view.edges(z, overscan=True)
    deck = mix(p.stone, p.dark, 0.35)
    with stage.level():
        box = skia.Rect.MakeLTRB(left * 2, stage.near, right * 2, z + 0.1)
        stage.canvas.drawRect(box, stage.paint((mix(deck, p.accent, 0.1), deck), 1.0, z, 0))
        step = 0.7
        x = -step * 8
        while x < step * 8:
            stage.stroke([(x, stage.near), (x, z)], 0.7, alpha=0.3)
            x += step
        depth = z - 0.6
        while depth > stage.near:
            stage.stroke([(left * 2, depth), (right * 2, depth)], 0.7, alpha=0.3)
            depth -= step
    _puddles(stage)
    rail = mix(p.dark, p.metal, 0.3)
    with stage.facing(z):
        stage.rect(left, -0.02, right, 0.14, mix(p.stone, p.dark, 0.2))
        x = 0.24 * int(left / 0.24) - 0.24
        while x < right:
            stage.bar(x, 0.1, x, 0.98, 0.022, rail)
            x += 0.24
        stage.rect(left, 0.95, right, 1.05, mix(rail, "#ffffff", 0.16), line=1.1)
    edge = stage.view.width / 2 / stage.view.focal * (2.6 + z)
    for x in (-edge * 0.78, edge * 0.92):
        _lamp(stage, x, z + 0.05)
    _lettering(stage, -edge * 0.78, z - 0.02)


def _puddles(stage: Stage) -> None:
    """Wet patches that mirror the neon."""
    if not stage.light.dark:
        return
    rng = stage.random
    for name in _NEON[:4]:
        x, z = rng.uniform(-1.6, 1.6), rng.uniform(0.0, 1.1)
        p = stage.view.at(x, 0, z)
        scale = stage.view.scale(z)
        stage.blob(p.x(), p.y(), 0.5 * scale, 0.07 * scale, name, 0.4)


def _lamp(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    with stage.facing(z, x):
        stage.bar(0, 0, 0, 2.1, 0.06, p.dark)
        stage.rect(-0.1, 0, 0.1, 0.4, p.dark, radius=0.02)
        globe = mix(p.paper, p.light, 0.2 + 0.6 * stage.light.lamps)
        stage.oval(0, 2.22, 0.14, 0.14, (mix(globe, "#ffffff", 0.6), globe))
    if stage.light.lamps > 0.3:
        stage.glow(x, 2.22, z, 1.2)


def _lettering(stage: Stage, x: float, z: float) -> None:
    """A neon board on the lamp post."""
    if not stage.lettering:
        return
    p = stage.palette
    wide, high = 1.15, 0.46
    left = x + 0.08
    name = _NEON[stage.palette.number % 3]
    with stage.facing(z):
        stage.rect(left, 1.5, left + wide, 1.5 + high, mix(p.dark, "#0a0618", 0.6), radius=0.06)
        rim = curve(
            (left + 0.05, 1.55),
            (left + wide - 0.05, 1.55),
            (left + wide - 0.05, 1.45 + high),
            (left + 0.05, 1.45 + high),
        )
        stage.canvas.drawPath(rim, stage.pen(1.6, name))
        box = (left + 0.1, 1.58, left + wide - 0.1, 1.42 + high)
        stage.write(stage.lettering, box, mix(name, "#ffffff", 0.65))
    if _lit(stage):
        stage.glow(left + wide / 2, 1.5 + high / 2, z, 0.95, name, 0.7)
        stage.moving("neon", (left, 1.5, z), (left + wide, 1.5 + high, z), name, amount=0.8)
