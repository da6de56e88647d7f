"""The wedding hall: draped cloth, an arch of flowers, laid tables, a cake, garlands of bulbs.

Knows: what stands at a wedding. Does not know: other places, cameras.
"""

from __future__ import annotations

import math

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets.room import Finish, Room, Window, room_of, shell, window
from renderers.animatic.sets.stage import Stage

_PETALS = ("#f39bb5", "#fffaf0", "#e58bab", "#f7d8de")


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.6, back=3.2, ceiling=3.1)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(
        stage, room,
        Finish(wall=mix(stage.tone("#f6e9df"), p.wall, 0.35), floor=mix(stage.tone("#c9a27a"), p.floor, 0.4),
               dado=mix(stage.tone("#fffaf2"), p.wall, 0.2), dado_height=0.9, panels=True),
    )  # fmt: skip
    with stage.side(room.left):
        for z in (-0.3, 1.4):
            window(stage, Window(z, 0.8, z + 1.2, 2.5, 2, 3, "trees"))
    with stage.facing(room.back):
        for left, right in ((room.left, room.left + 0.5), (room.right - 0.5, room.right)):
            f.curtain(stage, left, right, 0, room.ceiling, mix(stage.tone("#f6d3da"), p.paper, 0.3))
        if stage.lettering:
            middle = (room.left + room.right) / 2
            stage.write(
                stage.lettering, (middle - 0.9, 2.62, middle + 0.9, 3.0), p.accent, face="serif"
            )
    _arch(stage, room)
    _garland(stage, room)


def _arch(stage: Stage, room: Room) -> None:
    """The arch of flowers in the middle of the back."""
    z, half, high = room.back - 0.5, min(1.05, room.width * 0.3), 1.5
    x = (room.left + room.right) / 2
    with stage.facing(z, x):
        for side in (-1, 1):
            stage.bar(
                side * half,
                0,
                side * half,
                high,
                0.07,
                mix(stage.palette.wood, stage.tone("#ffffff"), 0.5),
            )
        steps = 26
        for i in range(steps + 1):
            turn = math.pi * i / steps
            at = (-half * math.cos(turn), high + 0.95 * math.sin(turn))
            _bloom(stage, at, 0.15, i)
        for side in (-1, 1):
            for i in range(5):
                _bloom(stage, (side * half + 0.05 * (i % 2), 0.28 + 0.28 * i), 0.12, i + (side > 0))


def _bloom(stage: Stage, at: tuple[float, float], size: float, number: int) -> None:
    x, y = at
    stage.oval(x + size * 0.6, y - size * 0.5, size * 0.7, size * 0.4, stage.palette.leaf, line=0.5)
    stage.oval(x, y, size, size * 0.92, stage.tone(_PETALS[number % 4]), line=0.8)
    stage.oval(
        x,
        y,
        size * 0.35,
        size * 0.35,
        mix(stage.tone(_PETALS[number % 4]), stage.tone("#c8506f"), 0.35),
        line=0,
    )


def _garland(stage: Stage, room: Room) -> None:
    """Bulbs on a string across the hall."""
    z = 1.9
    count = 9
    points = [
        (
            room.left + room.width * i / count,
            2.78 - 0.3 * math.sin(math.pi * (i * 2 % count) / count),
        )
        for i in range(count + 1)
    ]
    with stage.facing(z):
        stage.stroke(points, 0.9)
        for x, y in points:
            stage.oval(x, y - 0.07, 0.05, 0.065, stage.tone("#fff0b8"), line=0.8)
    for x, y in points[1::2]:
        stage.glow(x, y - 0.07, z, 0.35)


def mid(stage: Stage) -> None:
    """A laid table with the cake on one side, one with flowers on the other."""
    room = _room(stage)
    _table(stage, room.right - 0.6, 1.2)
    with stage.facing(1.15, room.right - 0.6, 0.78):
        y = 0.0
        for half, high in ((0.3, 0.2), (0.22, 0.18), (0.14, 0.16)):
            stage.rect(
                -half,
                y,
                half,
                y + high,
                (stage.tone("#fffaf4"), stage.tone("#f3e6e0")),
                radius=0.03,
            )
            for i in range(-2, 3):
                stage.oval(
                    i * half * 0.42,
                    y + high - 0.03,
                    half * 0.2,
                    0.04,
                    stage.tone("#f39bb5"),
                    line=0.5,
                )
            y += high
        stage.oval(0, y + 0.06, 0.06, 0.06, stage.tone("#d8443c"), line=0.8)
    if room.width > 3.2:
        _table(stage, room.left + 0.65, 1.4)
        with stage.facing(1.35, room.left + 0.65, 0.78):
            stage.shape(
                curve((-0.07, 0.22), (-0.11, 0.0), (0.11, 0.0), (0.07, 0.22)), stage.palette.paper
            )
            for i, (x, y) in enumerate(
                ((-0.12, 0.3), (0.12, 0.31), (0.0, 0.4), (-0.05, 0.28), (0.07, 0.27))
            ):
                _bloom(stage, (x, y), 0.08, i)


def _table(stage: Stage, x: float, z: float) -> None:
    """A round table under a long cloth."""
    stage.shadow(x, z, 0.7, 0.4, 0.3)
    with stage.facing(z, x):
        cloth = curve((-0.5, 0.78), (-0.56, 0.3, -0.6, 0.03), (0.6, 0.03), (0.56, 0.3, 0.5, 0.78))
        stage.shape(
            cloth,
            (stage.tone("#fffdf8"), mix(stage.tone("#efe4dc"), stage.palette.wall_shadow, 0.3)),
        )
        for fold in (-0.36, -0.12, 0.14, 0.38):
            stage.stroke([(fold * 0.9, 0.72), (fold * 1.1, 0.08)], 0.8, alpha=0.35)
        stage.oval(0, 0.78, 0.5, 0.07, stage.tone("#fffdf8"))
