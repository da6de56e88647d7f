"""The classroom: blackboard, teacher's desk, pupils' desks, tall windows.

Knows: what stands in a classroom. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, Window, beams, room_of, shell, window
from renderers.animatic.sets.stage import Stage, readable


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.7, back=3.4, ceiling=2.85)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(stage, room, Finish(dado=mix(p.wood, p.wall, 0.45), dado_height=0.85))
    panes = (
        Window(-0.8, 0.9, 0.7, 2.45, 2, 2, "trees"),
        Window(1.1, 0.9, 2.6, 2.45, 2, 2, "trees"),
    )
    with stage.side(room.left):
        for pane in panes:
            window(stage, pane)
        stage.rect(2.85, 0, 3.35, 1.9, mix(p.metal, p.fabric, 0.3))
        for y in (0.5, 1.0, 1.5):
            stage.stroke([(2.85, y), (3.35, y)], 0.8)
    _board(stage, room)
    with stage.facing(room.back):
        _map(stage, room)
    hangings.clock(stage, room.left + room.width * 0.1, 2.42, 0.16, room.back)
    _lectern(stage, room)
    for z in (0.8, 2.3):
        f.ceiling_light(stage, room.left + room.width * 0.5, z, room.ceiling - 0.01, 0.7)
    if stage.light.key < 0:
        beams(stage, room, panes, "side")


def _board(stage: Stage, room: Room) -> None:
    """The blackboard: the lettering in chalk, or a sum and a small drawing."""
    p = stage.palette
    green = mix("#2f5a4a", p.dark, 0.25)
    chalk = mix(p.paper, "#ffffff", 0.4)
    left, right = room.left + room.width * 0.2, room.left + room.width * 0.86
    bottom, top = 1.12, 2.42
    wide = right - left
    with stage.facing(room.back):
        stage.rect(left - 0.06, bottom - 0.06, right + 0.06, top + 0.06, p.wood, line=1.2)
        stage.rect(left, bottom, right, top, (mix(green, "#ffffff", 0.07), green))
        for i in range(3):
            y = bottom + 0.2 + 0.37 * i
            smear = curve(
                (left + 0.2, y),
                (left + wide * 0.5, y + 0.25, right - 0.2, y + 0.05),
                (left + wide * 0.5, y + 0.14, left + 0.2, y),
            )
            stage.shape(smear, "#ffffff", line=0, alpha=0.05)
        chalk = readable(chalk, green)
        if stage.lettering:
            box = (left + wide * 0.07, top - 0.72, right - wide * 0.07, top - 0.1)
            stage.write(stage.lettering, box, chalk, face="serif")
        else:
            _doodle(stage, left + wide * 0.1, top - 0.55, wide * 0.8, chalk)
        stage.rect(left, bottom - 0.12, right, bottom - 0.05, mix(p.wood, "#ffffff", 0.15))
        for i, name in enumerate((chalk, p.accent2, p.accent)):
            x = left + 0.15 + i * 0.13
            stage.rect(x, bottom - 0.06, x + 0.09, bottom - 0.035, name, line=0.6)
        stage.rect(right - 0.4, bottom - 0.06, right - 0.2, bottom, p.fabric, line=0.8)


def _doodle(stage: Stage, x: float, y: float, wide: float, chalk: str) -> None:
    """A triangle with its sides named by strokes, and a wave."""
    stage.stroke(
        [(x, y - 0.1), (x + wide * 0.3, y - 0.1), (x, y + 0.35), (x, y - 0.1)], 1.6, chalk, 0.9
    )
    stage.stroke([(x, y - 0.02), (x + 0.08, y - 0.02), (x + 0.08, y - 0.1)], 1.1, chalk, 0.9)
    wave = curve(
        (x + wide * 0.45, y + 0.1),
        (x + wide * 0.52, y + 0.5, x + wide * 0.6, y + 0.5, x + wide * 0.68, y + 0.1),
        (x + wide * 0.76, y - 0.3, x + wide * 0.86, y - 0.3, x + wide * 0.95, y + 0.1),
        closed=False,
    )
    stage.canvas.drawPath(wave, stage.pen(1.6, stage.palette.accent2, 0.95))
    stage.stroke([(x + wide * 0.43, y + 0.1), (x + wide, y + 0.1)], 1.2, chalk, 0.9)
    stage.stroke([(x + wide * 0.45, y + 0.42), (x + wide * 0.45, y - 0.2)], 1.2, chalk, 0.9)


def _map(stage: Stage, room: Room) -> None:
    """A wall map beside the board."""
    p = stage.palette
    left, right = room.left + room.width * 0.89, room.right - 0.05
    if right - left < 0.14:
        return
    sea = mix(p.fabric, p.paper, 0.6)
    stage.rect(left, 1.25, right, 2.2, sea)
    wide = right - left
    for dx, dy, size in ((0.3, 0.72, 0.2), (0.65, 0.4, 0.22), (0.28, 0.25, 0.13)):
        x, y = left + wide * dx, 1.25 + 0.95 * dy
        stage.oval(x, y, wide * size, 0.5 * size, mix(p.leaf, p.paper, 0.25), line=0.6)
    stage.bar(left - 0.04, 2.2, right + 0.04, 2.2, 0.035, p.wood)


def _lectern(stage: Stage, room: Room) -> None:
    """The teacher's desk with books, an apple and a globe."""
    p = stage.palette
    x0 = room.left + room.width * 0.52
    x1 = x0 + min(1.5, room.width * 0.44)
    z = (2.2, 2.75)
    f.shadow_under(stage, (x0, x1), z)
    stage.box((x0, x1), (0, 0.78), z, mix(p.wood, p.wall, 0.2))
    with stage.facing(z[0]):
        stage.rect(x0 + 0.1, 0.1, x1 - 0.1, 0.66, mix(p.wood, p.wall, 0.32), line=0.8)
    with stage.facing(z[0] + 0.15, 0, 0.78):
        for i, name in enumerate((p.accent, p.fabric, p.accent2)):
            stage.rect(
                x1 - 0.42 + 0.02 * (i % 2),
                i * 0.055,
                x1 - 0.1 - 0.03 * i,
                0.055 + i * 0.055,
                name,
                line=0.8,
            )
        x = x0 + 0.25
        stage.oval(x, 0.2, 0.16, 0.16, mix(p.fabric, p.paper, 0.4))
        stage.oval(x - 0.04, 0.23, 0.07, 0.08, p.leaf, line=0)
        stage.oval(x + 0.07, 0.13, 0.05, 0.04, p.leaf, line=0)
        arc = curve((x + 0.02, 0.38), (x + 0.26, 0.3, x + 0.17, 0.06), closed=False)
        stage.canvas.drawPath(arc, stage.pen(1.6, p.wood))
        stage.rect(x - 0.08, -0.0, x + 0.1, 0.03, p.wood, line=0.8)
        x = (x0 + x1) / 2
        stage.oval(x, 0.05, 0.05, 0.05, "#c8402f" if not stage.light.dark else "#8a3a3c", line=0.8)
        stage.stroke([(x, 0.1), (x + 0.02, 0.13)], 1.0, p.wood)


def mid(stage: Stage) -> None:
    """Pupils' desks at both sides, so that the middle stays free."""
    room = _room(stage)
    p = stage.palette
    wood = mix(p.wood, p.wall, 0.35)
    spots = [(room.left + 0.2, 1.2), (room.right - 0.85, 1.2)]
    if room.width > 4.5:
        spots += [(room.left + 1.5, 1.35), (room.right - 2.1, 1.35)]
    for x, z in spots:
        f.table(stage, (x, x + 0.66), (z, z + 0.45), 0.7, wood)
        with stage.facing(z + 0.2, x, 0.7):
            stage.rect(0.12, 0.0, 0.4, 0.03, p.accent, line=0.7)
            stage.rect(0.14, 0.03, 0.38, 0.055, p.paper, line=0.7)
        f.chair(stage, x + 0.33, z - 0.32, mix(p.fabric, p.wall, 0.15), turned=True)
