"""The cinema: a glowing screen between curtains, rows of seats, sconces, seat backs in front.

Knows: what stands in a cinema. Does not know: other places, cameras.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.paths import curve
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage

_NIGHT = "#120c26"


def _room(stage: Stage) -> Room:
    return room_of(stage, half=4.2, back=4.6, ceiling=3.6)


def _dim(name: str, share: float = 0.55) -> str:
    """Paint as it looks with the house lights down."""
    return mix(name, _NIGHT, share)


def far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    wall = _dim(mix(p.fabric, p.accent, 0.3), 0.55)
    shell(
        stage,
        room,
        Finish(
            wall=wall,
            floor=_dim(mix(p.accent, p.wood, 0.5), 0.6),
            ceiling=_dim(p.wall, 0.8),
            flooring="carpet",
            dado=_dim(p.wood, 0.55),
            dado_height=0.8,
            panels=True,
        ),
    )
    _sconces(stage, room)
    _screen(stage, room)
    _curtains(stage, room)
    _beam(stage, room)


def _screen(stage: Stage, room: Room) -> None:
    """The lit screen: a landscape of the film within the film, or the lettering."""
    p = stage.palette
    z = room.back
    inset = room.width * 0.12
    box = (room.left + inset, 1.15, room.right - inset, 3.0)
    glow = mix("#eaf4ff", p.accent2, 0.16)
    with stage.facing(z):
        stage.rect(box[0] - 0.08, box[1] - 0.08, box[2] + 0.08, box[3] + 0.08, "#0c0816")
        stage.rect(*box, (glow, mix(glow, p.sky_top, 0.5)), line=0)
        stage.canvas.save()
        stage.canvas.clipRect(skia.Rect.MakeLTRB(*box), True)
        middle, wide = (box[0] + box[2]) / 2, box[2] - box[0]
        stage.oval(middle + wide * 0.18, 2.3, 0.34, 0.34, "#fff3c9", line=0)
        for rise, tone in ((0.75, 0.35), (0.5, 0.65)):
            ridge = curve(
                (box[0], 1.15), (box[0], 1.15 + rise * 0.8),
                (box[0] + wide * 0.3, 1.15 + rise * 1.7, box[0] + wide * 0.5, 1.15 + rise * 0.7),
                (box[0] + wide * 0.75, 1.15 + rise * 1.5, box[2], 1.15 + rise * 0.6), (box[2], 1.15),
            )  # fmt: skip
            stage.shape(ridge, mix(glow, p.fabric, tone), line=0)
        stage.canvas.restore()
        if stage.lettering:
            room_for = (box[0] + wide * 0.1, 1.75, box[2] - wide * 0.1, 2.85)
            stage.write(stage.lettering, room_for, mix(p.fabric, "#0c0816", 0.6), face="serif")
    stage.moving("screen", (box[0], box[1], z), (box[2], box[3], z), "#ffffff", amount=2.0)
    centre = stage.view.at((box[0] + box[2]) / 2, 2.0, z)
    reach = room.width * 0.75 * stage.view.scale(z)
    for rx, ry, alpha in ((reach, reach * 0.75, 0.26), (reach * 0.6, reach * 0.9, 0.14)):
        shader = skia.GradientShader.MakeRadial(
            center=skia.Point(0, 0), radius=1.0, colors=[argb(glow, alpha), argb(glow, 0)]
        )
        stage.canvas.save()
        stage.canvas.translate(centre.x(), centre.y())
        stage.canvas.scale(rx, ry)
        stage.canvas.drawCircle(
            0, 0, 1, skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kScreen)
        )
        stage.canvas.restore()


def _curtains(stage: Stage, room: Room) -> None:
    p = stage.palette
    red = _dim(p.accent, 0.28)
    with stage.facing(room.back - 0.1):
        for start, way in ((room.left, 1), (room.right, -1)):
            wide = room.width * 0.13
            folds = 5
            for i in range(folds):
                x = start + way * wide * i / folds
                end = start + way * wide * (i + 1) / folds
                fold = curve((x, 0.35), (x, 3.3), (end, 3.3), (end - way * 0.03, 1.8, end, 0.35))
                stage.shape(fold, (red, mix(red, _NIGHT, 0.35 if i % 2 else 0.12)), line=0.8)
        stage.rect(room.left, 3.1, room.right, 3.6, mix(red, _NIGHT, 0.2))
        count = 11
        step = room.width / count
        for i in range(count):
            x = room.left + i * step
            swag = curve((x, 3.16), (x + step / 2, 2.82, x + step, 3.16))
            stage.shape(swag, (red, mix(red, _NIGHT, 0.3)), line=0.9)
        stage.rect(room.left, 0, room.right, 0.4, _dim(p.wood, 0.4))
        stage.rect(room.left, 0.38, room.right, 0.44, _dim(p.accent2, 0.25), line=0.8)


def _sconces(stage: Stage, room: Room) -> None:
    """Fans of light on both side walls."""
    p = stage.palette
    for x in (room.left, room.right):
        for z in (0.6, 2.3, 4.0):
            with stage.side(x):
                shader = skia.GradientShader.MakeRadial(
                    center=skia.Point(z, 1.9),
                    radius=1.0,
                    colors=[argb(p.light, 0.5), argb(p.light, 0)],
                )
                paint = skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kScreen)
                stage.canvas.drawCircle(z, 1.9, 1.0, paint)
                cup = curve((z - 0.16, 2.0), (z - 0.06, 1.72), (z + 0.06, 1.72), (z + 0.16, 2.0))
                stage.shape(cup, (mix(p.light, "#ffffff", 0.4), p.accent2))


def _beam(stage: Stage, room: Room) -> None:
    """The projector's beam overhead."""
    view = stage.view
    top = view.at(0.2, 3.5, stage.near + 0.6)
    left, right = (
        view.at(room.left * 0.7, 2.7, room.back),
        view.at(room.right * 0.7, 2.9, room.back),
    )
    path = curve((top.x(), top.y()), (left.x(), left.y()), (right.x(), right.y()))
    shader = skia.GradientShader.MakeLinear(
        points=[top, left], colors=[argb("#eaf4ff", 0.24), argb("#eaf4ff", 0.02)]
    )
    paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
    stage.canvas.drawPath(path, paint)
    stage.moving("dust", (room.left * 0.6, 1.8, 2.0), (room.right * 0.6, 3.2, 2.0), "#ffffff")


def mid(stage: Stage) -> None:
    """Rows of seats towards the screen."""
    room = _room(stage)
    for z in (3.3, 2.2, 1.1):
        _row(stage, room, z, 0.35)


def _row(stage: Stage, room: Room, z: float, dark: float) -> None:
    p = stage.palette
    left, right = stage.view.edges(z, overscan=True)
    body = _dim(p.accent, dark)
    with stage.facing(z):
        step = 0.62
        x = step * int(max(left, room.left + 0.1) / step) - step / 2 * (int(z * 10) % 2)
        while x < min(right, room.right - 0.1):
            seat = curve(
                (x - 0.27, 0), (x - 0.27, 0.78), (x - 0.26, 0.98, x, 0.98),
                (x + 0.26, 0.98, x + 0.27, 0.78), (x + 0.27, 0),
            )  # fmt: skip
            stage.shape(seat, (mix(body, "#fff0d8", 0.16), mix(body, _NIGHT, 0.35)))
            stage.rect(x - 0.2, 0.18, x + 0.2, 0.62, mix(body, _NIGHT, 0.2), line=0.6, radius=0.05)
            stage.rect(x + 0.27, 0.3, x + 0.35, 0.6, _dim(p.wood, 0.4), radius=0.03, line=0.8)
            x += step


def front(stage: Stage) -> None:
    """Backs of the seats before the actors, and the dark edge of the row."""
    z = -1.1
    if stage.view.zoom > 1.6:
        return
    p = stage.palette
    left, right = stage.view.edges(z, overscan=True)
    body = _dim(p.accent, 0.62)
    with stage.facing(z, y=-0.62):
        x = left - 0.2
        while x < right + 0.4:
            seat = curve(
                (x - 0.25, -0.6), (x - 0.25, 0.78), (x - 0.24, 0.98, x, 0.98),
                (x + 0.24, 0.98, x + 0.25, 0.78), (x + 0.25, -0.6),
            )  # fmt: skip
            stage.shape(seat, (mix(body, "#cfe0ff", 0.18), mix(body, _NIGHT, 0.5)))
            x += 0.58
