"""What goes over the wire to a worker, and back.

    GET  /health   what it serves, whether it can, what it lacks, what it holds
    POST /clips    a job as JSON, its files in base64; answers video/mp4, measures in X-Clip
    POST /pictures the same for a worker that draws; answers image/png, measures in X-Clip
    POST /sleep    release a kept model;  POST /wake: allow it again

Errors are {"error": {"code", "message"}}; codes are those of `ERRORS`.

Knows: fields, codes, their checks. Does not know: HTTP, models.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from renderers.errors import BadOutput, BadRequest, OutOfMemory, RendererError, Unavailable

ERRORS: Mapping[str, tuple[int, type[RendererError]]] = {
    "bad_request": (400, BadRequest),
    "asleep": (503, Unavailable),
    "not_ready": (503, Unavailable),
    "unavailable": (503, Unavailable),
    "out_of_memory": (507, OutOfMemory),
    "bad_output": (502, BadOutput),
}
"""Code → HTTP status, and the error it is on the other side."""
MAX_BODY = 512 * 2**20
_FILES = ("image", "audio")
_NUMBERS = ("width", "height", "frames", "fps", "seed")


@dataclass(frozen=True, slots=True)
class Job:
    """One clip, in the units of the model: a legal size, frame count and rate; or one picture,
    which has one frame and may have references in place of a first frame."""

    prompt: str
    width: int
    height: int
    frames: int
    fps: int
    seed: int
    image: bytes | None = None
    """PNG or JPEG, the size of the clip: its first frame."""
    audio: bytes | None = None
    """WAV at the model's rate and channels, at least as long as the clip."""
    references: tuple[bytes, ...] = ()
    """PNG or JPEG, in the order of their numbers in the prompt."""
    negative_prompt: str = ""
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Knobs by their usual names (steps, guidance_scale); each model says which it takes."""


def to_wire(job: Job) -> dict[str, Any]:
    """The job as a JSON value."""
    data = {f.name: getattr(job, f.name) for f in fields(job)}
    data["options"] = dict(job.options)
    data["references"] = [base64.b64encode(each).decode("ascii") for each in job.references]
    for name in _FILES:
        if data[name] is not None:
            data[name] = base64.b64encode(data[name]).decode("ascii")
    return data


def from_wire(data: object) -> Job:
    """The job in a JSON value.

    Raises:
        BadRequest: a field is missing, unknown or of another type; it is named.
    """
    if not isinstance(data, dict):
        raise BadRequest("the body is no JSON object")
    given = cast("dict[str, Any]", data)
    known = {f.name for f in fields(Job)}
    if unknown := sorted(set(given) - known):
        raise BadRequest(f"{', '.join(unknown)}: unknown; a job has {', '.join(sorted(known))}")
    for name in _NUMBERS:
        value = given.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < (name != "seed"):
            raise BadRequest(f"{name}: {value!r} is no {'positive ' * (name != 'seed')}integer")
    for name in ("prompt", "negative_prompt"):
        if not isinstance(given.get(name, ""), str):
            raise BadRequest(f"{name}: is no text")
    if not isinstance(given.get("options", {}), dict):
        raise BadRequest("options: is no JSON object")
    files: dict[str, Any] = {name: _file(name, given.get(name)) for name in _FILES}
    told: object = given.get("references", [])
    if not isinstance(told, list):
        raise BadRequest("references: is no list of base64 texts")
    several = cast("list[object]", told)
    files["references"] = tuple(
        _file(f"references[{i}]", one) or b"" for i, one in enumerate(several)
    )
    whole: dict[str, Any] = {"prompt": "", **given, **files}
    return Job(**whole)


def error_of(code: str, message: str) -> RendererError:
    """The error that a worker's answer stands for."""
    return ERRORS.get(code, (500, Unavailable))[1](message)


def code_of(error: RendererError) -> str:
    """The code under which an error travels."""
    for code in ("bad_request", "out_of_memory", "bad_output"):
        if isinstance(error, ERRORS[code][1]):
            return code
    return "unavailable"


def _file(name: str, value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadRequest(f"{name}: is no base64 text")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise BadRequest(f"{name}: is no base64 text") from None
