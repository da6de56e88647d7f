"""Reference pictures made ready: target size, resized copies, vision copies, layout canvas.

Knows: sizes and copies of references. Does not know: file formats (`pictures`), tokens, the model.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from image_engine import sizes
from image_engine.errors import BadRequest
from image_engine.pictures import ORIGIN, Origin, normal_picture, origin_of, pixel_digest
from image_engine.request import PATCH, Box, ImageRequest, Reference

KEPT_ASPECT_SIDE = 2048
COLORS = (
    (255, 0, 0),
    (0, 180, 0),
    (0, 0, 255),
    (204, 180, 0),
    (255, 0, 255),
    (0, 255, 255),
    (128, 0, 0),
    (0, 128, 0),
    (0, 0, 128),
    (128, 128, 0),
)
MAX_DRAWN_BOXES = 5


@dataclass(frozen=True, slots=True)
class PreparedReference:
    """One reference as the model takes it."""

    image: Image.Image
    """RGB, sides multiples of 32."""
    vision_copy: Image.Image
    """The smaller copy that the vision tower sees."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.size

    def patches(self) -> torch.Tensor:
        """float32 (patches, 3072) in [-1, 1], flattened (channel, row, column)."""
        pixels = torch.from_numpy(np.array(self.image)).permute(2, 0, 1).float()
        return to_patches((pixels / 255 - 0.5) / 0.5)

    def digest(self) -> bytes:
        """SHA-256 of the vision copy: two references with one digest have one prefix."""
        size = f"{self.vision_copy.width}x{self.vision_copy.height}:".encode()
        return hashlib.sha256(size + self.vision_copy.tobytes()).digest()


@dataclass(frozen=True, slots=True)
class Scene:
    """The target's size and the references that go with it, a layout canvas last."""

    width: int
    height: int
    references: tuple[PreparedReference, ...]
    notes: tuple[str, ...] = ()
    """What of the given pictures is not in the references, one line each."""


def to_patches(image: torch.Tensor) -> torch.Tensor:
    """(3, H, W) → (H/32 · W/32, 3072): patches row by row, each flattened (C, row, column)."""
    channels, height, width = image.shape
    rows, columns = height // PATCH, width // PATCH
    tiles = image.reshape(channels, rows, PATCH, columns, PATCH).permute(1, 3, 0, 2, 4)
    return tiles.reshape(rows * columns, channels * PATCH * PATCH)


def to_image(patches: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """The inverse of `to_patches`: (N, 3072) → (3, H, W)."""
    rows, columns = height // PATCH, width // PATCH
    tiles = patches.reshape(rows, columns, 3, PATCH, PATCH).permute(2, 0, 3, 1, 4)
    return tiles.reshape(3, height, width)


def prepare_scene(request: ImageRequest) -> Scene:
    """Decide the target's size and make every reference ready.

    Raises `BadRequest` for a file that is no picture or too narrow to hold one patch.
    """
    pictures = [_open(item, index) for index, item in enumerate(request.references)]
    notes = tuple(_notes(pictures))
    boxes = request.boxes()
    if request.keep_original_aspect:
        pictures = [_fit(pictures[0], KEPT_ASPECT_SIDE, 0)]
        width, height = pictures[0].size
    elif request.snap_resolution:
        width, height = sizes.closest_bucket(request.width, request.height)
    else:
        width, height = request.width, request.height
    count = len(pictures) + bool(boxes)
    side = sizes.reference_side(max(width, height), count)
    if not (request.keep_original_aspect and count == 1):
        pictures = [_fit(picture, side, index) for index, picture in enumerate(pictures)]
    if boxes:
        canvas, colors = draw_layout(boxes, width, height, len(pictures))
        pictures = [
            add_border(picture, color) for picture, color in zip(pictures, colors, strict=True)
        ]
        pictures.append(_fit(canvas, side, len(pictures)))
    prepared = tuple(_with_vision_copy(picture, count) for picture in pictures)
    return Scene(width, height, prepared, notes)


def shrink_references(request: ImageRequest) -> ImageRequest:
    """The same request with its pictures no larger than it draws with them, bit for bit alike.

    For requests that wait: a photograph of 40 megapixels is used at 4 at the most. Only pictures
    in memory are shrunk, and none is enlarged.
    """
    if request.keep_original_aspect:
        side = KEPT_ASPECT_SIDE
    else:
        size = (request.width, request.height)
        longest = max(sizes.closest_bucket(*size) if request.snap_resolution else size)
        side = sizes.reference_side(longest, len(request.references) + bool(request.boxes()))
    shrunk: list[Reference] = []
    for index, item in enumerate(request.references):
        if isinstance(item, Image.Image) and item.width * item.height > side * side:
            normal = _open(item, index)
            item = _fit(normal, side, index)
            origin = origin_of(normal) or Origin()
            sha256 = origin.sha256 or pixel_digest(normal)
            item.info = {ORIGIN: replace(origin, fitted_side=side, sha256=sha256)}
        shrunk.append(item)
    return replace(request, references=shrunk)


def draw_layout(
    boxes: tuple[Box, ...], width: int, height: int, references: int
) -> tuple[Image.Image, list[tuple[int, int, int]]]:
    """A black canvas with the boxes outlined, largest first, and the colour of each reference.

    A reference without a drawn box of its own takes the colour of its place in the list.
    """
    corners = [_to_pixels(box, width, height) for box in boxes]
    order = sorted(range(len(boxes)), key=lambda index: _area(corners[index]), reverse=True)
    canvas = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(canvas)
    line = int(math.sqrt(width * height) * 0.05)
    thinner = max(1, line // MAX_DRAWN_BOXES)
    colors = [COLORS[index % len(COLORS)] for index in range(references)]
    for rank, index in enumerate(order[:MAX_DRAWN_BOXES]):
        draw.rectangle(corners[index], outline=COLORS[rank], width=max(line - rank * thinner, 5))
        if index < references:
            colors[index] = COLORS[rank]
    return canvas, colors


def add_border(picture: Image.Image, color: tuple[int, int, int]) -> Image.Image:
    """A copy with an inner border of 4 % of √area."""
    bordered = picture.copy()
    width = int(math.sqrt(picture.width * picture.height) * 0.04)
    if width:
        ImageDraw.Draw(bordered).rectangle(
            (0, 0, picture.width - 1, picture.height - 1), outline=color, width=width
        )
    return bordered


def _notes(pictures: Sequence[Image.Image]) -> Iterator[str]:
    for index, picture in enumerate(pictures, 1):
        origin = origin_of(picture)
        for note in origin.notes if origin else ():
            yield f"reference {index}: {note}"


def _open(reference: Reference, index: int) -> Image.Image:
    """The picture as upright RGB. Raises `BadRequest`."""
    try:
        if isinstance(reference, Image.Image):
            return normal_picture(reference)
        with Image.open(Path(reference)) as picture:
            return normal_picture(picture)
    except (OSError, SyntaxError, ValueError) as error:
        raise BadRequest(
            f"references[{index}]", f"{str(reference)!r} is not a readable picture: {error}"
        ) from error


def _fit(picture: Image.Image, side: int, index: int) -> Image.Image:
    """Shrink or grow to `fitted_size`: halve with a box filter, then bicubic, then centre-crop."""
    origin = origin_of(picture)
    if origin is not None and origin.fitted_side == side:
        return picture
    while min(picture.size) >= 2 * side:
        halved = (picture.width // 2, picture.height // 2)
        picture = picture.resize(halved, Image.Resampling.BOX)
    width, height = sizes.fitted_size(picture.width, picture.height, side)
    if not width or not height:
        raise BadRequest(
            f"references[{index}]",
            f"{picture.width}×{picture.height} is too narrow: at an area of {side}² its short side "
            f"falls below {PATCH} px; crop it",
        )
    across, down = picture.width / width, picture.height / height
    if across < down:
        grown = round(picture.height / across)
        picture = picture.resize((width, grown), Image.Resampling.BICUBIC)
        top = (grown - height) // 2
        return picture.crop((0, top, width, top + height))
    grown = round(picture.width / down)
    picture = picture.resize((grown, height), Image.Resampling.BICUBIC)
    left = (grown - width) // 2
    return picture.crop((left, 0, left + width, height))


def _with_vision_copy(picture: Image.Image, count: int) -> PreparedReference:
    size = sizes.vision_copy_size(sizes.vision_side(count), picture.width, picture.height)
    return PreparedReference(picture, picture.resize(size, Image.Resampling.LANCZOS))


def _to_pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    x1, x2, y1, y2 = box
    left, right = (min(width - 1, round(x * width)) for x in (x1, x2))
    top, bottom = (min(height - 1, round(y * height)) for y in (y1, y2))
    return left, top, right, bottom


def _area(corners: tuple[int, int, int, int]) -> int:
    left, top, right, bottom = corners
    return (right - left) * (bottom - top)
