"""The pens a set is painted with: planes in metres, flat fills, soft gradients, ink lines.

Knows: one canvas, the camera, the film's colours and light. Does not know: any place.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import skia

from renderers.animatic import ink, lettering
from renderers.animatic.ink import argb, luminance, mix, stroke
from renderers.animatic.light import Light
from renderers.animatic.palette import Palette, graded
from renderers.animatic.paths import Points, polygon
from renderers.animatic.sets.view import View

Fill = str | tuple[str, str]
"""`#rrggbb`, or the two ends of a gradient from top to bottom."""


@dataclass(frozen=True, slots=True)
class Glow:
    """A lamp in the frame: position and radius as fractions of width, height and height."""

    x: float
    y: float
    radius: float
    colour: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Ambient:
    """Something small that moves: `kind` in a box given in fractions of the frame."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    colour: str
    amount: float = 1.0
    seed: int = 0
    front: bool = False
    """True: in front of the actors (rain), False: behind them (a car)."""


def readable(ink: str, board: str) -> str:
    """`ink`, or black or white where it would not stand out from `board`."""
    if abs(luminance(ink) - luminance(board)) > 0.38:
        return ink
    return "#1c1620" if luminance(board) > 0.42 else "#fffaf0"


class Stage:
    """A canvas in pixels of the frame, and planes of the set to draw on in metres."""

    def __init__(
        self,
        canvas: skia.Canvas,
        view: View,
        palette: Palette,
        light: Light,
        seed: int,
        lettering: str = "",
    ) -> None:
        self.canvas = canvas
        self.view = view
        self.palette = palette
        self.light = light
        self.random = random.Random(seed)
        self.lettering = lettering
        self.glows: list[Glow] = []
        self.ambient: list[Ambient] = []
        self._unit = min(view.width, view.height) / 320
        """Pixels of a line at the actors of a full shot."""
        self._line = self._unit

    # --- planes ---------------------------------------------------------------

    @contextmanager
    def facing(self, z: float, x: float = 0.0, y: float = 0.0) -> Generator[skia.Canvas]:
        """Draw in metres on the upright plane at `z`, with the origin at (`x`, `y`)."""
        scale = self.view.scale(z)
        # Lines thin out with distance, but less than things do: far ink must still read.
        px = self._unit * (scale * self.view.distance / self.view.focal) ** 0.6
        px *= min(1.6, self.view.zoom**0.35)
        matrix = self.view.facing(z)
        matrix.preTranslate(x, y)
        with self._plane(matrix, px / scale):
            yield self.canvas

    @contextmanager
    def side(self, x: float) -> Generator[skia.Canvas]:
        """Draw (z, y) metres on the wall at `x`; z must stay in front of the camera."""
        with self._plane(self.view.side(x), 0.011):
            yield self.canvas

    @contextmanager
    def level(self, y: float = 0.0) -> Generator[skia.Canvas]:
        """Draw (x, z) metres on the floor, a ceiling or a table top at height `y`."""
        with self._plane(self.view.level(y), 0.009):
            yield self.canvas

    @contextmanager
    def _plane(self, matrix: skia.Matrix, line: float) -> Generator[None]:
        before = self._line
        self._line = line
        self.canvas.save()
        self.canvas.concat(matrix)
        try:
            yield
        finally:
            self.canvas.restore()
            self._line = before

    def below(self, ceiling: float) -> bool:
        """Whether the camera sees a ceiling of this height; from above it is cut away, as in
        a doll's house."""
        return self.view.eye < ceiling - 0.05

    @property
    def near(self) -> float:
        """The smallest z that may be drawn."""
        return 0.36 - self.view.distance

    # --- paints ---------------------------------------------------------------

    def paint(
        self, fill: Fill, alpha: float = 1.0, top: float = 1.0, bottom: float = 0.0
    ) -> skia.Paint:
        if isinstance(fill, str):
            return skia.Paint(AntiAlias=True, Color=argb(fill, alpha))
        shader = skia.GradientShader.MakeLinear(
            points=[skia.Point(0, top), skia.Point(0, bottom)],
            colors=[argb(fill[0], alpha), argb(fill[1], alpha)],
        )
        return skia.Paint(AntiAlias=True, Shader=shader)

    def pen(self, width: float = 1.0, name: str = "", alpha: float = 1.0) -> skia.Paint:
        """A round pen; `width` in multiples of the line of this plane."""
        return stroke(self._line * width, argb(name or self.palette.ink, alpha))

    def tone(self, name: str) -> str:
        """A colour of a thing itself, as this hour shows it."""
        return graded(name, self.palette.time_of_day, self.palette.lamplit)

    # --- shapes on the current plane -------------------------------------------

    def rect(
        self,
        left: float,
        bottom: float,
        right: float,
        top: float,
        fill: Fill,
        *,
        line: float = 1.0,
        radius: float = 0.0,
        alpha: float = 1.0,
    ) -> None:
        """A rectangle with an ink outline (`line` 0: none)."""
        box = skia.Rect.MakeLTRB(
            min(left, right), min(bottom, top), max(left, right), max(bottom, top)
        )
        paint = self.paint(fill, alpha, top, bottom)
        if radius:
            self.canvas.drawRoundRect(box, radius, radius, paint)
        else:
            self.canvas.drawRect(box, paint)
        if line:
            if radius:
                self.canvas.drawRoundRect(box, radius, radius, self.pen(line))
            else:
                self.canvas.drawRect(box, self.pen(line))

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: Fill,
        *,
        line: float = 1.0,
        alpha: float = 1.0,
    ) -> None:
        box = skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry)
        self.canvas.drawOval(box, self.paint(fill, alpha, y + ry, y - ry))
        if line:
            self.canvas.drawOval(box, self.pen(line))

    def shape(self, path: skia.Path, fill: Fill, *, line: float = 1.0, alpha: float = 1.0) -> None:
        bounds = path.getBounds()
        self.canvas.drawPath(path, self.paint(fill, alpha, bounds.bottom(), bounds.top()))
        if line:
            self.canvas.drawPath(path, self.pen(line))

    def poly(self, points: Points, fill: Fill, *, line: float = 1.0, alpha: float = 1.0) -> None:
        self.shape(polygon(points), fill, line=line, alpha=alpha)

    def stroke(
        self, points: Points, width: float = 1.0, name: str = "", alpha: float = 1.0
    ) -> None:
        """An open line through `points`."""
        self.canvas.drawPath(polygon(points, closed=False), self.pen(width, name, alpha))

    def bar(self, x0: float, y0: float, x1: float, y1: float, thick: float, fill: str) -> None:
        """A round rod `thick` metres wide, with ink on both edges."""
        path = polygon([(x0, y0), (x1, y1)], closed=False)
        self.canvas.drawPath(path, stroke(thick + 2 * self._line, argb(self.palette.ink)))
        self.canvas.drawPath(path, stroke(thick, argb(fill)))

    def write(
        self,
        text: str,
        box: tuple[float, float, float, float],
        fill: str,
        *,
        face: lettering.Face = "sans",
        most: int = 2,
        alpha: float = 1.0,
    ) -> None:
        """Fit `text` into (left, bottom, right, top) of this plane; never mirrored."""
        left, bottom, right, top = box
        room, height = right - left, top - bottom
        # Fonts are laid out in hundredths: glyph hinting misbehaves below one pixel.
        fitted = lettering.fit(text, room * 100, height * 100, most, face)
        if fitted is None:
            return
        self.canvas.save()
        self.canvas.translate((left + right) / 2, (bottom + top) / 2)
        self.canvas.scale(self.view.sign * 0.01, -0.01)
        fitted.draw(self.canvas, 0, 0, ink.fill(fill, alpha), face)
        self.canvas.restore()

    # --- things in space ------------------------------------------------------------

    def box(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        z: tuple[float, float],
        fill: str,
        *,
        top: str = "",
        line: float = 1.0,
    ) -> None:
        """A block: the faces that the camera sees, lit from above and from the key side."""
        view = self.view
        if not view.visible(z[0]):
            return
        (x0, x1), (y0, y1), (z0, z1) = x, y, z
        lit = top or mix(fill, "#fff6e0", 0.2)
        shade = mix(fill, "#241a40", 0.24)
        if view.eye > y1:
            self.face3([(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)], lit, line)
        elif view.eye < y0:
            self.face3([(x0, y0, z0), (x1, y0, z0), (x1, y0, z1), (x0, y0, z1)], shade, line)
        middle = 0.0
        if x0 > middle:
            self.face3([(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)], shade, line)
        elif x1 < middle:
            self.face3([(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)], shade, line)
        with self.facing(z0):
            self.rect(x0, y0, x1, y1, (fill, mix(fill, "#241a40", 0.1)), line=line)

    def face3(
        self, corners: Sequence[tuple[float, float, float]], fill: Fill, line: float = 1.0
    ) -> None:
        """A flat polygon in space."""
        points = [self.view.at(*corner) for corner in corners]
        nearest = min(corner[2] for corner in corners)
        scale = self.view.scale(max(nearest, self.near))
        before = self._line
        self._line = self._unit * (scale * self.view.distance / self.view.focal) ** 0.6
        path = polygon([(p.x(), p.y()) for p in points])
        bounds = path.getBounds()
        self.canvas.drawPath(path, self.paint(fill, 1.0, bounds.top(), bounds.bottom()))
        if line:
            self.canvas.drawPath(path, self.pen(line))
        self._line = before

    def shadow(self, x: float, z: float, rx: float, rz: float, alpha: float = 0.22) -> None:
        """A soft shadow on the floor."""
        if not self.view.visible(z - rz):
            return
        p = self.view.at(x, 0, z)
        wide = rx * self.view.scale(z)
        deep = abs(self.view.at(x, 0, z - rz).y() - self.view.at(x, 0, z + rz).y()) / 2
        mode = skia.BlendMode.kSrcOver
        self._radial(p.x(), p.y(), wide, max(deep, 1.0), "#1a1230", alpha * 1.25, mode, 0.8)

    def blob(self, x: float, y: float, rx: float, ry: float, name: str, alpha: float) -> None:
        """A soft oval in pixels of the frame."""
        self._radial(x, y, rx, ry, name, alpha, skia.BlendMode.kSrcOver)

    def glow(
        self, x: float, y: float, z: float, radius: float, name: str = "", strength: float = 1.0
    ) -> None:
        """A lamp's halo at a point of the set, `radius` in metres; remembered for flicker."""
        if not self.view.visible(z):
            return
        p = self.view.at(x, y, z)
        size = radius * self.view.scale(z)
        name = name or self.light.lamp_colour
        alpha = strength * (0.12 + 0.5 * self.light.lamps)
        self._radial(p.x(), p.y(), size, size, name, alpha, skia.BlendMode.kScreen)
        width, height = self.view.width, self.view.height
        self.glows.append(Glow(p.x() / width, p.y() / height, size / height, name, strength))

    def cone(self, x: float, y: float, z: float, wide: float, high: float) -> None:
        """Light that falls from a lamp, `high` metres down and fading."""
        alpha = 0.05 + 0.3 * self.light.lamps
        if not self.view.visible(z):
            return
        with self.facing(z, x, y):
            shader = skia.GradientShader.MakeLinear(
                points=[skia.Point(0, 0), skia.Point(0, -high)],
                colors=[argb(self.light.lamp_colour, alpha), argb(self.light.lamp_colour, 0)],
            )
            path = polygon([(-wide, 0), (wide, 0), (wide * 3.4, -high), (-wide * 3.4, -high)])
            paint = skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
            self.canvas.drawPath(path, paint)

    def _radial(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        name: str,
        alpha: float,
        mode: skia.BlendMode,
        core: float = 0.34,
    ) -> None:
        if rx < 0.5 or alpha <= 0:
            return
        shader = skia.GradientShader.MakeRadial(
            center=skia.Point(0, 0),
            radius=1.0,
            colors=[argb(name, alpha), argb(name, alpha * core), argb(name, 0)],
            positions=[0.0, 0.5, 1.0],
        )
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.scale(rx, ry)
        self.canvas.drawCircle(0, 0, 1, skia.Paint(Shader=shader, BlendMode=mode))
        self.canvas.restore()

    def moving(
        self,
        kind: str,
        low: tuple[float, float, float],
        high: tuple[float, float, float],
        name: str,
        *,
        amount: float = 1.0,
        front: bool = False,
    ) -> None:
        """Announce something that moves between two corners of the set (metres)."""
        a, b = self.view.at(*low), self.view.at(*high)
        width, height = self.view.width, self.view.height
        left, right = sorted((a.x() / width, b.x() / width))
        top, bottom = sorted((a.y() / height, b.y() / height))
        seed = self.random.randrange(1 << 30)
        self.ambient.append(
            Ambient(kind, left, top, right - left, bottom - top, name, amount, seed, front)
        )
