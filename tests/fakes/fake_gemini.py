"""A Gemini service for tests: real HTTP on loopback, its dialect, and its traps on demand.

    with FakeGemini([{"text": '{"score": 80}'}, {"status": 429}]) as server:
        GeminiReview("gemini-fake", api_key="k", base_url=server.url)

A question is asked with `streamGenerateContent?alt=sse`: one event for each few characters,
ended by CR and LF, thoughts before text, counts that grow, the reason for the end in the last
one; bytes are sent as they fall, in the middle of a letter too.

As the real one, it wants the key in a header, sends enumerations in capitals, leaves out
what is empty (a blocked prompt has no `candidates` at all), takes uploads in two requests
and shows a file as PROCESSING before it is ACTIVE.

Knows: what the service sends. Does not know: models.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypedDict

from loopback import Answer, Call, LoopbackServer

PIECE = 12
"""Characters of an event."""
MOST_EVENTS = 10_000


class Reply(TypedDict, total=False):
    """One scripted answer. Absent fields are what a sound service sends."""

    text: str
    thought: str
    status: int
    error: str
    finish_reason: str
    block_reason: str
    no_candidates: bool
    retry_delay: str
    """What a busy service asks to wait for ("0.01s")."""
    pause: float
    """Seconds between the events."""
    breaks_off: int
    """Events after which the connection is closed."""
    then_error: int
    """Events after which an error comes, as lines of plain JSON."""
    raw: bytes
    """The whole stream, whatever it is."""


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
    events: int = 0
    """Sent while somebody listened."""
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
        if re.fullmatch(r"/v1beta/models/[\w.-]+:streamGenerateContent", call.path):
            assert call.query == {"alt": "sse"}
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
            said = reply.get("error", "Resource has been exhausted")
            return _error(status, said, reply.get("retry_delay", ""))
        return Answer(kind="text/event-stream", pieces=self._stream(reply))

    def _stream(self, reply: Reply) -> Iterator[bytes]:
        if "raw" in reply:
            yield reply["raw"]
            return
        stop = reply.get("breaks_off", reply.get("then_error", MOST_EVENTS))
        whole = b""
        for told in islice(_events(reply), stop):
            # Raw letters, as the service sends them, cut where no letter ends.
            whole += f"data: {json.dumps(told, ensure_ascii=False)}\r\n\r\n".encode()
            cut = max(1, len(whole) - 9)
            yield whole[:cut]
            whole = whole[cut:]
            self.events += 1
            time.sleep(reply.get("pause", 0.0))
        if "then_error" in reply:
            whole += _told(503, reply.get("error", "The model is overloaded.")).encode()
        yield whole

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


def _error(status: int, message: str, delay: str = "") -> Answer:
    return Answer(status, _told(status, message, delay).encode())


def _told(status: int, message: str, delay: str = "") -> str:
    """An error as the service words it, on several lines."""
    names = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
    name = names.get(status, "RESOURCE_EXHAUSTED" if status == 429 else "UNAVAILABLE")
    told: dict[str, Any] = {"code": status, "message": message, "status": name}
    if delay:
        kind = "type.googleapis.com/google.rpc.RetryInfo"
        told["details"] = [{"@type": kind, "retryDelay": delay}]
    return json.dumps({"error": told}, indent=2)


def _events(reply: Reply) -> Iterator[dict[str, Any]]:
    head: dict[str, Any] = {"modelVersion": "gemini-fake-001", "responseId": "r1"}
    usage = {"promptTokenCount": 2500, "candidatesTokenCount": 450, "thoughtsTokenCount": 50}
    if reason := reply.get("block_reason"):
        yield {**head, "usageMetadata": usage, "promptFeedback": {"blockReason": reason}}
        return
    if reply.get("no_candidates"):
        yield {**head, "usageMetadata": usage}
        return
    pieces: list[dict[str, Any]] = [
        {"text": piece, "thought": True} for piece in _pieces(reply.get("thought", ""))
    ]
    pieces += [{"text": piece} for piece in _pieces(reply.get("text", ""))]
    for number, part in enumerate(pieces):
        candidate = {"content": {"role": "model", "parts": [part]}, "index": 0}
        grown = {"promptTokenCount": 2500, "thoughtsTokenCount": min(50, number)}
        yield {**head, "candidates": [candidate], "usageMetadata": grown}
    # The last one has an empty text with a signature, and where nothing was said no parts.
    last: dict[str, Any] = {"role": "model"}
    if pieces:
        last["parts"] = [{"text": "", "thoughtSignature": "EjQKMgEM"}]
    finish = reply.get("finish_reason", "STOP")
    ended = {"content": last, "finishReason": finish, "index": 0}
    yield {**head, "candidates": [ended], "usageMetadata": usage}


def _pieces(text: str) -> list[str]:
    return [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
