"""Which attention kernel is the fastest here: `python -m image_engine bench --attention`.

Knows: the shapes that pictures need, every kernel that may run. Does not know: models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, get_args

import torch

from image_engine.attention import Choice, choose_attention, why_not
from image_engine.bench.measure import best_of, seconds_of
from image_engine.config import ModelConfig

PROMPT_TOKENS = 60
REFERENCE_TOKENS = 152
"""What a prompt and each reference take of the prefix, about."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One kernel at one shape, or why it was not measured."""

    kernel: str
    side: int
    references: int
    seconds: float | None
    """Of one layer and one prompt; the best of several."""
    tflops: float | None
    new_length: float | None
    """Seconds of the first call with another prompt length: kernels that plan for a shape, plan
    again."""
    problem: str | None = None

    def record(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def measure_kernels(
    config: ModelConfig,
    device: torch.device,
    dtype: torch.dtype,
    shapes: Sequence[tuple[int, int]],
    rounds: int = 5,
) -> list[Measured]:
    """Every kernel on every shape; `shapes` are (side, references)."""
    measured: list[Measured] = []
    for name in [name for name in get_args(Choice) if name != "auto"]:
        problem = why_not(name, device, dtype)
        for side, references in shapes:
            if problem:
                measured.append(Measured(name, side, references, None, None, None, problem))
                continue
            try:
                measured.append(_measure(config, device, dtype, name, (side, references), rounds))
            except RuntimeError as error:  # a kernel that is there but does not take this shape
                text = str(error).splitlines()[0]
                measured.append(Measured(name, side, references, None, None, None, text))
    return measured


def _measure(
    config: ModelConfig,
    device: torch.device,
    dtype: torch.dtype,
    name: str,
    shape: tuple[int, int],
    rounds: int,
) -> Measured:
    side, references = shape
    attend = choose_attention(device, dtype, name).attend
    new = 1 + (side // 32) ** 2 * (1 + references)
    past = PROMPT_TOKENS + REFERENCE_TOKENS * references

    def call_of(length: int) -> Callable[[], torch.Tensor]:
        query, key, value = (
            torch.randn(1, tokens, heads, config.head_dim, device=device).to(dtype)
            for tokens, heads in (
                (new, config.heads),
                (length, config.key_heads),
                (length, config.key_heads),
            )
        )
        return lambda: attend(query, key, value, False)

    usual, longer = call_of(new + past), call_of(new + past + 7)
    usual()
    (best,) = best_of([usual], str(device), rounds)
    first = seconds_of(longer, str(device))
    operations = 4 * config.heads * config.head_dim * new * (new + past)
    return Measured(name, side, references, best, operations / best / 1e12, first)


def table(measured: Sequence[Measured], chosen: str) -> list[str]:
    """As Markdown; `chosen` says which one the engine takes."""
    lines = [
        f"The engine takes {chosen}.",
        "",
        "| kernel | size | references | ms a layer | TFLOP/s | ms at a new prompt length |",
        "|---|---|---|---|---|---|",
    ]
    for item in measured:
        row = f"| {item.kernel} | {item.side}² | {item.references} |"
        if item.seconds is None or item.tflops is None or item.new_length is None:
            lines.append(f"{row} not measured: {item.problem} | | |")
            continue
        times = f"{item.seconds * 1e3:.2f} | {item.tflops:.3g} | {item.new_length * 1e3:.2f}"
        lines.append(f"{row} {times} |")
    return [*lines, ""]
