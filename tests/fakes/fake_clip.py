"""The clips that the fake video servers send: small, real, and made from what was sent.

The picture drifts as under a slow camera; over it lies a lattice of mouths, so that one is
wherever a face may be, and they open as loud as the sound that was sent. So what was asked
can be seen in the answer: its length, its size, its picture, its speech.

Knows: pixels, sound. Does not know: servers, models.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import skia
import soundfile

from renderers.ffmpeg import FrameWriter
from renderers.image.png import decode

_DRIFT = 24.0
"""Pixels that the picture moves in a second, by a frame 720 pixels wide."""
_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)
_MOUTH = skia.Paint(AntiAlias=True, Color=skia.Color(70, 20, 25))


@dataclass(frozen=True, slots=True)
class Take:
    """What a fake model is given. `lips` moves the mouths; `sound` is what the model adds."""

    image: bytes
    width: int
    height: int
    fps: int
    frames: int
    audio: bytes | None = None
    lips: bool = True
    sound: str = "none"
    """`none`, `hum` (a model's own effect), `silent` (a track without sound) or `given`."""


def film(take: Take, out: Path) -> None:
    """Write the clip as MP4, with a track of 24 kHz stereo unless `sound` is `none`."""
    still = decode(take.image)
    openness = _openness(take)
    sound = out.with_suffix(".wav")
    arguments: list[str | Path] = [
        "-f", "rawvideo", "-pix_fmt", "bgra", "-s", f"{take.width}x{take.height}",
        "-r", str(take.fps), "-i", "pipe:0",
    ]  # fmt: skip
    if take.sound != "none":
        soundfile.write(sound, _sound(take), 24_000)
        arguments += ["-i", sound, "-c:a", "aac"]
    arguments += [
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p",
        "-threads", "2", "-f", "mp4",
    ]  # fmt: skip
    surface = skia.Surface(take.width, take.height)
    info = skia.ImageInfo.Make(
        take.width, take.height, skia.kBGRA_8888_ColorType, skia.kPremul_AlphaType
    )
    pixels = np.zeros((take.height, take.width, 4), dtype=np.uint8)
    with FrameWriter([*arguments, out]) as writer:
        for number in range(take.frames):
            _draw(surface.getCanvas(), still, take, number / take.fps, openness[number])
            surface.readPixels(info, pixels, 4 * take.width, 0, 0)
            writer.write(pixels.data.cast("B"))
    sound.unlink(missing_ok=True)


def _draw(canvas: skia.Canvas, still: skia.Image, take: Take, time: float, openness: float) -> None:
    width, height = take.width, take.height
    drift = _DRIFT * width / 720 * time
    zoom = 1.0 + drift / width
    # It grows from the middle, so that the first frame is the picture itself.
    box = skia.Rect.MakeWH(width * zoom, height * zoom)
    box.offset(-(zoom - 1) * width / 2, -(zoom - 1) * height / 2)
    canvas.drawImageRect(still, box, _SMOOTH)
    if not take.audio or not take.lips:
        return
    cell = max(8.0, min(width, height) / 8)
    for row in range(int(height / cell)):
        for column in range(int(width / cell)):
            centre = ((column + 0.5) * cell, (row + 0.5) * cell)
            tall = cell * (0.04 + 0.4 * openness)
            mouth = skia.Rect.MakeXYWH(
                centre[0] - 0.3 * cell, centre[1] - tall / 2, 0.6 * cell, tall
            )
            canvas.drawOval(mouth, _MOUTH)


def _openness(take: Take) -> npt.NDArray[np.float64]:
    """How far the mouths are open in each frame, 0 to 1: the loudness of the sound sent."""
    if take.audio is None:
        return np.zeros(take.frames)
    samples, rate = soundfile.read(io.BytesIO(take.audio), dtype="float32", always_2d=True)
    edges = (np.arange(take.frames + 1) * rate / take.fps).astype(int)
    power = np.concatenate([[0.0], np.cumsum(samples.mean(axis=1).astype(float) ** 2)])
    low, high = (np.minimum(part, len(samples)) for part in (edges[:-1], edges[1:]))
    rms = np.sqrt(np.maximum(0.0, power[high] - power[low]) / np.maximum(1, high - low))
    return np.clip(rms / max(float(rms.max()), 1e-4), 0, 1)


def _sound(take: Take) -> npt.NDArray[np.float32]:
    count = round(take.frames / take.fps * 24_000)
    track = np.zeros((count, 2), dtype=np.float32)
    if take.sound == "given" and take.audio is not None:
        samples, rate = soundfile.read(io.BytesIO(take.audio), dtype="float32", always_2d=True)
        places = np.minimum(np.arange(count) * rate // 24_000, len(samples) - 1)
        track[:] = samples[places.astype(int)][:, :1]
    elif take.sound == "hum":
        time = np.arange(count) / 24_000
        blow = np.sin(2 * np.pi * 420 * time) * np.exp(-((time % 1.0) / 0.06))
        track[:] = (0.4 * blow).astype(np.float32)[:, None]
    return track
