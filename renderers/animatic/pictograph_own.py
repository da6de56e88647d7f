"""Drawings of our own, of nouns that no emoji shows: lighthouse, oven, typewriter. Shapes as data.

Each has a character of Unicode's private area, by which words and colours know it as they know an
emoji. Units: the square from -0.5 to 0.5, y down.

Knows: shapes, colours. Does not know: words, ink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import skia

from renderers.animatic.paths import curve


@dataclass(frozen=True, slots=True)
class Part:
    """One area: its outline, and a letter of `SHADES`. Later ones lie on those before."""

    colour: str
    path: skia.Path


def _area(colour: str, *points: tuple[float, float]) -> Part:
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    return Part(colour, path)


def _box(colour: str, left: float, top: float, right: float, bottom: float, round: float) -> Part:
    path = skia.Path()
    path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), round, round)
    return Part(colour, path)


def _disc(colour: str, x: float, y: float, wide: float, high: float = 0.0) -> Part:
    path = skia.Path()
    high = high or wide
    path.addOval(skia.Rect.MakeLTRB(x - wide, y - high, x + wide, y + high))
    return Part(colour, path)


def _arch(colour: str, outer: float, inner: float, foot: float) -> Part:
    """The upper half of a ring around (0, `foot`)."""
    path = skia.Path()
    path.arcTo(skia.Rect.MakeLTRB(-outer, foot - outer, outer, foot + outer), 180, 180, True)
    path.arcTo(skia.Rect.MakeLTRB(-inner, foot - inner, inner, foot + inner), 0, -180, False)
    path.close()
    return Part(colour, path)


def _heart() -> Part:
    """The font's is hatched like a flag."""
    path = curve(
        (0, 0.46), (-0.72, -0.06, -0.44, -0.62, 0, -0.24), (0.44, -0.62, 0.72, -0.06, 0, 0.46)
    )
    return Part("r", path)


def _round(colour: str, *turns: tuple[float, float, float, float, float, float]) -> Part:
    """An area of curves that ends where it begins."""
    return Part(colour, curve(turns[-1][4:], *turns))


OWN: Mapping[str, tuple[Part, ...]] = {
    "❤": (_heart(),),
    "🍎": (  # the font's is black all over
        _round("r", (0.25, -0.42, 0.52, -0.2, 0.46, 0.1), (0.42, 0.4, 0.18, 0.55, 0.0, 0.44),
               (-0.18, 0.55, -0.42, 0.4, -0.46, 0.1), (-0.52, -0.2, -0.25, -0.42, 0.0, -0.2)),
        _box("u", -0.03, -0.42, 0.03, -0.17, 0.02),
        _round("g", (0.08, -0.5, 0.26, -0.52, 0.34, -0.46), (0.3, -0.32, 0.14, -0.26, 0.03, -0.33)),
        _disc("w", -0.26, -0.02, 0.05, 0.09),
    ),
    "🩸": (
        _round("r", (0.1, -0.25, 0.36, 0.0, 0.36, 0.2), (0.36, 0.42, 0.18, 0.5, 0.0, 0.5),
               (-0.18, 0.5, -0.36, 0.42, -0.36, 0.2), (-0.36, 0.0, -0.1, -0.25, 0.0, -0.48)),
        _disc("w", -0.15, 0.22, 0.05, 0.09),
    ),
    "🌈": (  # in all its colours, between two clouds
        *(_arch(c, 0.5 - 0.075 * i, 0.425 - 0.075 * i, 0.2) for i, c in enumerate("roygbv")),
        *(_box("w", x - 0.2, 0.16, x + 0.2, 0.4, 0.12) for x in (-0.28, 0.28)),
    ),
    "\ue000": (  # a lighthouse, with its light
        _area("y", (0.06, -0.3), (0.48, -0.42), (0.48, -0.14)),
        _area("y", (-0.06, -0.3), (-0.48, -0.42), (-0.48, -0.14)),
        _area("a", (-0.3, 0.5), (-0.22, 0.38), (0.22, 0.38), (0.3, 0.5)),
        _area("w", (-0.17, 0.4), (-0.1, -0.18), (0.1, -0.18), (0.17, 0.4)),
        _area("r", (-0.152, 0.25), (-0.134, 0.1), (0.134, 0.1), (0.152, 0.25)),
        _area("r", (-0.116, -0.05), (-0.1, -0.18), (0.1, -0.18), (0.116, -0.05)),
        _area("k", (-0.15, -0.17), (-0.15, -0.22), (0.15, -0.22), (0.15, -0.17)),
        _box("y", -0.085, -0.38, 0.085, -0.22, 0.01),
        _area("r", (-0.13, -0.37), (0.0, -0.5), (0.13, -0.37)),
        _box("k", -0.045, 0.3, 0.045, 0.4, 0.02),
    ),
    "\ue001": (  # an oven with a loaf in it
        _box("w", -0.42, -0.5, 0.42, 0.5, 0.05),
        _box("a", -0.42, -0.5, 0.42, -0.26, 0.05),
        _box("k", -0.33, -0.14, 0.33, 0.34, 0.04),
        _disc("t", 0.0, 0.16, 0.2, 0.11),
        _box("a", -0.3, 0.38, 0.3, 0.43, 0.02),
        _disc("r", -0.27, -0.38, 0.055),
        _disc("k", -0.09, -0.38, 0.055),
        _disc("k", 0.09, -0.38, 0.055),
        _disc("k", 0.27, -0.38, 0.055),
    ),
    "\ue002": (  # a washing machine
        _box("w", -0.4, -0.5, 0.4, 0.5, 0.05),
        _box("s", -0.4, -0.5, 0.4, -0.28, 0.05),
        _box("w", -0.32, -0.45, -0.04, -0.33, 0.02),
        _disc("r", 0.25, -0.39, 0.055),
        _disc("a", 0.0, 0.1, 0.31),
        _disc("b", 0.0, 0.1, 0.23),
        _disc("w", -0.08, 0.18, 0.06),
        _disc("w", 0.08, 0.04, 0.045),
    ),
    "\ue003": (  # a typewriter with a sheet in it
        _box("w", -0.22, -0.5, 0.22, 0.02, 0.01),
        _area("k", (-0.14, -0.4), (0.14, -0.4), (0.14, -0.395), (-0.14, -0.395)),
        _area("k", (-0.14, -0.28), (0.08, -0.28), (0.08, -0.275), (-0.14, -0.275)),
        _box("k", -0.46, -0.14, 0.46, -0.02, 0.05),
        _area("d", (-0.36, -0.04), (0.36, -0.04), (0.48, 0.4), (-0.48, 0.4)),
        *(_disc("w", -0.27 + 0.135 * i, 0.1, 0.045) for i in range(5)),
        *(_disc("w", -0.29 + 0.145 * i, 0.22, 0.045) for i in range(5)),
        _box("w", -0.2, 0.3, 0.2, 0.36, 0.02),
    ),
    "\ue004": (  # a scarecrow
        _box("u", -0.03, 0.1, 0.03, 0.5, 0.01),
        _box("u", -0.5, -0.1, 0.5, -0.04, 0.01),
        _area("y", (-0.5, -0.12), (-0.4, -0.12), (-0.4, 0.0), (-0.5, 0.02)),
        _area("y", (0.5, -0.12), (0.4, -0.12), (0.4, 0.0), (0.5, 0.02)),
        _area("r", (-0.41, -0.16), (0.41, -0.16), (0.41, 0.04), (0.17, 0.04), (0.2, 0.36), (-0.2, 0.36), (-0.17, 0.04),
              (-0.41, 0.04)),
        _box("b", -0.1, 0.1, 0.02, 0.22, 0.005),
        _disc("c", 0.0, -0.28, 0.14, 0.15),
        _disc("k", -0.05, -0.29, 0.014),
        _disc("k", 0.05, -0.29, 0.014),
        _area("k", (-0.06, -0.22), (0.06, -0.22), (0.06, -0.215), (-0.06, -0.215)),
        _area("t", (-0.24, -0.35), (0.24, -0.35), (0.12, -0.38), (0.07, -0.5), (-0.07, -0.5), (-0.12, -0.38)),
    ),
    "\ue005": (  # a vending machine
        _box("r", -0.34, -0.5, 0.34, 0.5, 0.04),
        _box("s", -0.27, -0.43, 0.12, 0.2, 0.02),
        *(_box(c, -0.24 + 0.12 * i, -0.39 + 0.2 * j, -0.16 + 0.12 * i, -0.25 + 0.2 * j, 0.02)
          for j, row in enumerate(("ygb", "owr", "bgy")) for i, c in enumerate(row)),
        _box("k", 0.17, -0.3, 0.29, -0.1, 0.01),
        _box("k", -0.22, 0.28, 0.22, 0.42, 0.02),
    ),
    "\ue006": (  # a fridge, with a note on its door
        _box("k", -0.3, 0.44, -0.2, 0.5, 0.01),
        _box("k", 0.2, 0.44, 0.3, 0.5, 0.01),
        _box("s", -0.37, -0.5, 0.37, 0.47, 0.06),
        _box("k", -0.37, -0.235, 0.37, -0.21, 0.0),
        _box("a", 0.25, -0.4, 0.3, -0.28, 0.02),
        _box("a", 0.25, -0.15, 0.3, 0.1, 0.02),
        _box("y", -0.29, -0.42, -0.15, -0.29, 0.01),
        _disc("r", -0.22, -0.42, 0.025),
    ),
}  # fmt: skip
