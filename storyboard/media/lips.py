"""Whether a mouth moves when its line is heard: measured on the clip, not believed.

The head is followed from frame to frame and what the camera or the head itself moves is taken
out by a small affine flow, fitted to the face around the mouth; what is left in the mouth is
its own motion. The score is how well that motion goes with the speech, −1 to 1. It finds lips
that stand still; a wrong line of about the same rhythm, or a deep nod, may pass for speech.

Knows: pictures, loudness. Does not know: who made the clip, what follows from a score.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from renderers.audio_file import read_audio
from renderers.containers import open_media
from renderers.errors import BadOutput
from storyboard.core.events import Measured

THRESHOLD = 0.15
"""Of the score. Measured on lines of the animatic with real voices, whose lips are right: 0.28
to 0.74, and 0.18 to 0.67 where the face's place was not given. Filmed without lips: −0.22 to
0.30, which is why the motion itself is asked for too."""
STILL = 2.5
"""Grey levels of the mouth's own motion below which it stands still, whatever the score. On the
same clips 10 to 17 with lips (3.3 to 12.5 with no face given), and 0.6 to 1.9 without: what the
encoder and the fit leave over."""
_FACE = 56
"""Pixels to which the face's height is brought: enough for a mouth, and quick."""
_REACH = 0.75
"""Half the side of the square looked at, in faces: the head and a little around it."""
_DEFAULT = (0.25, 0.14, 0.5, 0.5 * 9 / 16)
_PAUSE = 0.25
"""Seconds of silence that are a pause; shorter ones are part of the speech."""
_WINDOW = (0.25, 0.75, 1.0, 0.75, 0.25)
"""Weights of neighbouring frames: a mouth opens a little before it is heard, or after."""
Grey: TypeAlias = "npt.NDArray[np.float32]"
Wave: TypeAlias = "npt.NDArray[Any]"


@dataclass(frozen=True, slots=True)
class Face:
    """Where a face is in the first frame, in fractions of its width and height."""

    left: float
    top: float
    width: float
    height: float


SOMEWHERE = Face(*_DEFAULT)
"""Where a speaker's face mostly is, when nothing better is known: the upper middle."""


@dataclass(frozen=True, slots=True)
class Lips:
    """What was measured on one clip."""

    score: float
    """Correlation of the mouth's motion with the speech."""
    speaking: float
    """Mean motion in grey levels while the line is heard."""
    quiet: float
    """The same while it is not."""

    @property
    def follow(self) -> bool:
        """Whether the lips move, and with the speech."""
        return self.score >= THRESHOLD and self.speaking >= STILL


class LipsSeen(Measured, kind="lips"):
    """What was measured on one take of a clip."""

    renderer: str
    seed: int
    follow: bool
    score: float = 0.0
    speaking: float = 0.0
    quiet: float = 0.0


def measure(clip: Path, speech: Path, face: Face | None = None) -> Lips:
    """Compare the motion of a mouth with a line's sound, which starts with the clip.

    `face` is where the speaker's face is at first; None looks where it mostly is.

    Raises:
        BadOutput: the clip has no picture, or no frame in which something is heard.
    """
    motion, fps = _motion(clip, face or SOMEWHERE)
    heard = _loudness(speech, fps, len(motion))
    loud = _closed(heard > 0.05 * float(np.percentile(heard, 95)), round(_PAUSE * fps))
    if not loud.any() or len(motion) < 4:
        raise BadOutput("nothing is heard in the clip, so no lips can be compared with it")
    smooth = _smooth(motion)
    # Against loudness and against speech or silence: some mouths move as much in soft words.
    score = max(_correlation(smooth, _smooth(signal)) for signal in (heard, loud.astype(float)))
    quiet = float(motion[~loud].mean()) if (~loud).any() else 0.0
    return Lips(round(score, 3), round(float(motion[loud].mean()), 2), round(quiet, 2))


# --- the picture ------------------------------------------------------------


def _motion(clip: Path, face: Face) -> tuple[Wave, float]:
    """The mouth's own motion in each frame, in grey levels, and the frame rate."""
    with open_media(clip) as container:
        if not container.streams.video:
            raise BadOutput(f"{clip.name} holds no picture")
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 24)
        found: list[float] = [0.0]
        before: Grey | None = None
        where = np.zeros(2)
        scale = _FACE / max(1.0, face.height * stream.height)
        for picture in _grey(container.decode(stream), scale):
            if before is not None:
                own, shift = _between(before, picture, face, where)
                found.append(own)
                where += shift
            before = picture
    return np.array(found), fps


def _grey(frames: Iterator[Any], scale: float) -> Iterator[Grey]:
    for frame in frames:
        width, height = (max(16, round(side * scale)) for side in (frame.width, frame.height))
        small = frame.reformat(width, height, "gray", interpolation="AREA")
        grey = small.to_ndarray().astype(np.float32)
        # Softened, so that a shift of less than a pixel is a gradient.
        for axis in (0, 1):
            grey = (np.roll(grey, 1, axis) + 2 * grey + np.roll(grey, -1, axis)) / 4
        yield grey


def _between(before: Grey, after: Grey, face: Face, where: Wave) -> tuple[float, Wave]:
    """The mouth's motion between two frames, and how far the face has moved, in pixels."""
    height, width = before.shape
    wide, tall = face.width * width, face.height * height
    x = (face.left + face.width / 2) * width + where[0]
    y = (face.top + face.height / 2) * height + where[1]
    left, right = int(max(0, x - _REACH * wide)), int(min(width, x + _REACH * wide))
    top, bottom = int(max(0, y - _REACH * tall)), int(min(height, y + _REACH * tall))
    if right - left < 8 or bottom - top < 8:
        return 0.0, np.zeros(2)  # it has left the frame
    one, two = before[top:bottom, left:right], after[top:bottom, left:right]
    down, across = np.gradient((one + two) / 2)
    rows, columns = np.mgrid[top:bottom, left:right]
    u, v = (columns - x) / wide, (rows - y) / tall
    mouth = ((np.abs(u) < 0.3) & (v > 0.05) & (v < 0.45)).ravel()
    if mouth.sum() < 4 or (~mouth).sum() < 16:
        return 0.0, np.zeros(2)
    terms = [across, across * u, across * v, down, down * u, down * v]
    flow = np.stack([term.ravel() for term in terms], axis=1).astype(np.float64)
    change = (two - one).ravel().astype(np.float64)
    fitted = _robust(flow[~mouth], change[~mouth])
    rest = np.abs(change - flow @ fitted)[mouth]
    # The quarter that changes most: lips are a small part of where they may be.
    most = np.sort(rest)[-max(1, len(rest) // 4) :]
    shift = np.clip(-fitted[[0, 3]], -4, 4)
    return float(most.mean()), shift


def _robust(flow: Wave, change: Wave) -> Wave:
    """Least squares in which what moves otherwise (a hand, a passer-by) counts little."""
    weight: Wave = np.ones(len(change))
    for _ in range(2):
        off = np.abs(change - flow @ _least_squares(flow, change, weight))
        weight = 1 / (1 + (off / (1.5 * float(np.median(off)) + 0.5)) ** 2)
    return _least_squares(flow, change, weight)


def _least_squares(flow: Wave, change: Wave, weight: Wave) -> Wave:
    weighted = flow * weight[:, None]
    # The small term keeps it solvable over a blank wall.
    square = weighted.T @ flow + 1e-3 * np.eye(flow.shape[1])
    solution: Wave = np.linalg.solve(square, weighted.T @ change)
    return solution


# --- the sound --------------------------------------------------------------


def _loudness(speech: Path, fps: float, frames: int) -> Wave:
    """RMS of the sound in each frame."""
    samples, rate = read_audio(speech)
    mono: Wave = samples.astype(np.float64).mean(axis=1)
    power: Wave = np.concatenate([np.zeros(1), np.cumsum(mono**2)])
    edges = np.minimum(np.round(np.arange(frames + 1) * rate / fps).astype(int), len(samples))
    spans = np.maximum(1, edges[1:] - edges[:-1])
    mean: Wave = np.maximum(0.0, power[edges[1:]] - power[edges[:-1]]) / spans
    return np.sqrt(mean)


def _closed(loud: npt.NDArray[np.bool_], gap: int) -> npt.NDArray[np.bool_]:
    """The same with its gaps of up to `gap` frames filled: a mouth does not rest between words."""
    closed = loud.copy()
    inside = np.flatnonzero(loud)
    for one, two in pairwise(inside):
        if two - one <= gap:
            closed[one:two] = True
    return closed


def _smooth(signal: Wave) -> Wave:
    weights = np.array(_WINDOW)
    smooth: Wave = np.convolve(signal, weights / weights.sum(), mode="same")
    return smooth


def _correlation(one: Wave, two: Wave) -> float:
    one, two = one - one.mean(), two - two.mean()
    size = float(np.sqrt((one @ one) * (two @ two)))
    return float(one @ two) / size if size > 1e-9 else 0.0
