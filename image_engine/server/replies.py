"""What goes back: error bodies, finished pictures, server-sent events.

Knows: which fault is which HTTP status, and how a result becomes bytes.
Does not know: routes, parsing, the queue's inside.

| status | `code` | when |
|---|---|---|
| 400 | `invalid_request`, `invalid_json`, `unknown_field`, `wrong_reference_count`, `invalid_image`, `path_outside_root`, `paths_disabled` | the request is wrong; `param` names the field |
| 401 | `invalid_api_key` | the server wants a key |
| 403 | `cross_origin` | a web page of another origin sent the request |
| 404 | `not_found`, `reference_not_found` | no such route; no such file under the root |
| 408 | `body_timeout` | the body did not arrive in time |
| 409 | `bad_transition` | the state asked for cannot be reached from the present one |
| 413 | `body_too_large`, `image_too_large`, `prompt_too_long` | more bytes, pixels or tokens than allowed |
| 415 | `unsupported_media_type` | the body is neither JSON nor a form |
| 422 | `exceeds_budget` | a right request, but its estimated peak memory is over the budget |
| 429 | `queue_full` | the queue's bound; `Retry-After` says when to come again |
| 500 | `engine_failure`, `checkpoint_error` | a fault of the engine or its files; the log has more |
| 503 | `asleep`, `released`, `out_of_memory`, `cancelled` | it cannot be drawn now; the message says the fix |

422, 500 and 503 carry `x-should-retry: false`: the same request again changes nothing by itself.
"""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from PIL import Image
from starlette.responses import JSONResponse, Response

from image_engine import __version__
from image_engine.errors import (
    BadRequest,
    BudgetExceeded,
    Cancelled,
    CheckpointError,
    EngineError,
    NotLoaded,
    OutOfMemory,
    PromptTooLong,
)
from image_engine.metadata import Maker, encode_png
from image_engine.server.jobs import BadTransition, ImageDone, NotAwake, QueueFull, StepDone
from image_engine.server.uploads import UploadError
from image_engine.server.wire import Refusal


@dataclass(frozen=True, slots=True)
class Fault:
    """An error as the client sees it."""

    status: int
    code: str
    message: str
    param: str | None = None
    retry_after: int | None = None

    def body(self) -> dict[str, Any]:
        """`{"error": {message, type, param, code}}`, as OpenAI's clients expect it."""
        kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
        kind = "server_error" if self.status >= 500 else "invalid_request_error"
        return {
            "error": {
                "message": self.message,
                "type": kinds.get(self.status, kind),
                "param": self.param,
                "code": self.code,
            }
        }

    def response(self) -> JSONResponse:
        headers: dict[str, str] = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if self.status == 422 or self.status >= 500:
            headers["x-should-retry"] = "false"
        return JSONResponse(self.body(), self.status, headers)


def fault_of(error: Exception) -> Fault:
    """The one table from errors to answers. What it does not know is a failure of the engine."""
    text = str(error)
    match error:
        case Refusal():
            return Fault(400, error.code, text, error.param)
        case UploadError():
            return Fault(error.status, error.code, text, "references")
        case PromptTooLong():
            return Fault(413, "prompt_too_long", text, error.field)
        case BadRequest():
            return Fault(400, "invalid_request", text, error.field)
        case BudgetExceeded():
            return Fault(422, "exceeds_budget", text)
        case OutOfMemory():
            return Fault(503, "out_of_memory", text)
        case QueueFull():
            return Fault(429, "queue_full", text, retry_after=error.retry_after)
        case NotAwake():
            return Fault(503, error.state, text)
        case NotLoaded():
            return Fault(503, "released", text)
        case BadTransition():
            return Fault(409, "bad_transition", text)
        case Cancelled():
            return Fault(503, "cancelled", text)
        case CheckpointError():
            return Fault(500, "checkpoint_error", text)
        case EngineError():
            return Fault(500, "engine_failure", text)
        case _:
            return Fault(500, "engine_failure", "the server failed; its log says how")


@dataclass(frozen=True, slots=True)
class PictureReply:
    """A finished picture, encoded."""

    data: bytes
    request_seed: int
    info: dict[str, Any]

    @property
    def size(self) -> str:
        return f"{self.info['width']}x{self.info['height']}"

    @property
    def base64(self) -> str:
        return base64.b64encode(self.data).decode()


def encode_done(done: ImageDone, maker: Maker, names: Sequence[str]) -> PictureReply:
    """PNG bytes with the request inside; `names` are those of its references. Blocks."""
    drawn = replace(done.request, acceleration=done.result.info.acceleration)
    data = encode_png(done.result.image, drawn, maker, names)
    return PictureReply(data, done.request.seed, asdict(done.result.info))


def encode_preview(image: Image.Image) -> tuple[str, str]:
    """A small copy as base64 PNG, and its size as `512x512`: previews are looked at, not kept."""
    small = image.copy()
    small.thumbnail((512, 512))
    buffer = io.BytesIO()
    small.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode(), f"{small.width}x{small.height}"


def image_data(index: int, picture: PictureReply) -> dict[str, Any]:
    """One finished picture in JSON: what it is, how it came about, its PNG as base64."""
    return {
        "index": index,
        "seed": picture.request_seed,
        "info": picture.info,
        "b64_json": picture.base64,
    }


def summary(pictures: Sequence[PictureReply], model: str) -> dict[str, Any]:
    """What is said of all pictures of a request together."""
    return {
        "created": int(time.time()),
        "model": model,
        "engine_version": __version__,
        "warnings": list(dict.fromkeys(w for item in pictures for w in item.info["warnings"])),
    }


def generate_body(pictures: Sequence[PictureReply], model: str) -> dict[str, Any]:
    """The JSON answer of `/generate/…`."""
    images = [image_data(index, picture) for index, picture in enumerate(pictures)]
    return summary(pictures, model) | {"images": images}


def png_response(picture: PictureReply) -> Response:
    """The bare picture; seed and warnings travel in headers, the request inside the PNG."""
    headers = {"X-Seed": str(picture.request_seed)}
    if picture.info["warnings"]:
        headers["X-Warnings"] = json.dumps(picture.info["warnings"])
    return Response(picture.data, media_type="image/png", headers=headers)


def sse(data: dict[str, Any], event: str) -> str:
    """One server-sent event. JSON has no raw line breaks, so one data line is enough."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n"


def sse_comment(text: str) -> str:
    """A line that clients skip: it keeps connections open and says what goes on."""
    return f": {text}\n\n"


def step_data(event: StepDone) -> dict[str, Any]:
    """A step as `/generate/…` streams it. Blocks where it encodes a preview."""
    data: dict[str, Any] = {
        "image": event.image,
        "step": event.step,
        "steps": event.steps,
        "seconds": round(event.seconds, 4),
        "seconds_left": round(event.seconds * (event.steps - event.step), 4),
    }
    if event.preview is not None:
        data["preview_b64_json"], _ = encode_preview(event.preview)
    return data
