"""A Gemini service for tests: real HTTP on loopback, its dialect, and its traps on demand.

    with FakeGemini([{"text": '{"score": 80}'}, {"status": 429}]) as server:
        GeminiReview("gemini-fake", api_key="k", base_url=server.url)

As the real one, it wants the key in a header, sends enumerations in capitals, leaves out
what is empty (a blocked prompt has no `candidates` at all), takes uploads in two requests
and shows a file as PROCESSING before it is ACTIVE.

Knows: what the service sends. Does not know: models.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypedDict


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
class FakeGemini:
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
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def generate(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        with self._lock:
            self.requests.append(body)
            reply = self.script[min(self._answered, len(self.script) - 1)]
            self._answered += 1
        if (status := reply.get("status", 200)) != 200:
            return status, _error(status, reply.get("error", "Resource has been exhausted"))
        return 200, _response(reply)

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


def _error(status: int, message: str) -> dict[str, Any]:
    names = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
    name = names.get(status, "RESOURCE_EXHAUSTED" if status == 429 else "UNAVAILABLE")
    return {"error": {"code": status, "message": message, "status": name}}


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


def _handler(fake: FakeGemini) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.removeprefix("/v1beta/")
            if not self._allowed():
                return
            if name not in fake.uploads:
                self._send(404, _error(404, "not found"))
                return
            self._send(200, fake.file(name))

        def do_DELETE(self) -> None:
            if self._allowed():
                fake.uploads[self.path.removeprefix("/v1beta/")].deleted = True
                self._send(200, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path.startswith("/send/"):
                self._receive(body)
                return
            if not self._allowed():
                return
            if self.path.startswith("/upload/v1beta/files"):
                size = int(self.headers["X-Goog-Upload-Header-Content-Length"])
                kind = self.headers["X-Goog-Upload-Header-Content-Type"]
                name = fake.start_upload(size, kind).name
                self._send(200, {}, {"x-goog-upload-url": f"{fake.url}/send/{name}"})
            elif re.fullmatch(r"/v1beta/models/[\w.-]+:generateContent", self.path):
                self._send(*fake.generate(json.loads(body)))
            else:
                self._send(404, _error(404, f"{self.path} is not found"))

        def _receive(self, body: bytes) -> None:
            upload = fake.uploads[self.path.removeprefix("/send/")]
            upload.data += body
            final = "finalize" in self.headers["X-Goog-Upload-Command"]
            status = {"x-goog-upload-status": "final" if final else "active"}
            self._send(200, {"file": fake.file(upload.name)} if final else {}, status)

        def _allowed(self) -> bool:
            if self.headers.get("x-goog-api-key") == fake.key:
                return True
            said = "API key not valid. Please pass a valid API key."
            self._send(400, _error(400, f"{said} Got {self.headers.get('x-goog-api-key')}"))
            return False

        def _send(
            self, status: int, data: dict[str, Any], headers: dict[str, str] | None = None
        ) -> None:
            payload = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
