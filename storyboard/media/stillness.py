"""Where a moving picture stands still.

Film that moves never repeats a frame for long: a drawing on twos, threes or fours is held
for at most three repeated frames, a calm camera changes every one, and what a camera or a
model sees has noise. So a stretch in which nothing at all changes is a freeze: always when
it is long, and when it is short if the clip holds still nowhere else. A clip with several
holds is drawn so on purpose.

Knows: change from frame to frame, keyframes. Does not know: what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

CHANGE = 0.04
"""Mean change from frame to frame, of 255, below which nothing moves at all. A repeated
frame changes by up to 0.005, in a very small film by 0.03 while the encoder still refines
it; a slowly drifting camera by 0.1 and more."""
LONG = 1.5
"""Seconds that are a freeze in any clip."""
SHORT = 0.6
"""Seconds that are a freeze in a clip without other holds. Half a second is what an animator
holds a pose for; from 0.7 s on a viewer takes it for a fault, and this leaves a margin."""
ALONE = 1 / 3
"""Other holds of the clip may be this part as long and still be none."""
REDRAWN = 2.0
"""Most that a keyframe changes a picture that stands: it is coded anew, and looks nearly so
(by 0.4 at 720 pixels, by 1.5 at 160)."""
LEAD = 3
"""Frames before a keyframe that may share its change, where the B-frames are not decoded."""

Changes: TypeAlias = "npt.NDArray[np.float32]"


def still_runs(change: Changes, keyframes: Iterable[int] = ()) -> list[tuple[int, int]]:
    """First frame and length of each run of frames that repeat the one before.

    `change` is each frame's from the one before it, of 255; `keyframes` are places in it at
    which the encoder begins anew, which is no movement.
    """
    still = change < CHANGE
    for key in keyframes:
        first = key
        while key - first < LEAD and first > 0 and not still[first - 1]:
            first -= 1
        inside = first > 0 and key + 1 < len(still)
        if (
            inside
            and still[first - 1]
            and still[key + 1]
            and change[first : key + 1].sum() < REDRAWN
        ):
            still[first : key + 1] = True
    edges = np.flatnonzero(np.diff(np.concatenate([[False], still, [False]])))
    return [(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def freeze(
    change: Changes, fps: float, keyframes: Iterable[int] = (), *, ends: bool = False
) -> tuple[int, int] | None:
    """First frame and length of the longest stretch of a clip that is frozen; None if none is.

    `ends`: the film ends with this clip, and may end on a picture that stands for a moment.
    """
    found = sorted(still_runs(change, keyframes), key=lambda hold: -hold[1])
    if not found:
        return None
    first, length = found[0]
    if length >= LONG * fps:
        return found[0]
    last = ends and first + length == len(change)
    alone = len(found) < 2 or found[1][1] <= ALONE * length
    return found[0] if length >= SHORT * fps and alone and not last else None
