"""The planes of a picture under a moving camera: what is farther away moves and grows less.

Knows: layers, where the camera is. Does not know: what is painted on a layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import skia

from renderers.animatic.camera import CameraState
from renderers.animatic.ink import linear
from renderers.animatic.sets import OVERSCAN, Layer
from renderers.animatic.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Plane:
    """A layer ready to be laid: `x`, `y` is its corner in pixels of the frame."""

    sheet: Sheet
    x: int
    y: int
    parallax: float


def plane(layer: Layer, width: int, height: int) -> Plane:
    x, y = round(OVERSCAN * width), round(OVERSCAN * height)
    return Plane(Sheet.of(layer.image), -x, -y, layer.parallax)


def lay(canvas: skia.Canvas, plane: Plane, camera: CameraState, pivot: tuple[float, float]) -> None:
    canvas.save()
    sampling = linear()
    if camera.zoom == 1:
        # On whole pixels an image is copied, not resampled.
        sampling = skia.SamplingOptions()
        canvas.translate(round(camera.x * plane.parallax), round(camera.y * plane.parallax))
    else:
        move(canvas, camera, pivot, plane.parallax)
    canvas.translate(plane.x, plane.y)
    plane.sheet.draw(canvas, sampling)
    canvas.restore()


def shift_between(
    first: CameraState, second: CameraState, pivot: tuple[float, float], width: int, height: int
) -> float:
    """How far two states of the camera lie apart, in pixels at the frame's far corner."""
    reach = math.hypot(max(pivot[0], width - pivot[0]), max(pivot[1], height - pivot[1]))
    shift = math.hypot(first.x - second.x, first.y - second.y)
    return shift + reach * abs(first.zoom - second.zoom)


def move(
    canvas: skia.Canvas, camera: CameraState, pivot: tuple[float, float], depth: float
) -> None:
    """Apply the camera to a plane: what is farther away moves and grows less."""
    zoom = math.exp(math.log(max(0.5, camera.zoom)) * depth)
    canvas.translate(pivot[0] + camera.x * depth, pivot[1] + camera.y * depth)
    canvas.scale(zoom, zoom)
    canvas.translate(-pivot[0], -pivot[1])
