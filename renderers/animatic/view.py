"""How the camera sees one actor, and what that does to its proportions.

Knows: pitch, figure units. Does not know: parts of a figure, the shot.
"""

from __future__ import annotations

from dataclasses import dataclass

import skia


@dataclass(frozen=True, slots=True)
class View:
    """How the camera sees one actor: pixels a unit, mirrored, from behind, and the pitch
    (0 eye-level, 1 from above, 2 bird's-eye, -1 from below)."""

    scale: float
    flip: bool = False
    back: bool = False
    pitch: float = 0.0
    visible: float = 2000.0
    """How far below the collar the frame reaches, figure units."""


_TAPER = {0.0: 0.0, 1.0: 0.00036, 2.0: 0.00105, -1.0: -0.00017}


def foreshortened(y: float, pitch: float) -> float:
    """Where a point `y` below the collar appears when seen from this pitch, figure units."""
    return y / (1 + _TAPER[pitch] * y)


def foreshortening(pitch: float) -> skia.Matrix:
    """A body seen from above tapers and shortens towards the feet; from below it widens."""
    return skia.Matrix([1, 0, 0, 0, 1, 0, 0, _TAPER[pitch], 1])
