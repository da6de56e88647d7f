"""A scene in motion: one frame after another, from a score for every actor and the camera.

Knows: how tableau, parts and camera come together, frame buffers. Does not know: encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import skia

from renderers.animatic.acting import Part, cast_part
from renderers.animatic.camera import camera_for
from renderers.animatic.compose import Tableau
from renderers.animatic.framing import Frame, Placement
from renderers.animatic.lipsync import listen
from renderers.animatic.things import hand_moves
from renderers.scene import CameraMove, Scene

_DRAWINGS = 12
"""Drawings a second where nothing is in a hurry."""


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


def parts_for(tableau: Tableau, shooting: Shooting) -> list[Part]:
    """A score for every actor, in the order of the tableau's placements."""
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


def shoot(scene: Scene, shooting: Shooting) -> Iterator[memoryview]:
    """Yield exactly `frames` frames as BGRA bytes; each is valid until the next is asked for.

    Drawn "on twos", as most drawn animation is: every drawing is held for two frames (at 24
    a second), except where something moves fast.
    """
    tableau = Tableau(scene, shooting.width, shooting.height)
    parts = parts_for(tableau, shooting)
    camera = camera_for(
        shooting.camera,
        tableau.placements,
        Frame.of(shooting.width, shooting.height, scene.headroom),
        shooting.seconds,
        focus=scene.focus,
        crop=scene.shot.scale == "extreme close-up",
        seed=shooting.seed,
        below=tuple(tableau.clear_of_title().values()) if scene.headroom else (),
    )
    # skia draws three times as fast on a surface of its own as on memory lent to it.
    surface = skia.Surface(shooting.width, shooting.height)
    canvas = surface.getCanvas()
    info = bgra(shooting.width, shooting.height)
    pixels = np.zeros((shooting.height, shooting.width, 4), dtype=np.uint8)
    hold = max(1, round(shooting.fps / _DRAWINGS))
    for frame in range(shooting.frames):
        t = frame / shooting.fps
        if frame % hold == 0 or camera.fast(t) or any(part.fast(t) for part in parts):
            acting = [part.at(frame) for part in parts]
            tableau.draw(canvas, acting, camera.at(t), camera.pivot, t)
            surface.readPixels(info, pixels, 4 * shooting.width, 0, 0)
        yield pixels.data.cast("B")


def bgra(width: int, height: int) -> skia.ImageInfo:
    """The layout of the frames that leave here."""
    return skia.ImageInfo.Make(
        width, height, skia.ColorType.kBGRA_8888_ColorType, skia.AlphaType.kPremul_AlphaType
    )


def still(scene: Scene, width: int, height: int) -> tuple[skia.Image, Tableau]:
    """The scene as one picture, and the tableau it was drawn from."""
    tableau = Tableau(scene, width, height)
    shooting = Shooting(width, height, 24, 24, None, "static", scene.seed)
    surface = skia.Surface(width, height)
    acting = [part.still() for part in parts_for(tableau, shooting)]
    tableau.draw(surface.getCanvas(), acting, still=True)
    return surface.makeImageSnapshot(), tableau
