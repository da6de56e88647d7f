"""The park and the beach.

Knows: trees, paths, benches; sand, sea, parasols. Does not know: other places, cameras.
"""

from __future__ import annotations

import math

import skia

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings, outside
from renderers.animatic.sets.stage import Stage

_FAR = 30.0


def _half(stage: Stage, z: float) -> float:
    """Half the width in view at `z` in a full shot: what is near the edge stays there."""
    return 0.5 * stage.view.width / stage.view.height / 0.45 * (2.6 + z) / 2.6


def _sky(stage: Stage, sun: tuple[float, float]) -> None:
    left, right = stage.view.edges(_FAR, overscan=True)
    with stage.facing(_FAR):
        outside.sky(stage, (left, -4.0, right, 26.0))
        outside.sun(stage, _half(stage, _FAR) * sun[0], sun[1], 0.85)
        for x, y, size in ((-0.85, 6.7, 4.4), (-0.1, 8.6, 3.0), (0.8, 5.9, 3.4)):
            outside.cloud(stage, _half(stage, _FAR) * x, y, size, 0.85)


def _grass(stage: Stage) -> str:
    return mix(stage.palette.leaf, stage.palette.accent2, 0.22)


def park_far(stage: Stage) -> None:
    p = stage.palette
    _sky(stage, (0.5, 8.0))
    left, right = stage.view.edges(_FAR, overscan=True)
    with stage.facing(_FAR):
        outside.skyline(stage, (left, 0, right, 6.0), 0.75, 0.1)
        outside.hills(stage, (left, 0, right, 6.0), 0.42, 0.3)
        outside.treeline(stage, (left, -0.4, right, 4.6), 0.62)
    if stage.light.dark:
        stage.moving("stars", (left, 6, _FAR), (right, 11, _FAR), "#ffffff")
    grass = _grass(stage)
    with stage.level():
        box = skia.Rect.MakeLTRB(-60, stage.near, 60, _FAR)
        stage.canvas.drawRect(box, stage.paint((mix(grass, p.haze, 0.3), grass), 1.0, 22, 0))
    _path(stage)
    _tufts(stage)
    _pond(stage)
    for side, z, size in (
        (-0.95, 11.0, 1.0),
        (0.9, 12.5, 0.9),
        (0.62, 17.0, 0.85),
        (-0.55, 19.0, 0.9),
    ):
        tree(stage, _half(stage, z) * side, z, size)


def _path(stage: Stage) -> None:
    """A path that winds from our feet to the trees."""
    p = stage.palette
    sand = mix(p.floor, p.paper, 0.3)
    near = stage.near
    wide = 0.85
    shape = curve(
        (-wide, near), (-wide, 0.5), (-wide, 3.4, 0.9, 4.6, 1.5, 7.4), (2.0, 10.0, 0.4, 13.0, -0.6, 21.0),
        (0.2, 21.0), (1.6, 13.0, 3.8, 10.5, 3.2, 7.2), (2.6, 4.4, wide, 3.0, wide, 0.5), (wide, near),
    )  # fmt: skip
    with stage.level():
        stage.shape(shape, sand, line=1.4)
        rng = stage.random
        for _ in range(26):
            z = rng.uniform(near, 3.0)
            x = rng.uniform(-wide, wide) * 0.85
            stage.oval(x, z, 0.035, 0.03, mix(sand, p.ink, 0.25), line=0, alpha=0.5)


def _tufts(stage: Stage) -> None:
    """Blades and flowers in the grass beside the path."""
    p, rng = stage.palette, stage.random
    grass = _grass(stage)
    for _ in range(34):
        z = 0.1 + 9.0 * rng.random() ** 1.6
        side = rng.choice((-1, 1))
        x = side * (1.0 + _half(stage, z) * rng.random() * 1.2)
        with stage.facing(z, x):
            for dx in (-0.05, 0.0, 0.05):
                tip = (dx * 2.2, 0.12 + 0.05 * rng.random())
                stage.stroke([(dx, 0), tip], 1.3, mix(grass, p.dark, 0.4), 0.8)
            if rng.random() < 0.45:
                name = rng.choice((p.accent, p.accent2, p.paper))
                stage.stroke([(0.02, 0), (0.03, 0.17)], 1.1, mix(grass, p.dark, 0.4))
                for turn in range(5):
                    a = turn * math.tau / 5
                    stage.oval(
                        0.03 + 0.032 * math.cos(a),
                        0.19 + 0.032 * math.sin(a),
                        0.024,
                        0.024,
                        name,
                        line=0,
                    )
                stage.oval(0.03, 0.19, 0.018, 0.018, p.accent2, line=0)


def _pond(stage: Stage) -> None:
    p = stage.palette
    water = mix(p.sky_top, p.sky_bottom, 0.35)
    x = -_half(stage, 9.0) * 0.62
    with stage.level():
        stage.oval(x, 9.0, 2.3, 1.7, mix(_grass(stage), p.dark, 0.25), line=0)
        stage.oval(x, 8.9, 2.15, 1.5, (mix(water, "#ffffff", 0.25), water), line=1.2)
        for dx, dz in ((-0.8, 0.2), (0.4, -0.4), (0.2, 0.6)):
            stage.stroke([(x + dx, 8.9 + dz), (x + dx + 0.8, 8.9 + dz)], 2.0, "#ffffff", 0.6)


def tree(stage: Stage, x: float, z: float, size: float, blossom: str = "") -> None:
    """A round-headed tree, about 4 m high at size 1."""
    p, rng = stage.palette, stage.random
    stage.shadow(x, z, 1.3 * size, 0.7 * size, 0.28)
    bark = mix(p.wood, p.dark, 0.2)
    fill = blossom or mix(p.leaf, p.haze, min(0.3, max(0.0, z) * 0.014))
    s = size
    with stage.facing(z, x):
        trunk = curve(
            (-0.2 * s, 0), (-0.1 * s, 0.4 * s, -0.1 * s, 1.7 * s), (-0.4 * s, 2.3 * s), (-0.3 * s, 2.4 * s),
            (0.0, 2.0 * s), (0.3 * s, 2.5 * s), (0.42 * s, 2.4 * s), (0.1 * s, 1.6 * s),
            (0.1 * s, 0.4 * s, 0.22 * s, 0),
        )  # fmt: skip
        stage.shape(trunk, (bark, mix(bark, p.dark, 0.3)))
        crown = skia.Path()
        lobes = [
            (-0.72, 2.5, 0.62),
            (0.72, 2.55, 0.6),
            (-0.35, 3.15, 0.68),
            (0.4, 3.2, 0.62),
            (0.0, 2.6, 0.72),
        ]
        for dx, y, r in lobes:
            r *= rng.uniform(0.94, 1.08)
            lobe = skia.Path()
            lobe.addCircle(dx * s, y * s, r * s)
            joined = skia.Op(crown, lobe, skia.PathOp.kUnion_PathOp)
            crown = joined if joined is not None else crown
        stage.shape(
            crown, (mix(fill, stage.light.key_colour, 0.2), mix(fill, p.dark, 0.22)), line=1.2
        )
        for dx, y, r in ((-0.5, 3.1, 0.3), (0.3, 3.3, 0.26), (0.6, 2.6, 0.24), (-0.75, 2.5, 0.22)):
            arc = curve(
                ((dx - r) * s, y * s), ((dx - r * 0.6) * s, (y + r * 0.7) * s, (dx + r * 0.4) * s, (y + r * 0.6) * s),
                closed=False,
            )  # fmt: skip
            stage.canvas.drawPath(arc, stage.pen(1.1, mix(fill, "#ffffff", 0.35), 0.7))


def park_mid(stage: Stage) -> None:
    p = stage.palette
    half = _half(stage, 2.4)
    leaves = mix(p.accent, p.leaf, 0.2) if p.name in ("sakura", "rose", "autumn") else ""
    tree(stage, -half * 0.98, 3.4, 1.0, leaves)
    _bench(stage, half * 0.6, 2.3)
    _lamp(stage, half * 0.97, 2.8)
    if stage.lettering:
        _notice(stage, -half * 0.62, 2.3)
    name = leaves or p.leaf
    stage.moving("fall", (-half, 0.1, 2.0), (half, 3.2, 2.0), name, amount=0.8, front=True)


def _bench(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    wood = mix(p.wood, p.wall, 0.12)
    half = 0.62
    stage.shadow(x, z + 0.1, half * 1.2, 0.34, 0.3)
    with stage.facing(z + 0.3, x):
        for dx in (-half * 0.8, half * 0.8):
            stage.bar(dx, 0, dx, 0.85, 0.045, p.dark)
        for y in (0.56, 0.72, 0.86):
            stage.rect(-half, y, half, y + 0.1, wood, radius=0.02)
    stage.box((x - half, x + half), (0.4, 0.46), (z - 0.1, z + 0.25), wood)
    with stage.facing(z - 0.1, x):
        for dx in (-half * 0.8, half * 0.8):
            stage.bar(dx, 0, dx, 0.4, 0.045, p.dark)


def _lamp(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    stage.shadow(x, z, 0.2, 0.12)
    with stage.facing(z, x):
        stage.bar(0, 0, 0, 2.35, 0.05, p.dark)
        lit = mix(p.paper, p.light, 0.2 + 0.8 * stage.light.lamps)
        stage.shape(curve((-0.1, 2.35), (-0.15, 2.66), (0.15, 2.66), (0.1, 2.35)), lit)
        stage.poly([(-0.19, 2.66), (0, 2.82), (0.19, 2.66)], p.dark)
    if stage.light.lamps > 0.3:
        stage.cone(x, 2.35, z, 0.12, 2.3)
        stage.glow(x, 2.5, z, 1.3)


def _notice(stage: Stage, x: float, z: float) -> None:
    """A wooden park sign with the lettering."""
    p = stage.palette
    wide = 0.98
    x = max(x, stage.view.edges(z)[0] + wide / 2 + 0.06)
    x = min(x, stage.view.edges(z)[1] - wide / 2 - 0.06)
    with stage.facing(z, x):
        for dx in (-0.4, 0.4):
            stage.bar(dx, 0, dx, 1.9, 0.07, p.wood)
        box = (-wide / 2, 1.42, wide / 2, 1.98)
        hangings.sign(
            stage,
            box,
            stage.lettering,
            fill=mix(p.wood, p.accent2, 0.2),
            ink=mix(p.paper, "#ffffff", 0.4),
            rim=p.paper,
        )
        stage.poly([(-0.6, 1.98), (0, 2.22), (0.6, 1.98)], mix(p.wood, p.dark, 0.25))


def beach_far(stage: Stage) -> None:
    p = stage.palette
    low = stage.light.time_of_day in ("morning", "evening")
    _sky(stage, (0.3, 3.2 if low else 7.9))
    left, right = stage.view.edges(_FAR, overscan=True)
    if stage.light.dark:
        stage.moving("stars", (left, 4, _FAR), (right, 11, _FAR), "#ffffff")
    with stage.facing(_FAR):
        outside.hills(stage, (left * 1.2, 0, left * 0.15, 4.2), 0.5, 0.2)
    shore = 6.2
    deep = mix(mix(p.fabric, "#2f8fb0", 0.4), p.sky_top, 0.4)
    with stage.level():
        box = skia.Rect.MakeLTRB(-90, shore, 90, 90)
        shallow = mix(deep, p.sky_bottom, 0.45)
        stage.canvas.drawRect(box, stage.paint((deep, shallow), 1.0, 30, shore))
        rng = stage.random
        for _ in range(44):
            z = shore + 24 * rng.random() ** 2
            x = rng.uniform(-1, 1) * _half(stage, z) * 1.3
            stage.stroke(
                [(x, z), (x + 0.3 + 0.08 * z, z)],
                2.2 + z * 0.3,
                mix(p.sky_bottom, "#ffffff", 0.45),
                0.5,
            )
    _glitter(stage)
    sand = mix(p.accent2, p.paper, 0.58)
    with stage.level():
        wet = mix(sand, p.dark, 0.2)
        for depth, name in (
            (shore + 0.5, mix(shallow, "#ffffff", 0.6)),
            (shore + 0.1, wet),
            (shore - 1.2, sand),
        ):
            edge = curve(
                (-40, depth), (-4, depth + 0.6, -2.5, depth), (-0.8, depth - 0.5, 1.0, depth),
                (3.0, depth + 0.6, 40, depth - 0.2), (40, stage.near), (-40, stage.near),
            )  # fmt: skip
            stage.shape(edge, name, line=0)
        for _ in range(46):
            z = stage.near + (shore - stage.near) * rng.random()
            x = rng.uniform(-1, 1) * _half(stage, z) * 1.3
            stage.oval(x, z, 0.03, 0.025, mix(sand, p.ink, 0.4), line=0, alpha=0.4)
    stage.moving(
        "waves", (left * 0.3, 0, shore - 0.9), (right * 0.3, 0, shore + 2.4), "#ffffff", amount=0.9
    )
    _sail(stage)


def _glitter(stage: Stage) -> None:
    """The sun's path on the water."""
    name = stage.light.key_colour
    x = _half(stage, _FAR) * 0.3 / (_FAR + 2.6)
    rng = stage.random
    with stage.level():
        for _ in range(34):
            z = 6.6 + 22 * rng.random() ** 1.5
            at = x * (z + 2.6) + rng.gauss(0, 0.05) * z
            stage.stroke(
                [(at, z), (at + 0.2 + 0.05 * z, z)], 3.0 + z * 0.25, mix(name, "#ffffff", 0.4), 0.6
            )


def _sail(stage: Stage) -> None:
    p = stage.palette
    with stage.facing(24.0, -_half(stage, 24.0) * 0.5):
        stage.poly([(0.06, 0.35), (0.06, 2.3), (1.1, 0.45)], p.paper)
        stage.poly([(-0.06, 0.35), (-0.06, 2.0), (-0.75, 0.45)], mix(p.accent, p.paper, 0.3))
        stage.shape(curve((-0.9, 0.3), (-0.6, -0.05), (0.8, -0.05), (1.2, 0.3)), p.wood)


def beach_mid(stage: Stage) -> None:
    p = stage.palette
    half = _half(stage, 2.6)
    _parasol(stage, half * 0.72, 2.6)
    _palm(stage, -half * 0.95, 3.4)
    with stage.level():
        x = half * 0.55
        for i in range(5):
            name = p.paper if i % 2 else mix(p.accent, p.paper, 0.15)
            stage.rect(x - 0.5 + 0.2 * i, 1.2, x - 0.3 + 0.2 * i, 1.95, name, line=0.7)
    _ball(stage, half * 0.1, 2.1)
    if stage.lettering:
        wide = 1.0
        z = 2.2
        x = max(-half * 0.62, stage.view.edges(z)[0] + 0.56)
        x = min(x, stage.view.edges(z)[1] - 0.56)
        with stage.facing(z, x):
            stage.bar(0, 0, 0, 1.75, 0.08, p.wood)
            box = (-wide / 2, 1.45, wide / 2, 2.0)
            hangings.sign(
                stage,
                box,
                stage.lettering,
                fill=mix(p.fabric, p.paper, 0.1),
                ink=mix(p.paper, "#ffffff", 0.4),
                rim=p.accent2,
            )


def _ball(stage: Stage, x: float, z: float) -> None:
    """A beach ball in wedges."""
    p = stage.palette
    r = 0.19
    stage.shadow(x + 0.08, z, 0.3, 0.16, 0.3)
    with stage.facing(z, x, r):
        stage.oval(0, 0, r, r, p.paper)
        stage.canvas.save()
        clip = skia.Path()
        clip.addCircle(0, 0, r)
        stage.canvas.clipPath(clip, skia.ClipOp.kIntersect, True)
        for i, name in enumerate((p.accent, p.accent2, p.fabric)):
            a = math.radians(20 + 120 * i)
            b = a + math.radians(60)
            stage.poly(
                [
                    (0.04, 0.05),
                    (0.5 * math.cos(a), 0.5 * math.sin(a)),
                    (0.5 * math.cos(b), 0.5 * math.sin(b)),
                ],
                name,
                line=0.8,
            )
        stage.canvas.restore()
        stage.canvas.drawPath(clip, stage.pen(1.1))
        stage.oval(0.04, 0.05, 0.035, 0.035, p.paper, line=0.8)


def _parasol(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    stage.shadow(x + 0.3, z, 1.0, 0.5, 0.3)
    with stage.facing(z, x):
        stage.bar(0, 0, 0.08, 1.9, 0.04, p.paper)
        segments = 6
        for i in range(segments):
            a, b = -0.95 + 1.9 * i / segments, -0.95 + 1.9 * (i + 1) / segments
            name = p.accent if i % 2 else p.paper
            piece = curve(
                (a, 1.72),
                (a * 0.72, 2.16, 0.08, 2.3),
                (b * 0.72, 2.16, b, 1.72),
                ((a + b) / 2, 1.79, a, 1.72),
            )
            stage.shape(piece, (mix(name, "#ffffff", 0.1), mix(name, p.dark, 0.1)))
        stage.oval(0.08, 2.32, 0.04, 0.04, p.accent2)


def _palm(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    stage.shadow(x + 0.2, z, 0.8, 0.4, 0.3)
    bark = mix(p.wood, p.wall, 0.2)
    with stage.facing(z, x):
        trunk = curve((-0.14, 0), (-0.1, 1.4, 0.28, 2.75), (0.42, 2.72), (0.1, 1.3, 0.14, 0))
        stage.shape(trunk, bark)
        for i in range(7):
            y = 0.3 + i * 0.34
            dx = -0.08 + 0.04 * i + 0.006 * i * i
            stage.stroke([(dx - 0.05, y), (dx + 0.14, y + 0.04)], 0.8, alpha=0.6)
        for angle in (-100, -62, -24, 18, 58, 96):
            a = math.radians(angle)
            tip = (0.35 + 1.15 * math.sin(a), 2.75 + 0.6 * math.cos(a) - 0.25)
            f.leaf(
                stage, (0.35, 2.72), tip, 0.2, mix(p.leaf, p.dark if angle % 4 else p.haze, 0.12)
            )
        for dx, dy in ((0.26, 2.62), (0.42, 2.6)):
            stage.oval(dx, dy, 0.08, 0.08, p.wood)
