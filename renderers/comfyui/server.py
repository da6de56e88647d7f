"""A ComfyUI server: files that go up, workflows that run, what comes back.

Knows: that server's routes and traps. Does not know: what a workflow makes.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from renderers import http
from renderers.comfyui.workflow import Nodes, lacks, renamed
from renderers.errors import BadOutput, BadRequest, OutOfMemory, RendererError, Unavailable
from renderers.jobs import Patience, json_of, sent
from renderers.loose import record_of

_FREE = {"unload_models": True, "free_memory": True}
# Files that go up are in no list of choices that was read before.
_UPLOADED = ("LoadImage", "LoadImageMask", "LoadImageOutput", "LoadAudio", "LoadVideo")


class ComfyServer:
    """One server at `base_url`; jobs one at a time."""

    def __init__(self, base_url: str, patience: Patience) -> None:
        self.url = base_url.rstrip("/")
        self._patience = patience
        self._client = http.client(base_url, timeout=httpx.Timeout(30.0, read=300.0))
        self._info: dict[str, Any] | None = None

    def close(self) -> None:
        self._client.close()

    def info(self) -> dict[str, Any]:
        """What the server says of its nodes, asked once."""
        if self._info is None:
            self._info = json_of(self.send("GET", "/object_info"))
        return self._info

    def demand(self, nodes: Nodes) -> None:
        """
        Raises:
            Unavailable: the server lacks nodes or files that the workflow names.
        """
        if missing := self.lacking(nodes):
            raise Unavailable(f"ComfyUI at {self.url} lacks {'; '.join(missing)}")

    def lacking(self, nodes: Nodes) -> list[str]:
        """What the server lacks for a workflow, one line each."""
        told = {k: node for k, node in nodes.items() if node["class_type"] not in _UPLOADED}
        # A file that was put there meanwhile is seen.
        self._info = None
        return list(lacks(told, self.info()))

    def upload(self, data: bytes, ending: str) -> str:
        """The name under which a workflow refers to the file."""
        # Named by its content: the server caches by name, and must not take an older file.
        name = f"storyboard_{hashlib.sha256(data).hexdigest()[:20]}.{ending}"
        files = {"image": (name, data), "overwrite": (None, "true")}
        body = self._post("/upload/image", files=files)
        folder = body.get("subfolder") or ""
        return f"{folder}/{body['name']}" if folder else str(body.get("name", name))

    def made(self, workflow: Nodes, endings: tuple[str, ...], what: str) -> bytes:
        """The first file with one of these endings that the workflow makes.

        Raises:
            BadRequest: ComfyUI refuses the workflow; it names the node.
            OutOfMemory: the card is full; its models have been unloaded.
            Unavailable: no server, or it takes too long.
            BadOutput: the workflow failed, or made no such file.
        """
        # A workflow that it has run before (a run that was killed sent it) is taken from its cache,
        # which lists no files: under another name they are saved once more, and nothing else is.
        outputs = self._run(workflow) or (renamed(workflow) and self._run(workflow)) or {}
        return self.send("GET", "/view", params=_found(outputs, endings, what)).content

    def release(self) -> None:
        self.send("POST", "/free", json=_FREE)

    # --- jobs ---------------------------------------------------------------

    def _start(self, workflow: Nodes) -> str:
        body = self._post("/prompt", json={"prompt": workflow, "client_id": uuid.uuid4().hex})
        if body.get("node_errors"):
            raise BadRequest(f"{self.url} refuses the workflow: {_complaint(body)}")
        job = body.get("prompt_id")
        if not isinstance(job, str) or not job:
            raise BadOutput(f"{self.url}/prompt started no job: {str(body)[:200]}")
        return job

    def _run(self, workflow: Nodes) -> dict[str, Any]:
        job = self._start(workflow)
        try:
            return self._patience.wait(lambda: self._look(job), self.url)
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
                raise Unavailable(f"{self.url} has lost the job: was it started anew?")
        if entry is None:
            return None
        status: dict[str, Any] = entry.get("status") or {}
        if status.get("status_str") == "error":
            raise self._failed(status)
        return entry.get("outputs") or {}

    def _entry(self, job: str) -> dict[str, Any] | None:
        return json_of(self.send("GET", f"/history/{job}")).get(job)

    def _queued(self, state: str) -> list[str]:
        """The jobs that run, or wait."""
        listed: list[Any] = json_of(self.send("GET", "/queue")).get(f"queue_{state}") or []
        return [str(item[1]) for item in listed]

    def _give_up(self, job: str) -> None:
        """Take the job from the queue, or stop it: others' work goes on."""
        with suppress(RendererError):
            if job in self._queued("pending"):
                self.send("POST", "/queue", json={"delete": [job]})
            # Older servers read no body and stop whatever runs: only if that is ours.
            elif job in self._queued("running"):
                self.send("POST", "/interrupt", json={"prompt_id": job})

    def _failed(self, status: Mapping[str, Any]) -> Exception:
        for kind, detail in status.get("messages", []):
            if kind == "execution_error":
                text = f"{detail.get('node_type')}: {detail.get('exception_message', '').strip()}"
                if "out of memory" in text.lower():
                    # A full card stays full: its models are kept after an error.
                    self.release()
                    return OutOfMemory(f"{self.url}: {text}; use a smaller resolution")
                return BadOutput(f"{self.url}: the workflow failed in {text}")
        return BadOutput(f"{self.url}: the workflow failed, and does not say where")

    def _post(self, path: str, **arguments: Any) -> dict[str, Any]:
        return json_of(self.send("POST", path, **arguments))

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        answer = sent(self._client, method, f"{self.url}{path}", **arguments)
        if answer.is_success:
            return answer
        try:
            said = _complaint(answer.json())
        except ValueError:
            said = answer.text[:300]
        kind = BadRequest if answer.status_code == 400 else Unavailable
        raise kind(f"{self.url}{path} answers {answer.status_code}: {said}")


def _found(outputs: Mapping[str, Any], endings: tuple[str, ...], what: str) -> dict[str, str]:
    """Where a file is: video nodes list theirs under `images`, `videos` or `gifs`."""
    for node in outputs.values():
        for listed in ("videos", "gifs", "images"):
            for file in node.get(listed, []):
                # What a preview node keeps is listed first at times.
                if str(file.get("filename", "")).endswith(endings) and file.get("type") != "temp":
                    return {k: str(file.get(k, "")) for k in ("filename", "subfolder", "type")}
    raise BadOutput(
        f"the workflow made no {what}: end it with a node that saves one "
        f"({'SaveVideo' if what == 'video' else 'SaveImage'}); "
        "ComfyUI also lists nothing for nodes that it took from its cache"
    )


def _complaint(body: Any) -> str:
    """ComfyUI's error in one line: what, and in which node."""
    fields = record_of(body)
    said = str(record_of(fields.get("error")).get("message", ""))
    nodes: dict[str, Any] = fields.get("node_errors") or {}
    for id, node in nodes.items():
        faults: list[dict[str, Any]] = node.get("errors", [])
        for fault in faults:
            said += f"; node {id} ({node.get('class_type')}): {fault.get('message')} "
            said += str(fault.get("details", ""))
    return said.strip("; ") or str(fields)[:300]
