"""From recorded speech to mouth shapes, one a frame: loudness opens, brightness widens.

Knows: audio files, loudness, spectra. Does not know: faces, video.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from renderers.animatic.face import Mouth
from renderers.audio_file import AudioError, read_audio
from renderers.errors import BadRequest

Floats: TypeAlias = "npt.NDArray[np.float32]"
_SILENCE_DB = -46.0
"""Frames below this level (dB of full scale) never open a mouth."""
_RANGE_DB = 30.0
"""How far below the loudest speech a mouth still opens."""
_WINDOW = 0.055
_OPENING, _CLOSING = 0.75, 0.5
"""Share of the way to the target covered in one 24th of a second."""
_ROUND_TO_STRETCHED = (15, 90)
"""Percentiles of brightness (spectral centroid) at which a mouth is round and stretched."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What an actor needs to know of a line, one value a frame.

    `open` and `wide` shape the mouth; `stress` (0 to 1) is the slow loudness that heads and
    hands follow.
    """

    open: Floats
    wide: Floats
    stress: Floats

    def mouth(self, frame: int) -> Mouth:
        return Mouth(float(self.open[frame]), float(self.wide[frame]))

    @property
    def silent(self) -> bool:
        return not bool(self.open.any())


def silence(frames: int) -> Speech:
    empty = np.zeros(frames, dtype=np.float32)
    return Speech(empty, empty, empty)


def listen(audio: Path, fps: int, frames: int) -> Speech:
    """Mouth shapes for a clip of `frames` frames.

    Raises:
        BadRequest: the file is no readable audio.
    """
    try:
        samples, rate = read_audio(audio)
    except AudioError as error:
        raise BadRequest(f"the clip's audio {audio.name} cannot be read: {error}") from None
    if frames < 1 or not len(samples):
        return silence(max(0, frames))
    level, bright = _measure(samples.mean(axis=1), rate, fps, frames)
    heard = level[level > _SILENCE_DB]
    if not heard.size:
        return silence(frames)
    floor = max(_SILENCE_DB, float(np.percentile(heard, 95)) - _RANGE_DB)
    loud = np.clip((level - floor) / (_RANGE_DB * 0.9), 0, 1)
    loud[level <= floor] = 0
    target = np.where(loud > 0.08, 0.08 + 0.92 * loud**2, 0.0)
    # Speech is never at rest: between two syllables the mouth nearly closes.
    dips = np.maximum(0, np.convolve(target, [0.25, 0.5, 0.25], "same") - target)
    opened = _follow(np.clip(target - 1.5 * dips, 0, 1), fps)
    # A line may end on the clip's last frame; the mouth is shut there all the same.
    tail = np.clip((frames - 1 - np.arange(frames)) / max(1.0, 0.12 * fps), 0, 1)
    opened = opened * tail
    opened[opened < 0.04] = 0
    # Against the voice's own range: what is bright for one is dark for another.
    dark, light = np.percentile(bright[level > _SILENCE_DB], _ROUND_TO_STRETCHED)
    wide = np.clip((bright - dark) / max(200.0, light - dark), 0, 1) * 2 - 1
    wide = _smooth(np.where(opened > 0, wide, 0.0), 0.06 * fps)
    stress = _smooth(loud, 0.16 * fps) * tail
    return Speech(opened.astype(np.float32), wide.astype(np.float32), stress.astype(np.float32))


def _measure(
    samples: npt.NDArray[np.float32], rate: int, fps: int, frames: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Level (dB of full scale) and spectral centroid (Hz) around every frame."""
    size = max(64, round(_WINDOW * rate))
    padded = np.pad(samples, (size, size + rate))
    middles = ((np.arange(frames) + 0.5) / fps * rate).astype(int) + size
    middles = np.minimum(middles, len(padded) - size)
    windows = padded[middles[:, None] + np.arange(-size // 2, size - size // 2)[None, :]]
    level = 10 * np.log10(np.mean(windows.astype(np.float64) ** 2, axis=1) + 1e-10)
    spectrum = np.abs(np.fft.rfft(windows * np.hanning(size), axis=1)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / rate)
    voice = (hertz > 150) & (hertz < 4000)
    weight = spectrum[:, voice].sum(axis=1) + 1e-9
    return level, (spectrum[:, voice] * hertz[voice]).sum(axis=1) / weight


def _follow(target: npt.NDArray[np.float64], fps: int) -> npt.NDArray[np.float64]:
    """A mouth opens at once and closes a little slower."""
    opening = 1 - (1 - _OPENING) ** (24 / fps)
    closing = 1 - (1 - _CLOSING) ** (24 / fps)
    out = np.zeros_like(target)
    now = 0.0
    for i, aim in enumerate(target):
        now += (aim - now) * (opening if aim > now else closing)
        out[i] = now
    return out


def _smooth(values: npt.NDArray[np.float64], sigma: float) -> npt.NDArray[np.float64]:
    reach = max(1, round(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 0.3)) ** 2)
    padded = np.pad(values, reach, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), "valid").astype(np.float64)
