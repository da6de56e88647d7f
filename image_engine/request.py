"""One picture to draw, checked at the border.

Knows: every field of a request, what it may hold, and how to say what is wrong with it.
Does not know: how a picture is drawn, what a preset is. Needs no torch and no Pillow, so that a
client may build requests without either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args

from image_engine.acceleration import parse_acceleration
from image_engine.errors import BadRequest

if TYPE_CHECKING:
    from PIL import Image

Reference: TypeAlias = "str | Path | Image.Image"
Box: TypeAlias = tuple[float, float, float, float]
Sampler = Literal["unipc", "flash", "flow_match"]
ResidualDtype = Literal["float32", "weights"]
NoiseDevice = Literal["cpu", "device"]

SAMPLERS: tuple[Sampler, ...] = ("unipc", "flash", "flow_match")
PATCH = 32
"""Side of one image token in pixels."""
MIN_SIDE = 128
"""Shorter sides are refused; below `TRAINED_MIN_SIDE` the engine draws, with a warning."""
TRAINED_MIN_SIDE = 256
MAX_PIXELS = 4_300_000
MAX_RATIO = 4
"""Longer side to shorter one, where a size is drawn as given; the longest trained one is 2.4."""
ALLOWED_SIZES = (
    f"Allowed with snap_resolution=false: sides in multiples of {PATCH}, from {TRAINED_MIN_SIDE} "
    f"({MIN_SIDE} for tests), at most {MAX_PIXELS:,} pixels, one side at most {MAX_RATIO} times "
    "the other, such as 1024×1024, 1344×768, 768×1344, 2560×1440; with snap_resolution the trained "
    "size of the closest ratio is drawn"
)
MAX_REFERENCES = 11
MAX_STEPS = 1000
LAYOUT_KEYS = ("layout_bboxes", "bboxes", "boxes", "bbox_list")


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What to draw and how. Raises `BadRequest` naming the field when it cannot be drawn.

    The defaults are the official recipe of the Full checkpoint; `presets.PRESETS` has others.
    """

    prompt: str
    references: Sequence[Reference] = ()
    """Picture files or PIL pictures, at most 11, in the order the prompt numbers them."""
    width: int = 2048
    height: int = 2048
    """Pixels. With `snap_resolution` only their ratio counts."""
    steps: int = 50
    """Number of sampling steps; the length of `timesteps` where those are given."""
    guidance_scale: float = 5.0
    """g in v_u + g (v_c - v_u). At 1 or below the unconditional pass is not run."""
    shift: float = 3.0
    """Bends the noise schedule towards noise: σ' = shift·σ / (1 + (shift - 1)·σ)."""
    sampler: Sampler = "unipc"
    timesteps: Sequence[int] | None = None
    """The integer τ of every step, falling, in place of `steps` and `shift`."""
    seed: int = 42
    noise_scale_start: float = 8.0
    """Factor of the initial noise, and of the fresh noise of the first flash step."""
    noise_scale_end: float = 8.0
    """Factor of the fresh noise of the last flash step; linear in between."""
    noise_clip_std: float = 0.0
    """Fresh noise of flash steps is cut at this many standard deviations; 0 cuts nothing."""
    layout_bboxes: str | Sequence[Any] | Mapping[str, Any] | None = None
    """Where each reference goes: `[x1, x2, y1, y2]` relative to the picture (0-1 or 0-100), or
    `{"bbox": […], "text": …}`, in a list, in a dict under `layout_bboxes`, `bboxes`, `boxes` or
    `bbox_list`, or any of these as JSON text."""
    keep_original_aspect: bool = False
    """With exactly one reference: take the picture's size from it, at the area of 2048²."""
    snap_resolution: bool = True
    """Draw the trained size of the closest ratio. False draws `width`×`height` as given."""
    seam_smoothing: float = 0.0
    """0 to 1: how far predictions are averaged over shifted patch grids late in the sampling."""
    residual_dtype: ResidualDtype = "float32"
    """Of the residual stream, the embedders and the head. `float32` is nearer to exact where the
    weights are bfloat16; `weights` is their own dtype, as pictures before this field were drawn."""
    noise_device: NoiseDevice = "cpu"
    """Where flash steps draw fresh noise: `cpu` is the same on every machine, `device` is what the
    reference draws for the same seed on the same kind of GPU."""
    acceleration: str = "exact"
    """`exact`, `calibrated`, or terms like `ref_kv=4,guidance=0.1-0.8,step_cache=0.08`; see
    `acceleration.parse_acceleration`."""

    def __post_init__(self) -> None:
        _check_kinds(self)
        object.__setattr__(self, "references", tuple(self.references))
        if self.timesteps is not None:
            if not self.timesteps:
                raise BadRequest("timesteps", "must not be empty; leave it out to use `steps`")
            object.__setattr__(self, "timesteps", tuple(self.timesteps))
            object.__setattr__(self, "steps", len(self.timesteps))
        _check_size(self)
        _check_sampling(self)
        _check_references(self)
        self.boxes()
        if self.acceleration != "calibrated":
            parse_acceleration(self.acceleration)

    def boxes(self) -> tuple[Box, ...]:
        """The layout boxes as (x1, x2, y1, y2) in 0…1, in order; empty without a layout."""
        return parse_boxes(self.layout_bboxes)


def parse_boxes(layout: object) -> tuple[Box, ...]:
    """Read layout boxes in any of the accepted forms. Raises `BadRequest`."""
    if isinstance(layout, str):
        if not layout.strip():
            return ()
        try:
            layout = json.loads(layout)
        except ValueError as error:
            raise BadRequest("layout_bboxes", f"not JSON: {error}") from error
    if isinstance(layout, Mapping):
        named = cast("Mapping[str, object]", layout)
        key = next((key for key in LAYOUT_KEYS if key in named), None)
        if key is None:
            raise BadRequest(
                "layout_bboxes", f"a dict needs one of the keys {', '.join(LAYOUT_KEYS)}"
            )
        layout = named[key]
    if layout is None:
        return ()
    if not isinstance(layout, Sequence):
        raise BadRequest("layout_bboxes", "must be a list of boxes [x1, x2, y1, y2]")
    items = cast("Sequence[object]", layout)
    return tuple(_parse_box(item, index) for index, item in enumerate(items))


def _parse_box(item: object, index: int) -> Box:
    where = f"layout_bboxes[{index}]"
    if isinstance(item, Mapping):
        named = cast("Mapping[str, object]", item)
        item = named.get("bbox", named.get("box"))
    numbers = cast("Sequence[object]", item) if isinstance(item, Sequence) else ()
    if len(numbers) != 4 or not all(_is_number(number) for number in numbers):
        raise BadRequest(
            where, 'must be four numbers [x1, x2, y1, y2] or {"bbox": [x1, x2, y1, y2], "text": …}'
        )
    box = [float(cast("float", number)) for number in numbers]
    if max(box) > 1.0:
        box = [number / 100 for number in box]
    x1, x2 = sorted(box[:2])
    y1, y2 = sorted(box[2:])
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise BadRequest(
            where,
            "must lie within 0 to 1 (or 0 to 100 as percent) and enclose an area; "
            "the order is [x1, x2, y1, y2]",
        )
    return (x1, x2, y1, y2)


def _is_number(value: object) -> bool:
    # Compared, not `isfinite`: that fails on integers too large for a float.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _check_kinds(request: ImageRequest) -> None:
    for item in fields(request):
        value: object = getattr(request, item.name)
        match item.type:
            case "int" if not isinstance(value, int) or isinstance(value, bool):
                raise BadRequest(item.name, f"must be a whole number, not {value!r}")
            case "float" if not _is_number(value):
                raise BadRequest(item.name, f"must be a finite number, not {value!r}")
            case "bool" if not isinstance(value, bool):
                raise BadRequest(item.name, f"must be true or false, not {value!r}")
            case "str" if not isinstance(value, str):
                raise BadRequest(item.name, f"must be text, not {value!r}")
            case _:
                pass
    if not request.prompt.strip():
        raise BadRequest("prompt", "must not be empty")


def _check_size(request: ImageRequest) -> None:
    sides = {"width": request.width, "height": request.height}
    for name, side in sides.items():
        if side < 1:
            raise BadRequest(name, f"must be positive, not {side}")
        if request.snap_resolution:
            continue
        if side % PATCH:
            lower = max(MIN_SIDE, side // PATCH * PATCH)
            raise BadRequest(
                name,
                f"{side} is not a multiple of {PATCH}; with snap_resolution=false use "
                f"{lower} or {lower + PATCH}. {ALLOWED_SIZES}",
            )
        if side < MIN_SIDE:
            raise BadRequest(name, f"{side} is too small. {ALLOWED_SIZES}")
    if request.snap_resolution:
        return
    larger = max(sides, key=lambda name: sides[name])
    size = f"{request.width}×{request.height}"
    if request.width * request.height > MAX_PIXELS:
        pixels = f"{request.width * request.height:,} pixels; at most {MAX_PIXELS:,}"
        raise BadRequest(larger, f"{size} is {pixels}. {ALLOWED_SIZES}")
    if max(sides.values()) > MAX_RATIO * min(sides.values()):
        raise BadRequest(larger, f"{size} is too long for its width. {ALLOWED_SIZES}")


def _check_sampling(request: ImageRequest) -> None:
    if request.sampler not in SAMPLERS:
        raise BadRequest("sampler", f"{request.sampler!r} is none of {', '.join(SAMPLERS)}")
    for name, kinds in (("residual_dtype", ResidualDtype), ("noise_device", NoiseDevice)):
        if getattr(request, name) not in get_args(kinds):
            allowed = ", ".join(get_args(kinds))
            raise BadRequest(name, f"{getattr(request, name)!r} is none of {allowed}")
    if request.timesteps is not None:
        _check_timesteps(request.timesteps)
    if not 1 <= request.steps <= MAX_STEPS:
        raise BadRequest("steps", f"must be 1 to {MAX_STEPS}, not {request.steps}")
    ranges = {
        "guidance_scale": (0.0, 100.0),
        "shift": (0.01, 100.0),
        "noise_scale_start": (0.0, 100.0),
        "noise_scale_end": (0.0, 100.0),
        "noise_clip_std": (0.0, 100.0),
        "seam_smoothing": (0.0, 1.0),
    }
    for name, (lowest, highest) in ranges.items():
        if not lowest <= getattr(request, name) <= highest:
            raise BadRequest(
                name, f"must be {lowest:g} to {highest:g}, not {getattr(request, name):g}"
            )
    if not 0 <= request.seed < 2**63 - 1:
        raise BadRequest("seed", f"must be 0 to 2**63 - 2, not {request.seed}")


def _check_timesteps(timesteps: Sequence[object]) -> None:
    for index, timestep in enumerate(timesteps):
        if not isinstance(timestep, int) or isinstance(timestep, bool) or not 0 < timestep <= 1000:
            raise BadRequest(
                f"timesteps[{index}]", f"must be a whole number 1 to 1000, not {timestep!r}"
            )
    whole = cast("Sequence[int]", timesteps)
    for index in range(1, len(whole)):
        if whole[index] >= whole[index - 1]:
            raise BadRequest(
                f"timesteps[{index}]",
                f"{whole[index]} does not fall below {whole[index - 1]} before it; "
                "noise must fall at every step",
            )


def _check_references(request: ImageRequest) -> None:
    count = len(request.references)
    limit = MAX_REFERENCES
    if count > limit:
        raise BadRequest("references", f"{count} are given; at most {limit}")
    for index, reference in enumerate(request.references):
        if isinstance(reference, str | Path) and not Path(reference).is_file():
            raise BadRequest(f"references[{index}]", f"no file at {str(reference)!r}")
    if request.keep_original_aspect and count != 1:
        raise BadRequest("keep_original_aspect", f"needs exactly one reference, {count} are given")
    if request.boxes() and not count:
        raise BadRequest("layout_bboxes", "needs the references that go into the boxes")
