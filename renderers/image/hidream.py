"""HiDream-O1 as an image backend: over HTTP where there is a `base_url`, else in process.

The engine draws sizes of its own: a preset's area in the canvas's shape, or the trained size
of the nearest shape. What comes back is cut from its middle to the canvas's shape and keeps
its resolution.

Knows: presets, sizes, the engine's errors. Does not know: torch (imported when first
drawing in process), what is drawn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import httpx

from image_engine import PRESETS, errors, preset_request
from image_engine import client as remote
from image_engine import request as engine
from renderers.base import JSON, ImageRequest, ImageResult
from renderers.errors import BadOutput, BadRequest, OutOfMemory, RendererError, Unavailable
from renderers.image.png import write_shaped
from renderers.options import given, one_of, refuse_others

if TYPE_CHECKING:
    from image_engine.engine import ImageEngine
    from image_engine.metadata import Maker

VERSION = 1
KNOBS = frozenset(
    {"preset", "resolution", "steps", "guidance_scale", "shift", "snap_resolution"}
    | {"seam_smoothing", "acceleration", "layout_bboxes", "residual_dtype", "noise_device"}
)
"""Options of a request. `resolution` is the longer side in pixels; the others are the engine's."""
FULL_QUEUE_TRIES = 20
"""How often a full queue is waited for, as long each time as the server says."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the engine gave back, wherever it ran."""

    png: bytes
    warnings: tuple[str, ...]
    info: Mapping[str, Any]


class EngineClient(Protocol):
    """Something that draws a checked request: the engine here or a server there."""

    def draw(self, request: engine.ImageRequest) -> Drawn: ...
    def close(self) -> None: ...


class HiDreamImages:
    """An `ImageBackend`. The arguments are the fields of the profile's `[image]`.

    `steps`, `resolution`, `guidance_scale` and `acceleration` are defaults that a request's
    own options win over. Without `device`, the first GPU draws, or else the CPU.
    """

    name = "hidream"
    uses_references = True
    max_references = engine.MAX_REFERENCES

    def __init__(
        self,
        base_url: str = "",
        checkpoint: str = "",
        preset: str = "standard",
        model: str = "",
        api_key: str | None = None,
        timeout_s: float = 900.0,
        device: str = "",
        dtype: str = "",
        steps: int | None = None,
        resolution: int | None = None,
        guidance_scale: float | None = None,
        acceleration: str = "exact",
    ) -> None:
        if not base_url and not checkpoint:
            raise BadRequest(
                "image: hidream draws with a server or with weights: set image.base_url, or "
                "image.checkpoint (hf download HiDream-ai/HiDream-O1-Image --local-dir FOLDER)"
            )
        self._folder = Path(checkpoint).expanduser() if checkpoint else None
        self._model = model
        self._dtype = dtype
        self._defaults = given(
            preset=preset,
            steps=steps,
            resolution=resolution,
            guidance_scale=guidance_scale,
            acceleration=acceleration,
        )
        if base_url:
            self._engine: EngineClient = RemoteEngine(base_url, api_key, timeout_s)
        else:
            assert self._folder is not None
            self._engine = LocalEngine(self._folder, device, dtype)

    def fingerprint(self) -> Mapping[str, JSON]:
        weights = self._model
        if self._folder is not None and self._folder.is_dir():
            # Imported here: it needs Pillow, which a client of a server may lack.
            from image_engine.metadata import checkpoint_fingerprint

            weights = checkpoint_fingerprint(self._folder)
        elif self._folder is not None:
            weights = weights or self._folder.name
        return {
            "adapter": f"hidream/{VERSION}",
            "weights": weights,
            "dtype": self._dtype,
            **self._defaults,
        }

    def render(self, request: ImageRequest, out: Path) -> ImageResult:
        """Draw at the preset's size and cut to the shape of `width`:`height`.

        Raises:
            BadRequest: an unknown option, or a value that the engine refuses, by field.
            OutOfMemory: it does not fit; a smaller preset or fewer references may.
            Unavailable: no weights, no package, no server, or it sleeps.
        """
        wanted = engine_request(request, self._defaults)
        drawn = self._engine.draw(wanted)
        width, height = write_shaped(drawn.png, request.width, request.height, out)
        return ImageResult(out, width, height, request.seed, drawn.warnings, drawn.info)

    def close(self) -> None:
        self._engine.close()


def engine_request(
    request: ImageRequest, defaults: Mapping[str, Any] | None = None
) -> engine.ImageRequest:
    """The engine's request for ours. Raises `BadRequest` naming the option at fault."""
    given = dict(defaults or {})
    if "preset" in request.options:
        # Another recipe: the sizes and steps set for the usual one are not meant for it.
        given = {k: v for k, v in given.items() if k == "acceleration"}
    options = {**given, **request.options}
    refuse_others(options, KNOBS, "image hidream")
    preset, resolution = options.pop("preset", "standard"), options.pop("resolution", None)
    if preset == "preview" and str((defaults or {}).get("preset", "")).startswith("dev"):
        # A draft is asked for under one name; a Dev checkpoint knows its own noise levels only.
        preset = "dev-preview"
    one_of("image preset", cast(str, preset), PRESETS)
    recipe = PRESETS[cast(str, preset)]
    snap = options.pop("snap_resolution", recipe.snap_resolution and resolution is None)
    width, height = request.width, request.height
    if not snap:
        area = recipe.width * recipe.height
        width, height = drawn_size(width, height, area, cast("int | None", resolution))
    try:
        return preset_request(
            cast(str, preset),
            request.prompt,
            references=[reference.path for reference in request.references],
            seed=request.seed,
            **{**options, "width": width, "height": height, "snap_resolution": snap},
        )
    except errors.BadRequest as error:
        raise BadRequest(f"image {error}") from error


def drawn_size(width: int, height: int, area: int, longest: int | None = None) -> tuple[int, int]:
    """The size to draw for a picture of the shape `width`:`height`, in whole patches.

    It has about `area` pixels, or `longest` on its longer side; the shorter side is rounded up,
    so that cutting to the exact shape costs no resolution.
    """
    shape = max(width, height) / min(width, height)
    limit = math.sqrt(engine.MAX_PIXELS * shape)
    aim = min(longest or math.sqrt(area * shape), limit)
    longer = max(engine.MIN_SIDE, round(aim / engine.PATCH) * engine.PATCH)
    shorter = max(engine.MIN_SIDE, math.ceil(longer / shape / engine.PATCH) * engine.PATCH)
    while longer * shorter > engine.MAX_PIXELS:
        longer -= engine.PATCH
        shorter = math.ceil(longer / shape / engine.PATCH) * engine.PATCH
    return (longer, shorter) if width >= height else (shorter, longer)


class RemoteEngine:
    """Draws on an image server (`python -m image_engine.server`)."""

    def __init__(self, base_url: str, api_key: str | None, timeout_s: float) -> None:
        self._client = remote.ImageClient(
            base_url, api_key=api_key, timeout=httpx.Timeout(30.0, read=timeout_s)
        )

    def draw(self, request: engine.ImageRequest) -> Drawn:
        paths = _paths(request)
        fields = {k: v for k, v in _fields(request).items() if v is not None}
        with server_errors():
            drawn = self._patient(request.prompt, paths, fields)
        return Drawn(drawn.png, drawn.warnings, _kept(drawn.info))

    def _patient(
        self, prompt: str, paths: Sequence[Path], fields: Mapping[str, Any]
    ) -> remote.Drawn:
        """Draw, waiting as a full queue asks."""
        for _ in range(FULL_QUEUE_TRIES):
            try:
                return self._client.generate(prompt, paths, **fields)
            except remote.Busy as busy:
                time.sleep(min(60.0, busy.retry_after))
        return self._client.generate(prompt, paths, **fields)

    def close(self) -> None:
        self._client.close()


class LocalEngine:
    """Draws in this process; the weights are loaded when first needed and released on `close`."""

    def __init__(self, folder: Path, device: str, dtype: str) -> None:
        if not folder.is_dir():
            raise Unavailable(
                f"image.checkpoint: there is no folder {folder}; get the weights with "
                f"`hf download HiDream-ai/HiDream-O1-Image --local-dir {folder}`"
            )
        self._folder = folder
        self._device = device
        self._dtype = dtype
        self._loaded: tuple[ImageEngine, Maker] | None = None

    def draw(self, request: engine.ImageRequest) -> Drawn:
        with _engine_errors():
            loaded, maker = self._load()
            from image_engine.metadata import encode_png

            result = loaded.generate(request)
            names = [path.name for path in _paths(request)]
            png = encode_png(result.image, request, maker, names)
        return Drawn(png, result.info.warnings, _kept(asdict(result.info)))

    def _load(self) -> tuple[ImageEngine, Maker]:
        if self._loaded is None:
            try:
                import torch

                from image_engine.console import maker_of
                from image_engine.engine import ImageEngine
            except ImportError as error:
                raise Unavailable(
                    f"hidream in process needs {error.name}: pip install 'storyboard[engine]'"
                ) from error
            device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
            dtype = self._dtype or ("float32" if device == "cpu" else "bfloat16")
            loaded = ImageEngine.load(self._folder, device, dtype)
            self._loaded = loaded, maker_of(loaded, self._folder)
        return self._loaded

    def close(self) -> None:
        if self._loaded is not None:
            self._loaded[0].release()
            self._loaded = None


def _paths(request: engine.ImageRequest) -> list[Path]:
    return [Path(cast("str | Path", reference)) for reference in request.references]


def _fields(request: engine.ImageRequest) -> dict[str, Any]:
    """Every field but prompt and references, so that server and client draw one recipe."""
    named = request.__dataclass_fields__
    fields = {name: getattr(request, name) for name in named if name not in _APART}
    if fields["timesteps"] is not None:
        fields["timesteps"] = list(fields["timesteps"])
    return fields


_APART = ("prompt", "references")


def _kept(info: Mapping[str, Any]) -> dict[str, JSON]:
    """What the engine measured, as JSON; the size is that of the picture before it was cut."""
    kept = {k: v for k, v in info.items() if k not in ("warnings", "width", "height")}
    kept["drawn"] = [info["width"], info["height"]]
    kept["reference_sizes"] = [list(size) for size in info["reference_sizes"]]
    return kept


@contextmanager
def _engine_errors() -> Generator[None]:
    try:
        yield
    except errors.BadRequest as error:
        raise BadRequest(f"image {error}") from error
    except errors.OutOfMemory as error:
        raise OutOfMemory(f"{error}; use a smaller preset or resolution") from error
    except (errors.CheckpointError, errors.NotLoaded) as error:
        raise Unavailable(str(error)) from error
    except errors.EngineError as error:
        raise BadOutput(str(error)) from error


@contextmanager
def server_errors() -> Generator[None]:
    """Have what the engine's client raises be a `RendererError`."""
    try:
        yield
    except (remote.ServerError, remote.Unreachable) as error:
        raise _translated(error) from error


def _translated(error: remote.ServerError | remote.Unreachable) -> RendererError:
    match error:
        case remote.Unreachable():
            return Unavailable(str(error))
        case remote.ServerError(code="out_of_memory" | "exceeds_budget"):
            return OutOfMemory(f"{error}; use a smaller preset or resolution")
        case remote.Busy():
            return Unavailable(f"the image server stays busy: {error}")
        case remote.NotReady():
            return Unavailable(f"the image server is not awake: {error}")
        case remote.BadRequest() if error.status in (401, 403):
            return Unavailable(
                "the image server refuses the key: set the variable that image.api_key_env names"
            )
        case remote.BadRequest():
            return BadRequest(f"the image server refuses the request: {error}")
        case _:
            return BadOutput(f"the image server failed: {error}")
