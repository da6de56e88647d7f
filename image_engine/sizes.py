"""Sizes of pictures: the trained buckets, and what a request's size becomes.

Knows: widths, heights, areas. Does not know: pixels.
"""

from __future__ import annotations

import math

from image_engine.request import PATCH

BUCKETS = (
    (2048, 2048),
    (2304, 1728),
    (1728, 2304),
    (2560, 1440),
    (1440, 2560),
    (2496, 1664),
    (1664, 2496),
    (3104, 1312),
    (1312, 3104),
    (2304, 1792),
    (1792, 2304),
)
"""Width and height of every size the model was trained on."""

FAR_FROM_BUCKETS = 0.12
"""A ratio further than this from every bucket's (as a factor) is worth a warning."""


def closest_bucket(width: int, height: int) -> tuple[int, int]:
    """The trained size whose width/height is nearest; the earlier one on a tie."""
    return min(BUCKETS, key=lambda size: abs(size[0] / size[1] - width / height))


def distance_to_buckets(width: int, height: int) -> float:
    """How far the ratio is from the nearest trained one, as a factor less 1; symmetric."""
    ratio = math.log(width / height)
    return math.exp(min(abs(math.log(w / h) - ratio) for w, h in BUCKETS)) - 1


def grid(width: int, height: int) -> tuple[int, int]:
    """TokenCounts and columns of 32-px patches."""
    return height // PATCH, width // PATCH


def reference_side(longest: int, references: int) -> int:
    """S: the side of the square whose area each of `references` pictures may fill.

    `longest` is the longer side of the target; `references` counts a layout canvas.
    """
    if references <= 1:
        return longest
    if references == 2:
        return longest * 48 // 64
    if references <= 4:
        return longest // 2
    if references <= 8:
        return longest * 24 // 64
    return longest // 4


def vision_side(references: int) -> int:
    """Side of the square whose area the vision tower's copy of each reference fills."""
    if references <= 4:
        return 384
    return 288 if references <= 8 else 192


def vision_copy_size(side: int, width: int, height: int) -> tuple[int, int]:
    """Size of the vision tower's copy: area of at most `side`², the ratio kept, sides cut to
    multiples of 32 (never below one)."""
    ratio = width / height
    exact_width = math.sqrt(side * side * ratio)
    exact_height = exact_width / ratio
    return (max(1, int(exact_width / PATCH)) * PATCH, max(1, int(exact_height / PATCH)) * PATCH)


def fitted_size(width: int, height: int, side: int) -> tuple[int, int]:
    """The largest size in multiples of 32 with about this ratio and an area of at most `side`².

    Either side may be 0 for pictures too narrow for one patch.
    """
    scale = math.sqrt(side * side / (width * height))
    candidates = [
        (wide // PATCH * PATCH, high // PATCH * PATCH)
        for wide in (round(width * scale), math.floor(width * scale))
        for high in (round(height * scale), math.floor(height * scale))
    ]
    fitting = [size for size in candidates if size[0] * size[1] <= side * side]
    return max(fitting, key=lambda size: size[0] * size[1])
