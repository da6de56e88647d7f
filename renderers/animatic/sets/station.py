"""The station: a platform under a roof, a waiting train, a name board, tracks to the horizon.

Knows: what stands on a platform. Does not know: other places, cameras.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import mix
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings, outside
from renderers.animatic.sets.room import room_of
from renderers.animatic.sets.stage import Stage

_FAR = 26.0


def _edges(stage: Stage) -> tuple[float, float]:
    """The platform's edges, left and right."""
    room = room_of(stage, half=2.6, back=3.6)
    return room.left * 0.92, room.right


def far(stage: Stage) -> None:
    left, right = _edges(stage)
    x0, x1 = stage.view.edges(_FAR, overscan=True)
    with stage.facing(_FAR):
        outside.sky(stage, (x0, -4.0, x1, 24.0))
        if stage.light.time_of_day != "day":
            outside.sun(stage, right * 0.8, 5.2, 0.8)
        outside.cloud(stage, left * 2, 6.0, 3.2)
        outside.cloud(stage, right * 1.1, 7.6, 2.6)
        outside.skyline(stage, (x0, -1.0, x1, 8.0), 0.62, 0.15)
        outside.skyline(stage, (x0, -1.0, x1, 8.0), 0.42, 0.5)
        outside.treeline(stage, (x0, -1.0, x1, 3.0), 0.6)
    _tracks(stage, left)
    _platform(stage, left, right)
    _train(stage, left - 0.14)
    _wall(stage, right)
    _roof(stage, left, right)


def _tracks(stage: Stage, left: float) -> None:
    p = stage.palette
    bed = mix(p.stone, p.dark, 0.45)
    with stage.level(-0.95):
        box = skia.Rect.MakeLTRB(-40, stage.near + 0.3, 40, _FAR)
        stage.canvas.drawRect(box, stage.paint((mix(bed, p.haze, 0.3), bed), 1.0, _FAR, 0))
        middle = left - 1.5
        z = 1.0
        while z < _FAR:
            stage.rect(middle - 1.2, z, middle + 1.2, z + 0.25, mix(p.wood, p.dark, 0.3), line=0)
            z += 0.75
        for x in (middle - 0.75, middle + 0.75):
            stage.rect(x - 0.05, stage.near + 0.5, x + 0.05, _FAR, p.metal, line=0)


def _platform(stage: Stage, left: float, right: float) -> None:
    p = stage.palette
    deck = mix(p.stone, p.floor, 0.3)
    end, near = 17.0, stage.near
    stage.face3(
        [(left, 0, near), (left, 0, end), (left, -0.95, end), (left, -0.95, near)],
        mix(deck, p.dark, 0.45),
    )
    with stage.level():
        box = skia.Rect.MakeLTRB(left, near, right + 8, end)
        stage.canvas.drawRect(box, stage.paint((mix(deck, p.haze, 0.25), deck), 1.0, end, 0))
        stage.rect(left, near, left + 0.12, end, mix(p.paper, deck, 0.2), line=0.7)
        x0 = left + 0.3
        stage.rect(x0, near, x0 + 0.26, end, mix(p.accent2, p.paper, 0.08), line=0.8)
        z = near
        while z < 6.0:
            for dx in (0.07, 0.19):
                stage.oval(x0 + dx, z, 0.035, 0.035, mix(p.accent2, p.dark, 0.28), line=0)
            z += 0.2
        z = end
        while z > near:
            stage.stroke([(x0 + 0.26, z), (right + 8, z)], 0.7, alpha=0.22)
            z -= 0.8
        for x in (x0 + 1.06, x0 + 1.86, x0 + 2.66, x0 + 3.46):
            stage.stroke([(x, near), (x, end)], 0.7, alpha=0.22)


def _train(stage: Stage, x: float) -> None:
    """A train that stands at the platform and runs off into the distance."""
    p = stage.palette
    near, end = max(-1.6, stage.near), 15.0
    body = mix(p.paper, p.metal, 0.15)
    lit = stage.light.lamps > 0.3
    glass = mix(p.light, "#ffffff", 0.25) if lit else mix(p.sky_top, p.dark, 0.25)
    with stage.side(x):
        stage.rect(near, -0.7, end, 2.6, (mix(body, p.haze, 0.1), mix(body, p.dark, 0.12)))
        stage.rect(near, -0.7, end, -0.35, p.dark, line=0)
        stage.rect(near, 0.35, end, 0.62, p.accent, line=0.7)
        stage.rect(near, 0.66, end, 0.74, p.accent2, line=0)
        z = near - 0.4
        while z < end - 2:
            a = max(z + 0.35, near)
            if z + 1.75 > near:
                stage.rect(
                    a,
                    0.95,
                    z + 1.75,
                    1.95,
                    (glass, mix(glass, "#ffffff", 0.2)),
                    line=1.0,
                    radius=0.08,
                )
            door = z + 2.05
            if door > near:
                stage.rect(door, -0.1, door + 1.0, 2.2, mix(body, p.metal, 0.4), line=1.0)
                stage.stroke([(door + 0.5, -0.1), (door + 0.5, 2.2)], 0.9)
                for half in (0.1, 0.58):
                    stage.rect(
                        door + half, 0.95, door + half + 0.32, 1.95, glass, line=0.8, radius=0.05
                    )
            z += 3.2
    for z in (0.4, 2.6):
        if lit:
            stage.glow(x, 1.45, z, 0.9, "", 0.4)


def _wall(stage: Stage, right: float) -> None:
    """The waiting room's side with posters."""
    p = stage.palette
    wall = mix(p.wall, p.paper, 0.1)
    with stage.side(right):
        stage.rect(stage.near, 0, 10.0, 3.0, (wall, mix(wall, "#2a2048", 0.15)))
        stage.rect(stage.near, 0, 10.0, 0.9, mix(p.fabric, p.wall, 0.25), line=0.8)
        for i, z in enumerate((-0.9, 1.2, 3.2, 5.4)):
            name = (p.accent, p.accent2, p.leaf, p.fabric)[i]
            if z > stage.near:
                stage.rect(z, 1.1, z + 0.9, 2.2, mix(name, p.paper, 0.35))
                stage.oval(z + 0.45, 1.75, 0.25, 0.25, mix(name, p.paper, 0.75), line=0)
                stage.rect(z + 0.12, 1.2, z + 0.78, 1.36, p.paper, line=0)


def _roof(stage: Stage, left: float, right: float) -> None:
    """The canopy with its beams, lamps and posts."""
    p = stage.palette
    steel = mix(p.fabric, p.metal, 0.35)
    y, end, near = 2.95, 13.0, stage.near
    if not stage.below(y):
        return
    with stage.level(y):
        box = skia.Rect.MakeLTRB(left + 0.1, near, right, end)
        under = mix(p.wall_shadow, p.dark, 0.2)
        stage.canvas.drawRect(box, stage.paint((mix(under, p.haze, 0.35), under), 1.0, end, 0))
        z = end
        while z > near:
            stage.rect(left + 0.1, z - 0.16, right, z, steel, line=0.7)
            z -= 1.5
    with stage.facing(end):
        stage.rect(left + 0.1, y, right, y + 0.3, steel)
    for z in (9.0, 6.4, 3.8, 1.3):
        f.ceiling_light(stage, (left + right) / 2, z, y - 0.02, 0.4)
    for z in (10.5, 7.0, 3.6):
        with stage.facing(z, right - 0.42):
            stage.rect(-0.09, 0, 0.09, y, (mix(steel, "#ffffff", 0.15), steel))
            stage.rect(-0.14, 0, 0.14, 0.22, mix(steel, p.dark, 0.4))
            stage.bar(-0.08, y - 0.55, -0.5, y - 0.02, 0.05, steel)


def mid(stage: Stage) -> None:
    p = stage.palette
    left, right = _edges(stage)
    _name_board(stage, left, right)
    x = right - 0.62
    stage.shadow(x, 2.2, 0.6, 0.3, 0.3)
    for dx in (-0.4, 0.0, 0.4):
        with stage.facing(2.4, x + dx):
            stage.rect(-0.17, 0.45, 0.17, 0.88, mix(p.accent, p.paper, 0.12), radius=0.06)
        stage.box((x + dx - 0.17, x + dx + 0.17), (0.4, 0.46), (2.05, 2.4), p.accent)
    with stage.facing(2.05, x):
        for dx in (-0.45, 0.45):
            stage.bar(dx, 0, dx, 0.4, 0.04, p.dark)


def _name_board(stage: Stage, left: float, right: float) -> None:
    """The station's name over the platform, with the direction arrow; a clock beside it."""
    p = stage.palette
    z, low, high = 2.5, 2.02, 2.55
    middle = (left + right) / 2 - 0.12
    wide = min(1.5, (right - left) * 0.6)
    box = (middle - wide / 2, low, middle + wide / 2, high)
    with stage.facing(z):
        for x in (box[0] + 0.15, box[2] - 0.15):
            stage.bar(x, high, x, 2.95, 0.03, p.dark)
        stage.rect(*box, mix(p.paper, "#ffffff", 0.5 if stage.light.lamps > 0.3 else 0.2), line=1.3)
        stage.rect(box[0], low + 0.05, box[2], low + 0.13, p.accent, line=0)
        arrow = [
            (box[2] - 0.3, low + 0.02),
            (box[2] - 0.12, low + 0.09),
            (box[2] - 0.3, low + 0.16),
        ]
        stage.poly(arrow, p.accent, line=0.8)
        if stage.lettering:
            text = (box[0] + 0.08, low + 0.17, box[2] - 0.08, high - 0.05)
            stage.write(stage.lettering, text, p.ink)
        else:
            for x, long in ((middle - wide * 0.3, 0.25), (middle - wide * 0.02, 0.34)):
                stage.stroke([(x, low + 0.33), (x + wide * long * 0.7, low + 0.33)], 4.0, p.ink)
    if stage.light.lamps > 0.3:
        stage.glow(middle, (low + high) / 2, z, 0.9, "", 0.4)
    hangings.clock(stage, box[2] + 0.3, 2.3, 0.17, z)
