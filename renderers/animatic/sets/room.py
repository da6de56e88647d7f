"""The shell of a room: walls, floor, ceiling, windows with the weather, light that falls in.

Knows: how rooms are built and lit. Does not know: which room it is, furniture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.paths import polygon
from renderers.animatic.sets.outside import Outlook, outlook
from renderers.animatic.sets.stage import Stage
from renderers.animatic.sets.view import DISTANCE, SetSize, metre

Flooring = Literal["boards", "tiles", "carpet", "concrete"]


@dataclass(frozen=True, slots=True)
class Room:
    """Walls at x = `left`, `right` and z = `back`; height `ceiling`. All in metres."""

    left: float
    right: float
    back: float
    ceiling: float

    @property
    def width(self) -> float:
        return self.right - self.left


def room_of(stage: Stage, half: float = 3.4, back: float = 3.0, ceiling: float = 2.9) -> Room:
    """A room that shows a slice of both side walls in any aspect.

    Its walls do not move with the shot's scale: the same room in every shot of a film.
    """
    view = stage.view
    full = metre(SetSize(view.width, view.height)) * view.height
    seen = view.width / 2 / full * (DISTANCE + back) / DISTANCE
    return Room(-min(half, seen * 0.7), min(half, seen * 0.88), back, ceiling)


@dataclass(frozen=True, slots=True)
class Finish:
    """The surfaces of a room; "" takes the palette's own."""

    wall: str = ""
    floor: str = ""
    ceiling: str = ""
    flooring: Flooring = "boards"
    dado: str = ""
    """Colour of panelling on the lower wall; "" for none."""
    dado_height: float = 1.0
    skirting: str = ""
    panels: bool = False
    """Vertical grooves in the dado."""


def shell(stage: Stage, room: Room, finish: Finish) -> None:
    """Paint floor, walls and ceiling, shaded towards the corners."""
    p = stage.palette
    wall = finish.wall or p.wall
    floor(stage, room, finish.floor or p.floor, finish.flooring)
    shade = mix(wall, "#2a2048", 0.2)
    key = stage.light.key
    near = stage.near
    for x, sunny in ((room.left, key > 0), (room.right, key < 0)):
        side = mix(wall, stage.light.key_colour, 0.12) if sunny else mix(wall, "#2a2048", 0.13)
        with stage.side(x):
            _wall_gradient(stage, near, room, side)
            _dado(stage, (near, room.back), finish)
    with stage.facing(room.back):
        stage.rect(room.left, 0, room.right, room.ceiling, (mix(wall, shade, 0.5), wall), line=0)
        _corner_shade(stage, room)
        _dado(stage, (room.left, room.right), finish)
    if stage.below(room.ceiling):
        top = finish.ceiling or mix(wall, p.paper, 0.45)
        with stage.level(room.ceiling):
            box = skia.Rect.MakeLTRB(room.left, near, room.right, room.back)
            paint = stage.paint((mix(top, "#2a2048", 0.22), top), 1.0, room.back, near)
            stage.canvas.drawRect(box, paint)
            _coffers(stage, room, mix(top, "#2a2048", 0.5))
    _edges(stage, room)


def _coffers(stage: Stage, room: Room, ink: str) -> None:
    """The panels of a ceiling: seen from below it would be an empty half of the picture."""
    near, across = stage.near, max(2, round(room.width / 1.1))
    for i in range(1, across):
        x = room.left + room.width * i / across
        stage.stroke([(x, near), (x, room.back)], 1.0, ink, 0.45)
    z = room.back - 0.9
    while z > near:
        stage.stroke([(room.left, z), (room.right, z)], 1.0, ink, 0.45)
        z -= 0.9


def _wall_gradient(stage: Stage, near: float, room: Room, fill: str) -> None:
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(room.back, 0), skia.Point(room.back - 3.5, 0)],
        colors=[argb(mix(fill, "#2a2048", 0.16)), argb(fill)],
    )
    box = skia.Rect.MakeLTRB(near, 0, room.back, room.ceiling)
    stage.canvas.drawRect(box, skia.Paint(AntiAlias=True, Shader=shader))


def _corner_shade(stage: Stage, room: Room) -> None:
    """Soft darkening where the back wall meets the side walls."""
    for x, inward in ((room.left, 1.0), (room.right, -1.0)):
        shader = skia.GradientShader.MakeLinear(
            points=[skia.Point(x, 0), skia.Point(x + 0.7 * inward, 0)],
            colors=[argb("#2a2048", 0.16), argb("#2a2048", 0.0)],
        )
        box = skia.Rect.MakeLTRB(
            min(x, x + 0.7 * inward), 0, max(x, x + 0.7 * inward), room.ceiling
        )
        stage.canvas.drawRect(box, skia.Paint(Shader=shader))


def _dado(stage: Stage, span: tuple[float, float], finish: Finish) -> None:
    start, end = span
    board = finish.skirting or mix(finish.dado or stage.palette.wood, stage.palette.paper, 0.12)
    if finish.dado:
        high = finish.dado_height
        stage.rect(start, 0, end, high, (finish.dado, mix(finish.dado, "#241a40", 0.14)), line=0)
        if finish.panels:
            step = 0.3
            x = step * round(start / step)
            while x < end:
                if x > start:
                    stage.stroke([(x, 0.12), (x, high)], 0.7, alpha=0.35)
                x += step
        stage.rect(start, high, end, high + 0.06, mix(finish.dado, "#ffffff", 0.18), line=0.8)
    stage.rect(start, 0, end, 0.11, board, line=0.8)


def _edges(stage: Stage, room: Room) -> None:
    """Ink where walls meet."""
    near = stage.near
    for x in (room.left, room.right):
        with stage.facing(room.back):
            stage.stroke([(x, 0), (x, room.ceiling)], 1.0, alpha=0.8)
        with stage.side(x):
            stage.stroke([(near, room.ceiling), (room.back, room.ceiling)], 1.0, alpha=0.8)
            stage.stroke([(near, 0), (room.back, 0)], 1.0, alpha=0.8)
    with stage.facing(room.back):
        stage.stroke([(room.left, room.ceiling), (room.right, room.ceiling)], 1.0, alpha=0.8)
        stage.stroke([(room.left, 0), (room.right, 0)], 1.0)


def floor(stage: Stage, room: Room, fill: str, flooring: Flooring) -> None:
    near, back = stage.near, room.back
    left, right = room.left, room.right
    with stage.level():
        box = skia.Rect.MakeLTRB(left, near, right, back)
        paint = stage.paint((mix(fill, "#241a40", 0.26), mix(fill, "#fff2d6", 0.06)), 1.0, back, 0)
        stage.canvas.drawRect(box, paint)
        if flooring == "boards":
            _boards(stage, room, fill)
        elif flooring == "tiles":
            _tiles(stage, room, fill)
        elif flooring == "concrete":
            _cracks(stage, room)


def _boards(stage: Stage, room: Room, fill: str) -> None:
    step, near = 0.34, stage.near
    rng = stage.random
    count = int(room.width / step) + 1
    for i in range(count):
        x = room.left + i * step
        right = min(x + step, room.right)
        tone = rng.choice((0.0, 0.05, 0.1))
        if tone:
            box = skia.Rect.MakeLTRB(x, near, right, room.back)
            stage.canvas.drawRect(box, stage.paint("#2a1838", tone))
        if i:
            stage.stroke([(x, near), (x, room.back)], 0.8, mix(fill, stage.palette.ink, 0.6), 0.6)
        z = room.back - rng.uniform(0.3, 1.6)
        while z > near:
            stage.stroke([(x, z), (right, z)], 0.8, mix(fill, stage.palette.ink, 0.6), 0.5)
            z -= rng.uniform(1.3, 2.2)


def _tiles(stage: Stage, room: Room, fill: str) -> None:
    step, near = 0.5, stage.near
    rows = int((room.back - near) / step) + 1
    for row in range(rows):
        z1 = room.back - row * step
        z0 = max(near, z1 - step)
        for col in range(int(room.width / step) + 1):
            x = room.left + col * step
            if (row + col) % 2:
                box = skia.Rect.MakeLTRB(x, z0, min(x + step, room.right), z1)
                stage.canvas.drawRect(box, stage.paint(mix(fill, "#ffffff", 0.35), 0.42))
        stage.stroke([(room.left, z0), (room.right, z0)], 0.6, alpha=0.18)


def _cracks(stage: Stage, room: Room) -> None:
    rng = stage.random
    for _ in range(7):
        x, z = rng.uniform(room.left, room.right), rng.uniform(-0.5, room.back)
        points = [(x, z)]
        for _ in range(3):
            x, z = x + rng.uniform(-0.25, 0.25), z + rng.uniform(-0.3, 0.3)
            points.append((x, z))
        stage.stroke(points, 0.7, alpha=0.3)


@dataclass(frozen=True, slots=True)
class Window:
    """A window on a plane: its box, how many panes across and up, and what is outside."""

    left: float
    bottom: float
    right: float
    top: float
    across: int = 2
    up: int = 2
    outside: Outlook = "city"
    sill: bool = True
    frame: str = ""


def window(stage: Stage, w: Window) -> None:
    """Draw a window on the current plane."""
    frame = w.frame or mix(stage.palette.wood, stage.palette.paper, 0.25)
    stage.rect(w.left - 0.07, w.bottom - 0.07, w.right + 0.07, w.top + 0.07, frame)
    outlook(stage, (w.left, w.bottom, w.right, w.top), w.outside)
    _glass(stage, w)
    for i in range(1, w.across):
        x = w.left + (w.right - w.left) * i / w.across
        stage.rect(x - 0.022, w.bottom, x + 0.022, w.top, frame, line=0.7)
    for i in range(1, w.up):
        y = w.bottom + (w.top - w.bottom) * i / w.up
        stage.rect(w.left, y - 0.022, w.right, y + 0.022, frame, line=0.7)
    box = skia.Rect.MakeLTRB(w.left, w.bottom, w.right, w.top)
    stage.canvas.drawRect(box, stage.pen())
    if w.sill:
        stage.rect(
            w.left - 0.14,
            w.bottom - 0.13,
            w.right + 0.14,
            w.bottom - 0.05,
            mix(frame, "#ffffff", 0.2),
        )


def _glass(stage: Stage, w: Window) -> None:
    """Two slanted reflections."""
    stage.canvas.save()
    stage.canvas.clipRect(skia.Rect.MakeLTRB(w.left, w.bottom, w.right, w.top), True)
    high = w.top - w.bottom
    for start, thick in ((0.12, 0.16), (0.36, 0.06)):
        x = w.left + (w.right - w.left) * start
        points = [
            (x, w.bottom),
            (x + thick * high, w.bottom),
            (x + (thick + 0.5) * high, w.top),
            (x + 0.5 * high, w.top),
        ]
        stage.poly(points, "#ffffff", line=0, alpha=0.16)
    stage.canvas.restore()


def beams(
    stage: Stage, room: Room, windows: tuple[Window, ...], wall: Literal["back", "side"]
) -> None:
    """Light that falls in through windows: patches on the floor, and the air it lights.

    `wall` "side" means the wall the key light comes from.
    """
    light = stage.light
    if light.shaft <= 0:
        return
    for w in windows:
        patch = (
            _patch(room, w, light.slant, light.key)
            if wall == "back"
            else _cross_patch(room, w, light.slant, light.key)
        )
        with stage.level():
            stage.canvas.drawPath(polygon(patch), _screen(light.key_colour, light.shaft * 0.55))
        _shaft(stage, room, w, patch, wall)


def _screen(name: str, alpha: float) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=argb(name, alpha), BlendMode=skia.BlendMode.kScreen)


def _patch(room: Room, w: Window, slant: float, key: float) -> list[tuple[float, float]]:
    """Floor corners of the light of a back window, in (x, z)."""
    shift = -key * slant * 0.35
    reach = 0.55 + 0.5 * slant
    far, near = room.back - w.bottom * reach * 0.8, room.back - w.top * reach
    return [
        (w.left + shift * 0.5, far),
        (w.right + shift * 0.5, far),
        (w.right + shift, near),
        (w.left + shift, near),
    ]


def _cross_patch(room: Room, w: Window, slant: float, key: float) -> list[tuple[float, float]]:
    """Floor corners of the light of a side window, in (x, z); `w` spans z."""
    x = room.left if key < 0 else room.right
    near, far = x - key * w.bottom * slant * 0.7, x - key * w.top * slant * 0.8
    return [(near, w.left), (near, w.right), (far, w.right - 0.25), (far, w.left - 0.25)]


def _shaft(
    stage: Stage,
    room: Room,
    w: Window,
    patch: list[tuple[float, float]],
    wall: Literal["back", "side"],
) -> None:
    """The lit air between a window and its patch, as soft slanted bands."""
    view, light = stage.view, stage.light
    if wall == "back":
        tops = [view.at(w.left, w.top, room.back), view.at(w.right, w.top, room.back)]
    else:
        x = room.left if light.key < 0 else room.right
        first, last = max(w.left, stage.near), max(w.right, stage.near)
        tops = [view.at(x, w.top, last), view.at(x, w.top, first)]
    feet = [view.at(x, 0, max(z, stage.near)) for x, z in (patch[2], patch[3])]
    points = [tops[0], tops[1], feet[0], feet[1]]
    shader = skia.GradientShader.MakeLinear(
        points=[tops[0], feet[1]],
        colors=[argb(light.key_colour, light.shaft * 0.34), argb(light.key_colour, 0.0)],
    )
    paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
    stage.canvas.drawPath(polygon([(q.x(), q.y()) for q in points]), paint)
