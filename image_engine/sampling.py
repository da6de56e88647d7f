"""The loop from noise to picture.

Knows: noise, steps, progress, cancellation, when patch seams are smoothed.
Does not know: where predictions come from, files, memory.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from PIL import Image

from image_engine import patch_smoothing
from image_engine.acceleration import Acceleration
from image_engine.denoiser import Denoiser, NoiseLevel
from image_engine.errors import Cancelled
from image_engine.references import Scene, to_image, to_patches
from image_engine.request import ImageRequest
from image_engine.result import OnStep, Progress
from image_engine.samplers import make_schedule, make_update


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
    acceleration: Acceleration,
    on_step: OnStep | None = None,
    cancel: threading.Event | None = None,
) -> Sampled:
    """Draw one picture. Raises `Cancelled` between steps once `cancel` is set."""
    schedule = make_schedule(request)
    update = make_update(request, schedule)
    size = (scene.width, scene.height)
    steps = len(schedule.timesteps)
    z = initial_noise(request, scene).to(denoiser.device)
    before: torch.Tensor | None = None
    for index, timestep in enumerate(schedule.timesteps):
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"cancelled after {index} of {steps} steps")
        started = time.perf_counter()
        guided = request.guidance_scale > 1 and acceleration.guides(index, steps)
        level = NoiseLevel(timestep, request.guidance_scale if guided else None)
        clean = denoiser.predict(z, index, level)
        if request.seam_smoothing and patch_smoothing.smooths(index, steps):
            before = clean
            again = partial(denoiser.predict, step=index, noise=level, use_cache=False)
            clean = patch_smoothing.smooth_prediction(again, z, clean, size, request.seam_smoothing)
        z = update.step(index, z, (z - clean) / schedule.velocity_sigma(index))
        if on_step is not None:
            seconds = time.perf_counter() - started
            preview = partial(to_picture, clean, size)
            on_step(Progress(index + 1, steps, int(timestep), seconds, preview))
    return Sampled(z.cpu(), steps, before.cpu() if before is not None else None)


def initial_noise(request: ImageRequest, scene: Scene) -> torch.Tensor:
    """float32 (N, 3072) on the CPU: the same on every device."""
    generator = torch.Generator().manual_seed(request.seed + 1)
    noise = torch.randn((1, 3, scene.height, scene.width), generator=generator)
    return to_patches(request.noise_scale_start * noise[0])


def to_picture(patches: torch.Tensor, size: tuple[int, int]) -> Image.Image:
    """Patches in [-1, 1] → RGB of `size` (width, height)."""
    pixels = (to_image(patches.float().cpu(), *size).permute(1, 2, 0) + 1) / 2 * 255
    return Image.fromarray(pixels.clamp(0, 255).round().numpy().astype(np.uint8))
