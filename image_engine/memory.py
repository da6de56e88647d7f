"""Device memory: what a request will need, what was used, how to release it.

Knows: the sum of weights, prefix, activations; the allocator's own figures.
Does not know: what is drawn.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from image_engine import sizes
from image_engine.acceleration import Acceleration
from image_engine.config import PATCH_VALUES, ModelConfig
from image_engine.errors import BudgetExceeded
from image_engine.model import WIDE_BYTES
from image_engine.result import MemoryEstimate

CUDA_RESERVE = 768 * 2**20
"""What CUDA's context, kernels and fragmentation take besides tensors."""
FLOAT32 = 4
PICTURES_KEPT = 5
"""float32 pictures the sampler holds during a prediction: z, the one before, two x̂, noise."""
PICTURES_IN_UPDATE = 13
"""The most it holds at one time, in UniPC's corrector and when the picture is measured."""


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """How many tokens of each kind a request has."""

    batch: int
    """Prompts that are drawn together: 2 with guidance."""
    target: int
    references: int
    prefix: tuple[int, ...]
    """Prefix tokens of each prompt."""
    vision: int
    """Vision patches of the largest reference, before merging."""
    vision_total: int
    """Vision patches of all references."""

    @property
    def drawn(self) -> int:
        """Tokens of one prompt that are computed at every step."""
        return 1 + self.target + self.references


@dataclass(frozen=True, slots=True)
class MemoryInUse:
    """Bytes that an engine holds before a request begins."""

    weights: int
    cached: int
    cache_limit: int


def tensors_of(model: nn.Module) -> Iterator[torch.Tensor]:
    """Parameters and buffers."""
    yield from model.parameters()
    yield from model.buffers()


def weight_bytes(tensors: Iterable[torch.Tensor]) -> int:
    """Bytes of all tensors."""
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


@dataclass(frozen=True, slots=True)
class Formats:
    """In what numbers are held, and where."""

    weights: torch.dtype
    residual: torch.dtype
    device: str


def estimate_memory(
    config: ModelConfig,
    tokens: TokenCounts,
    formats: Formats,
    in_use: MemoryInUse,
    acceleration: Acceleration,
) -> MemoryEstimate:
    """Predicted peak of one request."""
    item, device = formats.weights.itemsize, formats.device
    token_bytes = config.layers * 2 * config.key_heads * config.head_dim * item
    # A prefix under construction is held twice: in chunks, and joined for the next one to see.
    prefix = (sum(tokens.prefix) + max(tokens.prefix)) * token_bytes
    cached = min(in_use.cache_limit, in_use.cached + sum(tokens.prefix) * token_bytes)
    kept = _kept_between_steps(config, tokens, formats, acceleration, token_bytes)
    return MemoryEstimate(
        weights=in_use.weights,
        prefix=prefix + cached,
        activations=kept + _drawing_bytes(config, tokens, formats),
        vision=_vision_bytes(config, tokens, item) if tokens.vision else 0,
        reserve=CUDA_RESERVE if device == "cuda" else _host_bytes(config, tokens),
    )


def _kept_between_steps(
    config: ModelConfig,
    tokens: TokenCounts,
    formats: Formats,
    acceleration: Acceleration,
    token_bytes: int,
) -> int:
    """What approximations remember from one step to the next."""
    kept = 0
    if acceleration.ref_kv > 1:
        layer = token_bytes // config.layers  # joined to its prefix while it is at work
        kept += tokens.batch * tokens.references * (token_bytes + layer)
    if acceleration.step_cache:
        kept += 3 * tokens.batch * tokens.target * config.hidden * formats.residual.itemsize
    return kept


def _step_bytes(config: ModelConfig, tokens: TokenCounts, formats: Formats) -> int:
    """One layer at its widest: the MLP's two wide tensors, or attention's heads."""
    item, residual = formats.weights.itemsize, formats.residual.itemsize
    wide_bytes = WIDE_BYTES.get(formats.device, WIDE_BYTES["cuda"])
    hidden, wide = config.hidden, config.text.intermediate_size
    queries, keys = config.heads * config.head_dim, config.key_heads * config.head_dim
    count = tokens.batch * tokens.drawn
    context = max(tokens.prefix) + tokens.drawn
    kept = count * (2 * hidden * residual + (2 * hidden + queries * 2 + 2 * keys) * item)
    mlp = 2 * min(count * wide * item, wide_bytes) + 2 * count * hidden * item
    attention = count * 2 * queries * item + 2 * context * keys * item
    norm = count * hidden * 2 * FLOAT32
    rotary = 2 * count * config.head_dim * item
    references = tokens.references * hidden * residual
    pixels = tokens.batch * tokens.target * PATCH_VALUES * (residual + FLOAT32)
    return kept + max(mlp, attention, norm, pixels) + rotary + references


def _drawing_bytes(config: ModelConfig, tokens: TokenCounts, formats: Formats) -> int:
    """The worse of a prediction and the sampler's update after it, which never coincide."""
    picture = tokens.target * PATCH_VALUES * FLOAT32
    head = 0
    if formats.residual != formats.weights:  # its weights, in the dtype it computes in
        head = config.hidden * PATCH_VALUES * formats.residual.itemsize
    behind = picture if formats.device == "cuda" else 0
    return behind + max(
        _step_bytes(config, tokens, formats) + head + PICTURES_KEPT * picture,
        PICTURES_IN_UPDATE * picture,
    )


def _vision_bytes(config: ModelConfig, tokens: TokenCounts, item: int) -> int:
    vision = config.vision
    wide = max(vision.intermediate_size, 3 * vision.hidden_size)
    inputs = tokens.vision * _vision_values(config) * FLOAT32
    return tokens.vision * (2 * wide + 6 * vision.hidden_size) * max(item, FLOAT32) + inputs


def _host_bytes(config: ModelConfig, tokens: TokenCounts) -> int:
    """Inputs that wait in host memory, which is the device's own on a CPU."""
    references = 2 * tokens.references * PATCH_VALUES
    return FLOAT32 * (references + tokens.vision_total * _vision_values(config))


def _vision_values(config: ModelConfig) -> int:
    """Numbers in one patch of the vision tower."""
    vision = config.vision
    temporal, side = cast("int", vision.temporal_patch_size), cast("int", vision.patch_size)
    return vision.in_channels * temporal * side**2


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


def free_memory(device: torch.device) -> None:
    """Give memory that nothing refers to any more back to the device."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.empty_cache()


def patch_count(width: int, height: int) -> int:
    """Patches of a picture."""
    rows, columns = sizes.grid(width, height)
    return rows * columns
