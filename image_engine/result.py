"""What an engine gives back: progress while it draws, the picture, and what was measured.

Knows: the records. Does not know: how any of their values come about. Needs no torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Progress:
    """One sampling step is done."""

    step: int
    """Steps done so far, from 1."""
    steps: int
    timestep: int
    """The integer τ of this step, 999 … 0."""
    seconds: float
    """Wall time of this step."""
    preview: Callable[[], Image.Image]
    """Makes the present prediction x̂ into a picture. Call it before the callback returns: the
    prediction is not kept longer than that. Costs a copy from the device, so it is not made
    unless asked for."""


OnStep = Callable[[Progress], None]
"""Called after every step on the engine's own thread. What it raises ends the image."""


@dataclass(frozen=True, slots=True)
class ResultInfo:
    """What was drawn and what it took."""

    width: int
    height: int
    """Effective size in pixels, after snapping or `keep_original_aspect`."""
    reference_sizes: tuple[tuple[int, int], ...]
    """Width and height that each reference was reduced to, a layout canvas last."""
    sampler: str
    steps: int
    guidance_scale: float
    shift: float
    seed: int
    acceleration: str
    seconds: dict[str, float]
    """Per stage: references, prefix, sampling, decode; and total."""
    forwards: int
    """Passes of the model over the target, counting conditional and unconditional apart."""
    prefix_reused: int
    """Prefix tokens whose keys and values came from the cache instead of being computed."""
    peak_bytes: int | None
    """Highest device memory in use while drawing, weights included; None where the device does
    not tell (CPU)."""
    grid_energy: float
    """Energy of the 32-px grid in the final picture; 1.0 means no visible grid."""
    grid_energy_unsmoothed: float | None = None
    """The same of the last prediction before any seam smoothing; None without smoothing."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageResult:
    """One finished picture."""

    image: Image.Image
    """RGB."""
    patches: torch.Tensor
    """float32 on the CPU, (N, 3072): the final clean patches in [-1, 1] before rounding, row by
    row, each flattened (channel, row, column)."""
    info: ResultInfo = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Predicted device memory of one request in bytes, part by part."""

    weights: int
    prefix: int
    """Keys and values of the causal prefix, all layers, both prompts, and what caches may hold."""
    activations: int
    """Largest set of intermediate tensors alive at one time."""
    vision: int
    """Largest set while the references pass the vision tower; never at the same time as
    `activations`."""
    reserve: int
    """What allocator and libraries take besides; on a CPU the inputs that wait."""

    @property
    def peak(self) -> int:
        """Bytes at the worst moment."""
        return self.weights + self.prefix + max(self.activations, self.vision) + self.reserve

    def explain(self) -> str:
        """The sum in GiB, one line."""
        parts = {
            "weights": self.weights,
            "prefix keys and values": self.prefix,
            "activations": self.activations,
            "vision tower": self.vision,
            "reserve": self.reserve,
        }
        if self.vision >= self.activations:
            del parts["activations"]
        else:
            del parts["vision tower"]
        total = " + ".join(f"{name} {size / 2**30:.2f}" for name, size in parts.items())
        return f"{total} = {self.peak / 2**30:.2f} GiB"
