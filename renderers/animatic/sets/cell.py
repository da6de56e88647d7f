"""The cell.

Knows: bars, bunk and the high window. Does not know: other places,
cameras.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets.room import Finish, Room, Window, room_of, shell, window
from renderers.animatic.sets.stage import Stage


def _cell(stage: Stage) -> Room:
    return room_of(stage, half=2.2, back=2.5, ceiling=2.75)


def cell_far(stage: Stage) -> None:
    p = stage.palette
    room = _cell(stage)
    wall = mix(p.stone, p.fabric, 0.28)
    shell(
        stage,
        room,
        Finish(
            wall=wall,
            floor=mix(p.stone, p.dark, 0.3),
            ceiling=mix(wall, p.dark, 0.3),
            flooring="concrete",
            skirting=mix(p.stone, p.dark, 0.5),
        ),
    )
    with stage.facing(room.back):
        _bricks(stage, (room.left, room.right), room.ceiling, wall)
        _tally(stage, room.left + room.width * 0.64, 1.92)
        if stage.lettering:
            box = (room.left + room.width * 0.2, 1.28, room.left + room.width * 0.84, 1.8)
            stage.write(stage.lettering, box, "#e4e4ee", alpha=0.9)
    with stage.side(room.right):
        _bricks(stage, (stage.near, room.back), room.ceiling, wall)
    high = _barred_window(stage, room)
    _gate(stage, room)
    _shaft(stage, room, high)
    stage.moving(
        "dust",
        (room.left * 0.6, 0.3, 1.5),
        (room.right * 0.5, 2.2, 1.5),
        stage.light.key_colour,
        amount=0.8,
    )


def _bricks(stage: Stage, span: tuple[float, float], high: float, fill: str) -> None:
    """Courses of block, with only some joints drawn."""
    rng = stage.random
    ink = mix(fill, stage.palette.ink, 0.5)
    row, y = 0, 0.3
    while y < high:
        stage.stroke([(span[0], y), (span[1], y)], 0.7, ink, 0.5)
        x = span[0] + (0.35 if row % 2 else 0.0)
        while x < span[1]:
            if x > span[0]:
                stage.stroke([(x, y - 0.3), (x, y)], 0.7, ink, 0.5)
            if rng.random() < 0.16:
                box = skia.Rect.MakeLTRB(x, y - 0.3, min(x + 0.7, span[1]), y)
                stage.canvas.drawRect(box, stage.paint(rng.choice(("#ffffff", "#1c1430")), 0.07))
            x += 0.7
        row, y = row + 1, y + 0.3


def _tally(stage: Stage, x: float, y: float) -> None:
    """Days counted on the wall."""
    chalk = mix(stage.palette.paper, "#e4e4ee", 0.5)
    for group in range(3):
        gx, gy = x + 0.3 * (group % 2), y + 0.26 * (group // 2)
        strokes = 4 if group < 2 else 3
        for i in range(strokes):
            stage.stroke(
                [(gx + i * 0.045, gy), (gx + i * 0.045 + 0.01, gy + 0.17)], 1.3, chalk, 0.85
            )
        if strokes == 4:
            stage.stroke([(gx - 0.03, gy + 0.03), (gx + 0.18, gy + 0.14)], 1.3, chalk, 0.85)


def _barred_window(stage: Stage, room: Room) -> tuple[float, float, float, float]:
    p = stage.palette
    middle = room.left + room.width * 0.36
    box = (middle - 0.34, 1.95, middle + 0.34, 2.5)
    with stage.facing(room.back):
        stage.rect(
            box[0] - 0.1, box[1] - 0.1, box[2] + 0.1, box[3] + 0.1, mix(p.stone, p.dark, 0.35)
        )
        window(stage, Window(*box, 1, 1, "sky", sill=False, frame=mix(p.stone, p.dark, 0.5)))
        for i in range(1, 5):
            x = box[0] + (box[2] - box[0]) * i / 5
            stage.bar(x, box[1], x, box[3], 0.03, p.dark)
    return box


def _shaft(stage: Stage, room: Room, box: tuple[float, float, float, float]) -> None:
    """The beam from the high window, cut by its bars."""
    light, view = stage.light, stage.view
    lean = -light.key * 0.5 * light.slant
    for i in range(5):
        a = box[0] + (box[2] - box[0]) * (i + 0.1) / 5
        b = box[0] + (box[2] - box[0]) * (i + 0.85) / 5
        top = [view.at(a, box[3], room.back), view.at(b, box[3], room.back)]
        foot = [view.at(b * 1.25 + lean, 0, 0.7), view.at(a * 1.25 + lean, 0, 0.7)]
        path = curve(*((q.x(), q.y()) for q in (*top, *foot)))
        shader = skia.GradientShader.MakeLinear(
            points=[top[0], foot[0]],
            colors=[argb(light.key_colour, 0.42), argb(light.key_colour, 0.08)],
        )
        paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
        stage.canvas.drawPath(path, paint)


def _gate(stage: Stage, room: Room) -> None:
    """The barred side: a lit corridor behind bars."""
    p = stage.palette
    start, end = max(-1.4, stage.near), room.back - 0.25
    with stage.side(room.left):
        glow = mix(p.light, p.wall, 0.35)
        stage.rect(start, 0, end, 2.4, (mix(glow, p.dark, 0.35), mix(glow, p.dark, 0.55)))
        stage.rect(start, 0, end, 0.5, mix(p.dark, p.stone, 0.3), line=0)
        x = start
        while x < end:
            stage.bar(x, 0, x, 2.4, 0.045, mix(p.dark, p.metal, 0.3))
            x += 0.2
        for y in (0.08, 1.1, 2.36):
            stage.rect(start, y, end, y + 0.07, mix(p.dark, p.metal, 0.35), line=0.9)


def cell_mid(stage: Stage) -> None:
    """Bunk, blanket, bucket and basin."""
    p = stage.palette
    room = _cell(stage)
    steel = mix(p.metal, p.dark, 0.35)
    x0, x1 = room.right - min(0.95, room.width * 0.4), room.right
    f.shadow_under(stage, (x0, x1), (0.8, 2.4))
    stage.box((x0, x1), (0.38, 0.46), (0.8, 2.4), steel)
    for z in (2.3, 0.82):
        with stage.facing(z):
            stage.bar(x0 + 0.04, 0, x0 + 0.04, 0.9 if z > 2 else 0.4, 0.04, steel)
    stage.box((x0 + 0.02, x1), (0.46, 0.6), (0.82, 2.36), mix(p.paper, p.stone, 0.4))
    stage.box((x0, x1), (0.44, 0.63), (0.8, 1.55), mix(p.fabric, p.stone, 0.25))
    with stage.facing(2.0):
        stage.rect(x0 + 0.1, 0.6, x1 - 0.05, 0.76, p.paper, radius=0.07)
    stage.shadow(room.left + room.width * 0.3, 1.9, 0.22, 0.14)
    with stage.facing(1.9, room.left + room.width * 0.3):
        stage.poly([(-0.16, 0.34), (-0.12, 0), (0.12, 0), (0.16, 0.34)], mix(p.metal, p.stone, 0.2))
        stage.oval(0, 0.34, 0.16, 0.035, mix(p.dark, p.metal, 0.4))


def cell_front(stage: Stage) -> None:
    """Bars between us and them, at the sides only: faces stay free."""
    if stage.view.zoom > 2.2:
        return
    p = stage.palette
    z = -1.0 if stage.view.zoom < 1.2 else -0.45
    if not stage.view.visible(z - 0.1):
        return
    left, right = stage.view.edges(z, overscan=True)
    seen_left, seen_right = stage.view.edges(z)
    wide = seen_right - seen_left
    bar = mix(p.dark, "#0a0618", 0.3)
    with stage.facing(z):
        thick = wide * 0.028
        for share in (-0.1, 0.035, 0.17, 0.83, 0.965, 1.1):
            x = seen_left + wide * share
            stage.bar(x, -1.0, x, 4.0, thick, bar)
            stage.stroke(
                [(x - thick * 0.22, -1.0), (x - thick * 0.22, 4.0)],
                1.2,
                mix(bar, "#ffffff", 0.35),
                0.8,
            )
        if stage.view.zoom > 1.2:
            return
        low = 0.12
        stage.rect(left, low - 0.05, seen_left + wide * 0.19, low + 0.05, bar)
        stage.rect(seen_left + wide * 0.81, low - 0.05, right, low + 0.05, bar)
