"""The HTTP service: native routes, the engine's state, errors. `create_app` builds it.

Knows: routes and answers. Does not know: how bodies are read (wire), how a request reaches the
queue (service), how work is ordered (jobs).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from image_engine import __version__
from image_engine.errors import EngineError
from image_engine.guard import Guard, Rules
from image_engine.server.jobs import (
    BadTransition,
    ImageDone,
    Mode,
    NotAwake,
    QueueFull,
    State,
    StepDone,
)
from image_engine.server.memory import measured_memory
from image_engine.server.openai_api import openai_routes
from image_engine.server.replies import (
    Fault,
    PictureReply,
    fault_of,
    generate_body,
    image_data,
    png_response,
    sse,
    sse_comment,
    step_data,
    summary,
)
from image_engine.server.service import ClientGone, Service, Ticket
from image_engine.server.uploads import UploadError
from image_engine.server.wire import GenerateParams, Refusal, Task, check_task

log = logging.getLogger("image_engine.server")

HTTP_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    408: "body_timeout",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def create_app(service: Service, rules: Rules) -> FastAPI:
    """The ASGI application. Its shutdown cancels all work and releases the engine."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        yield
        await service.jobs.close()

    app = FastAPI(title="image_engine", version=__version__, lifespan=lifespan)
    app.include_router(_generate_routes(service))
    app.include_router(_state_routes(service))
    app.include_router(openai_routes(service))
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(ClientGone, _answer_gone)
    for kind in (EngineError, QueueFull, NotAwake, BadTransition, UploadError, Refusal, Exception):
        app.add_exception_handler(kind, _answer)
    app.add_middleware(Guard, rules=rules, answer=_refusal)
    return app


def _refusal(status: int, code: str, message: str) -> Response:
    return Fault(status, code, message).response()


def _generate_routes(service: Service) -> APIRouter:
    routes = APIRouter(prefix="/generate", tags=["generate"])

    @routes.post("/{task}", openapi_extra=_BODY)
    async def generate(task: Task, request: Request) -> Response:
        """Draw. One path for all tasks, which differ in the references they demand:
        t2i none, edit exactly one, ip one or more, skeleton two or more, layout one or more and
        `layout_bboxes`. Send JSON, or a form with the references as files under `image`.

        With `stream` the answer is a stream of events: `queued`, `step` (with
        `preview_b64_json` where `previews` asks for it), `image`, and `done` or `error`.
        """

        def check(params: GenerateParams, references: int) -> None:
            check_task(task, params, references)
            if params.response_format == "png" and (params.stream or params.n > 1):
                message = "response_format: png is one bare picture; not with stream or n > 1"
                raise Refusal(message, "response_format")

        ticket = await service.accept(request, GenerateParams, check)
        if ticket.params.stream:
            return service.stream(ticket, _stream(service, ticket))
        pictures = await service.finish(request, ticket)
        if ticket.params.response_format == "png":
            return png_response(pictures[0])
        return JSONResponse(generate_body(pictures, service.model))

    return routes


_FORM = {
    "type": "object",
    "description": "Every field of the JSON body, and files; nested lists as JSON text.",
    "properties": {
        "prompt": {"type": "string"},
        "image": {"type": "array", "items": {"type": "string", "format": "binary"}},
    },
    "required": ["prompt"],
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": GenerateParams.model_json_schema()},
            "multipart/form-data": {"schema": _FORM},
        },
    }
}


async def _stream(service: Service, ticket: Ticket[GenerateParams]) -> AsyncIterator[str]:
    pictures: list[PictureReply] = []
    try:
        yield sse({"ahead": service.jobs.position(ticket.job)}, "queued")
        async for event in ticket.job.events():
            match event:
                case StepDone():
                    yield sse(await run_in_threadpool(step_data, event), "step")
                case ImageDone():
                    pictures.append(await service.encode(event, ticket))
                    yield sse(image_data(event.image, pictures[-1]), "image")
                case None:
                    yield sse_comment(f"{service.jobs.position(ticket.job)} ahead")
        yield sse(summary(pictures, service.model), "done")
    except Exception as error:  # noqa: BLE001 - the border: the status line is long gone
        yield sse(fault_of(error).body(), "error")


def _state_routes(service: Service) -> APIRouter:
    routes = APIRouter(tags=["state"])

    def report() -> dict[str, Any]:
        jobs = service.jobs
        return {
            "model": service.model,
            "checkpoint": service.maker.model,
            "engine_version": service.maker.engine_version,
            "device": service.device,
            "dtype": service.maker.dtype,
            "attention": service.attention,
            "state": jobs.state,
            "changing_to": jobs.changing_to,
            "drawing": jobs.drawing,
            "queue_length": jobs.waiting,
            "queue_capacity": jobs.capacity,
            "memory": measured_memory(service.device),
        }

    async def move(target: State, mode: Mode) -> dict[str, Any]:
        await service.jobs.change(target, mode)
        return report()

    @routes.get("/health")
    async def health() -> dict[str, Any]:
        """Alive, and in which state: `awake`, `asleep` or `released`. Wants no key."""
        return {"status": "ok"} | report()

    @routes.post("/sleep")
    async def sleep(mode: Mode = "wait") -> dict[str, Any]:
        """Weights to host memory, the device free for others. New requests are refused from now
        on (503 `asleep`) until /wake. `mode=wait` draws what was accepted, `abort` cancels it.
        Answers when the memory is free."""
        return await move("asleep", mode)

    @routes.post("/wake")
    async def wake() -> dict[str, Any]:
        """Weights back to the device: from host memory, or from the disk after /release.
        Answers when the engine can draw."""
        return await move("awake", "wait")

    @routes.post("/release")
    async def release(mode: Mode = "wait") -> dict[str, Any]:
        """Let go of the weights altogether; the server stays up. Modes as for /sleep."""
        return await move("released", mode)

    return routes


# --- errors -----------------------------------------------------------------


async def _answer(request: Request, error: Exception) -> Response:
    return fault_of(error).response()


async def _answer_gone(request: Request, error: Exception) -> Response:
    log.debug("%s: the client left, its job is cancelled", request.url.path)
    return Response(status_code=499)


async def _answer_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = HTTP_CODES.get(error.status_code, "invalid_request")
    response = Fault(error.status_code, code, str(error.detail)).response()
    response.headers.update(error.headers or {})
    return response


async def _answer_validation(request: Request, error: Exception) -> Response:
    """FastAPI's own checks see paths and queries only: an unknown task, an unknown mode."""
    if not isinstance(error, RequestValidationError):
        raise error
    fault = error.errors()[0]
    name = str(fault["loc"][-1])
    status, code = (404, "not_found") if fault["loc"][0] == "path" else (400, "invalid_request")
    return Fault(status, code, f"{name}: {fault['msg']}", name).response()
