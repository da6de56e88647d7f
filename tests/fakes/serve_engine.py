"""The image server's dialect without its engine: draws coloured shapes at once, and sleeps.

    python serve_engine.py 8895

True in what bites: everything is a stream of events; sizes are whole patches; asleep, it
refuses with 503 until it is woken. (The server itself needs seconds to load torch.)
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import sys
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import skia

PATCH, LEAST = 32, 128


def draw(asked: dict[str, Any], references: list[bytes]) -> bytes:
    """A picture that depends on everything asked; no two alike, none flat."""
    said = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
    for reference in references:
        said.update(reference)
    rng = random.Random(said.digest())
    surface = skia.Surface(asked["width"], asked["height"])
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(*(rng.randrange(60, 200) for _ in range(3))))
    for _ in range(24):
        paint = skia.Paint(Color=skia.Color(*(rng.randrange(256) for _ in range(3))))
        left, top = rng.random() * asked["width"], rng.random() * asked["height"]
        side = asked["width"] * (0.05 + 0.3 * rng.random())
        canvas.drawRect(skia.Rect.MakeXYWH(left, top, side, side), paint)
    return bytes(surface.makeImageSnapshot().encodeToData(skia.EncodedImageFormat.kPNG, 100))


def asked_of(kind: str, body: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Fields and reference pictures of a body of either form."""
    if not kind.startswith("multipart/"):
        return json.loads(body), []
    fields: dict[str, Any] = {}
    files: list[bytes] = []
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    for part in message.iter_parts():
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if part.get_filename():
            files.append(data)
            continue
        text = data.decode()
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        fields[str(part.get_param("name", header="content-disposition"))] = value
    return fields, files


class Handler(BaseHTTPRequestHandler):
    asleep = False

    def do_GET(self) -> None:
        self._json(200 if self.path == "/health" else 404, {"status": "ok", "state": self._state()})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path in ("/sleep", "/wake"):
            Handler.asleep = path == "/sleep"
            self._json(200, {"state": self._state()})
        elif path.startswith("/generate/"):
            self._draw(*asked_of(self.headers["Content-Type"], body))
        else:
            self._fault(404, "not_found", path)

    def _draw(self, asked: dict[str, Any], references: list[bytes]) -> None:
        if Handler.asleep:
            self._fault(503, "asleep", "the weights are away: POST /wake first")
            return
        sides = asked["width"], asked["height"]
        if any(side % PATCH or side < LEAST for side in sides):
            self._fault(400, "invalid_request", f"{sides}: sides are whole patches of {PATCH}")
            return
        info = {"width": sides[0], "height": sides[1], "warnings": [], "reference_sizes": []}
        picture = base64.b64encode(draw(asked, references)).decode()
        image = {"index": 0, "seed": asked["seed"], "info": info, "b64_json": picture}
        events = [("queued", {"ahead": 0}), ("image", image), ("done", {"model": "fake"})]
        stream = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
        self._send(200, "text/event-stream", stream)

    def _state(self) -> str:
        return "asleep" if Handler.asleep else "awake"

    def _fault(self, status: int, code: str, message: str) -> None:
        self._json(status, {"error": {"code": code, "message": message}})

    def _json(self, status: int, data: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(data))

    def _send(self, status: int, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        return


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
