"""Spoils a finished frame: letters, a hand, panels, nothing, a blur, another size, a near copy.

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
from storyboard.media.text import fonts

QUALITY = 72
"""Of WebP, 0 to 100: measures find on such pictures what they find on the originals."""
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
        case "hand":
            fingers, skin, sleeve = value.split()
            _hand(canvas, width, height, int(fingers), skin, sleeve)
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


def compress(png: Path, webp: Path) -> None:
    """Turn a picture into a small one that looks the same."""
    data = decode(png.read_bytes()).encodeToData(skia.EncodedImageFormat.kWEBP, QUALITY)
    webp.write_bytes(bytes(data))
    png.unlink()


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


def _hand(
    canvas: skia.Canvas, width: int, height: int, fingers: int, skin: str, sleeve: str
) -> None:
    """A hand held up before the camera, thumb inwards, with so many fingers."""
    unit = width * 0.06
    across, down = width * 0.24, height * 0.83
    palm = skia.Path()
    palm.addRoundRect(
        skia.Rect.MakeXYWH(across - 1.25 * unit, down - 1.3 * unit, 2.5 * unit, 2.8 * unit),
        unit * 0.8,
        unit * 0.8,
    )
    palm = skia.Op(
        palm, _limb(across, down + unit, 0, 1.5 * unit, height - down), skia.kUnion_PathOp
    )
    others = fingers - 1
    for number in range(others):
        place = (number + 0.5) / others * 2 - 1
        long = (3.2 - 0.7 * abs(place + 0.1)) * unit
        finger = _limb(
            across + place * 1.05 * unit,
            down - 0.6 * unit,
            180 + 20 * place,
            1.9 * unit / others,
            long,
        )
        palm = skia.Op(palm, finger, skia.kUnion_PathOp)
    thumb = _limb(across + 0.8 * unit, down + 0.5 * unit, 238, 0.5 * unit, 2.4 * unit)
    palm = skia.Op(palm, thumb, skia.kUnion_PathOp)
    arm = _limb(across, down + 3.1 * unit, 0, 2.3 * unit, height)
    edge = skia.Paint(Color=0xFF1D1B22, AntiAlias=True, Style=skia.Paint.kStroke_Style)
    edge.setStrokeWidth(max(2.0, width / 180))
    for shape, colour in ((palm, skin), (arm, sleeve)):
        fill = skia.Paint(Color=0xFF000000 | int(colour.removeprefix("#"), 16), AntiAlias=True)
        canvas.drawPath(shape, fill)
        canvas.drawPath(shape, edge)


def _limb(x: float, y: float, degrees: float, wide: float, long: float) -> skia.Path:
    """A bar with round ends from a joint; 0° hangs down, 180° points up."""
    path = skia.Path()
    path.addRoundRect(
        skia.Rect.MakeXYWH(-wide / 2, -wide / 2, wide, long + wide / 2), wide / 2, wide / 2
    )
    turn = skia.Matrix()
    turn.setRotate(degrees)
    turn.postTranslate(x, y)
    path.transform(turn)
    return path


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
