"""Reference pictures from outside: uploads, base64 text, and files under an allowed root.

Knows: how to turn untrusted bytes or a path into an upright RGB picture within limits
(bytes, pixels, formats), and that nothing outside the root is ever opened.
Does not know: HTTP, the queue, what the pictures are for.

Every fault is an `UploadError` with a stable `code` and the HTTP status that fits it.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from image_engine.pictures import normal_picture

FORMATS = ("PNG", "JPEG", "WEBP")
"""Decoders that untrusted bytes may reach; Pillow knows dozens more, some of them fragile."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one request may bring along. Counts are inclusive."""

    image_bytes: int = 32 * 2**20
    """Encoded size of one picture."""
    image_pixels: int = 40_000_000
    """Decoded size of one picture; checked from its header, before decoding."""
    request_pixels: int = 100_000_000
    """Decoded size of all pictures of one request together."""


class UploadError(Exception):
    """A reference picture was refused. The message says which limit, and how to fix it."""

    def __init__(self, message: str, *, code: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def decode_picture(data: bytes, limits: UploadLimits, *, label: str) -> Image.Image:
    """Decode one picture completely, after checking its size from the header alone.

    `label` names the picture in messages ("image 2"). What comes back is upright RGB, with a
    note of whatever was changed (`pictures.origin_of`). Raises `UploadError`.
    """
    if len(data) > limits.image_bytes:
        raise UploadError(
            f"{label} is {len(data):,} bytes; at most {limits.image_bytes:,} are allowed. "
            "Scale it down or use a stronger compression.",
            code="image_too_large",
            status=413,
        )
    try:
        with warnings.catch_warnings():
            # Pillow's own bomb guard warns at a limit that is not ours; ours follows at once.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > limits.image_pixels:
            raise UploadError(
                f"{label} is {width}×{height} = {width * height:,} pixels; "
                f"at most {limits.image_pixels:,} are allowed. Scale it down.",
                code="image_too_large",
                status=413,
            )
        picture.load()
        return normal_picture(picture)
    except Image.DecompressionBombError as error:
        raise UploadError(f"{label}: {error}", code="image_too_large", status=413) from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # Pillow reports broken files through all of these, depending on the decoder.
        raise UploadError(
            f"{label} is not a readable {', '.join(FORMATS)} picture; send one of these formats.",
            code="invalid_image",
        ) from error


def decode_base64(text: str, limits: UploadLimits, *, label: str) -> Image.Image:
    """Decode base64 text, with or without a `data:image/…;base64,` prefix."""
    if text.startswith("data:"):
        header, _, text = text.partition(",")
        if not header.endswith(";base64"):
            raise UploadError(
                f"{label}: a data URL must read data:image/png;base64,…", code="invalid_image"
            )
    # Four characters carry three bytes: refuse before allocating the decoded copy.
    if len(text) // 4 * 3 > limits.image_bytes + 3:
        raise UploadError(
            f"{label}: about {len(text) // 4 * 3:,} bytes of base64; "
            f"at most {limits.image_bytes:,} are allowed.",
            code="image_too_large",
            status=413,
        )
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise UploadError(f"{label} is not valid base64: {error}", code="invalid_image") from error
    return decode_picture(data, limits, label=label)


class ReferenceRoot:
    """The one folder that `ref_image_paths` may name, or none at all.

    Paths are relative to the root, or absolute and inside it. Symbolic links are followed
    first and judged by where they end. A path outside is refused with one and the same answer
    whether the file exists or not, so the server cannot be asked what is on the disk.
    """

    def __init__(self, root: Path | None) -> None:
        self.root = root.expanduser().resolve(strict=True) if root is not None else None

    def read(self, path: str, limits: UploadLimits, *, label: str) -> tuple[str, Image.Image]:
        """The file's path relative to the root, and its picture. Raises `UploadError`."""
        if self.root is None:
            raise UploadError(
                "this server has no reference folder, so ref_image_paths are refused; "
                "upload the pictures, send them as base64, or start it with --root FOLDER",
                code="paths_disabled",
            )
        target = self._inside(self.root, path, label)
        picture = decode_picture(self._bytes(target, limits, label), limits, label=label)
        return str(target.relative_to(self.root)), picture

    @staticmethod
    def _inside(root: Path, path: str, label: str) -> Path:
        try:
            target = (root / path).resolve()
        except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL byte, a name too long
            target = None
        if target is None or not target.is_relative_to(root):
            raise UploadError(
                f"{label}: the path is not inside the server's reference folder; "
                "give it relative to that folder",
                code="path_outside_root",
            )
        return target

    @staticmethod
    def _bytes(target: Path, limits: UploadLimits, label: str) -> bytes:
        # O_NOFOLLOW: the resolved path has no link left, so a link here was put in since.
        # O_NONBLOCK: opening a named pipe must not hang the server.
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        try:
            descriptor = os.open(target, flags)
        except OSError as error:
            raise UploadError(
                f"{label}: no readable file of that name in the reference folder",
                code="reference_not_found",
                status=404,
            ) from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UploadError(f"{label}: not a regular file", code="invalid_image")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(limits.image_bytes + 1)
        finally:
            os.close(descriptor)
