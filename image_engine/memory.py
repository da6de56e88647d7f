"""Device memory: what a request will need, what was used, how to let go of it.

Knows: the sum of weights, prefix, activations; the allocator's own figures.
Does not know: what is drawn.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from torch import nn

from image_engine import sizes
from image_engine.config import PATCH_VALUES, ModelConfig
from image_engine.errors import BudgetExceeded
from image_engine.result import MemoryEstimate

RESERVE = {"cuda": 768 * 2**20}
"""What CUDA's context, kernels and fragmentation take besides tensors; measured is better."""
FLOAT32 = 4


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows of each kind a request has."""

    streams: int
    target: int
    references: int
    prefix: tuple[int, ...]
    """Prefix tokens of each stream."""
    longest_segment: int
    vision: int
    """Vision patches of the largest reference, before merging."""

    @property
    def drawn(self) -> int:
        """Rows of one stream that are computed at every step."""
        return 1 + self.target + self.references


def tensors_of(model: nn.Module) -> Iterator[torch.Tensor]:
    """Parameters and buffers."""
    yield from model.parameters()
    yield from model.buffers()


def move(model: nn.Module, device: torch.device) -> None:
    """Move every tensor of a model, one at a time, so that hardly anything is held twice."""
    for tensor in tensors_of(model):
        tensor.data = tensor.data.to(device)


def weight_bytes(tensors: Iterable[torch.Tensor]) -> int:
    """Bytes of all tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def estimate_memory(
    config: ModelConfig, rows: Rows, dtype: torch.dtype, weights: int, cached: int, device: str
) -> MemoryEstimate:
    """Predicted peak of one request. `cached` is what the caches may hold besides, in bytes."""
    item = dtype.itemsize
    keys = config.key_heads * config.head_dim
    prefix = sum(rows.prefix) * config.layers * 2 * keys * item + cached
    return MemoryEstimate(
        weights=weights,
        prefix=prefix,
        activations=_step_bytes(config, rows, item) + _state_bytes(rows),
        vision=_vision_bytes(config, rows, item) if rows.vision else 0,
        reserve=RESERVE.get(device, 0),
    )


def _step_bytes(config: ModelConfig, rows: Rows, item: int) -> int:
    """One layer at its widest: the MLP's three wide tensors, or attention's heads."""
    hidden, wide = config.hidden, config.text.intermediate_size
    queries, keys = config.heads * config.head_dim, config.key_heads * config.head_dim
    count = rows.streams * rows.drawn
    context = max(rows.prefix) + rows.drawn
    kept = count * (4 * hidden + queries * 2 + 2 * keys) * item
    mlp = count * (3 * wide + hidden) * item
    attention = count * 2 * queries * item + 2 * context * keys * item
    norm = count * hidden * 2 * FLOAT32
    rotary = 2 * count * config.head_dim * item
    references = rows.references * hidden * item
    pixels = rows.streams * rows.target * PATCH_VALUES * (item + FLOAT32)
    return kept + max(mlp, attention, norm, pixels) + rotary + references


def _state_bytes(rows: Rows) -> int:
    """The sampler's pictures: z, two predictions, the direction and a scratch, in float32."""
    return rows.target * PATCH_VALUES * FLOAT32 * (6 + 2 * rows.streams)


def _vision_bytes(config: ModelConfig, rows: Rows, item: int) -> int:
    vision = config.vision
    wide = max(vision.intermediate_size, 3 * vision.hidden_size)
    return rows.vision * (2 * wide + 6 * vision.hidden_size) * max(item, FLOAT32)


def check_budget(estimate: MemoryEstimate, budget: int | None, size: tuple[int, int]) -> None:
    """Raise `BudgetExceeded`, with the sum, when the estimate is above the budget."""
    if budget is None or estimate.peak <= budget:
        return
    raise BudgetExceeded(
        f"{size[0]}×{size[1]} needs {estimate.explain()}, the budget is {budget / 2**30:.2f} GiB; "
        f"draw smaller, with fewer references, or give more",
        needed=estimate.peak,
        budget=budget,
    )


class PeakMeter:
    """The highest device memory in use while it is open; None where no device tells."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)

    def peak(self) -> int | None:
        """Bytes, weights included."""
        if self._device.type != "cuda":
            return None
        return torch.cuda.max_memory_allocated(self._device)


def let_go(device: torch.device) -> None:
    """Give memory that nothing refers to any more back to the device."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.empty_cache()


def patch_count(width: int, height: int) -> int:
    """Patches of a picture."""
    rows, columns = sizes.grid(width, height)
    return rows * columns
