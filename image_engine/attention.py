"""Attention in two parts, neither of which needs a mask of the whole sequence.

Knows: which kernel computes softmax(qkᵀ)v. Does not know: layers, tokens, positions.

Tensors are (batch, heads, tokens, head dim); keys and values may have fewer heads than queries.
PyTorch's own kernels serve everywhere; flash-attn is used for half precision on CUDA when it is
installed, and never needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

import torch
from torch.nn import functional


def _find_flash_attention() -> Callable[..., torch.Tensor] | None:
    if not torch.cuda.is_available():
        return None
    try:
        return importlib.import_module("flash_attn").flash_attn_func
    except ImportError:
        return None


FLASH_ATTENTION = _find_flash_attention()


def attend_all(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Every query sees every key."""
    if FLASH_ATTENTION is not None and _fits_flash(query):
        return FLASH_ATTENTION(*_tokens_first(query, key, value)).transpose(1, 2)
    return _pytorch(query, key, value)


def attend_causal(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The queries are the last tokens of the keys; each sees itself and what comes before."""
    if FLASH_ATTENTION is not None and _fits_flash(query):
        return FLASH_ATTENTION(*_tokens_first(query, key, value), causal=True).transpose(1, 2)
    new, past = query.shape[2], key.shape[2] - query.shape[2]
    if not past:
        return _pytorch(query, key, value, is_causal=True)
    # Only a chunk of the prefix: some hundred tokens at most.
    visible = torch.ones(new, past + new, dtype=torch.bool, device=query.device).tril(past)
    return _pytorch(query, key, value, attn_mask=visible)


def _pytorch(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    attn_mask: torch.Tensor | None = None,
    is_causal: bool = False,
) -> torch.Tensor:
    groups = query.shape[1] // key.shape[1]
    if groups > 1 and query.is_cuda and not (_fits_flash(query) and attn_mask is None):
        # CUDA's kernels for float32 or a mask know no grouped heads; the plain fallback that does
        # would hold the whole matrix of scores.
        key, value = (tensor.repeat_interleave(groups, dim=1) for tensor in (key, value))
        groups = 1
    return functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attn_mask, is_causal=is_causal, enable_gqa=groups > 1
    )


def _fits_flash(query: torch.Tensor) -> bool:
    return query.is_cuda and query.dtype in (torch.float16, torch.bfloat16)


def _tokens_first(*tensors: torch.Tensor) -> list[torch.Tensor]:
    return [tensor.transpose(1, 2) for tensor in tensors]
