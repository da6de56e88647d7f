"""Any picture, filmed: the camera moves of the animatic over a finished image.

Knows: image files, how far a camera may go into a picture. Does not know: scenes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skia

from renderers.animatic.camera import Camera
from renderers.animatic.motion import Shooting, bgra
from renderers.errors import BadRequest

_SPARE = 1.1
"""The picture is shown this much larger than the frame, so that the camera has where to go."""
_CUBIC = skia.SamplingOptions(skia.CubicResampler.Mitchell())


def film_picture(image: Path, shooting: Shooting) -> Iterator[memoryview]:
    """Yield every frame of a camera move over `image`, as BGRA bytes.

    The picture fills the frame (cropped, never stretched). A static camera drifts a little:
    a clip is never a still.

    Raises:
        BadRequest: the file is no picture.
    """
    picture = _load(image)
    width, height = shooting.width, shooting.height
    fill = max(width / picture.width(), height / picture.height())
    spare = (_SPARE - 1) / 2
    move = "handheld" if shooting.camera == "static" else shooting.camera
    camera = Camera(
        move,
        shooting.seconds,
        height,
        (width / 2, 0.42 * height),
        1.07,
        (0.8 * spare * width, 0.8 * spare * height),
        shooting.seed,
    )
    # Scaled once, smoothly; every frame then needs only the quick sampler.
    ready = skia.Surface(round(width * _SPARE), round(height * _SPARE))
    canvas = ready.getCanvas()
    canvas.translate(ready.width() / 2, ready.height() / 2)
    canvas.scale(fill * _SPARE, fill * _SPARE)
    canvas.drawImage(picture, -picture.width() / 2, -picture.height() / 2, _CUBIC)
    plate = ready.makeImageSnapshot()
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    info = bgra(width, height)
    surface = skia.Surface(width, height)
    target = surface.getCanvas()
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear)
    for frame in range(shooting.frames):
        state = camera.at(frame / shooting.fps)
        target.save()
        target.translate(width / 2 + state.x, height / 2 + state.y)
        target.scale(state.zoom, state.zoom)
        target.drawImage(plate, -plate.width() / 2, -plate.height() / 2, smooth)
        target.restore()
        surface.readPixels(info, pixels, 4 * width, 0, 0)
        yield pixels.data.cast("B")


def _load(image: Path) -> skia.Image:
    try:
        data = image.read_bytes()
    except OSError as error:
        raise BadRequest(f"the picture {image.name} cannot be read: {error.strerror}") from None
    picture = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data))
    if picture is None:
        raise BadRequest(f"{image.name} is not a picture that can be read (PNG, JPEG, WebP)")
    return picture
