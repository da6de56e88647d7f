"""One shot, composed: the set's plates, the actors in their places, one light on all.

A `Tableau` is built once for a scene and then drawn for any frame: a still, or every frame
of a clip with the camera moving between the planes.

Knows: which plane goes where, blur and grade by shot and mood. Does not know: how a set, an
actor or a prop is drawn, or when anything happens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import skia

from renderers.animatic import camera as lens
from renderers.animatic.acting import struck_pose
from renderers.animatic.blocking import Box, Placement, block
from renderers.animatic.camera import CameraState
from renderers.animatic.figure import Acting, Puppet
from renderers.animatic.ink import Brush, mix
from renderers.animatic.light import Light, light_for
from renderers.animatic.palette import palette
from renderers.animatic.pose import IDLE, Pose, between, mirrored_arms
from renderers.scene import Scene, ShotScale

OVERSCAN = 0.12
_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)
# Standard deviation of the set's blur, in thousandths of the frame's longer side.
_BLUR: dict[ShotScale, float] = {
    "medium shot": 1.2,
    "medium close-up": 2.6,
    "close-up": 4.6,
    "extreme close-up": 7.0,
}
_ZOOM_SLACK = 1.05
"""Actors are kept at the size of the camera's closest position, so that a push stays sharp."""


@dataclass(frozen=True, slots=True)
class Plate:
    """One plane of the set, larger than the frame by `OVERSCAN` on every side."""

    image: skia.Image
    depth: float


class Tableau:
    """A scene ready to be drawn at one size."""

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self.scene = scene
        self.width, self.height = width, height
        self.light = light_for(scene.time_of_day, scene.place)
        self.placements = block(scene, width, height)
        self.poses = {p.figure.id: _clear_pose(p, self.placements) for p in self.placements}
        brush = _brush(self.light, scene)
        self.puppets = [
            Puppet(
                p.figure,
                brush.sunk(p.dim),
                replace(p.view, scale=p.view.scale * _ZOOM_SLACK),
            )
            for p in self.placements
        ]
        self.back = self._backdrop()

    def faces(self) -> Mapping[str, Box]:
        """Faces by figure id, in pixels of the still; those seen from behind are left out."""
        return {p.figure.id: p.face for p in self.placements if p.face is not None}

    def draw(
        self,
        canvas: skia.Canvas,
        acting: Sequence[Acting],
        camera: CameraState = CameraState(),  # noqa: B008 - frozen
        pivot: tuple[float, float] | None = None,
        seconds: float = 0.0,
    ) -> None:
        """Draw one frame, `seconds` into the shot; `acting` in the order of `placements`."""
        pivot = pivot or (self.width / 2, self.height / 2)
        self._plate(canvas, self.back, camera, pivot)
        canvas.save()
        _move(canvas, camera, pivot, 1.0)
        for placement, puppet, state in zip(self.placements, self.puppets, acting, strict=True):
            self._shadow(canvas, placement, puppet, state)
            canvas.save()
            canvas.translate(placement.x, placement.y)
            canvas.scale(placement.view.scale, placement.view.scale)
            puppet.draw(canvas, state)
            canvas.restore()
        canvas.restore()

    # --- planes -------------------------------------------------------------------

    def _backdrop(self) -> Plate:
        w = self.width + 2 * round(OVERSCAN * self.width)
        h = self.height + 2 * round(OVERSCAN * self.height)
        surface = skia.Surface(w, h)
        p = palette(self.scene.palette, self.scene.time_of_day)
        canvas = surface.getCanvas()
        canvas.clear(
            skia.Color(*(round(255 * int(p.wall[i : i + 2], 16) / 255) for i in (1, 3, 5)))
        )
        return Plate(surface.makeImageSnapshot(), lens.BACK)

    def _plate(
        self,
        canvas: skia.Canvas,
        plate: Plate,
        camera: CameraState,
        pivot: tuple[float, float],
    ) -> None:
        x, y = round(OVERSCAN * self.width), round(OVERSCAN * self.height)
        if camera == CameraState():
            # On whole pixels a plate is copied, not resampled.
            canvas.drawImage(plate.image, -x, -y)
            return
        canvas.save()
        _move(canvas, camera, pivot, plate.depth)
        canvas.drawImage(plate.image, -x, -y, _SMOOTH)
        canvas.restore()

    def _shadow(
        self, canvas: skia.Canvas, placement: Placement, puppet: Puppet, state: Acting
    ) -> None:
        """A contact shadow under the soles, smaller while they are off the ground."""
        scale = placement.view.scale
        y = placement.y + (puppet.feet - 8) * scale
        if y > self.height * 1.05:
            return
        reach = 235 * scale * (1 - min(0.4, state.lift / 260))
        canvas.save()
        canvas.translate(placement.x + 12 * scale, y)
        canvas.scale(1, 0.24 if placement.view.pitch <= 0 else 0.42)
        shader = skia.GradientShader.MakeRadial(
            (0, 0),
            reach,
            [skia.Color(20, 10, 40, 130), skia.Color(20, 10, 40, 90), 0x00140A28],
            [0, 0.55, 1],
        )
        canvas.drawCircle(0, 0, reach, skia.Paint(AntiAlias=True, Shader=shader))
        canvas.restore()


def _move(
    canvas: skia.Canvas, camera: CameraState, pivot: tuple[float, float], depth: float
) -> None:
    """Apply the camera to a plane: what is farther away moves and grows less."""
    zoom = math.exp(math.log(max(0.5, camera.zoom)) * depth)
    canvas.translate(pivot[0] + camera.x * depth, pivot[1] + camera.y * depth)
    canvas.rotate(camera.roll)
    canvas.scale(zoom, zoom)
    canvas.translate(-pivot[0], -pivot[1])


def _clear_pose(placement: Placement, everyone: Sequence[Placement]) -> Pose:
    """The pose of an actor, with the free arm where the acting hand would hide a face."""
    pose = struck_pose(placement.figure)
    others = [p.face for p in everyone if p is not placement and p.face is not None]
    if not others or not _hides(pose, placement, others):
        return pose
    mirrored = mirrored_arms(pose)
    if not _hides(mirrored, placement, others):
        return mirrored
    for share in (0.75, 0.5, 0.25):
        drawn_in = between(IDLE, pose, share)
        if not _hides(drawn_in, placement, others):
            return replace(drawn_in, act=pose.act)
    return IDLE


def _hides(pose: Pose, placement: Placement, faces: Sequence[Box]) -> bool:
    """Whether a hand, with the air around it, comes before another's face."""
    scale, sign = placement.view.scale, -1 if placement.view.flip else 1
    air = 135 * scale
    for arm in (pose.left, pose.right):
        x, y = placement.x + sign * arm.x * scale, placement.y + arm.y * scale
        hand = Box(x - air, y - air, x + air, y + air)
        if any(hand.meets(face) for face in faces):
            return True
    return False


def _brush(light: Light, scene: Scene) -> Brush:
    return Brush(
        ambient=light.ambient, key=light.key, rim=light.rim, rim_strength=light.rim_strength
    )
