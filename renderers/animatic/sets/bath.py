"""The bathhouse: tiles, a painted mountain over the steaming water, taps with stools and pails.

Knows: what a bathhouse has. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.4, back=3.2, ceiling=3.3)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    tile = mix(stage.tone("#dff0f0"), p.wall, 0.3)
    shell(
        stage, room,
        Finish(wall=tile, floor=mix(stage.tone("#9fc3c6"), p.floor, 0.3), flooring="tiles", skirting=mix(tile, p.dark, 0.2)),
    )  # fmt: skip
    with stage.facing(room.back):
        _mountain(stage, room)
        _tiles(stage, (room.left, room.right), 1.25, tile)
        if stage.lettering:
            box = (room.left + 0.2, 1.95, room.left + 0.2 + min(1.2, room.width * 0.5), 2.3)
            hangings.sign(stage, box, stage.lettering, fill=p.accent, ink=p.paper)
    with stage.side(room.right):
        _tiles(stage, (stage.near, room.back), 1.25, tile)
        _taps(stage)
    _basin(stage, room, tile)


def _mountain(stage: Stage, room: Room) -> None:
    """The mural: a white peak, clouds, and the sea before it."""
    p = stage.palette
    left, right, low, top = room.left + 0.12, room.right - 0.12, 1.3, 2.85
    stage.rect(
        left,
        low,
        right,
        top,
        (mix(stage.tone("#7fc3ea"), p.sky_top, 0.3), stage.tone("#cfeaf5")),
        line=1.2,
    )
    middle, wide = (left + right) / 2, min(1.75, (right - left) * 0.48)
    peak = curve((middle - wide, low + 0.3), (middle - 0.5, low + 0.7, middle - 0.22, top - 0.2), (middle + 0.22, top - 0.2),
                 (middle + 0.5, low + 0.7, middle + wide, low + 0.3))  # fmt: skip
    stage.shape(peak, (stage.tone("#5f8fc0"), stage.tone("#3f6fa0")), line=1.1)
    snow = [(middle - 0.22, top - 0.2), (middle - 0.52, top - 0.66), (middle - 0.3, top - 0.54), (middle - 0.1, top - 0.72),
            (middle + 0.12, top - 0.54), (middle + 0.3, top - 0.7), (middle + 0.5, top - 0.64), (middle + 0.22, top - 0.2)]  # fmt: skip
    stage.poly(snow, stage.tone("#fdfdf8"), line=0.8)
    stage.rect(left, low, right, low + 0.36, stage.tone("#5aa9cf"), line=0.8)
    x = left + 0.2
    while x < right - 0.4:
        stage.stroke(
            [(x, low + 0.14), (x + 0.14, low + 0.2), (x + 0.3, low + 0.14)],
            0.9,
            stage.tone("#e8f6fb"),
        )
        x += 0.5
    for x, y in ((left + 0.35, top - 0.4), (right - 0.5, top - 0.75)):
        for dx, size in ((-0.16, 0.1), (0.0, 0.14), (0.17, 0.1)):
            stage.oval(x + dx, y, size * 1.3, size, stage.tone("#ffffff"), line=0)


def _tiles(stage: Stage, span: tuple[float, float], high: float, fill: str) -> None:
    ink = mix(fill, stage.palette.ink, 0.35)
    y = 0.0
    while y < high:
        stage.stroke([(span[0], y), (span[1], y)], 0.6, ink, 0.6)
        y += 0.18
    x = span[0]
    while x < span[1]:
        stage.stroke([(x, 0), (x, high)], 0.6, ink, 0.6)
        x += 0.18
    stage.rect(
        span[0], high - 0.12, span[1], high, mix(stage.palette.accent2, fill, 0.35), line=0.7
    )


def _taps(stage: Stage) -> None:
    """Mirrors and taps along a side wall."""
    p = stage.palette
    for z in (-0.4, 0.7, 1.8):
        if z - 0.3 > stage.near:
            stage.rect(
                z - 0.28,
                1.35,
                z + 0.28,
                2.0,
                (mix(p.haze, stage.tone("#ffffff"), 0.5), p.haze),
                line=1.0,
            )
            stage.bar(z, 0.72, z, 0.86, 0.05, p.metal)
            stage.oval(z - 0.1, 0.9, 0.05, 0.05, stage.tone("#d8443c"))
            stage.oval(z + 0.1, 0.9, 0.05, 0.05, stage.tone("#3f7fc1"))


def _basin(stage: Stage, room: Room, tile: str) -> None:
    """The bath along the back, full of steaming water."""
    water = mix(stage.tone("#6fc7d6"), stage.palette.sky_top, 0.2)
    z = (room.back - 1.35, room.back)
    stage.box((room.left, room.right), (0, 0.5), z, mix(tile, stage.tone("#7aa7b0"), 0.5))
    with stage.facing(z[0]):
        _tiles(stage, (room.left, room.right), 0.5, mix(tile, stage.tone("#7aa7b0"), 0.5))
    with stage.level(0.51):
        stage.rect(
            room.left + 0.1,
            z[0] + 0.16,
            room.right - 0.1,
            z[1],
            (water, mix(water, stage.tone("#ffffff"), 0.3)),
            line=0.9,
        )
        for share in (0.2, 0.45, 0.75):
            x = room.left + room.width * share
            stage.stroke([(x, z[0] + 0.5), (x + 0.4, z[0] + 0.5)], 0.9, stage.tone("#ffffff"), 0.7)
    for share in (0.25, 0.55, 0.82):
        x = room.left + room.width * share
        stage.moving(
            "steam",
            (x - 0.3, 0.6, z[0] + 0.4),
            (x + 0.3, 1.7, z[0] + 0.4),
            stage.tone("#ffffff"),
            amount=1.2,
        )


def mid(stage: Stage) -> None:
    """A stool and a stack of yellow pails."""
    room = _room(stage)
    x = room.left + 0.42
    stage.shadow(x, 1.1, 0.36, 0.2, 0.3)
    with stage.facing(1.1, x):
        for i in range(3):
            y = 0.2 * i
            pail = curve((-0.2, y + 0.24), (-0.15, y), (0.15, y), (0.2, y + 0.24))
            stage.shape(
                pail,
                (mix(stage.tone("#f2c23a"), stage.tone("#ffffff"), 0.2), stage.tone("#e2ad28")),
            )
            stage.rect(-0.21, y + 0.21, 0.21, y + 0.27, stage.tone("#f7d873"), line=0.9)
    x = room.right - 0.55
    stage.box(
        (x - 0.22, x + 0.22),
        (0.0, 0.3),
        (1.0, 1.3),
        mix(stage.palette.wood, stage.tone("#ffffff"), 0.3),
    )
