"""The engine: one loaded checkpoint that draws what it is asked for.

Knows: loading, drawing, moving to host memory and back, release. Does not know: HTTP, command
lines, beats; the maths lives in `model`, `samplers` and `conditioning`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, get_args

import torch

from image_engine import patch_smoothing
from image_engine.acceleration import Acceleration, parse_acceleration
from image_engine.checkpoint import load_model
from image_engine.conditioning import UNCONDITIONAL, Conditioner, Conditioning
from image_engine.config import Family, checkpoint_family, read_config
from image_engine.denoiser import Denoiser, DenoiserInputs
from image_engine.errors import BadRequest, CheckpointError, NotLoaded, OutOfMemory
from image_engine.kernels import Kernels, compiled_kernels
from image_engine.memory import (
    Formats,
    MemoryInUse,
    PeakMeter,
    TokenCounts,
    check_budget,
    estimate_memory,
    free_memory,
    patch_count,
    tensors_of,
    weight_bytes,
)
from image_engine.metadata import checkpoint_fingerprint
from image_engine.model import PixelModel
from image_engine.options import (
    EngineOptions,
    Weights,
    read_calibration,
    usable_device,
    usable_dtype,
)
from image_engine.prefix import Prefix, PrefixBuilder
from image_engine.quantize import compute_rowwise
from image_engine.references import Scene, prepare_scene
from image_engine.request import ImageRequest
from image_engine.request_warnings import request_warnings
from image_engine.result import ImageResult, MemoryEstimate, OnStep, Progress, ResultInfo
from image_engine.samplers import Schedule, make_schedule
from image_engine.sampling import Sampled, sample, to_picture

__all__ = ["EngineOptions", "ImageEngine", "ImageResult", "Progress", "ResultInfo", "Weights"]

State = Literal["loaded", "offloaded", "released"]


@dataclass(slots=True)
class _Clock:
    """Wall seconds by stage, with the device's work awaited at every edge."""

    device: torch.device
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        started = time.perf_counter()
        yield
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        self.seconds[name] = time.perf_counter() - started


@dataclass(frozen=True, slots=True)
class DrawingPlan:
    """One request, prepared on the host."""

    request: ImageRequest
    scene: Scene
    conditionings: tuple[Conditioning, ...]
    """Conditional first, then unconditional where guidance runs."""
    acceleration: Acceleration
    residual: torch.dtype


class ImageEngine:
    """Draws pictures with one checkpoint on one device; one at a time, from any thread.

    A context manager: leaving it releases everything.
    """

    def __init__(
        self,
        model: PixelModel,
        conditioner: Conditioner,
        options: EngineOptions,
        model_id: str,
        family: Family | None = None,
    ) -> None:
        model.use_attention(options.attention)
        self.device = model.device
        self.dtype = model.dtype
        self.options = options
        self.fingerprint = model_id
        """Tells checkpoints apart, see `metadata.checkpoint_fingerprint`."""
        self.family: Family | None = family
        """Which recipes the checkpoint wants, if its name tells."""
        self.attention = model.kernels.attention
        """The attention kernel in use, and why."""
        self._model: PixelModel | None = model
        self.config = model.config
        self._conditioner = conditioner
        self._prefixes: PrefixBuilder | None = PrefixBuilder(model, options.cache_bytes)
        self._weights = weight_bytes(tensors_of(model))
        self._calibrated = read_calibration(options.calibration, model_id)
        self._offloaded = False
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        path: str | Path,
        device: str = "cpu",
        dtype: str = "float32",
        options: EngineOptions | None = None,
    ) -> Self:
        """Read a checkpoint folder. `dtype`: float32 or bfloat16 (right for GPUs).

        Raises `CheckpointError` naming file and key, `BadRequest` for device or dtype.
        """
        options = options or EngineOptions()
        place, kind = usable_device(device), usable_dtype(dtype)
        if options.weights not in get_args(Weights):
            raise BadRequest("weights", f"must be one of {', '.join(get_args(Weights))}")
        folder = Path(path).expanduser()
        if not folder.is_dir():
            raise CheckpointError(f"{folder} is not a folder")
        config = read_config(folder)
        conditioner = Conditioner.read(folder, config)
        with _out_of_memory(f"loading {folder.name}"):
            model = load_model(folder, config, place, kind, fp8=options.weights == "fp8")
            if options.weights == "fp8-rowwise":
                compute_rowwise(model.language_model.layers, place)
        family = checkpoint_family(folder)
        return cls(model, conditioner, options, checkpoint_fingerprint(folder), family)

    @property
    def state(self) -> State:
        """Where the weights are: on the device, in host memory, nowhere."""
        if self._model is None:
            return "released"
        return "offloaded" if self._offloaded else "loaded"

    def generate(
        self,
        request: ImageRequest,
        on_step: OnStep | None = None,
        *,
        cancel: threading.Event | None = None,
    ) -> ImageResult:
        """Draw one picture.

        `on_step` hears of every step; what it raises ends the picture. `cancel`, once set, raises
        `Cancelled` before the next step. Raises `BadRequest`, `BudgetExceeded` before anything is
        computed, `OutOfMemory`, `NotLoaded`.
        """
        with self._lock, torch.inference_mode():
            model, prefixes = self.loaded()
            clock, meter = _Clock(self.device), PeakMeter(self.device)
            started = time.perf_counter()
            with clock.stage("references"):
                plan = self.plan(request)
            scene = plan.scene
            size = (scene.width, scene.height)
            check_budget(self._estimate(plan), self.options.budget_bytes, size)
            with _out_of_memory(f"{size[0]}×{size[1]}, {len(scene.references)} references"):
                with clock.stage("prefix"):
                    built = [prefixes.build(each, plan.residual) for each in plan.conditionings]
                with clock.stage("sampling"):
                    schedule = make_schedule(request)
                    denoiser = make_denoiser(model, plan, built, schedule)
                    sampled = sample(
                        request, scene, denoiser, schedule, plan.acceleration, on_step, cancel
                    )
            with clock.stage("decode"):
                image = to_picture(sampled.patches, size)
            clock.seconds["total"] = time.perf_counter() - started
            info = _info(plan, sampled, built, clock.seconds, denoiser.forwards, meter.peak())
            info = replace(info, warnings=request_warnings(request, scene, self.family))
            return ImageResult(image, sampled.patches.clone(), info)

    def generate_many(
        self,
        requests: Sequence[ImageRequest],
        on_step: OnStep | None = None,
        *,
        cancel: threading.Event | None = None,
    ) -> list[ImageResult]:
        """Draw several pictures, bit for bit as one by one.

        One picture fills a device, so they follow one another; what they share is computed once:
        prefixes that begin alike, vision features of common references.
        """
        return [self.generate(request, on_step, cancel=cancel) for request in requests]

    def estimate(self, request: ImageRequest) -> MemoryEstimate:
        """Predicted peak of device memory. Nothing is computed on the device."""
        return self._estimate(self.plan(request))

    def offload(self) -> None:
        """Move the weights to host memory and forget the caches."""
        with self._lock:
            self._move(torch.device("cpu"), offloaded=True)

    def restore(self) -> None:
        """Move the weights back to the device, without reading the disk."""
        with self._lock, _out_of_memory("restoring the weights"):
            self._move(self.device, offloaded=False)

    def release(self) -> None:
        """Release weights and caches, for good. Safe to call twice."""
        with self._lock:
            self._model = None
            self._prefixes = None
            free_memory(self.device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def _move(self, device: torch.device, *, offloaded: bool) -> None:
        if self._model is None or self._prefixes is None:
            raise NotLoaded("the engine was released; load it again")
        self._prefixes.clear()
        self._model.to(device)  # one tensor at a time: hardly anything is held twice
        self._offloaded = offloaded
        free_memory(self.device)

    def loaded(self) -> tuple[PixelModel, PrefixBuilder]:
        """The parts that draw. Raises `NotLoaded` while they are not on the device."""
        if self._model is None or self._prefixes is None:
            raise NotLoaded("the engine was released; load it again")
        if self._offloaded:
            raise NotLoaded("the weights are in host memory; call restore() first")
        return self._model, self._prefixes

    def plan(self, request: ImageRequest) -> DrawingPlan:
        """Prepare a request on the host. Raises `BadRequest`."""
        acceleration = self._acceleration(request)
        self.check_prompt(request.prompt)
        scene = prepare_scene(request)
        vision = self._conditioner.vision_inputs(scene)
        texts = [request.prompt, UNCONDITIONAL] if request.guidance_scale > 1 else [request.prompt]
        conditionings = [self._conditioner.condition(text, scene, vision) for text in texts]
        residual = torch.float32 if request.residual_dtype == "float32" else self.dtype
        return DrawingPlan(request, scene, tuple(conditionings), acceleration, residual)

    @property
    def check_prompt(self) -> Callable[[str], None]:
        """Refuses a prompt with the model's own markers in it, or one too long; needs no weights."""
        return self._conditioner.check_prompt

    def _acceleration(self, request: ImageRequest) -> Acceleration:
        text = request.acceleration
        if text == "calibrated":
            if self._calibrated is None:
                raise BadRequest(
                    "acceleration", "calibrated needs an engine loaded with a calibration file"
                )
            text = self._calibrated
        acceleration = parse_acceleration(text)
        stored = self.options.weights != "full"
        if acceleration.fp8 != stored:
            held = "in 8 bits" if stored else "in full"
            raise BadRequest(
                "acceleration",
                f"{text!r} does not fit an engine whose weights are held {held}; "
                + ("add fp8" if stored else "load it with weights='fp8' or leave fp8 out"),
            )
        return acceleration

    def count_tokens(self, plan: DrawingPlan) -> TokenCounts:
        """How many tokens of each kind a request has."""
        visions = [each.vision for each in plan.conditionings[0].chunks if each.vision]
        seen = [vision.rows * vision.columns for vision in visions]
        return TokenCounts(
            batch=len(plan.conditionings),
            target=patch_count(plan.scene.width, plan.scene.height),
            references=sum(patch_count(*each.size) for each in plan.scene.references),
            prefix=tuple(each.prefix_tokens for each in plan.conditionings),
            vision=max(seen, default=0),
            vision_total=sum(seen),
        )

    def _estimate(self, plan: DrawingPlan) -> MemoryEstimate:
        cached = self._prefixes.bytes if self._prefixes else 0
        in_use = MemoryInUse(self._weights, cached, self.options.cache_bytes * 5 // 4)
        return estimate_memory(
            self.config,
            self.count_tokens(plan),
            Formats(self.dtype, plan.residual, self.device.type),
            in_use,
            plan.acceleration,
        )


def make_denoiser(
    model: PixelModel,
    plan: DrawingPlan,
    prefixes: Sequence[Prefix],
    schedule: Schedule,
    kernels: Kernels | None = None,
) -> Denoiser:
    """What predicts the picture of a plan; `kernels` in place of the model's own."""
    patches = [reference.patches() for reference in plan.scene.references]
    inputs = DenoiserInputs(
        [prefix.layers for prefix in prefixes],
        torch.stack([each.positions for each in plan.conditionings]),
        torch.cat(patches) if patches else None,
        schedule.timesteps,
        plan.residual,
    )
    if kernels is None:
        attention = model.kernels.attention
        kernels = compiled_kernels(attention) if plan.acceleration.compile else model.kernels
    return Denoiser(model, inputs, plan.acceleration, kernels)


def _info(
    plan: DrawingPlan,
    sampled: Sampled,
    prefixes: Sequence[Prefix],
    seconds: dict[str, float],
    forwards: int,
    peak: int | None,
) -> ResultInfo:
    request, scene = plan.request, plan.scene
    size = (scene.width, scene.height)
    before = sampled.unsmoothed
    return ResultInfo(
        width=scene.width,
        height=scene.height,
        reference_sizes=tuple(reference.size for reference in scene.references),
        sampler=request.sampler,
        steps=sampled.steps,
        guidance_scale=request.guidance_scale,
        shift=request.shift,
        seed=request.seed,
        acceleration=str(plan.acceleration),
        seconds=seconds,
        forwards=forwards,
        prefix_reused=sum(prefix.reused for prefix in prefixes),
        peak_bytes=peak,
        grid_energy=patch_smoothing.grid_energy(sampled.patches, size),
        grid_energy_unsmoothed=None
        if before is None
        else patch_smoothing.grid_energy(before, size),
    )


@contextmanager
def _out_of_memory(doing: str) -> Generator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(f"out of memory ({doing}): {error}") from error
