"""The morning sheet as a picture, drawn without a browser.

Knows: where things go on the page. Does not know: where what it shows comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import skia

from renderers.errors import BadOutput
from storyboard.core.files import atomic
from storyboard.media.text import fonts
from storyboard.media.text.lettering import open_picture, show_whole, wrap, write
from storyboard.publish.film_card import FailedFilm, FilmCard

WIDTH = 1600
"""Pixels across."""
_MARGIN, _GAP, _PAD = 48, 20, 24
_WIDE, _TALL = 165, 294
"""The most width and height that a picture gets."""
_PAGE, _CARD, _EDGE = 0xFF17151D, 0xFF24212C, 0xFF37333F
_WHITE, _SOFT = 0xFFF4F0E8, 0xFFA9A3B4
_GOOD, _WARN, _BAD = 0xFF6CC48D, 0xFFF5BE4F, 0xFFEF8176
_FINDINGS = 4
"""Most findings of a film that are written out."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    size: float = 20
    colour: int = _WHITE
    bold: bool = False

    @property
    def high(self) -> float:
        return self.size * 1.45


@dataclass(frozen=True, slots=True)
class _Row:
    """One film: its lines, and its pictures if it has any."""

    lines: tuple[_Line, ...]
    edge: int
    pictures: tuple[skia.Image, ...] = ()

    @property
    def high(self) -> float:
        text = sum(line.high for line in self.lines)
        return max(text, *map(_frame_height, self.pictures), 0) + 2 * _PAD


def draw_sheet(
    films: Sequence[FilmCard], failed: Sequence[FailedFilm], out: Path, title: str, summary: str
) -> None:
    """Draw the sheet as a PNG at `out`, `WIDTH` pixels across."""
    heading = [
        *_lines(title, 44, _WHITE, WIDTH - 2 * _MARGIN, 3, bold=True),
        *_lines(summary, 22, _SOFT, WIDTH - 2 * _MARGIN, 2),
    ]
    rows = [*(_film(film) for film in films), *(_lost(film) for film in failed)]
    top = 2 * _MARGIN + sum(line.high for line in heading)
    height = top + sum(row.high + _GAP for row in rows) + _MARGIN - _GAP
    surface = skia.Surface(WIDTH, round(height))
    canvas = surface.getCanvas()
    canvas.clear(_PAGE)
    _write(canvas, heading, _MARGIN, _MARGIN)
    y = top
    for row in rows:
        _draw(canvas, row, y)
        y += row.high + _GAP
    data = surface.makeImageSnapshot().encodeToData(skia.kPNG, 100)
    with atomic(out) as temporary:
        temporary.write_bytes(bytes(data))


def _film(film: FilmCard) -> _Row:
    pictures = tuple(p for path in (film.poster, film.hook) if (p := _picture(path)))
    room = _room(len(pictures))
    good = film.status == "ready"
    edge = _GOOD if good else _WARN
    lines = [
        *_lines(film.title, 30, _WHITE, room, 2, bold=True),
        *(_lines(film.idea, 19, _SOFT, room, 2) if film.idea != film.title else ()),
        *_lines("ready" if good else "look at it", 20, edge, room, 1, bold=True),
        *_lines("   ·   ".join(_facts(film)), 20, _WHITE, room, 2),
    ]
    for text in film.broken[:_FINDINGS]:
        lines += _lines(f"× {text}", 18, _BAD, room, 2)
    for text in film.findings[:_FINDINGS]:
        lines += _lines(f"• {text}", 18, _WARN, room, 2)
    left = len(film.broken[_FINDINGS:]) + len(film.findings[_FINDINGS:])
    lines += _lines(f"and {left} more", 18, _SOFT, room, 1) if left else []
    lines += _lines(film.command, 17, _SOFT, room, 2)
    return _Row(tuple(lines), edge, pictures)


def _facts(film: FilmCard) -> Iterator[str]:
    whole = round(film.seconds)
    yield f"{whole // 60}:{whole % 60:02d}"
    yield film.review
    if film.checks:
        yield f"{film.checks - len(film.broken)} of {film.checks} checks hold"
    yield f"${film.cost:.4f}" if film.cost else "no cost"
    yield f"{film.minutes:.1f} min of work"


def _lost(film: FailedFilm) -> _Row:
    room = _room(0)
    lines = [
        *_lines(film.idea, 24, _WHITE, room, 2, bold=True),
        *_lines(film.reason, 19, _BAD, room, 5),
        *_lines(film.command, 17, _SOFT, room, 2),
    ]
    return _Row(tuple(lines), _BAD)


def _draw(canvas: skia.Canvas, row: _Row, y: float) -> None:
    whole = skia.Rect.MakeXYWH(_MARGIN, y, WIDTH - 2 * _MARGIN, row.high)
    canvas.save()
    canvas.clipRRect(skia.RRect.MakeRectXY(whole, 14, 14), True)
    canvas.drawRect(whole, skia.Paint(Color=_CARD))
    canvas.drawRect(skia.Rect.MakeXYWH(whole.left(), y, 8, row.high), skia.Paint(Color=row.edge))
    canvas.restore()
    line = skia.Paint(AntiAlias=True, Color=_EDGE, Style=skia.Paint.kStroke_Style, StrokeWidth=1.5)
    canvas.drawRRect(skia.RRect.MakeRectXY(whole, 14, 14), line)
    x = whole.left() + _PAD
    for picture in row.pictures:
        show_whole(canvas, picture, skia.Rect.MakeXYWH(x, y + _PAD, _WIDE, _frame_height(picture)))
        x += _WIDE + _PAD
    _write(canvas, row.lines, x, y + _PAD)


def _room(pictures: int) -> float:
    """Width that is left for text."""
    return WIDTH - 2 * _MARGIN - 2 * _PAD - pictures * (_WIDE + _PAD)


def _frame_height(picture: skia.Image) -> float:
    return min(_TALL, _WIDE * picture.height() / picture.width())


def _lines(
    text: str, size: float, colour: int, room: float, most: int, *, bold: bool = False
) -> list[_Line]:
    return [_Line(line, size, colour, bold) for line in wrap(text, size, room, most)]


def _write(canvas: skia.Canvas, lines: Sequence[_Line], x: float, y: float) -> None:
    for line in lines:
        base = y + line.size * fonts.ascent(line.text)
        write(canvas, line.text, x, base, line.size, line.colour, bold=line.bold)
        y += line.high


def _picture(path: Path | None) -> skia.Image | None:
    """A picture, or nothing where it is damaged: the sheet must show the rest all the same."""
    try:
        return None if path is None else open_picture(path)
    except BadOutput:
        return None
