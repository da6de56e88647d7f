"""The fonts of captions and titles: which glyphs there are, how wide a text is.

Text is set in Noto Sans JP; what that lacks (emoji, Arabic, Hebrew, …) is taken from the
other Noto fonts, run by run. A character that no font has is reported before rendering.

Knows: font files, glyphs, widths. Does not know: captions, titles, files of a film.
"""

from __future__ import annotations

import shutil
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import skia as _skia

from renderers import typefaces
from renderers.weights import additions, data_dir
from storyboard.media.packaged import checked

# Its stubs leave half of the types unknown; everything that leaves this module is typed.
skia: Any = _skia

MAIN = "Noto Sans JP"
OF_EXTRAS = {
    "ko": ("pylopdf_fonts_ko", "NotoSansKR-Regular.otf"),
    "zh": ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
}
"""By the extra that brings it, the package and file of a font that the default install lacks."""
_VISIBLE_NOTHING = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\u200e\u200f")
"""Joiners, variation selectors, direction marks: they shape others and have no glyph."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one font."""

    text: str
    family: str


@cache
def font_files() -> dict[str, Path]:
    """Family → file, the main font first, then the fallbacks in the order they are tried."""
    main = Path(str(files("pylopdf_fonts_jp"))) / "NotoSansJP-Regular.otf"
    others = Path(str(files("manimgx_fonts")))
    names = ("NotoSans", "NotoEmoji", "NotoSansSymbols")
    names += tuple(
        sorted(
            {p.name.partition("[")[0] for p in others.glob("NotoSans*.ttf")}
            - {"NotoSans-Italic", *names}
        )
    )
    found = {MAIN: main}
    for name in names:
        path = others / f"{name}[wght].ttf"
        if path.is_file():
            found[_family_name(_load(path))] = path
    for package, name in OF_EXTRAS.values():
        if find_spec(package):
            path = Path(str(files(package))) / name
            found[_family_name(_load(path))] = path
    for path in (p for p in additions(own_fonts()) if p.suffix.lower() in (".ttf", ".otf")):
        if font := typefaces.of_file(path):
            found.setdefault(_family_name(font), path)
    return found


def own_fonts() -> Path:
    """Where a user's own fonts lie: the last that are tried, for scripts that no other has."""
    return data_dir() / "fonts"


def typeface(family: str = MAIN) -> Any:
    """The skia typeface of a family."""
    return _load(font_files()[family])


def runs(text: str) -> Iterator[Run]:
    """`text` in runs, each in the first font that has its characters."""
    current, family = "", MAIN
    for character in text:
        needed = family if character in _VISIBLE_NOTHING else _family_of(character, family)
        if needed != family and current:
            yield Run(current, family)
            current = ""
        family = needed
        current += character
    if current:
        yield Run(current, family)


def missing_glyphs(text: str) -> list[str]:
    """The characters that no font has, each once, in order."""
    return [c for c in dict.fromkeys(text) if not _drawable(c)]


def without_missing(text: str) -> str:
    """`text` with each character that no font has replaced by a visible box."""
    return "".join(c if _drawable(c) else "□" for c in text)


def width(text: str, size: float) -> float:
    """Advance width of `text` in pixels at `size` pixels to the em."""
    return sum(_advance(run, size) for run in runs(text))


def _advance(run: Run, size: float) -> float:
    return float(skia.Font(typeface(run.family), size).measureText(run.text))


def line_height(family: str = MAIN) -> float:
    """Ascent plus descent in ems: libass takes a font size to mean this, not the em."""
    return sum(_metrics(family))


def ascent(text: str = "") -> float:
    """How far a line of `text` reaches above its baseline, in ems: its tallest font's ascent."""
    return max((_metrics(run.family)[0] for run in runs(text)), default=_metrics(MAIN)[0])


def descent(text: str = "") -> float:
    """How far a line of `text` reaches below its baseline, in ems."""
    return max((_metrics(run.family)[1] for run in runs(text)), default=_metrics(MAIN)[1])


def copy_fonts(folder: Path, text: str) -> None:
    """Copy the fonts that `text` needs into `folder`, which then holds nothing else.

    libass reads every file of its font folder, so the folder is made for the occasion.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for family in {MAIN, *(run.family for run in runs(text))}:
        path = font_files()[family]
        shutil.copyfile(_trusted(path), folder / path.name.replace("[wght]", ""))


def _drawable(character: str) -> bool:
    if character in _VISIBLE_NOTHING or unicodedata.category(character) in ("Cc", "Zl", "Zp"):
        return True
    return any(_has(family, ord(character)) for family in font_files())


def _family_of(character: str, current: str) -> str:
    for family in (MAIN, current, *font_files()):
        if _has(family, ord(character)):
            return family
    return MAIN


def _family_name(font: Any) -> str:
    """The name by which libass finds a font: entry 1 of its name table, as Windows writes it.

    Skia's own answer is entry 16, where there is one: `Noto Sans Hebrew`, not `… Light`.
    """
    table: bytes = font.getTableData(int.from_bytes(b"name", "big"))
    count, strings = struct.unpack(">HH", table[2:6])
    for place in range(6, 6 + 12 * count, 12):
        platform, _, _, name, length, offset = struct.unpack(">6H", table[place : place + 12])
        if (platform, name) == (3, 1):
            start = strings + offset
            return table[start : start + length].decode("utf-16-be")
    return str(font.getFamilyName())


@cache
def _metrics(family: str) -> tuple[float, float]:
    """Ascent and descent in ems as libass reads them: from OS/2, as Windows does."""
    font = typeface(family)
    table: bytes = font.getTableData(int.from_bytes(b"OS/2", "big"))
    up, down = struct.unpack(">HH", table[74:78])
    return up / font.getUnitsPerEm(), down / font.getUnitsPerEm()


@cache
def _has(family: str, code: int) -> bool:
    return bool(typeface(family).unicharToGlyph(code) != 0)


@cache
def _load(path: Path) -> Any:
    return typefaces.of_file(_trusted(path))


def _trusted(path: Path) -> Path:
    """A packaged font once it is seen to be the pinned one; a user's own as it is."""
    return path if path.parent == own_fonts() else checked(path)
