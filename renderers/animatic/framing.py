"""The picture and who stands in it: boxes in pixels, an actor's place, where faces may be.

Knows: what of an actor a place puts where. Does not know: how places are chosen (`blocking`).
"""

from __future__ import annotations

from dataclasses import dataclass

from renderers.animatic.face import FACE_BOTTOM, FACE_LEFT, FACE_RIGHT, FACE_TOP
from renderers.animatic.head import outline
from renderers.animatic.physique import Physique
from renderers.animatic.view import View, foreshortened
from renderers.scene import Figure


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """One actor in the frame; `x`, `y` is its collar in pixels."""

    figure: Figure
    view: View
    x: float
    y: float
    turn: float = 0.0
    """How the face is turned, see `FacePose`."""
    dim: float = 0.0

    @property
    def face(self) -> Box | None:
        """The face without hair, or None seen from behind."""
        if self.view.back:
            return None
        return self._box(FACE_LEFT, FACE_TOP, FACE_RIGHT, FACE_BOTTOM)

    @property
    def soles(self) -> float:
        """Where the feet are, in pixels from the top: below the frame in closer shots."""
        down = Physique.of(self.figure.avatar).feet
        return self.y + foreshortened(down, self.view.pitch) * self.view.scale

    @property
    def head(self) -> Box:
        """The head with its hair, down to the chin: longer hair may leave the frame."""
        left, top, right, _ = outline(self.figure.avatar)
        return self._box(left, top, right, FACE_BOTTOM)

    def _box(self, left: float, top: float, right: float, bottom: float) -> Box:
        scale = self.view.scale
        if self.view.flip:
            left, right = -right, -left
        return Box(
            self.x + left * scale,
            self.y + top * scale,
            self.x + right * scale,
            self.y + bottom * scale,
        )


def caption_share(width: int, height: int) -> float:
    """Fraction of a whole frame's height, at the bottom, that captions take."""
    return 0.22 if height > width else 0.20


@dataclass(frozen=True, slots=True)
class Frame:
    """The picture and the part of it where faces may be, in pixels."""

    width: float
    height: float
    top: float
    low: float
    title: float = 0.0
    """Where a title ends, 0 for none."""

    @classmethod
    def of(cls, width: int, height: int, headroom: float, footroom: float | None = None) -> Frame:
        """The frame of a scene with that room (`Scene.headroom`, `Scene.footroom`)."""
        caption = caption_share(width, height) if footroom is None else footroom
        # The margins leave room for the camera's and the actors' own small moves.
        return cls(
            width,
            height,
            (max(headroom, 0.02) + 0.025) * height,
            (1 - caption - 0.025) * height,
            headroom * height,
        )
