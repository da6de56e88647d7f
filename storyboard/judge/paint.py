"""Spoils a finished frame: letters, panels, nothing, a blur, another size, a near copy.

Knows: pixels. Does not know: why anybody would.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import skia

from renderers.errors import BadOutput
from renderers.image.png import decode, middle, write_part, write_shaped
from storyboard import fonts

_COLOURS = {"black": 0xFF050506, "white": 0xFFFDFDFC, "grey": 0xFF7F8082}
_SHAPES = {"wide": (960, 540), "square": (540, 540), "narrow": (540, 1170), "tiny": (72, 128)}
_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)


def over(path: Path, how: str, faces: Mapping[str, Any]) -> None:
    """Rewrite the picture at `path`. `faces` has left, top, width, height by figure."""
    image = decode(path.read_bytes())
    width, height = image.width(), image.height()
    if how in _SHAPES:
        _write(_fitted(image, *_SHAPES[how]), path)
        return
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.drawImage(image, 0, 0)
    kind, _, value = how.partition(" ")
    match kind:
        case "black" | "white" | "grey":
            canvas.clear(_COLOURS[kind])
        case "noise":
            _noise(canvas, width, height)
        case "blur":
            sigma = float(value)
            paint = skia.Paint(
                ImageFilter=skia.ImageFilters.Blur(sigma, sigma, skia.TileMode.kClamp)
            )
            canvas.drawImage(image, 0, 0, _SMOOTH, paint)
        case "letters":
            left, top, wide, tall = next(iter(faces.values()))
            _write_text(canvas, "SALE", left + wide * 0.05, top + tall * 0.62, wide * 0.9)
        case "caption":
            _write_text(canvas, "www.stock-photo", width * 0.12, height * 0.74, width * 0.76)
        case "panels":
            _panels(canvas, image)
        case "lighter" | "darker":
            canvas.drawColor(0x0CFFFFFF if kind == "lighter" else 0x0C000000)
        case "shifted":
            canvas.drawImage(image, 1, 1)
        case "jpeg":
            data = image.encodeToData(skia.EncodedImageFormat.kJPEG, 70)
            write_shaped(bytes(data), width, height, path)
            return
        case "same":
            return
        case _:
            raise ValueError(f"nobody knows how to paint {how!r}")
    _write(surface.makeImageSnapshot(), path)


def _fitted(image: skia.Image, width: int, height: int) -> skia.Image:
    """The picture cut and scaled to another size."""
    left, top, wide, tall = middle(image.width(), image.height(), width, height)
    surface = skia.Surface(width, height)
    source = skia.Rect.MakeXYWH(left, top, wide, tall)
    target = skia.Rect.MakeWH(width, height)
    surface.getCanvas().drawImageRect(image, source, target, _SMOOTH)
    return surface.makeImageSnapshot()


def _noise(canvas: skia.Canvas, width: int, height: int) -> None:
    """An even grey with a grain that one hardly sees."""
    grain = np.random.default_rng(5).integers(118, 126, (height, width), dtype=np.uint8)
    pixels = np.dstack([grain, grain, grain, np.full_like(grain, 255)])
    canvas.drawImage(skia.Image.fromarray(np.ascontiguousarray(pixels)), 0, 0)


def _write_text(canvas: skia.Canvas, text: str, left: float, base: float, wide: float) -> None:
    size = 40.0 * wide / fonts.width(text, 40.0)
    font = skia.Font(fonts.typeface(), size)
    edge = skia.Paint(Color=0xFF101014, AntiAlias=True, Style=skia.Paint.kStroke_Style)
    edge.setStrokeWidth(size / 8)
    canvas.drawString(text, left, base, font, edge)
    canvas.drawString(text, left, base, font, skia.Paint(Color=0xFFFFFFFF, AntiAlias=True))


def _panels(canvas: skia.Canvas, image: skia.Image) -> None:
    """The picture twice, above itself, with a white line between."""
    width, height = image.width(), image.height()
    canvas.clear(skia.ColorWHITE)
    source = skia.Rect.MakeXYWH(0, height * 0.1, width, height * 0.49)
    for top in (0.0, height * 0.51):
        target = skia.Rect.MakeXYWH(0, top, width, height * 0.49)
        canvas.drawImageRect(image, source, target, _SMOOTH)


def _write(image: skia.Image, path: Path) -> None:
    if image.width() < 1:
        raise BadOutput(f"{path.name} has no pixels")
    write_part(image, (0, 0, image.width(), image.height()), path)
