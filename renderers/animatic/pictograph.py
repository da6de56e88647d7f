"""Pictographs: one drawing for each of 1,500 nouns, from the line art of Noto Emoji.

The font holds ink alone. Each glyph is taken apart once: what its ink encloses is coloured (the
largest areas first, in the colours of the thing), and the ink is drawn over it, so that the
drawing has the bold line and flat colour of everything else here.

Knows: glyphs, areas, colours of things. Does not know: which word means which (`nouns`), where a
drawing goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import manimgx_fonts
import skia

from renderers import typefaces
from renderers.animatic import pictograph_own
from renderers.animatic.ink import INK, argb, stroke
from renderers.animatic.pictograph_colours import COLOURS, DEFAULT, SHADES

_FONT = Path(manimgx_fonts.__file__).parent / "NotoEmoji[wght].ttf"
_OWN_LINE = 0.034
_SPECK = 0.00004
"""Areas smaller than this share of the unit square stay white (eyes, glints)."""


@dataclass(frozen=True, slots=True)
class _Area:
    path: skia.Path
    size: float


@dataclass(frozen=True, slots=True)
class Pictograph:
    """A drawing in the unit square (-0.5 to 0.5, y down): ink, and the areas in it by size."""

    ink: skia.Path
    body: skia.Path
    areas: tuple[_Area, ...]
    colours: tuple[str, ...]

    def draw(self, canvas: skia.Canvas, ink: str = INK) -> None:
        """Draw it over the unit square."""
        first = self.colours[0]
        canvas.drawPath(self.body, _fill(first))
        for rank, area in enumerate(self.areas):
            colour = self.colours[rank % len(self.colours)]
            if area.size < _SPECK * 12:
                colour = "#fffaf0"
            canvas.drawPath(area.path, _fill(colour))
            # A little shade towards the foot gives a flat area form.
            box = area.path.getBounds()
            shade = skia.GradientShader.MakeLinear(
                points=[skia.Point(0, box.top()), skia.Point(0, box.bottom() + 1e-3)],
                colors=[skia.Color(255, 255, 255, 26), skia.Color(36, 20, 60, 38)],
            )
            canvas.drawPath(area.path, skia.Paint(AntiAlias=True, Shader=shade))
        canvas.drawPath(self.ink, _fill(ink))


def drawable(character: str) -> bool:
    """Whether there is a drawing of it."""
    return character in pictograph_own.OWN or (
        len(character) == 1 and bool(_typeface().unicharToGlyph(ord(character)))
    )


@cache
def pictograph(character: str) -> Pictograph:
    """The drawing of one emoji (a single character).

    Raises:
        KeyError: the font has none.
    """
    if not drawable(character):
        raise KeyError(character)
    if character in pictograph_own.OWN:
        return _drawn(pictograph_own.OWN[character])
    font = skia.Font(_typeface(), 1000)
    glyph = font.getPath(_typeface().unicharToGlyph(ord(character)))
    plain = skia.Simplify(glyph)
    box = plain.computeTightBounds()
    side = max(box.width(), box.height(), 1.0)
    matrix = skia.Matrix.Scale(1 / side, 1 / side)
    matrix.preTranslate(-box.centerX(), -box.centerY())
    plain.transform(matrix)
    outer, areas = _taken_apart(plain)
    letters = COLOURS.get(character, DEFAULT)
    return Pictograph(plain, outer, areas, tuple(SHADES[letter] for letter in letters))


def _drawn(parts: tuple[pictograph_own.Part, ...]) -> Pictograph:
    """A drawing of our own: areas as they lie on each other, and a line of ink round each."""
    pen = stroke(_OWN_LINE, 0)
    ink, body = skia.OpBuilder(), skia.OpBuilder()
    for part in parts:
        line = skia.Path()
        pen.getFillPath(part.path, line)
        # What lies above hides the lines below.
        ink.add(part.path, skia.PathOp.kDifference_PathOp)
        ink.add(line, skia.PathOp.kUnion_PathOp)
        body.add(line, skia.PathOp.kUnion_PathOp)
        body.add(part.path, skia.PathOp.kUnion_PathOp)
    areas = tuple(_Area(part.path, 1.0) for part in parts)
    resolved = ink.resolve(), body.resolve()
    assert resolved[0] is not None and resolved[1] is not None
    return Pictograph(*resolved, areas, tuple(SHADES[part.colour] for part in parts))


@cache
def _typeface() -> skia.Typeface:
    return typefaces.of_file(_FONT)


def _taken_apart(ink: skia.Path) -> tuple[skia.Path, tuple[_Area, ...]]:
    """The outer outline of all ink, and the areas that it encloses, largest first."""
    contours = [(contour, abs(_size(points))) for contour, points in _contours(ink)]
    contours.sort(key=lambda pair: -pair[1])
    bounds = [contour.computeTightBounds() for contour, _ in contours]
    outer = skia.Path()
    areas: list[_Area] = []
    depths: list[int] = []
    for i, (contour, size) in enumerate(contours):
        start = contour.getPoint(0)
        around = [
            depths[j]
            for j in range(i)
            if bounds[j].contains(bounds[i]) and contours[j][0].contains(start.x(), start.y())
        ]
        depth = max(around, default=-1) + 1
        depths.append(depth)
        if depth % 2:
            areas.append(_Area(contour, size))
        elif depth == 0:
            outer.addPath(contour)
    return outer, tuple(areas)


def _contours(path: skia.Path) -> Iterator[tuple[skia.Path, list[skia.Point]]]:
    current, points = skia.Path(), list[skia.Point]()
    for verb, parts in path:
        if verb == skia.Path.kMove_Verb:
            if points:
                yield current, points
            current, points = skia.Path(), [parts[0]]
            current.moveTo(parts[0])
        elif verb == skia.Path.kLine_Verb:
            current.lineTo(parts[1])
            points.append(parts[1])
        elif verb == skia.Path.kQuad_Verb:
            current.quadTo(parts[1], parts[2])
            points += parts[1:]
        elif verb == skia.Path.kCubic_Verb:
            current.cubicTo(parts[1], parts[2], parts[3])
            points += parts[1:]
        elif verb == skia.Path.kClose_Verb:
            current.close()
    if points:
        yield current, points


def _size(points: list[skia.Point]) -> float:
    """The area that points go round (shoelace)."""
    total = 0.0
    for one, other in zip(points, [*points[1:], points[0]], strict=True):
        total += one.x() * other.y() - other.x() * one.y()
    return total / 2


def _fill(colour: str) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=argb(colour))
