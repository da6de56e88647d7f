"""Reads Fountain (https://fountain.io/syntax): screenplays in plain text.

A reader of our own: the packages that parse it keep no line numbers, and bring a PDF printer.

Knows: Fountain's rules. Does not know: plans.
"""

from __future__ import annotations

import re

from storyboard.writing.script.elements import Element, Pages, Script, bare, unmarked

HEADING = re.compile(
    r"(?:INT|EXT|EST|INT\.?/EXT|EXT\.?/INT|I\.?/E)[. ]\s*(?P<text>\S.*)", re.IGNORECASE
)
_NUMBERED = re.compile(r"\s*#[\w\-.]+#\s*$")
_KEY = re.compile(r"(?P<key>[A-Za-z][A-Za-z ]{0,30}):[ \t]*(?P<value>.*)")
_KEYS = frozenset(
    "title credit author authors source notes contact copyright revision date".split()
) | {"draft date"}
_CUE = re.compile(r"(?P<at>@?)(?P<name>[^()^@]+?)\s*(?P<ext>(?:\([^()]*\)\s*)*)(?P<dual>\^?)\s*")
_UNSEEN = re.compile(r"\b(?:O\.?S|V\.?O|O\.?C)\b", re.IGNORECASE)
_TRANSITION = re.compile(r"[A-Z][A-Z .'-]*TO:|FADE (?:IN|OUT)[.:]?|FADE TO BLACK[.:]?")


def read_fountain(pages: Pages) -> Script:
    """All elements of a screenplay."""
    return _Reader(pages).read()


def is_heading(text: str) -> bool:
    """Whether a line is a scene heading: `INT. CAFE - DAY`."""
    return HEADING.match(text) is not None


class _Reader:
    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.found: list[Element] = []
        self.title = ""
        self.index = 0

    def read(self) -> Script:
        self._title_page()
        while self.index < len(self.pages.lines):
            if self.pages.blank(self.index):
                self.index += 1
            else:
                self._element()
        return Script(self.title, tuple(self.found))

    def _title_page(self) -> None:
        first = next(self.pages.written(), None)
        found = _KEY.fullmatch(first[1]) if first else None
        if first is None or found is None or found["key"].lower() not in _KEYS:
            return
        self.index, key = first[0], ""
        while not self.pages.blank(self.index):
            line = self.pages.lines[self.index]
            found = None if line[:1].isspace() else _KEY.fullmatch(line.strip())
            if found is not None:
                key = found["key"].lower()
            value = found["value"].strip() if found else line.strip()
            if key == "title" and value:
                self.title = f"{self.title} {unmarked(value)}".strip()
            self.index += 1

    def _element(self) -> None:
        line = self.pages.lines[self.index].strip()
        if line.startswith(("/*", "[[")):
            self.pages.refuse(self.index, f"{line[:2]} is not closed: write */ or ]] where it ends")
        elif re.fullmatch(r"={3,}", line) or line.startswith("="):
            self.index += 1
        elif line.startswith("#"):
            self.title = self.title or unmarked(line.lstrip("# ").strip())
            self.index += 1
        elif line.startswith("!"):
            self._action()
        elif re.match(r"\.[^.\s]", line):
            self._scene(line[1:])
        elif is_heading(line):
            self._scene(line)
        elif re.fullmatch(r">.*<", line):
            self._take("action", line[1:-1])
        elif line.startswith(">"):
            self._take("transition", line[1:])
        elif self.pages.blank(self.index + 1) and _TRANSITION.fullmatch(line):
            self._take("transition", line)
        elif (cue := self._cue(line)) is not None:
            self._dialogue(cue)
        else:
            self._action()

    def _take(self, kind: str, text: str) -> None:
        text = unmarked(text.strip())
        made = "transition" if kind == "transition" else "action"
        if text:
            self.found.append(Element(made, text, self.index + 1))
        self.index += 1

    def _scene(self, text: str) -> None:
        self.found.append(Element("scene", _NUMBERED.sub("", text).strip(), self.index + 1))
        self.index += 1

    def _cue(self, line: str) -> re.Match[str] | None:
        """Who speaks, where the line says so and somebody does."""
        found = _CUE.fullmatch(line)
        if found is None or self.pages.blank(self.index + 1):
            return None
        return found if found["at"] or (found["name"].isupper()) else None

    def _dialogue(self, cue: re.Match[str]) -> None:
        who, unseen = cue["name"].strip(), bool(_UNSEEN.search(cue["ext"]))
        how, said, at = "", list[str](), self.index + 1

        def end() -> None:
            if said:
                text = unmarked(" ".join(said))
                self.found.append(Element("line", text, at + 1, who, how, unseen))

        self.index += 1
        # Two spaces alone keep a speech going over an empty line.
        while self.index < len(self.pages.lines) and self.pages.lines[self.index]:
            line = self.pages.lines[self.index].strip()
            if line.startswith(("(", "（")):
                line = self._whole_aside(line)
            if aside := bare(line):
                end()
                how, said = aside, []
            elif line:
                at = self.index if not said else at
                said.append(line.removeprefix("~").strip())
            self.index += 1
        end()
        if how and not said:
            self.found.append(Element("action", f"{who}: {how}", self.index))

    def _whole_aside(self, line: str) -> str:
        """A parenthetical that goes on in the next lines, in one."""
        at, whole = self.index, line
        while not whole.endswith((")", "）")):
            at += 1
            if self.pages.blank(at):
                return line  # Never closed: it is said.
            whole += f" {self.pages.lines[at].strip()}"
        self.index = at
        return whole

    def _action(self) -> None:
        at, told = self.index + 1, list[str]()
        while not self.pages.blank(self.index):
            told.append(self.pages.lines[self.index].strip().removeprefix("!").lstrip("~"))
            self.index += 1
        self.found.append(Element("action", unmarked(" ".join(told)), at))
