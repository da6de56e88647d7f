"""A job held against a model's limits before anything heavy is started.

Knows: jobs, limits, WAV headers. Does not know: models.
"""

from __future__ import annotations

import io
import wave

from renderers.errors import BadRequest
from renderers.video.planning import Limits, fault_of
from renderers.workers.protocol import Job


def check(job: Job, limits: Limits) -> float | None:
    """The seconds of its sound, if it has any.

    Raises:
        BadRequest: the model would refuse or spoil it; the field is named.
    """
    if limits.draws and job.image is not None:
        raise BadRequest("image: a worker that draws takes references, and no first frame")
    if not limits.draws and job.image is None:
        raise BadRequest("image: is missing; send the first frame in base64")
    if not limits.draws and job.references:
        raise BadRequest("references: this model films one picture and takes none")
    if len(job.references) > limits.references:
        raise BadRequest(f"references: {len(job.references)}; this model takes {limits.references}")
    seconds = _seconds(job.audio, limits) if job.audio is not None else None
    fault = fault_of(
        limits,
        width=job.width,
        height=job.height,
        frames=job.frames,
        fps=job.fps,
        audio_seconds=seconds,
    )
    if fault:
        raise BadRequest(fault)
    return seconds


def _seconds(audio: bytes, limits: Limits) -> float:
    try:
        with wave.open(io.BytesIO(audio)) as sound:
            channels, rate, frames = sound.getnchannels(), sound.getframerate(), sound.getnframes()
    except (wave.Error, EOFError) as error:
        raise BadRequest(f"audio: is no PCM WAV ({error})") from None
    if limits.audio_rate is None:
        raise BadRequest("audio: this model listens to none")
    if channels != limits.audio_channels:
        raise BadRequest(f"audio: has {channels} channels; it takes {limits.audio_channels}")
    return frames / rate
