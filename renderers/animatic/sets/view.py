"""The camera that looks at a set: metres in, pixels out.

A set is built in metres: x to the right, y up from the floor, z away from the camera with
the actors at z = 0. A closer shot is a camera that has moved in, so what is behind the
actors grows less than they do, as in a film. The lens is shifted, never tilted: verticals
stay vertical at every angle, which is how storyboards are drawn.

Knows: projection and framing. Does not know: what stands in the set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia

from renderers.scene import ShotAngle, ShotOrientation, ShotScale

OVERSCAN = 0.12
"""Extra picture on each side, as a fraction of the frame's width and height."""
DISTANCE = 2.6
"""Metres from the camera to the actors at zoom 1 (a full shot)."""
NEAR = 0.35
"""Metres in front of the camera within which nothing is drawn."""
_FACE = 1.5
_METRE = 0.45
_FEET = 0.945
_EYES: dict[ShotAngle, float] = {
    "eye-level": 1.42, "high angle": 2.35, "low angle": 0.95, "bird's-eye view": 3.5,
}  # fmt: skip


ZOOMS: dict[ShotScale, float] = {
    "extreme full shot": 0.66,
    "full shot": 1.0,
    "medium full shot": 1.4,
    "medium shot": 2.0,
    "medium close-up": 2.6,
    "close-up": 3.4,
    "extreme close-up": 4.9,
}
"""How much larger than in a full shot people are, by shot scale."""


@dataclass(frozen=True, slots=True)
class SetSize:
    """The frame a set is painted for.

    `width`, `height` in pixels, without overscan. `zoom` 1 is a full shot, 2 shows a
    standing person twice as large. `floor` is where the actors' feet go, as a fraction of
    the height (> 1 when they are out of frame); None frames a standing person well.
    """

    width: int
    height: int
    zoom: float = 1.0
    floor: float | None = None


def metre(size: SetSize) -> float:
    """Height of one metre at the actors, as a fraction of the frame's height."""
    return _METRE * size.zoom


def floor_line(size: SetSize) -> float:
    """Where the actors' feet go: low in a full shot, out of frame in close ones."""
    if size.floor is not None:
        return size.floor
    if size.zoom <= 1:
        return _FEET + 0.15 * math.log(max(size.zoom, 0.3))
    close = 0.42 + _FACE * metre(size)
    share = min(1.0, math.log(size.zoom) / math.log(2.0))
    return _FEET * (1 - share) + close * share


@dataclass(frozen=True, slots=True)
class View:
    """A projection. All lengths in pixels of the frame, its origin at the top left."""

    width: int
    height: int
    focal: float
    distance: float
    centre: float
    horizon: float
    eye: float
    zoom: float
    mirrored: bool = False

    @property
    def sign(self) -> float:
        return -1.0 if self.mirrored else 1.0

    def depth(self, z: float) -> float:
        return max(NEAR, self.distance + z)

    def visible(self, z: float) -> bool:
        return self.distance + z > NEAR

    def scale(self, z: float) -> float:
        """Pixels of a metre at depth `z`."""
        return self.focal / self.depth(z)

    def at(self, x: float, y: float, z: float) -> skia.Point:
        scale = self.scale(z)
        return skia.Point(
            self.centre + self.sign * x * scale, self.horizon + (self.eye - y) * scale
        )

    def edges(self, z: float, overscan: bool = False) -> tuple[float, float]:
        """The leftmost and rightmost visible x at depth `z`, in metres."""
        margin = OVERSCAN * self.width if overscan else 0.0
        scale = self.scale(z)
        first = (-margin - self.centre) / scale * self.sign
        second = (self.width + margin - self.centre) / scale * self.sign
        return min(first, second), max(first, second)

    def facing(self, z: float) -> skia.Matrix:
        """Drawing (x, y) metres on the upright plane at `z` that faces the camera."""
        s = self.scale(z)
        return skia.Matrix.MakeAll(
            self.sign * s, 0, self.centre, 0, -s, self.horizon + self.eye * s, 0, 0, 1
        )

    def side(self, x: float) -> skia.Matrix:
        """Drawing (z, y) metres on the upright plane at `x` that runs away from the camera."""
        f, d = self.focal, self.distance
        return skia.Matrix.MakeAll(
            self.centre, 0, self.sign * f * x + self.centre * d,
            self.horizon, -f, self.horizon * d + f * self.eye,
            1, 0, d,
        )  # fmt: skip

    def level(self, y: float) -> skia.Matrix:
        """Drawing (x, z) metres on the level plane at height `y`."""
        f, d = self.focal, self.distance
        return skia.Matrix.MakeAll(
            self.sign * f, self.centre, self.centre * d,
            0, self.horizon, self.horizon * d + f * (self.eye - y),
            0, 1, d,
        )  # fmt: skip


def view_of(
    size: SetSize, angle: ShotAngle = "eye-level", orientation: ShotOrientation = "front view"
) -> View:
    """The camera for a shot. Other orientations look at the same set from another side."""
    zoom = max(0.3, size.zoom)
    scale = metre(size) * size.height
    # The camera's distance falls with zoom, and its height above the eyes with it, so that
    # an angle is the same angle in every shot scale.
    eye = 1.42 + (_EYES[angle] - 1.42) / max(1.0, zoom) ** 0.85
    shift = {"front view": 0.0, "three-quarter view": 0.17, "side view": -0.13, "back view": 0.09}
    return View(
        width=size.width,
        height=size.height,
        focal=scale / zoom * DISTANCE,
        distance=DISTANCE / zoom,
        centre=size.width * (0.5 + shift[orientation]),
        horizon=floor_line(size) * size.height - scale * eye,
        eye=eye,
        zoom=zoom,
        mirrored=orientation in ("side view", "back view"),
    )
