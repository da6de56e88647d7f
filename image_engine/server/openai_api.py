"""The OpenAI images API on the same queue: what `openai`'s clients call and expect.

Knows: OpenAI's field names, sizes, qualities and stream events. Everything of `ImageRequest` may
be sent along (`extra_body={"seed": 7, "shift": 1.0}`), under its own name.
Does not know: how anything is drawn or queued.

Differences that a client should know: the model name is not checked (one server, one model);
pictures come as base64 only; a given `size` is drawn as given (`snap_resolution` false), unlike
`/generate/…`, because these clients trust it; there are no masks and no transparency.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from image_engine.server.jobs import ImageDone, StepDone
from image_engine.server.replies import encode_preview, fault_of, sse, sse_comment
from image_engine.server.service import Service, Ticket
from image_engine.server.wire import Params, Refusal

PRESET_OF_QUALITY = {
    "low": "preview",
    "medium": "standard",
    "standard": "standard",
    "high": "high",
    "hd": "high",
    "xhigh": "official",
    "max": "official",
}


class OpenAIParams(Params):
    """The body of `POST /v1/images/…`."""

    model: str | None = None
    size: str = Field("auto", description="WIDTHxHEIGHT in multiples of 32, or auto.")
    quality: str = Field("auto", description="auto, or low, medium, high … as presets.")
    partial_images: int = Field(0, ge=0, le=3, description="Previews while streaming.")
    response_format: Literal["b64_json"] = "b64_json"
    output_format: Literal["png"] = "png"
    background: Literal["auto", "opaque"] = "auto"
    output_compression: int | None = Field(None, description="Without effect: PNG is lossless.")
    moderation: str | None = Field(None, description="Without effect.")
    style: str | None = Field(None, description="Without effect: say it in the prompt.")
    input_fidelity: str | None = Field(None, description="Without effect: see `shift`.")
    user: str | None = Field(None, description="Without effect.")
    safety_identifier: str | None = Field(None, description="Without effect.")

    @property
    def preview_count(self) -> int:
        return self.partial_images

    @property
    def recipe(self) -> str | None:
        if self.preset is not None or self.quality == "auto":
            return self.preset
        if self.quality not in PRESET_OF_QUALITY:
            known = ", ".join(["auto", *PRESET_OF_QUALITY])
            raise Refusal(f"quality: {self.quality!r} is none of {known}", "quality")
        return PRESET_OF_QUALITY[self.quality]

    def request_fields(self) -> dict[str, Any]:
        chosen = super().request_fields()
        if self.size == "auto":
            return chosen
        width, _, height = self.size.partition("x")
        if not (width.isdecimal() and height.isdecimal() and len(self.size) < 16):
            raise Refusal(f"size: {self.size!r} is neither auto nor like 1024x1024", "size")
        return {"width": int(width), "height": int(height), "snap_resolution": False} | chosen


def _check_generation(params: OpenAIParams, references: int) -> None:
    """Text alone, or with references through the fields that `/generate/…` has for them."""


def _check_edit(params: OpenAIParams, references: int) -> None:
    if not references:
        raise Refusal("image: give one picture or more to edit, as 'image' or 'image[]'", "image")


def openai_routes(service: Service) -> APIRouter:
    """`/v1/images/generations`, `/v1/images/edits` and `/v1/models`."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI"])
    started = int(time.time())

    @routes.post("/images/generations")
    async def generations(request: Request) -> Response:
        """Text to image."""
        ticket = await service.accept(request, OpenAIParams, _check_generation)
        return await _answer(service, request, ticket, "image_generation")

    @routes.post("/images/edits")
    async def edits(request: Request) -> Response:
        """Edit one picture, or draw from several; a form with `image` or `image[]`."""
        ticket = await service.accept(request, OpenAIParams, _check_edit)
        return await _answer(service, request, ticket, "image_edit")

    def card() -> dict[str, Any]:
        return {
            "id": service.model,
            "object": "model",
            "created": started,
            "owned_by": "image_engine",
        }

    @routes.get("/models")
    async def models() -> dict[str, Any]:
        """The one model of this server."""
        return {"object": "list", "data": [card()]}

    @routes.get("/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        """The model, if it is the one served here."""
        if name != service.model:
            raise HTTPException(404, f"model {name!r} is not served here, only {service.model!r}")
        return card()

    return routes


async def _answer(
    service: Service, request: Request, ticket: Ticket[OpenAIParams], kind: str
) -> Response:
    if ticket.params.stream:
        return service.stream(ticket, _stream(service, ticket, kind))
    pictures = await service.finish(request, ticket)
    body: dict[str, Any] = {
        "created": int(time.time()),
        "background": "opaque",
        "output_format": "png",
        "size": pictures[0].size,
        "data": [
            {"b64_json": item.base64, "seed": item.request_seed, "warnings": item.info["warnings"]}
            for item in pictures
        ],
    }
    return JSONResponse(body)


async def _stream(service: Service, ticket: Ticket[OpenAIParams], kind: str) -> AsyncIterator[str]:
    """Partial and finished pictures as OpenAI's events; steps as comments, which clients skip."""
    common = {"background": "opaque", "output_format": "png", "quality": ticket.params.quality}
    partial = 0
    try:
        async for event in ticket.job.events():
            stamp = common | {"created_at": int(time.time())}
            match event:
                case StepDone():
                    yield sse_comment(f"image {event.image} step {event.step}/{event.steps}")
                    if event.preview is not None:
                        name = f"{kind}.partial_image"
                        picture, size = await run_in_threadpool(encode_preview, event.preview)
                        yield sse(
                            stamp
                            | {"type": name, "partial_image_index": partial, "b64_json": picture}
                            | {"size": size},
                            name,
                        )
                        partial += 1
                case ImageDone():
                    name = f"{kind}.completed"
                    done = await service.encode(event, ticket)
                    tail = {"type": name, "b64_json": done.base64, "size": done.size}
                    yield sse(stamp | tail | {"seed": done.request_seed}, name)
                case None:
                    yield sse_comment(f"{service.jobs.position(ticket.job)} ahead")
    except Exception as error:  # noqa: BLE001 - the border: headers are sent, only this is left
        yield sse(fault_of(error).body(), "error")
