"""Words in a picture: the font, what it can write, and text fitted into a box.

Knows: the packaged Noto Sans JP and Noto Serif JP (Latin, Cyrillic, kana, kanji), widths,
line breaks. Does not know: signs, sheets, colours.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import budoux
import skia
from pylopdf_fonts_jp import sans_path, serif_path

from renderers import typefaces

Face = Literal["sans", "serif"]
ELLIPSIS = "…"
_NEVER_FIRST = (
    "。、，．,.!?！？」』）)]】〉》：；:;ー〜…・々ぁぃぅぇぉっゃゅょァィゥェォッャュョ％%"
)


@cache
def _typeface(face: Face) -> skia.Typeface:
    return typefaces.of_file(Path(sans_path() if face == "sans" else serif_path()))


@cache
def font(size: float, face: Face = "sans", bold: bool = False) -> skia.Font:
    """The font at `size` pixels. The package holds one weight, so bold is emboldened."""
    made = skia.Font(_typeface(face), size)
    made.setEdging(skia.Font.Edging.kAntiAlias)
    made.setSubpixel(True)
    made.setEmbolden(bold)
    return made


def writable(text: str, face: Face = "sans") -> str:
    """`text` in one line, composed, without what the font has no glyph for (emoji, Hangul)."""
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(
        c if c.isspace() or _typeface(face).unicharToGlyph(ord(c)) else " "
        for c in composed
        if unicodedata.category(c) not in ("Cf", "Mn", "Cs", "Co")
    )
    return " ".join(shown.split())


def width(text: str, size: float, face: Face = "sans", bold: bool = False) -> float:
    return float(font(size, face, bold).measureText(text))


@cache
def _japanese() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(c) in "WF" for c in text)


def _pieces(text: str) -> list[str]:
    """Smallest parts that may start a line; a part keeps the space that follows it."""
    parts: list[str] = []
    for word in text.split(" "):
        phrases = _japanese().parse(word) if _is_wide(word) else [word]
        parts += phrases[:-1]
        parts.append((phrases[-1] if phrases else "") + " ")
    return [p for p in parts if p.strip()]


def _chopped(piece: str, size: float, room: float, face: Face, bold: bool) -> list[str]:
    """A piece wider than a line, cut between characters."""
    cut: list[str] = [""]
    for char in piece:
        full = width((cut[-1] + char).strip(), size, face, bold) > room
        if full and cut[-1] and char not in _NEVER_FIRST:
            cut.append("")
        cut[-1] += char
    return cut


def wrap(text: str, size: float, room: float, face: Face = "sans", bold: bool = False) -> list[str]:
    """Break `text` into lines no wider than `room` (a lone character may be)."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if width((line + piece).rstrip(), size, face, bold) <= room:
            line += piece
            continue
        if line.strip():
            lines.append(line.rstrip())
        *full, line = _chopped(piece, size, room, face, bold)
        lines += [part.rstrip() for part in full]
    if line.strip():
        lines.append(line.rstrip())
    return lines


def clip(lines: list[str], most: int, size: float, room: float, face: Face = "sans") -> list[str]:
    """At most `most` lines; an ellipsis marks what was left out."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while last and width(last + ELLIPSIS, size, face) > room:
        last = last[:-1]
    return [*lines[: most - 1], last.rstrip() + ELLIPSIS]


@dataclass(frozen=True, slots=True)
class Fitted:
    """Text laid out for a box: its lines and the size at which all of them fit."""

    lines: tuple[str, ...]
    size: float
    leading: float

    def draw(
        self, canvas: skia.Canvas, x: float, y: float, paint: skia.Paint, face: Face = "sans"
    ) -> None:
        """Draw it in bold, its middle at (x, y)."""
        letters = font(self.size, face, bold=True)
        first = y + 0.36 * self.size - self.leading * (len(self.lines) - 1) / 2
        for i, line in enumerate(self.lines):
            left = x - letters.measureText(line) / 2
            canvas.drawString(line, left, first + i * self.leading, letters, paint)


def fit(
    text: str, room: float, height: float, most: int = 2, face: Face = "sans", bold: bool = True
) -> Fitted | None:
    """The largest lettering of `text` in a box of `room` × `height`, on up to `most` lines.

    Returns None when nothing of the text can be written.
    """
    shown = writable(text, face)
    if not shown:
        return None
    best: Fitted | None = None
    for count in range(1, most + 1):
        # Glyphs are measured at 100 px: hinting is off, so widths scale.
        whole = width(shown, 100, face, bold)
        # A line must hold the longest piece, or a word would be cut where a space is near.
        longest = max(width(piece.strip(), 100, face, bold) for piece in _pieces(shown))
        room_each = max(longest, whole / count * 1.18)
        lines = [shown] if count == 1 else wrap(shown, 100, room_each, face, bold)
        if len(lines) > most:
            continue
        widest = max(width(line, 100, face, bold) for line in lines)
        size = min(100 * room / max(widest, 1.0), height / (0.98 + 1.16 * (len(lines) - 1)))
        if best is None or size > best.size * 1.12:
            best = Fitted(tuple(lines), size, size * 1.16)
    return best
