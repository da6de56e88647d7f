"""A ComfyUI for tests: real HTTP on loopback, its queue and its traps.

    with FakeComfyUI() as server: ComfyClips("workflow.json", server.url)
    python -m fake_comfyui --port 8188

It knows the nodes of `comfyui_nodes`, with the files that its folders hold, and tells them under
/object_info; a workflow for pictures is held to them as the real one does it: an unknown node, a
required input that is missing, a value that is in no list, a wire of another type.

True to the server in what bites: an input file must have been uploaded, or the prompt is
refused with the node's name; a job is not in /history until it is done; previews are listed
before the video; a workflow that is sent twice unchanged is taken from the cache and lists
nothing; lengths are snapped down to the latent's grid; models stay loaded until /free; /interrupt stops
whatever runs, whoever sent it; a server that is started anew knows nothing of its jobs.

Knows: that server's routes. Does not know: its nodes, but for the names of their inputs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import skia
from comfyui_nodes import OBJECT_INFO
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
    nodes: dict[str, Any] | None = None
    """What /object_info tells; None: it has every node and file of `comfyui_nodes`."""
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
            case _, "/object_info":
                return Answer.json(200, OBJECT_INFO if self.nodes is None else self.nodes)
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
        if _draws(workflow) and (refused := self._invalid(workflow)):
            return 400, refused
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

    def _invalid(self, workflow: dict[str, Any]) -> dict[str, Any]:
        """What is wrong with a workflow by what the nodes declare; {} for nothing."""
        info = OBJECT_INFO if self.nodes is None else self.nodes
        faults: dict[str, Any] = {}
        for id, node in workflow.items():
            kind = node["class_type"]
            if kind not in info:
                told = f"Cannot execute because node {kind} does not exist."
                return {"error": {"type": "invalid_prompt", "message": told}, "node_errors": {}}
            found = list(_faults(node, workflow, info))
            if found:
                faults[id] = {"class_type": kind, "errors": found}
        message = {"message": "Prompt outputs failed validation"}
        return {"error": message, "node_errors": faults} if faults else {}

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
        if _draws(workflow):
            name = f"{number}_00001_.png"
            self._made[name] = picture_of(workflow, self.uploads)
            saved = {"filename": name, "subfolder": "storyboard", "type": "output"}
            return {"90": {"images": [{**saved, "type": "temp"}]}, "91": {"images": [saved]}}
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


def _draws(workflow: dict[str, Any]) -> bool:
    return any(node["class_type"] == "SaveImage" for node in workflow.values())


def _faults(
    node: dict[str, Any], workflow: dict[str, Any], info: dict[str, Any]
) -> Iterator[dict[str, str]]:
    declared = info[node["class_type"]]["input"]
    uploads = node["class_type"] in ("LoadImage", "LoadImageMask")
    own = [node["inputs"].get("image")] if uploads else []
    for name in declared.get("required", {}):
        if name not in node["inputs"]:
            yield {"message": "Required input is missing", "details": name}
    for name, form in {**declared.get("required", {}), **declared.get("optional", {})}.items():
        value = node["inputs"].get(name)
        if isinstance(value, list):
            source = workflow.get(str(value[0]))
            if source is None:
                yield {"message": "Bad linked input", "details": f"{name} leads to no node"}
            elif info[source["class_type"]]["output"][value[1]] != form[0]:
                yield {"message": "Return type mismatch between linked nodes", "details": name}
        elif isinstance(value, str) and isinstance(form[0], list) and value not in form[0] + own:
            yield {"message": "Value not in list", "details": f"{name}: '{value}'"}


def picture_of(workflow: dict[str, Any], uploads: dict[str, bytes]) -> bytes:
    """A PNG of the workflow's size; its colour follows from its words, seed and references, and
    with a mask it is the first reference where that is black."""
    nodes = list(workflow.values())
    latent = next(n["inputs"] for n in nodes if n["class_type"].startswith("Empty"))
    told = json.dumps(workflow, sort_keys=True).encode()
    red, green, blue = hashlib.sha256(told).digest()[:3]
    surface = skia.Surface(latent["width"], latent["height"])
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(red, green, blue))
    masks = [n["inputs"]["image"] for n in nodes if n["class_type"] == "LoadImageMask"]
    if masks:
        first = next(n["inputs"]["image"] for n in nodes if n["class_type"] == "LoadImage")
        whole = skia.Rect.MakeWH(latent["width"], latent["height"])
        below = skia.Image.MakeFromEncoded(uploads[first])
        mask = skia.Image.MakeFromEncoded(uploads[masks[0]])
        canvas.saveLayer(whole, skia.Paint())
        canvas.drawImageRect(below, whole)
        inverse = skia.Paint(BlendMode=skia.BlendMode.kDstOut)
        inverse.setColorFilter(skia.LumaColorFilter.Make())
        canvas.drawImageRect(mask, whole, skia.SamplingOptions(), inverse)
        canvas.restore()
    encoded = surface.makeImageSnapshot().encodeToData(skia.EncodedImageFormat.kPNG, 100)
    return bytes(encoded)


def _status(word: str, messages: list[Any]) -> dict[str, Any]:
    return {"status_str": word, "completed": word == "success", "messages": messages}


def main() -> None:
    parser = argparse.ArgumentParser(description="A ComfyUI without nodes.")
    parser.add_argument("--port", type=int, default=8188)
    FakeComfyUI(**vars(parser.parse_args())).serve_forever()


if __name__ == "__main__":
    main()
