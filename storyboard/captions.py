"""Captions: what of a line is on the screen, when, and where it breaks.

A caption holds at most 28 full-width or 42 Latin characters on at most two lines. Lines
break between phrases (BudouX for Japanese), never before a closing mark, and sentences
stay whole where they fit. Times never leave the measured speech.

Knows: text and seconds. Does not know: fonts, files, how captions are drawn.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import budoux

from renderers.base import Word

FULL_WIDTH = 28
LATIN = 42
SHORTEST = 0.5
"""Seconds under which nobody reads a caption; it then joins its neighbour."""
_NEVER_FIRST = frozenset(
    "。、，．！？!?,.:;：；…‥・」』）)]】〉》〕｝}’”ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々%％"
)
_NEVER_LAST = frozenset("「『（([【〈《〔｛{‘“")
_SENTENCE = re.compile(r".*?(?:[。．！？!?…]+[」』）)”’\"']*|\.(?=\s|$)[”’\"')]*|$)\s*", re.DOTALL)
_BREATH = re.compile(r"[、，,;:：；。．.！？!?…]")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption; `text` may hold one newline. Times in seconds on the film's clock."""

    start: float
    end: float
    text: str


def cost(text: str) -> float:
    """How much of a caption `text` fills: 1.0 is full."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return wide / FULL_WIDTH + (len(text) - wide) / LATIN


def split_captions(text: str) -> list[str]:
    """The captions of a line, in order; together they say all of it."""
    clean = _clean(text)
    captions: list[list[str]] = []
    for sentence in filter(None, _SENTENCE.findall(clean)):
        phrases = phrases_of(sentence)
        whole = "".join(phrases)
        last = "".join(captions[-1]) if captions else ""
        if captions and cost((last + whole).strip()) <= 1.0:
            captions[-1] += phrases
        else:
            captions += _pack(phrases)
    return [_two_lines(phrases) for phrases in captions if "".join(phrases).strip()]


def time_captions(
    texts: Sequence[str], start: float, seconds: float, words: Sequence[Word] = ()
) -> list[Caption]:
    """Spread captions over the speech, by what is spoken in each.

    With `words` (times from the start of the speech) each change snaps to a word's start.
    """
    texts = _readable(list(texts), seconds)
    weights = [_spoken(text) for text in texts]
    total = sum(weights) or 1.0
    borders = [0.0]
    for weight in weights:
        borders.append(borders[-1] + weight / total * seconds)
    borders = [0.0, *(_snap(b, b / seconds, words) for b in borders[1:-1]), seconds]
    return [
        Caption(start + begin, start + end, text)
        for text, begin, end in zip(texts, borders, borders[1:], strict=False)
        if end > begin
    ]


def _clean(text: str) -> str:
    """One line of visible text: control characters and doubled spaces go."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    kept = re.sub(r"\s+", " ", kept).strip()
    # A space between two Japanese characters is an artefact, and looks like one.
    return re.sub(r"(?<=[぀-鿿。、！？]) (?=[぀-鿿「『])", "", kept)


def phrases_of(sentence: str) -> list[str]:
    """Pieces between which a caption or line may break."""
    if _JAPANESE.search(sentence):
        pieces = [
            p for phrase in _japanese().parse(sentence) for p in re.findall(r"\S+\s*|\s+", phrase)
        ]
    else:
        pieces = re.findall(r"\S+\s*", sentence)
    merged: list[str] = []
    for piece in pieces:
        if merged and (piece[0] in _NEVER_FIRST or merged[-1].rstrip()[-1:] in _NEVER_LAST):
            merged[-1] += piece
        else:
            merged.append(piece)
    return [part for piece in merged for part in _chop(piece)]


def _chop(piece: str) -> list[str]:
    """A piece too long for half a caption (a link, a scream) is cut where it must be."""
    parts: list[str] = []
    current = ""
    for character in piece:
        if current and cost(current + character) > 0.5 and character not in _NEVER_FIRST:
            parts.append(current)
            current = ""
        current += character
    return [*parts, current] if current else parts


def _pack(phrases: list[str]) -> list[list[str]]:
    """Phrases of one sentence into as few captions as hold them, evenly filled."""
    count = max(1, -int(-cost("".join(phrases).strip()) // 1))
    while True:
        aim = cost("".join(phrases)) / count
        packed: list[list[str]] = [[]]
        for phrase in phrases:
            held = "".join(packed[-1])
            full = cost((held + phrase).strip()) > 1.0
            # After a breath the caption may end early; without one it fills up.
            enough = cost(held) >= aim * (0.75 if _BREATH.search(held[-2:]) else 1.0)
            if packed[-1] and (full or (enough and len(packed) < count)):
                packed.append([])
            packed[-1].append(phrase)
        if len(packed) <= count:
            return packed
        count += 1


def _two_lines(phrases: list[str]) -> str:
    """One line if half a caption holds it, else the most even break into two."""
    text = "".join(phrases).strip()
    if cost(text) <= 0.5 or len(phrases) < 2:
        return text
    breaks = [
        ("".join(phrases[:i]).strip(), "".join(phrases[i:]).strip()) for i in range(1, len(phrases))
    ]

    def badness(pair: tuple[str, str]) -> float:
        first, second = pair
        breath = 0.0 if first[-1:] and _BREATH.search(first[-1:]) else 0.12
        return abs(cost(first) - cost(second)) + breath + max(0.0, max(map(cost, pair)) - 0.55) * 4

    return "\n".join(part for part in min(breaks, key=badness) if part)


def _readable(texts: list[str], seconds: float) -> list[str]:
    """Join captions until each is on long enough to be read, as far as the speech allows."""
    while len(texts) > 1:
        weights = [_spoken(text) for text in texts]
        shortest = min(range(len(texts)), key=weights.__getitem__)
        if weights[shortest] / (sum(weights) or 1.0) * seconds >= SHORTEST:
            break
        before = max(0, shortest - 1)
        joined = " ".join(t.replace("\n", " ") for t in texts[before : before + 2])
        if cost(joined) > 1.0:
            break
        texts[before : before + 2] = [_two_lines(phrases_of(_clean(joined)))]
    return texts


def _spoken(text: str) -> float:
    """How long a text takes to say, in units that only compare."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return 2.0 * wide + (len(text) - wide) + 3.0 * len(_BREATH.findall(text))


def _snap(border: float, share: float, words: Sequence[Word]) -> float:
    """The start of the word nearest to a border, if one is near."""
    starts = [word.start for word in words[1:]]
    nearest = min(starts, key=lambda s: abs(s - border), default=border)
    return nearest if abs(nearest - border) <= 0.6 else border


@cache
def _japanese() -> Any:
    return budoux.load_default_japanese_parser()
