"""The contact sheet: every beat of a film on one page, with its shot, speaker and line.

Knows: pictures and words on a grid. Does not know: plans, where pictures come from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import skia

from renderers.image.png import packed
from storyboard.core.files import atomic
from storyboard.media.text import fonts
from storyboard.media.text.lettering import fit, open_picture, show_whole, wrap, write

WIDTH = 1920
"""Pixels across a full page; a film of few beats gets a narrower one."""
_NARROWEST = 560
_MARGIN, _GAP, _PAD = 56, 24, 16
_LINES = 4
"""Most lines of what is said on a card; the rest ends in an ellipsis."""
_SMALLEST_CARD = 236
_PAGE, _PAGE_FOOT, _CARD, _EDGE = 0xFF17151D, 0xFF0F0E13, 0xFF24212C, 0xFF37333F
_WHITE, _SOFT, _ACCENT = 0xFFF4F0E8, 0xFF9D97A8, 0xFFF5BE4F
_VOICES = (0xFFFF8A65, 0xFF6EC1E4, 0xFFA5D66F, 0xFFE38AD0, 0xFFFFD166, 0xFF8FA3FF)
"""Colours of the speakers, in the order they first speak."""


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One beat (index 0: the hook) as it stands on the sheet."""

    image: Path
    index: int
    type: str
    shot: str
    speaker: str
    line: str


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where cards go, in pixels. `frame` is the height of a picture, `card` its width."""

    columns: int
    card: float
    frame: float
    shots: int
    """Rows of shot terms on the card that needs most."""
    text: float

    @property
    def width(self) -> float:
        across = self.columns * self.card + (self.columns - 1) * _GAP
        return max(_NARROWEST, across + 2 * _MARGIN)


def contact_sheet(entries: Sequence[SheetEntry], out: Path, title: str, note: str = "") -> None:
    """Draw the sheet as a PNG at `out`, about `WIDTH` pixels across.

    `note` is what whoever looks at it should know of the film; it stands below the title.

    Cards have the shape of the first picture; a picture of another shape is shown whole.

    Raises:
        ValueError: there are no entries.
        BadOutput: a picture cannot be read.
    """
    if not entries:
        raise ValueError("a contact sheet needs at least one entry")
    pictures = [open_picture(entry.image) for entry in entries]
    grid = _lay_out(entries, pictures[0].height() / pictures[0].width())
    room = grid.width - 2 * _MARGIN
    heading = wrap(title, 52, room, 2 if room > 900 else 4)
    told = wrap(note, 22, room, 6) if note else ()
    top = _MARGIN + 64 * len(heading) + 62 + 30 * len(told)
    rows = math.ceil(len(entries) / grid.columns)
    height = top + rows * (grid.frame + grid.text) + (rows - 1) * _GAP + _MARGIN
    surface = skia.Surface(round(grid.width), round(height))
    canvas = surface.getCanvas()
    _page(canvas, grid.width, height)
    for row, line in enumerate(heading):
        write(canvas, line, _MARGIN, _MARGIN + 48 + 64 * row, 52, _WHITE, bold=True)
    write(canvas, _summary(entries), _MARGIN, top - 36 - 30 * len(told), 22, _SOFT)
    for row, line in enumerate(told):
        write(canvas, line, _MARGIN, top - 36 - 30 * (len(told) - 1 - row), 22, _ACCENT)
    voices = _voices(entries)
    for number, (entry, picture) in enumerate(zip(entries, pictures, strict=True)):
        x = _MARGIN + number % grid.columns * (grid.card + _GAP)
        y = top + number // grid.columns * (grid.frame + grid.text + _GAP)
        _card(canvas, entry, picture, skia.Point(x, y), grid, voices)
    with atomic(out) as temporary:
        temporary.write_bytes(packed(surface.makeImageSnapshot()))


def _lay_out(entries: Sequence[SheetEntry], tall: float) -> _Grid:
    """As many columns as make the page about as wide as it is high, cards still readable."""
    count = len(entries)
    widest = 380 if tall > 1.2 else 480 if tall > 0.9 else 640
    room = WIDTH - 2 * _MARGIN
    most = int((room + _GAP) / (_SMALLEST_CARD + _GAP))

    def grid(columns: int) -> _Grid:
        card = min(widest, (room - (columns - 1) * _GAP) / columns)
        lines = max(len(_said(entry, card)) for entry in entries)
        shots = max(len(_terms(entry, card)) for entry in entries)
        return _Grid(columns, card, card * tall, shots, 54 + 20 * shots + 27 * lines + _PAD)

    def misfit(candidate: _Grid) -> tuple[float, int]:
        rows = math.ceil(count / candidate.columns)
        height = rows * (candidate.frame + candidate.text + _GAP) + 160
        empty = rows * candidate.columns - count
        return abs(math.log(candidate.width / height / 1.4)) + empty / (
            rows * candidate.columns
        ), -candidate.columns

    return min((grid(n) for n in range(1, min(most, count) + 1)), key=misfit)


def _summary(entries: Sequence[SheetEntry]) -> str:
    beats = sum(entry.index > 0 for entry in entries)
    hook = len(entries) > beats
    said = sum(bool(entry.line) for entry in entries)
    parts = [f"{beats} beat" + "s" * (beats != 1), *(["hook"] if hook else []), f"{said} spoken"]
    return "   ·   ".join(parts)


def _voices(entries: Sequence[SheetEntry]) -> dict[str, int]:
    names = dict.fromkeys(entry.speaker for entry in entries if entry.speaker)
    return {name: _VOICES[i % len(_VOICES)] for i, name in enumerate(names)}


def _page(canvas: skia.Canvas, width: float, height: float) -> None:
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(0, 0), skia.Point(0, height)], colors=[_PAGE, _PAGE_FOOT]
    )
    canvas.drawPaint(skia.Paint(Shader=shader))
    canvas.drawRect(skia.Rect.MakeWH(width, 8), skia.Paint(Color=_ACCENT))


def _card(
    canvas: skia.Canvas,
    entry: SheetEntry,
    picture: skia.Image,
    at: skia.Point,
    grid: _Grid,
    voices: dict[str, int],
) -> None:
    whole = skia.Rect.MakeXYWH(at.x(), at.y(), grid.card, grid.frame + grid.text)
    shape = skia.RRect.MakeRectXY(whole, 16, 16)
    canvas.save()
    canvas.clipRRect(shape, True)
    canvas.drawRect(whole, skia.Paint(Color=_CARD))
    show_whole(canvas, picture, skia.Rect.MakeXYWH(at.x(), at.y(), grid.card, grid.frame))
    canvas.restore()
    edge = skia.Paint(AntiAlias=True, Color=_EDGE, Style=skia.Paint.kStroke_Style, StrokeWidth=1.5)
    canvas.drawRRect(shape, edge)
    left, room = at.x() + _PAD, grid.card - 2 * _PAD
    _badge(canvas, "hook" if entry.index == 0 else str(entry.index), at.x() + 12, at.y() + 12)
    y = at.y() + grid.frame + 34
    name = "" if entry.index == 0 else entry.type.replace("_", " ")
    write(canvas, fit(name or "opening", 23, room), left, y, 23, _ACCENT, bold=True)
    for row, terms in enumerate(_terms(entry, grid.card)):
        write(canvas, terms, left, y + 24 + 20 * row, 16, _SOFT)
    y += 36 + 20 * grid.shots
    if not entry.line:
        write(canvas, "silent", left, y, 20, _SOFT)
        return
    voice = voices.get(entry.speaker, _SOFT)
    bar = skia.Rect.MakeXYWH(left, y - 17, 4, 27 * len(_said(entry, grid.card)) - 6)
    canvas.drawRect(bar, skia.Paint(Color=voice))
    for row, line in enumerate(_said(entry, grid.card)):
        named = row == 0 and bool(entry.speaker)
        write(canvas, line, left + 14, y + 27 * row, 20, voice if named else _WHITE, bold=named)


def _terms(entry: SheetEntry, card: float) -> tuple[str, ...]:
    return wrap(entry.shot, 16, card - 2 * _PAD, 2)


def _said(entry: SheetEntry, card: float) -> list[str]:
    """The rows below the shot: who speaks, then the line."""
    if not entry.line:
        return ["silent"]
    room = card - 2 * _PAD - 14
    who = [fit(entry.speaker, 20, room)] if entry.speaker else []
    return [*who, *wrap(entry.line, 20, room, _LINES)]


def _badge(canvas: skia.Canvas, text: str, x: float, y: float) -> None:
    wide = max(36.0, fonts.width(text, 22) + 22)
    box = skia.Rect.MakeXYWH(x, y, wide, 36)
    canvas.drawRoundRect(box, 18, 18, skia.Paint(AntiAlias=True, Color=0xE0141218))
    write(canvas, text, x + (wide - fonts.width(text, 22)) / 2, y + 26, 22, _ACCENT, bold=True)
