"""The hook's title: big, at the top edge, inside the safe area, over no face, hair or inset.

Laid out line by line before anything is rendered, so that its box is known to the pixel;
drawn with the captions (`storyboard.media.text.subtitles`).

Knows: type, boxes. Does not know: films, frames, how text is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storyboard.media.text import fonts
from storyboard.media.text.breaks import phrases_of
from storyboard.plan import Canvas

TOP = 20 / 768
"""Where the title begins, in parts of the height."""
SIDE = 0.06
"""Safe margin left and right, in parts of the width."""
LARGEST, SMALLEST = 0.115, 0.05
"""Pixels to the em in parts of the canvas's shorter side."""
ROOM = 0.25
"""Height the title may take when no face is known, in parts of the canvas's."""
LEADING = 1.18
"""From one baseline to the next, in ems."""
OUTLINE = 0.11
"""Dark edge around the letters, in ems."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


@dataclass(frozen=True, slots=True)
class TitleLayout:
    """The lines of a title, and its em in pixels."""

    lines: tuple[str, ...]
    em: float
    box: Box
    """What the ink stays in."""
    warnings: tuple[str, ...] = ()


def lay_title(text: str, canvas: Canvas, faces: Sequence[Box] = ()) -> TitleLayout:
    """Fit `text` into the room above the highest of `faces`: the largest size that holds it.

    A title that does not even fit at the smallest size is shortened, with a warning.
    """
    warnings: list[str] = []
    clean = re.sub(
        r"\s+", " ", "".join(c if unicodedata.category(c) != "Cc" else " " for c in text)
    )
    # What that leaves out was told with the plan (`storyboard.media.text.glyphs`).
    clean = fonts.without_missing(clean).strip()
    top = TOP * canvas.height
    bottom = min([canvas.height * (TOP + ROOM), *(face.y for face in faces if face.y > top)])
    if any(face.y <= top for face in faces):
        warnings.append("a face reaches up into the title; choose a wider shot for the hook")
    room = max(bottom - top, canvas.height * 0.06)
    side = min(canvas.width, canvas.height)
    em = LARGEST * side
    while em > SMALLEST * side:
        if layout := _try(clean, em, canvas, room):
            return TitleLayout(*layout, tuple(warnings))
        em *= 0.94
    em = SMALLEST * side
    shortened = clean
    while True:
        if layout := _try(shortened, em, canvas, room):
            warnings.append(
                f"the title is too long for its room and was shortened to {shortened!r}"
            )
            return TitleLayout(*layout, tuple(warnings))
        shortened = shortened.rstrip("…")[:-1].rstrip() + "…"
        if shortened == "…":
            return TitleLayout(
                (), em, Box(canvas.width / 2, top, 0, 0), (*warnings, "no room for a title")
            )


def kept_clear(info: Mapping[str, Any]) -> list[Box]:
    """What a title lies over neither in this picture, by the record beside it: faces, and where
    a drawing says more, hair and insets."""
    boxes: list[list[float]] = []
    for kind in ("faces", "clear"):
        boxes += (info.get(kind) or {}).values()
    return [Box(*box) for box in boxes]


def baselines(layout: TitleLayout) -> list[float]:
    """Pixels from the canvas's top to each line's baseline."""
    first = layout.box.y + layout.em * 0.98
    return [first + i * layout.em * LEADING for i in range(len(layout.lines))]


def _try(
    text: str, em: float, canvas: Canvas, room: float
) -> tuple[tuple[str, ...], float, Box] | None:
    """The layout at this size, or None if it needs more than three lines or its room."""
    available = canvas.width * (1 - 2 * SIDE)
    outline = em * OUTLINE
    lines = _wrap(text, em, available - 2 * outline)
    height = em * (LEADING * len(lines) + 0.12) + em * _depth(lines)
    if not lines or len(lines) > 3 or height > room:
        return None
    widest = max(fonts.width(line, em) for line in lines) + 2 * outline
    if widest > available:
        return None
    box = Box((canvas.width - widest) / 2, TOP * canvas.height, widest, height)
    return tuple(lines), em, box


def _depth(lines: Sequence[str]) -> float:
    """Ems by which the last line reaches lower than Latin does (Arabic, Myanmar)."""
    return max(0.0, fonts.descent(lines[-1]) - fonts.descent("x")) if lines else 0.0


def _wrap(text: str, em: float, available: float) -> list[str]:
    """Lines as even as they can be: as few as needed, then the narrowest that still fit."""
    pieces = phrases_of(text)
    count = len(_greedy(pieces, em, available))
    low, high = available / 3, available
    for _ in range(12):
        middle = (low + high) / 2
        lines = _greedy(pieces, em, middle)
        fits = len(lines) <= count and all(fonts.width(line, em) <= middle for line in lines)
        low, high = (low, middle) if fits else (middle, high)
    return _greedy(pieces, em, high)


def _greedy(pieces: Sequence[str], em: float, available: float) -> list[str]:
    lines: list[str] = []
    for piece in pieces:
        if lines and fonts.width((lines[-1] + piece).rstrip(), em) <= available:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()]
