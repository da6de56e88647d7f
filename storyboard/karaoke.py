"""Captions that turn colour word by word as they are said.

The words are the script's, the times are those of what was heard: both are laid side by side
letter by letter, and what was not recognised is spread between what was.

Knows: letters and seconds. Does not know: files, how a caption is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from renderers.base import Word
from storyboard.captions import Caption, Turn, letters, phrases_of


def by_word(captions: Sequence[Caption], heard: Sequence[Word], start: float) -> list[Caption]:
    """`captions` of one line with the moment at which each of their pieces is said.

    A piece is a word, or in Japanese a phrase. `heard` counts from the start of the speech,
    which begins at `start`. Times rise, and never leave their caption.
    """
    script = letters("".join(caption.text for caption in captions))
    times = _times(script, heard)
    turned: list[Caption] = []
    place = 0
    for caption in captions:
        turns: list[Turn] = []
        for piece in _pieces(caption.text):
            when = caption.start
            if times and turns:
                when = start + times[min(place, len(times) - 1)]
            earliest = turns[-1].start if turns else caption.start
            turns.append(Turn(piece, min(max(when, earliest), caption.end)))
            place += len(letters(piece))
        if not times:
            turns = _evenly(turns, caption)
        turned.append(Caption(caption.start, caption.end, caption.text, tuple(turns)))
    return turned


def _pieces(text: str) -> list[str]:
    """The words of a caption with the spaces and line breaks after them."""
    found: list[str] = []
    for line in text.split("\n"):
        if found:
            found[-1] += "\n"
        found += phrases_of(line)
    return found


def _times(script: str, heard: Sequence[Word]) -> list[float]:
    """When each letter of the script is said; empty if nothing of it was recognised."""
    said = [
        (letter, word.start + (word.end - word.start) * i / max(1, len(letters(word.text))))
        for word in heard
        for i, letter in enumerate(letters(word.text))
    ]
    matcher = SequenceMatcher(None, script, "".join(c for c, _ in said), autojunk=False)
    known = [
        (block.a + i, said[block.b + i][1])
        for block in matcher.get_matching_blocks()
        for i in range(block.size)
    ]
    if not known:
        return []
    first, last = known[0], known[-1]
    end = max(heard[-1].end, last[1])
    anchors = [(0, min(first[1], heard[0].start)), *known, (len(script), end)]
    times = [0.0] * len(script)
    for (a, begin), (b, until) in pairwise(anchors):
        for place in range(a, b):
            times[place] = begin + (until - begin) * (place - a) / (b - a)
    return times


def _evenly(turns: Sequence[Turn], caption: Caption) -> list[Turn]:
    """The turns by how long each is, where nothing is known of the speech."""
    total = sum(len(turn.text) for turn in turns)
    spread: list[Turn] = []
    done = 0
    for turn in turns:
        when = caption.start + (caption.end - caption.start) * done / total
        spread.append(Turn(turn.text, when))
        done += len(turn.text)
    return spread
