"""Seconds, floating-point operations and the machine's ceiling.

Knows: how to time a callable, how many operations a forward is. Does not know: what to compare.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import torch
from torch.nn import functional

from image_engine.attention import choose_attention
from image_engine.config import PATCH_VALUES, ModelConfig
from image_engine.memory import TokenCounts


def machine(device: str) -> str:
    """What the figures belong to."""
    if device.startswith("cuda"):
        return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"
    threads = torch.get_num_threads()
    return (
        f"{os.cpu_count()}-core {platform.machine()} CPU, {threads} "
        f"thread{'s' if threads > 1 else ' (seconds of its own)'}, torch {torch.__version__}"
    )


def clock_of(device: str) -> Callable[[], float]:
    """Wall time; on a CPU with a single thread its own time, which neighbours do not lengthen."""
    alone = device == "cpu" and torch.get_num_threads() == 1
    return time.process_time if alone else time.perf_counter


def seconds_of(work: Callable[[], object], device: str) -> float:
    """Seconds of one call, the device's own work included."""
    clock = clock_of(device)
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    started = clock()
    work()
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return clock() - started


def in_turns(
    works: Sequence[Callable[[], object]], device: str, rounds: int
) -> list[tuple[float, ...]]:
    """Times of each of several works, one a round, taken in turns so that all meet the same noise."""
    times = [[seconds_of(work, device) for work in works] for _ in range(rounds)]
    return list(zip(*times, strict=True))


def best_of(works: Sequence[Callable[[], object]], device: str, rounds: int) -> list[float]:
    """The best time of each of several works, see `in_turns`."""
    return [min(times) for times in in_turns(works, device, rounds)]


def times_as_fast(slow: Sequence[float], quick: Sequence[float]) -> float:
    """How many times as fast one work is as another: the median over the rounds, each of which
    compares two neighbours in time."""
    return median(a / b for a, b in zip(slow, quick, strict=True))


@dataclass(frozen=True, slots=True)
class Operations:
    """Floating-point operations of one prediction of the engine."""

    linear: int
    attention: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.linear + self.attention


def operations(config: ModelConfig, tokens: TokenCounts) -> Operations:
    """What one prediction needs with every exact saving; a multiply-add is two."""
    hidden, wide = config.hidden, config.text.intermediate_size
    queries, keys = config.heads * config.head_dim, config.key_heads * config.head_dim
    drawn = tokens.batch * tokens.drawn
    target = tokens.batch * tokens.target
    every = hidden * 2 * keys
    wanted = 2 * hidden * queries + 3 * hidden * wide
    linear = config.layers * drawn * every
    linear += (config.layers - 1) * drawn * wanted + target * wanted
    linear += tokens.target * (PATCH_VALUES + hidden) * (hidden // 4)
    linear += tokens.target * hidden * PATCH_VALUES
    context = sum(tokens.drawn + prefix for prefix in tokens.prefix)
    attention = 2 * queries * context * ((config.layers - 1) * tokens.drawn + tokens.target)
    return Operations(2 * linear, 2 * attention)


def matmul_rate(config: ModelConfig, count: int, device: str, dtype: torch.dtype) -> float:
    """Measured operations a second of the layer's own widest product, on `count` tokens."""
    hidden, wide = config.hidden, config.text.intermediate_size
    hidden_states = torch.randn(count, hidden, device=device).to(dtype)
    weight = torch.randn(wide, hidden, device=device).to(dtype)

    def product() -> torch.Tensor:
        return functional.linear(hidden_states, weight)

    product()
    (best,) = best_of([product], device, 10)
    return 2 * count * hidden * wide / best


def attention_rate(
    config: ModelConfig, tokens: TokenCounts, device: str, dtype: torch.dtype
) -> float:
    """Measured operations a second of the attention kernel in use, at the request's own shape."""
    attend = choose_attention(torch.device(device), dtype).attend
    shape = (1, tokens.drawn, config.heads, config.head_dim)
    context = tokens.drawn + max(tokens.prefix)
    queries = torch.randn(shape, device=device).to(dtype)
    keys = torch.randn(1, context, config.key_heads, config.head_dim, device=device).to(dtype)

    def once() -> torch.Tensor:
        return attend(queries, keys, keys, False)

    once()
    (best,) = best_of([once], device, 5)
    return 4 * config.heads * config.head_dim * tokens.drawn * context / best
