"""A painted picture, drawn only where something is on it.

What is empty takes skia as long to draw as what is not.

Knows: pixels. Does not know: what is painted, where it goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import skia

_BANDS = 8
"""Each costs as much to draw as 5000 pixels."""
_BLEEDS = 2
"""Pixels by which a picture that is drawn at another size reaches beyond what is painted."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture and the bands of it, one below the other, in which something is painted."""

    image: skia.Image
    bands: tuple[skia.Rect, ...]

    @classmethod
    def of(cls, image: skia.Image) -> Sheet:
        painted, bands = pixels_of(image), list[skia.Rect]()
        height, width = painted.shape
        step = -(-height // _BANDS)
        for top in range(0, height, step):
            near = painted[max(0, top - _BLEEDS) : top + step + _BLEEDS]
            columns = np.flatnonzero(near.any(axis=0)).tolist()
            if columns:
                left, right = max(0, columns[0] - _BLEEDS), min(width, columns[-1] + 1 + _BLEEDS)
                bands.append(skia.Rect.MakeLTRB(left, top, right, min(height, top + step)))
        return cls(image, tuple(bands))

    def draw(self, canvas: skia.Canvas, sampling: skia.SamplingOptions) -> None:
        """Draw it with its corner at the origin, a pixel a unit."""
        fast = skia.Canvas.SrcRectConstraint.kFast_SrcRectConstraint
        for band in self.bands:
            canvas.drawImageRect(self.image, band, band, sampling, None, fast)


def pixels_of(image: skia.Image) -> npt.NDArray[np.uint32]:
    """The pixels of a painted image, height by width, as they lie in memory: the alpha in the
    upper eight bits, 0 where nothing is. Valid as long as the image is."""
    pixmap = skia.Pixmap()
    image.peekPixels(pixmap)
    return np.frombuffer(pixmap.addr(), np.uint32).reshape(image.height(), image.width())
