"""The courtroom.

Knows: bench, rail and seal. Does not know: other places,
cameras.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, Window, beams, room_of, shell, window
from renderers.animatic.sets.stage import Stage


def _court(stage: Stage) -> Room:
    return room_of(stage, half=4.0, back=3.9, ceiling=3.5)


def court_far(stage: Stage) -> None:
    p = stage.palette
    room = _court(stage)
    wood = mix(p.wood, p.accent, 0.08)
    shell(
        stage,
        room,
        Finish(
            wall=mix(p.wall, p.paper, 0.1),
            floor=mix(p.accent, p.wood, 0.62),
            flooring="carpet",
            dado=wood,
            dado_height=1.35,
            panels=True,
        ),
    )
    panes = (Window(0.4, 1.55, 1.5, 2.95, 2, 3, "sky"), Window(2.2, 1.55, 3.3, 2.95, 2, 3, "sky"))
    with stage.side(room.left):
        for pane in panes:
            window(stage, pane)
    _canopy(stage, room, wood)
    _columns(stage, room)
    _bench(stage, room, wood)
    for share in (0.2, 0.8):
        f.pendant(stage, room.left + room.width * share, 2.45, 2.6, room.ceiling, 0.2)
    if stage.light.key < 0:
        beams(stage, room, panes, "side")


def _canopy(stage: Stage, room: Room, wood: str) -> None:
    """The panelled wall behind the judge, with seal and lettering."""
    p = stage.palette
    middle = (room.left + room.right) / 2
    half = min(1.5, room.width * 0.36)
    with stage.facing(room.back):
        stage.rect(
            middle - half,
            0,
            middle + half,
            2.95,
            (mix(wood, "#ffffff", 0.06), mix(wood, "#1c1430", 0.16)),
        )
        for side in (-1, 1):
            x = middle + side * half * 0.72
            stage.rect(
                x - half * 0.2, 1.4, x + half * 0.2, 2.7, mix(wood, "#1c1430", 0.18), line=0.8
            )
        stage.rect(middle - half - 0.1, 2.95, middle + half + 0.1, 3.08, mix(wood, "#ffffff", 0.2))
        stage.poly(
            [(middle - half - 0.04, 3.08), (middle, 3.42), (middle + half + 0.04, 3.08)],
            mix(wood, "#ffffff", 0.1),
        )
        seal = 2.22 if not stage.lettering else 1.98
        _seal(stage, middle, seal, 0.34)
        if stage.lettering:
            box = (middle - half * 0.88, 2.42, middle + half * 0.88, 2.86)
            hangings.sign(
                stage,
                box,
                stage.lettering,
                fill=mix(p.accent2, p.wood, 0.15),
                ink=mix(p.ink, p.wood, 0.1),
                rim=p.wood,
                face="serif",
            )


def _seal(stage: Stage, x: float, y: float, r: float) -> None:
    """A round seal with a pair of scales."""
    p = stage.palette
    gold = mix(p.accent2, p.wood, 0.12)
    stage.oval(x, y, r, r, gold, line=1.2)
    stage.oval(x, y, r * 0.84, r * 0.84, mix(gold, p.paper, 0.3), line=0.8)
    stage.stroke([(x, y - r * 0.5), (x, y + r * 0.5)], 1.8)
    stage.stroke([(x - r * 0.3, y - r * 0.52), (x + r * 0.3, y - r * 0.52)], 1.8)
    stage.stroke([(x - r * 0.52, y + r * 0.34), (x + r * 0.52, y + r * 0.34)], 1.6)
    for side in (-1, 1):
        cx = x + side * r * 0.5
        stage.stroke(
            [(cx - r * 0.2, y - r * 0.05), (cx, y + r * 0.34), (cx + r * 0.2, y - r * 0.05)], 1.0
        )
        stage.shape(
            curve((cx - r * 0.24, y - r * 0.05), (cx, y - r * 0.32, cx + r * 0.24, y - r * 0.05)),
            gold,
        )


def _columns(stage: Stage, room: Room) -> None:
    p = stage.palette
    stone = mix(p.paper, p.stone, 0.35)
    for x in (room.left + 0.35, room.right - 0.35):
        with stage.facing(room.back - 0.1, x):
            stage.rect(-0.2, 0, 0.2, 0.2, stone)
            stage.rect(-0.15, 0.2, 0.15, 3.15, (mix(stone, "#ffffff", 0.2), stone))
            for dx in (-0.07, 0.0, 0.07):
                stage.stroke([(dx, 0.3), (dx, 3.05)], 0.7, alpha=0.4)
            stage.rect(-0.22, 3.15, 0.22, 3.3, stone)
    _flag(stage, room.right - room.width * 0.16, room.back - 0.3)


def _flag(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    with stage.facing(z, x):
        stage.bar(0, 0, 0, 2.5, 0.035, p.wood)
        stage.oval(0, 2.54, 0.05, 0.05, p.accent2)
        cloth = curve(
            (0.01, 2.42), (0.3, 2.4, 0.27, 1.9), (0.22, 1.6, 0.3, 1.2), (0.12, 1.26), (0.01, 1.6)
        )
        stage.shape(cloth, (p.fabric, mix(p.fabric, p.dark, 0.3)))
        stage.stroke([(0.12, 2.36), (0.13, 1.9), (0.1, 1.45)], 0.8, alpha=0.6)


def _bench(stage: Stage, room: Room, wood: str) -> None:
    """The judge's bench: a high desk with a chair's back behind it, lamp and gavel."""
    p = stage.palette
    middle = (room.left + room.right) / 2
    half = min(1.35, room.width * 0.34)
    z = (2.7, 3.2)
    with stage.facing(3.4, middle):
        stage.rect(-0.3, 0.9, 0.3, 1.95, mix(p.accent, p.dark, 0.3), radius=0.12)
        stage.rect(-0.22, 1.0, 0.22, 1.86, mix(p.accent, p.dark, 0.12), radius=0.08, line=0.8)
    f.shadow_under(stage, (middle - half, middle + half), z)
    stage.box(
        (middle - half - 0.12, middle + half + 0.12),
        (0, 0.25),
        (z[0] - 0.35, z[1]),
        mix(wood, "#1c1430", 0.25),
    )
    stage.box((middle - half, middle + half), (0.25, 1.2), z, wood)
    with stage.facing(z[0], middle):
        for i in range(5):
            a = -half + 2 * half * i / 5
            stage.rect(
                a + 0.07, 0.36, a + 2 * half / 5 - 0.07, 1.06, mix(wood, "#ffffff", 0.09), line=0.8
            )
    stage.box(
        (middle - half - 0.07, middle + half + 0.07),
        (1.2, 1.27),
        (z[0] - 0.08, z[1]),
        mix(wood, "#ffffff", 0.18),
    )
    with stage.facing(z[0] + 0.1, middle, 1.27):
        stage.bar(half * 0.5, 0.05, half * 0.5 + 0.22, 0.12, 0.03, mix(wood, "#1c1430", 0.3))
        stage.rect(
            half * 0.5 - 0.09, 0.0, half * 0.5 + 0.05, 0.1, mix(wood, "#1c1430", 0.2), radius=0.02
        )
        for i in range(3):
            stage.rect(
                -half * 0.8,
                i * 0.05,
                -half * 0.8 + 0.3 - 0.02 * i,
                0.05 + i * 0.05,
                (p.accent, p.fabric, p.paper)[i],
                line=0.8,
            )


def court_mid(stage: Stage) -> None:
    """The witness stand and a counsel's table."""
    p = stage.palette
    room = _court(stage)
    wood = mix(p.wood, p.accent, 0.08)
    x1 = room.right - 0.1
    x0 = x1 - min(1.0, room.width * 0.3)
    z = (1.7, 2.4)
    f.shadow_under(stage, (x0, x1), z)
    stage.box((x0, x1), (0, 1.0), z, mix(wood, "#ffffff", 0.05))
    with stage.facing(z[0]):
        stage.rect(x0 + 0.1, 0.14, x1 - 0.1, 0.86, mix(wood, "#ffffff", 0.14), line=0.8)
        stage.bar((x0 + x1) / 2, 1.0, (x0 + x1) / 2 - 0.08, 1.2, 0.02, p.dark)
        stage.oval((x0 + x1) / 2 - 0.09, 1.23, 0.035, 0.05, p.dark)
    x0, x1 = room.left + 0.12, room.left + 0.12 + min(1.3, room.width * 0.3)
    f.table(stage, (x0, x1), (1.2, 1.7), 0.76, wood)
    with stage.facing(1.35, x0, 0.76):
        for i in range(4):
            stage.rect(0.12 + 0.015 * (i % 2), i * 0.03, 0.42, 0.03 + i * 0.03, p.paper, line=0.7)


def court_front(stage: Stage) -> None:
    """Low in the frame: the rail between court and public, and nearer, what one stands behind."""
    if stage.view.zoom > 1.25:
        _desk_front(stage)
        return
    p = stage.palette
    z = -0.9
    left, right = stage.view.edges(z, overscan=True)
    wood = mix(p.wood, p.dark, 0.35)
    with stage.facing(z, y=-0.7):
        x = 0.16 * int(left / 0.16) - 0.16
        while x < right:
            post = curve(
                (x - 0.03, 0),
                (x - 0.055, 0.45, x - 0.03, 0.9),
                (x + 0.03, 0.9),
                (x + 0.055, 0.45, x + 0.03, 0),
            )
            stage.shape(post, wood)
            x += 0.16
        stage.rect(left, 0.88, right, 0.98, (mix(wood, "#ffffff", 0.22), wood), line=1.2)


def _desk_front(stage: Stage) -> None:
    """The bench or stand before whoever speaks: what a gavel comes down on."""
    p = stage.palette
    wood = mix(mix(p.wood, p.accent, 0.08), p.dark, 0.12)
    z, high = (-0.4, -0.16), 0.98
    if not stage.view.visible(z[0] - 0.1):
        return
    left, right = stage.view.edges(z[0], overscan=True)
    with stage.level(high):
        box = skia.Rect.MakeLTRB(left, z[0], right, z[1])
        stage.canvas.drawRect(box, stage.paint(mix(wood, "#ffffff", 0.12)))
    with stage.facing(z[1]):
        edge = stage.view.edges(z[1], overscan=True)
        stage.stroke([(edge[0], high), (edge[1], high)], 1.2)
    with stage.facing(z[0]):
        stage.rect(left, -0.2, right, high, (wood, mix(wood, "#1c1430", 0.22)), line=0)
        x = 0.5 * int(left / 0.5) - 0.5
        while x < right:
            stage.rect(x + 0.05, 0.1, x + 0.45, high - 0.14, mix(wood, "#ffffff", 0.07), line=0.9)
            x += 0.5
        stage.rect(left, high - 0.07, right, high, mix(wood, "#ffffff", 0.2), line=1.2)
