"""The shop: shelves down the sides, a lit fridge, a counter with its till, a sign overhead.

Knows: what stands in a shop. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage, readable

_GOODS = ("#d9583f", "#f0b53f", "#4f8fb0", "#6aa35b", "#b06a9a", "#f2ead8", "#e08a4a", "#5a6fae")


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.2, back=3.6, ceiling=2.85)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(
        stage,
        room,
        Finish(
            wall=mix(p.wall, p.paper, 0.3),
            floor=mix(p.paper, p.stone, 0.35),
            ceiling=mix(p.paper, p.stone, 0.12),
            flooring="tiles",
        ),
    )
    for z in (0.6, 2.2):
        for share in (0.3, 0.72):
            f.ceiling_light(stage, room.left + room.width * share, z, room.ceiling - 0.01, 0.55)
    _band(stage, room)
    _fridge(stage, room)
    with stage.side(room.left):
        _shelf(stage, max(-1.2, stage.near), room.back - 0.15, 4)
    with stage.side(room.right):
        _shelf(stage, max(-1.2, stage.near), room.back - 0.15, 4)
    _counter(stage, room)


def _good(stage: Stage) -> str:
    name = stage.random.choice(_GOODS)
    name = mix(name, stage.palette.wall, 0.14)
    if stage.light.dark:
        return mix(name, "#5a3a3c", 0.22)
    return mix(name, stage.palette.haze, 0.08)


def _shelf(stage: Stage, start: float, end: float, rows: int) -> None:
    """A gondola of goods on the current plane."""
    p, rng = stage.palette, stage.random
    top = 1.85
    stage.rect(start, 0, end, top + 0.12, mix(p.metal, p.dark, 0.3))
    gap = (top - 0.12) / rows
    for row in range(rows):
        y = 0.12 + row * gap
        x = start + 0.06
        while x < end - 0.1:
            wide, tall = rng.uniform(0.09, 0.17), gap * rng.uniform(0.55, 0.8)
            name, kind = _good(stage), rng.randrange(3)
            for _ in range(rng.randrange(2, 4)):
                if x > end - wide:
                    break
                _item(stage, x, y, wide, tall, name, kind)
                x += wide + 0.012
        stage.rect(start, y - 0.06, end, y, mix(p.paper, p.metal, 0.2), line=0.8)
        x = start + 0.15
        while x < end - 0.2:
            stage.rect(
                x,
                y - 0.055,
                x + 0.1,
                y - 0.01,
                p.accent2 if rng.random() < 0.25 else p.paper,
                line=0.5,
            )
            x += 0.4
    stage.rect(start, top, end, top + 0.2, p.accent, line=0.9)


def _item(stage: Stage, x: float, y: float, wide: float, tall: float, name: str, kind: int) -> None:
    """A box, a bottle or a tin."""
    if kind == 0:
        stage.rect(x, y, x + wide, y + tall, name, line=0.6)
        stage.rect(
            x + wide * 0.15,
            y + tall * 0.4,
            x + wide * 0.85,
            y + tall * 0.7,
            "#ffffff",
            line=0,
            alpha=0.55,
        )
    elif kind == 1:
        stage.rect(x + wide * 0.1, y, x + wide * 0.9, y + tall * 0.72, name, radius=0.02, line=0.6)
        stage.rect(x + wide * 0.36, y + tall * 0.7, x + wide * 0.64, y + tall, name, line=0.6)
        stage.rect(
            x + wide * 0.1,
            y + tall * 0.2,
            x + wide * 0.9,
            y + tall * 0.45,
            "#ffffff",
            line=0,
            alpha=0.55,
        )
    else:
        stage.rect(x, y, x + wide, y + tall * 0.62, name, radius=0.02, line=0.6)
        stage.oval(
            x + wide / 2, y + tall * 0.62, wide / 2, 0.018, mix(name, "#ffffff", 0.45), line=0.5
        )


def _band(stage: Stage, room: Room) -> None:
    """The coloured band along the back wall, with the shop's name."""
    p = stage.palette
    low, high = 2.1, 2.62
    with stage.facing(room.back):
        stage.rect(room.left, low, room.right, high, p.accent, line=0.9)
        stage.rect(room.left, low, room.right, low + 0.07, p.accent2, line=0)
        stage.rect(room.left, high - 0.06, room.right, high, mix(p.accent, "#ffffff", 0.25), line=0)
        white = readable(mix(p.paper, "#ffffff", 0.6), p.accent)
        if stage.lettering:
            inset = room.width * 0.14
            stage.write(
                stage.lettering,
                (room.left + inset, low + 0.1, room.right - inset, high - 0.08),
                white,
                most=1,
            )
        else:
            x = room.left + room.width * 0.46
            y = (low + high) / 2
            stage.oval(x, y, 0.15, 0.15, white, line=0)
            stage.shape(
                curve(
                    (x - 0.07, y + 0.02),
                    (x, y - 0.12, x + 0.07, y + 0.02),
                    (x, y + 0.1, x - 0.07, y + 0.02),
                ),
                p.leaf,
                line=0.8,
            )
            for side in (-1, 1):
                stage.stroke([(x + side * 0.28, y), (x + side * 0.55, y)], 3.0, white)


def _fridge(stage: Stage, room: Room) -> None:
    """Glass doors with drinks, lit from inside."""
    p = stage.palette
    left, right = room.left + room.width * 0.12, room.left + room.width * 0.52
    with stage.facing(room.back):
        stage.rect(left - 0.05, 0, right + 0.05, 2.02, mix(p.metal, p.dark, 0.35))
        doors = max(1, round((right - left) / 0.62))
        step = (right - left) / doors
        cold = mix("#e4f4ff", p.paper, 0.2)
        for i in range(doors):
            a, b = left + i * step + 0.03, left + (i + 1) * step - 0.03
            stage.rect(a, 0.12, b, 1.92, (cold, mix(cold, p.fabric, 0.25)), line=0.9)
            for row in range(4):
                y = 0.16 + row * 0.44
                x = a + 0.05
                while x < b - 0.09:
                    _item(stage, x, y, 0.09, 0.34, _good(stage), 1)
                    x += 0.105
                stage.rect(a, y - 0.03, b, y, mix(p.metal, "#ffffff", 0.3), line=0.5)
            stage.poly([(a, 0.5), (b, 1.3), (b, 1.6), (a, 0.8)], "#ffffff", line=0, alpha=0.16)
            stage.bar(b - 0.05, 0.8, b - 0.05, 1.25, 0.025, p.metal)
    stage.glow((left + right) / 2, 1.0, room.back, 1.3, "#cfeaff", 0.35)


def _counter(stage: Stage, room: Room) -> None:
    p = stage.palette
    x0, x1 = room.left + room.width * 0.56, room.right - 0.28
    z = (1.9, 2.55)
    body = mix(p.wood, p.paper, 0.25)
    f.shadow_under(stage, (x0, x1), z)
    stage.box((x0, x1), (0, 0.95), z, body)
    with stage.facing(z[0]):
        stage.rect(x0 + 0.06, 0.1, x1 - 0.06, 0.84, mix(p.accent2, p.paper, 0.2), line=0.9)
        stage.stroke([(x0 + 0.06, 0.62), (x1 - 0.06, 0.62)], 3.0, p.accent)
    stage.box((x0 - 0.05, x1 + 0.05), (0.95, 1.01), (z[0] - 0.05, z[1]), mix(p.paper, p.wood, 0.25))
    with stage.facing(z[0] + 0.15, x0 + (x1 - x0) * 0.62, 1.01):
        stage.rect(-0.2, 0, 0.2, 0.12, mix(p.dark, p.metal, 0.3))
        stage.poly(
            [(-0.17, 0.12), (-0.13, 0.36), (0.16, 0.36), (0.2, 0.12)], mix(p.dark, p.metal, 0.45)
        )
        stage.rect(-0.1, 0.2, 0.13, 0.32, mix("#a8f0c8", p.paper, 0.3), line=0.8)
    with stage.facing(z[0] + 0.1, x0 + (x1 - x0) * 0.2, 1.01):
        stage.shape(
            curve((-0.12, 0.3), (-0.14, 0.0), (0.14, 0.0), (0.12, 0.3)),
            mix("#dff1f4", p.paper, 0.3),
            alpha=0.8,
        )
        for i, name in enumerate((p.accent, p.accent2, p.leaf, p.fabric, p.accent)):
            stage.oval(-0.07 + 0.07 * (i % 3), 0.06 + 0.09 * (i // 3), 0.045, 0.045, name, line=0.7)
        stage.rect(-0.13, 0.3, 0.13, 0.36, p.accent, radius=0.02)


def mid(stage: Stage) -> None:
    """A basket of fruit and hanging offers."""
    p = stage.palette
    room = _room(stage)
    x = room.left + 0.42
    f.shadow_under(stage, (x - 0.32, x + 0.32), (1.1, 1.6))
    stage.box((x - 0.32, x + 0.32), (0.0, 0.5), (1.1, 1.6), mix(p.wood, p.wall, 0.2))
    rng = stage.random
    with stage.facing(1.2, x, 0.5):
        for i in range(11):
            name = (p.accent, p.accent2, p.leaf)[i % 3]
            row = i // 6
            stage.oval(
                -0.27 + 0.105 * (i % 6) + 0.05 * row,
                0.04 + 0.09 * row,
                0.062,
                0.062,
                mix(name, "#ffffff", 0.1 * rng.random()),
                line=0.9,
            )
        stage.bar(0.22, 0.0, 0.22, 0.42, 0.02, p.dark)
        stage.rect(0.05, 0.3, 0.39, 0.5, p.paper)
        stage.stroke([(0.11, 0.4), (0.33, 0.4)], 2.6, p.accent)
    for dx, name in ((-0.42, p.accent2), (0.42, p.fabric)):
        with stage.facing(1.7, (room.left + room.right) / 2 + dx * room.width * 0.6):
            stage.stroke([(-0.12, room.ceiling), (-0.12, 2.62)], 0.8)
            stage.stroke([(0.12, room.ceiling), (0.12, 2.62)], 0.8)
            stage.rect(-0.18, 2.3, 0.18, 2.62, name, radius=0.03)
            stage.stroke([(-0.09, 2.4), (0.09, 2.52)], 1.8, p.paper)
            for ox, oy in ((-0.07, 2.51), (0.07, 2.41)):
                stage.oval(ox, oy, 0.03, 0.03, p.paper, line=0)
