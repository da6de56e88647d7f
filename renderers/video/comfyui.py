"""Clips by ComfyUI with a workflow file of the user's own (`renderers.comfyui.workflow`).

Kinds of places: prompt, negative_prompt, image (the first frame), reference 1, reference 2 …
(sheets of who is in the picture), audio, seed, width, height, frames, fps. A workflow must take at
least prompt or image. Files are uploaded, and named in the workflow.

Knows: what of a clip goes to which place. Does not know: workflows, that server's routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from renderers.base import JSON, ClipCaps, ClipRequest, ClipResult
from renderers.comfyui.backend import ComfyBackend
from renderers.comfyui.workflow import PREFIX, Known, Workflow
from renderers.errors import BadRequest
from renderers.image.incoming import incoming
from renderers.jobs import Patience
from renderers.options import one_of
from renderers.video.finishing import finish_data
from renderers.video.inputs import prepare_audio, prepare_picture
from renderers.video.planning import LIMITS, ClipPlan, licensed
from renderers.video.worker import DEFAULT_TIMEOUT_S, caps_of, plan_of

VERSION = 1
INPUTS: Known = {
    "prompt": ("text", "prompt", "string", "value"),
    "negative_prompt": ("text", "negative_prompt", "prompt", "string", "value"),
    "image": ("image", "file", "value"),
    "reference #": ("image", "file", "value"),
    "audio": ("audio", "audio_file", "file", "value"),
    "seed": ("seed", "noise_seed", "value"),
    "width": ("width", "value"),
    "height": ("height", "value"),
    "frames": ("length", "frames", "num_frames", "frames_number", "value"),
    "fps": ("fps", "frame_rate", "value"),
}
_ENDINGS = (".mp4", ".webm", ".mkv", ".mov")


class ComfyClips(ComfyBackend):
    """A `ClipBackend` over `base_url` and a `workflow` file.

    `family` names the limits of the model in the workflow (`renderers.video.planning`).
    `free` releases its memory after every clip; so do a service's release levels.
    """

    def __init__(
        self,
        workflow: str,
        base_url: str = "http://127.0.0.1:8188",
        family: str = "ltx2",
        places: Mapping[str, str] | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        poll_s: float = 1.0,
        resolution: int | None = None,
        noise_db: float | None = None,
        negative_prompt: str = "",
        free: bool = False,
        licence_confirmed: bool = False,
    ) -> None:
        one_of("video options.family", family, LIMITS)
        read = Workflow.read(workflow, INPUTS, places, "video options.workflow")
        super().__init__(read, base_url, Patience(timeout_s, poll_s), free)
        self._places = read.places
        if not {"prompt", "image"} & set(self._places):
            raise BadRequest(
                f"{workflow}: no node is titled '{PREFIX} prompt' or '{PREFIX} image', so it "
                "would make the same clip for ever; name them, or set video options.places"
            )
        limits = replace(LIMITS[family], references=read.count("reference"))
        licensed(limits, family, licence_confirmed)
        if "audio" not in self._places:
            limits = replace(limits, audio_rate=None, needs_audio=False, lip_sync=False)
        self.limits, self.family = limits, family
        self._resolution, self._noise_db, self._negative = resolution, noise_db, negative_prompt

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"comfyui/{VERSION}",
            **self._identity(),
            "family": self.family,
            "resolution": self._resolution,
            "noise_db": self._noise_db,
            "negative_prompt": self._negative,
        }

    def caps(self) -> ClipCaps:
        return caps_of(self.limits)

    def render(self, request: ClipRequest, out: Path) -> ClipResult:
        """Run the workflow, and cut its video to what was asked.

        Raises:
            BadRequest: ComfyUI refuses the workflow; it names the node.
            OutOfMemory: the card is full; its models have been unloaded.
            Unavailable: no server, or it takes too long.
            BadOutput: the workflow made no video, or one too short.
        """
        plan = plan_of(request, self.limits, self._resolution)
        values = self._values(request, plan)
        absent = [k for k in self._places if k.startswith("reference ") and k not in values]
        return finish_data(self._made(values, absent, _ENDINGS, "video"), plan, request, out)

    def _values(self, request: ClipRequest, plan: ClipPlan) -> dict[str, Any]:
        values: dict[str, Any] = {
            "prompt": request.prompt,
            "negative_prompt": self._negative,
            "seed": request.seed,
            "width": plan.width,
            "height": plan.height,
            "frames": plan.frames,
            "fps": plan.fps,
        }
        if "image" in self._places:
            values["image"] = self._server.upload(prepare_picture(request.image, plan), "png")
        for number, reference in enumerate(request.references, 1):
            picture = incoming(reference.path)
            values[f"reference {number}"] = self._server.upload(picture.data, picture.kind)
        if "audio" in self._places:
            audio = prepare_audio(request.audio, plan, self._noise_db, request.seed)
            values["audio"] = self._server.upload(audio, "wav")
        return values
