"""The camera of one clip: moves with easing, depth, and no face pushed out of its place.

Knows: camera moves, what the frame allows. Does not know: what is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from renderers.animatic.framing import Box, Frame, Placement
from renderers.scene import CameraMove

_TRAVEL = 0.09
"""How much a push or pull changes the actors' size."""


@dataclass(frozen=True, slots=True)
class CameraState:
    """Where the camera is in one frame: zoom about a pivot, and shift in pixels.

    It never rolls: turned pictures take skia eight times as long to draw.
    """

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Camera:
    """One move over one clip. `pivot` in pixels; `reach` the largest zoom; `slack` the
    largest shift (sideways, up or down) that keeps every head where it may be."""

    move: CameraMove
    seconds: float
    height: float
    pivot: tuple[float, float]
    reach: float
    slack: tuple[float, float]
    seed: int

    def at(self, t: float) -> CameraState:
        """The state `t` seconds into the clip."""
        share = _ease(t / self.seconds if self.seconds > 0 else 0.0)
        start, end = self.reach - _TRAVEL, self.reach
        if self.move == "push in":
            return CameraState(start + (end - start) * share)
        if self.move == "pull out":
            return CameraState(end + (start - end) * share)
        if self.move in ("pan left", "pan right"):
            way = 1 if self.move == "pan left" else -1
            return CameraState(1.0, way * self.slack[0] * (2 * share - 1))
        if self.move == "tilt up":
            return CameraState(1.0, 0.0, self.slack[1] * (2 * share - 1))
        if self.move == "shake":
            return self._shaken(t)
        if self.move == "handheld":
            return self._held(t)
        return CameraState()

    def fast(self, t: float) -> bool:
        """Whether the camera moves so fast that every frame needs a drawing."""
        return self.move == "shake" and t % max(0.8, 0.5 * self.seconds) < 0.7

    def _shaken(self, t: float) -> CameraState:
        """A blow at the start, and a smaller one half way."""
        power = math.exp(-3.2 * t)
        again = t - 0.5 * self.seconds
        if again > 0:
            power += 0.7 * math.exp(-3.6 * again)
        reach = 0.011 * self.height * (power + 0.06)
        return CameraState(
            1.0 + 0.012 * power,
            reach * _noise(t * 13, self.seed),
            reach * _noise(t * 15, self.seed + 1),
        )

    def _held(self, t: float) -> CameraState:
        reach = 0.0065 * self.height
        return CameraState(
            1.0 + 0.006 * _noise(t * 0.7, self.seed + 3),
            reach * _noise(t * 1.3, self.seed),
            reach * _noise(t * 1.1, self.seed + 1),
        )


def camera_for(
    move: CameraMove,
    placements: Sequence[Placement],
    frame: Frame,
    seconds: float,
    *,
    focus: str | None,
    crop: bool,
    seed: int,
    held: Sequence[Box] = (),
    below: Sequence[Box] = (),
) -> Camera:
    """A camera whose moves keep faces off title and captions and heads in the frame.

    `held` is in hands and stays in the frame as far as it is in it, `below` stays under the
    title: hair, insets.
    """
    faces = [p.face for p in placements if p.face is not None]
    heads = [p.face if crop and p.face else p.head for p in placements]
    aim = next((p.face for p in placements if p.figure.id == focus and p.face), None)
    aim = aim or (faces[0] if faces else None)
    if aim is None:
        pivot = (frame.width / 2, 0.42 * frame.height)
    else:
        pivot = ((aim.left + aim.right) / 2, (aim.top + aim.bottom) / 2)
    # The margins already taken by the blocking are what a move may use up.
    margin = 0.02 * frame.height
    reach = 1.0 + _TRAVEL
    kept = [*heads, *(_across(box, frame.width) for box in held)]
    for box in kept:
        reach = min(reach, _growth(pivot[0], box.left, box.right, frame.width))
    for box in faces:
        top, low = frame.top - margin, frame.low + margin
        reach = min(reach, _span(pivot[1], box.top, box.bottom, top, low))
    for box in below:
        reach = min(reach, _span(pivot[1], box.top, pivot[1], frame.title, frame.height))
    left = min((box.left for box in kept), default=frame.width)
    right = min((frame.width - box.right for box in kept), default=frame.width)
    above = min((box.top - frame.top for box in faces), default=frame.height) + margin
    under = min((frame.low - box.bottom for box in faces), default=frame.height) + margin
    above = min([above, *(box.top - frame.title for box in below)])
    sideways = max(0.004 * frame.width, min(left, right, 0.045 * frame.width))
    upright = max(0.004 * frame.height, min(above, under, 0.035 * frame.height))
    return Camera(move, seconds, frame.height, pivot, max(0.99, reach), (sideways, upright), seed)


def _across(box: Box, width: float) -> Box:
    """What of a box lies between the frame's sides."""
    return replace(box, left=max(box.left, 0.0), right=min(box.right, width))


def _growth(pivot: float, low: float, high: float, size: float) -> float:
    """The zoom about `pivot` at which low..high touches the borders 0 and `size`."""
    return _span(pivot, low, high, 0.0, size)


def _span(pivot: float, low: float, high: float, first: float, last: float) -> float:
    limits = [10.0]
    if low < pivot:
        limits.append((pivot - first) / (pivot - low))
    if high > pivot:
        limits.append((last - pivot) / (high - pivot))
    return min(limits)


def _ease(share: float) -> float:
    """Starts and ends gently but is already moving in the first frame: a cut finds it there."""
    share = max(0.0, min(1.0, share))
    return 0.35 * share + 0.65 * share * share * (3 - 2 * share)


def _noise(t: float, seed: int) -> float:
    """Smooth, repeatable noise from -1 to 1: three sines that never line up."""
    phase = (seed * 2654435761 % 1000) / 159.0
    return (
        0.55 * math.sin(2.1 * t + phase)
        + 0.3 * math.sin(3.7 * t + 1.7 * phase)
        + 0.15 * math.sin(7.3 * t + 2.9 * phase)
    )
