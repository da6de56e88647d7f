"""Client of the image server, sync and async, on httpx alone.

    with ImageClient("http://127.0.0.1:8895") as client:
        drawn = client.generate("replace the screen with a dark wall", [Path("scene.png")], seed=7)
        Path("x.png").write_bytes(drawn.png)

Knows: the server's routes, its events and its errors. Needs neither torch nor Pillow: pictures go
out as files or bytes and come back as PNG bytes that carry their request.
Does not know: how pictures are drawn. It never wakes a sleeping server by itself.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Generic, Self, TypeVar

import httpx

from image_engine.nearby import is_here
from image_engine.protocol import (
    BadRequest,
    Busy,
    Drawn,
    Events,
    Mode,
    NotReady,
    OnStep,
    Picture,
    ServerError,
    Step,
    Task,
    Unreachable,
    answer_of,
    error_of,
    generate_call,
    headers,
    task_for,
    unreachable,
)

__all__ = [
    "AsyncImageClient",
    "BadRequest",
    "Busy",
    "Drawn",
    "ImageClient",
    "NotReady",
    "Picture",
    "ServerError",
    "Step",
    "Task",
    "Unreachable",
    "task_for",
]

LOCAL = "http://127.0.0.1:8895"
DEFAULT_TIMEOUT = httpx.Timeout(30.0, read=900.0)
"""Seconds; a picture may wait behind a full queue before its first byte."""


Http = TypeVar("Http", bound=httpx.Client | httpx.AsyncClient)
Told = TypeVar("Told", bound="dict[str, Any] | Awaitable[dict[str, Any]]")


class _Client(ABC, Generic[Http, Told]):
    """What both clients share: a connection, and all but pictures, told at once or awaited."""

    _kind: type[Http]

    def __init__(
        self,
        base_url: str = LOCAL,
        *,
        api_key: str | None = None,
        timeout: httpx.Timeout | float = DEFAULT_TIMEOUT,
        transport: Any = None,
    ) -> None:
        self._http: Http = self._kind(
            base_url=base_url,
            headers=headers(api_key),
            timeout=timeout,
            transport=transport,
            trust_env=not is_here(base_url),
        )

    @abstractmethod
    def _json(self, method: str, path: str, **params: str) -> Told: ...

    def health(self) -> Told:
        """Model, device, state, queue and measured memory."""
        return self._json("GET", "/health")

    def sleep(self, mode: Mode = "wait") -> Told:
        """Weights to host memory; returns the health once the device is free."""
        return self._json("POST", "/sleep", mode=mode)

    def wake(self) -> Told:
        """Weights back to the device; returns the health once it can draw."""
        return self._json("POST", "/wake")

    def release(self, mode: Mode = "wait") -> Told:
        """Release the weights; /wake reads them from the disk again."""
        return self._json("POST", "/release", mode=mode)


class ImageClient(_Client[httpx.Client, dict[str, Any]]):
    """Blocking client. Cancelling is closing: leave `generate` (Ctrl-C) and the server stops too."""

    _kind = httpx.Client

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
        call = generate_call(prompt, references, task, fields)
        events = Events(on_step)
        with (
            _reaching(self._http),
            self._http.stream("POST", call.path, **call.arguments) as response,
        ):
            if response.is_error:
                response.read()
                raise error_of(response)
            for line in response.iter_lines():
                events.feed(line)
        return events.result()

    def generate(self, prompt: str, references: Sequence[Picture] = (), **options: Any) -> Drawn:
        """Draw one picture; the options are those of `generate_many`."""
        return self.generate_many(prompt, references, **options)[0]

    def models(self) -> list[str]:
        """Names of the models served."""
        return [item["id"] for item in self._json("GET", "/v1/models")["data"]]

    def close(self) -> None:
        self._http.close()

    def _json(self, method: str, path: str, **params: str) -> dict[str, Any]:
        with _reaching(self._http):
            return answer_of(self._http.request(method, path, params=params))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncImageClient(_Client[httpx.AsyncClient, Awaitable[dict[str, Any]]]):
    """The same for asyncio. Cancelling the task that awaits `generate` stops the drawing."""

    _kind = httpx.AsyncClient

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
        call = generate_call(prompt, references, task, fields)
        events = Events(on_step)
        with _reaching(self._http):
            async with self._http.stream("POST", call.path, **call.arguments) as response:
                if response.is_error:
                    await response.aread()
                    raise error_of(response)
                async for line in response.aiter_lines():
                    events.feed(line)
        return events.result()

    async def generate(
        self, prompt: str, references: Sequence[Picture] = (), **options: Any
    ) -> Drawn:
        """Draw one picture; the options are those of `generate_many`."""
        return (await self.generate_many(prompt, references, **options))[0]

    async def models(self) -> list[str]:
        """Names of the models served."""
        return [item["id"] for item in (await self._json("GET", "/v1/models"))["data"]]

    async def close(self) -> None:
        await self._http.aclose()

    async def _json(self, method: str, path: str, **params: str) -> dict[str, Any]:
        with _reaching(self._http):
            return answer_of(await self._http.request(method, path, params=params))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


@contextmanager
def _reaching(http: httpx.Client | httpx.AsyncClient) -> Generator[None]:
    try:
        yield
    except httpx.TransportError as error:
        raise unreachable(http.base_url, error) from error
