"""A scene in motion: one frame after another, from a score for every actor and the camera.

Knows: how tableau, parts and camera come together, where a clip cuts away, frame buffers. Does
not know: encoding, what is worth a cutaway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np
import skia

from renderers.animatic.acting import Part, cast_part
from renderers.animatic.camera import camera_for
from renderers.animatic.compose import Tableau
from renderers.animatic.framing import Frame, Placement
from renderers.animatic.lipsync import listen
from renderers.animatic.split import Split, staged
from renderers.animatic.things import hand_moves
from renderers.scene import CameraMove, Scene

_DRAWINGS = 12
"""Drawings a second where nothing is in a hurry."""
_AWAY, _SHORTEST = 1.35, 0.7
"""Seconds that a cutaway takes where the shot has room for it, and below which it is left out."""


@dataclass(frozen=True, slots=True)
class Shooting:
    """How a scene is shot: size, length, the recorded line (or None) and the camera's move."""

    width: int
    height: int
    fps: int
    frames: int
    audio: Path | None
    camera: CameraMove
    seed: int

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


def parts_for(tableau: Tableau | Split, shooting: Shooting) -> list[Part]:
    """A score for every actor, in the order of the tableau's placements."""
    if isinstance(tableau, Split):
        return [part for half in tableau.halves for part in parts_for(half, shooting)]
    scene = tableau.scene
    speech = listen(shooting.audio, shooting.fps, shooting.frames) if shooting.audio else None
    return [
        cast_part(
            placement.figure,
            turn=placement.turn,
            seconds=shooting.seconds,
            fps=shooting.fps,
            speech=speech,
            focus=placement.figure.id == scene.focus,
            seed=shooting.seed,
            pose=tableau.poses[placement.figure.id],
            handles=hand_moves(scene, placement.figure),
            offstage=_offstage(placement, tableau),
        )
        for placement in tableau.placements
    ]


def _offstage(placement: Placement, tableau: Tableau) -> float:
    """How far an actor has to go to be out of the picture on its own side, in figure units."""
    wide = 330 * placement.view.scale
    others = [p.x for p in tableau.placements if p is not placement]
    middle = sum(others) / len(others) if others else tableau.width / 2
    left = placement.x <= middle if others else not placement.view.flip
    pixels = -(placement.x + wide) if left else tableau.width - placement.x + wide
    return pixels / placement.view.scale * (-1 if placement.view.flip else 1)


class Take:
    """One scene before one camera, ready to be drawn in any frame of its shot."""

    def __init__(self, scene: Scene, shooting: Shooting) -> None:
        self.tableau = staged(scene, shooting.width, shooting.height)
        self.parts = parts_for(self.tableau, shooting)
        self.camera = camera_for(
            shooting.camera,
            self.tableau.placements,
            Frame.of(shooting.width, shooting.height, scene.headroom, scene.footroom),
            shooting.seconds,
            focus=scene.focus,
            crop=scene.shot.scale == "extreme close-up" or scene.event == "shown",
            seed=shooting.seed,
            held=self.tableau.held(),
            below=tuple(self.tableau.clear_of_title().values()) if scene.headroom else (),
        )
        self._fps = shooting.fps

    def fast(self, t: float) -> bool:
        """Whether something moves so fast that every frame needs a drawing."""
        return self.camera.fast(t) or any(part.fast(t) for part in self.parts)

    def draw(self, canvas: skia.Canvas, frame: int) -> None:
        t = frame / self._fps
        acting = [part.at(frame) for part in self.parts]
        self.tableau.draw(canvas, acting, self.camera.at(t), self.camera.pivot, t)


class Filmed:
    """A clip: the scene, and for a moment what it cuts away to."""

    def __init__(self, scene: Scene, shooting: Shooting) -> None:
        self.main = Take(scene, shooting)
        self.away: Take | None = None
        self.span = range(0)
        """The frames of the cutaway."""
        if scene.cutaway is not None:
            self.span = _span(scene.cutaway.at, shooting)
        if scene.cutaway is not None and self.span:
            short = replace(shooting, frames=len(self.span), audio=None, camera="push in")
            self.away = Take(scene.cutaway.shown, short)

    def at(self, frame: int) -> tuple[Take, int]:
        """Who is filmed in a frame of the clip, and which frame of his own shot that is."""
        if self.away is not None and frame in self.span:
            return self.away, frame - self.span.start
        return self.main, frame


def _span(at: float, shooting: Shooting) -> range:
    """The frames of a cutaway: from the word it shows, with enough before and after it."""
    fps, frames = shooting.fps, shooting.frames
    length = round(min(_AWAY, 0.36 * shooting.seconds) * fps)
    if length < _SHORTEST * fps:
        return range(0)
    first, last = 0, frames
    if shooting.audio is not None:
        heard = np.flatnonzero(listen(shooting.audio, fps, frames).stress > 0.05)
        first, last = (int(heard[0]), int(heard[-1])) if heard.size else (first, last)
    start = round(first + at * (last - first) - 0.1 * fps) if at > 0 else 0
    if start > 0:
        start = max(round(0.6 * fps), start)
    start = min(start, frames - length - round(0.5 * fps))
    return range(start, start + length)


@dataclass(frozen=True, slots=True)
class Reel:
    """A clip as it is drawn: its drawings, and the frame at which each of them begins. A drawing
    is valid until the next is asked for."""

    begins: Sequence[int]
    drawings: Iterator[memoryview]


def reel(scene: Scene, shooting: Shooting) -> Reel:
    """The drawings of a clip of exactly `frames` frames, as BGRA bytes.

    Drawn "on twos", as most drawn animation is: every drawing is held for two frames (at 24
    a second), except where something moves fast.
    """
    filmed = Filmed(scene, shooting)
    hold = max(1, round(shooting.fps / _DRAWINGS))
    begins: list[int] = []
    before: Take | None = None
    for frame in range(shooting.frames):
        take, own = filmed.at(frame)
        if own % hold == 0 or take is not before or take.fast(own / shooting.fps):
            begins.append(frame)
        before = take
    return Reel(begins, _drawn(filmed, shooting, begins))


def _drawn(filmed: Filmed, shooting: Shooting, frames: Iterable[int]) -> Iterator[memoryview]:
    info = bgra(shooting.width, shooting.height)
    pixels = np.zeros((shooting.height, shooting.width, 4), dtype=np.uint8)
    surface = skia.Surface.MakeRasterDirect(info, pixels)
    canvas = surface.getCanvas()
    for frame in frames:
        take, own = filmed.at(frame)
        take.draw(canvas, own)
        yield pixels.data.cast("B")


def shoot(scene: Scene, shooting: Shooting) -> Iterator[memoryview]:
    """Every frame of the clip, as BGRA bytes; each is valid until the next is asked for."""
    drawn = reel(scene, shooting)
    ends = [*drawn.begins[1:], shooting.frames]
    for begin, end, drawing in zip(drawn.begins, ends, drawn.drawings, strict=True):
        yield from repeat(drawing, end - begin)


def bgra(width: int, height: int) -> skia.ImageInfo:
    """The layout of the frames that leave here."""
    return skia.ImageInfo.Make(
        width, height, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType
    )


def still(scene: Scene, width: int, height: int) -> tuple[skia.Image, Tableau | Split]:
    """The scene as one picture, and the tableau it was drawn from."""
    tableau = staged(scene, width, height)
    shooting = Shooting(width, height, 24, 24, None, "static", scene.seed)
    surface = skia.Surface(width, height)
    acting = [part.still() for part in parts_for(tableau, shooting)]
    tableau.draw(surface.getCanvas(), acting, still=True)
    return surface.makeImageSnapshot(), tableau
