"""Client of the image server, sync and async, on httpx alone.

    with ImageClient("http://127.0.0.1:8895") as client:
        drawn = client.generate("replace the screen with a dark wall", [Path("scene.png")], seed=7)
        Path("x.png").write_bytes(drawn.png)

Knows: the server's routes, its events and its errors. Needs neither torch nor Pillow: pictures go
out as files or bytes and come back as PNG bytes that carry their request.
Does not know: how pictures are drawn. It never wakes a sleeping server by itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias, cast

import httpx

Task = Literal["t2i", "edit", "ip", "skeleton", "layout"]
Mode = Literal["wait", "abort"]
Picture: TypeAlias = Path | bytes
"""A reference: a file of this machine, or the bytes of a PNG, JPEG or WebP."""

DEFAULT_TIMEOUT = httpx.Timeout(30.0, read=900.0)
"""Seconds; a picture may wait behind a full queue before its first byte."""


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
class _Call:
    """One HTTP request, ready to send."""

    path: str
    arguments: dict[str, Any]


def _generate_call(
    prompt: str, references: Sequence[Picture], task: Task | None, fields: Mapping[str, Any]
) -> _Call:
    path = f"/generate/{task or task_for(len(references), fields)}"
    chosen = {name: value for name, value in fields.items() if value is not None}
    body = {"prompt": prompt, "stream": True, **chosen}
    if not references:
        return _Call(path, {"json": body})
    files = [
        (
            "image",
            (item.name, item.read_bytes()) if isinstance(item, Path) else (f"image_{i}", item),
        )
        for i, item in enumerate(references, 1)
    ]
    return _Call(path, {"files": files, "data": {k: _form(v) for k, v in body.items()}})


def _form(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _error_of(response: httpx.Response) -> ServerError:
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


class _Events:
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


class ImageClient:
    """Blocking client. Cancelling is closing: leave `generate` (Ctrl-C) and the server stops too."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8895",
        *,
        api_key: str | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url, headers=_headers(api_key), timeout=timeout, transport=transport
        )

    def generate_many(
        self,
        prompt: str,
        references: Sequence[Picture] = (),
        *,
        task: Task | None = None,
        on_step: OnStep | None = None,
        **fields: Any,
    ) -> list[Drawn]:
        """Draw `n` pictures; `fields` are those of `ImageRequest`, `preset`, `n`, `previews`.

        The route follows from the references unless `task` names it (`skeleton`). Raises
        `BadRequest`, `Busy`, `NotReady`, `ServerError`, `Unreachable`.
        """
        call = _generate_call(prompt, references, task, fields)
        events = _Events(on_step)
        try:
            with self._http.stream("POST", call.path, **call.arguments) as response:
                if response.is_error:
                    response.read()
                    raise _error_of(response)
                for line in response.iter_lines():
                    events.feed(line)
        except httpx.TransportError as error:
            raise _unreachable(self._http.base_url, error) from error
        return events.result()

    def generate(
        self,
        prompt: str,
        references: Sequence[Picture] = (),
        *,
        task: Task | None = None,
        on_step: OnStep | None = None,
        **fields: Any,
    ) -> Drawn:
        """Draw one picture; see `generate_many`."""
        return self.generate_many(prompt, references, task=task, on_step=on_step, **fields)[0]

    def health(self) -> dict[str, Any]:
        """Model, device, state, queue and measured memory."""
        return self._json("GET", "/health")

    def models(self) -> list[str]:
        """Names of the models served."""
        return [item["id"] for item in self._json("GET", "/v1/models")["data"]]

    def sleep(self, mode: Mode = "wait") -> dict[str, Any]:
        """Weights to host memory; returns the health once the device is free."""
        return self._json("POST", "/sleep", mode=mode)

    def wake(self) -> dict[str, Any]:
        """Weights back to the device; returns the health once it can draw."""
        return self._json("POST", "/wake")

    def release(self, mode: Mode = "wait") -> dict[str, Any]:
        """Let go of the weights; /wake reads them from the disk again."""
        return self._json("POST", "/release", mode=mode)

    def close(self) -> None:
        self._http.close()

    def _json(self, method: str, path: str, **params: str) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, params=params)
        except httpx.TransportError as error:
            raise _unreachable(self._http.base_url, error) from error
        if response.is_error:
            raise _error_of(response)
        return response.json()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class AsyncImageClient:
    """The same for asyncio. Cancelling the task that awaits `generate` stops the drawing."""

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8895",
        *,
        api_key: str | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, headers=_headers(api_key), timeout=timeout, transport=transport
        )

    async def generate_many(
        self,
        prompt: str,
        references: Sequence[Picture] = (),
        *,
        task: Task | None = None,
        on_step: OnStep | None = None,
        **fields: Any,
    ) -> list[Drawn]:
        """As `ImageClient.generate_many`."""
        call = _generate_call(prompt, references, task, fields)
        events = _Events(on_step)
        try:
            async with self._http.stream("POST", call.path, **call.arguments) as response:
                if response.is_error:
                    await response.aread()
                    raise _error_of(response)
                async for line in response.aiter_lines():
                    events.feed(line)
        except httpx.TransportError as error:
            raise _unreachable(self._http.base_url, error) from error
        return events.result()

    async def generate(
        self,
        prompt: str,
        references: Sequence[Picture] = (),
        *,
        task: Task | None = None,
        on_step: OnStep | None = None,
        **fields: Any,
    ) -> Drawn:
        """Draw one picture; see `generate_many`."""
        drawn = await self.generate_many(prompt, references, task=task, on_step=on_step, **fields)
        return drawn[0]

    async def health(self) -> dict[str, Any]:
        """Model, device, state, queue and measured memory."""
        return await self._json("GET", "/health")

    async def models(self) -> list[str]:
        """Names of the models served."""
        return [item["id"] for item in (await self._json("GET", "/v1/models"))["data"]]

    async def sleep(self, mode: Mode = "wait") -> dict[str, Any]:
        """As `ImageClient.sleep`."""
        return await self._json("POST", "/sleep", mode=mode)

    async def wake(self) -> dict[str, Any]:
        """As `ImageClient.wake`."""
        return await self._json("POST", "/wake")

    async def release(self, mode: Mode = "wait") -> dict[str, Any]:
        """As `ImageClient.release`."""
        return await self._json("POST", "/release", mode=mode)

    async def close(self) -> None:
        await self._http.aclose()

    async def _json(self, method: str, path: str, **params: str) -> dict[str, Any]:
        try:
            response = await self._http.request(method, path, params=params)
        except httpx.TransportError as error:
            raise _unreachable(self._http.base_url, error) from error
        if response.is_error:
            raise _error_of(response)
        return response.json()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


def _headers(api_key: str | None) -> dict[bytes, bytes]:
    return {b"Authorization": f"Bearer {api_key}".encode()} if api_key else {}


def _unreachable(url: httpx.URL, error: httpx.TransportError) -> Unreachable:
    return Unreachable(
        f"no answer from {url}: {error}; is `python -m image_engine.server` running?"
    )
