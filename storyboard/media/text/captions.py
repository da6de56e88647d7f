"""Captions: what of a line is on the screen, when, and where it breaks.

A caption holds at most 28 full-width or 42 Latin characters on at most two lines, a line
half of that. Breaks fall after sentences, else after clauses, else between phrases
(`storyboard.media.text.breaks`). Times never leave the measured speech, and no caption is without
time: together they are the line, letter for letter.

Knows: text and seconds. Does not know: fonts, files, how captions are drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from renderers.base import Word
from storyboard.media.text.breaks import cost, fits_line, one_line, phrases_of, row_of

SHORTEST = 0.8
"""Seconds under which nobody reads a caption; it then joins its neighbour."""
_SLACK = 1e-6
_ENDS_SENTENCE = re.compile(r"[。．！？!?…؟]+[」』）)”’\"']*$|\.[”’\"')]*$")
_ENDS_CLAUSE = re.compile(r"[、，,;:：；—–،؛][」』）)”’\"']*$|[」』]$")
_BREATH = re.compile(r"[、，,;:：；。．.！？!?…،؛؟]")
_FULL_STOP = re.compile(r"[。．！？!?…؟]|\.(?=\s|$)")

Span = tuple[int, int]
"""The phrases of a caption: from one up to, but not with, another."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A piece of a caption and when it is said, in seconds on the film's clock."""

    text: str
    start: float
    end: float | None = None
    """None: it lasts until the next."""


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption; `text` may hold one newline. Times in seconds on the film's clock."""

    start: float
    end: float
    text: str
    turns: tuple[Turn, ...] = ()
    """Its pieces, where they turn colour one by one; together they are `text`."""


def time_captions(
    line: str, start: float, seconds: float, words: Sequence[Word] = (), leeway: float = 1.0
) -> list[Caption]:
    """The captions of a line spread over its speech, by how long each takes to say.

    With `words` (times from the start of the speech) each begins with its first word, unless
    that lies `leeway` seconds and more off its share: it was then matched to the wrong word.
    """
    phrases = phrases_of(one_line(line))
    spans = _readable(phrases, _pack(phrases, (0, len(phrases))), seconds)
    texts = _texts(phrases, spans)
    ends = list(accumulate(map(_spoken, texts)))
    shares = [end / ends[-1] * seconds for end in ends[:-1]] if ends else []
    heard = _heard_starts(texts, words)
    borders = [
        when if when is not None and abs(when - share) <= leeway else share
        for share, when in zip(shares, heard, strict=True)
    ]
    edges = [0.0, *_apart(borders, seconds), seconds]
    return [
        Caption(start + begin, start + end, text)
        for text, (begin, end) in zip(texts, pairwise(edges), strict=bool(texts))
    ]


def lacking(line: str, captions: Sequence[str]) -> str:
    """What of `line` its captions do not show, or show otherwise; "" if they are the line.

    Spaces do not count, nor the hyphen at the end of a row where a word is cut.
    """
    wanted = "".join(one_line(line).split())
    shown = ""
    for row in (row for caption in captions for row in caption.split("\n")):
        row = "".join(row.split())
        place = len(shown) + len(row) - 1
        shown += row[:-1] if row.endswith("-") and wanted[place : place + 1] != "-" else row
    if shown == wanted:
        return ""
    changes = SequenceMatcher(None, wanted, shown, autojunk=False).get_opcodes()
    lost = [wanted[a:b] or shown[c:d] for what, a, b, c, d in changes if what != "equal"]
    return " … ".join(lost)


def _apart(borders: Sequence[float], seconds: float) -> list[float]:
    """Borders in rising order and so far apart that every caption has its time."""
    # Two captions may share the moment that was told for one long word.
    least = min(SHORTEST / 2, seconds / (2 * (len(borders) + 1)))
    apart: list[float] = []
    for place, border in enumerate(borders):
        earliest = (apart[-1] if apart else 0.0) + least
        latest = seconds - least * (len(borders) - place)
        apart.append(min(max(border, earliest), latest))
    return apart


def _texts(phrases: Sequence[str], spans: Sequence[Span]) -> list[str]:
    laid = [_lines(phrases, span) for span in spans]
    return ["\n".join(lines) for _, lines in filter(None, laid)]


def _break_penalty(text: str) -> float:
    """How much a break after `text` disturbs reading."""
    text = text.rstrip()
    if _ENDS_SENTENCE.search(text):
        return 0.0
    return 0.3 if _ENDS_CLAUSE.search(text) else 1.5


def _pack(phrases: Sequence[str], span: Span) -> list[Span]:
    """The captions of these phrases: of all ways to break, the one that reads best.

    Few captions, breaks that follow the sentence, none nearly empty: shortest path over
    the places where a caption may end.
    """
    first, last = span
    best: list[tuple[float, int]] = [(0.0, first)]
    for end in range(first + 1, last + 1):
        ways: list[tuple[float, int]] = []
        for begin in range(end - 1, first - 1, -1):
            laid = _lines(phrases, (begin, end))
            if laid is None:
                break
            badness, lines = laid
            filled = cost("".join(lines))
            after = _break_penalty(phrases[end - 1]) if end < len(phrases) else 0.0
            total = best[begin - first][0] + 0.8 + after + 0.6 * (1 - filled) ** 2 + badness
            ways.append((total, begin))
        best.append(min(ways))
    found: list[Span] = []
    at = last
    while at > first:
        before = best[at - first][1]
        found.append((before, at))
        at = before
    return found[::-1]


def _lines(phrases: Sequence[str], span: Span) -> tuple[float, list[str]] | None:
    """The best one or two lines for a caption and how bad they are; None if it overflows."""
    begin, end = span
    text = row_of(phrases, begin, end)
    if fits_line(text) or end - begin == 1:
        return 0.0, [text]
    if cost(text) > 1.0 + _SLACK:
        return None
    found: tuple[float, list[str]] | None = None
    for at in range(begin + 1, end):
        first, second = row_of(phrases, begin, at), row_of(phrases, at, end)
        if not (fits_line(first) and fits_line(second)):
            continue
        badness = 0.15 * _break_penalty(first) + abs(cost(first) - cost(second))
        if found is None or badness < found[0]:
            found = badness, [first, second]
    return found


def _readable(phrases: Sequence[str], spans: list[Span], seconds: float) -> list[Span]:
    """Join captions too short to read with a neighbour, or even them out with it."""
    skipped: set[Span] = set()
    while len(spans) > 1:
        long = [_spoken("".join(phrases[begin:end])) for begin, end in spans]
        short = [
            n
            for n, span in enumerate(spans)
            if long[n] / sum(long) * seconds < SHORTEST and span not in skipped
        ]
        if not short:
            break
        at = min(short, key=lambda n: long[n])
        skipped.add(spans[at])
        around = [n for n in (at - 1, at + 1) if 0 <= n < len(spans)]
        first = min(at, min(around, key=lambda n: long[n]))
        both = spans[first][0], spans[first + 1][1]
        spans = [
            *spans[:first],
            *([both] if _lines(phrases, both) else _evened(phrases, both)),
            *spans[first + 2 :],
        ]
    return spans


def _evened(phrases: Sequence[str], span: Span) -> list[Span]:
    """Phrases on two captions of like length where both fit, else as they pack."""
    begin, end = span
    ways = [
        (abs(cost("".join(phrases[begin:at])) - cost("".join(phrases[at:end]))), at)
        for at in range(begin + 1, end)
        if _lines(phrases, (begin, at)) and _lines(phrases, (at, end))
    ]
    if not ways:
        return _pack(phrases, span)
    at = min(ways)[1]
    return [(begin, at), (at, end)]


def _spoken(text: str) -> float:
    """How long a text takes to say, in Latin letters; about 14 of them are one second."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    # A comma is heard as some 0.4 s of pause, a full stop as twice that.
    pauses = 6.0 * len(_BREATH.findall(text)) + 6.0 * len(_FULL_STOP.findall(text))
    return 2.0 * wide + (len(text) - wide) + pauses


def _heard_starts(texts: Sequence[str], words: Sequence[Word]) -> list[float | None]:
    """When the first word of each caption after the first is heard, if it was recognised."""
    said = [heard for word in words for heard in _spelt(word)]
    script = letters("".join(texts))
    matcher = SequenceMatcher(None, script, "".join(c for c, _ in said), autojunk=False)
    blocks = matcher.get_matching_blocks()
    starts: list[float | None] = []
    for place in accumulate(len(letters(text)) for text in texts[:-1]):
        here = next((b for b in blocks if b.a <= place < b.a + b.size), None)
        starts.append(said[here.b + place - here.a][1] if here else None)
    return starts


def _spelt(word: Word) -> list[tuple[str, float]]:
    """The letters of a word, each with its share of the word's time: one may fill captions."""
    spelt = letters(word.text)
    step = (word.end - word.start) / max(1, len(spelt))
    return [(letter, word.start + step * n) for n, letter in enumerate(spelt)]


def letters(text: str) -> str:
    """What of `text` is said, for comparing."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if c.isalnum())
