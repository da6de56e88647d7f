"""The hairdresser's: lit mirrors over a shelf of bottles, chairs, a hood, the barber's pole.

Knows: what stands in a salon. Does not know: other places, cameras.
"""

from __future__ import annotations

import math

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage

_SHELF = 1.0


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.2, back=2.7, ceiling=2.8)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    wall = mix(stage.tone("#f4cfc6"), p.wall, 0.25)
    shell(
        stage, room,
        Finish(wall=wall, floor=mix(stage.tone("#5e5666"), p.floor, 0.2), flooring="tiles", dado=mix(stage.tone("#8fc3bd"), p.fabric, 0.15),
               dado_height=0.92, skirting=mix(stage.tone("#4f8580"), p.dark, 0.15)),
    )  # fmt: skip
    count = max(2, round(room.width / 1.25))
    wide = room.width / count
    with stage.facing(room.back):
        for i in range(count):
            _mirror(stage, room.left + (i + 0.5) * wide, min(0.42, wide * 0.37))
        stage.rect(
            room.left, _SHELF - 0.07, room.right, _SHELF, mix(stage.tone("#fffaf2"), p.wood, 0.12)
        )
        tones = [
            stage.tone(name) for name in ("#d9583f", "#f0b53f", "#4f8fb0", "#b06a9a", "#f2ead8")
        ]
        for i in range(count):
            x = room.left + (i + 0.5) * wide
            f.bottles(stage, x - wide * 0.42, x + wide * 0.42, _SHELF, tones)
        if stage.lettering:
            box = (room.left + room.width * 0.16, 2.3, room.right - room.width * 0.16, 2.68)
            hangings.sign(
                stage,
                box,
                stage.lettering,
                fill=stage.tone("#fffaf2"),
                ink=stage.tone("#b0405a"),
                rim=stage.tone("#b0405a"),
            )
    _pole(stage, room)


def _mirror(stage: Stage, x: float, half: float) -> None:
    """A mirror in a frame of bulbs: light on the glass, nobody in it."""
    p = stage.palette
    low, high = _SHELF + 0.22, 2.2
    stage.rect(
        x - half - 0.07,
        low - 0.07,
        x + half + 0.07,
        high + 0.07,
        mix(stage.tone("#fffaf2"), p.wood, 0.1),
        line=1.2,
        radius=0.05,
    )
    glass = stage.tone("#cfe4ea")
    stage.rect(
        x - half + 0.03,
        low + 0.03,
        x + half - 0.03,
        high - 0.03,
        (mix(glass, "#ffffff", 0.35), mix(glass, p.wall, 0.35)),
        line=0.8,
    )
    for start, thick in ((0.1, 0.16), (0.4, 0.06)):
        a = x - half + 2 * half * start
        stage.poly([(a, low + 0.1), (a + thick, low + 0.1), (a + thick + 0.26, high - 0.1), (a + 0.26, high - 0.1)],
                   "#ffffff", line=0, alpha=0.4)  # fmt: skip
    bulbs = 5
    for i in range(bulbs):
        y = low + (high - low) * i / (bulbs - 1)
        for side in (-1, 1):
            stage.oval(x + side * (half + 0.02), y, 0.042, 0.042, stage.tone("#fff3c4"), line=0.7)


def _pole(stage: Stage, room: Room) -> None:
    """Red, white and blue, turning behind glass."""
    z = room.back - 0.12
    x = (room.left + room.right) / 2
    with stage.facing(z, x):
        stage.rect(-0.085, 1.3, 0.085, 2.05, stage.tone("#fffdf8"), line=1.1)
        for low, high in ((1.2, 1.3), (2.05, 2.15)):
            stage.rect(-0.12, low, 0.12, high, stage.tone("#c9a24a"), radius=0.03)
        stage.oval(0, 2.2, 0.08, 0.08, stage.tone("#fff3c4"))
    stage.moving("pole", (x - 0.08, 1.31, z), (x + 0.08, 2.04, z), stage.tone("#c8323a"))


def mid(stage: Stage) -> None:
    """A chair with its foot, and a hood on its stand."""
    p = stage.palette
    room = _room(stage)
    red = mix(stage.tone("#b8404a"), p.accent, 0.25)
    steel = stage.tone("#b4bcc6")
    x, z = room.right - 0.42, 1.0
    stage.shadow(x, z, 0.42, 0.28, 0.35)
    with stage.facing(z + 0.3, x):
        stage.rect(-0.25, 0.52, 0.25, 1.12, (mix(red, "#ffffff", 0.14), red), radius=0.08, line=1.2)
        stage.rect(-0.14, 1.14, 0.14, 1.3, red, radius=0.05)
    with stage.facing(z, x):
        stage.oval(0, 0.04, 0.3, 0.05, steel)
        stage.bar(0, 0.06, 0, 0.42, 0.09, steel)
        stage.bar(-0.22, 0.16, 0.22, 0.16, 0.05, steel)
        stage.rect(-0.29, 0.42, 0.29, 0.56, mix(red, "#241a40", 0.12), radius=0.05, line=1.2)
        for side in (-1, 1):
            stage.bar(side * 0.29, 0.56, side * 0.29, 0.76, 0.035, steel)
            stage.bar(side * 0.29 - 0.05, 0.77, side * 0.29 + 0.05, 0.77, 0.06, stage.palette.dark)
    x, z = room.left + 0.32, 1.3
    stage.shadow(x, z, 0.34, 0.22, 0.3)
    shell = mix(stage.tone("#8fc3bd"), p.fabric, 0.15)
    with stage.facing(z, x):
        for a in (-0.7, 0.0, 0.7):
            stage.bar(0, 0.12, 0.24 * math.sin(a), 0.03, 0.035, steel)
        stage.bar(0, 0.1, 0, 1.42, 0.045, steel)
        hood = curve(
            (-0.27, 1.42),
            (-0.28, 1.86, 0.02, 1.86),
            (0.3, 1.86, 0.29, 1.42),
            (0.0, 1.36, -0.27, 1.42),
        )
        stage.shape(hood, (mix(shell, "#ffffff", 0.3), mix(shell, "#241a40", 0.1)), line=1.3)
        stage.oval(0.01, 1.42, 0.26, 0.05, mix(shell, "#241a40", 0.4), line=0.9)
