"""A chat server for tests: real HTTP on loopback, real dialects, and their traps on demand.

    with FakeChatServer([{"text": "hello"}, {"status": 429, "retry_after": 0}]) as server:
        OpenAIChat(server.url, "fake")

Knows: what servers send. Does not know: models.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self, TypedDict


class Reply(TypedDict, total=False):
    """One scripted answer. Absent fields are what a sound server sends."""

    text: str
    status: int
    retry_after: float
    error: str
    finish_reason: str
    reasoning: str
    reasoning_content: str
    refusal: str
    wait: float
    hang_up: bool
    no_choice: bool


Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


class FakeChatServer:
    """Answers in the order of `script` (the last one for ever), or as its function says.

    `refuses` lists the `response_format` types that this server does not know, as older
    ones answer: with a 400 that names the field. `requests` keeps every body received.
    """

    def __init__(self, script: Script, *, model: str = "fake", refuses: Sequence[str] = ()) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._script = script
        self._refuses = refuses
        self._model = model
        self._lock = threading.Lock()
        self._answered = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
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

    def _reply(self, body: dict[str, Any]) -> Reply:
        asked: dict[str, Any] = body.get("response_format") or {}
        form = str(asked.get("type", ""))
        with self._lock:
            self.requests.append(body)
            if form in self._refuses:
                return {"status": 400, "error": f"response_format: '{form}' is not supported"}
            if callable(self._script):
                return self._script(body)
            reply = self._script[min(self._answered, len(self._script) - 1)]
            self._answered += 1
            return reply

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._send(
                    200, {"object": "list", "data": [{"id": fake._model, "object": "model"}]}
                )

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.headers.append({k.lower(): v for k, v in self.headers.items()})
                reply = fake._reply(body)
                time.sleep(reply.get("wait", 0.0))
                if reply.get("hang_up"):
                    self.close_connection = True
                    return
                status = reply.get("status", 200)
                if status != 200:
                    self._send(status, {"error": {"message": reply.get("error", "")}}, reply)
                else:
                    self._send(200, fake._completion(reply))

            def _send(self, status: int, data: Any, reply: Reply | None = None) -> None:
                # As real servers do: raw control characters stay raw inside JSON strings of
                # the *content*; the envelope itself is sound.
                payload = json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(payload)))
                if reply is not None and "retry_after" in reply:
                    self.send_header("Retry-After", str(reply["retry_after"]))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def _completion(self, reply: Reply) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": reply.get("text", "")}
        for field in ("reasoning", "reasoning_content", "refusal"):
            if said := reply.get(field):
                message[field] = said
        choice = {
            "index": 0,
            "message": message,
            "finish_reason": reply.get("finish_reason", "stop"),
        }
        return {
            "id": "chatcmpl-fake",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self._model,
            "choices": [] if reply.get("no_choice") else [choice],
            "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
        }
