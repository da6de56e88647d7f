"""From noise to picture: the noise schedules and the three update rules.

Knows: noise levels σ, integer timesteps τ, how one step follows from a prediction.
Does not know: the model, guidance, patches; every tensor here has whatever shape it has.

The model predicts a clean image x̂; the velocity is v = (x̂ - z) / max(τ/1000, 0.001), and a
sampler is given -v, the direction in which noise falls. Sources: UniPC (arXiv 2302.04867) as used
for flow matching, order 2, bh2, predicting x̂; flow-match Euler (arXiv 2403.03206).
"""

from __future__ import annotations

import math
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from image_engine.request import ImageRequest

SMALLEST_SIGMA = 0.001
Levels: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Noise levels of one run of n steps."""

    timesteps: tuple[float, ...]
    """τ of every step, n of them, falling from at most 1000; what the model is told."""
    sigmas: tuple[float, ...]
    """σ before every step and after the last, n + 1 of them in float32 precision, ending in 0."""

    def velocity_sigma(self, step: int) -> float:
        """The divisor of the velocity."""
        return max(float(np.float32(self.timesteps[step]) / np.float32(1000)), SMALLEST_SIGMA)


class Update(Protocol):
    """One sampler during one run."""

    def step(self, index: int, z: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
        """z at σ[index] and -v there → z at σ[index + 1]. float32 in, float32 out."""
        ...


def shifted(sigma: Levels, shift: float) -> Levels:
    """Bend σ towards noise (shift > 1) or towards the picture (shift < 1)."""
    return shift * sigma / (1 + (shift - 1) * sigma)


def make_schedule(request: ImageRequest) -> Schedule:
    """The schedule that a request asks for."""
    if request.timesteps is not None:
        listed = np.array(request.timesteps, dtype=np.float64)
        return _schedule(listed, listed / 1000)
    if request.sampler == "unipc":
        # The largest training level, 1 - 1/1000, is itself shifted, in float32; then n equal steps
        # down to zero are shifted again.
        largest = float(shifted(np.array([1 - 1 / 1000], np.float32), request.shift)[0])
        sigmas = shifted(np.linspace(largest, 0, request.steps + 1)[:-1], request.shift)
        return _schedule(np.trunc(sigmas * 1000), sigmas)
    smallest = float(shifted(np.array([0.001]), request.shift)[0])
    sigmas = shifted(np.linspace(1.0, smallest, request.steps), request.shift)
    return _schedule(sigmas * 1000, sigmas)


def _schedule(timesteps: Levels, sigmas: Levels) -> Schedule:
    rounded = [float(sigma) for sigma in sigmas.astype(np.float32)]
    return Schedule(tuple(float(timestep) for timestep in timesteps), (*rounded, 0.0))


def make_update(
    request: ImageRequest, schedule: Schedule, device: torch.device | None = None
) -> Update:
    """The sampler that a request asks for, fresh for one run on `device` (the CPU if not named)."""
    if request.sampler == "unipc":
        return UniPC(schedule.sigmas)
    if request.sampler == "flow_match":
        return FlowMatchEuler(schedule.sigmas)
    steps = len(schedule.timesteps)
    start, end = request.noise_scale_start, request.noise_scale_end
    scales = [start + (end - start) * index / max(steps - 1, 1) for index in range(steps)]
    return Flash(schedule.sigmas, scales, FreshNoise(request, device or torch.device("cpu")))


class FreshNoise:
    """Normal noise for one flash step after another, cut as the request says.

    Drawn on the CPU it is the same on every machine; then the next step's is drawn on a thread
    while the device computes, and copied from pinned memory. A generator of its own gives the
    same numbers as the global one with this seed, whatever else draws from the global one.
    """

    def __init__(self, request: ImageRequest, device: torch.device) -> None:
        self._clip = request.noise_clip_std
        self._device = device
        self._place = device if request.noise_device == "device" else torch.device("cpu")
        self._generator = torch.Generator(self._place).manual_seed(request.seed + 1)
        self._ahead = device != self._place
        self._thread = ThreadPoolExecutor(1, "noise") if self._ahead else None
        self._next: Future[torch.Tensor] | None = None

    def draw(self, shape: torch.Size, *, last: bool) -> torch.Tensor:
        """Noise on the run's device; `last` says that no more will be asked for."""
        if self._thread is None:
            return self._draw(shape)
        now = self._next or self._thread.submit(self._draw, shape)
        self._next = None if last else self._thread.submit(self._draw, shape)
        fresh = now.result().to(self._device, non_blocking=True)
        if last:
            self._thread.shutdown(wait=False)
        return fresh

    def _draw(self, shape: torch.Size) -> torch.Tensor:
        fresh = torch.randn(shape, generator=self._generator, device=self._place)
        if self._clip > 0:
            limit = fresh.std() * self._clip
            if self._place.type == "cpu":
                limit = torch.tensor(fresh.std().item() * self._clip)
            fresh = torch.minimum(torch.maximum(fresh, -limit), limit)  # nothing to wait for
        return fresh.pin_memory() if self._ahead and self._device.type == "cuda" else fresh


@dataclass(frozen=True, slots=True)
class FlowMatchEuler:
    """A straight step along the direction."""

    sigmas: tuple[float, ...]

    def step(self, index: int, z: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
        """See `Update`."""
        return z + (self.sigmas[index + 1] - self.sigmas[index]) * direction


@dataclass(frozen=True, slots=True)
class Flash:
    """Stochastic Euler: go all the way to x̂, then return to the next level with fresh noise."""

    sigmas: tuple[float, ...]
    scales: list[float]
    noise: FreshNoise

    def step(self, index: int, z: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
        """See `Update`."""
        clean = z - direction * self.sigmas[index]
        after = self.sigmas[index + 1]
        if not after:
            return clean
        last = index + 2 == len(self.sigmas) - 1
        fresh = self.noise.draw(z.shape, last=last)
        return after * fresh * self.scales[index] + (1 - after) * clean


class UniPC:
    """Predictor and corrector of order 2 on x̂, order 1 at both ends."""

    def __init__(self, sigmas: tuple[float, ...]) -> None:
        self.sigmas = sigmas
        self._clean: list[torch.Tensor] = []  # the last two predictions, newest last
        self._before: torch.Tensor | None = None  # z before the last step
        self._order = 1

    def step(self, index: int, z: torch.Tensor, direction: torch.Tensor) -> torch.Tensor:
        """See `Update`."""
        clean = z - self.sigmas[index] * direction
        if self._before is not None:
            z = self._correct(index, self._before, clean)
        self._clean = [*self._clean[-1:], clean]
        self._before = z
        steps = len(self.sigmas) - 1
        self._order = min(2, steps - index, index + 1)
        return self._predict(index, z)

    def _predict(self, index: int, z: torch.Tensor) -> torch.Tensor:
        clean = self._clean[-1]
        sigma, after = self.sigmas[index], self.sigmas[index + 1]
        if not after:
            return clean
        growth = math.expm1(-(self._snr(index + 1) - self._snr(index)))
        z = (after / sigma) * z - (1 - after) * growth * clean
        if self._order == 2:
            slope = (self._clean[-2] - clean) / self._ratio(index, index + 1)
            z = z - (1 - after) * growth * 0.5 * slope
        return z

    def _correct(self, index: int, before: torch.Tensor, clean: torch.Tensor) -> torch.Tensor:
        """Redo the last step, now that the prediction at its end is known."""
        start = self._clean[-1]
        sigma, after = self.sigmas[index - 1], self.sigmas[index]
        h = -(self._snr(index) - self._snr(index - 1))
        growth = math.expm1(h)
        z = (after / sigma) * before - (1 - after) * growth * start
        if self._order == 1:
            return z - (1 - after) * growth * 0.5 * (clean - start)
        ratio = self._ratio(index - 1, index)
        slope = (self._clean[-2] - start) / ratio
        older, newer = self._weights(h, growth, ratio)
        return z - (1 - after) * growth * (older * slope + newer * (clean - start))

    @staticmethod
    def _weights(h: float, growth: float, ratio: float) -> tuple[float, float]:
        """Solve [[1, 1], [ratio, 1]] · w = b for the two differences of the corrector."""
        phi1 = growth / h - 1
        phi2 = phi1 / h - 0.5
        first, second = phi1 / growth, 2 * phi2 / growth
        older = (first - second) / (1 - ratio)
        return older, first - older

    def _snr(self, index: int) -> float:
        """λ = log(α/σ), half the log signal-to-noise ratio."""
        sigma = self.sigmas[index]
        return math.log(1 - sigma) - math.log(sigma) if sigma < 1 else -math.inf

    def _ratio(self, start: int, end: int) -> float:
        """Where the step before lies, in units of this one; negative."""
        here = self._snr(start)
        return (self._snr(start - 1) - here) / (self._snr(end) - here)
