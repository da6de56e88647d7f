"""The café: a bar with its machine and chalkboard, a tall window, tables, a counter in front.

Knows: what stands in a café. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets.room import Finish, Room, Window, beams, room_of, shell, window
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.6, back=3.1, ceiling=2.85)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(stage, room, Finish(dado=mix(p.fabric, p.wall, 0.12), dado_height=1.05, panels=True))
    panes = _side_windows()
    with stage.side(room.left):
        for pane in panes:
            window(stage, pane)
    with stage.facing(room.back):
        _shelves(stage, room)
        _board(stage, room)
    _bar(stage, room)
    shares = (0.06, 0.7) if room.width < 4.5 else (0.1, 0.66, 0.86)
    for share in shares:
        f.pendant(stage, room.left + room.width * share, 1.98, room.back - 0.9, room.ceiling, 0.2)
    if stage.light.key < 0:
        beams(stage, room, panes, "side")


def _side_windows() -> tuple[Window, ...]:
    return (Window(-0.5, 0.75, 0.9, 2.4, 2, 2, "city"), Window(1.25, 0.75, 2.65, 2.4, 2, 2, "city"))


def _board(stage: Stage, room: Room) -> None:
    """The chalkboard, with the set's lettering or a menu of strokes."""
    p = stage.palette
    wide = min(1.5, room.width * 0.44)
    middle = room.left + room.width * 0.3
    left, right, bottom, top = middle - wide / 2, middle + wide / 2, 1.9, 2.58
    board = mix("#2b3a38", p.dark, 0.4)
    stage.rect(left - 0.05, bottom - 0.05, right + 0.05, top + 0.05, p.wood, line=1.2)
    stage.rect(left, bottom, right, top, board)
    chalk = mix(p.paper, "#ffffff", 0.4)
    if stage.lettering:
        stage.write(
            stage.lettering,
            (left + 0.1, bottom + 0.12, right - 0.1, top - 0.1),
            chalk,
            face="serif",
        )
        stage.stroke(
            [(left + wide * 0.3, bottom + 0.09), (right - wide * 0.3, bottom + 0.09)],
            1.2,
            p.accent2,
        )
        return
    stage.stroke(
        [(left + wide * 0.3, top - 0.12), (right - wide * 0.3, top - 0.12)], 2.4, p.accent2
    )
    for row in range(3):
        y = top - 0.27 - row * 0.14
        long = wide * stage.random.uniform(0.3, 0.46)
        stage.stroke([(left + 0.14, y), (left + 0.14 + long, y)], 1.5, chalk, 0.85)
        stage.stroke([(right - 0.26, y), (right - 0.14, y)], 1.5, chalk, 0.85)


def _shelves(stage: Stage, room: Room) -> None:
    p = stage.palette
    left, right = room.left + room.width * 0.76, room.right - 0.12
    for y in (1.5, 1.95):
        f.bottles(stage, left, right, y, f.SPINES[:6])
        stage.rect(left, y - 0.05, right, y, p.wood)
    left, right = room.left + 0.12, room.left + room.width * 0.17
    for y in (1.5, 1.95):
        f.bottles(stage, left, right, y, f.SPINES[:6])
        stage.rect(left, y - 0.05, right, y, p.wood)


def _bar(stage: Stage, room: Room) -> None:
    """The bar along the back, with machine, cake stand and cups."""
    p = stage.palette
    z = (room.back - 0.95, room.back - 0.4)
    left, right = room.left + room.width * 0.14, room.right
    front = mix(p.accent, p.wood, 0.5)
    stage.box((left, right), (0, 1.0), z, front)
    with stage.facing(z[0]):
        step = 0.42
        x = left + 0.06
        while x + step < right + 0.3:
            stage.rect(
                x, 0.1, min(x + step - 0.07, right), 0.88, mix(front, "#ffffff", 0.07), line=0.7
            )
            x += step
    stage.box((left - 0.06, right), (1.0, 1.06), (z[0] - 0.06, z[1]), mix(p.wood, "#ffffff", 0.12))
    _machine(stage, left + (right - left) * 0.62, z[0] + 0.2)
    if room.width > 4.5:
        for share in (0.3, 0.42, 0.54, 0.66):
            f.stool(stage, left + (right - left) * share, z[0] - 0.35, 0.74, p.accent2)
    f.cup(stage, left + (right - left) * 0.3, 1.06, z[0] + 0.15, p.paper)
    f.plant(stage, left + 0.16, z[0] + 0.25, 0.42, 1.06)


def _machine(stage: Stage, x: float, z: float) -> None:
    """An espresso machine."""
    p = stage.palette
    with stage.facing(z, x, 1.06):
        stage.rect(-0.34, 0.0, 0.34, 0.06, p.dark)
        stage.rect(-0.32, 0.06, 0.32, 0.2, mix(p.dark, p.metal, 0.3))
        stage.rect(-0.36, 0.2, 0.36, 0.48, (mix(p.metal, "#ffffff", 0.35), p.metal), radius=0.05)
        stage.rect(-0.3, 0.34, 0.3, 0.44, p.accent, radius=0.03, line=0.7)
        for side in (-0.16, 0.16):
            stage.rect(side - 0.05, 0.15, side + 0.05, 0.2, p.dark, line=0.7)
            stage.bar(side, 0.15, side + 0.1, 0.13, 0.022, p.wood)
        for i in range(3):
            stage.rect(
                -0.26 + i * 0.19, 0.48, -0.12 + i * 0.19, 0.55, p.paper, radius=0.02, line=0.7
            )
    stage.moving("steam", (x - 0.1, 1.5, z), (x + 0.1, 1.95, z), "#ffffff", amount=0.8)


def mid(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    if room.width > 4.5:
        wide = room.left + room.width * 0.2
        for dx in (-0.62, 0.62):
            f.chair(stage, wide + dx, 1.0, mix(p.fabric, p.wall, 0.1))
        f.round_table(stage, wide, 0.95, 0.74, 0.38, mix(p.wood, p.wall, 0.25))
        f.cup(stage, wide + 0.1, 0.74, 0.9, p.paper)
    x = room.right - 0.45
    f.chair(stage, x - 0.62, 1.05, mix(p.fabric, p.wall, 0.1))
    f.round_table(stage, x, 1.0, 0.74, 0.34, mix(p.wood, p.wall, 0.25))
    f.cup(stage, x - 0.06, 0.74, 0.95, p.accent2)
    f.plant(stage, room.left + 0.28, 1.1, 1.15)


def front(stage: Stage) -> None:
    """The near counter, low in the frame, and a vase at its side."""
    p = stage.palette
    z = -0.95
    if stage.view.zoom > 1.6:
        return
    left, right = stage.view.edges(z, overscan=True)
    with stage.facing(z):
        stage.rect(left, -0.5, right, 0.27, (mix(p.wood, p.dark, 0.1), mix(p.wood, p.dark, 0.5)))
        stage.rect(left, 0.27, right, 0.33, mix(p.wood, "#ffffff", 0.14))
