"""A video server for tests: real HTTP on loopback in the dialects of vLLM-Omni and SGLang.

    with FakeVideoServer("vllm-omni", model="wan") as server: OpenAIVideos(server.url, "wan")
    python -m fake_videos vllm-omni --port 8091 --model wan

True to the servers in what bites: vLLM-Omni makes *one* frame unless told; both snap a size
or a length that the model cannot make downwards, without a word; `/content` is 404 until the
job is done; another model's name is a 400; a JSON body is a 422; a sound in the request is
ignored unless the model is one that listens.

Knows: what these servers take, refuse and send. Does not know: models.
"""

from __future__ import annotations

import argparse
import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from fake_clip import Take, film
from loopback import Answer, Call, LoopbackServer

from renderers.video.planning import LIMITS, Limits

Dialect = Literal["vllm-omni", "sglang"]


@dataclass
class Job:
    """One request as it arrived, and how often it was asked about."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]
    sheets: tuple[bytes, ...] = ()
    """References beside the first frame."""
    asked: int = 0
    deleted: bool = False


@dataclass
class FakeVideoServer(LoopbackServer):
    """Answers like `dialect`, for `model` alone."""

    dialect: Dialect = "vllm-omni"
    model: str = "fake-video"
    family: str = "ltx2"
    port: int = 0
    hangs_up: int = 0
    """So many looks after a job find the connection broken."""
    polls: int = 1
    """How often a job is told to be under way before it is done."""
    fails: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Errors answered to the next requests for a job: status 0 is a job that fails later."""
    jobs: list[Job] = field(default_factory=list[Job])

    root_path = "/v1"

    def __post_init__(self) -> None:
        self._doomed: dict[int, str] = {}
        self.listen(self.port)

    @property
    def limits(self) -> Limits:
        return LIMITS[self.family]

    def respond(self, call: Call) -> Answer | None:
        parts = call.path.strip("/").split("/")
        if call.path == "/health":
            return Answer.json(200, {})
        if call.method == "POST":
            if not call.is_form:
                return Answer.json(422, {"detail": "a multipart form is required"})
            fields, files = call.form()
            sheets = [f.data for f in files if f.field == "input_reference"][1:]
            first = {file.field: file.data for file in reversed(files)}
            return Answer.json(*self.create(fields, first, sheets))
        if call.method == "DELETE":
            self.jobs[_number(parts[-1])].deleted = True
            return Answer.json(200, {"deleted": True})
        if self.hangs_up:
            self.hangs_up -= 1
            return None
        if parts[-1] != "content":
            return Answer.json(*self.status(_number(parts[-1])))
        data = self.content(_number(parts[-2]))
        if data is None:
            return Answer.json(404, {"error": {"message": "Video is not ready"}})
        return Answer(200, data, "video/mp4")

    def create(
        self, fields: Mapping[str, str], files: Mapping[str, bytes], sheets: list[bytes]
    ) -> tuple[int, Any]:
        if self.fails:
            status, message = self.fails.pop(0)
            if status:
                return status, {"error": {"message": message}}
            self._doomed[len(self.jobs)] = message
        if fields.get("model", self.model) != self.model:
            return 400, {"error": {"message": f"Model mismatch: '{fields['model']}'"}}
        if not fields.get("prompt"):
            return 422, {"detail": "prompt: Field required"}
        if "input_reference" in files and "image_reference" in fields:
            return 400, {"error": {"message": "give input_reference or image_reference"}}
        if len(sheets) > self.limits.references:
            return 400, {"error": {"message": f"at most {self.limits.references} references"}}
        self.jobs.append(Job(fields, files, tuple(sheets)))
        return 200, {"id": f"video_{len(self.jobs) - 1}", "status": "queued", "created_at": 1}

    def status(self, number: int) -> tuple[int, Any]:
        if number >= len(self.jobs) or self.jobs[number].deleted:
            return 404, {"error": {"message": "Video not found"}}
        job = self.jobs[number]
        job.asked += 1
        if number in self._doomed and job.asked > self.polls:
            return 200, {"status": "failed", "error": {"message": self._doomed[number]}}
        done = job.asked > self.polls
        return 200, {"id": f"video_{number}", "status": "completed" if done else "in_progress"}

    def content(self, number: int) -> bytes | None:
        job = self.jobs[number]
        if job.deleted or job.asked <= self.polls:
            return None
        fields = job.fields
        width, height = (int(side) for side in fields.get("size", "832x480").split("x"))
        multiple, (a, b) = self.limits.size_multiple, self.limits.frame_rule
        default = 1 if self.dialect == "vllm-omni" else 81
        frames = int(fields.get("num_frames", default))
        take = Take(
            image=self._picture(job),
            width=max(multiple, width // multiple * multiple),
            height=max(multiple, height // multiple * multiple),
            fps=int(fields.get("fps", 16)),
            frames=max(1, (frames - b) // a * a + b),
            audio=self._sound(job),
            sound="hum" if self.limits.makes_sound else "none",
        )
        with tempfile.TemporaryDirectory() as folder:
            film(take, Path(folder) / "clip.mp4")
            return (Path(folder) / "clip.mp4").read_bytes()

    def _picture(self, job: Job) -> bytes:
        if "input_reference" in job.files:
            return job.files["input_reference"]
        return _from_url(json.loads(job.fields["image_reference"])["image_url"])

    def _sound(self, job: Job) -> bytes | None:
        if "audio_reference" not in job.fields or not self.limits.lip_sync:
            return None
        return _from_url(json.loads(job.fields["audio_reference"])["audio_url"])


def _from_url(url: str) -> bytes:
    return base64.b64decode(url.partition("base64,")[2])


def _number(name: str) -> int:
    return int(name.rpartition("_")[2])


def main() -> None:
    parser = argparse.ArgumentParser(description="A video server without a model.")
    parser.add_argument("dialect", choices=("vllm-omni", "sglang"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", default="fake-video")
    parser.add_argument("--family", default="ltx2", choices=sorted(LIMITS))
    FakeVideoServer(**vars(parser.parse_args())).serve_forever()


if __name__ == "__main__":
    main()
