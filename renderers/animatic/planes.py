"""The planes of a picture under a moving camera: what is farther away moves and grows less.

Knows: layers, where the camera is. Does not know: what is painted on a layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import skia

from renderers.animatic.camera import CameraState
from renderers.animatic.ink import linear
from renderers.animatic.sets import OVERSCAN, Layer


@dataclass(frozen=True, slots=True)
class Cut:
    """A layer without its empty borders: `x`, `y` in pixels of the frame."""

    image: skia.Image
    x: int
    y: int
    parallax: float


def cut(layer: Layer, width: int, height: int) -> Cut:
    """Cut a layer down to what is painted on it: empty pixels cost as much as others."""
    x, y = round(OVERSCAN * width), round(OVERSCAN * height)
    alpha = layer.image.toarray()[:, :, 3] > 0
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not rows.size:
        return Cut(layer.image.makeSubset(skia.IRect.MakeWH(1, 1)), 0, 0, layer.parallax)
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    image = layer.image.makeSubset(skia.IRect.MakeLTRB(left, top, right, bottom))
    return Cut(image, left - x, top - y, layer.parallax)


def lay(canvas: skia.Canvas, layer: Cut, camera: CameraState, pivot: tuple[float, float]) -> None:
    if camera == CameraState():
        # On whole pixels an image is copied, not resampled.
        canvas.drawImage(layer.image, layer.x, layer.y)
        return
    canvas.save()
    move(canvas, camera, pivot, layer.parallax)
    canvas.drawImage(layer.image, layer.x, layer.y, linear())
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
