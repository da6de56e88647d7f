"""What a film looks and sounds like, for models that take no video: sheets of frames with
their times, and the words and levels of its sound as text.

Knows: a film file. Does not know: what it ought to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, cast

import av
import numpy as np
import numpy.typing as npt
import skia

from renderers.animatic.lettering import font
from renderers.audio_file import AudioError, decode_mono
from renderers.base import Word
from renderers.containers import open_media
from renderers.errors import BadOutput

COLUMNS, ROWS = 4, 2
CELL = 320
"""Pixels of the longer side of a frame on a sheet."""
_LABEL = 26
_LEVEL_RATE = 8000
LEVEL_SECONDS = 0.5
_SILENT_DB = -70.0
Frame: TypeAlias = "npt.NDArray[np.uint8]"


def spread(moments: Sequence[float], seconds: float, count: int) -> list[float]:
    """At most `count` times of a film of `seconds`, in order: `moments` first, then the gaps.

    Whatever room is left goes, one by one, into the middle of the widest stretch not looked at.
    """
    inside = [m for m in dict.fromkeys(round(m, 2) for m in moments) if 0 <= m < seconds]
    times = inside[:count]
    while len(times) < count:
        edges = sorted([0.0, *times, seconds])
        gap, at = max((b - a, (a + b) / 2) for a, b in pairwise(edges))
        if gap < 0.2:
            break
        times.append(at)
    return sorted(times)


def grab(film: Path, times: Sequence[float]) -> list[tuple[float, Frame]]:
    """The frames nearest to `times` (in order), RGB at sheet size, with their own times.

    Raises:
        BadOutput: the film has no picture.
    """
    found: list[tuple[float, Frame]] = []
    with open_media(film) as container:
        if not container.streams.video:
            raise BadOutput(f"{film.name} has no picture")
        half = 0.5 / float(container.streams.video[0].average_rate or 24)
        for frame in container.decode(video=0):
            at = frame.time or 0.0
            while len(found) < len(times) and at + half >= times[len(found)]:
                found.append((at, _small(frame)))
            if len(found) == len(times):
                break
    return found


def _small(frame: av.VideoFrame) -> Frame:
    scale = CELL / max(frame.width, frame.height)
    width, height = round(frame.width * scale), round(frame.height * scale)
    small = cast(Any, frame).reformat(width, height, "rgba", interpolation="AREA")
    return np.ascontiguousarray(small.to_ndarray())


def sheets(frames: Sequence[tuple[float, Frame]], folder: Path) -> Iterator[Path]:
    """JPEG pages of `COLUMNS` × `ROWS` frames, in reading order, each under its time."""
    page = COLUMNS * ROWS
    for number in range(0, len(frames), page):
        out = folder / f"sheet_{number // page + 1}.jpg"
        out.write_bytes(_sheet(frames[number : number + page]))
        yield out


def _sheet(frames: Sequence[tuple[float, Frame]]) -> bytes:
    height, width = frames[0][1].shape[:2]
    rows = -(-len(frames) // COLUMNS)
    surface = skia.Surface(COLUMNS * (width + 8), rows * (height + _LABEL + 8))
    canvas = surface.getCanvas()
    canvas.clear(0xFF101014)
    ink, face = skia.Paint(Color=0xFFFFFFFF, AntiAlias=True), font(20, bold=True)
    for place, (at, pixels) in enumerate(frames):
        x = place % COLUMNS * (width + 8) + 4
        y = place // COLUMNS * (height + _LABEL + 8) + 4
        canvas.drawString(f"{at:.2f} s", x + 4, y + _LABEL - 7, face, ink)
        picture = skia.Image.fromarray(pixels, colorType=skia.kRGBA_8888_ColorType)
        canvas.drawImage(picture, x, y + _LABEL)
    data = surface.makeImageSnapshot().encodeToData(skia.EncodedImageFormat.kJPEG, 85)
    return bytes(data)


def levels(film: Path) -> list[float]:
    """RMS of the film's own sound, dBFS, one figure for every `LEVEL_SECONDS`."""
    try:
        sound = decode_mono(film, _LEVEL_RATE)
    except AudioError:
        return []
    size = round(LEVEL_SECONDS * _LEVEL_RATE)
    blocks = (sound[at : at + size] for at in range(0, len(sound), size))
    return [_decibels(float(np.sqrt(np.square(block).mean()))) for block in blocks]


def _decibels(rms: float) -> float:
    return max(_SILENT_DB, round(20 * float(np.log10(max(rms, 1e-9))), 1))


def sound_in_words(words: Sequence[Word], levels: Sequence[float]) -> str:
    """Transcript and levels as text, with their times."""
    said = [f"{word.start:.2f}-{word.end:.2f} {word.text.strip()}" for word in words]
    heard = [f"{i * LEVEL_SECONDS:.1f}: {level:g}" for i, level in enumerate(levels)]
    return "\n".join(
        [
            "Words heard in the film's own sound (seconds, from a transcriber; it may mishear):",
            "; ".join(said) or "none",
            "",
            f"Level of the film's sound, dBFS, every {LEVEL_SECONDS:g} s ({_SILENT_DB:g} is silence):",
            "; ".join(heard) or "it has no sound",
        ]
    )
