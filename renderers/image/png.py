"""PNG pictures as bytes: measured, brought to a shape, their text kept.

Knows: the file format, pixels by way of skia. Does not know: who drew a picture or why.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import skia

from renderers.errors import BadOutput
from renderers.scratch import written

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXT = (b"tEXt", b"iTXt", b"zTXt")
Box = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""


def write_shaped(data: bytes, width: int, height: int, out: Path) -> tuple[int, int]:
    """Write a picture to `out` as PNG, cut from its middle to the shape of `width`:`height`.

    The picture keeps its own resolution; a PNG that has the shape already keeps its bytes.
    Returns the size written. Raises `BadOutput` if `data` is no picture.
    """
    image = decode(data)
    box = middle(image.width(), image.height(), width, height)
    if box[2:] == (image.width(), image.height()) and data.startswith(_SIGNATURE):
        _write(out, data)
    else:
        # Pictures from the engine carry their request as text: it goes along.
        text = _text_chunks(data) if data.startswith(_SIGNATURE) else b""
        _write(out, _encode(image, box, text))
    return box[2:]


def write_part(image: skia.Image, box: Box, out: Path) -> None:
    """Write one part of a picture as a PNG of its own."""
    _write(out, _encode(image, box, b""))


def packed(image: skia.Image, text: Mapping[bytes, bytes] | None = None) -> bytes:
    """A drawn picture as PNG without transparency, with `text` by keyword after its header.

    Flat colour packs best as it is: skia, which filters the rows first, takes longer for more.
    """
    pixels = image.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 1:] = pixels[:, :, :3].reshape(height, 3 * width)
    chunks = (
        b"IHDR" + struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0),
        *(b"tEXt" + keyword + b"\0" + said for keyword, said in (text or {}).items()),
        b"IDAT" + zlib.compress(rows.tobytes(), 4),
        b"IEND",
    )
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in chunks
    )


def decode(data: bytes) -> skia.Image:
    """The picture in `data` (PNG, JPEG or WebP). Raises `BadOutput` if it is none."""
    # A copy, and decoded at once: skia.Data alone points into bytes that Python may free.
    lazy = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data)) if data else None
    image = lazy.makeRasterImage() if lazy is not None else None
    if image is None:
        raise BadOutput("the answer is not a readable picture")
    return image


def middle(have_width: int, have_height: int, width: int, height: int) -> Box:
    """The largest box of the shape `width`:`height` in the middle of a picture."""
    cut_width = min(have_width, round(have_height * width / height))
    cut_height = min(have_height, round(have_width * height / width))
    return (have_width - cut_width) // 2, (have_height - cut_height) // 2, cut_width, cut_height


def _encode(image: skia.Image, box: Box, text: bytes) -> bytes:
    left, top, width, height = box
    part = image.makeSubset(skia.IRect.MakeXYWH(left, top, width, height))
    data = part.encodeToData(skia.EncodedImageFormat.kPNG, 100) if part is not None else None
    if data is None:
        raise BadOutput(f"a part of {width}×{height} could not be cut from the picture")
    png = bytes(data)
    # Text stands after the header chunk: 8 bytes of signature and 25 of IHDR.
    return png[:33] + text + png[33:]


def _text_chunks(png: bytes) -> bytes:
    return b"".join(chunk for kind, chunk in _chunks(png) if kind in _TEXT)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(kind, whole chunk) of each chunk of a PNG."""
    at = len(_SIGNATURE)
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at : at + 12 + length]
        at += 12 + length


def _write(out: Path, data: bytes) -> None:
    with written(out) as temporary:
        temporary.write_bytes(data)
