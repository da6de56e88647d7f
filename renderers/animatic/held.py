"""A prop in an actor's hand: how it is gripped, how far it reaches, what it hides.

Knows: grips, sizes. Does not know: how a prop is drawn, poses, what stands about (`dressing`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import skia

from renderers.animatic.figure import Held
from renderers.animatic.framing import Box
from renderers.animatic.limbs import Point
from renderers.animatic.palette import Palette, palette
from renderers.animatic.props import draw_prop, prop_grip, prop_metres
from renderers.scene import PropState

UNITS_PER_METRE = 1046.0
"""An adult actor of 1800 figure units is 1.72 m tall."""
_PALM = 34.0
"""Figure units from the wrist to what a hand closes on."""
SWUNG = frozenset({"gavel", "hammer"})
"""Props that turn with the hand; all others stay upright, and readable."""


class HeldProp(Held):
    """A prop in an actor's hand."""

    def __init__(
        self,
        name: str,
        colours: Palette,
        size: float = 1.0,
        paint: skia.Paint | None = None,
        state: PropState = "",
    ) -> None:
        self.name = name
        self.state: PropState = state
        self.size = prop_metres(name) * UNITS_PER_METRE * size
        self._picture = _picture(name, colours, state)
        self._paint = paint

    def draw(self, canvas: skia.Canvas, wrist: Point, angle: float, flipped: bool) -> None:
        """Draw it with its grip in the palm; lettering reads the right way round."""
        turn = math.radians(angle)
        gx, gy = prop_grip(self.name, self.state)
        canvas.save()
        canvas.translate(wrist[0] + _PALM * math.cos(turn), wrist[1] + _PALM * math.sin(turn))
        if self.name in SWUNG:
            canvas.rotate(angle + 90)
        elif flipped:
            canvas.scale(-1, 1)
        canvas.scale(self.size, self.size)
        canvas.translate(-gx, -gy)
        canvas.drawPicture(self._picture, None, self._paint)
        canvas.restore()

    def reach(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom around the palm, in figure units as the picture shows them."""
        gx, gy = prop_grip(self.name, self.state)
        left, top, right, bottom = prop_bounds(self.name, self.state)
        if self.name in SWUNG:
            # Raised, as it is until it comes down.
            return (-0.4 * self.size, -self.size, 0.4 * self.size, 0.3 * self.size)
        return (
            (left - gx) * self.size,
            (top - gy) * self.size,
            (right - gx) * self.size,
            (bottom - gy) * self.size,
        )


@cache
def prop_bounds(name: str, state: PropState = "") -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is really drawn, as fractions of the prop's size."""
    pixels = 128
    surface = skia.Surface(pixels, pixels)
    middle, colours = pixels / 2, palette(0, "day")
    draw_prop(surface.getCanvas(), name, middle, middle, pixels, colours, state=state)
    alpha = surface.makeImageSnapshot().toarray()[:, :, 3] > 40
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not rows.size:
        return (-0.5, -0.5, 0.5, 0.5)
    edges = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    left, top, right, bottom = (float(edge) / pixels - 0.5 for edge in edges)
    return (left, top, right, bottom)


def hides(box: Box, faces: Sequence[Box]) -> bool:
    return any(box.meets(face) for face in faces)


@cache
def _picture(name: str, colours: Palette, state: PropState) -> skia.Picture:
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeLTRB(-1, -1, 1, 1))
    draw_prop(canvas, name, 0, 0, 1, colours, state)
    return recorder.finishRecordingAsPicture()
