"""The surgery: an examination bed, a chart of letters, a cabinet, a screen on wheels.

Knows: what stands in a surgery. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, Window, beams, room_of, shell, window
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.2, back=2.9, ceiling=2.8)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    wall = mix(stage.tone("#e9f3ef"), p.wall, 0.25)
    shell(
        stage, room,
        Finish(wall=wall, floor=mix(stage.tone("#b9cbc9"), p.floor, 0.25), flooring="tiles", dado=mix(stage.tone("#a9d3cb"), p.wall, 0.25),
               dado_height=1.0, skirting=mix(stage.tone("#7fa9a4"), p.dark, 0.2)),
    )  # fmt: skip
    panes = (Window(0.2, 1.1, 1.7, 2.3, 2, 1, "city"),)
    with stage.side(room.left):
        window(stage, panes[0])
    with stage.facing(room.back):
        _chart(stage, room)
        _cabinet(stage, room)
    hangings.clock(stage, room.left + room.width * 0.55, 2.3, 0.15, room.back)
    f.ceiling_light(stage, (room.left + room.right) / 2, 1.6, room.ceiling - 0.02, 0.55)
    if stage.light.key < 0:
        beams(stage, room, panes, "side")


def _chart(stage: Stage, room: Room) -> None:
    """Letters that get smaller, or the set's lettering on a door sign."""
    p = stage.palette
    x = room.left + room.width * 0.3
    stage.rect(x - 0.34, 1.2, x + 0.34, 2.3, stage.tone("#fffdf8"), line=1.2)
    y = 2.06
    for row, size in (
        ("E", 0.2),
        ("F P", 0.15),
        ("T O Z", 0.11),
        ("L P E D", 0.085),
        ("P E C F D", 0.06),
    ):
        stage.write(row, (x - 0.3, y - size / 2, x + 0.3, y + size / 2), p.ink, most=1)
        y -= size + 0.06
    if stage.lettering:
        box = (room.left + room.width * 0.62, 2.0, room.right - 0.1, 2.45)
        hangings.sign(
            stage,
            box,
            stage.lettering,
            fill=stage.tone("#fffdf8"),
            ink=stage.tone("#2f7f78"),
            rim=stage.tone("#2f7f78"),
        )


def _cabinet(stage: Stage, room: Room) -> None:
    """Glass doors with bottles, and a red cross."""
    p = stage.palette
    left, right = room.left + room.width * 0.64, room.right - 0.1
    stage.rect(left, 0, right, 1.85, mix(stage.tone("#ffffff"), p.wall, 0.15), line=1.2)
    middle = (left + right) / 2
    for a, b in ((left + 0.06, middle - 0.03), (middle + 0.03, right - 0.06)):
        stage.rect(a, 0.95, b, 1.75, mix(p.haze, stage.tone("#ffffff"), 0.4), line=0.8)
        for y in (1.0, 1.38):
            f.bottles(stage, a + 0.01, b, y, f.SPINES[:6])
            stage.rect(a, y - 0.03, b, y, p.metal, line=0.6)
        stage.rect(a, 0.1, b, 0.86, mix(stage.tone("#dbe9e6"), p.wall, 0.2), line=0.8)
        stage.oval(b - 0.06, 0.5, 0.025, 0.025, p.metal)
    stage.rect(middle - 0.05, 0.34, middle + 0.05, 0.66, stage.tone("#d8443c"), line=0)
    stage.rect(middle - 0.16, 0.45, middle + 0.16, 0.55, stage.tone("#d8443c"), line=0)


def mid(stage: Stage) -> None:
    """The bed on one side, and the screen on its wheels behind it."""
    p = stage.palette
    room = _room(stage)
    x0, x1 = room.left + 0.05, room.left + min(1.5, room.width * 0.42)
    f.shadow_under(stage, (x0, x1), (1.1, 1.75))
    for x in (x0 + 0.06, x1 - 0.1):
        stage.box((x, x + 0.05), (0, 0.6), (1.15, 1.2), p.metal)
    stage.box((x0, x1), (0.58, 0.74), (1.1, 1.75), mix(stage.tone("#4f9d94"), p.fabric, 0.3))
    with stage.facing(1.1):
        stage.rect(x0, 0.62, x0 + 0.36, 0.86, stage.tone("#fffdf8"), radius=0.07)
    z, left, right = 1.9, x1 + 0.02, min(x1 + 0.62, room.right - 0.7)
    if right - left > 0.35:
        with stage.facing(z):
            for x in (left, right):
                stage.bar(x, 0.06, x, 1.6, 0.03, p.metal)
                stage.oval(x, 0.05, 0.05, 0.05, p.dark)
            f.curtain(stage, left, right, 0.3, 1.55, mix(stage.tone("#9fcfe0"), p.paper, 0.3))
