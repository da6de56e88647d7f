"""Music: one track under the whole film.

Knows: the packaged tracks and their moods, loops. Does not know: loudness, ducking, films.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import cast

import av
import numpy as np
import numpy.typing as npt

from storyboard.errors import UsageError
from storyboard.plan import Music

RATE = 48_000
LOOP_FADE = 2.0
"""Seconds over which the end of a track melts into its beginning."""
FOLDERS: Mapping[str, tuple[str, ...]] = {
    "playful": ("happy", "energetic"),
    "calm": ("calm",),
    "tense": ("energetic",),
    "hopeful": ("tender", "happy"),
    "melancholy": ("nostalgic", "tender"),
}

Samples = npt.NDArray[np.float32]


def find_track(music: Music, seed: int) -> Path | None:
    """The file to play: the named one, or one of the mood's, the same for the same seed.

    Raises:
        UsageError: the named track is neither packaged nor a file.
    """
    if music.track:
        own = Path(music.track).expanduser()
        if own.is_file():
            return own
        packaged = {path.stem: path for path in _tracks()}
        if music.track in packaged:
            return packaged[music.track]
        raise UsageError(
            f"music.track: '{music.track}' is no file and no packaged track; "
            f"packaged are {', '.join(sorted(packaged))}"
        )
    if music.mood == "none":
        return None
    fitting = [p for p in _tracks() if p.parent.name in FOLDERS[music.mood]]
    return fitting[seed % len(fitting)]


def read_audio(path: Path) -> Samples:
    """Any audio file as 48 kHz stereo, shape (samples, 2), −1 to 1."""
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    blocks: list[Samples] = []
    with av.open(str(path)) as container:
        for frame in (*container.decode(audio=0), None):
            blocks += [cast(Samples, block.to_ndarray()) for block in resampler.resample(frame)]
    if not blocks:
        raise UsageError(f"{path} holds no sound")
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T, dtype=np.float32)


def loop(track: Samples, samples: int) -> Samples:
    """`track` for exactly `samples`, melting into itself where it starts again."""
    fade = min(round(LOOP_FADE * RATE), len(track) // 3)
    played = track
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, None]
    while len(played) < samples:
        # Equal power: two unrelated signals keep their loudness through the change.
        seam = played[-fade:] * np.sqrt(1 - ramp) + track[:fade] * np.sqrt(ramp)
        played = np.concatenate([played[:-fade], seam, track[fade:]])
    return played[:samples]


def _tracks() -> list[Path]:
    root = Path(str(files("immich_memories_music"))) / "tracks"
    return sorted(root.glob("*/*.opus"))
