"""Nowhere in particular: a studio sweep with rays, a disc, dots, and a spotlight.

Knows: its shapes. Does not know: other places, cameras.
"""

from __future__ import annotations

import math

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.sets.stage import Stage

_BACK = 3.0


def far(stage: Stage) -> None:
    p = stage.palette
    view = stage.view
    top, bottom = mix(p.fabric, p.sky_top, 0.3), mix(p.accent2, p.paper, 0.3)
    left, right = view.edges(_BACK, overscan=True)
    with stage.facing(_BACK):
        stage.rect(left, -3, right, 8, (top, bottom), line=0)
    _rays(stage)
    _disc(stage)
    _dots(stage)
    _ground(stage)
    _confetti(stage)
    if stage.lettering:
        half = min(1.5, 0.5 * view.width / view.height / 0.45 * (2.6 + _BACK) / 2.6 * 0.92)
        with stage.facing(_BACK):
            box = (-half, 2.02, half, 2.62)
            stage.write(
                stage.lettering,
                (box[0] + 0.03, 1.99, box[2] + 0.03, 2.59),
                mix(p.dark, p.fabric, 0.3),
            )
            stage.write(stage.lettering, box, mix(p.paper, "#ffffff", 0.7))
    stage.moving("rays", (-24.0, 0.0, _BACK), (24.0, 9.0, _BACK), "#ffffff", amount=0.5)


def _rays(stage: Stage) -> None:
    p = stage.palette
    path = skia.Path()
    reach = 14.0
    count = 16
    for i in range(count):
        a = math.tau * (i + 0.2) / count
        b = a + math.tau / count * 0.5
        path.moveTo(0, 1.55)
        path.lineTo(reach * math.cos(a), 1.55 + reach * math.sin(a))
        path.lineTo(reach * math.cos(b), 1.55 + reach * math.sin(b))
        path.close()
    with stage.facing(_BACK):
        shader = skia.GradientShader.MakeRadial(
            center=skia.Point(0, 1.55),
            radius=4.5,
            colors=[argb(mix(p.paper, p.accent2, 0.4), 0.55), argb(p.paper, 0.1)],
        )
        stage.canvas.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))


def _disc(stage: Stage) -> None:
    p = stage.palette
    with stage.facing(_BACK):
        stage.oval(0, 1.55, 1.16, 1.16, mix(p.paper, p.accent2, 0.3), line=0, alpha=0.35)
        stage.oval(
            0,
            1.55,
            1.02,
            1.02,
            (mix(p.accent2, p.paper, 0.35), mix(p.accent, p.accent2, 0.45)),
            line=1.2,
        )
        stage.oval(0, 1.55, 0.88, 0.88, "#ffffff", line=0, alpha=0.12)


def _dots(stage: Stage) -> None:
    """A halftone that thins out towards the middle, in two corners."""
    path = skia.Path()
    step = 0.15
    half = 0.5 * stage.view.width / stage.view.height / 0.45 * (2.6 + _BACK) / 2.6
    for side in (-1, 1):
        for row in range(14):
            for col in range(9):
                x = side * (half * 1.1 - col * step + (step / 2 if row % 2 else 0))
                y = (2.95 - row * step * 0.87) if side > 0 else (0.15 + row * step * 0.87)
                r = 0.062 * (1 - col / 9.5) * (1 - row / 15)
                if r > 0.006:
                    path.addCircle(x, y, r)
    with stage.facing(_BACK):
        stage.canvas.drawPath(
            path, stage.paint(mix(stage.palette.fabric, stage.palette.dark, 0.25), 0.5)
        )


def _ground(stage: Stage) -> None:
    """The stage the actors stand on, curved up into the backdrop, with a pool of light."""
    p = stage.palette
    floor = mix(p.accent, p.wood, 0.35)
    near = stage.near
    with stage.level():
        stage.canvas.drawRect(
            skia.Rect.MakeLTRB(-20, near, 20, 2.0),
            stage.paint((mix(floor, p.dark, 0.2), mix(floor, p.paper, 0.12)), 1.0, 2.0, -1.0),
        )
        stage.oval(0, 0.25, 1.55, 1.2, mix(p.accent2, p.paper, 0.4), line=0, alpha=0.4)
        stage.oval(0, 0.25, 1.2, 0.9, mix(p.paper, "#ffffff", 0.5), line=0, alpha=0.35)
        stage.stroke([(-20, 2.0), (20, 2.0)], 1.4)
    p0 = stage.view.at(0, 0, 0.2)
    stage.blob(p0.x(), p0.y(), stage.view.scale(0) * 1.5, stage.view.scale(0) * 0.4, "#ffffff", 0.2)


def _confetti(stage: Stage) -> None:
    """A few flat shapes with ink lines: rings, triangles, zigzags."""
    p, rng = stage.palette, stage.random
    half = 0.5 * stage.view.width / stage.view.height / 0.45 * (2.6 + _BACK) / 2.6
    names = (p.accent, p.accent2, p.leaf, p.paper, p.fabric)
    with stage.facing(_BACK):
        for i in range(12):
            side = -1 if i % 2 else 1
            x, y = side * half * rng.uniform(0.5, 1.05), 0.5 + 2.4 * (i // 2 + rng.random()) / 6
            size, name, kind = rng.uniform(0.08, 0.15), names[i % len(names)], i % 4
            stage.canvas.save()
            stage.canvas.translate(x, y)
            stage.canvas.rotate(rng.uniform(0, 360))
            if kind == 0:
                path = skia.Path()
                path.addCircle(0, 0, size)
                stage.canvas.drawPath(path, stage.pen(5.0))
                stage.canvas.drawPath(path, stage.pen(3.0, name))
            elif kind == 1:
                stage.poly([(-size, -size * 0.7), (size, -size * 0.7), (0, size)], name)
            elif kind == 2:
                zigzag = [
                    (-size * 1.5 + size * k, size * 0.4 * (1 if k % 2 else -1)) for k in range(4)
                ]
                stage.stroke(zigzag, 5.0)
                stage.stroke(zigzag, 3.0, name)
            else:
                stage.rect(-size * 0.7, -size * 0.7, size * 0.7, size * 0.7, name)
            stage.canvas.restore()
