"""Music: one track under the whole film, or others for some of its beats.

Knows: the packaged tracks and their moods, loops. Does not know: loudness, ducking, films.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from renderers.audio_file import AudioError, decode_audio
from storyboard.core.errors import UsageError
from storyboard.media.audio.mix import active_rms
from storyboard.media.packaged import checked
from storyboard.plan import Music

RATE = 48_000
LOOP_FADE = 2.0
"""Seconds over which the end of a track melts into its beginning."""
CHANGE = 0.3
"""Seconds over which one track gives way to another."""
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "playful": ("happy", "energetic"),
    "calm": ("calm",),
    "tense": ("energetic",),
    "hopeful": ("tender", "happy"),
    "melancholy": ("nostalgic", "tender"),
}

_LOUDNESS = 0.1
"""Of a track that stands alone, before it is brought to the level that is asked for."""

Samples: TypeAlias = "npt.NDArray[np.float32]"


def find_track(music: Music, seed: int) -> Path | None:
    """The file to play: the named one, or one of the mood's, the same for the same seed."""
    if music.track:
        return packaged_track(music.track) or Path(music.track)
    if music.mood == "none":
        return None
    fitting = [p for p in _tracks() if p.parent.name in FOLDERS[music.mood]]
    return checked(fitting[seed % len(fitting)])


def packaged_track(name: str) -> Path | None:
    """The packaged track of that name; None where it is a file of the user's."""
    return next((checked(path) for path in _tracks() if path.stem == name), None)


def packaged_names() -> list[str]:
    return [path.stem for path in _tracks()]


def read_audio(path: Path, seconds: float | None = None) -> Samples:
    """Any audio file as 48 kHz stereo, shape (samples, 2), −1 to 1; its first `seconds` if given.

    Raises:
        UsageError: it is no audio file, or an empty one.
    """
    try:
        samples = decode_audio(path, RATE, 2, seconds)
    except AudioError as error:
        raise UsageError(f"music.track: {path} cannot be read as audio: {error}") from None
    if not len(samples):
        raise UsageError(f"music.track: {path} holds no sound")
    return samples


@dataclass(frozen=True, slots=True)
class Stretch:
    """A track for a part of the film, in seconds on the film's clock."""

    samples: Samples
    start: float
    end: float


def woven(film: Samples | None, stretches: Sequence[Stretch], count: int) -> Samples:
    """`film`, or silence, for `count` samples, with other tracks in its place for a while; each as
    loud as `film`, and from its own beginning."""
    track = np.zeros((count, 2), np.float32) if film is None else film[:count].copy()
    usual = active_rms(track) or _LOUDNESS
    for stretch in stretches:
        begin, end = round(stretch.start * RATE), min(count, round(stretch.end * RATE))
        played = loop(stretch.samples, end - begin)
        played = played * np.float32(usual / (active_rms(played) or usual))
        ramp = np.minimum(np.arange(end - begin), np.arange(end - begin)[::-1]) / (CHANGE * RATE)
        there = np.minimum(1.0, ramp).astype(np.float32)[:, None]
        # Equal power, as where a track is looped.
        track[begin:end] = track[begin:end] * np.sqrt(1 - there) + played * np.sqrt(there)
    return track


def loop(track: Samples, samples: int) -> Samples:
    """`track` for exactly `samples`, melting into itself on its own beat."""
    if len(track) >= samples:
        return track[:samples]
    fade = min(round(LOOP_FADE * RATE), len(track) // 3)
    end = _loop_end(track, fade)
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
    # Equal power: two unrelated signals keep their loudness through the change.
    seam = track[end - fade : end] * np.sqrt(1 - ramp) + track[:fade] * np.sqrt(ramp)
    played = track[: end - fade]
    while len(played) < samples:
        played = np.concatenate([played, seam, track[fade : end - fade]])
    return played[:samples]


def _loop_end(track: Samples, fade: int) -> int:
    """Where the track may turn back: before its own fade-out, where the beat fits the start."""
    step = RATE // 100
    power = np.square(track[: len(track) // step * step]).mean(axis=1).reshape(-1, step).mean(1)
    usual = float(power.mean())
    width = 50
    smooth = np.convolve(power, np.ones(width) / width, mode="valid")
    loud = np.flatnonzero(smooth > usual * 0.4)
    last = int(loud[-1]) + width if len(loud) else len(power)
    attacks = np.maximum(0.0, np.diff(np.log(power + usual * 1e-3), prepend=0.0))
    length = fade // step
    start = attacks[:length] - attacks[:length].mean()
    reach = range(max(2 * length, last - 300), last + 1)
    if length < 2 * width or not reach:
        return len(track)
    return max(reach, key=lambda end: float(start @ attacks[end - length : end])) * step


@cache
def _tracks() -> tuple[Path, ...]:
    root = Path(str(files("immich_memories_music"))) / "tracks"
    return tuple(sorted(root.glob("*/*.opus")))
