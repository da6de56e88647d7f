"""Reads SRT subtitles of a spoken piece: one voice, whose sentences run over the cues.

Knows: SRT. Does not know: plans.
"""

from __future__ import annotations

import re

from storyboard.writing.script.elements import Element, Pages, Script

TIMING = re.compile(r"\d{1,3}:\d\d:\d\d[,.]\d{1,3}\s*-->\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}(?:\s.*)?")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|\{\\[^{}]*\}")
_DASH = re.compile(r"^[-–—]\s+(?=\S)")
_ENDS = re.compile(r"[.!?…。！？][\"'”’」』)）]*$")


def read_subtitles(pages: Pages) -> Script:
    """What is said, a sentence or more an element."""
    found: list[Element] = []
    said: list[str] = []
    begun = 0
    timed = False
    for index, line in pages.written():
        starts = pages.blank(index - 1)
        if starts and line.isdigit() and TIMING.fullmatch(_after(pages, index)):
            timed = False
        elif TIMING.fullmatch(line):
            timed = True
        elif "-->" in line or not timed:
            pages.refuse(
                index,
                "a cue is its number, its times (00:00:01,000 --> 00:00:03,500), then its words",
            )
        elif words := _DASH.sub("", _TAG.sub("", line).strip()):
            begun = begun if said else index + 1
            said.append(words)
            if _ENDS.search(words):
                found.append(_spoken(said, begun))
                said = []
    if said:
        found.append(_spoken(said, begun))
    return Script("", tuple(found))


def _after(pages: Pages, index: int) -> str:
    return pages.lines[index + 1].strip() if index + 1 < len(pages.lines) else ""


def _spoken(said: list[str], at: int) -> Element:
    tight = not said[0].isascii() and not said[-1].isascii()
    return Element("line", ("" if tight else " ").join(said), at)
