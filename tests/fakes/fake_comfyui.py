"""A ComfyUI for tests: real HTTP on loopback, its queue and its traps.

    with FakeComfyUI() as server: ComfyClips("workflow.json", server.url)
    python -m fake_comfyui --port 8188

True to the server in what bites: an input file must have been uploaded, or the prompt is
refused with the node's name; a job is not in /history until it is done; previews are listed
before the video; a workflow that is sent twice unchanged is taken from the cache and lists
nothing; lengths are snapped down to the latent's grid; models stay loaded until /free; /interrupt stops
whatever runs, whoever sent it; a server that is started anew knows nothing of its jobs.

Knows: that server's routes. Does not know: its nodes, but for the names of their inputs.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fake_clip import Take, film
from loopback import Answer, Call, LoopbackServer


@dataclass
class FakeComfyUI(LoopbackServer):
    """Runs a workflow by the inputs of its nodes, whatever these are called."""

    port: int = 0
    polls: int = 1
    """How often a job is not in the history before it is."""
    breaks: str = ""
    """What the next workflow fails with."""
    loaded: bool = False
    waiting: bool = False
    """Somebody else's job runs; ours wait behind it and never come to their turn."""
    forgets: bool = False
    """It is started anew while the next job runs."""
    hangs_up: int = 0
    """So many looks at the history find the connection broken."""
    dropped: list[str] = field(default_factory=list[str])
    """Jobs that were taken from the queue or stopped."""
    prompts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    uploads: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def __post_init__(self) -> None:
        self._asked: dict[str, int] = {}
        self._made: dict[str, bytes] = {}
        self._results: dict[str, dict[str, Any]] = {}
        self.listen(self.port)

    def respond(self, call: Call) -> Answer | None:
        match call.method, call.path:
            case "POST", "/upload/image":
                _, (file,) = call.form()
                return Answer.json(200, self.upload(file.name, file.data))
            case "POST", "/prompt":
                return Answer.json(*self.prompt(call.json()["prompt"]))
            case "POST", "/free":
                self.free(call.json())
                return Answer()
            case "POST", "/queue":
                self.dropped += call.json()["delete"]
                return Answer()
            case "POST", "/interrupt":
                self.dropped.append("somebody's" if self.waiting else self._latest)
                return Answer()
            case "POST", _:
                return Answer(404, b"404: Not Found", "text/plain")
            case _, "/view":
                data = self._made.get(call.query["filename"])
                return Answer(200 if data else 404, data or b"", "video/mp4")
            case _, "/queue":
                return Answer.json(200, self.queue())
            case _, path if path.startswith("/history/") and self.hangs_up:
                self.hangs_up -= 1
                return None
            case _, path if path.startswith("/history/"):
                return Answer.json(200, self.history(path.rpartition("/")[2]))
            case _:
                return Answer.json(200, {})

    def upload(self, name: str, data: bytes) -> dict[str, Any]:
        self.uploads[name] = data
        return {"name": name, "subfolder": "", "type": "input"}

    def prompt(self, workflow: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        for id, node in workflow.items():
            for name in ("image", "audio"):
                wanted = node["inputs"].get(name)
                if isinstance(wanted, str) and wanted not in self.uploads:
                    fault = {"message": "Value not in list", "details": f"{name}: '{wanted}'"}
                    error = {"message": "Prompt outputs failed validation"}
                    nodes = {id: {"class_type": node["class_type"], "errors": [fault]}}
                    return 400, {"error": error, "node_errors": nodes}
        number = f"job-{len(self.prompts)}"
        cached = workflow in self.prompts
        self.prompts.append(workflow)
        self.loaded = True
        self._results[number] = {} if cached else self._run(workflow, number)
        return 200, {"prompt_id": number, "number": len(self.prompts), "node_errors": {}}

    def history(self, number: str) -> dict[str, Any]:
        self._asked[number] = self._asked.get(number, 0) + 1
        if self.waiting or self.forgets or number not in self._results:
            return {}
        if self._asked[number] <= self.polls:
            return {}
        result = self._results[number]
        if "failed" in result:
            detail = {"node_type": "KSampler", "exception_message": result["failed"]}
            messages: list[Any] = [["execution_start", {}], ["execution_error", detail]]
            return {number: {"outputs": {}, "status": _status("error", messages)}}
        return {number: {"outputs": result, "status": _status("success", [])}}

    def queue(self) -> dict[str, Any]:
        if self.forgets:
            return {"queue_running": [], "queue_pending": []}
        ours: list[list[Any]] = [[0, self._latest, {}, {}, []]] if self._latest else []
        if self.waiting:
            return {"queue_running": [[0, "somebody's", {}, {}, []]], "queue_pending": ours}
        return {"queue_running": ours, "queue_pending": []}

    @property
    def _latest(self) -> str:
        return next(reversed(self._results), "")

    def free(self, body: dict[str, Any]) -> None:
        self.loaded = self.loaded and not body.get("unload_models")

    def _run(self, workflow: dict[str, Any], number: str) -> dict[str, Any]:
        if self.breaks:
            message, self.breaks = self.breaks, ""
            return {"failed": message}
        inputs = {k: v for node in workflow.values() for k, v in node["inputs"].items()}
        audio = inputs.get("audio")
        take = Take(
            image=self.uploads[inputs["image"]],
            width=inputs["width"] // 32 * 32,
            height=inputs["height"] // 32 * 32,
            fps=int(inputs["fps"]),
            frames=max(1, (inputs["length"] - 1) // 8 * 8 + 1),
            audio=self.uploads[audio] if isinstance(audio, str) else None,
            sound="hum",
        )
        with tempfile.TemporaryDirectory() as folder:
            film(take, Path(folder) / "clip.mp4")
            name = f"{number}_00001_.mp4"
            self._made[name] = (Path(folder) / "clip.mp4").read_bytes()
        preview = {"filename": "preview.mp4", "subfolder": "", "type": "temp"}
        video = {"filename": name, "subfolder": "video", "type": "output"}
        return {"90": {"images": [preview]}, "91": {"images": [video], "animated": [True]}}


def _status(word: str, messages: list[Any]) -> dict[str, Any]:
    return {"status_str": word, "completed": word == "success", "messages": messages}


def main() -> None:
    parser = argparse.ArgumentParser(description="A ComfyUI without nodes.")
    parser.add_argument("--port", type=int, default=8188)
    FakeComfyUI(**vars(parser.parse_args())).serve_forever()


if __name__ == "__main__":
    main()
