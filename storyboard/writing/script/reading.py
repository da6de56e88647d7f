"""From a file to a script: which dialect it is, and what of it cannot be read.

Knows: files, dialects by name and content. Does not know: plans.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from storyboard.core.errors import UsageError
from storyboard.core.files import read_written
from storyboard.plan.languages import mark_fault
from storyboard.writing.script.dialogue import read_dialogue, says, says_in_bold
from storyboard.writing.script.elements import Pages, Script, refused
from storyboard.writing.script.fountain import is_heading, read_fountain
from storyboard.writing.script.source import Source
from storyboard.writing.script.subtitles import TIMING, read_subtitles
from storyboard.writing.script.words import where

Dialect = Literal["fountain", "dialogue", "markdown", "srt"]
MOST_BYTES, MOST_LINES = 1_000_000, 3000
"""Of a script; a feature film has half as many lines."""
LONGEST_NAME = 60
LONGEST_TITLE = 70
"""With `, part 12` it still is a title card's."""
_BY_NAME: dict[str, Dialect] = {
    ".fountain": "fountain",
    ".spmd": "fountain",
    ".md": "markdown",
    ".markdown": "markdown",
    ".srt": "srt",
}
_ELSEWHERE = frozenset({".fdx", ".pdf", ".docx", ".doc", ".rtf", ".odt", ".html", ".vtt", ".celtx"})


def read_source(path: Path) -> Source:
    """The script in a file.

    Raises:
        UsageError: it cannot be read, is no text, or nothing in it is a script.
    """
    told = f"--script: {path}"
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{told} has more than {MOST_BYTES // 1000} kB: no short's script has")
        text = read_written(path)
    except OSError as error:
        raise UsageError(f"{told} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{told} is no text (or not UTF-8): {_WAY_ON}") from None
    if path.suffix.lower() in _ELSEWHERE:
        raise UsageError(f"{told}: {path.suffix} is not read: {_WAY_ON}")
    return source_of(path.name, text, told)


def source_of(name: str, text: str, told: str = "--script") -> Source:
    """The script in a text, whose `name` says what it is called where it names no title.

    Raises:
        UsageError: it is no text, or nothing in it is a script.
    """
    if len(text.encode()) > MOST_BYTES:
        raise UsageError(f"{told} has more than {MOST_BYTES // 1000} kB: no short's script has")
    if "\0" in text:
        raise UsageError(f"{told} is no text: {_WAY_ON}")
    if not text.strip():
        raise UsageError(f"{told} is empty: {_WAY_ON}")
    source = Source(name=name, text=re.sub(r"\r\n?", "\n", text))
    parse(source)
    return source


_WAY_ON = (
    "save the script as Fountain, SRT, Markdown, or text with `NAME: line`; of prose, "
    "`storyboard script FILE` makes one"
)


def parse(source: Source) -> Script:
    """
    Raises:
        UsageError: what cannot be read, by its line.
    """
    pages = Pages(source.name, source.text)
    match dialect_of(source.name, pages):
        case "fountain":
            script = read_fountain(pages)
        case "srt":
            script = read_subtitles(pages)
        case "markdown":
            script = read_dialogue(pages, markdown=True)
        case _:
            script = read_dialogue(pages, markdown=False)
    if not any(c.isalnum() for line in script.lines for c in line.text):
        raise UsageError(f"--script: {source.name}: nobody says anything in it: {_WAY_ON}")
    if (count := len(script.lines)) > MOST_LINES:
        raise UsageError(
            f"--script: {source.name} has {count} lines: at most {MOST_LINES} are read; "
            "give it in parts"
        )
    _check(source.name, script)
    title = script.title or next((e.text for e in script.elements if e.kind == "scene"), "")
    if not script.title and title:
        title = where(title, "en").name
    title = title or re.sub(r"[\W_]+", " ", Path(source.name).stem).strip() or "Script"
    if len(title) > LONGEST_TITLE:
        raise refused(
            source.name, 1, f"its title has {len(title)} characters, a card holds {LONGEST_TITLE}: "
            "write `Title: …` in the first line"
        )  # fmt: skip
    return Script(title, script.elements)


def dialect_of(name: str, pages: Pages) -> Dialect:
    """By the file's name, else by what stands in it."""
    if known := _BY_NAME.get(Path(name).suffix.lower()):
        return known
    lines = [line for _, line in pages.written()]
    if any(TIMING.fullmatch(line) for line in lines[:4]):
        return "srt"
    if any(says_in_bold(line) for line in lines):
        return "markdown"
    spoken = sum(says(line) is not None for line in lines)
    cues = sum(
        line.isupper() and pages.blank(index - 1) and not pages.blank(index + 1)
        for index, line in pages.written()
    )
    if cues > spoken or (cues and any(is_heading(line) for line in lines)):
        return "fountain"
    if any(line.startswith("@") for line in lines) and not spoken:
        return "fountain"
    return "dialogue"


def _check(name: str, script: Script) -> None:
    for element in script.elements:
        if len(element.who) > LONGEST_NAME:
            raise refused(name, element.at, f"a name has at most {LONGEST_NAME} characters")
        if element.kind == "line" and (fault := mark_fault(element.text)):
            raise refused(name, element.at, fault)
