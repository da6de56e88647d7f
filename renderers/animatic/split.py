"""A telephone call: two places in one picture, parted by a slanted line.

Knows: how a frame is divided. Does not know: how a half is drawn, who says what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import skia

from renderers.animatic.camera import CameraState
from renderers.animatic.compose import Tableau
from renderers.animatic.figure import Acting
from renderers.animatic.framing import Box, caption_share
from renderers.animatic.ink import INK, argb, clipped, stroke
from renderers.animatic.things import Seen
from renderers.scene import Figure, Scene, Shot

_SLANT = 0.035
"""How far the line leans, as a fraction of the side that it divides."""
_NEAR = ("medium shot", "medium close-up", "close-up")


class Split:
    """A scene whose people are in two places: each place is a tableau of its own.

    Where the frame is upright the halves lie over each other, else side by side; who is in the
    scene's own place comes first, in every shot of a film.
    """

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self.scene = scene
        self.width, self.height = width, height
        self._stacked = height > 1.1 * width
        side = height if self._stacked else width
        self._lean = round(_SLANT * side)
        half = side // 2 + self._lean
        size = (width, half) if self._stacked else (half, height)
        at = side - half
        self._corners = ((0, 0), (0, at) if self._stacked else (at, 0))
        here = [figure for figure in scene.figures if not figure.at]
        there = [figure for figure in scene.figures if figure.at]
        if self._stacked:
            # The line crosses what is nearest to it of both halves: no face goes there. Captions
            # are all in the lower half.
            line = 2 * self._lean / half
            captions = caption_share(width, height) * height / half
            rooms = ((scene.headroom * height / half, line), (line, captions))
        else:
            rooms = ((scene.headroom, None), (scene.headroom, None))
        self.halves = tuple(
            Tableau(_half(scene, people, *room), *size)
            for people, room in zip((here, there), rooms, strict=True)
        )
        self.placements = tuple(
            replace(p, x=p.x + x, y=p.y + y)
            for half, (x, y) in zip(self.halves, self._corners, strict=True)
            for p in half.placements
        )

    def faces(self) -> Mapping[str, Box]:
        """Faces by figure id, in pixels of the still."""
        return self._joined([half.faces() for half in self.halves])

    def clear_of_title(self) -> Mapping[str, Box]:
        """What no title may lie over."""
        return self._joined([half.clear_of_title() for half in self.halves])

    def held(self) -> list[Box]:
        """Nothing that a camera must mind: it stays."""
        return []

    def seen(self) -> list[Seen]:
        """The things that are to be seen."""
        return [thing for half in self.halves for thing in half.seen()]

    def draw(
        self,
        canvas: skia.Canvas,
        acting: Sequence[Acting],
        camera: CameraState = CameraState(),  # noqa: B008 - frozen
        pivot: tuple[float, float] | None = None,
        seconds: float = 0.0,
        *,
        still: bool = False,
    ) -> None:
        """Draw one frame; the camera stays, or heads would go behind the line."""
        first = len(self.halves[0].placements)
        parts = (acting[:first], acting[first:])
        for half, (x, y), mine, edge in zip(
            self.halves, self._corners, parts, self._edges(), strict=True
        ):
            with clipped(canvas, edge):
                canvas.translate(x, y)
                half.draw(canvas, mine, seconds=seconds, still=still)
        wide = 0.011 * min(self.width, self.height)
        for colour, thick in ((INK, 2.0), ("#fffdf6", 1.2)):
            canvas.drawLine(*self._line(), stroke(thick * wide, argb(colour)))

    def _line(self) -> tuple[float, float, float, float]:
        """Where the halves meet."""
        lean, (w, h) = self._lean, (self.width, self.height)
        if self._stacked:
            return (0, h / 2 + lean, w, h / 2 - lean)
        return (w / 2 + lean, 0, w / 2 - lean, h)

    def _edges(self) -> tuple[skia.Path, skia.Path]:
        x0, y0, x1, y1 = self._line()
        w, h = self.width, self.height
        corners = ((0, 0), (w, 0)) if self._stacked else ((0, 0), (0, h))
        last = ((0, h), (w, h)) if self._stacked else ((w, 0), (w, h))
        found: list[skia.Path] = []
        for near, far in (corners, last):
            path = skia.Path()
            path.addPoly([skia.Point(*p) for p in (near, far, (x1, y1), (x0, y0))], True)
            found.append(path)
        return found[0], found[1]

    def _joined(self, boxes: Sequence[Mapping[str, Box]]) -> dict[str, Box]:
        return {
            name: Box(b.left + x, b.top + y, b.right + x, b.bottom + y)
            for mine, (x, y) in zip(boxes, self._corners, strict=True)
            for name, b in mine.items()
        }


def staged(scene: Scene, width: int, height: int) -> Tableau | Split:
    """The scene at one size, in one place or in two."""
    apart = {bool(figure.at) for figure in scene.figures}
    return Split(scene, width, height) if len(apart) == 2 else Tableau(scene, width, height)


def _half(scene: Scene, people: Sequence[Figure], headroom: float, footroom: float | None) -> Scene:
    """The scene as it is at one end of the line."""
    ids = {figure.id for figure in people}
    focus = scene.focus if scene.focus in ids else people[0].id
    place = people[0].at
    near = scene.shot.scale in _NEAR
    return replace(
        scene,
        place=place or scene.place,
        lettering="" if place else scene.lettering,
        shot=scene.shot if near else Shot("medium shot", scene.shot.angle, scene.shot.orientation),
        figures=tuple(replace(figure, at="") for figure in people),
        focus=focus,
        props=() if place else scene.props,
        things=tuple(t for t in scene.things if t.owner in ids or not (t.owner or place)),
        inset=scene.inset if scene.focus in ids else None,
        arrangement="",
        headroom=headroom,
        footroom=footroom,
        cutaway=None,
    )
