"""When words are said, from what models tell of it.

What they tell is not always possible: times that fall, that end before they begin or lie
beyond the sound. Such words are left out, and whoever shows them puts them between their
neighbours; where most are such, nothing of it is believed.

Knows: words, sounds, seconds. Does not know: files, models.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from renderers.base import Word
from renderers.errors import BadOutput

SLACK = 0.1
"""Seconds before the sound at which a word may begin: models count in steps of up to 80 ms."""
BELIEVED = 0.5
"""Least share of words whose times must be possible."""
_STRESS = "ˈˌ"


@dataclass(frozen=True, slots=True)
class Sound:
    """One symbol of a line's phonemes and its time in seconds."""

    symbol: str
    start: float
    end: float


def possible(words: Sequence[Word], seconds: float) -> tuple[Word, ...]:
    """Those of `words` that can be true of a sound of that length, in order.

    Raises:
        BadOutput: fewer than half of them can, or all are said at one moment.
    """
    named = [word for word in words if word.text.strip()]
    fitting = [
        replace(word, start=max(0.0, word.start), end=min(word.end, seconds))
        for word in named
        if math.isfinite(word.start)
        and math.isfinite(word.end)
        and -SLACK <= word.start <= word.end
        and word.start < seconds
    ]
    rising = _rising(fitting)
    if len(rising) < BELIEVED * len(named):
        raise BadOutput(
            f"the times of {len(named) - len(rising)} of {len(named)} words cannot be: they fall, "
            f"end before they begin, or lie beyond the {seconds:.2f} s of sound"
        )
    if len(rising) > 2 and rising[0].start == rising[-1].start:
        raise BadOutput(f"all {len(rising)} words are told to be said at one moment")
    nexts = [word.start for word in rising[1:]] + [seconds]
    return tuple(
        replace(word, end=max(word.start, min(word.end, until)))
        for word, until in zip(rising, nexts, strict=False)
    )


def _rising(words: Sequence[Word]) -> list[Word]:
    """The most words whose starts never fall: one that jumps goes, not all after it."""
    ends: list[int] = []
    """By length, the last word of the run that ends earliest."""
    before = [-1] * len(words)
    for at, word in enumerate(words):
        place = bisect_right([words[end].start for end in ends], word.start)
        before[at] = ends[place - 1] if place else -1
        ends[place : place + 1] = [at]
    run: list[Word] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(words[at])
        at = before[at]
    return run[::-1]


def words_of(pieces: Sequence[tuple[str, str]], sounds: Sequence[Sound]) -> tuple[Word, ...]:
    """When each piece of a line is said, from when each of its sounds is.

    `pieces` are the line's words as written, with their phonemes as each would be said alone;
    in the line they may be said a little differently. A word none of whose sounds are found
    is missing.
    """
    owners = [at for at, (_, said) in enumerate(pieces) for symbol in said if _spoken(symbol)]
    alone = "".join(symbol for _, said in pieces for symbol in said if _spoken(symbol))
    heard: list[Sound] = []
    lead: float | None = None
    for sound in sounds:
        if _spoken(sound.symbol):
            heard.append(replace(sound, start=sound.start if lead is None else lead))
            lead = None
        elif sound.symbol in _STRESS:
            # A stress mark is said with what follows it.
            lead = sound.start if lead is None else lead
        else:
            # The lips are set in the second half of the pause before a word: measured, words
            # are heard 40 ms before their first sound's share begins.
            lead = (sound.start + sound.end) / 2 if sound.symbol == " " else None
    matcher = SequenceMatcher(None, alone, "".join(s.symbol for s in heard), autojunk=False)
    spans: dict[int, tuple[float, float]] = {}
    for block in matcher.get_matching_blocks():
        for i in range(block.size):
            owner, sound = owners[block.a + i], heard[block.b + i]
            spans[owner] = (spans.get(owner, (sound.start, 0.0))[0], sound.end)
    return tuple(Word(pieces[at][0], *spans[at]) for at in sorted(spans))


def _spoken(symbol: str) -> bool:
    return symbol.isalpha() and symbol not in _STRESS
