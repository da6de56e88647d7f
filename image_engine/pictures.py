"""Any picture as the engine sees it: upright 8-bit RGB, with a word on whatever was changed.

Knows: EXIF orientation, 16-bit grey, transparency, CMYK, animations.
Does not know: sizes, references, where a picture comes from. Needs Pillow alone.

What became of a picture travels with it, as an `Origin` in Pillow's own `info`: an upload may
be read, shrunk and drawn in three places, and none of them interprets it a second time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from PIL import Image, ImageOps

FULL_16_BITS = 65535
WIDE_GREYS = ("I;16", "I;16L", "I;16B", "I;16N", "I")


ORIGIN = "image_engine.origin"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a normal picture comes from."""

    notes: tuple[str, ...] = ()
    """What of the original is not in it, or had to be chosen, in words for the sender."""
    fitted_side: int | None = None
    """The side that it was fitted to already, see `references.shrink_references`."""
    sha256: str | None = None
    """The digest of its pixels before it was shrunk."""
    file: str | None = None
    """The file that it was read from, where a name is wanted later."""


def origin_of(picture: Image.Image) -> Origin | None:
    """What `normal_picture` left on it; None for any other picture (whatever its file says)."""
    origin: object = picture.info.get(ORIGIN)
    return origin if isinstance(origin, Origin) else None


def normal_picture(picture: Image.Image) -> Image.Image:
    """The picture as 8-bit RGB: first frame, turned as its EXIF says, 16-bit grey scaled from
    0…65535, transparency on white, CMYK converted. Reads the pixels if they are not read yet.

    A normal picture comes back as it is. Raises what Pillow raises for a damaged file (`OSError`, `SyntaxError`, `ValueError`).
    """
    if origin_of(picture) is not None:
        return picture
    notes: list[str] = []
    frames = int(getattr(picture, "n_frames", 1))
    if frames > 1:
        picture.seek(0)
    if frames > 1 and picture.format != "MPO":  # phones put a preview behind their photographs
        notes.append(f"an animation of {frames} frames: only its first frame is used")
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in WIDE_GREYS:
        turned = _scaled_grey(turned)
    elif turned.mode == "F":
        turned = _scaled_floats(turned)
    if turned.has_transparency_data:
        turned, seen_through = _on_white(turned)
        if seen_through:
            notes.append("transparent parts are drawn on white")
    elif turned.mode == "CMYK":
        notes.append("CMYK is converted to RGB without its print profile; colours may shift")
    image = turned.convert("RGB")
    if image is picture:
        image = picture.copy()
    image.info = {ORIGIN: Origin(tuple(notes))}
    return image


def pixel_digest(picture: Image.Image) -> str:
    """SHA-256 of size and RGB pixels, of the picture as it was before any shrinking."""
    origin = origin_of(picture)
    if origin is not None and origin.sha256 is not None:
        return origin.sha256
    pixels = picture.convert("RGB")
    digest = hashlib.sha256(f"{pixels.width}x{pixels.height}:".encode())
    digest.update(pixels.tobytes())
    return digest.hexdigest()


def _scaled_grey(picture: Image.Image) -> Image.Image:
    """16 bits to 8. Pillow's own conversion cuts at 255, which makes a depth map white."""
    wide = picture.convert("I")
    if picture.mode == "I" and _extrema(wide)[1] <= 255:
        return wide.convert("L")
    return wide.point(lambda value: value * (255 / FULL_16_BITS) + 0.5).convert("L")


def _scaled_floats(picture: Image.Image) -> Image.Image:
    """Floats to 8 bits: 0…1 and 0…255 as they are meant, anything else from lowest to highest."""
    low, high = _extrema(picture)
    if low >= 0 and high <= 255:
        low, high = 0.0, 1.0 if high <= 1 else 255.0
    scale = 255 / ((high - low) or 1.0)
    return picture.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")


def _extrema(picture: Image.Image) -> tuple[float, float]:
    low, high = picture.getextrema()
    assert not isinstance(low, tuple)
    assert not isinstance(high, tuple)
    return float(low), float(high)


def _on_white(picture: Image.Image) -> tuple[Image.Image, bool]:
    """Composited on white, and whether anything was to be seen through."""
    layered = picture.convert("RGBA")
    lowest, _ = _extrema(layered.getchannel("A"))
    if lowest == 255:
        return layered.convert("RGB"), False
    white = Image.new("RGBA", layered.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layered).convert("RGB"), True
