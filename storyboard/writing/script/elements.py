"""What a script is made of, whatever dialect it is written in.

Knows: the elements of a script and their lines in the file. Does not know: dialects, plans.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from storyboard.core.errors import UsageError

Kind = Literal["scene", "action", "line", "transition"]
LONGEST_LINE = 2000
"""Characters of a line in the file; what is looked for in one takes their square."""
_WIDE = re.compile(r"[^\S\n]{9,}")
"""Room that says no more than eight blanks do, and that patterns with blanks in them trip over."""
_NOTES = {"/*": "*/", "[[": "]]", "<!--": "-->"}
_OPENS = re.compile(r"/\*|\[\[|<!--")
_STRONG = re.compile(r"(?<!\\)(\*{1,3})(?=\S)(.{1,500}?)(?<=\S)(?<!\\)\1")
_UNDER = re.compile(r"(?<![\w\\])_(?=\S)(.{1,500}?)(?<=\S)(?<!\\)_(?!\w)")
_ESCAPED = re.compile(r"\\([*_])")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a script, and where it begins."""

    kind: Kind
    text: str
    at: int
    """Its line in the file, from 1."""
    who: str = ""
    """Of a line: the speaker as he is written; "" where the script has but one voice."""
    how: str = ""
    """Of a line: its parenthetical, without brackets."""
    unseen: bool = False
    """Of a line: said from off the screen (O.S., V.O.)."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it was read."""

    title: str
    elements: tuple[Element, ...]

    @property
    def lines(self) -> tuple[Element, ...]:
        return tuple(e for e in self.elements if e.kind == "line")


class Pages:
    """The lines of a file, read one after the other; faults are told by their number."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        # What is taken out leaves its line breaks, so that numbers stay true.
        self.lines = _WIDE.sub(" " * 8, _without_notes(text)).split("\n")
        for index, line in enumerate(self.lines):
            if len(line) > LONGEST_LINE:
                self.refuse(index, f"has more than {LONGEST_LINE} characters: break it into lines")

    def blank(self, index: int) -> bool:
        """Whether there is nothing at `index` (from 0), or no such line."""
        return not (0 <= index < len(self.lines) and self.lines[index].strip())

    def written(self, start: int = 0) -> Iterator[tuple[int, str]]:
        """Index and text of every line from `start` on that is not blank."""
        for index in range(start, len(self.lines)):
            if not self.blank(index):
                yield index, self.lines[index].strip()

    def refuse(self, index: int, why: str) -> NoReturn:
        raise refused(self.name, index + 1, why)


def _without_notes(text: str) -> str:
    kept, at, place = list[str](), 0, 0
    unclosed: set[str] = set()
    while (opening := _OPENS.search(text, place)) is not None:
        close = _NOTES[opening[0]]
        end = -1 if close in unclosed else text.find(close, opening.end())
        if end < 0:
            # Looked for once: ten thousand notes that nobody closed are no note.
            unclosed.add(close)
            place = opening.start() + 1
            continue
        place = end + len(close)
        kept += [text[at : opening.start()], "\n" * text.count("\n", opening.start(), place)]
        at = place
    return "".join([*kept, text[at:]])


def refused(name: str, at: int, why: str) -> UsageError:
    """What is wrong with a script, and in which of its lines."""
    return UsageError(f"--script: {name}, line {at}: {why}")


def unmarked(text: str) -> str:
    """Words without the marks of emphasis that Fountain and Markdown share."""
    for pattern, group in ((_STRONG, r"\2"), (_UNDER, r"\1")):
        text = pattern.sub(group, text)
    return _ESCAPED.sub(r"\1", text)


def bare(text: str) -> str:
    """What stands in one pair of brackets, Latin or Japanese; "" where it is not all in them."""
    found = re.fullmatch(r"\s*[(（](.*)[)）]\s*", text)
    return found[1].strip() if found else ""
