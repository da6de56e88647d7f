"""What is done to a spoken line after the model: resample, trim, level, fade, write.

Knows: samples. Does not know: text, voices, models.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import numpy.typing as npt
import soundfile as sf

from renderers.audio_file import mixed_down, read_audio
from renderers.base import SpeechResult, Word
from renderers.errors import BadOutput
from renderers.scratch import written
from renderers.timing import possible

Samples: TypeAlias = "npt.NDArray[np.float32]"
"""Mono audio, shape (n,), full scale ±1."""

OUTPUT_RATE = 48_000
LEVEL_DB = -21.5
"""Target of a line: gated RMS of the mono signal in dBFS, about −20 LUFS in both channels."""
PEAK = 10 ** (-1.5 / 20)
PAD_SECONDS = 0.02
FADE_SECONDS = 0.008
LONGEST_PAUSE = 0.75
"""Between two sentences of one line, seconds: a longer one is taken for a line that stalls."""
_WINDOW = 0.02


def resample(samples: Samples, length: int) -> Samples:
    """Band-limited resampling of the whole line to `length` samples (by its spectrum)."""
    if len(samples) == length or not len(samples):
        return samples
    spectrum = np.fft.rfft(samples.astype(np.float64))
    bins = length // 2 + 1
    resized = np.zeros(bins, dtype=np.complex128)
    shared = min(bins, len(spectrum))
    resized[:shared] = spectrum[:shared]
    return (np.fft.irfft(resized, length) * (length / len(samples))).astype(np.float32)


def envelope(samples: Samples, rate: int, window: float = _WINDOW) -> npt.NDArray[np.float64]:
    """RMS of consecutive windows of `window` seconds, shape (ceil(n / window),)."""
    size = max(1, int(rate * window))
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % size))
    return np.sqrt(np.mean(padded.reshape(-1, size) ** 2, axis=1))


def speech_span(samples: Samples, rate: int) -> tuple[int, int]:
    """First and last sample (exclusive) of what is loud enough to hear; (0, 0) if nothing is."""
    levels = envelope(samples, rate, 0.005)
    if not len(levels) or levels.max() < 1e-3:
        return 0, 0
    # 40 dB under the loudest moment: final fricatives stay, the model's hiss goes.
    heard = np.flatnonzero(levels > max(levels.max() * 0.01, 5e-4))
    size = max(1, int(rate * 0.005))
    return int(heard[0]) * size, min(len(samples), (int(heard[-1]) + 1) * size)


def trimmed_span(samples: Samples, rate: int) -> tuple[int, int]:
    """First and last sample (exclusive) without the silence at both ends, but for a moment."""
    start, end = speech_span(samples, rate)
    extra = int(rate * PAD_SECONDS)
    return max(0, start - extra), min(len(samples), end + extra)


def without_long_pauses(
    samples: Samples, rate: int, most: float = LONGEST_PAUSE
) -> tuple[Samples, list[tuple[int, int]]]:
    """The samples with every silence inside them cut down to `most` seconds, from its middle; and
    what was cut, as first sample and number of samples. Silence is 35 dB under the loudest moment."""
    levels = envelope(samples, rate, 0.01)
    size = max(1, int(rate * 0.01))
    heard = np.flatnonzero(levels > max(float(levels.max(initial=0.0)) * 0.018, 5e-4))
    cuts: list[tuple[int, int]] = []
    for before, after in pairwise(heard.tolist()):
        extra = (after - before - 1) * size - int(most * rate)
        if extra > 0:
            middle = (before + 1 + after) * size // 2
            cuts.append((middle - extra // 2, extra))
    keep = np.ones(len(samples), dtype=bool)
    for at, length in cuts:
        keep[at : at + length] = False
    return (samples[keep] if cuts else samples), cuts


def level(samples: Samples, rate: int, target_db: float = LEVEL_DB) -> Samples:
    """Bring the gated RMS to `target_db` dBFS; peaks are rounded off below −1.5 dBFS."""
    levels = envelope(samples, rate)
    if not len(levels) or levels.max() == 0:
        return samples
    # Pauses inside a line must not make it louder: gate 20 dB below the loud windows' mean.
    loud = levels[levels > levels.max() * 0.1]
    gain = 10 ** (target_db / 20) / float(np.sqrt(np.mean(loud**2)))
    scaled = samples * np.float32(gain)
    knee = PEAK * 0.7
    over = np.abs(scaled) > knee
    rounded = knee + (PEAK - knee) * np.tanh((np.abs(scaled) - knee) / (PEAK - knee))
    return np.where(over, np.sign(scaled) * rounded, scaled).astype(np.float32)


def fade(samples: Samples, rate: int, seconds: float = FADE_SECONDS) -> Samples:
    """Raised-cosine fade at both ends, so that a cut never clicks."""
    size = min(int(rate * seconds), len(samples) // 2)
    if size == 0:
        return samples
    ramp = (0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, size))).astype(np.float32)
    faded = samples.copy()
    faded[:size] *= ramp
    faded[-size:] *= ramp[::-1]
    return faded


def write_stereo(samples: Samples, path: Path) -> None:
    """Write the line to both channels of a 16-bit WAV, by way of a temporary file."""
    both = np.repeat(np.clip(samples, -1.0, 1.0)[:, None], 2, axis=1)
    with written(path) as temporary:
        sf.write(temporary, both, OUTPUT_RATE, subtype="PCM_16", format="WAV")


def write_mp4(samples: Samples, path: Path) -> None:
    """Write the line to both channels of an AAC track, by way of a temporary file."""
    both = np.repeat(np.clip(samples, -1.0, 1.0)[None, :], 2, axis=0)
    with written(path) as temporary, av.open(str(temporary), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=OUTPUT_RATE, layout="stereo")
        stream.bit_rate = 160_000
        frame = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
        frame.sample_rate = OUTPUT_RATE
        for part in (frame, None):  # None flushes the encoder
            container.mux(stream.encode(part))


def ended(words: Sequence[Word], samples: Samples, rate: int) -> tuple[Word, ...]:
    """The words of a line, each ended where it falls silent: models count the pause after it in."""
    found: list[Word] = []
    for word in words:
        start, end = int(word.start * rate), int(word.end * rate)
        audible = speech_span(samples[start:end], rate)[1]
        found.append(
            Word(word.text, word.start, word.start + audible / rate if audible else word.end)
        )
    return tuple(found)


def take(
    samples: Samples, text: str, out: Path, dropped: Sequence[str] = (), words: Sequence[Word] = ()
) -> SpeechResult:
    """A model's samples at the output rate as a take at `out`: trimmed, levelled, faded, measured.

    `words` count from the first of the samples, those of the result from that of the take; if
    they cannot be so they are dropped.

    Raises:
        BadOutput: nothing in them is loud enough to hear.
    """
    start, end = trimmed_span(samples, OUTPUT_RATE)
    line = samples[start:end]
    if not speech_span(line, OUTPUT_RATE)[1]:
        raise BadOutput(f"silence was returned for {text[:60]!r}")
    line = fade(level(line, OUTPUT_RATE), OUTPUT_RATE)
    write_stereo(line, out)
    before, seconds = start / OUTPUT_RATE, len(line) / OUTPUT_RATE
    timed = tuple(Word(w.text, w.start - before, w.end - before) for w in words)
    try:
        timed = possible(timed, seconds)
    except BadOutput:
        timed, dropped = (), (*dropped, "word_times")
    return SpeechResult(out, seconds, OUTPUT_RATE, 2, tuple(dropped), timed)


def read_mono(path: Path) -> tuple[Samples, int]:
    """The file's channels averaged, and its sample rate.

    Raises:
        AudioError: the file is missing or no audio that libsndfile reads.
    """
    samples, rate = read_audio(path)
    return mixed_down(samples), rate
