"""An image server for tests: real HTTP on loopback in the dialects of vLLM-Omni and SGLang.

    with FakeImageServer("vllm-omni", model="qwen-image") as server:
        OpenAIImages(server.url, "qwen-image", dialect="vllm-omni")

It draws panes of colour under an even sky that depend on everything asked, so that two requests
that differ give pictures that differ.

Knows: what these servers take, refuse and send. Does not know: models.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

import skia

Dialect = Literal["openai", "vllm-omni", "sglang"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    fields: Mapping[str, Any]
    files: tuple[bytes, ...] = ()


@dataclass
class FakeImageServer:
    """Answers like `dialect`, for `model` alone; `edits=False` has no edit path.

    `fails` scripts errors: (status, message) pairs that are answered first, in order.
    """

    dialect: Dialect = "vllm-omni"
    model: str = "fake-image"
    edits: bool = True
    fails: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    code: str | None = None
    """The error code that goes with `fails`."""
    blanks: int = 0
    """How many pictures come out as one even colour, before the others."""
    requests: list[Asked] = field(default_factory=list[Asked])

    def __post_init__(self) -> None:
        self._drawn: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked) -> tuple[int, dict[str, Any]]:
        self.requests.append(asked)
        if self.fails:
            status, message = self.fails.pop(0)
            return status, {"error": {"message": message, "code": self.code}}
        if asked.path.endswith("/edits") and not self.edits:
            return 404, {"detail": "Not Found"}
        if asked.fields.get("model", self.model) != self.model:
            message = f"Model mismatch: request specifies '{asked.fields['model']}'"
            return 400, {"error": {"message": message, "code": None}}
        form = asked.fields.get("response_format")
        if refused := self._refusal(form):
            return 400, {"error": {"message": refused, "code": None}}
        self.blanks, blank = max(0, self.blanks - 1), self.blanks > 0
        picture = _picture(asked, blank)
        if self.dialect == "sglang" and form != "b64_json":
            name = hashlib.sha256(picture).hexdigest()[:12]
            self._drawn[name] = picture
            return 200, {"created": 1, "data": [{"url": f"/files/{name}.png"}]}
        return 200, {"created": 1, "data": [{"b64_json": base64.b64encode(picture).decode()}]}

    def _refusal(self, form: Any) -> str:
        if self.dialect == "vllm-omni" and form not in (None, "b64_json", "file"):
            return f"response_format '{form}' is not one of b64_json, file"
        if self.dialect == "openai" and form is not None:
            return "Unknown parameter: 'response_format'."
        return ""

    def file(self, name: str) -> bytes | None:
        return self._drawn.get(name)


def _picture(asked: Asked, blank: bool) -> bytes:
    said = json.dumps([asked.path, dict(asked.fields)], sort_keys=True).encode()
    digest = hashlib.sha256(said)
    for each in asked.files:
        digest.update(each)
    red, green, blue, *panes = digest.digest()
    width, height = (int(side) for side in str(asked.fields["size"]).split("x"))
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(red, green, blue))
    # Three by nine panes below a third of sky, each black or white or something between.
    for i, level in enumerate([] if blank else panes[:27]):
        left, top = i % 3 * width / 3, (3 + i // 3 * 2 / 3) * height / 9
        paint = skia.Paint(Color=skia.Color(level, 255 - level, level * 7 % 256))
        canvas.drawRect(skia.Rect.MakeXYWH(left, top, width / 3, height * 2 / 27), paint)
    image = surface.makeImageSnapshot()
    return bytes(image.encodeToData(skia.EncodedImageFormat.kPNG, 100))


def form(content_type: str, body: bytes) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    """Fields and files of a multipart body."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    fields: dict[str, Any] = {}
    files: list[bytes] = []
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        assert isinstance(part, Message)
        name = str(part.get_param("name", header="content-disposition"))
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        if part.get_filename():
            files.append(data)
        else:
            fields[name] = data.decode()
    return fields, tuple(files)


def _handler(fake: FakeImageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = fake.file(self.path.rpartition("/")[2].removesuffix(".png"))
            self._send(200 if data else 404, "image/png", data or b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            if kind.startswith("multipart/"):
                fields, files = form(kind, body)
            else:
                fields, files = json.loads(body), ()
            status, answer = fake.answer(Asked(self.path, fields, files))
            self._send(status, "application/json", json.dumps(answer).encode())

        def _send(self, status: int, kind: str, payload: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
