"""Inserts: one thing in close-up on a table, or in somebody's hands with no head in the picture.

Knows: how large and where, the table, how a thing comes to rest. Does not know: which film shows
which thing, how a thing or an actor is drawn.
"""

from __future__ import annotations

import math
from dataclasses import replace

import skia

from renderers.animatic.acting import held_name
from renderers.animatic.framing import Placement
from renderers.animatic.held import UNITS_PER_METRE, prop_bounds
from renderers.animatic.ink import INK, Brush, linear, shaded
from renderers.animatic.inset_view import Sprite, sprite_of
from renderers.animatic.palette import Palette
from renderers.animatic.pose import Arm, Pose
from renderers.animatic.props import PICTURED, draw_prop, drawn_state, find_prop, prop_metres
from renderers.animatic.theme import brush_for, toned
from renderers.animatic.view import View
from renderers.scene import Look, Prop, Scene

HANDS = Pose(Arm(-150, 470, "fist", angle=10.0), Arm(92, 452, "grip", angle=-50.0), act="nod")
"""A thing held up before the body."""
_SEEN_AT = 0.43
"""Where such a hand is, as a share of the picture's height."""
_EDGE = 0.56
"""Where the table's far edge is."""
_STEAMS = frozenset(
    {"coffee cup", "ramen", "emoji:🍵", "emoji:☕", "emoji:🍜", "emoji:🍲", "emoji:🍛"}
)


def in_hands(scene: Scene, width: int, height: int) -> tuple[Placement, ...]:
    """The one figure, so near that hands and what they hold fill the picture, and no head is in it."""
    figure = scene.figures[0]
    name = held_name(figure)
    units = UNITS_PER_METRE * (prop_metres(name) if name else 0.25)
    scale = 0.5 * min(width, 0.6 * height) / units
    # The chin stays above the picture.
    scale = min(2.2 * height / 1280, max(scale, _SEEN_AT * height / (HANDS.right.y - 20)))
    y = _SEEN_AT * height - HANDS.right.y * scale
    x = width / 2 - HANDS.right.x * scale
    view = View(scale, visible=(1.15 * height - y) / scale)
    return (Placement(replace(figure, manner=""), view, x, y),)


class CloseUp:
    """One thing on a table that runs from edge to edge, ready to be drawn at any time of a shot."""

    def __init__(self, scene: Scene, width: int, height: int, colours: Palette) -> None:
        self._width, self._height, self._colours = width, height, colours
        self._thing = scene.things[0] if scene.things else Prop(scene.subject)
        self._look: Look = scene.look
        self._on_table = scene.shot.scale == "close-up"
        size = min(0.68 * width, 0.56 * height)
        ground = (0.7 if self._on_table else 0.8) * height
        sprite = _sprite(self._thing, width / 2, ground, size, colours)
        self._sprite = replace(sprite, image=toned(scene.look, sprite.image))

    def draw(self, canvas: skia.Canvas, t: float, *, whole: bool = False) -> None:
        """Draw it `t` seconds after it was put down; `whole`: at rest."""
        t = 9.0 if whole else t
        sprite, x = self._sprite, self._width / 2
        foot = sprite.y + sprite.height
        if self._on_table:
            self._table(canvas)
        falls, turn = at_rest(t, self._height)
        half = 0.46 * sprite.width
        shade = skia.Paint(AntiAlias=True, Color=skia.Color(24, 14, 44, 90))
        canvas.drawOval(
            skia.Rect.MakeLTRB(x - half, foot - 0.07 * half, x + 1.25 * half, foot + 0.16 * half),
            shade,
        )
        canvas.save()
        canvas.rotate(turn, x, foot)
        canvas.drawImage(sprite.image, sprite.x, sprite.y - falls, linear())
        canvas.restore()
        if self._thing.state != "empty" and find_prop(self._thing.word) in _STEAMS:
            _steam(canvas, x, sprite.y + 0.05 * sprite.height, sprite.height, t)

    def _table(self, canvas: skia.Canvas) -> None:
        brush, wood = brush_for(self._look, Brush()), self._colours.wood
        width, height = self._width, self._height
        top = _EDGE * height
        board = skia.Rect.MakeLTRB(-0.2 * width, top, 1.2 * width, 1.2 * height)
        canvas.drawRect(board, brush.fill(wood))
        for i, share in enumerate((0.08, 0.22, 0.42, 0.7)):
            y, start = top + share * (height - top), (0.08 + 0.31 * i) % 0.7 * width
            grain = brush.line(0.004 * height, shaded(wood, 0.3))
            canvas.drawLine(start, y, start + 0.34 * width, y, grain)
        canvas.drawLine(-width, top, 2 * width, top, brush.line(0.006 * height, INK))


def _sprite(thing: Prop, x: float, ground: float, size: float, colours: Palette) -> Sprite:
    """A thing as props draw it, in its state, else as a pictograph; `size` high or wide."""
    name = find_prop(thing.word)
    if name is None or name.startswith(PICTURED):
        return sprite_of(thing.word, x, ground, size, colours, 0, halo=False)
    state = drawn_state(name, thing.state)
    left, top, right, bottom = prop_bounds(name, state)
    side = size / max(right - left, bottom - top)
    surface = skia.Surface(round((right - left) * side) + 4, round((bottom - top) * side) + 4)
    canvas = surface.getCanvas()
    draw_prop(canvas, name, 2 - left * side, 2 - top * side, side, colours, state=state)
    image = surface.makeImageSnapshot()
    return Sprite(image, x - image.width() / 2, ground - image.height())


def at_rest(t: float, height: float) -> tuple[float, float]:
    """How far a thing put down is above its place, and its turn, `t` seconds into the shot."""
    falls = max(0.0, 1 - t / 0.16) ** 2 * 0.05 * height
    rocks = 7 * math.exp(-3.4 * t) * math.sin(17 * t) + 1.6 * math.sin(2.6 * t)
    return falls, rocks


def _steam(canvas: skia.Canvas, x: float, y: float, size: float, t: float) -> None:
    """Three wisps above something hot."""
    pen = Brush().line(0.035 * size, "#fffaf2", 0.75)
    for i, dx in enumerate((-0.16, 0.02, 0.2)):
        rise = (0.7 * t + 0.37 * i) % 1.0
        wisp = skia.Path()
        foot = y - 0.25 * size * rise
        sway = 0.05 * size * math.sin(3 * t + 2 * i)
        wisp.moveTo(x + dx * size, foot)
        wisp.cubicTo(
            x + dx * size + 0.1 * size, foot - 0.12 * size,
            x + dx * size - 0.1 * size + sway, foot - 0.22 * size,
            x + dx * size + sway, foot - 0.36 * size,
        )  # fmt: skip
        pen.setAlphaf(0.7 * math.sin(math.pi * rise))
        canvas.drawPath(wisp, pen)
