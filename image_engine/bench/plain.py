"""A decoder layer written as Transformers writes it: one tensor for every operation.

Knows: the arithmetic of norm, rotation and MLP without any saving of memory traffic.
Does not know: sequences, masks. The lowest rung of the ladder is built from it.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn
from torch.nn import functional

from image_engine.model import Attention, KeysValues, Rotary, SwiGLU


def norm(module: nn.RMSNorm, hidden: torch.Tensor) -> torch.Tensor:
    """Root mean square in float32, then the weight."""
    wide = hidden.to(torch.float32)
    variance = wide.pow(2).mean(-1, keepdim=True)
    wide = wide * torch.rsqrt(variance + cast("float", module.eps))
    return module.weight * wide.to(hidden.dtype)


def mlp(module: SwiGLU, hidden: torch.Tensor) -> torch.Tensor:
    """All tokens at once, three wide tensors."""
    return module.down_proj(functional.silu(module.gate_proj(hidden)) * module.up_proj(hidden))


def queries(module: Attention, hidden: torch.Tensor, rotary: Rotary) -> torch.Tensor:
    """As `Attention.queries`."""
    return _rotate(norm(module.q_norm, _split(module, module.q_proj(hidden))), rotary)


def keys_values(module: Attention, hidden: torch.Tensor, rotary: Rotary) -> KeysValues:
    """As `Attention.keys_values`."""
    keys = _rotate(norm(module.k_norm, _split(module, module.k_proj(hidden))), rotary)
    return keys, _split(module, module.v_proj(hidden))


def _split(module: Attention, projected: torch.Tensor) -> torch.Tensor:
    return projected.view(*projected.shape[:-1], -1, module.head_dim)


def _rotate(heads: torch.Tensor, rotary: Rotary) -> torch.Tensor:
    cos, sin = rotary
    half = heads.shape[-1] // 2
    turned = torch.cat((-heads[..., half:], heads[..., :half]), dim=-1)
    return heads * cos + turned * sin
