"""What is measured on a finished film before anything is judged: where each line really is in it.

Knows: the film's sound, the recorded lines. Does not know: what is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from renderers.base import Word
from renderers.probe import Loudness, Media
from storyboard.media import stillness
from storyboard.media.agreement import Drawn
from storyboard.media.text.captions import Caption
from storyboard.media.text.title import Box
from storyboard.plan.timeline import Segment

RATE = 8000
"""Sample rate at which speech is looked for: 0.125 ms a step, far below a frame."""

SEARCH = 0.6
"""How far from its place a line is looked for, seconds."""

PIECE = 0.05
"""Length of the pieces in which a line is looked through for holes, seconds."""

ABOVE = 4.0
"""dB above all else from which on a line is heard in a film as it was heard alone: of 25 lines in
two languages under the music and effects of their films, none lost more than a sixteenth of its
likeness. (Under other voices four lost more: where a user's own sounds are, one has to listen.)"""

SPELL = 0.4
"""Length of the pieces in which a line is compared with all else that sounds, seconds: a word."""

Mono: TypeAlias = "npt.NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything measured on the film, and what it is compared with.

    `sound` is the film's own, mono at `RATE`; `takes` the recorded lines likewise, by
    segment; `luma` and `change` are per frame: mean luma (0-255) and mean absolute
    difference from the frame before; `keyframes` the numbers of those that are coded anew.
    """

    media: Media
    loudness: Loudness
    faststart: bool
    sound: Mono
    takes: Mapping[int, Mono]
    luma: npt.NDArray[np.float32]
    change: npt.NDArray[np.float32]
    words: Sequence[Word]
    captions: Sequence[Caption]
    title: Box | None
    faces: Sequence[Box]
    keyframes: Sequence[int] = ()
    pictures: Mapping[int, Sequence[Drawn]] = field(default_factory=dict[int, Sequence[Drawn]])
    """By segment, the things that its picture says are drawn; of drawn pictures."""
    people: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    """By segment, what everybody in its picture is drawn as."""
    beings: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    """By segment, those of its cast who are no persons, as the plan calls them."""
    props: Mapping[int, Sequence[str]] = field(default_factory=dict[int, Sequence[str]])
    """By segment, the things that the plan puts there."""
    clarity: Mapping[int, float] = field(default_factory=dict[int, float])
    """By segment, how many of a take's sounds were understood; of lines that need it."""
    footage: frozenset[int] = frozenset()
    """Segments with a sound of a user's own, in which somebody may well speak."""
    texts: Mapping[int, Mapping[str, str]] = field(default_factory=dict[int, Mapping[str, str]])
    """By segment whose line is in several languages, what was heard in each."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a line really is: seconds off its place, and how surely (0 to 1)."""

    offset: float
    sureness: float
    lost: float
    """Seconds of it that are not in the film."""
    ends: bool
    """Its last sound is there."""
    hole: tuple[float, float] = (0.0, 0.0)
    """From the first to the last of what is lost, seconds from the line's start."""
    above: float = 0.0
    """dB by which it is louder than all else that sounds with it, at its most covered word."""

    @property
    def clear(self) -> bool:
        """Whether who understood it alone understands it here."""
        return not self.lost and self.above >= ABOVE


def locate(evidence: Evidence, segment: Segment) -> Found:
    """Look for a segment's recorded line in the film's sound, near its place."""
    return look_for(evidence.takes[segment.index], evidence.sound, segment.speech_start)


def look_for(take: Mono, sound: Mono, at: float) -> Found:
    """Look for a recorded line in `sound` (both at `RATE`), near second `at` of it."""
    start, reach = round(at * RATE), round(SEARCH * RATE)
    window = cut_out(sound, start - reach, start + reach + len(take))
    scores = correlation(window, take)
    best = int(np.argmax(scores))
    there = window[best : best + len(take)]
    lost = _lost(there, take)
    sounding = np.flatnonzero(lost >= 0)
    ends = not len(sounding) or bool(lost[sounding[-1]] == 0)
    gone = np.flatnonzero(lost > 0)
    hole = (float(gone[0]) * PIECE, float(gone[-1] + 1) * PIECE) if len(gone) else (0.0, 0.0)
    return Found(
        offset=(best - reach) / RATE,
        sureness=float(scores[best]),
        lost=len(gone) * PIECE,
        ends=ends,
        hole=hole,
        above=_above(there, take),
    )


def _above(there: Mono, take: Mono) -> float:
    """dB by which the take is louder than what else is `there`, where it is least so."""
    gain = float(there @ take) / max(float(take @ take), 1e-12)
    own, else_ = (_energies(part) for part in (gain * take, there - gain * take))
    sounding = own > 0.03 * own.max(initial=0.0)
    ratios = own[sounding] / np.maximum(else_[sounding], 1e-12)
    return 10 * float(np.log10(ratios.min(initial=1e12)))


def _energies(part: Mono) -> npt.NDArray[np.float64]:
    """Of each piece as long as a word, half of it shared with the next."""
    size = round(SPELL * RATE)
    squares = np.concatenate([[0.0], np.cumsum(np.square(part.astype(np.float64)))])
    ends = np.arange(size, max(len(part), size) + size // 2, size // 2).clip(max=len(part))
    return squares[ends] - squares[(ends - size).clip(min=0)]


def _lost(there: Mono, take: Mono) -> npt.NDArray[np.int8]:
    """Each piece of the take: 1 if the film lacks it, 0 if not, −1 if it is as good as silent.

    A piece is there if the film holds it at a good part of the loudness of the whole line;
    music and effects over it take nothing away, since they are unlike it.
    """
    size = round(PIECE * RATE)
    count = len(take) // size
    pieces = take[: count * size].reshape(count, size).astype(np.float64)
    held = (there[: count * size].reshape(count, size) * pieces).sum(axis=1)
    own = np.square(pieces).sum(axis=1)
    usual = held.sum() / max(float(own.sum()), 1e-12)
    lost = (held < 0.25 * usual * own).astype(np.int8)
    lost[own < 0.03 * own.max(initial=0.0)] = -1
    return lost


def correlation(window: Mono, part: Mono) -> npt.NDArray[np.float64]:
    """Normalised cross-correlation of `part` at every place of `window`, −1 to 1."""
    size = 1 << (len(window) + len(part)).bit_length()
    spectrum = np.fft.rfft(window, size) * np.conj(np.fft.rfft(part, size))
    raw = np.fft.irfft(spectrum, size)[: len(window) - len(part) + 1]
    energy = np.cumsum(np.concatenate([[0.0], np.square(window.astype(np.float64))]))
    there = energy[len(part) :] - energy[: -len(part)]
    own = float(np.square(part.astype(np.float64)).sum())
    # Digital silence has no energy to divide by, and the transform's own noise is no likeness.
    return raw / np.sqrt(np.maximum(there, 1e-4 * own) * max(own, 1e-12))


def cut_out(sound: Mono, start: int, end: int) -> Mono:
    """`sound[start:end]`, with silence where the film has none."""
    before, after = max(0, -start), max(0, end - len(sound))
    return np.pad(sound[max(0, start) : max(0, end)], (before, after))


def longest_hold(evidence: Evidence, first: int, last: int) -> tuple[int, int]:
    """Where among these frames the picture stands longest, and for how many."""
    begin = first + 1
    keys = [key - begin for key in evidence.keyframes if begin < key < last]
    found = stillness.still_runs(evidence.change[begin:last], keys)
    return max(found, key=lambda hold: hold[1], default=(0, 0))


def longest(flags: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Where the longest run of true values begins, and its length."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    lengths = edges[1::2] - edges[::2]
    if not len(lengths):
        return 0, 0
    best = int(lengths.argmax())
    return int(edges[2 * best]), int(lengths[best])
