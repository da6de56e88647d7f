"""An answer as it comes: put together from the pieces of a stream, or read whole.

An answer that repeats itself is stopped while it is written: what a model would still say
costs time and money, and none of it is used.

Knows: server-sent events, the pieces of a chat completion. Does not know: sockets, clocks.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Any

from renderers.chat.answer import is_runaway
from renderers.chat.completion import Completion
from renderers.chat.refusals import error_within
from renderers.errors import BadOutput
from renderers.loose import list_of, record_of, text_of
from renderers.usage import Usage

LOOKED_AT = 256
"""Characters after which an answer under way is looked at once more."""
TAIL = 4000
"""Characters of its end that are looked at."""
CHARACTERS_A_TOKEN = 4
"""For what a server does not count: no more than this in English, fewer elsewhere."""

MOST_LINES = 64
"""Of one event: most servers send one."""
_NO_JSON = "a piece of the stream is no JSON"


def completion(pieces: Iterable[bytes], asked: int) -> Completion:
    """The completion that the pieces of a body hold, streamed or not.

    `asked` is the question's length in characters, for servers that count no tokens of a
    stream.

    Raises:
        BadOutput: it is no completion, was cut off, or repeats itself.
        Declined: it is a refusal.
    """
    body, lines = bytearray(), _Lines()
    stream: _Stream | None = None
    for piece in pieces:
        if stream is None:
            body += piece
            start = bytes(body.removeprefix(BOM_UTF8).lstrip()[:6])
            if not start.startswith((b"data:", b":", b"event:", b"id:")):
                continue
            stream, piece = _Stream(asked), bytes(body.removeprefix(BOM_UTF8).lstrip())
        for line in lines.of(piece):
            stream.take(line)
    if stream is None:
        return Completion.parse(bytes(body.removeprefix(BOM_UTF8)))
    stream.take(lines.end())
    return stream.whole()


class Watch:
    """Looks at an answer under way, every `LOOKED_AT` characters."""

    def __init__(self) -> None:
        self._said: dict[str, list[str]] = {}
        self._seen = self._pieces = self._written = 0

    def hear(self, kind: str, text: str) -> None:
        """One more piece of one kind (content, reasoning, …).

        Raises:
            BadOutput: what it is a piece of repeats itself.
        """
        self._said.setdefault(kind, []).append(text)
        self._pieces += 1
        self._written += len(text)
        if self._written - self._seen < LOOKED_AT:
            return
        self._seen = self._written
        tail = "".join(self._said[kind][-TAIL:])[-TAIL:]
        # A plan repeats its keys; only what it says may not repeat itself.
        if any(is_runaway(part) for part in tail.split('"')):
            raise BadOutput("the answer repeats itself")

    def said(self, kind: str) -> str:
        return "".join(self._said.get(kind, []))

    @property
    def tokens(self) -> int:
        """About as many as were written, for a service that has not counted them."""
        return max(self._pieces, self._written // CHARACTERS_A_TOKEN)


class _Lines:
    """Whole lines of what comes in pieces, however they end."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []

    def of(self, piece: bytes) -> list[bytes]:
        self._rest.append(piece)
        if b"\n" not in piece and b"\r" not in piece:
            return []
        # A line feed may follow in the next piece.
        whole, after = b"".join(self._rest), b""
        if whole.endswith(b"\r"):
            whole, after = whole[:-1], b"\r"
        *lines, last = re.split(rb"\r\n|\r|\n", whole)
        self._rest = [last + after]
        return lines

    def end(self) -> bytes:
        return b"".join(self._rest)


class _Stream:
    def __init__(self, asked: int) -> None:
        self._asked = asked
        self._watch = Watch()
        self._finish = self._model = ""
        self._usage: dict[str, Any] = {}
        self._held: list[bytes] = []
        """Lines of an event that is not whole yet."""
        self._ended = False

    def take(self, line: bytes) -> None:
        name, _, value = line.strip().partition(b":")
        if name == b"data" and value.strip() == b"[DONE]":
            self._ended = True
        elif name == b"data" and value.strip():
            self._held.append(value)
            try:
                data = record_of(json.loads(b"\n".join(self._held)))
            except (ValueError, RecursionError):
                if len(self._held) > MOST_LINES:
                    raise self._useless(_NO_JSON) from None
                return
            self._held.clear()
            self._event(data)
        elif not name and self._held:
            raise self._useless(_NO_JSON)

    def _event(self, data: dict[str, Any]) -> None:
        if declined := error_within(data):
            raise declined
        self._model = str(data.get("model") or self._model)
        if isinstance(data.get("usage"), dict):
            self._usage = data["usage"]
        for choice in map(record_of, list_of(data.get("choices"))):
            if not choice.get("index"):
                self._choice(choice)

    def _choice(self, choice: dict[str, Any]) -> None:
        self._finish = str(choice.get("finish_reason") or self._finish)
        told = record_of(choice.get("delta") or choice.get("message"))
        reasoning = told.get("reasoning") or told.get("reasoning_content")
        for kind, text in (
            ("content", told.get("content")),
            ("reasoning", reasoning),
            ("refusal", told.get("refusal")),
        ):
            if said := text_of(text):
                try:
                    self._watch.hear(kind, said)
                except BadOutput as error:
                    raise self._useless(str(error)) from None

    def whole(self) -> Completion:
        if self._held:
            raise self._useless(_NO_JSON)
        if not self._finish and not self._ended:
            raise self._useless("the stream broke off")
        said = {kind: self._watch.said(kind) for kind in ("content", "reasoning", "refusal")}
        choice = {"message": said, "finish_reason": self._finish}
        usage = self._usage or self._counted()
        data = {"choices": [choice], "model": self._model, "usage": usage}
        return Completion.of(data)

    def _counted(self) -> dict[str, int]:
        read = self._asked // CHARACTERS_A_TOKEN
        return {"prompt_tokens": read, "completion_tokens": self._watch.tokens}

    def _useless(self, fault: str) -> BadOutput:
        count = self._counted()
        return BadOutput(fault).costing(
            Usage(1, count["prompt_tokens"], count["completion_tokens"])
        )
