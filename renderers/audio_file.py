"""The sound of a file as samples: the one place that opens audio.

Two libraries read it, by calls that have not changed in years: soundfile what this project
wrote itself (WAV, at its own rate), PyAV whatever others send (any container and codec). Nobody
else hands a path to a library that would open it in its own way.

Knows: files, rates, channels. Does not know: what is said in them, films.
"""

from __future__ import annotations

import math
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt
import soundfile

from renderers.containers import open_media
from renderers.errors import BadRequest

if TYPE_CHECKING:
    # Parts that the package itself loads.
    import av.error

Samples: TypeAlias = "npt.NDArray[np.float32]"
"""Shape (n, channels), full scale ±1."""


class AudioError(ValueError):
    """The file is missing, or no sound that can be decoded. The message names it."""


def read_audio(path: Path) -> tuple[Samples, int]:
    """A WAV (or another file of libsndfile's) as it is: samples and their rate in Hz.

    Raises:
        AudioError: it is missing, or no such file.
    """
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioError(_told(path, error)) from error
    return np.asarray(samples, dtype=np.float32), int(rate)


def decode_audio(
    path: Path, rate: int, channels: Literal[1, 2] | None = None, seconds: float | None = None
) -> Samples:
    """The sound of any media file at `rate` Hz, in `channels` (None: 1 if it has one, else 2).

    With `seconds`, only so much of it: an hour of music under a minute of film is not decoded.

    Raises:
        AudioError: it is missing, or holds no sound that can be decoded. A sound of no length
            is none: shape (0, channels).
    """
    blocks: list[Samples] = []
    left = math.inf if seconds is None else math.ceil(seconds * rate)
    try:
        with open_media(path) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise AudioError(f"{path} holds no sound")
            sides: int = channels or (1 if stream.codec_context.layout.nb_channels == 1 else 2)
            layout = "mono" if sides == 1 else "stereo"
            resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
            # One after the other: all frames of an hour at once would be gigabytes.
            for frame in chain(container.decode(stream), (None,)):
                for block in resampler.resample(cast(Any, frame)):
                    blocks.append(cast(Any, block).to_ndarray().reshape(-1, sides))
                    left -= len(blocks[-1])
                if left <= 0:
                    break
    except (av.error.FFmpegError, OSError) as error:
        raise AudioError(_told(path, error)) from error
    samples = np.concatenate(blocks) if blocks else np.zeros((0, sides), np.float32)
    return samples if left >= 0 else samples[: int(left)]


def decode_mono(path: Path, rate: int) -> npt.NDArray[np.float32]:
    """The sound of any media file as one channel at `rate` Hz, shape (n,): the average of its two.

    The decoder's own mix of two channels is 3 dB louder than either where both are alike.

    Raises:
        AudioError: as `decode_audio`.
    """
    return mixed_down(decode_audio(path, rate))


def mixed_down(samples: Samples) -> npt.NDArray[np.float32]:
    """All channels as one, their average, shape (n,)."""
    if samples.shape[1] == 2:
        # The same numbers as `mean` gives, which is five times as slow over an axis of two.
        return (samples[:, 0] + samples[:, 1]) * np.float32(0.5)
    return samples.mean(axis=1)


def requested_mono(path: Path, rate: int) -> Samples:
    """As `decode_mono`, for a file that a request names.

    Raises:
        BadRequest: it is missing, or holds no sound that can be decoded.
    """
    try:
        return decode_mono(path, rate)
    except AudioError as error:
        raise BadRequest(str(error)) from error


def audio_seconds(path: Path) -> float:
    """Length of a sound that libsndfile reads, counted in its samples.

    Raises:
        AudioError: it is missing, or no such file.
    """
    try:
        info = soundfile.info(path)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioError(_told(path, error)) from error
    return info.frames / info.samplerate


def _told(path: Path, error: Exception) -> str:
    if not path.is_file():
        return f"there is no audio file {path}"
    return f"{path} holds no audio that can be decoded: {error}"
