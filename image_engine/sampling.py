"""The loop from noise to picture.

Knows: noise, steps, progress, cancellation, when patch seams are smoothed, what is no picture.
Does not know: where predictions come from, files, memory.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from PIL import Image

from image_engine import patch_smoothing
from image_engine.acceleration import Acceleration
from image_engine.denoiser import Denoiser
from image_engine.errors import Cancelled, NotFinite
from image_engine.references import Scene, to_image, to_patches
from image_engine.request import ImageRequest
from image_engine.result import OnStep, Progress
from image_engine.samplers import Schedule, make_update


@dataclass(frozen=True, slots=True)
class Sampled:
    """The end of the loop."""

    patches: torch.Tensor
    """float32 (N, 3072) on the CPU."""
    steps: int
    unsmoothed: torch.Tensor | None
    """The last prediction before seam smoothing, on the CPU; None without smoothing."""


def sample(
    request: ImageRequest,
    scene: Scene,
    denoiser: Denoiser,
    schedule: Schedule,
    acceleration: Acceleration,
    on_step: OnStep | None = None,
    cancel: threading.Event | None = None,
) -> Sampled:
    """Draw one picture.

    Raises `Cancelled` between steps once `cancel` is set, `NotFinite` when a step gives no number.
    """
    update = make_update(request, schedule, denoiser.device)
    size = (scene.width, scene.height)
    steps = len(schedule.timesteps)
    z = initial_noise(request, scene).to(denoiser.device)
    before: torch.Tensor | None = None
    watch = _Watch(schedule, denoiser.device, size, on_step)
    for index in range(steps):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"cancelled after {index} of {steps} steps")
        guided = request.guidance_scale > 1 and acceleration.guides(index, steps)
        guidance = request.guidance_scale if guided else None
        clean = denoiser.predict(z, index, guidance)
        if request.seam_smoothing and patch_smoothing.smooths(index, steps):
            before = clean
            again = partial(denoiser.predict, step=index, guidance=guidance, use_cache=False)
            clean = patch_smoothing.smooth_prediction(again, z, clean, size, request.seam_smoothing)
        z = update.step(index, z, (z - clean) / schedule.velocity_sigma(index))
        watch.step_issued(z, clean)
    watch.finish()
    return Sampled(z.cpu(), steps, before.cpu() if before is not None else None)


class _Watch:
    """Follows the steps: reports what is done, and stops where a step gave NaN or infinity.

    A GPU computes behind the program's back. Waiting for every step would leave it idle between
    two; not waiting at all would report steps that have only been asked for, and make a cancelled
    picture go on. So it is waited for one step late: the next step is queued already.
    """

    def __init__(
        self,
        schedule: Schedule,
        device: torch.device,
        size: tuple[int, int],
        on_step: OnStep | None,
    ) -> None:
        self._timesteps = schedule.timesteps
        self._size = size
        self._on_step = on_step
        self._behind = 1 if device.type == "cuda" else 0
        self._finite = torch.ones(len(self._timesteps), dtype=torch.bool)
        if self._behind:
            self._finite = self._finite.pin_memory()
        self._issued: deque[tuple[torch.Tensor, torch.cuda.Event | None]] = deque()
        self._done = 0
        self._at = time.perf_counter()

    def step_issued(self, z: torch.Tensor, clean: torch.Tensor) -> None:
        """Note a step whose work has been queued; `z` is its result, `clean` its prediction."""
        index = self._done + len(self._issued)
        self._finite[index].copy_(torch.isfinite(z).all(), non_blocking=True)
        event = None
        if self._behind:
            event = torch.cuda.Event()
            event.record()
        self._issued.append((clean, event))
        if len(self._issued) > self._behind:
            self._settle()

    def finish(self) -> None:
        """Wait for what is still under way."""
        while self._issued:
            self._settle()

    def _settle(self) -> None:
        clean, event = self._issued.popleft()
        if event is not None:
            event.synchronize()
        now = time.perf_counter()
        seconds, self._at = now - self._at, now
        self._done += 1
        steps, timestep = len(self._timesteps), int(self._timesteps[self._done - 1])
        if not self._finite[self._done - 1]:
            raise NotFinite(
                f"step {self._done} of {steps} (τ {timestep}) gave NaN or infinity: damaged "
                "weights, an overflow, or a faulty GPU; nothing is drawn of it"
            )
        if self._on_step is not None:
            preview = partial(to_picture, clean, self._size)
            self._on_step(Progress(self._done, steps, timestep, seconds, preview))
            self._at = time.perf_counter() if event is None else self._at


def initial_noise(request: ImageRequest, scene: Scene) -> torch.Tensor:
    """float32 (N, 3072) on the CPU: the same on every device."""
    generator = torch.Generator().manual_seed(request.seed + 1)
    noise = torch.randn((1, 3, scene.height, scene.width), generator=generator)
    return to_patches(request.noise_scale_start * noise[0])


def to_picture(patches: torch.Tensor, size: tuple[int, int]) -> Image.Image:
    """Patches in [-1, 1] → RGB of `size` (width, height)."""
    pixels = (to_image(patches.float().cpu(), *size).permute(1, 2, 0) + 1) / 2 * 255
    return Image.fromarray(pixels.clamp(0, 255).round().numpy().astype(np.uint8))
