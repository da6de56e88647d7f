"""What can be told of a picture without a model: blank, blurred, mis-shapen, a copy, a busy top.

Each measure gives one figure, and the rubric's limit decides. Pictures are brought to a
working size first, so that a limit means the same for drafts and finals.

Knows: pixels. Does not know: plans, what is in a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import skia

from renderers.errors import BadOutput
from renderers.image.png import decode
from storyboard.judge.brief import Brief
from storyboard.judge.rubric import Measure
from storyboard.judge.verdict import PictureFinding

Array: TypeAlias = "npt.NDArray[np.float32]"
WORKING, SMALL = 768, 192
"""Longest sides in pixels at which sharpness is measured, and pictures are compared."""
WINDOW, BLOCK = 16, 12
_EDGE = 25.0
"""Least range of brightness in a window that counts as an edge, of 255."""
_CRISP = 40.0
"""Step of brightness from one pixel to the next that draws the eye, of 255."""
_RGB_TO_GREY = (0.299, 0.587, 0.114)


class MeasuredPicture:
    """A picture file, decoded once."""

    def __init__(self, path: Path) -> None:
        try:
            self._image = decode(path.read_bytes())
        except OSError as error:
            raise BadOutput(f"{path.name} cannot be read: {error.strerror}") from None
        self.width, self.height = self._image.width(), self._image.height()

    def at(self, width: int, height: int) -> Array:
        """Pixels at another size: height × width × 3, 0 to 255."""
        info = skia.ImageInfo.Make(
            width, height, skia.ColorType.kRGBA_8888_ColorType, skia.AlphaType.kOpaque_AlphaType
        )
        surface = skia.Surface.MakeRaster(info)
        canvas = surface.getCanvas()
        canvas.clear(skia.ColorBLACK)
        smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        canvas.drawImageRect(self._image, skia.Rect.MakeWH(width, height), smooth)
        pixels = np.zeros((height, width, 4), dtype=np.uint8)
        surface.readPixels(info, pixels, 4 * width, 0, 0)
        return pixels[:, :, :3].astype(np.float32)

    @cached_property
    def grey(self) -> Array:
        """Brightness at the working size; a smaller picture stays as it is."""
        return self.at(*self.shrunk(WORKING)) @ np.array(_RGB_TO_GREY, dtype=np.float32)

    def shrunk(self, longest: int) -> tuple[int, int]:
        """Width and height with at most `longest` on the longer side."""
        scale = min(1.0, longest / max(self.width, self.height))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    def save_jpeg(self, longest: int, out: Path) -> None:
        """A copy that is small enough to send."""
        width, height = self.shrunk(longest)
        pixels = self.at(width, height)
        rgba = np.full((height, width, 4), 255, dtype=np.uint8)
        rgba[:, :, :3] = pixels
        data = skia.Image.fromarray(
            np.ascontiguousarray(rgba), skia.ColorType.kRGBA_8888_ColorType
        ).encodeToData(skia.EncodedImageFormat.kJPEG, 90)
        if data is None:
            raise BadOutput("the picture could not be encoded as JPEG")
        out.write_bytes(bytes(data))


@dataclass(frozen=True, slots=True)
class Other:
    """A picture that the one measured must not be a copy of."""

    name: str
    picture: MeasuredPicture


def measure(
    rules: Sequence[Measure], path: Path, brief: Brief, others: Sequence[Other] = ()
) -> list[PictureFinding]:
    """What each rule finds. A file that is no picture fails all of them."""
    try:
        picture = MeasuredPicture(path)
    except BadOutput as error:
        return [_finding(rule, str(error)) for rule in rules]
    return [_finding(rule, _FAULTS[rule.id](picture, rule, brief, others)) for rule in rules]


def _finding(rule: Measure, fault: str) -> PictureFinding:
    verdict = "fail" if fault else "pass"
    return PictureFinding(id=rule.id, level=rule.level, verdict=verdict, evidence=fault)


# --- figures ----------------------------------------------------------------


def contrast(picture: MeasuredPicture) -> float:
    """Spread of brightness (standard deviation, of 255)."""
    return float(picture.grey.std())


def sharpness(picture: MeasuredPicture) -> float | None:
    """How much of a contrast is crossed within one pixel, at the sharpest places; None: no edge.

    About 0.5 and more where edges are crisp; 0.4 / σ under a Gaussian blur of σ pixels. Taken
    where the picture is sharpest, so that a blurred background is no fault.
    """
    spread = np.ptp(_windows(picture.grey), axis=1)
    edges = spread > _EDGE
    if not edges.any():
        return None
    ratio = _windows(_steps(picture.grey)).max(axis=1)[edges] / spread[edges]
    return float(np.percentile(np.minimum(ratio, 1.0), 90))


def picture_difference(one: MeasuredPicture, other: MeasuredPicture) -> float:
    """How unlike two pictures are where they differ most (mean of a block, of 255).

    The most unlike block, not the whole: two moments of one shot differ in a face alone.
    """
    size = one.shrunk(SMALL)
    delta = _calm(one.at(*size)) - _calm(other.at(*size))
    # A change of exposure over the whole picture is no other picture.
    delta -= np.median(delta, axis=(0, 1), keepdims=True)
    return float(_windows(np.abs(delta).mean(axis=2), BLOCK).mean(axis=1).max())


def busy(picture: MeasuredPicture, headroom: float) -> float:
    """Share of the top of a picture that has crisp edges in it, where a title is to be read.

    Backgrounds out of focus and even walls have none; hair, hats and faces have many.
    """
    top = picture.grey[: max(WINDOW, round(picture.grey.shape[0] * headroom))]
    return float((_windows(_steps(top)).max(axis=1) > _CRISP).mean())


def _steps(grey: Array) -> Array:
    """How much each pixel differs from the one before or above it, whichever is more."""
    steps = np.zeros_like(grey)
    steps[:, 1:] = np.abs(np.diff(grey, axis=1))
    steps[1:] = np.maximum(steps[1:], np.abs(np.diff(grey, axis=0)))
    return steps


def _windows(plane: Array, size: int = WINDOW) -> Array:
    """The plane cut into squares: count × pixels of one. What does not fill one is left out."""
    height, width = plane.shape
    size = min(size, height, width)
    rows, columns = height // size, width // size
    cut = plane[: rows * size, : columns * size].reshape(rows, size, columns, size)
    return cut.swapaxes(1, 2).reshape(rows * columns, size * size)


def _calm(pixels: Array) -> Array:
    """Each pixel with its neighbours, so that a shift of a pixel weighs little."""
    padded = np.pad(pixels, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = pixels.shape[:2]
    parts = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return np.stack(parts).mean(axis=0, dtype=np.float32)


# --- faults: empty where there is none --------------------------------------


def _blank(picture: MeasuredPicture, rule: Measure, brief: Brief, others: Sequence[Other]) -> str:
    found = contrast(picture)
    return f"nothing is on it (contrast {found:.1f})" if found < rule.limits["contrast"] else ""


def _size(picture: MeasuredPicture, rule: Measure, brief: Brief, others: Sequence[Other]) -> str:
    have, (width, height) = f"{picture.width}×{picture.height}", brief.shape
    if min(picture.width, picture.height) < rule.limits["side"]:
        return f"{have} is too small to be used"
    # A picture of few pixels cannot be nearer to a shape than half a pixel.
    slack = max(rule.limits["shape"], 1.0 / min(picture.width, picture.height))
    if abs(picture.width * height / (picture.height * width) - 1) > slack:
        return f"{have} has not the shape of {width}×{height}"
    return ""


def _blurred(picture: MeasuredPicture, rule: Measure, brief: Brief, others: Sequence[Other]) -> str:
    found = sharpness(picture)
    if found is None or found >= rule.limits["sharpness"]:
        return ""
    return f"nothing in it is sharp (sharpness {found:.2f})"


def _duplicate(
    picture: MeasuredPicture, rule: Measure, brief: Brief, others: Sequence[Other]
) -> str:
    for other in others:
        if picture_difference(picture, other.picture) < rule.limits["difference"]:
            return f"is the same picture as {other.name}"
    return ""


def _title_area(
    picture: MeasuredPicture, rule: Measure, brief: Brief, others: Sequence[Other]
) -> str:
    found = busy(picture, brief.headroom)
    if found <= rule.limits["busy"]:
        return ""
    return f"{found:.0%} of the title's place is too busy to read a title on"


_FAULTS = {
    "blank": _blank,
    "size": _size,
    "blurred": _blurred,
    "duplicate": _duplicate,
    "title_area": _title_area,
}
