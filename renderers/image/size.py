"""What of a request every image model bounds: the size that is drawn, the references it takes.

Knows: requests, arithmetic. Does not know: models.
"""

from __future__ import annotations

import math

from renderers.base import ImageRequest
from renderers.errors import BadRequest

MAX_SIDE = 4096


def drawn_size(request: ImageRequest, side: int = 1024, multiple: int = 32) -> tuple[int, int]:
    """The size to draw for a request: of the area `side`² in its shape, or with the longer side
    that its options name; the shorter side is rounded up, so that cutting costs no resolution.

    Raises:
        BadRequest: `resolution` is no number.
    """
    shape = request.width / request.height
    longest = request.options.get("resolution")
    if longest is not None and not isinstance(longest, int | float):
        raise BadRequest(f"image options.resolution: {longest!r} is no number of pixels")
    longer = float(longest or side * math.sqrt(max(shape, 1 / shape)))
    longer = min(MAX_SIDE, max(multiple, round(longer / multiple) * multiple))
    shorter = math.ceil(longer * min(shape, 1 / shape) / multiple) * multiple
    return (longer, shorter) if shape >= 1 else (shorter, longer)


def at_most(request: ImageRequest, references: int) -> None:
    """
    Raises:
        BadRequest: it has more references than that.
    """
    if len(request.references) > references:
        raise BadRequest(
            f"{len(request.references)} references; this backend takes {references} "
            "(image.options.max_references)"
        )
