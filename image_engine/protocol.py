"""What the client and the image server say to each other, apart from the sending.

Knows: how a call is spelled, what answers, events and errors mean.
Does not know: sockets, sync or async; `client` has those.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import httpx

Task = Literal["t2i", "edit", "ip", "skeleton", "layout"]
Mode = Literal["wait", "abort"]
Picture: TypeAlias = Path | bytes
"""A reference: a file of this machine, or the bytes of a PNG, JPEG or WebP."""


class ServerError(Exception):
    """The server declined. `code` is stable, see `image_engine.server.replies`."""

    def __init__(
        self, message: str, *, status: int, code: str = "", param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


class BadRequest(ServerError):
    """The request is wrong, or can never fit (`exceeds_budget`); the same again will fail again."""


class Busy(ServerError):
    """The queue is full; come back in `retry_after` seconds."""

    retry_after: float = 1.0


class NotReady(ServerError):
    """Asleep, released or out of memory: somebody has to make room or wake the server first."""


class Unreachable(Exception):
    """No answer at all: not started, another address, or the connection broke."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One finished picture."""

    png: bytes
    """Carries its own request as metadata."""
    seed: int
    width: int
    height: int
    warnings: tuple[str, ...]
    info: Mapping[str, Any]
    """Everything the engine measured, as in `result.ResultInfo`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One sampling step is done."""

    step: int
    steps: int
    seconds_left: float
    preview: bytes | None
    """A small PNG of the picture so far, where `previews` asked for it."""


OnStep: TypeAlias = Callable[[Step], None]


def task_for(references: int, fields: Mapping[str, Any]) -> Task:
    """The route that takes so many references."""
    if fields.get("layout_bboxes"):
        return "layout"
    return "t2i" if not references else "edit" if references == 1 else "ip"


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, ready to send."""

    path: str
    arguments: dict[str, Any]


def generate_call(
    prompt: str, references: Sequence[Picture], task: Task | None, fields: Mapping[str, Any]
) -> Call:
    """JSON without references, else a form with them as files. Always streamed: a connection
    that carries steps is not taken for dead while the picture waits or grows."""
    path = f"/generate/{task or task_for(len(references), fields)}"
    chosen = {name: value for name, value in fields.items() if value is not None}
    body = {"prompt": prompt, "stream": True, **chosen}
    if not references:
        return Call(path, {"json": body})
    files = [("image", _file_part(item, index)) for index, item in enumerate(references, 1)]
    return Call(path, {"files": files, "data": {k: _form(v) for k, v in body.items()}})


TYPES = {
    b"\x89PNG": ("png", "image/png"),
    b"\xff\xd8\xff": ("jpg", "image/jpeg"),
    b"RIFF": ("webp", "image/webp"),
}
"""What a picture's first bytes say of it: extension and media type."""


def _file_part(picture: Picture, index: int) -> tuple[str, bytes, str]:
    """Name, bytes and type of one upload; the type is that of the bytes, whatever the name says."""
    data = picture.read_bytes() if isinstance(picture, Path) else picture
    known = (kind for magic, kind in TYPES.items() if data.startswith(magic))
    extension, media_type = next(known, ("bin", "application/octet-stream"))
    name = picture.name if isinstance(picture, Path) else f"image_{index}.{extension}"
    return name, data, media_type


def _form(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def error_of(response: httpx.Response) -> ServerError:
    """The server's error; the body must have been read."""
    try:
        error = cast("dict[str, Any]", response.json()["error"])
    except (ValueError, KeyError, TypeError):
        error = {"message": f"HTTP {response.status_code}: {response.text[:200]}"}
    made = _error(error, response.status_code)
    if isinstance(made, Busy):
        made.retry_after = float(response.headers.get("retry-after", 1))
    return made


STREAM_STATUS = {
    "invalid_request": 400,
    "prompt_too_long": 413,
    "exceeds_budget": 422,
    "asleep": 503,
    "released": 503,
    "out_of_memory": 503,
    "cancelled": 503,
}
"""Errors that can end a stream whose status line said 200."""


def _error(error: Mapping[str, Any], status: int | None = None) -> ServerError:
    code = str(error.get("code") or "")
    status = status or STREAM_STATUS.get(code, 500)
    kind = ServerError
    if status == 429:
        kind = Busy
    elif status == 503:
        kind = NotReady
    elif 400 <= status < 500:
        kind = BadRequest
    return kind(
        str(error.get("message") or f"HTTP {status}"),
        status=status,
        code=code,
        param=error.get("param"),
    )


class Events:
    """Reads server-sent events line by line and gathers the pictures of one answer."""

    def __init__(self, on_step: OnStep | None) -> None:
        self._on_step = on_step
        self._event = ""
        self._drawn: list[Drawn] = []
        self._done = False

    def feed(self, line: str) -> None:
        """Take one line; raises the error the server ends the stream with."""
        if line.startswith("event: "):
            self._event = line.removeprefix("event: ")
        elif line.startswith("data: "):
            self._take(json.loads(line.removeprefix("data: ")))

    def _take(self, data: dict[str, Any]) -> None:
        match self._event:
            case "step" if self._on_step is not None:
                preview = data.get("preview_b64_json")
                self._on_step(
                    Step(
                        data["step"],
                        data["steps"],
                        data["seconds_left"],
                        base64.b64decode(preview) if preview else None,
                    )
                )
            case "image":
                info = data["info"]
                self._drawn.append(
                    Drawn(
                        base64.b64decode(data["b64_json"]),
                        data["seed"],
                        info["width"],
                        info["height"],
                        tuple(info["warnings"]),
                        info,
                    )
                )
            case "error":
                raise _error(data["error"])
            case "done":
                self._done = True
            case _:
                pass

    def result(self) -> list[Drawn]:
        """The pictures, if the stream came to its end."""
        if not self._done:
            raise Unreachable("the server broke off in the middle of the picture")
        return self._drawn


def headers(api_key: str | None) -> dict[bytes, bytes]:
    """What every request carries. Bytes, because a key need not be ASCII."""
    return {b"Authorization": f"Bearer {api_key}".encode()} if api_key else {}


def answer_of(response: httpx.Response) -> dict[str, Any]:
    """The record that a response brings.

    Raises:
        ServerError: the server's. Unreachable: whoever answers there is no image server.
    """
    if response.is_error:
        raise error_of(response)
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Unreachable(f"what answers at {response.url} is no image server")
    return cast("dict[str, Any]", found)


def unreachable(url: httpx.URL, error: httpx.TransportError) -> Unreachable:
    """What a broken connection is to callers."""
    return Unreachable(
        f"no answer from {url}: {error}; is `python -m image_engine.server` running?"
    )
