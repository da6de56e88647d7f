"""Clips by the project's own workers: LTX-2, Ditto and diffusers models over HTTP.

Each adapter is one worker's limits, address and knobs; planning, sending and finishing are
the same for all.

Knows: requests to a worker, what its errors mean. Does not know: how the model is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from renderers.base import JSON, ClipCaps, ClipRequest, ClipResult
from renderers.options import given, refuse_others
from renderers.video.finishing import finish_data
from renderers.video.inputs import audio_seconds, prepare_audio, prepare_picture
from renderers.video.planning import LIMITS, ClipPlan, Limits, Wanted, family_of, plan_clip
from renderers.workers.client import WorkerClient
from renderers.workers.protocol import Job

VERSION = 1
DEFAULT_TIMEOUT_S = 1800.0
"""A cold start reads 73 GB before the first step."""


def caps_of(limits: Limits) -> ClipCaps:
    """A model's limits as the pipeline sees them."""
    return ClipCaps(
        needs_audio=limits.needs_audio,
        lip_sync=limits.lip_sync,
        makes_sound=limits.makes_sound,
        size_multiple=limits.size_multiple,
        frame_rule=limits.frame_rule,
        max_seconds=limits.max_seconds,
        references=limits.references,
    )


def plan_of(request: ClipRequest, limits: Limits, resolution: int | None) -> ClipPlan:
    """The plan of a request, its sound measured."""
    spoken = audio_seconds(request.audio) if request.audio is not None else None
    wanted = Wanted(request.width, request.height, request.fps, request.frames, spoken)
    return plan_clip(wanted, limits, resolution)


class WorkerClips:
    """A `ClipBackend` over a worker's `base_url`.

    `checkpoint`, `quantization`, `offload` and `persistent` say how the worker is run; those
    that change the picture are part of the fingerprint. `resolution` bounds the longer side
    that is rendered, `noise_db` lays soft noise over the sound that a model listens to,
    `max_seconds` keeps clips shorter than the model's own bound, where a small card must.
    """

    name: ClassVar[str] = ""
    knobs: ClassVar[frozenset[str]] = frozenset({"steps", "guidance_scale", "negative_prompt"})
    """Options of a request that this worker's model has a use for."""
    default_url: ClassVar[str] = ""

    def __init__(
        self,
        base_url: str = "",
        model: str = "",
        checkpoint: str = "",
        quantization: str = "",
        offload: str = "",
        persistent: bool = False,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        resolution: int | None = None,
        noise_db: float | None = None,
        max_seconds: float | None = None,
        steps: int | None = None,
        guidance_scale: float | None = None,
        negative_prompt: str = "",
    ) -> None:
        options = given(
            steps=steps, guidance_scale=guidance_scale, negative_prompt=negative_prompt or None
        )
        self._set_up(base_url, model, timeout_s, options)
        self._resolution = resolution
        self._noise_db = noise_db
        if max_seconds is not None:
            own = self.limits.max_seconds or max_seconds
            self.limits = replace(self.limits, max_seconds=min(own, max_seconds))
        self._weights = {"model": model, "checkpoint": checkpoint, "quantization": quantization}

    def _set_up(
        self, base_url: str, model: str, timeout_s: float, options: Mapping[str, JSON]
    ) -> None:
        self._options = self._known(options)
        self.limits = self._limits(model)
        self._worker = WorkerClient(self.name, base_url or self.default_url, timeout_s)
        self._resolution: int | None = None
        self._noise_db: float | None = None
        self._weights: dict[str, str] = {}

    def _known(self, options: Mapping[str, JSON]) -> dict[str, JSON]:
        told = {*self.knobs, "resolution", "noise_db", "max_seconds"}
        refuse_others(options, self.knobs, f"video {self.name}", told)
        return dict(options)

    def _limits(self, model: str) -> Limits:
        return LIMITS[self.name]

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"{self.name}/{VERSION}",
            **{name: value for name, value in self._weights.items() if value},
            "resolution": self._resolution,
            "noise_db": self._noise_db,
            **self._options,
        }

    def caps(self) -> ClipCaps:
        return caps_of(self.limits)

    def render(self, request: ClipRequest, out: Path) -> ClipResult:
        """Have the worker make the clip, and cut it to what was asked.

        Raises:
            BadRequest: longer than the model makes, or an unreadable input.
            OutOfMemory: it does not fit the card.
            Unavailable: no worker, or it lacks weights or packages; the message has the fix.
            BadOutput: what came back is no clip, or too short.
        """
        plan = plan_of(request, self.limits, self._resolution)
        return finish_data(self._worker.ask(self._job(request, plan)), plan, request, out)

    def _job(self, request: ClipRequest, plan: ClipPlan) -> Job:
        audio = None
        if plan.audio_samples:
            audio = prepare_audio(request.audio, plan, self._noise_db, request.seed)
        options = {**self._options, **self._known(request.options)}
        negative = options.pop("negative_prompt", "")
        return Job(
            prompt=request.prompt,
            width=plan.width,
            height=plan.height,
            frames=plan.frames,
            fps=plan.fps,
            seed=request.seed,
            image=prepare_picture(request.image, plan),
            audio=audio,
            negative_prompt=str(negative),
            options=options,
        )

    def close(self) -> None:
        self._worker.close()


class LtxAudioClips(WorkerClips):
    """LTX-2 audio-to-video in two stages: a picture that speaks, acts and moves to a sound."""

    name = "ltx2-a2v"
    default_url = "http://127.0.0.1:8892"


class LtxImageClips(WorkerClips):
    """LTX-2 image-to-video in two stages; it makes sound of its own."""

    name = "ltx2-i2v"
    default_url = "http://127.0.0.1:8891"


class LtxDistilledClips(WorkerClips):
    """LTX-2 distilled: few fixed steps, no guidance."""

    name = "ltx2-distilled"
    knobs = frozenset()
    default_url = "http://127.0.0.1:8891"


class DittoClips(WorkerClips):
    """Ditto talking heads: 25 fps, the face of one picture speaks a sound."""

    name = "ditto"
    knobs = frozenset({"emotion", "crop_scale", "sampling_timesteps"})
    default_url = "http://127.0.0.1:8881"

    def __init__(
        self,
        base_url: str = "",
        checkpoint: str = "",
        timeout_s: float = DEFAULT_TIMEOUT_S,
        emotion: int | None = None,
        crop_scale: float | None = None,
        sampling_timesteps: int | None = None,
    ) -> None:
        options = given(
            emotion=emotion, crop_scale=crop_scale, sampling_timesteps=sampling_timesteps
        )
        self._set_up(base_url, "", timeout_s, options)
        self._weights = {"checkpoint": checkpoint}


class DiffusersClips(WorkerClips):
    """Models by way of diffusers; `model` (a repository's name) says which, and its limits."""

    name = "diffusers"
    default_url = "http://127.0.0.1:8893"

    def _limits(self, model: str) -> Limits:
        return LIMITS[family_of(model)]
