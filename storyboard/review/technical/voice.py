"""Who speaks: lines in somebody else's voice, told by timbre and by pitch.

Pitch alone is no speaker: one voice rises by a third of an octave from a calm line to a
startled one, and two people may speak equally high. The shape of the spectrum, averaged
over a line, is the throat's more than the words': so a line is another speaker's if it is
much nearer to theirs than to its own speaker's other lines, and in pitch no farther, and
within what one voice wavers.

Knows: recorded lines, who ought to say them. Does not know: pictures, words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from storyboard.media.evidence import RATE, Mono
from storyboard.plan import NARRATOR
from storyboard.plan.timeline import Segment
from storyboard.review.finding import Finding
from storyboard.review.technical.measure import CutMeasures
from storyboard.review.technical.vocabulary import SPEECH, another_take, flag, name_of

NEARER = 0.5
"""A line's distance to another speaker, as a part of that to its own, at which it is theirs.
Lines of one voice lie 1 to 3 dB apart, those of two voices 2 to 11; of 200 lines spoken
right the most doubtful one has 0.79, of those spoken by another 0.1 to 0.2."""
SPAN = 1 / 3
"""Octaves by which one voice wavers from line to line: farther off it is not that voice."""
BANDS, LOWEST, HIGHEST = 24, 100.0, 3800.0
_SIZE, _HOP = 256, 80
_LOUD = 0.05
"""Power of a frame, as a part of the loudest one's, from which it counts as voice."""

Spectrum: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Voice:
    """How a line sounds: median pitch in Hz (0: none is heard), mean spectrum in dB a band."""

    pitch: float
    timbre: Spectrum


def find(m: CutMeasures, lines: Sequence[int]) -> Iterator[Finding]:
    """Lines of the film, of those named here, that are in somebody else's voice."""
    heard: dict[str, dict[int, Voice]] = {}
    for index in lines:
        speaker = m.cut.timeline.segment(index).speaker or NARRATOR
        heard.setdefault(speaker, {})[index] = listen(m.evidence.takes[index])
    for who, own in heard.items():
        for index, voice in own.items():
            others = [other for i, other in own.items() if i != index]
            if voice.pitch and others:
                yield from _judged(m, m.cut.timeline.segment(index), voice, others, who, heard)


def _judged(
    m: CutMeasures,
    segment: Segment,
    voice: Voice,
    own: Sequence[Voice],
    who: str,
    heard: Mapping[str, Mapping[int, Voice]],
) -> Iterator[Finding]:
    """Whether this line is nearer to another speaker's than to `own`, its speaker's others."""
    for name, theirs in heard.items():
        if name == who:
            continue
        near = [distance(voice, list(voices)) for voices in (own, theirs.values())]
        (timbre, pitch), (their_timbre, their_pitch) = near
        if their_timbre >= NEARER * timbre or their_pitch > min(pitch, SPAN):
            continue
        evidence = (
            f"{name_of(segment)}: {who}'s line sounds like {name} ({their_timbre:.1f} dB and "
            f"{12 * their_pitch:.0f} semitones apart), not like {who}'s other lines "
            f"({timbre:.1f} dB, {12 * pitch:.0f} semitones)"
        )
        patch = another_take(m.cut.plan, segment)
        yield flag("wrong_voice", "severe", evidence, segment, stage=SPEECH, patch=patch)
        return


def distance(voice: Voice, others: Sequence[Voice]) -> tuple[float, float]:
    """How far a voice is from some others: RMS of the bands in dB, and pitch in octaves."""
    middle = np.mean([other.timbre for other in others], axis=0)
    timbre = float(np.sqrt(np.square(voice.timbre - middle).mean()))
    pitches = [other.pitch for other in others if other.pitch]
    if not pitches or not voice.pitch:
        return timbre, 0.0
    return timbre, abs(float(np.log2(voice.pitch / np.median(pitches))))


def listen(take: Mono) -> Voice:
    """A recorded line at `RATE` as a voice."""
    return Voice(pitch(take, RATE), timbre(take))


def timbre(sound: Mono) -> Spectrum:
    """Mean spectrum of the voiced frames in mel bands, dB, each frame's level taken out."""
    padded = np.pad(sound, (0, max(0, _SIZE - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _SIZE)[::_HOP] * np.hanning(_SIZE)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1))) @ _bands().T
    whole = power.sum(axis=1)
    voiced = power[whole > _LOUD * whole.max(initial=0.0)]
    if not len(voiced):
        return np.zeros(BANDS)
    levels = 10 * np.log10(voiced + 1e-9 * voiced.max())
    return (levels - levels.mean(axis=1, keepdims=True)).mean(axis=0)


@cache
def _bands() -> Spectrum:
    """Triangular filters, evenly spaced in mel; shape (bands, frequencies)."""
    mel = 1127 * np.log1p(np.linspace(0, RATE / 2, _SIZE // 2 + 1) / 700)
    low, high = (1127 * float(np.log1p(edge / 700)) for edge in (LOWEST, HIGHEST))
    at = np.linspace(low, high, BANDS + 2)
    rising = (mel - at[:-2, None]) / (at[1] - at[0])
    falling = (at[2:, None] - mel) / (at[1] - at[0])
    return np.maximum(0.0, np.minimum(rising, falling))


def pitch(sound: Mono, rate: int) -> float:
    """Median pitch of a voice in Hz, by autocorrelation under 1 kHz; 0 if none is heard."""
    spectrum = np.fft.rfft(sound)
    spectrum[round(1000 * len(sound) / rate) :] = 0
    low = np.fft.irfft(spectrum, len(sound))
    size, hop = round(0.05 * rate), round(0.025 * rate)
    if len(low) < size:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(low, size)[::hop]
    loud = np.square(frames).mean(axis=1)
    frames = frames[loud > 0.1 * loud.max(initial=0.0)]
    power = np.abs(np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), 2 * size, axis=1)) ** 2
    auto: npt.NDArray[np.float64] = np.fft.irfft(power, axis=1)[:, :size]
    auto /= np.maximum(auto[:, :1], 1e-12) * (1 - np.arange(size) / size).clip(0.2)
    shortest, far = round(rate / 400), round(rate / 70)
    found: list[float] = []
    for row in auto[:, shortest:far]:
        if row.max() < 0.5:
            continue
        # The first peak nearly as high as the highest: a later one is an octave too low.
        peaks = np.flatnonzero((row[1:-1] >= row[:-2]) & (row[1:-1] >= row[2:])) + 1
        high = peaks[row[peaks] > 0.9 * row.max()]
        if len(high):
            found.append(rate / (shortest + int(high[0])))
    return float(np.median(found)) if len(found) >= 3 else 0.0
