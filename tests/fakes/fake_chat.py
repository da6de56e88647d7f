"""A chat server for tests: real HTTP on loopback, real dialects, and their traps on demand.

    with FakeChatServer([{"text": "hello"}, {"status": 429, "retry_after": 0}]) as server:
        OpenAIChat(server.url, "fake")

Knows: what servers send. Does not know: models.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict

from loopback import Answer, Call, LoopbackServer


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
    raw: str
    """The whole body, whatever it is."""
    trickle: float
    """Seconds between the blanks that are sent before an answer that never comes."""
    slow_head: float
    """Seconds between headers, of which there is no end."""
    bad_gzip: bool
    pause: float
    """Seconds between the pieces of a streamed answer."""
    body: Any
    """What is sent with `status` in place of the usual error."""


PIECE = 24
"""Characters of a piece of a streamed answer."""
Script = Sequence[Reply] | Callable[[dict[str, Any]], Reply]


class FakeChatServer(LoopbackServer):
    """Answers in the order of `script` (the last one for ever), or as its function says.

    `refuses` lists the `response_format` types that this server does not know, as older
    ones answer: with a 400 that names the field. `requests` keeps every body received.
    """

    root_path = "/v1"

    def __init__(self, script: Script, *, model: str = "fake", refuses: Sequence[str] = ()) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._script = script
        self._refuses = refuses
        self._model = model
        self._lock = threading.Lock()
        self._answered = 0
        self.pieces = 0
        """Pieces of streamed answers that were sent while somebody listened."""
        self.asleep: bool | None = None
        """What `/is_sleeping` says; None: there is no such path."""
        self.context: int | None = None
        """What `/v1/models` says of the model's context."""
        self.listen()

    def respond(self, call: Call) -> Answer | None:
        if call.method == "GET":
            return self._about(call.path)
        self.headers.append(dict(call.headers))
        body = call.json()
        reply = self._reply(body)
        time.sleep(reply.get("wait", 0.0))
        if reply.get("hang_up"):
            return None
        if "slow_head" in reply:
            return Answer(slow_head=reply["slow_head"])
        if reply.get("bad_gzip"):
            return Answer(body=b"no gzip at all", headers={"Content-Encoding": "gzip"})
        if "raw" in reply:
            return Answer(200, reply["raw"].encode(errors="surrogatepass"))
        if "trickle" in reply:
            return Answer(trickle=reply["trickle"])
        status = reply.get("status", 200)
        if status == 200:
            # As real servers do: raw control characters stay raw inside JSON strings of the
            # *content*; the envelope itself is sound.
            if body.get("stream"):
                return Answer(kind="text/event-stream", pieces=self._stream(reply))
            return Answer.json(200, self._completion(reply))
        wait = {"Retry-After": str(reply["retry_after"])} if "retry_after" in reply else {}
        if "body" in reply:
            told = reply["body"]
            if isinstance(told, str):
                return Answer(status, told.encode(), "text/plain", wait)
            return Answer.json(status, told, wait)
        return Answer.json(status, {"error": {"message": reply.get("error", "")}}, wait)

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

    def _about(self, path: str) -> Answer:
        if path == "/is_sleeping" and self.asleep is not None:
            return Answer.json(200, {"is_sleeping": self.asleep})
        if path.endswith("/models"):
            told = {"id": self._model, "object": "model"}
            more = {} if self.context is None else {"max_model_len": self.context}
            return Answer.json(200, {"object": "list", "data": [{**told, **more}]})
        return Answer.json(404, {"detail": "Not Found"})

    def _stream(self, reply: Reply) -> Iterator[bytes]:
        """The completion in pieces of a few characters, as servers send them."""
        whole = self._completion(reply)
        head = {"id": whole["id"], "object": "chat.completion.chunk", "model": whole["model"]}
        for choice in whole["choices"]:
            for field, text in choice["message"].items():
                for at in range(0, len(text) if field != "role" else 0, PIECE):
                    delta = {field: text[at : at + PIECE]}
                    yield self._event({**head, "choices": [{"index": 0, "delta": delta}]})
                    time.sleep(reply.get("pause", 0.0))
            ended: dict[str, Any] = {
                "index": 0,
                "delta": {},
                "finish_reason": choice["finish_reason"],
            }
            yield self._event({**head, "choices": [ended]})
        yield self._event({**head, "choices": [], "usage": whole["usage"]})
        yield b"data: [DONE]\n\n"

    def _event(self, data: dict[str, Any]) -> bytes:
        self.pieces += 1
        return f"data: {json.dumps(data)}\n\n".encode()

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
