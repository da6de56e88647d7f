"""What clients send: JSON or form bodies, and how they become requests for the engine.

Knows: the field names on the wire (those of `ImageRequest`), how forms spell lists, where
references may come from, what each route demands of them.
Does not know: the queue, replies, what the engine does with a request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeVar, cast

from fastapi import Request
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from image_engine.errors import PromptTooLong
from image_engine.presets import PRESETS, preset_request
from image_engine.protocol import Task
from image_engine.references import shrink_references
from image_engine.request import MAX_PIXELS, MAX_REFERENCES, ImageRequest
from image_engine.server.uploads import (
    ReferenceRoot,
    UploadError,
    UploadLimits,
    decode_base64,
    decode_picture,
)
from image_engine.sizes import closest_bucket

FILE_FIELDS = ("image", "reference", "references")
"""Form fields that may carry files, each also with `[]` behind it."""
JSON_FIELDS = ("timesteps", "layout_bboxes", "ref_image_paths", "ref_images_base64")
"""Fields whose form value may be JSON text."""

MOST_CHARACTERS = 32_000
"""Of a prompt: more than the model takes in any language, and quick to count in tokens."""
MOST_PARTS = 200_000
"""Brackets, commas and escapes of a JSON body: a long prompt has some thousands."""
KEPT_SIDE = 2048
"""`keep_original_aspect` draws at the area of this square."""


CLIENT_ACCELERATIONS = frozenset({"exact", "calibrated", "ref_kv", "guidance", "step_cache", "fp8"})
"""Allowed unless the operator says otherwise. `compile` is not among them: compiling for one
client keeps all others waiting."""


class Refusal(Exception):
    """A request that is wrong in a way its sender can mend."""

    def __init__(
        self, message: str, param: str | None = None, *, code: str = "invalid_request"
    ) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class Params(BaseModel):
    """The fields of `ImageRequest`, all optional but the prompt; references come separately.

    A field left out takes the preset's value, and without a preset the default of
    `ImageRequest`, which is the official recipe.
    """

    model_config = ConfigDict(extra="forbid")

    prompt: str = Field(
        max_length=MOST_CHARACTERS, description="What to draw, or how to change the references."
    )
    preset: str | None = Field(None, description=f"One of {', '.join(PRESETS)}.")
    width: int | None = Field(None, le=100_000, description="With snap_resolution a ratio.")
    height: int | None = Field(None, le=100_000)
    steps: int | None = None
    guidance_scale: float | None = None
    shift: float | None = None
    sampler: str | None = Field(None, description="unipc, flash or flow_match.")
    timesteps: list[int] | None = None
    seed: int | None = None
    noise_scale_start: float | None = None
    noise_scale_end: float | None = None
    noise_clip_std: float | None = None
    layout_bboxes: str | list[Any] | dict[str, Any] | None = None
    keep_original_aspect: bool | None = None
    snap_resolution: bool | None = None
    seam_smoothing: float | None = None
    residual_dtype: str | None = Field(None, description="float32 or weights.")
    noise_device: str | None = Field(None, description="cpu or device.")
    acceleration: str | None = None
    ref_image_paths: list[str] = Field(
        default_factory=list, description="Files inside the server's reference folder."
    )
    ref_images_base64: list[str] = Field(
        default_factory=list, description="Pictures as base64, or as data: URLs."
    )
    n: int = Field(1, ge=1, description="How many pictures; their seeds count up from `seed`.")
    stream: bool = Field(False, description="Answer with server-sent events.")

    @property
    def preview_count(self) -> int:
        """Previews of each picture, spread over its steps."""
        return 0

    @property
    def recipe(self) -> str | None:
        """The preset, however the route spells it."""
        return self.preset

    def request_fields(self) -> dict[str, Any]:
        """What the client set of `ImageRequest`'s own fields; prompt and references apart."""
        return self.model_dump(include=REQUEST_FIELDS, exclude_none=True)


REQUEST_FIELDS = {item.name for item in fields(ImageRequest)} - {"prompt", "references"}


class GenerateParams(Params):
    """The body of `POST /generate/…`."""

    previews: int = Field(0, ge=0, le=8, description="Previews of each picture while streaming.")
    response_format: Literal["json", "png"] = Field("json", description="png: the bare picture.")

    @property
    def preview_count(self) -> int:
        return self.previews


ParamsT = TypeVar("ParamsT", bound=Params)


@dataclass(frozen=True, slots=True)
class NamedPicture:
    """One decoded reference, under the name that the finished picture's metadata will carry."""

    name: str
    picture: Image.Image


@dataclass(frozen=True, slots=True)
class Body:
    """One request body, parsed but not yet understood."""

    fields: Mapping[str, Any]
    files: tuple[tuple[str, bytes], ...] = ()
    """Uploads by name, as they came."""
    is_form: bool = False
    """A form has only text; in JSON a number is a number."""


@dataclass(frozen=True, slots=True)
class Border:
    """What requests are held to."""

    root: ReferenceRoot
    uploads: UploadLimits = field(default_factory=UploadLimits)
    images: int = 4
    """Pictures one request may ask for."""
    pixels: int = MAX_PIXELS
    """Area of one picture as it will be drawn."""
    steps: int = 200
    """Sampling steps of one picture."""
    preset: str | None = None
    """Recipe of requests that name none."""
    accelerations: frozenset[str] = CLIENT_ACCELERATIONS
    """Approximations that clients may ask for, by name."""


async def read_body(request: Request, border: Border) -> Body:
    """Parse a JSON or form body; its files stay encoded. Raises `Refusal`."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        data = await request.body()
        try:
            # Beside the event loop, which others are served by.
            parsed: object = await run_in_threadpool(_parsed, data)
        except (ValueError, RecursionError) as error:
            raise Refusal(f"the body is not JSON: {error}", code="invalid_json") from error
        if not isinstance(parsed, dict):
            raise Refusal("the body must be a JSON object", code="invalid_json")
        return Body(cast("dict[str, Any]", parsed))
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        async with request.form(
            max_files=MAX_REFERENCES + 1,
            max_fields=64 + MAX_REFERENCES,
            max_part_size=border.uploads.image_bytes * 4 // 3 + 64,
        ) as form:
            return await _read_form(form, border.uploads)
    raise HTTPException(
        415, f"content type {kind or 'missing'!r}: send application/json or multipart/form-data"
    )


def _parsed(data: bytes) -> object:
    """The value of a JSON text that is no larger in memory than on the wire.

    Raises:
        ValueError: it is none, or has more parts than any request.
    """
    # Counting is quick. Pictures in base64 have none of these, however large they are.
    if sum(map(data.count, (b"[", b"{", b",", b"\\"))) > MOST_PARTS:
        raise ValueError(f"it has more than {MOST_PARTS:,} parts")
    return json.loads(data, parse_constant=_no_number)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


async def _read_form(form: FormData, limits: UploadLimits) -> Body:
    texts: dict[str, list[str]] = {}
    files: list[tuple[str, bytes]] = []
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            texts.setdefault(name, []).append(value)
            continue
        if name.removesuffix("[]") not in FILE_FIELDS:
            raise Refusal(
                f"{name}: no file is taken under this name; references go under 'image' or "
                "'image[]', and there are no masks: describe the region in the prompt",
                name,
                code="unknown_field",
            )
        label = f"image {len(files) + 1}"
        files.append((value.filename or label, await value.read(limits.image_bytes + 1)))
    values = {name.removesuffix("[]"): _form_value(name, texts[name]) for name in texts}
    return Body(values, tuple(files), is_form=True)


def _form_value(name: str, values: list[str]) -> Any:
    """A form field as JSON would carry it: `name[]` and repeated names are lists."""
    plain = name.removesuffix("[]")
    if "[" in plain:
        plain = plain.partition("[")[0]
        raise Refusal(f"{plain}: nested lists do not fit a form; send it as JSON text", plain)
    if name != plain or len(values) > 1:
        return values
    if plain in JSON_FIELDS and values[0].lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(values[0])
        except (ValueError, RecursionError) as error:
            raise Refusal(f"{plain}: not JSON: {error}", plain) from error
    return [values[0]] if plain in ("ref_image_paths", "ref_images_base64") else values[0]


def parse_params(model: type[ParamsT], body: Body) -> ParamsT:
    """Check the fields against their model; the first fault is the one reported."""
    try:
        return model.model_validate(body.fields, strict=not body.is_form)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        param = ".".join(str(part) for part in fault["loc"])
        if fault["loc"] == ("prompt",) and fault["type"] == "string_too_long":
            raise PromptTooLong(
                f"{len(body.fields['prompt']):,} characters; at most {MOST_CHARACTERS:,}"
            ) from error
        if fault["type"] == "extra_forbidden":
            known = ", ".join(model.model_fields)
            raise Refusal(
                f"{param}: unknown field; known are {known}", param, code="unknown_field"
            ) from error
        raise Refusal(f"{param}: {fault['msg']}", param) from error


def read_references(params: Params, body: Body, border: Border) -> tuple[NamedPicture, ...]:
    """The references, from the one source that the request uses. Blocks: reads and decodes."""
    sources = {
        "ref_image_paths": params.ref_image_paths,
        "ref_images_base64": params.ref_images_base64,
        "uploads": body.files,
    }
    used = [name for name, items in sources.items() if items]
    if len(used) > 1:
        raise Refusal(
            f"references come as {' and as '.join(used)}; use one of these, because the order of "
            "references is what 'image 1', 'image 2' in the prompt mean",
            used[0],
        )
    count = sum(len(items) for items in sources.values())
    if count > MAX_REFERENCES:
        raise Refusal(f"references: {count} are given; at most {MAX_REFERENCES}", "references")
    found: list[NamedPicture] = []
    for index, (name, data) in enumerate(body.files, 1):
        picture = decode_picture(data, border.uploads, label=f"image {index}")
        found.append(NamedPicture(name, picture))
        _check_total(found, border.uploads)
    for index, path in enumerate(params.ref_image_paths, 1):
        name, picture = border.root.read(path, border.uploads, label=f"image {index}")
        found.append(NamedPicture(name, picture))
        _check_total(found, border.uploads)
    for index, text in enumerate(params.ref_images_base64, 1):
        picture = decode_base64(text, border.uploads, label=f"image {index}")
        found.append(NamedPicture(f"image {index}", picture))
        _check_total(found, border.uploads)
    return tuple(found)


def _check_total(pictures: Sequence[NamedPicture], limits: UploadLimits) -> None:
    total = sum(item.picture.width * item.picture.height for item in pictures)
    if total > limits.request_pixels:
        raise UploadError(
            f"the references are {total:,} pixels together; at most {limits.request_pixels:,} "
            "are allowed. Scale them down: the engine uses at most 2048² of each.",
            code="image_too_large",
            status=413,
        )


def check_task(task: Task, params: Params, references: int) -> None:
    """What each route demands. The roles of references exist in the prompt only."""
    demands = {
        "t2i": (references == 0, "takes no reference; use /generate/edit or /generate/ip"),
        "edit": (references == 1, "takes exactly one reference; for several use /generate/ip"),
        "ip": (references >= 1, "takes one reference or more"),
        "skeleton": (
            references >= 2,
            "takes two references or more: the pose, and who or what is to take it",
        ),
        "layout": (references >= 1, "takes the references that go into the boxes"),
    }
    met, demand = demands[task]
    if not met:
        message = f"references: /generate/{task} {demand}; this request has {references}"
        raise Refusal(message, "references", code="wrong_reference_count")
    if task == "layout" and not params.layout_bboxes:
        raise Refusal(
            "layout_bboxes: /generate/layout needs boxes [x1, x2, y1, y2], each 0 to 1",
            "layout_bboxes",
        )


def image_requests(
    params: Params, references: Sequence[NamedPicture], border: Border
) -> list[ImageRequest]:
    """One request a picture, seeds counting up. Raises `BadRequest`, `Refusal`."""
    if params.n > border.images:
        raise Refusal(f"n: {params.n} pictures; this server draws at most {border.images}", "n")
    chosen = params.request_fields()
    chosen["references"] = [item.picture for item in references]
    preset = params.recipe or border.preset
    if preset is None:
        first = ImageRequest(prompt=params.prompt, **chosen)
    else:
        first = preset_request(preset, params.prompt, **chosen)
    width, height = first.width, first.height
    if first.keep_original_aspect:
        width, height = KEPT_SIDE, KEPT_SIDE
    elif first.snap_resolution:
        width, height = closest_bucket(width, height)
    if width * height > border.pixels:
        raise Refusal(
            f"width: this draws {width}×{height}; this server draws at most {border.pixels:,} "
            "pixels. Ask for a smaller size with snap_resolution=false.",
            "width",
        )
    if first.steps > border.steps:
        raise Refusal(f"steps: {first.steps}; this server takes at most {border.steps}", "steps")
    _check_acceleration(first.acceleration, border)
    first = shrink_references(first)  # it may wait for long behind others
    return [replace(first, seed=first.seed + index) for index in range(params.n)]


def _check_acceleration(acceleration: str, border: Border) -> None:
    for term in acceleration.split(","):
        name = term.strip().partition("=")[0]
        if name not in border.accelerations:
            allowed = ", ".join(sorted(border.accelerations))
            raise Refusal(
                f"acceleration: {name!r} is not allowed on this server ({allowed}); its operator "
                f"can allow it with --allow-acceleration {name}",
                "acceleration",
            )
