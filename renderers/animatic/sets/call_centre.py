"""The call centre: a wall of calls that wait, clocks of three cities, desks between screens.

Knows: what stands in a call centre. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.6, back=3.4, ceiling=2.8)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    wall = mix(stage.tone("#cfdcea"), p.wall, 0.25)
    shell(
        stage, room,
        Finish(wall=wall, floor=mix(stage.tone("#6c7891"), p.fabric, 0.3), ceiling=mix(p.paper, p.stone, 0.2), flooring="carpet"),
    )  # fmt: skip
    for share in (0.26, 0.74):
        f.ceiling_light(stage, room.left + room.width * share, 1.5, room.ceiling - 0.01, 0.5)
    wide = min(2.6, room.width * 0.72)
    middle = (room.left + room.right) / 2
    with stage.facing(room.back):
        _board(stage, middle - wide / 2, middle + wide / 2)
    stage.moving(
        "bars", (middle, 1.52, room.back), (middle + wide / 2 - 0.1, 2.02, room.back), stage.tone("#6fe0a8")
    )  # fmt: skip
    for i, share in enumerate((0.14, 0.5, 0.86)):
        hangings.clock(
            stage, room.left + room.width * share, 2.5, 0.11 + 0.01 * (i == 1), room.back
        )
    _row(stage, room)


def _board(stage: Stage, left: float, right: float) -> None:
    """What everybody sees: the set's lettering, or how many calls wait."""
    stage.rect(left - 0.05, 1.35, right + 0.05, 2.3, stage.tone("#1d2430"), line=1.4, radius=0.04)
    if stage.lettering:
        stage.write(
            stage.lettering, (left + 0.06, 2.04, right - 0.06, 2.26), stage.tone("#ffffff"), most=1
        )
    handset = stage.tone("#6fe0a8")
    x, y = left + (right - left) * 0.13, 1.78
    arc = curve((x - 0.13, y - 0.1), (x - 0.16, y + 0.14, x + 0.12, y + 0.14), closed=False)
    stage.canvas.drawPath(arc, stage.pen(5.0, handset))
    for dx, dy in ((-0.13, -0.1), (0.11, 0.1)):
        stage.oval(x + dx, y + dy, 0.055, 0.055, handset, line=0)
    count = (left + (right - left) * 0.24, 1.5, left + (right - left) * 0.48, 2.02)
    stage.write("47", count, stage.tone("#ff8a5c"), most=1)


def _row(stage: Stage, room: Room) -> None:
    """Desks along the wall: partitions, and the backs of screens."""
    p = stage.palette
    count = max(2, round(room.width / 1.1))
    wide = room.width / count
    z = 2.5
    felt = mix(stage.tone("#5f86b8"), p.fabric, 0.3)
    for i in range(count):
        a = room.left + i * wide
        with stage.facing(z + 0.4):
            stage.rect(
                a + 0.03,
                0.1,
                a + wide - 0.03,
                1.26,
                (mix(felt, "#ffffff", 0.16), felt),
                line=1.0,
                radius=0.03,
            )
        with stage.facing(z, a + wide / 2):
            stage.rect(
                -wide / 2 + 0.03,
                0.7,
                wide / 2 - 0.03,
                0.76,
                mix(stage.tone("#efe7d6"), p.wood, 0.15),
            )
            stage.rect(-0.2, 0.84, 0.22, 1.14, stage.tone("#2a3140"), radius=0.02)
            stage.rect(-0.17, 0.87, 0.19, 1.11, stage.tone("#8fd0e8"), line=0)
            stage.bar(0.01, 0.76, 0.01, 0.84, 0.04, stage.palette.dark)
        stage.glow(a + wide / 2, 1.0, z, 0.4, "#bfe3ff", 0.3)


def mid(stage: Stage) -> None:
    """Near desks at both sides, each with a headset on its screen."""
    room = _room(stage)
    _desk(stage, room.right - 0.85, room.right - 0.02, 1.0)
    _desk(stage, room.left + 0.02, room.left + 0.72, 1.35)


def _desk(stage: Stage, left: float, right: float, z: float) -> None:
    p = stage.palette
    top = mix(stage.tone("#efe7d6"), p.wood, 0.15)
    f.table(stage, (left, right), (z, z + 0.6), 0.74, top, legs=False)
    middle = (left + right) / 2
    with stage.facing(z + 0.3, middle, 0.74):
        stage.rect(-0.1, 0, 0.1, 0.025, p.dark)
        stage.bar(0, 0.02, 0, 0.14, 0.05, p.dark)
        stage.rect(
            -0.29,
            0.12,
            0.29,
            0.5,
            (stage.tone("#3a4250"), stage.tone("#2a3140")),
            radius=0.03,
            line=1.2,
        )
        band = curve((0.06, 0.4), (0.06, 0.66, 0.2, 0.66), (0.34, 0.66, 0.34, 0.4), closed=False)
        stage.canvas.drawPath(band, stage.pen(3.4, p.dark))
        for x in (0.06, 0.34):
            stage.oval(x, 0.38, 0.045, 0.065, stage.tone("#e0643f"), line=0.9)
        boom = curve((0.06, 0.33), (0.04, 0.22, 0.16, 0.22), closed=False)
        stage.canvas.drawPath(boom, stage.pen(1.8, p.dark))
        stage.oval(0.17, 0.22, 0.025, 0.02, p.dark, line=0)
    f.cup(stage, left + 0.14, 0.74, z + 0.1, p.accent, steam=True)
