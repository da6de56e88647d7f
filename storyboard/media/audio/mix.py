"""The film's sound: speech on its place, effects, music under it, at broadcast loudness.

Exactly as long as the picture, to the sample; nothing is ever cut. Loudness is brought to
−14 LUFS and the true peak below −1 dBTP as measured on the *encoded* track, since an
encoder moves both.

Knows: samples, gain, loudness. Does not know: plans, captions, pictures.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import soundfile

from renderers.errors import BadOutput
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import Loudness, integrated_loudness, measure_loudness

RATE = 48_000
TARGET_LUFS = -14.0
TOLERANCE_LU = 1.0
PEAK_DBTP = -1.0
DUCK_DB = -9.0
"""How far the music goes down while somebody speaks."""
_ATTACK, _RELEASE = 0.12, 0.15
_STEADY_DB, _STEADY_BLOCKS = 12.0, 8
"""How far music is evened out, and over how many tenths of a second to either side."""
_BLOCK = 48
"""Samples of one step of a gain curve: 1 ms."""
_AHEAD = 5
"""Blocks over which the limiter turns down before a peak."""
_SILENCE = 1e-4
_MOST_GAIN_DB = 40.0
"""Beyond it one would only amplify noise."""

Samples: TypeAlias = "npt.NDArray[np.float32]"
Curve: TypeAlias = "npt.NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Cue:
    """Sound at a time: stereo samples (n, 2), seconds from the film's start, gain in dB."""

    samples: Samples
    start: float
    gain_db: float = 0.0


def mix(
    seconds: float,
    speech: Sequence[Cue],
    effects: Sequence[Cue],
    music: Samples | None,
    level: float,
) -> Samples:
    """Lay everything on one stereo track of `seconds`.

    `level` is the music's loudness relative to the speech in LU; it is ducked further
    while one speaks, and fades in and out.

    Raises:
        BadOutput: a line would reach beyond the film's end; it is never cut.
    """
    count = round(seconds * RATE)
    if music is not None and len(music) < count:
        music = np.pad(music, ((0, count - len(music)), (0, 0)))
    voices = np.zeros((count, 2), dtype=np.float32)
    for cue in speech:
        begin = round(cue.start * RATE)
        if begin + len(cue.samples) > count:
            raise BadOutput(
                f"a line at {cue.start:.2f} s reaches beyond the film's {seconds:.2f} s"
            )
        voices[begin : begin + len(cue.samples)] += cue.samples * _gain(cue.gain_db)
    track = voices.copy()
    for cue in effects:
        begin = round(cue.start * RATE)
        part = _ended(cue.samples, count - begin)
        track[begin : begin + len(part)] += part * _gain(cue.gain_db)
    if music is not None:
        track += under(voices, music, level)
    return track


def under(voices: Samples, music: Samples, level: float) -> Samples:
    """The music as it lies under the voices: as long as they, `level` LU from them, ducked."""
    count = len(voices)
    reference = active_rms(voices) or 0.1
    steady = _steadied(music[:count])
    gain = reference * _gain(level) / (active_rms(steady) or 1.0)
    return steady * gain * _fades(count)[:, None] * _duck(voices)[:, None]


def laid(seconds: float, cues: Sequence[Cue]) -> Samples:
    """Cues alone on a stereo track of `seconds`."""
    track = np.zeros((round(seconds * RATE), 2), dtype=np.float32)
    for cue in cues:
        begin = round(cue.start * RATE)
        part = _ended(cue.samples, len(track) - begin)
        track[begin : begin + len(part)] += part * _gain(cue.gain_db)
    return track


def master(track: Samples, out: Path) -> Loudness:
    """Encode `track` to AAC in an MP4 at `out`, as near to the target loudness as it gets.

    The true peak is held in any case; a film of silence stays silent. Returns what was
    measured on the encoded file.
    """
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        wave = Path(folder) / "mix.wav"

        def measured(samples: Samples) -> float:
            soundfile.write(wave, samples, RATE, subtype="FLOAT")
            return integrated_loudness(wave)

        def encoded() -> Loudness:
            arguments = ["-i", wave, "-c:a", "aac", "-aac_coder", "fast", "-b:a", "192k"]
            run_ffmpeg([*arguments, "-ar", str(RATE), "-ac", "2", "-map_metadata", "-1", out])
            return measure_loudness(out)

        loudness = measured(track)
        if np.abs(track).max(initial=0.0) < _SILENCE:
            return encoded()
        gain = min(TARGET_LUFS - loudness, _MOST_GAIN_DB)
        ceiling, tries = PEAK_DBTP - 0.7, 4
        while True:
            # Limiting takes loudness away, so the gain is found on the limited sound; the
            # encoder is asked last, because it is slow and moves the figures but a little.
            slope, last = 1.0, (gain, np.nan)
            for _ in range(6):
                loudness = measured(limit(track * _gain(gain), ceiling))
                off = TARGET_LUFS - loudness
                if abs(off) <= TOLERANCE_LU / 4 or gain + off > _MOST_GAIN_DB:
                    break
                if gain != last[0]:
                    slope = min(1.0, max(0.25, (loudness - last[1]) / (gain - last[0])))
                last = (gain, loudness)
                gain += off / slope
            coded = encoded()
            over, tries = coded.true_peak - (PEAK_DBTP - 0.1), tries - 1
            if over <= 0 or not tries:
                return coded
            ceiling -= over


def limit(track: Samples, ceiling_db: float) -> Samples:
    """Hold samples under `ceiling_db`: gain glides down ahead of a peak and recovers after it."""
    ceiling = _gain(ceiling_db)
    needed = np.minimum(1.0, ceiling / np.maximum(_blocks(_peaks(track)), 1e-9))
    if needed.min() >= 1.0:
        return track
    # The least gain needed nearby, then the mean of that: never above what a peak needs,
    # whatever lies between the blocks, and without a step that would click.
    low: Curve = np.lib.stride_tricks.sliding_window_view(
        np.pad(needed, _AHEAD + 1, mode="edge"), 2 * _AHEAD + 3
    ).min(axis=1)
    released = np.pad(_release(low, 0.08 * RATE / _BLOCK), _AHEAD, mode="edge")
    smooth: Curve = np.lib.stride_tricks.sliding_window_view(released, 2 * _AHEAD + 1).mean(axis=1)
    middles = (np.arange(len(smooth)) + 0.5) * _BLOCK
    gain: Samples = np.interp(np.arange(len(track)), middles, smooth).astype(np.float32)
    return track * gain[:, None]


def _ended(samples: Samples, count: int) -> Samples:
    """At most `count` samples, faded out where they would be cut."""
    if len(samples) <= count:
        return samples
    kept = samples[: max(0, count)].copy()
    fade = min(len(kept), RATE // 10)
    kept[len(kept) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    return kept


def _steadied(music: Samples) -> Samples:
    """The music as loud in its soft bars as in its loud ones, within `_STEADY_DB`, glidingly.

    A track that begins softly would else lie far under the level that was asked for.
    """
    usual, size = active_rms(music), RATE // 10
    if not usual or len(music) < 2 * size:
        return music
    blocks = _power(music)[: len(music) // size * size].reshape(-1, size).mean(1)
    window = np.hanning(2 * _STEADY_BLOCKS + 3)[1:-1]
    near = np.convolve(np.pad(blocks, _STEADY_BLOCKS, mode="edge"), window / window.sum(), "valid")
    most = _gain(_STEADY_DB)
    wanted = np.clip(usual / np.sqrt(np.maximum(near, 1e-9)), 1 / most, most)
    # What is silent on purpose (an ending) stays it.
    wanted[near < 1e-6] = 1.0
    middles = (np.arange(len(wanted)) + 0.5) * size
    gains: Samples = np.interp(np.arange(len(music)), middles, wanted).astype(np.float32)
    return music * gains[:, None]


def _duck(voices: Samples) -> npt.NDArray[np.float32]:
    """A gain for the music: down before a word, up again after the pause."""
    loud = _blocks(_peaks(voices)) > 0.01
    hold = round(0.12 * RATE / _BLOCK)
    # Bridges the gaps between words, so that the music does not flutter.
    talking = np.convolve(loud.astype(float), np.ones(2 * hold + 1), mode="same") > 0
    depth = np.where(talking, _gain(DUCK_DB), 1.0)
    smooth = _release(depth, _RELEASE * RATE / _BLOCK)
    attack = max(1, round(_ATTACK * RATE / _BLOCK))
    smooth = np.convolve(np.pad(smooth, attack, mode="edge"), np.ones(attack) / attack, "same")
    smooth = smooth[attack:-attack]
    return np.repeat(smooth, _BLOCK)[: len(voices)].astype(np.float32)


def _release(gain: Curve, blocks: float) -> Curve:
    """Fall at once, rise by a time constant of `blocks`."""
    rate = 1 - np.exp(-1 / max(blocks, 1e-6))
    out = np.empty_like(gain)
    current = float(gain[0])
    for i, wanted in enumerate(gain):
        current = float(wanted) if wanted < current else current + rate * (wanted - current)
        out[i] = current
    return out


def _fades(count: int) -> npt.NDArray[np.float32]:
    t = np.arange(count) / RATE
    left = count / RATE - t
    return np.minimum(1, np.minimum(t / 0.4, left / 1.5)).clip(0).astype(np.float32)


def _blocks(values: npt.NDArray[np.float32]) -> Curve:
    """Largest value of each millisecond."""
    padded = np.pad(values, (0, -len(values) % _BLOCK))
    return padded.reshape(-1, _BLOCK).max(axis=1).astype(np.float64)


def _peaks(samples: Samples) -> npt.NDArray[np.float32]:
    """The larger side of each sample. (numpy is five times as slow over an axis of two.)"""
    return np.maximum(np.abs(samples[:, 0]), np.abs(samples[:, 1]))


def _power(samples: Samples) -> npt.NDArray[np.float32]:
    """The mean of both sides' squares."""
    return (np.square(samples[:, 0]) + np.square(samples[:, 1])) * np.float32(0.5)


def active_rms(samples: Samples) -> float:
    """RMS over the 100 ms windows that are not silence."""
    power = _power(samples)
    size = RATE // 10
    windows = power[: len(power) // size * size].reshape(-1, size).mean(axis=1)
    active = windows[windows > 1e-6]
    return float(np.sqrt(active.mean())) if len(active) else 0.0


def _gain(db: float) -> float:
    return float(10 ** (db / 20))
