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
PREFERRED: tuple[Choice, ...] = ("fa3", "cudnn", "flash")
"""On Hopper and later, the fastest first; before Hopper only the last."""
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
    Hopper and later, its own kernel elsewhere; each only once it has computed something here.
    FlashAttention 2 is what PyTorch's own kernel is made of and slower than the others on Hopper,
    so it is taken only by name. `python -m image_engine bench --attention` measures all. Prefixes
    are not padded to a few lengths: padding would need a mask, which the fast kernels lack; what a
    new length costs cuDNN, which plans for every shape, is measured there too.

    Raises `BadRequest` for a kernel that does not run here.
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
    passed_over: list[str] = []
    for name in PREFERRED if major >= 9 else PREFERRED[2:]:
        problem = why_not(name, device, dtype) or _fails(_kernel(name, ""), device, dtype)
        if problem is None:
            return _kernel(name, "; ".join([f"compute capability {major}.x", *passed_over]))
        passed_over.append(f"not {name}: {problem}")
    return _kernel("sdpa", "; ".join(passed_over))


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


def _fails(kernel: Kernel, device: torch.device, dtype: torch.dtype) -> str | None:
    """Why a kernel cannot do what the decoder asks of it, by trying: grouped heads of 128."""
    query = torch.zeros(1, 64, 8, 128, device=device, dtype=dtype)
    keys = torch.zeros(1, 96, 2, 128, device=device, dtype=dtype)
    try:
        kernel.attend(query, keys, keys, False)
        kernel.attend(query, keys, keys, True)
    except (RuntimeError, TypeError) as error:
        return str(error).splitlines()[0]
    return None


def _kernel(name: Choice, reason: str) -> Kernel:
    if name in MODULES:
        return Kernel(name, reason, _flash_attention(name))
    if name in BACKENDS:
        return Kernel(name, reason, _pytorch(BACKENDS[name]))
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


def _pytorch(backend: SDPBackend | None) -> Attend:
    """PyTorch's attention: with that backend and no other, but for the causal chunks of a prefix,
    whose mask not every backend knows; where that is not possible the call fails, unlike a plain
    fallback that would hold the whole matrix of scores."""

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
        strict = backend is not None and mask is None
        with sdpa_kernel(backend) if strict and backend else nullcontext():
            attended = functional.scaled_dot_product_attention(
                q, k, v, mask, is_causal=causal and mask is None, enable_gqa=groups > 1
            )
        return attended.transpose(1, 2)

    return attend
