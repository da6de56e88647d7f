"""Ollama's server as a program: `ollama serve` with its version, its pull and one answer.

A pull writes the manifest last, as the real one does; `OLLAMA_FAKE_FAIL` makes the registry fail.

Knows: the routes that a setup and a canary use. Does not know: models.
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.say({"version": "0.30.0"})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name, _, tag = asked["model"].partition(":")
        library = Path("~/.ollama/models/manifests/registry.ollama.ai/library").expanduser()
        manifest = library / name / tag
        if self.path == "/api/pull":
            if os.environ.get("OLLAMA_FAKE_FAIL"):
                self.say({"error": "pull model manifest: dial tcp: no route to host"})
                return
            lines: list[dict[str, Any]] = [{"status": "pulling manifest"}]
            lines += [
                {"status": "pulling aa11", "total": 2000, "completed": done}
                for done in (500, 1000, 2000)
            ]
            manifest.parent.mkdir(parents=True, exist_ok=True)
            manifest.write_text("{}")
            self.send_response(200)
            self.end_headers()
            for line in [*lines, {"status": "success"}]:
                self.wfile.write(json.dumps(line).encode() + b"\n")
        elif not manifest.is_file():
            self.send_response(404)
            self.end_headers()
            self.wfile.write(b'{"error": {"message": "model not found, try pulling it first"}}')
        else:
            self.say({"choices": [{"message": {"role": "assistant", "content": "ready"}}]})

    def say(self, data: object) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(data).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


if __name__ == "__main__":
    assert sys.argv[1] == "serve"
    host, _, port = os.environ["OLLAMA_HOST"].partition(":")
    ThreadingHTTPServer((host, int(port)), Handler).serve_forever()
