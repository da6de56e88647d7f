"""ComfyUI with a workflow file of the user's own.

The file is a workflow in API format (in ComfyUI: Workflow → Export (API)). What changes from
clip to clip is put into it, at places that are named in one of two ways:

- a node's *title* says what it takes: `storyboard: prompt`, or several,
  `storyboard: width, height, frames`. Which of its inputs is meant follows from the kind.
- or the option `places` maps them: {"prompt": "6.text", "seed": "12.noise_seed"}.

Kinds: prompt, negative_prompt, image, audio, seed, width, height, frames, fps. A workflow
must take at least prompt or image. Files are uploaded, and named in the workflow.

Knows: workflows, that server's routes. Does not know: what its nodes do.
"""

from __future__ import annotations

import copy
import hashlib
import json
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import httpx

from renderers import http
from renderers.base import JSON, ClipCaps, ClipRequest, ClipResult
from renderers.errors import BadOutput, BadRequest, OutOfMemory, RendererError, Unavailable
from renderers.video.finishing import finish
from renderers.video.inputs import prepare_audio, prepare_picture
from renderers.video.jobs import Patience, json_of, sent
from renderers.video.planning import LIMITS, ClipPlan
from renderers.video.worker import DEFAULT_TIMEOUT_S, caps_of, plan_of

VERSION = 1
PREFIX = "storyboard:"
INPUTS: Mapping[str, tuple[str, ...]] = {
    "prompt": ("text", "prompt", "string", "value"),
    "negative_prompt": ("text", "negative_prompt", "prompt", "string", "value"),
    "image": ("image", "file", "value"),
    "audio": ("audio", "audio_file", "file", "value"),
    "seed": ("seed", "noise_seed", "value"),
    "width": ("width", "value"),
    "height": ("height", "value"),
    "frames": ("length", "frames", "num_frames", "frames_number", "value"),
    "fps": ("fps", "frame_rate", "value"),
}
"""Kind → names of the input that is meant, the first that the node has."""
_ENDINGS = (".mp4", ".webm", ".mkv", ".mov")
_FREE = {"unload_models": True, "free_memory": True}


class ComfyClips:
    """A `ClipBackend` over `base_url` and a `workflow` file.

    `family` names the limits of the model in the workflow (`renderers.video.planning`).
    `free` lets go of its memory after every clip; a service's ladder does that too.
    """

    name = "comfyui"

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
    ) -> None:
        if family not in LIMITS:
            raise BadRequest(f"video options.family: {family!r} is none of {', '.join(LIMITS)}")
        self._workflow = _read(Path(workflow).expanduser())
        self._places = dict(_places(self._workflow, places or {}))
        if not {"prompt", "image"} & set(self._places):
            raise BadRequest(
                f"{workflow}: no node is titled '{PREFIX} prompt' or '{PREFIX} image', so it "
                "would make the same clip for ever; name them, or set video options.places"
            )
        limits = LIMITS[family]
        if "audio" not in self._places:
            limits = replace(limits, audio_rate=None, needs_audio=False, lip_sync=False)
        self.limits, self.family = limits, family
        self._url = base_url.rstrip("/")
        self._patience, self._free = Patience(timeout_s, poll_s), free
        self._resolution, self._noise_db, self._negative = resolution, noise_db, negative_prompt
        self._client = http.client(base_url, timeout=httpx.Timeout(30.0, read=300.0))

    def fingerprint(self) -> Mapping[str, JSON]:
        text = json.dumps(self._workflow, sort_keys=True).encode()
        return {
            "adapter": f"comfyui/{VERSION}",
            "workflow": hashlib.sha256(text).hexdigest(),
            "places": {kind: [f"{n}.{i}" for n, i in at] for kind, at in self._places.items()},
            "family": self.family,
            "resolution": self._resolution,
            "noise_db": self._noise_db,
            "negative_prompt": self._negative,
        }

    def caps(self) -> ClipCaps:
        return caps_of(self.limits)

    def close(self) -> None:
        self._client.close()

    def render(self, request: ClipRequest, out: Path) -> ClipResult:
        """Run the workflow, and cut its video to what was asked.

        Raises:
            BadRequest: ComfyUI refuses the workflow; it names the node.
            OutOfMemory: the card is full; its models have been unloaded.
            Unavailable: no server, or it takes too long.
            BadOutput: the workflow made no video, or one too short.
        """
        plan = plan_of(request, self.limits, self._resolution)
        workflow = self._filled(request, plan)
        # A workflow that it has run before (a run that was killed sent it) is taken from its cache,
        # which lists no files: under another name they are saved once more, and nothing else is.
        outputs = self._run(workflow) or (_renamed(workflow) and self._run(workflow)) or {}
        data = self._send("GET", "/view", params=_found(outputs)).content
        if self._free:
            self._let_go()
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".clip-") as folder:
            raw = Path(folder) / "raw.mp4"
            raw.write_bytes(data)
            return finish(raw, plan, request, out)

    # --- the workflow -------------------------------------------------------

    def _filled(self, request: ClipRequest, plan: ClipPlan) -> dict[str, Any]:
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
            values["image"] = self._upload(prepare_picture(request.image, plan), "png")
        if "audio" in self._places:
            audio = prepare_audio(request.audio, plan, self._noise_db, request.seed)
            values["audio"] = self._upload(audio, "wav")
        filled = copy.deepcopy(self._workflow)
        for kind, places in self._places.items():
            for node, name in places:
                filled[node]["inputs"][name] = values[kind]
        return filled

    def _upload(self, data: bytes, ending: str) -> str:
        # Named by its content: the server caches by name, and must not take an older file.
        name = f"storyboard_{hashlib.sha256(data).hexdigest()[:20]}.{ending}"
        files = {"image": (name, data), "overwrite": (None, "true")}
        body = self._post("/upload/image", files=files)
        folder = body.get("subfolder") or ""
        return f"{folder}/{body['name']}" if folder else str(body.get("name", name))

    # --- the server ---------------------------------------------------------

    def _start(self, workflow: dict[str, Any]) -> str:
        body = self._post("/prompt", json={"prompt": workflow, "client_id": uuid.uuid4().hex})
        if body.get("node_errors"):
            raise BadRequest(f"{self._url} refuses the workflow: {_complaint(body)}")
        job = body.get("prompt_id")
        if not isinstance(job, str) or not job:
            raise BadOutput(f"{self._url}/prompt started no job: {str(body)[:200]}")
        return job

    def _run(self, workflow: dict[str, Any]) -> dict[str, Any]:
        job = self._start(workflow)
        try:
            return self._patience.wait(lambda: self._look(job), self._url)
        except BaseException:
            # Ctrl-C too: else it works on for nobody.
            self._give_up(job)
            raise

    def _look(self, job: str) -> dict[str, Any] | None:
        """The outputs of a job that is done.

        Raises:
            RendererError: it failed, or the server knows it no more.
        """
        entry = self._entry(job)
        if entry is None and job not in [*self._queued("running"), *self._queued("pending")]:
            # It may have ended between the two looks.
            entry = self._entry(job)
            if entry is None:
                raise Unavailable(f"{self._url} has lost the job: was it started anew?")
        if entry is None:
            return None
        status: dict[str, Any] = entry.get("status") or {}
        if status.get("status_str") == "error":
            raise self._failed(status)
        return entry.get("outputs") or {}

    def _entry(self, job: str) -> dict[str, Any] | None:
        return json_of(self._send("GET", f"/history/{job}")).get(job)

    def _queued(self, state: str) -> list[str]:
        """The jobs that run, or wait."""
        listed: list[Any] = json_of(self._send("GET", "/queue")).get(f"queue_{state}") or []
        return [str(item[1]) for item in listed]

    def _give_up(self, job: str) -> None:
        """Take the job from the queue, or stop it: others' work goes on."""
        with suppress(RendererError):
            if job in self._queued("pending"):
                self._send("POST", "/queue", json={"delete": [job]})
            # Older servers read no body and stop whatever runs: only if that is ours.
            elif job in self._queued("running"):
                self._send("POST", "/interrupt", json={"prompt_id": job})

    def _failed(self, status: Mapping[str, Any]) -> Exception:
        for kind, detail in status.get("messages", []):
            if kind == "execution_error":
                text = f"{detail.get('node_type')}: {detail.get('exception_message', '').strip()}"
                if "out of memory" in text.lower():
                    # A full card stays full: its models are kept after an error.
                    self._let_go()
                    return OutOfMemory(f"{self._url}: {text}; use a smaller resolution")
                return BadOutput(f"{self._url}: the workflow failed in {text}")
        return BadOutput(f"{self._url}: the workflow failed, and does not say where")

    def _let_go(self) -> None:
        self._send("POST", "/free", json=_FREE)

    def _post(self, path: str, **arguments: Any) -> dict[str, Any]:
        return json_of(self._send("POST", path, **arguments))

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        answer = sent(self._client, method, f"{self._url}{path}", **arguments)
        if answer.is_success:
            return answer
        try:
            said = _complaint(answer.json())
        except ValueError:
            said = answer.text[:300]
        kind = BadRequest if answer.status_code == 400 else Unavailable
        raise kind(f"{self._url}{path} answers {answer.status_code}: {said}")


def _read(path: Path) -> dict[str, Any]:
    try:
        data: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRequest(f"video options.workflow: {path}: {error.strerror}") from None
    except ValueError as error:
        raise BadRequest(f"video options.workflow: {path} is no JSON: {error}") from None
    nodes = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    if not nodes or not all(isinstance(n, dict) and "class_type" in n for n in nodes.values()):
        raise BadRequest(
            f"video options.workflow: {path} is not in API format: in ComfyUI, "
            "Workflow → Export (API)"
        )
    return nodes


def _places(
    nodes: Mapping[str, Any], named: Mapping[str, str]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Kind → (node, input) pairs, from the titles and from the map."""
    found: dict[str, list[tuple[str, str]]] = {}
    for id, node in nodes.items():
        meta: dict[str, Any] = node.get("_meta") or {}
        title = str(meta.get("title", "")).strip().lower()
        if title.startswith(PREFIX):
            for kind in (part.strip() for part in title.removeprefix(PREFIX).split(",")):
                found.setdefault(kind, []).append((id, _input(id, node, kind)))
    for kind, place in named.items():
        id, _, name = place.partition(".")
        if id not in nodes or name not in nodes[id].get("inputs", {}):
            raise BadRequest(f"video options.places.{kind}: the workflow has no input {place}")
        found[kind] = [(id, name)]
    if unknown := sorted(set(found) - set(INPUTS)):
        raise BadRequest(
            f"the workflow asks for {', '.join(unknown)}; there are {', '.join(INPUTS)}"
        )
    yield from found.items()


def _renamed(workflow: dict[str, Any]) -> bool:
    """Have the nodes that save files save them under new names; False where none says its name."""
    tag, found = uuid.uuid4().hex[:8], False
    for node in workflow.values():
        prefix = node["inputs"].get("filename_prefix")
        if isinstance(prefix, str):
            node["inputs"]["filename_prefix"] = f"{prefix}_{tag}"
            found = True
    return found


def _input(id: str, node: Mapping[str, Any], kind: str) -> str:
    inputs: Mapping[str, Any] = node.get("inputs", {})
    for name in INPUTS.get(kind, ()):
        # A list is a wire from another node, which would be cut.
        if name in inputs and not isinstance(inputs[name], list):
            return name
    if kind not in INPUTS:
        return ""
    raise BadRequest(
        f"node {id} ({node.get('class_type')}) is titled for {kind}, but has none of the inputs "
        f"{', '.join(INPUTS[kind])}; name it in video options.places"
    )


def _found(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Where the video is: video nodes list their files under `images`, `videos` or `gifs`."""
    for node in outputs.values():
        for listed in ("videos", "gifs", "images"):
            for file in node.get(listed, []):
                # What a preview node keeps is listed first at times.
                if str(file.get("filename", "")).endswith(_ENDINGS) and file.get("type") != "temp":
                    return {k: str(file.get(k, "")) for k in ("filename", "subfolder", "type")}
    raise BadOutput(
        "the workflow made no video: end it with a node that saves one (SaveVideo); "
        "ComfyUI also lists nothing for nodes that it took from its cache"
    )


def _complaint(body: Any) -> str:
    """ComfyUI's error in one line: what, and in which node."""
    fields = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    error: Any = fields.get("error")
    said = str(cast("dict[str, Any]", error).get("message")) if isinstance(error, dict) else ""
    nodes: dict[str, Any] = fields.get("node_errors") or {}
    for id, node in nodes.items():
        faults: list[dict[str, Any]] = node.get("errors", [])
        for fault in faults:
            said += f"; node {id} ({node.get('class_type')}): {fault.get('message')} "
            said += str(fault.get("details", ""))
    return said.strip("; ") or str(fields)[:300]
