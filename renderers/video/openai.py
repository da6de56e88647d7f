"""Any OpenAI-style video endpoint: vLLM-Omni, SGLang.

`POST /videos` starts a job, `GET /videos/{id}` tells how far it is, `/content` has the file.
The dialects' defaults bite: left out, vLLM-Omni's `num_frames` is 1; sizes and lengths that a
model cannot make are snapped, downwards too; a reference sound is read by few models and
ignored by the others. So every field is stated, and the answer is measured.

Knows: the dialects' fields and traps. Does not know: what is filmed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast

import httpx

from renderers import http
from renderers.base import JSON, ClipCaps, ClipRequest, ClipResult
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Refused, RendererError, Unavailable
from renderers.image.incoming import incoming
from renderers.jobs import Patience, json_of, sent
from renderers.options import given, one_of, refuse_others
from renderers.video.finishing import finish_data
from renderers.video.inputs import prepare_audio, prepare_picture
from renderers.video.planning import LIMITS, ClipPlan, family_of, licensed
from renderers.video.worker import DEFAULT_TIMEOUT_S, caps_of, plan_of

VERSION = 1
DIALECTS = ("vllm-omni", "sglang")
KNOBS: Mapping[str, frozenset[str]] = {
    "vllm-omni": frozenset(
        {"num_inference_steps", "guidance_scale", "guidance_scale_2", "flow_shift"}
        | {"negative_prompt"}
    ),
    "sglang": frozenset({"num_inference_steps", "guidance_scale", "negative_prompt"}),
}
_DONE, _FAILED = ("completed",), ("failed", "cancelled", "canceled")


class OpenAIVideos:
    """A `ClipBackend` over `base_url`.

    `family` (`ltx2`, `wan2.2-a14b`, `wan2.2-5b`, `wan2.2-s2v`) says what the served model can
    make; by default it follows from the model's name.
    """

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str = "",
        api_key: str | None = None,
        dialect: str = "vllm-omni",
        family: str = "",
        timeout_s: float = DEFAULT_TIMEOUT_S,
        poll_s: float = 2.0,
        resolution: int | None = None,
        noise_db: float | None = None,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
        guidance_scale_2: float | None = None,
        flow_shift: float | None = None,
        negative_prompt: str = "",
        licence_confirmed: bool = False,
    ) -> None:
        one_of("video dialect", dialect, DIALECTS)
        family = family or family_of(model)
        one_of("video options.family", family, LIMITS)
        self.limits = LIMITS[family]
        licensed(self.limits, family, licence_confirmed)
        if self.limits.lip_sync and dialect != "vllm-omni":
            # SGLang takes no reference sound: what is made there moves no lips to it.
            self.limits = replace(self.limits, lip_sync=False, needs_audio=False, audio_rate=None)
        self.dialect, self.model, self.family = dialect, model, family
        self._url = f"{base_url.rstrip('/')}/videos"
        self._patience = Patience(timeout_s, poll_s)
        self._resolution, self._noise_db = resolution, noise_db
        options = given(
            num_inference_steps=num_inference_steps,
            guidance_scale=guidance_scale,
            guidance_scale_2=guidance_scale_2,
            flow_shift=flow_shift,
            negative_prompt=negative_prompt or None,
        )
        self._options = self._known(options)
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = http.client(
            base_url, headers=headers, timeout=httpx.Timeout(30.0, read=300.0)
        )

    def _known(self, options: Mapping[str, JSON]) -> dict[str, JSON]:
        refuse_others(options, KNOBS[self.dialect], f"video dialect {self.dialect}")
        return dict(options)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"openai-video/{VERSION}",
            "dialect": self.dialect,
            "model": self.model,
            "family": self.family,
            "resolution": self._resolution,
            "noise_db": self._noise_db,
            **self._options,
        }

    def caps(self) -> ClipCaps:
        return caps_of(self.limits)

    def close(self) -> None:
        self._client.close()

    def render(self, request: ClipRequest, out: Path) -> ClipResult:
        """Have the clip made, and cut it to what was asked. A job is deleted in any case.

        Raises:
            BadRequest: the server refuses the request, or it is too long for the model.
            OutOfMemory: the server's card is full.
            Refused: its safety filter said no.
            Unavailable: no server, no such model, no valid key, or it takes too long.
            BadOutput: what came back is no clip, or too short.
        """
        plan = plan_of(request, self.limits, self._resolution)
        job = self._create(request, plan)
        try:
            self._patience.wait(lambda: self._look(job), self._url)
            data = self._answer("GET", f"{self._url}/{job}/content").content
        finally:
            self._forget(job)
        return finish_data(data, plan, request, out)

    # --- asking -------------------------------------------------------------

    def _create(self, request: ClipRequest, plan: ClipPlan) -> str:
        fields: dict[str, str] = {
            "prompt": named(request),
            "size": f"{plan.width}x{plan.height}",
            "num_frames": str(plan.frames),
            "fps": str(plan.fps),
            "seed": str(request.seed),
            **{name: str(value) for name, value in self._options.items()},
            **{name: str(value) for name, value in self._known(request.options).items()},
        }
        if self.model:
            fields["model"] = self.model
        picture = prepare_picture(request.image, plan)
        files: Any = {}
        if self.dialect == "vllm-omni":
            fields["generate_sound"] = str(request.keep_audio and self.limits.makes_sound).lower()
            # Beside `size`, which some releases read and others do not.
            fields |= {"width": str(plan.width), "height": str(plan.height)}
        if plan.audio_samples:
            audio = prepare_audio(request.audio, plan, self._noise_db, request.seed)
            fields["audio_reference"] = json.dumps({"audio_url": _data_url("audio/wav", audio)})
            # With a sound, the picture goes the same way: not together with a file.
            fields["image_reference"] = json.dumps({"image_url": _data_url("image/png", picture)})
            # A form even without a file: these servers read no JSON here.
            files = {name: (None, value) for name, value in fields.items()}
            fields = {}
        else:
            # The first frame first; sheets follow it under the same name, as the prompt counts them.
            files = [("input_reference", ("image.png", picture, "image/png"))]
            for number, reference in enumerate(request.references, 2):
                sheet = incoming(reference.path)
                name = f"image_{number}.{sheet.kind}"
                files.append(("input_reference", (name, sheet.data, sheet.mime)))
        body = json_of(self._answer("POST", self._url, data=fields, files=files))
        job = body.get("id")
        if not isinstance(job, str) or not job:
            raise BadOutput(f"{self._url} started no job: {str(body)[:200]}")
        return job

    def _look(self, job: str) -> Literal[True] | None:
        """Whether the job is done.

        Raises:
            RendererError: it failed, or is gone.
        """
        body = json_of(self._answer("GET", f"{self._url}/{job}"))
        status = str(body.get("status"))
        if status in _FAILED:
            raise _meant(500, _reason(body.get("error")) or status, self._url)
        return True if status in _DONE else None

    def _forget(self, job: str) -> None:
        # Else the server keeps the file, and works on for nobody.
        try:
            self._client.delete(f"{self._url}/{job}")
        except httpx.HTTPError:
            return

    def _answer(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        answer = sent(self._client, method, url, **arguments)
        if answer.is_success:
            return answer
        try:
            body: Any = answer.json()
        except ValueError:
            body = answer.text
        raise _meant(answer.status_code, _reason(body), url)


def named(request: ClipRequest) -> str:
    """The prompt, which says what each picture beside the first frame shows."""
    if not request.references:
        return request.prompt
    told = [f"<Picture {i}> is {r.role}." for i, r in enumerate(request.references, 2)]
    return " ".join(["<Picture 1> is the first frame.", *told, request.prompt])


def _data_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"


def _reason(body: Any) -> str:
    """The message in an error's body, in any of the shapes that these servers use."""
    if isinstance(body, dict):
        fields = cast("dict[str, Any]", body)
        for name in ("error", "detail", "message"):
            if fields.get(name):
                return _reason(fields[name])
    return "" if body is None else str(cast(object, body))[:300]


def _meant(status: int, reason: str, url: str) -> RendererError:
    lower = reason.lower()
    if "out of memory" in lower:
        return OutOfMemory(f"{url}: {reason}; use a smaller video options.resolution")
    if status in (401, 403):
        return Unavailable(f"{url} refuses the key: set the variable that api_key_env names")
    if "model" in lower and any(w in lower for w in ("mismatch", "not found", "does not exist")):
        return Unavailable(f"{url} serves another model: set video model to it ({reason})")
    if any(word in lower for word in ("moderation", "content policy", "safety")):
        return Refused(f"{url} declined the prompt: {reason}")
    if 400 <= status < 500 and status not in (404, 408, 429):
        return BadRequest(f"{url} refuses the request: {reason}")
    return Unavailable(f"{url} answers {status}: {reason}")
