"""The office: glass to the city, desks with screens, a whiteboard, panels of light.

Knows: what stands in an office. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, Window, beams, room_of, shell, window
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.8, back=3.8, ceiling=2.8)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(
        stage,
        room,
        Finish(
            wall=mix(p.wall, p.paper, 0.35),
            floor=mix(p.fabric, p.stone, 0.62),
            ceiling=mix(p.paper, p.stone, 0.25),
            flooring="carpet",
        ),
    )
    _ceiling(stage, room)
    panes = _glass(stage, room)
    _board(stage, room)
    with stage.side(room.left):
        f.bookcase(stage, 0.9, 3.3, 2.0, 4)
    with stage.side(room.right):
        f.door(stage, 1.5, 2.4, 2.1, mix(p.wood, p.wall, 0.2), pane=True)
    hangings.clock(stage, room.left + room.width * 0.9, 2.35, 0.17, room.back)
    beams(stage, room, panes, "back")
    _cabinet(stage, room)


def _ceiling(stage: Stage, room: Room) -> None:
    if not stage.below(room.ceiling):
        return
    with stage.level(room.ceiling):
        step = 0.75
        x = room.left
        while x < room.right:
            stage.stroke([(x, stage.near), (x, room.back)], 0.6, alpha=0.2)
            x += step
        z = room.back
        while z > stage.near:
            stage.stroke([(room.left, z), (room.right, z)], 0.6, alpha=0.2)
            z -= step
    for share in (0.28, 0.74):
        for z in (1.0, 2.6):
            f.ceiling_light(stage, room.left + room.width * share, z, room.ceiling - 0.01, 0.5)


def _glass(stage: Stage, room: Room) -> tuple[Window, ...]:
    """The window band, with blinds drawn up."""
    p = stage.palette
    left = room.left + room.width * 0.44
    pane = Window(left, 0.8, room.right - 0.15, 2.2, 3, 1, "city", frame=mix(p.metal, p.paper, 0.3))
    with stage.facing(room.back):
        window(stage, pane)
        for i in range(5):
            y = 2.2 - i * 0.05
            stage.rect(
                left - 0.02, y - 0.035, room.right - 0.13, y, mix(p.paper, p.wall, 0.3), line=0.6
            )
    return (pane,)


def _board(stage: Stage, room: Room) -> None:
    """A whiteboard with lettering, or a rising chart and notes."""
    p = stage.palette
    left, right = room.left + 0.14, room.left + room.width * 0.39
    bottom, top = 1.55, 2.45
    with stage.facing(room.back):
        stage.rect(left - 0.03, bottom - 0.03, right + 0.03, top + 0.03, p.metal)
        stage.rect(left, bottom, right, top, mix(p.paper, "#ffffff", 0.5), line=0.7)
        wide = right - left
        if stage.lettering:
            box = (left + 0.06, bottom + 0.24, right - 0.06, top - 0.08)
            stage.write(stage.lettering, box, mix(p.fabric, p.ink, 0.4), most=3)
        else:
            points = [
                (left + wide * u, bottom + 0.3 + 0.4 * v)
                for u, v in ((0.1, 0.1), (0.32, 0.5), (0.5, 0.3), (0.88, 1.0))
            ]
            stage.stroke(points, 2.0, p.accent)
            stage.stroke(
                [
                    (left + wide * 0.1, top - 0.1),
                    (left + wide * 0.1, bottom + 0.24),
                    (left + wide * 0.9, bottom + 0.24),
                ],
                1.2,
            )
        for i, name in enumerate((p.accent2, p.accent, p.leaf)):
            x = left + wide * (0.12 + 0.27 * i)
            stage.rect(
                x,
                bottom + 0.05,
                x + min(0.13, wide * 0.2),
                bottom + 0.17,
                mix(name, p.paper, 0.35),
                line=0.6,
            )


def _cabinet(stage: Stage, room: Room) -> None:
    p = stage.palette
    x0, x1 = room.left + 0.12, room.left + room.width * 0.4
    z = (room.back - 0.5, room.back - 0.08)
    body = mix(p.metal, p.wall, 0.25)
    stage.box((x0, x1), (0, 0.95), z, body)
    with stage.facing(z[0]):
        half = (x0 + x1) / 2
        for a, b in ((x0, half), (half, x1)):
            for y in (0.06, 0.36, 0.66):
                stage.rect(a + 0.04, y, b - 0.04, y + 0.26, mix(body, "#ffffff", 0.12), line=0.8)
                stage.rect(
                    (a + b) / 2 - 0.06, y + 0.17, (a + b) / 2 + 0.06, y + 0.2, p.dark, line=0
                )
    f.plant(stage, x0 + 0.25, z[0] + 0.2, 0.5, 0.95)
    with stage.facing(z[0] + 0.1):
        for i, name in enumerate((p.paper, mix(p.accent, p.paper, 0.4), p.paper)):
            stage.rect(
                x1 - 0.5, 0.95 + i * 0.05, x1 - 0.1 + 0.02 * (i % 2), 1.0 + i * 0.05, name, line=0.7
            )


def mid(stage: Stage) -> None:
    room = _room(stage)
    right = room.right - 0.05
    _desk(stage, right - 1.3, right, 1.15)
    if room.width > 4.5:
        _desk(stage, room.left + 0.5, room.left + 1.9, 1.5)
        _cooler(stage, room.left + room.width * 0.47, room.back - 0.45)


def _desk(stage: Stage, left: float, right: float, z: float) -> None:
    """A desk with a screen seen from behind, a chair, a mug and papers."""
    p = stage.palette
    f.table(stage, (left, right), (z, z + 0.65), 0.74, mix(p.wood, p.wall, 0.4))
    middle = (left + right) / 2
    with stage.facing(z + 0.35, middle, 0.74):
        stage.rect(-0.12, 0, 0.12, 0.03, p.dark)
        stage.bar(0, 0.02, 0, 0.2, 0.05, p.dark)
        stage.rect(-0.34, 0.12, 0.34, 0.54, (mix(p.dark, p.metal, 0.35), p.dark), radius=0.03)
        stage.oval(0, 0.33, 0.035, 0.035, p.accent2, line=0.6)
    f.cup(stage, left + 0.2, 0.74, z + 0.15, p.accent)
    with stage.facing(z + 0.2, right - 0.28, 0.74):
        for i in range(3):
            stage.rect(
                -0.16 + 0.02 * i, i * 0.02, 0.14 + 0.01 * i, 0.025 + i * 0.02, p.paper, line=0.6
            )
    stage.glow(middle, 1.1, z + 0.5, 0.6, "#bfe3ff", 0.35)


def _cooler(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    stage.shadow(x, z, 0.28, 0.2)
    with stage.facing(z, x):
        stage.rect(-0.17, 0, 0.17, 0.95, mix(p.paper, p.metal, 0.2), radius=0.03)
        stage.rect(-0.1, 0.6, 0.1, 0.8, p.dark, line=0.7)
        stage.rect(-0.15, 0.95, 0.15, 1.35, mix("#8fd0f0", p.paper, 0.3), radius=0.08)
        stage.rect(-0.13, 0.97, 0.13, 1.2, "#6fb8e0", radius=0.05, line=0, alpha=0.6)


def front(stage: Stage) -> None:
    """The edge of a near desk with a keyboard's and a lamp's silhouette."""
    p = stage.palette
    z = -0.95
    if stage.view.zoom > 1.6:
        return
    left, right = stage.view.edges(z, overscan=True)
    wood = mix(p.wood, p.dark, 0.2)
    with stage.facing(z):
        stage.rect(left, -0.6, right, 0.24, (mix(wood, "#ffffff", 0.06), mix(wood, p.dark, 0.5)))
        stage.rect(left, 0.24, right, 0.3, mix(wood, "#ffffff", 0.18))
        for i in range(4):
            y = 0.3 + i * 0.035
            stage.rect(
                left + 0.02,
                y,
                left + 0.4 - 0.02 * i,
                y + 0.04,
                (p.paper, mix(p.accent, p.wall, 0.3))[i % 2],
                line=0.8,
            )
