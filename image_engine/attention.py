"""Attention in two parts, neither of which needs a mask of the whole sequence.

Knows: which kernel computes softmax(qkᵀ)v. Does not know: layers, tokens, positions.

Tensors are (batch, heads, rows, head dim); keys and values may have fewer heads than queries.
PyTorch's own kernels serve everywhere; flash-attn is used for half precision on CUDA when it is
installed, and never needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache

import torch
from torch.nn import functional


def attend_all(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """Every query sees every key."""
    flash = _flash_attention()
    if flash is not None and _fits_flash(query):
        return flash(*_rows_first(query, key, value)).transpose(1, 2)
    return functional.scaled_dot_product_attention(
        query, key, value, enable_gqa=query.shape[1] != key.shape[1]
    )


def attend_causal(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """The queries are the last rows of the keys; each sees itself and what comes before."""
    flash = _flash_attention()
    if flash is not None and _fits_flash(query):
        return flash(*_rows_first(query, key, value), causal=True).transpose(1, 2)
    rows, past = query.shape[2], key.shape[2] - query.shape[2]
    grouped = query.shape[1] != key.shape[1]
    if not past:
        return functional.scaled_dot_product_attention(
            query, key, value, is_causal=True, enable_gqa=grouped
        )
    # Only a segment of the prefix: some hundred rows at most.
    visible = torch.ones(rows, past + rows, dtype=torch.bool, device=query.device).tril(past)
    return functional.scaled_dot_product_attention(
        query, key, value, attn_mask=visible, enable_gqa=grouped
    )


@cache
def _flash_attention() -> Callable[..., torch.Tensor] | None:
    try:
        module = importlib.import_module("flash_attn")
    except ImportError:
        return None
    return module.flash_attn_func


def _fits_flash(query: torch.Tensor) -> bool:
    return query.is_cuda and query.dtype in (torch.float16, torch.bfloat16)


def _rows_first(*tensors: torch.Tensor) -> list[torch.Tensor]:
    return [tensor.transpose(1, 2) for tensor in tensors]
