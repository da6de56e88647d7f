"""One request's way from its body to the queue and back, the same for every route.

Knows: the order of things: a place in the queue first, then the body, its checks, the job; and
that a client who goes away takes its job along.
Does not know: how routes spell their fields or their answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Generic

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from image_engine.metadata import Maker
from image_engine.server.jobs import ImageDone, Job, JobQueue
from image_engine.server.replies import PictureReply, encode_done
from image_engine.server.wire import (
    Border,
    ParamsT,
    image_requests,
    parse_params,
    read_body,
    read_references,
)


class ClientGone(Exception):
    """The client hung up; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class Ticket(Generic[ParamsT]):
    """An accepted request: what was wished for, and the job that draws it."""

    params: ParamsT
    job: Job
    names: tuple[str, ...]
    """Of the references, as the client knows them."""


@dataclass(frozen=True, slots=True)
class Service:
    """What all routes share."""

    jobs: JobQueue
    border: Border
    maker: Maker
    model: str
    """Name under which the checkpoint is served."""
    device: str
    check_prompt: Callable[[str], None] | None = None
    """Refuses a prompt that the model cannot take, before it waits for its turn."""
    attention: str = ""
    """Which kernel computes attention, and why."""
    decoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """References are decoded at full size and then shrunk: of one request at a time, or twelve
    clients with large photos take gigabytes."""
    body_seconds: float = 60.0
    """A body must arrive within this time, because it holds a place in the queue."""

    async def accept(
        self, request: Request, model: type[ParamsT], check: Callable[[ParamsT, int], None]
    ) -> Ticket[ParamsT]:
        """Read, check and enqueue a request; `check` gets the params and the reference count.

        Raises what `replies.fault_of` knows; nothing is read when the queue is full.
        """
        with self.jobs.place():
            try:
                async with asyncio.timeout(self.body_seconds):
                    body = await read_body(request, self.border)
            except ClientDisconnect as error:
                raise ClientGone from error
            except TimeoutError as error:
                message = f"the body did not arrive within {self.body_seconds:g} s"
                raise HTTPException(408, message) from error
            params = parse_params(model, body)
            async with self.decoding:
                references = await run_in_threadpool(read_references, params, body, self.border)
                names = tuple(item.name for item in references)
                check(params, len(references))
                requests = await run_in_threadpool(image_requests, params, references, self.border)
                # Only what the model sees is kept while the request waits.
                del body, references
            if self.check_prompt is not None:
                await run_in_threadpool(self.check_prompt, params.prompt)
            job = self.jobs.submit(requests, previews=params.preview_count)
        return Ticket(params, job, names)

    async def finish(self, request: Request, ticket: Ticket[ParamsT]) -> list[PictureReply]:
        """Wait for the pictures. Cancels the job and raises `ClientGone` if the client leaves."""
        gone = asyncio.create_task(_until_gone(request))
        try:
            await asyncio.wait({gone, ticket.job.finished}, return_when=asyncio.FIRST_COMPLETED)
            if not ticket.job.finished.done():
                raise ClientGone
            return [await self.encode(done, ticket) for done in ticket.job.finished.result()]
        finally:
            gone.cancel()
            self.jobs.cancel(ticket.job)

    def stream(self, ticket: Ticket[ParamsT], events: AsyncIterator[str]) -> Response:
        """Answer with server-sent events; the job ends with the connection, however that ends."""
        return _EventStream(events, lambda: self.jobs.cancel(ticket.job))

    async def encode(self, done: ImageDone, ticket: Ticket[ParamsT]) -> PictureReply:
        """The finished picture as PNG, made beside the event loop."""
        return await run_in_threadpool(encode_done, done, self.maker, ticket.names)


class _EventStream(StreamingResponse):
    """A stream whose end is always noticed, also where the client left before its first event
    and the generator of the events never began."""

    def __init__(self, events: AsyncIterator[str], ended: Callable[[], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(events, headers=headers, media_type="text/event-stream")
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
