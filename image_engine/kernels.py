"""The element-wise work between the matrix products, plain and fused.

Knows: norms, rotation, the gate of the MLP, the sum into the residual stream; which attention.
Does not know: weights, layers.

Each function stands here once as plain PyTorch, written for few passes over memory, and once as
the formula that torch.compile makes into one kernel. Only these regions are compiled: products
and attention are libraries' work already. They take the same shapes in every layer, so a region
is one graph for all layers, both prompts, and every picture size.

Hidden states may be float32 (the residual stream) where weights are bfloat16: a norm computes in
the dtype of what it is given and hands on the dtype of its weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias, cast

import torch
from torch.nn import functional

from image_engine.attention import Attend, Kernel

Tensor: TypeAlias = torch.Tensor
Backend: TypeAlias = str | Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Kernels:
    """What computes what."""

    attention: Kernel
    norm: Callable[[Tensor, Tensor, float], Tensor]
    """Hidden states, weight, eps → normed, in the weight's dtype."""
    add_norm: Callable[[Tensor, Tensor, Tensor, float], tuple[Tensor, Tensor]]
    """Hidden states, what to add, weight, eps → the sum, and the sum normed."""
    norm_rotate: Callable[[Tensor, Tensor, float, Tensor, Tensor], Tensor]
    """Heads (batch, tokens, heads, head dim), weight, eps, cosines, sines → normed and rotated."""
    gate: Callable[[Tensor, Tensor], Tensor]
    """silu(first) · second; the first is lost."""

    @property
    def attend(self) -> Attend:
        """The attention kernel itself."""
        return self.attention.attend


def norm(hidden: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Root mean square norm over the last axis."""
    scale = weight.to(hidden.dtype)
    return functional.rms_norm(hidden, weight.shape, scale, eps).to(weight.dtype)


def add_norm(hidden: Tensor, added: Tensor, weight: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """The residual sum, and its norm."""
    total = hidden + added
    return total, norm(total, weight, eps)


def norm_rotate(heads: Tensor, weight: Tensor, eps: float, cos: Tensor, sin: Tensor) -> Tensor:
    """Norm every head, then rotate it to its position, halves paired."""
    normed = functional.rms_norm(heads, weight.shape, weight, eps)
    half = heads.shape[-1] // 2
    rotated = normed * cos
    rotated[..., :half].addcmul_(normed[..., half:], sin[..., :half], value=-1)
    rotated[..., half:].addcmul_(normed[..., :half], sin[..., half:])
    return rotated


def gate(first: Tensor, second: Tensor) -> Tensor:
    """silu(first) · second, in the memory of the first."""
    return functional.silu(first, inplace=True).mul_(second)


def _norm_rotate_formula(
    heads: Tensor, weight: Tensor, eps: float, cos: Tensor, sin: Tensor
) -> Tensor:
    normed = functional.rms_norm(heads, weight.shape, weight, eps)
    first, second = normed.chunk(2, dim=-1)
    return normed * cos + torch.cat((-second, first), dim=-1) * sin


def _gate_formula(first: Tensor, second: Tensor) -> Tensor:
    return functional.silu(first) * second


def plain_kernels(attention: Kernel) -> Kernels:
    """Eager PyTorch."""
    return Kernels(attention, norm, add_norm, norm_rotate, gate)


def differentiable_kernels(attention: Kernel) -> Kernels:
    """The formulas, which overwrite nothing that a gradient needs."""
    return Kernels(attention, norm, add_norm, _norm_rotate_formula, _gate_formula)


@cache
def _compiled(backend: Backend) -> tuple[Callable[..., Any], ...]:
    """The four regions, compiled once a process. Sizes are symbols: another picture size or
    number of references is no other graph."""
    formulas = (norm, add_norm, _norm_rotate_formula, _gate_formula)
    options = {"backend": backend, "dynamic": True, "fullgraph": True}
    return tuple(cast("Any", torch.compile)(formula, **options) for formula in formulas)


def compiled_kernels(attention: Kernel, backend: Backend = "inductor") -> Kernels:
    """The same through torch.compile.

    A region sees tokens of all prompts in one row, because a batch of one would be a graph of its
    own.
    """
    norm_region, add_region, rotate_region, gate_region = _compiled(backend)

    def flat_norm(hidden: Tensor, weight: Tensor, eps: float) -> Tensor:
        return norm_region(hidden.flatten(0, -2), weight, eps).view(hidden.shape)

    def flat_add_norm(
        hidden: Tensor, added: Tensor, weight: Tensor, eps: float
    ) -> tuple[Tensor, Tensor]:
        total, normed = add_region(hidden.flatten(0, -2), added.flatten(0, -2), weight, eps)
        return total.view(hidden.shape), normed.view(hidden.shape)

    def flat_rotate(heads: Tensor, weight: Tensor, eps: float, cos: Tensor, sin: Tensor) -> Tensor:
        flat = (heads.flatten(0, 1), weight, eps, cos.flatten(0, 1), sin.flatten(0, 1))
        return rotate_region(*flat).view(heads.shape)

    def flat_gate(first: Tensor, second: Tensor) -> Tensor:
        return gate_region(first.flatten(0, -2), second.flatten(0, -2)).view(first.shape)

    return Kernels(attention, flat_norm, flat_add_norm, flat_rotate, flat_gate)
