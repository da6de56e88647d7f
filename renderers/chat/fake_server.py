"""A chat server for tests: real HTTP on loopback, real dialects, and their traps on demand.

    with FakeChatServer([{"text": "hello"}, {"status": 429, "retry_after": 0}]) as server:
        OpenAIChat(server.url, "fake")

Knows: what servers send. Does not know: models.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from renderers.loopback import Answer, Call, LoopbackServer


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
        self.listen()

    def respond(self, call: Call) -> Answer | None:
        if call.method == "GET":
            return Answer.json(
                200, {"object": "list", "data": [{"id": self._model, "object": "model"}]}
            )
        self.headers.append(dict(call.headers))
        reply = self._reply(call.json())
        time.sleep(reply.get("wait", 0.0))
        if reply.get("hang_up"):
            return None
        if "raw" in reply:
            return Answer(200, reply["raw"].encode(errors="surrogatepass"))
        if "trickle" in reply:
            return Answer(trickle=reply["trickle"])
        status = reply.get("status", 200)
        if status == 200:
            # As real servers do: raw control characters stay raw inside JSON strings of the
            # *content*; the envelope itself is sound.
            return Answer.json(200, self._completion(reply))
        wait = {"Retry-After": str(reply["retry_after"])} if "retry_after" in reply else {}
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
