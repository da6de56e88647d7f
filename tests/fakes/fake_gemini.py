"""A Gemini service for tests: real HTTP on loopback, its dialect, and its traps on demand.

    with FakeGemini([{"text": '{"score": 80}'}, {"status": 429}]) as server:
        GeminiReview("gemini-fake", api_key="k", base_url=server.url)

As the real one, it wants the key in a header, sends enumerations in capitals, leaves out
what is empty (a blocked prompt has no `candidates` at all), takes uploads in two requests
and shows a file as PROCESSING before it is ACTIVE.

Knows: what the service sends. Does not know: models.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from loopback import Answer, Call, LoopbackServer


class Reply(TypedDict, total=False):
    """One scripted answer. Absent fields are what a sound service sends."""

    text: str
    thought: str
    status: int
    error: str
    finish_reason: str
    block_reason: str
    no_candidates: bool


@dataclass
class Upload:
    """A file that was sent, and how many looks still find it in processing."""

    name: str
    size: int
    kind: str
    data: bytes = b""
    processing: int = 0
    deleted: bool = False


@dataclass
class FakeGemini(LoopbackServer):
    """Answers in the order of `script`, the last one for ever.

    `processing` is how many looks find an upload still in processing, `broken` makes it fail
    then, `key` is the only one accepted. `requests` keeps every question received.
    """

    script: Sequence[Reply]
    key: str = "fake-key"
    processing: int = 0
    broken: bool = False
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])
    _answered: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.listen()

    def respond(self, call: Call) -> Answer:
        if call.path.startswith("/send/"):
            return self._receive(call)
        if (key := call.headers.get("x-goog-api-key")) != self.key:
            said = f"API key not valid. Please pass a valid API key. Got {key}"
            return _error(400, said)
        name = call.path.removeprefix("/v1beta/")
        if name in self.uploads and call.method == "DELETE":
            self.uploads[name].deleted = True
            return Answer.json(200, {})
        if name in self.uploads and call.method == "GET":
            return Answer.json(200, self.file(name))
        if call.path.startswith("/upload/v1beta/files"):
            size = int(call.headers["x-goog-upload-header-content-length"])
            kind = call.headers["x-goog-upload-header-content-type"]
            begun = self.start_upload(size, kind).name
            return Answer.json(200, {}, {"x-goog-upload-url": f"{self.url}/send/{begun}"})
        if re.fullmatch(r"/v1beta/models/[\w.-]+:generateContent", call.path):
            return self.generate(call.json())
        return _error(404, f"{call.path} is not found")

    def _receive(self, call: Call) -> Answer:
        upload = self.uploads[call.path.removeprefix("/send/")]
        upload.data += call.body
        final = "finalize" in call.headers["x-goog-upload-command"]
        status = {"x-goog-upload-status": "final" if final else "active"}
        return Answer.json(200, {"file": self.file(upload.name)} if final else {}, status)

    def generate(self, body: dict[str, Any]) -> Answer:
        with self._lock:
            self.requests.append(body)
            reply = self.script[min(self._answered, len(self.script) - 1)]
            self._answered += 1
        if (status := reply.get("status", 200)) != 200:
            return _error(status, reply.get("error", "Resource has been exhausted"))
        return Answer.json(200, _response(reply))

    def start_upload(self, size: int, kind: str) -> Upload:
        with self._lock:
            name = f"files/fake{len(self.uploads) + 1}"
            self.uploads[name] = Upload(name, size, kind, processing=self.processing)
            return self.uploads[name]

    def file(self, name: str) -> dict[str, Any]:
        upload = self.uploads[name]
        state = "FAILED" if self.broken else "ACTIVE"
        if upload.processing > 0:
            upload.processing -= 1
            state = "PROCESSING"
        told: dict[str, Any] = {
            "name": upload.name,
            "mimeType": upload.kind,
            "sizeBytes": str(len(upload.data)),
            "uri": f"{self.url}/v1beta/{upload.name}",
            "state": state,
        }
        if state == "FAILED":
            told["error"] = {"code": 3, "message": "The video is corrupt."}
        return told


def _error(status: int, message: str) -> Answer:
    names = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
    name = names.get(status, "RESOURCE_EXHAUSTED" if status == 429 else "UNAVAILABLE")
    told = {"error": {"code": status, "message": message, "status": name}}
    return Answer.json(status, told)


def _response(reply: Reply) -> dict[str, Any]:
    usage = {"promptTokenCount": 2500, "candidatesTokenCount": 450, "thoughtsTokenCount": 50}
    told: dict[str, Any] = {"usageMetadata": usage, "modelVersion": "gemini-fake-001"}
    if reason := reply.get("block_reason"):
        return {**told, "promptFeedback": {"blockReason": reason}}
    if reply.get("no_candidates"):
        return told
    parts = [{"text": reply["thought"], "thought": True}] if "thought" in reply else []
    if text := reply.get("text"):
        parts.append({"text": text})
    # An answer that never began has a content without parts.
    content = {"role": "model", "parts": parts} if parts else {"role": "model"}
    finish = reply.get("finish_reason", "STOP")
    return {**told, "candidates": [{"content": content, "finishReason": finish, "index": 0}]}
