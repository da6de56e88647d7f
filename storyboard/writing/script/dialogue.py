"""Reads plain dialogue (`NAME: line`, 「名前：台詞」) and the Markdown that has bold names.

Markdown may tell what happens in paragraphs; in a plain text it stands in brackets, and what is
neither a line nor in brackets is refused: a line that lost its name must not become an action.

Knows: both dialects. Does not know: plans.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from storyboard.writing.script.elements import Element, Pages, Script, bare, unmarked
from storyboard.writing.script.fountain import is_heading

_NAME = r"(?P<name>[^\s:：()（）「」#>*_.!?。！？、][^:：()（）「」.!?。！？、*]{0,39}?)"
_ASIDE = r"\s*(?:[(（](?P<how>[^()（）]*)[)）])?\s*"
_SAID = re.compile(rf"{_NAME}{_ASIDE}(?P<colon>[:：])(?P<line>.*)")
_QUOTED = re.compile(rf"{_NAME}{_ASIDE}「(?P<line>.+)」")
_BOLD = re.compile(
    r"\*\*(?P<name>[^*:：()（）]{1,40}?)\s*(?:[(（](?P<a>[^()（）]*)[)）]\s*)?[:：]?\s*\*\*"
    r"\s*(?:[(（](?P<b>[^()（）]*)[)）])?\s*[:：]?\s*(?P<line>.*)"
)
_TITLE = re.compile(r"(?:title|題名?|タイトル)\s*[:：]\s*(.+)", re.IGNORECASE)
_SCENE = re.compile(
    r"(?:scene|place|場所?|シーン)\s*[:：]\s*(.+)|[○〇◯](.+)|【(.+)】", re.IGNORECASE
)
_RULE = re.compile(r"[-*_=]{3,}")
_ITALIC = re.compile(r"[*_](?![*_])(.+?)[*_]")
_UNSEEN = re.compile(r"\b(?:O\.?S|V\.?O|O\.?C)\b|声|オフ|Ｎ", re.IGNORECASE)


def says(text: str, known: Collection[str] = ()) -> re.Match[str] | None:
    """Who says what in a line of plain dialogue, `known` being who spoke before."""
    found = _SAID.fullmatch(text) or _QUOTED.fullmatch(text)
    if found is None:
        return None
    if found["name"].strip().casefold() in known:
        return found
    words = found["name"].split()
    if any(word[0].isascii() and word[0].islower() for word in words):
        return None  # "Remember this: …" goes on with what was said.
    ascii_colon = "colon" in found.groupdict() and found["colon"] == ":"
    tight = bool(found["line"]) and not found["line"][0].isspace()
    if ascii_colon and tight and found["name"].isascii():
        return None  # an address, a time of day
    # An octopus may be called by its picture.
    return found if any(c.isalpha() or ord(c) > 0x2100 for c in found["name"]) else None


def says_in_bold(text: str) -> re.Match[str] | None:
    return _BOLD.fullmatch(text)


def read_dialogue(pages: Pages, *, markdown: bool) -> Script:
    """All elements of a dialogue."""
    return _Reader(pages, markdown).read()


class _Reader:
    def __init__(self, pages: Pages, markdown: bool) -> None:
        self.pages, self.markdown = pages, markdown
        self.found: list[Element] = []
        self.title = ""
        self.name, self.how, self.said = "", "", list[str]()
        self.at = 0
        self.known: set[str] = set()

    def read(self) -> Script:
        last = -1
        for index, line in self.pages.written():
            paragraph = self.pages.blank(index - 1) or last < 0
            self._line(index, line, paragraph=paragraph)
            last = index
        self._end()
        return Script(self.title, tuple(self.found))

    def _line(self, index: int, line: str, *, paragraph: bool) -> None:
        text = re.sub(r"^(?:[-*+]|>)\s+", "", line) if self.markdown else line
        if _RULE.fullmatch(text):
            self._end()
        elif not self.found and not self.name and (title := _TITLE.fullmatch(text)):
            self.title = unmarked(title[1].strip())
        elif scene := self._scene(text):
            self._take("scene", scene, index)
        elif self._begins(text, index):
            return
        elif told := bare(text) or self._italic(text):
            # In brackets below a name: how it is said.
            if self.name and not self.said and not paragraph:
                self.how = told
            else:
                self._take("action", told, index)
        elif self.name and (not paragraph or (self.markdown and not self.said)):
            self.at = self.at if self.said else index + 1
            self.said.append(text)
        elif self.markdown:
            self._take("action", text, index)
        else:
            self.pages.refuse(
                index,
                f"{text[:40]!r} is neither said by somebody nor in brackets: write `NAME: line`, "
                "or `(what happens)`",
            )

    def _scene(self, text: str) -> str:
        if text.startswith("#"):
            words = unmarked(text.lstrip("# ").strip())
            if not self.title and not self.found and not is_heading(words):
                self.title = words
                return ""
            return words
        if found := _SCENE.fullmatch(text):
            return next(group for group in found.groups() if group).strip()
        return text if is_heading(text) else ""

    def _begins(self, text: str, index: int) -> bool:
        """Whether somebody begins to speak here, or nothing is left to read of the line."""
        if text.startswith("#"):
            return True
        if self.markdown and (bold := _BOLD.fullmatch(text)):
            self._speaker(bold["name"], bold["a"] or bold["b"] or "", bold["line"], index)
            return True
        if found := says(text, self.known):
            self._speaker(found["name"], found["how"] or "", found["line"], index)
            return True
        return False

    def _speaker(self, name: str, how: str, line: str, index: int) -> None:
        self._end()
        self.name, self.how, self.at = name.strip(), how.strip(), index + 1
        self.known.add(self.name.casefold())
        aside = re.match(r"\s*\*?[(（]([^()（）]*)[)）]\*?\s*(?=\S)", line)
        if aside and not self.how:
            self.how, line = aside[1].strip(), line[aside.end() :]
        if line.strip():
            self.said.append(line.strip())

    def _italic(self, text: str) -> str:
        found = _ITALIC.fullmatch(text) if self.markdown else None
        return (bare(found[1]) or found[1].strip()) if found else ""

    def _take(self, kind: str, text: str, index: int) -> None:
        self._end()
        made = "scene" if kind == "scene" else "action"
        self.found.append(Element(made, unmarked(text), index + 1))

    def _end(self) -> None:
        if self.name and not self.said:
            self.pages.refuse(self.at - 1, f"{self.name} says nothing: write it after the colon")
        if self.said:
            # Japanese has no spaces where a line of the file ends.
            tight = not self.said[0].isascii() and not self.said[-1].isascii()
            text = ("" if tight else " ").join(self.said)
            unseen = bool(_UNSEEN.search(self.how))
            text = unmarked(text) if self.markdown else text
            self.found.append(Element("line", text, self.at, self.name, self.how, unseen))
        self.name, self.how, self.said = "", "", []
