"""The contact sheet: every beat of a film on one page, with its shot, speaker and line.

Knows: pictures and words on a grid. Does not know: plans, where pictures come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import skia as _skia

from renderers.errors import BadOutput
from storyboard import fonts
from storyboard.captions import phrases_of

# Its stubs leave half of the types unknown.
skia: Any = _skia

WIDTH = 1920
"""Pixels across; the height follows."""
_MARGIN, _GAP, _PAD = 56, 28, 18
_TEXT_HEIGHT = 172
_PAPER, _CARD, _INK, _SOFT, _ACCENT = 0xFF16151A, 0xFF211F27, 0xFFF2EEE7, 0xFF9B95A1, 0xFFF2B84B


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One beat (index 0: the hook) as it stands on the sheet."""

    image: Path
    index: int
    type: str
    shot: str
    speaker: str
    line: str


def contact_sheet(entries: Sequence[SheetEntry], out: Path, title: str) -> None:
    """Draw the sheet as a PNG at `out`.

    Raises:
        BadOutput: a picture cannot be read.
    """
    pictures = [_open(entry.image) for entry in entries]
    tall = pictures[0].height() / pictures[0].width()
    columns = _columns(len(entries), tall)
    card = (WIDTH - 2 * _MARGIN - (columns - 1) * _GAP) / columns
    frame = card * tall
    rows = math.ceil(len(entries) / columns)
    top = 150
    height = round(top + rows * (frame + _TEXT_HEIGHT) + (rows - 1) * _GAP + _MARGIN)
    surface = skia.Surface(WIDTH, height)
    with surface as ink:
        ink.clear(_PAPER)
        _text(ink, _fit(title, 54, WIDTH - 2 * _MARGIN), _MARGIN, 92, 54, _INK)
        for number, (entry, picture) in enumerate(zip(entries, pictures, strict=True)):
            x = _MARGIN + number % columns * (card + _GAP)
            y = top + number // columns * (frame + _TEXT_HEIGHT + _GAP)
            _card(ink, entry, picture, skia.Rect.MakeXYWH(x, y, card, frame))
    surface.makeImageSnapshot().save(str(out), skia.kPNG)


def _columns(count: int, tall: float) -> int:
    """As many as keep a tall frame readable and a short film on one screen."""
    most = 6 if tall > 1.2 else 4 if tall > 0.9 else 3
    return max(1, min(count, most, math.ceil(count / max(1, round(count / most)))))


def _card(ink: Any, entry: SheetEntry, picture: Any, frame: Any) -> None:
    whole = skia.Rect.MakeXYWH(
        frame.left(), frame.top(), frame.width(), frame.height() + _TEXT_HEIGHT
    )
    shape = skia.RRect.MakeRectXY(whole, 18, 18)
    ink.save()
    ink.clipRRect(shape, True)
    ink.drawRect(whole, skia.Paint(Color=_CARD))
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    ink.drawImageRect(picture, frame, smooth)
    ink.restore()
    left, room = frame.left() + _PAD, frame.width() - 2 * _PAD
    label = "hook" if entry.index == 0 else f"{entry.index}  {entry.type.replace('_', ' ')}"
    y = frame.bottom() + 34
    _text(ink, _fit(label, 24, room), left, y, 24, _ACCENT)
    _text(ink, _fit(entry.shot, 17, room), left, y + 27, 17, _SOFT)
    if entry.line:
        said = f"{entry.speaker}: {entry.line}" if entry.speaker else entry.line
        for row, line in enumerate(_wrap(said, 20, room, 3)):
            _text(ink, line, left, y + 58 + 28 * row, 20, _INK)
    else:
        _text(ink, "silent", left, y + 58, 20, _SOFT)


def _wrap(text: str, size: float, room: float, most: int) -> list[str]:
    """At most `most` lines; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    for piece in phrases_of(" ".join(text.split())):
        if lines and fonts.width((lines[-1] + piece).rstrip(), size) <= room:
            lines[-1] += piece
        else:
            lines.append(piece)
    if len(lines) > most:
        lines = [*lines[: most - 1], "".join(lines[most - 1 :])]
    return [_fit(line.strip(), size, room) for line in lines]


def _fit(text: str, size: float, room: float) -> str:
    """`text`, shortened until it fits."""
    if fonts.width(text, size) <= room:
        return text
    while text and fonts.width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _text(ink: Any, text: str, x: float, y: float, size: float, colour: int) -> None:
    paint = skia.Paint(AntiAlias=True, Color=colour)
    for run in fonts.runs(fonts.without_missing(text)):
        ink.drawString(run.text, x, y, skia.Font(fonts.typeface(run.family), size), paint)
        x += fonts.width(run.text, size)


def _open(path: Path) -> Any:
    picture = skia.Image.MakeFromEncoded(skia.Data.MakeFromFileName(str(path)))
    if picture is None:
        raise BadOutput(f"{path.name} cannot be read as a picture")
    return picture
