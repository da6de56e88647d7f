"""The broadcasting studio: a big screen, spotlights, a camera, the desk before whoever speaks.

Knows: what stands in a studio. Does not know: other places, cameras of films.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import mix
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.8, back=3.0, ceiling=3.2)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    wall = mix(stage.tone("#33406b"), p.fabric, 0.35)
    shell(
        stage, room,
        Finish(wall=wall, floor=mix(stage.tone("#4a4f66"), p.floor, 0.25), ceiling=mix(wall, p.dark, 0.6), flooring="concrete",
               skirting=mix(wall, p.dark, 0.4)),
    )  # fmt: skip
    with stage.facing(room.back):
        step = 0.42
        x = room.left + 0.1
        while x < room.right - 0.1:
            stage.rect(
                x,
                0.12,
                x + step - 0.12,
                room.ceiling - 0.25,
                mix(wall, stage.tone("#ffffff"), 0.07),
                line=0.6,
            )
            x += step
        _screen(stage, room)
    _lights(stage, room)


def _screen(stage: Stage, room: Room) -> None:
    """The screen behind: the set's lettering, or a turning world and a ticker."""
    p = stage.palette
    wide = min(2.7, room.width * 0.66)
    middle = (room.left + room.right) / 2
    left, right, low, top = middle - wide / 2, middle + wide / 2, 1.0, 2.55
    stage.rect(
        left - 0.07,
        low - 0.07,
        right + 0.07,
        top + 0.07,
        stage.tone("#20242f"),
        line=1.4,
        radius=0.05,
    )
    blue = mix(stage.tone("#2f7fc8"), p.accent2, 0.2)
    stage.rect(left, low, right, top, (mix(blue, stage.tone("#ffffff"), 0.3), blue), line=0.8)
    if stage.lettering:
        stage.write(
            stage.lettering,
            (left + 0.15, low + 0.4, right - 0.15, top - 0.15),
            stage.tone("#ffffff"),
        )
    else:
        x, y, r = middle, (low + top) / 2 + 0.14, 0.52
        stage.oval(x, y, r, r, mix(blue, stage.tone("#ffffff"), 0.55), line=1.0)
        for share in (0.3, 0.7, 1.0):
            box = skia.Rect.MakeLTRB(x - r * share, y - r, x + r * share, y + r)
            stage.canvas.drawOval(box, stage.pen(0.9, stage.tone("#ffffff")))
        for dy in (-0.26, 0.0, 0.26):
            half = (r * r - dy * dy) ** 0.5
            stage.stroke([(x - half, y + dy), (x + half, y + dy)], 0.9, stage.tone("#ffffff"))
    stage.rect(left, low, right, low + 0.26, stage.tone("#c8322c"), line=0.7)
    for i in range(5):
        x = left + 0.12 + i * (wide - 0.2) / 5
        stage.stroke(
            [(x, low + 0.13), (x + (wide - 0.2) / 7, low + 0.13)], 2.4, stage.tone("#fffaf0")
        )
    stage.moving(
        "screen", (left, low, room.back), (right, top, room.back), stage.tone("#ffffff"), amount=0.5
    )
    with_light = (right + 0.2, 2.3, min(right + 0.75, room.right - 0.08), 2.52)
    if with_light[2] - with_light[0] > 0.3:
        stage.rect(*with_light, stage.tone("#d8443c"), radius=0.03, line=1.1)
        stage.write(
            "ON AIR",
            (with_light[0] + 0.04, 2.32, with_light[2] - 0.04, 2.5),
            stage.tone("#ffffff"),
            most=1,
        )


def _lights(stage: Stage, room: Room) -> None:
    """A rail of spotlights under the ceiling."""
    p = stage.palette
    z = 1.4
    with stage.facing(z):
        stage.bar(room.left, 2.95, room.right, 2.95, 0.06, mix(p.dark, p.metal, 0.3))
    for share in (0.14, 0.38, 0.62, 0.86):
        x = room.left + room.width * share
        with stage.facing(z, x):
            stage.bar(0, 2.95, 0, 2.8, 0.03, p.dark)
            stage.poly(
                [(-0.1, 2.82), (0.1, 2.82), (0.17, 2.56), (-0.17, 2.56)], mix(p.dark, p.metal, 0.2)
            )
            stage.oval(0, 2.56, 0.15, 0.05, stage.tone("#fff3cf"), line=0.9)
        stage.cone(x, 2.55, z, 0.15, 1.8)
        stage.glow(x, 2.54, z, 0.5, stage.tone("#fff3dc"), 0.7)


def mid(stage: Stage) -> None:
    """A camera on its stand at the side."""
    p = stage.palette
    room = _room(stage)
    x, z = room.right - 0.45, 1.0
    stage.shadow(x, z, 0.4, 0.25, 0.35)
    with stage.facing(z, x):
        for foot in (-0.32, 0.0, 0.32):
            stage.bar(0, 0.95, foot, 0.02, 0.045, mix(p.dark, p.metal, 0.3))
        stage.rect(-0.26, 1.0, 0.28, 1.36, stage.tone("#3a3f4d"), radius=0.04, line=1.2)
        stage.rect(-0.46, 1.07, -0.24, 1.29, stage.tone("#2a2e3a"), line=1.1)
        stage.oval(-0.46, 1.18, 0.05, 0.12, mix(p.haze, stage.tone("#5aa2e0"), 0.5))
        stage.rect(-0.06, 1.36, 0.2, 1.48, stage.tone("#2a2e3a"), radius=0.02, line=1.0)
        stage.oval(0.18, 1.28, 0.03, 0.03, stage.tone("#e2503f"), line=0.6)


def front(stage: Stage) -> None:
    """The desk, low in the frame."""
    if stage.view.zoom > 1.6:
        return
    p = stage.palette
    z = -0.95
    left, right = stage.view.edges(z, overscan=True)
    top = mix(stage.tone("#e8ecf5"), p.paper, 0.4)
    with stage.facing(z):
        stage.rect(
            left,
            -0.5,
            right,
            0.25,
            (mix(stage.tone("#3f5a9c"), p.fabric, 0.2), mix(stage.tone("#2a3a68"), p.dark, 0.2)),
        )
        stage.rect(left, 0.02, right, 0.1, p.accent, line=0.7)
        stage.rect(left, 0.25, right, 0.32, top)
