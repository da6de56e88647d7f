"""A plan's picture and sound, as the model must get them.

The picture keeps its framing: where the legal size is larger than the wanted one, its edges
are mirrored into the margin, which is cut off again. So a clip begins on exactly its picture,
and one that goes on from the last frame of another does not jump.

Knows: pixels, samples. Does not know: models, servers.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import skia
import soundfile

from renderers import audio_file
from renderers.audio_file import AudioError, decode_audio
from renderers.errors import BadOutput, BadRequest
from renderers.image.incoming import incoming
from renderers.image.png import decode, middle
from renderers.video.planning import ClipPlan

_SMOOTH = skia.SamplingOptions(skia.CubicResampler.Mitchell())
# Named at every turn: the defaults of the two directions differ.
_RGBA = skia.ColorType.kRGBA_8888_ColorType
Samples: TypeAlias = "npt.NDArray[np.float32]"


def prepare_picture(image: Path, plan: ClipPlan) -> bytes:
    """The first frame as PNG of the plan's size.

    Raises:
        BadRequest: the file is no picture.
    """
    picture = _load(image)
    width, height = plan.content_width, plan.content_height
    box = middle(picture.width(), picture.height(), width, height)
    surface = skia.Surface(width, height)
    surface.getCanvas().drawImageRect(
        picture, skia.Rect.MakeXYWH(*box), skia.Rect.MakeWH(width, height), _SMOOTH
    )
    pixels = np.asarray(surface.makeImageSnapshot().toarray(colorType=_RGBA))
    across, down = plan.width - width, plan.height - height
    margins = ((down // 2, down - down // 2), (across // 2, across - across // 2), (0, 0))
    framed = np.ascontiguousarray(np.pad(pixels, margins, mode="symmetric"))
    whole = skia.Image.fromarray(framed, colorType=_RGBA)
    return bytes(whole.encodeToData(skia.EncodedImageFormat.kPNG, 100))


def prepare_audio(
    audio: Path | None, plan: ClipPlan, noise_db: float | None = None, seed: int = 0
) -> bytes:
    """The sound as WAV: resampled, at the plan's channels, padded with silence, never cut.

    `noise_db` (dBFS, RMS) lays soft noise over it, silence included: what users do against
    lips that do not move. Without a file, it is silence.

    Raises:
        BadRequest: the file is no sound.
    """
    rate, channels = plan.audio_rate, plan.audio_channels
    heard = _decode(audio, rate, channels) if audio else np.zeros((0, channels), np.float32)
    track = np.zeros((max(plan.audio_samples, len(heard)), channels), dtype=np.float32)
    track[: len(heard)] = heard
    if noise_db is not None:
        noise = np.random.default_rng(seed).standard_normal(track.shape)
        track = np.clip(track + noise * 10 ** (noise_db / 20), -1, 1).astype(np.float32)
    buffer = io.BytesIO()
    soundfile.write(buffer, track, rate, format="WAV", subtype="PCM_16")
    return buffer.getvalue()


def audio_seconds(audio: Path) -> float:
    """Length of a sound, measured on its samples.

    Raises:
        BadRequest: the file is no sound.
    """
    try:
        return audio_file.audio_seconds(audio)
    except AudioError as error:
        raise BadRequest(f"the sound {audio.name} cannot be read: {error}") from None


def _decode(audio: Path, rate: int, channels: int) -> Samples:
    try:
        # Mono is doubled here: the decoder would make it 3 dB softer.
        heard = decode_audio(audio, rate)
    except AudioError as error:
        raise BadRequest(f"the sound {audio.name} cannot be read: {error}") from None
    if channels == 1:
        return heard.mean(axis=1, keepdims=True).astype(np.float32)
    return np.repeat(heard, 2, axis=1) if heard.shape[1] == 1 else heard


def _load(image: Path) -> skia.Image:
    try:
        return decode(incoming(image).data)
    except BadOutput:
        raise BadRequest(f"{image.name} is no picture that can be read (PNG, JPEG)") from None
