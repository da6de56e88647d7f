"""Things with a face: a fridge that judges, a traffic light that feels guilty.

The head is the thing's pictograph, and its features lie on a plate before it. Units and place are
those of every head (looking right).

Knows: pictographs, the place of a face. Does not know: who wears such a head, features.
"""

from __future__ import annotations

from functools import cache

import skia

from renderers.animatic.ink import Brush, mix
from renderers.animatic.nouns import find_nouns, shows_itself
from renderers.animatic.pictograph import drawable, pictograph

_CENTRE = (35.0, -262.0)
_SIDE = 620.0
_LEFT, _TOP, _RIGHT, _BOTTOM = _PLATE = (-50, -338, 208, -62)
"""Eyes and mouth of every expression, with room."""
_NO_THINGS = (
    *(range(0x1F466, 0x1F488), range(0x1F9D0, 0x1F9E0), range(0x1F600, 0x1F650)),
    *(range(0x1F400, 0x1F440), range(0x1F980, 0x1F9B0), range(0x1FAB0, 0x1FAC0)),
)
"""Emoji of people, of faces and of animals, which have faces of their own."""
_COVERED = 0.74
"""Share of the plate that the thing lies behind: before less the face would float."""


def thing_of(words: str) -> str | None:
    """The emoji of the thing that `words` name with their last word ("a smart fridge"), or None."""
    text = words.strip().lower()
    nouns = [n for n in find_nouns(text) if n.start + len(n.word) >= len(text) - 1]
    found = [n for n in nouns if shows_itself(n)]
    if not found:
        return None
    character = max(found, key=lambda noun: len(noun.word)).emoji
    return character if is_thing(character) and _covered(character) >= _COVERED else None


def is_thing(character: str) -> bool:
    """Whether an emoji shows a thing that can be drawn: nobody, no face and no animal."""
    return drawable(character) and not any(ord(character[0]) in beings for beings in _NO_THINGS)


@cache
def _covered(character: str) -> float:
    """The share of the plate that lies on the thing."""
    body = skia.Path(pictograph(character).body)
    matrix = skia.Matrix.Scale(_SIDE, _SIDE)
    matrix.postTranslate(*_CENTRE)
    body.transform(matrix)
    body.setFillType(skia.PathFillType.kWinding)
    inside = [
        body.contains(_LEFT + (_RIGHT - _LEFT) * x, _TOP + (_BOTTOM - _TOP) * y)
        for x in _ACROSS
        for y in _ACROSS
    ]
    return sum(inside) / len(inside)


_ACROSS = tuple((i + 0.5) / 12 for i in range(12))


def colour_of(character: str) -> str:
    """What its plate and its hands are made of."""
    return mix(pictograph(character).colours[0], "#fff6e6", 0.4)


@cache
def bounds(character: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom, figure units."""
    box = pictograph(character).ink.computeTightBounds()
    (x, y), size = _CENTRE, _SIDE
    return (
        min(x + size * box.left(), _LEFT),
        min(y + size * box.top(), _TOP),
        max(x + size * box.right(), _RIGHT),
        max(y + size * box.bottom(), _BOTTOM),
    )


def draw_thing(canvas: skia.Canvas, brush: Brush, character: str, *, back: bool) -> None:
    """The thing, and the plate that its features go on unless it is seen from the back."""
    canvas.saveLayer(None, _lit(brush))
    canvas.translate(*_CENTRE)
    canvas.scale(_SIDE, _SIDE)
    pictograph(character).draw(canvas)
    canvas.restore()
    if back:
        return
    plate = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(*_PLATE), 120, 130)
    canvas.drawRRect(plate, brush.fill(colour_of(character)))
    canvas.drawRRect(plate, brush.line(7))


def _lit(brush: Brush) -> skia.Paint:
    """As the light of the place makes colours look."""
    red, green, blue = brush.ambient
    matrix = [red, 0, 0, 0, 0, 0, green, 0, 0, 0, 0, 0, blue, 0, 0, 0, 0, 0, 1, 0]
    return skia.Paint(ColorFilter=skia.ColorFilters.Matrix(matrix))
