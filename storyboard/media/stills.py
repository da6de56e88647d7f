"""Pictures taken from clips.

Knows: decoding, PNG. Does not know: beats.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import skia

from renderers.errors import BadOutput
from renderers.probe import decode_frames


def last_frame(clip: Path, out: Path) -> Path:
    """Write the last frame of `clip` as PNG to `out`, which is returned.

    Raises:
        BadOutput: the clip has no frame.
    """
    frame = None
    for frame in decode_frames(clip):  # noqa: B007 - the last one is wanted
        pass
    if frame is None:
        raise BadOutput(f"{clip.name} holds no picture to go on from")
    rgba = skia.ColorType.kRGBA_8888_ColorType
    alpha = frame[:, :, :1] * 0 + 255
    pixels = np.ascontiguousarray(np.concatenate([frame, alpha], axis=2))
    image = skia.Image.fromarray(pixels, colorType=rgba)
    out.write_bytes(bytes(image.encodeToData(skia.EncodedImageFormat.kPNG, 100)))
    return out
