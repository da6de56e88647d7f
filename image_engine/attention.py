"""Which kernel computes softmax(qkᵀ)v, and why that one.

Knows: the kernels there are, which of them run here, how each wants its tensors.
Does not know: layers, tokens, positions.

Tensors are (batch, tokens, heads, head dim), as projections leave them; keys and values may have
fewer heads than queries. Nothing is ever masked over the whole sequence: queries see all keys, or
(causal) are the last tokens of the keys and see what comes before them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args

import torch
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from image_engine.errors import BadRequest

Choice = Literal["auto", "fa3", "fa2", "cudnn", "flash", "sdpa"]
Attend: TypeAlias = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, bool], torch.Tensor]
"""Queries, keys, values, whether causal → (batch, tokens, heads, head dim)."""

HALF = (torch.float16, torch.bfloat16)
MODULES = {"fa3": "flash_attn_interface", "fa2": "flash_attn"}
BACKENDS = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION}


@dataclass(frozen=True, slots=True)
class Kernel:
    """One way to compute attention."""

    name: Choice
    reason: str
    """Why it was chosen, in words."""
    attend: Attend


def choose_attention(device: torch.device, dtype: torch.dtype, wanted: str = "auto") -> Kernel:
    """The kernel for one device and dtype.

    `auto` takes FlashAttention 3 on Hopper where it is installed, else what PyTorch has: cuDNN on
    Hopper and later, its own kernel elsewhere. FlashAttention 2 is the slowest of them on Hopper
    and equal to PyTorch's own on Ampere, so it is taken only by name. `python -m image_engine
    bench --attention` measures all. Raises `BadRequest` for a kernel that does not run here.
    """
    if wanted not in get_args(Choice):
        raise BadRequest("attention", f"{wanted!r} is none of {', '.join(get_args(Choice))}")
    if wanted != "auto":
        problem = why_not(cast("Choice", wanted), device, dtype)
        if problem:
            raise BadRequest("attention", f"{wanted} does not run here: {problem}")
        return _kernel(cast("Choice", wanted), "asked for by name")
    if device.type != "cuda":
        return _kernel("sdpa", f"PyTorch's own on {device.type}")
    if dtype not in HALF:
        return _kernel("sdpa", f"the others know no {str(dtype).removeprefix('torch.')}")
    major = torch.cuda.get_device_capability(device)[0]
    missing = why_not("fa3", device, dtype)
    if not missing:
        return _kernel("fa3", "FlashAttention 3 is installed, on Hopper")
    if major >= 9 and not why_not("cudnn", device, dtype):
        return _kernel("cudnn", f"Hopper or later, without FlashAttention 3 ({missing})")
    return _kernel("flash", f"PyTorch's own on compute capability {major}.x")


def why_not(name: Choice, device: torch.device, dtype: torch.dtype) -> str | None:
    """What keeps a kernel from running here; None if it does."""
    if name in ("auto", "sdpa"):
        return None
    if device.type != "cuda":
        return "it needs a CUDA device"
    if dtype not in HALF:
        return "it needs bfloat16"
    if name == "fa3" and torch.cuda.get_device_capability(device)[0] != 9:
        return "FlashAttention 3 is for Hopper (compute capability 9)"
    if name in MODULES:
        try:
            importlib.import_module(MODULES[name])
        except ImportError as error:
            return f"{MODULES[name]} is not installed ({error})"
    if name == "cudnn" and not torch.backends.cudnn.is_available():
        return "this PyTorch has no cuDNN"
    return None


def _kernel(name: Choice, reason: str) -> Kernel:
    if name in MODULES:
        return Kernel(name, reason, _flash_attention(name))
    if name in BACKENDS:
        # The second serves the few causal chunks of a prefix, whose mask the first may not know.
        backends = [BACKENDS[name], SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]
        return Kernel(name, reason, _pytorch(backends))
    return Kernel(name, reason, _pytorch(None))


def _flash_attention(name: str) -> Attend:
    function = cast("Callable[..., Any]", importlib.import_module(MODULES[name]).flash_attn_func)

    def attend(
        query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, causal: bool
    ) -> torch.Tensor:
        output: Any = function(query, key, value, causal=causal)
        # Some builds add the logarithms of the sums.
        return cast("torch.Tensor", output[0] if isinstance(output, tuple) else output)

    return attend


def _pytorch(backends: list[SDPBackend] | None) -> Attend:
    def attend(
        query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, causal: bool
    ) -> torch.Tensor:
        q, k, v = (tensor.transpose(1, 2) for tensor in (query, key, value))
        new, past = q.shape[2], k.shape[2] - q.shape[2]
        mask = None
        if causal and past:  # only a chunk of the prefix: some hundred tokens at most
            mask = torch.ones(new, past + new, dtype=torch.bool, device=q.device).tril(past)
        groups = q.shape[1] // k.shape[1]
        if groups > 1 and q.is_cuda and (q.dtype not in HALF or mask is not None):
            # CUDA's kernels for float32 or a mask know no grouped heads; the plain fallback that
            # does would hold the whole matrix of scores.
            k, v = (tensor.repeat_interleave(groups, dim=1) for tensor in (k, v))
            groups = 1
        with sdpa_kernel(backends, set_priority=True) if backends else nullcontext():
            attended = functional.scaled_dot_product_attention(
                q, k, v, mask, is_causal=causal and mask is None, enable_gqa=groups > 1
            )
        return attended.transpose(1, 2)

    return attend
