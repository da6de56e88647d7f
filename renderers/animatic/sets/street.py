"""The street: shopfronts down both sides, awnings, lamps, a crossing, traffic at its end.

Knows: what stands in a street. Does not know: other places, cameras.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings, outside
from renderers.animatic.sets.room import room_of
from renderers.animatic.sets.stage import Stage

_END = 15.0


def _walls(stage: Stage) -> tuple[float, float]:
    room = room_of(stage, half=3.6, back=4.2)
    return room.left * 1.02, room.right * 1.02


def far(stage: Stage) -> None:
    p = stage.palette
    left, right = _walls(stage)
    view = stage.view
    x0, x1 = view.edges(_END, overscan=True)
    with stage.facing(_END):
        high = view.depth(_END) * 0.9
        outside.sky(stage, (x0, -1.0, x1, high))
        size = 0.55
        if stage.light.time_of_day != "day":
            outside.sun(stage, left * 0.35, 5.2 if stage.light.dark else 3.6, size)
        for x, y, wide in ((left * 1.6, 7.4, 2.6), (right * 0.5, 8.6, 2.2), (left * 0.4, 5.9, 1.8)):
            outside.cloud(stage, x, y, wide)
        outside.skyline(stage, (x0, 0, x1, high), 0.5, 0.15)
        outside.skyline(stage, (x0, 0, x1, high), 0.36, 0.4)
        outside.treeline(stage, (left, 0, right, 3.0), 0.5)
    _ground(stage, left, right)
    stage.moving(
        "cars",
        (left, 0.02, 13.4),
        (right, 1.75, 13.4),
        p.ink,
        amount=1.5 if stage.light.dark else 1.0,
    )
    _row(stage, left, (p.wall, mix(p.accent, p.wall, 0.5), mix(p.fabric, p.wall, 0.4)))
    _row(stage, right, (mix(p.accent2, p.wall, 0.45), p.stone, mix(p.leaf, p.wall, 0.5)))
    for z in (8.5, 4.6):
        _lamp(stage, left + 0.32, z)
        _lamp(stage, right - 0.32, z + 1.2)
    _wires(stage, left, right)


def _ground(stage: Stage, left: float, right: float) -> None:
    """Pavements, kerbs, the road and its crossing."""
    p = stage.palette
    near = stage.near
    pave = mix(p.stone, p.wall, 0.3)
    road = mix(p.dark, p.stone, 0.42)
    walk = min(1.05, 0.24 * (right - left))
    kerb_left, kerb_right = left + walk, right - walk
    with stage.level():
        box = skia.Rect.MakeLTRB(left * 3, near, right * 3, _END)
        stage.canvas.drawRect(box, stage.paint((mix(pave, p.haze, 0.25), pave), 1.0, _END, 0))
        box = skia.Rect.MakeLTRB(kerb_left, 2.2, kerb_right, _END)
        stage.canvas.drawRect(box, stage.paint((mix(road, p.haze, 0.3), road), 1.0, _END, 2))
        for x in (kerb_left, kerb_right):
            stage.rect(x - 0.07, 2.2, x + 0.07, _END, mix(p.stone, "#ffffff", 0.3), line=0.8)
        stage.rect(kerb_left, 2.12, kerb_right, 2.26, mix(p.stone, "#ffffff", 0.3), line=0.8)
        white = mix(p.paper, road, 0.12)
        z = 6.6
        while z < _END:
            stage.rect(-0.06, z, 0.06, z + 0.9, white, line=0)
            z += 1.8
        step = (kerb_right - kerb_left) / 9
        for i in range(5):
            x = kerb_left + step * (2 * i)
            stage.rect(x + step * 0.08, 3.0, x + step * 0.92, 5.4, white, line=0)
        ink = mix(pave, p.ink, 0.5)
        z = 2.0
        while z > near:
            stage.stroke([(left, z), (right, z)], 0.7, ink, 0.5)
            z -= 0.62
        x = -0.62 * 6
        while x < 4.0:
            stage.stroke([(x, near), (x, 2.1)], 0.7, ink, 0.5)
            x += 0.62
    p0 = stage.view.at((kerb_left + kerb_right) / 2, 0, 3.0)
    stage.blob(p0.x(), p0.y(), stage.view.width * 0.6, stage.view.height * 0.05, p.haze, 0.12)


def _row(stage: Stage, x: float, fills: tuple[str, ...]) -> None:
    """Houses along one side, drawn from the far end."""
    rng = stage.random
    starts = [-2.4, 1.1, 4.4, 7.6, 11.2, _END]
    for i in range(len(starts) - 2, -1, -1):
        z0, z1 = max(starts[i], stage.near), starts[i + 1]
        high = 4.6 + rng.uniform(-0.6, 1.6)
        fill = mix(fills[i % len(fills)], stage.palette.haze, 0.05 * i)
        _house(stage, x, z0, z1, high, fill, i)


def _house(
    stage: Stage, x: float, z0: float, z1: float, high: float, fill: str, number: int
) -> None:
    p = stage.palette
    sunny = (x < 0) != (stage.light.key < 0)
    body = mix(fill, stage.light.key_colour, 0.12) if sunny else mix(fill, "#2a2048", 0.18)
    lit = stage.light.dark or stage.light.time_of_day == "evening"
    glass = mix(p.light, "#ffffff", 0.1) if lit else mix(p.sky_top, "#ffffff", 0.45)
    with stage.side(x):
        stage.rect(z0, 0, z1, high, (mix(body, p.sky_top, 0.12), body))
        wide = z1 - z0
        for row in range(2):
            for col in range(3):
                a = z0 + wide * (0.12 + 0.3 * col)
                y = 2.75 + row * 1.15
                on = not lit or stage.random.random() < 0.65
                pane = glass if on else mix(p.dark, p.sky_top, 0.3)
                stage.rect(a, y, a + wide * 0.18, y + 0.75, pane, line=0.9)
                stage.stroke([(a + wide * 0.09, y), (a + wide * 0.09, y + 0.75)], 0.7)
                stage.rect(
                    a - 0.05,
                    y - 0.08,
                    a + wide * 0.18 + 0.05,
                    y,
                    mix(body, "#ffffff", 0.3),
                    line=0.6,
                )
        stage.rect(z0, high - 0.25, z1, high, mix(body, "#ffffff", 0.22), line=0.9)
        shop = mix((p.fabric, p.accent, p.leaf, p.wood)[number % 4], p.dark, 0.15)
        stage.rect(z0 + 0.1, 0, z1 - 0.1, 2.3, shop)
        stage.rect(
            z0 + 0.3, 0.55, z0 + wide * 0.58, 1.85, (glass, mix(glass, p.accent2, 0.25)), line=0.9
        )
        stage.rect(z0 + wide * 0.66, 0, z1 - 0.35, 1.9, mix(shop, "#1c1430", 0.3), line=0.9)
        stage.rect(z0 + wide * 0.7, 0.6, z1 - 0.47, 1.75, glass, line=0.7)
    _awning(stage, x, z0 + 0.15, z1 - 0.15, (p.accent, p.accent2, p.fabric, p.leaf)[number % 4])


def _awning(stage: Stage, x: float, z0: float, z1: float, fill: str) -> None:
    """A striped awning that leans out over the pavement."""
    out = x + (0.5 if x < 0 else -0.5)
    stripes = 6
    white = mix(stage.palette.paper, fill, 0.08)
    for i in range(stripes - 1, -1, -1):
        a = z0 + (z1 - z0) * i / stripes
        b = z0 + (z1 - z0) * (i + 1) / stripes
        if not stage.view.visible(a):
            continue
        name = fill if i % 2 else white
        stage.face3([(x, 2.55, a), (x, 2.55, b), (out, 2.15, b), (out, 2.15, a)], name, 0.7)
        stage.face3(
            [(out, 2.15, a), (out, 2.15, b), (out, 1.98, b), (out, 1.98, a)],
            mix(name, "#2a2048", 0.14),
            0.7,
        )


def _lamp(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    stage.shadow(x, z, 0.25, 0.15)
    with stage.facing(z, x):
        stage.rect(-0.09, 0, 0.09, 0.35, p.dark)
        stage.bar(0, 0.3, 0, 3.0, 0.06, p.dark)
        lamp = curve((-0.1, 3.0), (-0.17, 3.4), (0.17, 3.4), (0.1, 3.0))
        stage.shape(lamp, mix(p.paper, p.light, 0.2 + 0.8 * stage.light.lamps))
        stage.poly([(-0.21, 3.4), (0, 3.58), (0.21, 3.4)], p.dark)
    if stage.light.lamps > 0.3:
        stage.cone(x, 3.0, z, 0.14, 2.9)
        stage.glow(x, 3.2, z, 1.3)


def _wires(stage: Stage, left: float, right: float) -> None:
    """A garland of small flags or lights across the street."""
    p = stage.palette
    z, high, sag = 3.6, 3.35, 0.4
    lit = stage.light.lamps > 0.3
    with stage.facing(z):
        path = curve((left, high), (0, high - 2 * sag, right, high), closed=False)
        stage.canvas.drawPath(path, stage.pen(0.8))
        count = 9
        for i in range(1, count):
            u = i / count
            x = left + (right - left) * u
            y = high - 4 * sag * u * (1 - u)
            name = (p.accent, p.accent2, p.fabric, p.leaf)[i % 4]
            if lit:
                stage.oval(x, y - 0.09, 0.06, 0.07, mix(p.light, "#ffffff", 0.3), line=0.6)
            else:
                stage.poly([(x - 0.11, y), (x + 0.11, y), (x, y - 0.24)], name, line=0.7)
    if lit:
        for u in (0.25, 0.5, 0.75):
            stage.glow(
                left + (right - left) * u, high - 4 * sag * u * (1 - u) - 0.1, z, 0.5, "", 0.6
            )


def mid(stage: Stage) -> None:
    p = stage.palette
    left, right = _walls(stage)
    _hanging_sign(stage, left, 2.3)
    f.plant(stage, right - 0.35, 1.5, 0.95)
    x = left + 0.42
    if stage.view.visible(0.6):
        stage.shadow(x, 1.0, 0.3, 0.2)
        with stage.facing(1.0, x):
            for side in (-0.2, 0.2):
                stage.bar(side * 1.1, 0, side * 0.8, 0.85, 0.03, p.wood)
            stage.rect(-0.24, 0.14, 0.24, 0.84, p.wood, radius=0.02)
            stage.rect(-0.19, 0.2, 0.19, 0.79, mix("#2b3a38", p.dark, 0.4), line=0.7)
            for i, long in enumerate((0.26, 0.2, 0.28, 0.16)):
                y = 0.68 - i * 0.12
                stage.stroke([(-long / 2, y), (long / 2, y)], 1.3, p.accent2 if i == 0 else p.paper)


def _hanging_sign(stage: Stage, left: float, z: float) -> None:
    """A sign on a bracket, square to the camera so that it can be read."""
    p = stage.palette
    wide = 0.95
    # Kept in the picture when the street is seen from its side.
    left = max(left, stage.view.edges(z)[0] - 0.05)
    left = min(left, stage.view.edges(z)[1] - wide - 0.16)
    with stage.facing(z):
        stage.bar(left, 2.6, left + 0.12 + wide, 2.6, 0.035, p.dark)
        for x in (left + 0.3, left + wide - 0.1):
            stage.bar(x, 2.5, x, 2.6, 0.02, p.dark)
        box = (left + 0.12, 2.0, left + 0.12 + wide, 2.5)
        hangings.sign(
            stage,
            box,
            stage.lettering,
            fill=p.accent,
            ink=mix(p.paper, "#ffffff", 0.4),
            rim=p.accent2,
        )
        if not stage.lettering:
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            stage.oval(x, y, 0.15, 0.15, p.accent2)
            stage.stroke([(x - 0.3, y), (x - 0.2, y)], 2, p.accent2)
            stage.stroke([(x + 0.2, y), (x + 0.3, y)], 2, p.accent2)
    stage.glow(left + 0.12 + wide / 2, 2.4, z, 0.9, "", 0.5)
