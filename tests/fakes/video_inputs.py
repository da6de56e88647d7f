"""Pictures and measures for tests of video adapters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import skia

from renderers.probe import decode_frames


def striped_picture(out: Path, width: int, height: int) -> Path:
    """Red on the left, blue on the right, a white stripe in the middle."""
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorRED)
    half = skia.Rect.MakeXYWH(width / 2, 0, width / 2, height)
    canvas.drawRect(half, skia.Paint(Color=skia.ColorBLUE))
    stripe = skia.Rect.MakeXYWH(0.45 * width, 0, 0.1 * width, height)
    canvas.drawRect(stripe, skia.Paint(Color=skia.ColorWHITE))
    surface.makeImageSnapshot().save(str(out))
    return out


def first_frame(clip: Path) -> npt.NDArray[np.uint8]:
    return next(iter(decode_frames(clip)))


def sound_in(heard: npt.NDArray[np.floating], wanted: npt.NDArray[np.floating]) -> float:
    """Correlation of two sounds at the lag of up to 50 ms (at 16 kHz) where they agree most."""
    length = min(len(heard), len(wanted)) - 1600
    one = wanted[800 : 800 + length]
    best = 0.0
    for lag in range(0, 1600, 4):
        two = heard[lag : lag + length]
        best = max(best, float(np.corrcoef(one, two)[0, 1]))
    return best
