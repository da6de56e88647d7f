"""A picture as it comes from anywhere, as it is seen: turned, opaque, eight bits, one frame.

Phones store a turned picture with a note, editors leave transparency and sixteen bits, prints
are CMYK. Who is sent such a file often sees it otherwise than people do; so it is made plain
first. A plain one keeps its bytes, and every one goes with its real type.

Knows: encoded pictures. Does not know: what they show, who is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import skia as _skia

from renderers.errors import BadOutput, BadRequest
from renderers.image.png import decode

# Its stubs leave half of the types unknown; everything that leaves this module is typed.
skia: Any = _skia
_TYPES = {"kPNG": "png", "kJPEG": "jpeg", "kWEBP": "webp"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """An encoded picture with its real type ("jpeg"), and what was done to it."""

    data: bytes
    kind: str
    warning: str = ""

    @property
    def mime(self) -> str:
        return f"image/{self.kind}"


def incoming(path: Path) -> Incoming:
    """The picture at `path` as people see it, opaque on white.

    Raises:
        BadRequest: it cannot be read, or is no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadRequest(f"the picture {path.name} cannot be read: {error.strerror}") from None
    try:
        codec = skia.Codec.MakeFromData(skia.Data.MakeWithCopy(data))
        kind = _TYPES.get(codec.getEncodedFormat().name, "")
        warning = ""
        if codec.getFrameCount() > 1:
            warning = f"{path.name} is animated: its first picture is taken"
        if kind and not warning and _is_plain(codec, data, kind):
            return Incoming(data, kind)
        return Incoming(on_white(decode(data)), "png", warning)
    except (RuntimeError, BadOutput, AttributeError):
        raise BadRequest(f"{path.name} is no picture that can be read (PNG, JPEG, WebP)") from None


def on_white(picture: Any) -> bytes:
    """A decoded picture as opaque PNG of eight bits, sRGB; what was transparent is white."""
    surface = skia.Surface(picture.width(), picture.height())
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorWHITE)
    canvas.drawImage(picture, 0, 0)
    whole = surface.makeImageSnapshot()
    return bytes(whole.encodeToData(skia.EncodedImageFormat.kPNG, 100))


def _is_plain(codec: Any, data: bytes, kind: str) -> bool:
    """Whether everybody sees the file as it is: upright, opaque, eight bits, no CMYK."""
    upright = codec.getOrigin() == skia.EncodedOrigin.kTopLeft_EncodedOrigin
    deep = kind == "png" and data[24:25] == b"\x10"
    if not upright or deep or _is_cmyk(data, kind):
        return False
    if codec.getInfo().isOpaque():
        return True
    alpha = np.asarray(decode(data).toarray(colorType=skia.ColorType.kRGBA_8888_ColorType))[..., 3]
    return bool(alpha.min() == 255)


def _is_cmyk(data: bytes, kind: str) -> bool:
    """Whether a JPEG's frame header has four components."""
    place = 2
    while kind == "jpeg" and place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker in range(0xC0, 0xD0) and marker not in (0xC4, 0xC8, 0xCC):
            return data[place + 9] == 4
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False
