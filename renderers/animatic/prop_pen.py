"""The pen that props are drawn with: a unit square, flat fills, bold ink.

The square runs from -0.5 to 0.5 both ways, y down; a prop fills its longer side.

Knows: shapes and colours. Does not know: any prop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import skia

from renderers.animatic.ink import INK, argb, mix, stroke
from renderers.animatic.palette import Palette, graded
from renderers.animatic.paths import curve, polygon
from renderers.scene import PropState

LINE = 0.03


@dataclass(frozen=True, slots=True)
class Pen:
    """A canvas whose units are the prop's size, in the colours of a film."""

    canvas: skia.Canvas
    palette: Palette
    state: PropState = ""

    def tone(self, name: str) -> str:
        """A colour of the thing itself, as this hour shows it."""
        return graded(name, self.palette.time_of_day, self.palette.lamplit)

    def line(self, width: float = 1.0, name: str = INK) -> skia.Paint:
        return stroke(LINE * width, argb(name))

    def shape(self, path: skia.Path, fill: str, line: float = 1.0, alpha: float = 1.0) -> None:
        """A filled path, a little darker towards its foot, with its outline."""
        box = path.getBounds()
        shader = skia.GradientShader.MakeLinear(
            points=[skia.Point(0, box.top()), skia.Point(0, box.bottom() + 1e-3)],
            colors=[
                argb(mix(fill, "#ffffff", 0.08), alpha),
                argb(mix(fill, "#241a40", 0.1), alpha),
            ],
        )
        self.canvas.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))
        if line:
            self.canvas.drawPath(path, self.line(line))

    def curve(
        self, *parts: tuple[float, ...], fill: str, line: float = 1.0, alpha: float = 1.0
    ) -> None:
        """A closed outline of lines (2 numbers), arcs (4) and curves (6)."""
        self.shape(curve(*parts), fill, line, alpha)

    def poly(self, points: Sequence[tuple[float, float]], fill: str, line: float = 1.0) -> None:
        self.shape(polygon(points), fill, line)

    def rect(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        fill: str,
        radius: float = 0.0,
        line: float = 1.0,
    ) -> None:
        path = skia.Path()
        path.addRoundRect(skia.Rect.MakeLTRB(left, top, right, bottom), radius, radius)
        self.shape(path, fill, line)

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: str,
        line: float = 1.0,
        alpha: float = 1.0,
    ) -> None:
        path = skia.Path()
        path.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
        self.shape(path, fill, line, alpha)

    def stroke(self, *points: tuple[float, float], width: float = 1.0, name: str = INK) -> None:
        self.canvas.drawPath(polygon(points, closed=False), self.line(width, name))

    def arc(self, *parts: tuple[float, ...], width: float = 1.0, name: str = INK) -> None:
        """An open curve."""
        self.canvas.drawPath(curve(*parts, closed=False), self.line(width, name))

    def rod(self, *parts: tuple[float, ...], thick: float, fill: str) -> None:
        """A line or curve with a body: `thick` wide, inked on both sides."""
        path = curve(*parts, closed=False)
        self.canvas.drawPath(path, self.line((thick + 2 * LINE * 0.8) / LINE))
        self.canvas.drawPath(path, self.line(thick / LINE, fill))
