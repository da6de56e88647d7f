"""The card that is measured: how much is asked of it, and a full-size engine on it.

Knows: the engine and its bench. Does not know: what is asked (`gpu_steps`, `gpu_server`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from image_engine import ImageEngine, ImageRequest
from image_engine.bench.__main__ import Bench, request
from image_engine.bench.random_model import Shape, random_engine
from image_engine.engine import EngineOptions, make_denoiser
from image_engine.kernels import Kernels
from image_engine.samplers import make_schedule
from image_engine.sampling import sample

GIB = 2**30

Answer = dict[str, Any]


@dataclass(slots=True)
class Card:
    """The machine at hand, and how much is asked of it."""

    device: str
    dtype: torch.dtype
    shape: Shape
    exact_shape: Shape
    """Of the model that bfloat16 is compared on: it has to fit twice, once in float32."""
    sides: Sequence[int]
    references: Sequence[int]
    steps: int
    backend: str = "inductor"
    engine: ImageEngine | None = None

    @property
    def cuda(self) -> bool:
        return self.device.startswith("cuda")

    def loaded(self) -> ImageEngine:
        """The full-size engine, made when first asked for."""
        if self.engine is None or self.engine.state == "released":
            options = EngineOptions(cache_bytes=GIB)
            self.engine = random_engine(self.shape, self.device, self.dtype, options)
        return self.engine

    def release(self) -> None:
        """Free what `loaded` made."""
        if self.engine is not None:
            self.engine.release()
        self.engine = None

    def request(self, side: int, references: int, **fields: Any) -> ImageRequest:
        """A picture with ramps as references."""
        bench = Bench(self.device, self.dtype, side, self.steps, 1)
        return replace(request(bench, references), **fields)

    def allocated(self) -> int | None:
        """Bytes of the device in use; None where it does not tell."""
        return torch.cuda.memory_allocated() if self.cuda else None

    def step_seconds(self, drawn: ImageRequest, kernels: Kernels | None = None) -> list[float]:
        """Seconds of every step but the first, prefix and transfers apart."""
        engine = self.loaded()
        seconds: list[float] = []
        with torch.inference_mode():
            plan = engine.plan(drawn)
            model, prefixes = engine.loaded()
            built = [prefixes.build(each, plan.residual) for each in plan.conditionings]
            schedule = make_schedule(drawn)
            denoiser = make_denoiser(model, plan, built, schedule, kernels)
            sample(
                drawn,
                plan.scene,
                denoiser,
                schedule,
                plan.acceleration,
                lambda progress: seconds.append(progress.seconds),
            )
        return seconds[1:] or seconds
