"""Pens for the actors: flat colour and bold ink, all seen in one light.

Knows: colours, line weights, how light tints paint. Does not know: what is drawn.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import skia

INK = "#1d1820"
LINE = 15.0
"""Weight of the artwork's own outlines, in figure units."""


def argb(colour: str, alpha: float = 1.0) -> int:
    """A `#rrggbb` colour as paints take it."""
    return skia.Color(*bytes.fromhex(colour[1:7]), round(max(0.0, min(1.0, alpha)) * 255))


def fill(name: str, alpha: float = 1.0) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=argb(name, alpha))


def stroke(width: float, colour: int) -> skia.Paint:
    """A pen with round ends and corners."""
    return skia.Paint(
        AntiAlias=True,
        Color=colour,
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )


@cache
def linear() -> skia.SamplingOptions:
    """How a picture is drawn at another size."""
    return skia.SamplingOptions(skia.FilterMode.kLinear)


def rgb(colour: str) -> tuple[float, float, float]:
    """`#rrggbb` as three numbers from 0 to 1."""
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def mix(first: str, second: str, share: float) -> str:
    """`first` with `share` (0 to 1) of `second` in it."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(255 * (a + (b - a) * share)):02x}" for a, b in pairs)


def luminance(colour: str) -> float:
    red, green, blue = rgb(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def shaded(colour: str, amount: float = 0.22) -> str:
    """The colour in shadow: darker, and a little cooler."""
    return mix(colour, "#2a1f4a", amount)


def lit(colour: str, amount: float = 0.25) -> str:
    return mix(colour, "#fff4dc", amount)


@contextmanager
def clipped(canvas: skia.Canvas, path: skia.Path) -> Generator[None]:
    """What is drawn meanwhile is seen inside of the path alone."""
    canvas.save()
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    yield
    canvas.restore()


@lru_cache(maxsize=4096)
def _tinted(name: str, alpha: float, ambient: tuple[float, float, float], dim: float) -> int:
    red, green, blue = (
        min(1.0, part * by * (1 - 0.32 * dim)) for part, by in zip(rgb(name), ambient, strict=True)
    )
    return skia.Color(round(red * 255), round(green * 255), round(blue * 255), round(alpha * 255))


@dataclass(frozen=True, slots=True)
class Brush:
    """Makes paints as they look in this light.

    `ambient` multiplies every colour; `key` is the light's side (-1 left, 1 right) and `rim`
    its colour at the edges. `dim` (0 to 1) sinks a figure into the background.
    """

    ambient: tuple[float, float, float] = (1.0, 1.0, 1.0)
    key: float = -1.0
    rim: str = "#fff1d6"
    rim_strength: float = 0.35
    dim: float = 0.0

    def colour(self, name: str, alpha: float = 1.0) -> int:
        return _tinted(name, alpha, self.ambient, self.dim)

    def fill(self, name: str, alpha: float = 1.0) -> skia.Paint:
        return skia.Paint(AntiAlias=True, Color=self.colour(name, alpha))

    def line(self, width: float = LINE, name: str = INK, alpha: float = 1.0) -> skia.Paint:
        return stroke(width, self.colour(name, alpha))

    def shape(self, canvas: skia.Canvas, path: skia.Path, colour: str, width: float = LINE) -> None:
        """A filled path with its outline."""
        canvas.drawPath(path, self.fill(colour))
        canvas.drawPath(path, self.line(width))

    def sunk(self, dim: float) -> Brush:
        return replace(self, dim=dim)
