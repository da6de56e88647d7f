"""Answers of servers that break HTTP, their stream or their JSON, byte by byte (`raw_server`).

Knows: what is sent. Does not know: who reads it.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from renderers.errors import BadOutput, BadRequest, Refused, RendererError, Unavailable

KEY = "sk-secret-of-the-user-0123456789"
LINE = "Sir, your coffee is a poem 🙂."
SAID = json.dumps({"line": LINE}, ensure_ascii=False)


def head(kind: str = "text/event-stream", status: str = "200 OK", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *more]
    return "\r\n".join([*lines, "", ""]).encode()


def delta(**said: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": said}]}


END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def events(*told: Any, end: str = "\n\n", name: str = "data: ") -> bytes:
    return "".join(
        f"{name}{t if isinstance(t, str) else json.dumps(t, ensure_ascii=False)}{end}" for t in told
    ).encode()


def completion(message: Any, **more: Any) -> bytes:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], **more}, ensure_ascii=False).encode()


STREAM = events(delta(content=SAID[:9]), delta(content=SAID[9:]), END, "[DONE]")
WHOLE = completion({"role": "assistant", "content": SAID})


def chunked(data: bytes, size: int, extension: str = "") -> bytes:
    pieces = (data[i : i + size] for i in range(0, len(data), size))
    return b"".join(f"{len(p):x}{extension}\r\n".encode() + p + b"\r\n" for p in pieces)


def multi(data: dict[str, Any]) -> bytes:
    """One event on many lines of data, as the standard has it."""
    lines = json.dumps(data, indent=1, ensure_ascii=False).split("\n")
    return "".join(f"data: {line}\n" for line in lines).encode() + b"\n"


SOUND: dict[str, list[bytes]] = {
    "HTTP/1.0, ended by hanging up": [b"HTTP/1.0 200 OK\r\n\r\n", WHOLE],
    "as a page": [head("text/html; charset=latin-1"), WHOLE],
    "chunks with extensions and trailers": [
        head("text/event-stream", "200 OK", "Transfer-Encoding: chunked"),
        chunked(STREAM, 7, ";x=1"),
        b"0\r\nX-Checksum: abc\r\n\r\n",
    ],
    "a byte order mark before JSON": [head("application/json"), b"\xef\xbb\xbf" + WHOLE],
    "a byte order mark before a stream": [head(), b"\xef\xbb\xbf" + STREAM],
    "data without a blank": [head(), events(delta(content=SAID), END, "[DONE]", name="data:")],
    "lines ended by CR": [head(), events(delta(content=SAID), END, end="\r\r")],
    "lines ended by CR and LF, torn apart": [
        head(),
        *(bytes([b]) for b in events(delta(content=SAID), END, end="\r\n\r\n")),
    ],
    "no blank lines": [head(), events(delta(content=SAID), END, end="\n")],
    "every event twice": [
        head(),
        events(*[delta(content=SAID[:9])] * 2, *[delta(content=SAID[9:])] * 2, END),
    ],
    "events of many lines": [head(), multi(delta(content=SAID)), multi(END)],
    "no end of the last line": [head(), STREAM.removesuffix(b"data: [DONE]\n\n").rstrip()],
    "half letters": [
        head(),
        b'data: {"choices": [{"delta": {"content": "{\\"line\\": \\"Sir, your coffee is a poem \\ud83d"}}]}\n\n',
        b'data: {"choices": [{"delta": {"content": "\\ude42.\\"}"}, "finish_reason": "stop"}]}\n\n',
    ],
    "content in strange parts": [
        head(),
        events(delta(content=[SAID[:9], None, 7, {"type": "text", "text": SAID[9:]}]), END),
    ],
    "numbers that count nothing": [
        head("application/json"),
        completion({"content": SAID}, usage={"prompt_tokens": None, "completion_tokens": "many"}),
    ],
    "events without an end of choices": [
        head(),
        events({"choices": 5}, {"choices": {"a": 1}}, {"choices": [[]]}, 7, []),
        STREAM,
    ],
    "a greeting of a hundred headers": [
        head("application/json", "200 OK", *(f"X-{i}: {'y' * 90}" for i in range(100))),
        WHOLE,
    ],
}


ENDLESS = (
    "pings without an end",
    "a line without an end",
    "a hundred times Continue",
    "headers without an end",
)
"""Of the broken ones."""


def forever(first: bytes, then: bytes, pause: float = 0.01) -> Iterator[bytes]:
    yield first
    for _ in range(3000):
        yield then
        time.sleep(pause)


BOMB = gzip.compress(b" " * (200 * 2**20), 9)
TOOL = {"function": {"name": "line", "arguments": SAID}}
GZIP = "Content-Encoding: gzip"
BROKEN: dict[str, tuple[Callable[[], Iterable[bytes]], type[RendererError], str]] = {
    "a tool call in place of content": (
        lambda: [head(), events(delta(tool_calls=[TOOL]), END)],
        BadOutput,
        "empty",
    ),
    "nothing, and a refusal": (
        lambda: [head("application/json"), completion({"content": None, "refusal": "I will not."})],
        Refused,
        "I will not",
    ),
    "cut in the middle": (
        lambda: [
            head(),
            events(
                delta(content=SAID[:12]),
                {"choices": [{"delta": {}, "finish_reason": "length"}]},
            ),
        ],
        BadOutput,
        "was cut",
    ),
    "shorter than it says": (
        lambda: [head("application/json", "200 OK", "Content-Length: 9000"), WHOLE[:40]],
        Unavailable,
        "no answer from",
    ),
    "half a chunk": (
        lambda: [head("text/event-stream", "200 OK", "Transfer-Encoding: chunked"), b"ff\r\ndata"],
        Unavailable,
        "no answer from",
    ),
    "no HTTP": (lambda: [b"SSH-2.0-OpenSSH_9.6\r\n"], Unavailable, "no answer from"),
    "busy, as a page with the key": (
        lambda: [
            head("text/html", "503 Service Unavailable"),
            f"<html><h1>503</h1><p>Bearer {KEY}</p></html>".encode(),
        ],
        Unavailable,
        r"keeps answering 503.*\*\*\*",
    ),
    "busy until a day": (
        lambda: [
            head("text/plain", "429 Too Many", "Retry-After: Fri, 31 Dec 2999 23:59:59 GMT"),
            b"no",
        ],
        Unavailable,
        "keeps answering 429",
    ),
    "a bomb": (
        lambda: [head("application/json", "200 OK", GZIP), BOMB],
        Unavailable,
        "longer than 16 MB",
    ),
    "a bomb as a refusal": (
        lambda: [head("application/json", "400 Bad Request", GZIP), BOMB],
        BadRequest,
        "refuses the request",
    ),
    "pings without an end": (
        lambda: forever(head(), b": ping\n\n"),
        Unavailable,
        "no whole answer within",
    ),
    "a line without an end": (
        lambda: forever(head() + b"data: ", b"x" * 4000, 0.001),
        Unavailable,
        "no whole answer within",
    ),
    "a hundred times Continue": (
        lambda: forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        Unavailable,
        "no whole answer within",
    ),
    "headers without an end": (
        lambda: forever(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"y" * 9000 + b"\r\n", 0.001),
        Unavailable,
        "no (whole )?answer",
    ),
    "letters of no alphabet": (
        lambda: [head("application/json"), WHOLE.replace(b"coffee", b"\xff\xfe\xfd")],
        BadOutput,
        "no JSON",
    ),
    "brackets": (lambda: [head("application/json"), b"[" * 200_000], BadOutput, "no JSON"),
}
