"""Captions: what of a line is on the screen, when, and where it breaks.

A caption holds at most 28 full-width or 42 Latin characters on at most two lines, a line
half of that. Breaks fall after sentences, else after clauses, else between phrases (BudouX
for Japanese), never before a closing mark. Times never leave the measured speech.

Knows: text and seconds. Does not know: fonts, files, how captions are drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

import budoux

from renderers.base import Word

FULL_WIDTH = 28
LATIN = 42
SHORTEST = 0.8
"""Seconds under which nobody reads a caption; it then joins its neighbour."""
_LINE = 0.5
"""Of a caption: what one line may hold."""
_SLACK = 1e-6
_NEVER_FIRST = frozenset(
    "。、，．！？!?,.:;：；…‥・」』）)】]〉》〕｝}’”ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々゛゜%％،؛؟"
)
_NEVER_LAST = frozenset("「『（([【〈《〔｛{‘“")
_ENDS_SENTENCE = re.compile(r"[。．！？!?…؟]+[」』）)”’\"']*$|\.[”’\"')]*$")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e)\.$")
_ENDS_CLAUSE = re.compile(r"[、，,;:：；—–،؛][」』）)”’\"']*$|[」』]$")
_BREATH = re.compile(r"[、，,;:：；。．.！？!?…،؛؟]")
_FULL_STOP = re.compile(r"[。．！？!?…؟]|\.(?=\s|$)")
_SCRIPT_OF_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
_JOINS = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Joiners, variation selectors, skin tones, tags: part of the character before them."""
_PAIRED = re.compile("[\U0001f1e6-\U0001f1ff]")
"""Two of these make a flag."""


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


def cost(text: str) -> float:
    """How much of a caption `text` fills: 1.0 is full."""
    return sum(map(_size, characters(text)))


def split_captions(text: str) -> list[str]:
    """The captions of a line, in order; together they say all of it."""
    return ["\n".join(lines) for lines in _pack(phrases_of(one_line(text)))]


def time_captions(
    texts: Sequence[str],
    start: float,
    seconds: float,
    words: Sequence[Word] = (),
    leeway: float = 1.0,
) -> list[Caption]:
    """Spread captions over the speech, by how long each takes to say.

    With `words` (times from the start of the speech) each begins with its first word, unless
    that lies `leeway` seconds and more off its share: it was then matched to the wrong word.
    """
    texts = _readable(list(texts), seconds)
    ends = list(accumulate(map(_spoken, texts)))
    shares = [end / ends[-1] * seconds for end in ends[:-1]] if ends else []
    heard = _heard_starts(texts, words)
    borders = [0.0]
    for share, when in zip(shares, heard, strict=True):
        border = when if when is not None and abs(when - share) <= leeway else share
        borders.append(min(max(border, borders[-1]), seconds))
    borders.append(seconds)
    return [
        Caption(start + begin, start + end, text)
        for text, (begin, end) in zip(texts, pairwise(borders), strict=False)
        if end > begin
    ]


def one_line(text: str) -> str:
    """One line of visible text: control characters and doubled spaces go."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    kept = re.sub(r"\s+", " ", kept).strip()
    # A space between two Japanese characters is an artefact, and looks like one.
    return re.sub(r"(?<=[぀-鿿。、！？]) (?=[぀-鿿「『])", "", kept)


def characters(text: str) -> list[str]:
    """`text` in what a reader takes for one character each: accents and joined emoji stay whole."""
    found: list[str] = []
    for point in text:
        if found and _continues(found[-1], point):
            found[-1] += point
        else:
            found.append(point)
    return found


def phrases_of(text: str) -> list[str]:
    """Pieces between which a caption or line may break; spaces stay at the ends."""
    if _SCRIPT_OF_JAPANESE.search(text):
        pieces = [
            p for phrase in _japanese().parse(text) for p in re.findall(r"\S+\s*|\s+", phrase)
        ]
    else:
        pieces = re.findall(r"\S+\s*", text)
    merged: list[str] = []
    for piece in pieces:
        if merged and not _may_break(merged[-1], piece):
            merged[-1] += piece
        else:
            merged.append(piece)
    return [part for piece in merged for part in _chop(piece)]


def _size(character: str) -> float:
    """Of one character; a joined emoji is as wide as its parts where the font does not join."""
    points = [p for p in character if unicodedata.east_asian_width(p) in "WF"]
    wide = sum(not _JOINS.match(p) for p in points)
    return wide / FULL_WIDTH if wide else 1 / LATIN


def _continues(before: str, point: str) -> bool:
    """Whether `point` belongs to the character before it."""
    flag = _PAIRED.match(point) and _PAIRED.fullmatch(before)
    joined = before[-1] == "\u200d" or _JOINS.match(point)
    return bool(flag or joined or unicodedata.category(point).startswith("M"))


def _may_break(before: str, after: str) -> bool:
    last = before.rstrip()[-1:]
    if after[0] in _NEVER_FIRST or last in _NEVER_LAST or _ABBREVIATED.search(before.rstrip()):
        return False
    return before[-1].isspace() or not _continues(characters(before)[-1], after[0])


def _chop(piece: str) -> list[str]:
    """A piece too long for a line (a link, a scream) is cut where it hurts least."""
    parts: list[str] = []
    rest = characters(piece)
    while not _fits_line("".join(rest).rstrip()):
        fits = next(n for n in range(1, len(rest) + 1) if cost("".join(rest[: n + 1])) > _LINE)
        good = [n for n in range(max(1, fits // 2), fits + 1) if _may_break(rest[n - 1], rest[n])]
        # A link is best cut after one of its own marks.
        marks = [n for n in good if rest[n - 1] in "/?&=-_"]
        cut = max(marks or good or [fits])
        parts.append("".join(rest[:cut]))
        rest = rest[cut:]
    return [*parts, "".join(rest)] if rest else parts


def _break_penalty(text: str) -> float:
    """How much a break after `text` disturbs reading."""
    text = text.rstrip()
    if _ENDS_SENTENCE.search(text):
        return 0.0
    return 0.3 if _ENDS_CLAUSE.search(text) else 1.5


def _pack(phrases: Sequence[str]) -> list[list[str]]:
    """The lines of each caption: of all ways to break, the one that reads best.

    Few captions, breaks that follow the sentence, none nearly empty: shortest path over
    the places where a caption may end.
    """
    best: list[tuple[float, int, list[str]]] = [(0.0, 0, [])]
    for end in range(1, len(phrases) + 1):
        ways: list[tuple[float, int, list[str]]] = []
        for begin in range(end - 1, -1, -1):
            laid = _lines(phrases[begin:end])
            if laid is None:
                break
            badness, lines = laid
            filled = cost("".join(lines))
            after = _break_penalty(phrases[end - 1]) if end < len(phrases) else 0.0
            total = best[begin][0] + 0.8 + after + 0.6 * (1 - filled) ** 2 + badness
            ways.append((total, begin, lines))
        best.append(min(ways, key=lambda way: way[0]))
    captions: list[list[str]] = []
    at = len(phrases)
    while at > 0:
        _, before, lines = best[at]
        captions.append(lines)
        at = before
    return captions[::-1]


def _lines(phrases: Sequence[str]) -> tuple[float, list[str]] | None:
    """The best one or two lines for a caption and how bad they are; None if it overflows."""
    text = "".join(phrases).strip()
    if _fits_line(text):
        return 0.0, [text]
    if cost(text) > 1.0 + _SLACK:
        return None
    found: tuple[float, list[str]] | None = None
    for at in range(1, len(phrases)):
        first, second = "".join(phrases[:at]).strip(), "".join(phrases[at:]).strip()
        if not (_fits_line(first) and _fits_line(second)):
            continue
        badness = 0.15 * _break_penalty(first) + abs(cost(first) - cost(second))
        if found is None or badness < found[0]:
            found = badness, [first, second]
    return found


def _fits_line(text: str) -> bool:
    """Whether one line holds `text`; a full-width stop or comma at its end may hang out."""
    return cost(text[:-1] if text[-1:] in "。、，．" else text) <= _LINE + _SLACK


def _readable(texts: list[str], seconds: float) -> list[str]:
    """Join captions too short to read with a neighbour, or even them out with it."""
    skipped: set[str] = set()
    while len(texts) > 1:
        total = sum(map(_spoken, texts))
        short = [t for t in texts if _spoken(t) / total * seconds < SHORTEST and t not in skipped]
        if not short:
            break
        at = texts.index(min(short, key=_spoken))
        skipped.add(texts[at])
        around = [n for n in (at - 1, at + 1) if 0 <= n < len(texts)]
        other = min(around, key=lambda n: _spoken(texts[n]))
        first = min(at, other)
        phrases = phrases_of(_rejoin(texts[first : first + 2]))
        joined = _lines(phrases)
        together = [joined[1]] if joined else _evened(phrases)
        texts[first : first + 2] = ["\n".join(lines) for lines in together]
    return texts


def _rejoin(texts: Sequence[str]) -> str:
    return one_line(" ".join(texts))


def _evened(phrases: Sequence[str]) -> list[list[str]]:
    """Phrases on two captions of like length where both fit, else as they pack."""
    ways = [
        (abs(cost("".join(phrases[:at])) - cost("".join(phrases[at:]))), a[1], b[1])
        for at in range(1, len(phrases))
        if (a := _lines(phrases[:at])) and (b := _lines(phrases[at:]))
    ]
    return list(min(ways)[1:]) if ways else _pack(phrases)


def _spoken(text: str) -> float:
    """How long a text takes to say, in Latin letters; about 14 of them are one second."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    # A comma is heard as some 0.4 s of pause, a full stop as twice that.
    pauses = 6.0 * len(_BREATH.findall(text)) + 6.0 * len(_FULL_STOP.findall(text))
    return 2.0 * wide + (len(text) - wide) + pauses


def _heard_starts(texts: Sequence[str], words: Sequence[Word]) -> list[float | None]:
    """When the first word of each caption after the first is heard, if it was recognised."""
    said = [(c, word.start) for word in words for c in letters(word.text)]
    script = letters("".join(texts))
    matcher = SequenceMatcher(None, script, "".join(c for c, _ in said), autojunk=False)
    blocks = matcher.get_matching_blocks()
    starts: list[float | None] = []
    for place in accumulate(len(letters(text)) for text in texts[:-1]):
        here = next((b for b in blocks if b.a <= place < b.a + b.size), None)
        starts.append(said[here.b + place - here.a][1] if here else None)
    return starts


def letters(text: str) -> str:
    """What of `text` is said, for comparing."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return "".join(c for c in folded if c.isalnum())


@cache
def _japanese() -> Any:
    return budoux.load_default_japanese_parser()
