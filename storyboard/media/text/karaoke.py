"""Captions that turn colour word by word as they are said.

The words are the script's, the times are those that an aligner, the voice or an ear told: both
are laid side by side letter by letter, and what was not told is spread between what was.

Knows: letters and seconds. Does not know: files, how a caption is drawn, who told.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

from renderers.base import Word
from storyboard.media.text.breaks import words_of
from storyboard.media.text.captions import Caption, Turn, letters

Span = tuple[float, float]


def by_word(captions: Sequence[Caption], told: Sequence[Word], start: float) -> list[Caption]:
    """`captions` of one line with the time in which each of their pieces is said.

    A piece is a word, or in Japanese a phrase. `told` counts from the start of the speech,
    which begins at `start`. Times rise, and never leave their caption. What has no letter
    (an emoji, a dash) is a piece with the word before it.
    """
    spans = _spans(_script(captions), told)
    turned: list[Caption] = []
    place = 0
    for caption in captions:
        turns: list[Turn] = []
        reached = caption.start
        for piece in _pieces(caption.text):
            count = len(letters(piece))
            begin = end = reached
            if spans and count:
                begin, end = spans[place][0] + start, spans[place + count - 1][1] + start
                begin = min(max(begin, reached), caption.end)
                end = min(max(end, begin), caption.end)
            turns.append(Turn(piece, begin, end))
            # One word may begin before another has ended: how it is heard, not how it is shown.
            reached = end
            place += count
        turned.append(
            Caption(
                caption.start,
                caption.end,
                caption.text,
                tuple(turns if spans else _evenly(turns, caption)),
            )
        )
    return turned


def follows(captions: Sequence[Caption], told: Sequence[Word]) -> bool:
    """Whether anything of the captions is among what was told: else words turn evenly."""
    return bool(_spans(_script(captions), told))


def _script(captions: Sequence[Caption]) -> str:
    return "".join(letters(piece) for caption in captions for piece in _pieces(caption.text))


def _pieces(text: str) -> list[str]:
    """The words of a caption with the spaces, line breaks and signs after them."""
    found: list[str] = []
    for line in text.split("\n"):
        if found:
            found[-1] += "\n"
        for piece in words_of(line):
            if found and not letters(piece):
                found[-1] += piece
            else:
                found.append(piece)
    return found


def _spans(script: str, told: Sequence[Word]) -> list[Span]:
    """When each letter of the script is said; empty if nothing of it was told."""
    said = [(letter, span) for word in told for letter, span in _spelt(word)]
    matcher = SequenceMatcher(None, script, "".join(c for c, _ in said), autojunk=False)
    known = {
        block.a + i: said[block.b + i][1]
        for block in matcher.get_matching_blocks()
        for i in range(block.size)
    }
    if not known:
        return []
    first, last = min(known), max(known)
    head = min(known[first][0], told[0].start)
    tail = max(told[-1].end, known[last][1])
    anchors = [(-1, (head, head)), *sorted(known.items()), (len(script), (tail, tail))]
    spans: list[Span] = []
    for (a, before), (b, after) in pairwise(anchors):
        # Letters that nobody told of fill the time between those that somebody did.
        step = max(0.0, after[0] - before[1]) / max(1, b - a - 1)
        spans += [(before[1] + step * n, before[1] + step * (n + 1)) for n in range(b - a - 1)]
        if b < len(script):
            spans.append(after)
    return spans


def _spelt(word: Word) -> list[tuple[str, Span]]:
    """The letters of a word, each with an equal share of its time."""
    spelt = letters(word.text)
    step = (word.end - word.start) / max(1, len(spelt))
    return [
        (letter, (word.start + step * i, word.start + step * (i + 1)))
        for i, letter in enumerate(spelt)
    ]


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
