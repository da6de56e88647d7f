"""Decoder weights in 8 bits: half the memory, a measured loss.

Knows: e4m3 storage with one scale a row. Does not know: which checkpoint the weights are from.

`Fp8Linear` stores e4m3 and computes in the dtype of its input: it runs on every device.
`compute_rowwise` hands the products themselves to torchao's rowwise kernels, for GPUs that have
them (compute capability 8.9 and up).
"""

from __future__ import annotations

import importlib

import torch
from torch import nn
from torch.nn import functional

from image_engine.errors import BadRequest

FP8 = torch.float8_e4m3fn
LARGEST = torch.finfo(FP8).max


class Fp8Linear(nn.Module):
    """A linear layer whose weight is stored as e4m3, (out, in), with one scale a row."""

    scale: torch.Tensor

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.weight = nn.Parameter(linear.weight.to(FP8), requires_grad=False)
        self.bias = linear.bias
        self.register_buffer("scale", linear.weight.new_empty(linear.out_features, 1))

    def store(self, weight: torch.Tensor) -> None:
        """Take a weight in full precision; keep it in 8 bits."""
        largest = weight.abs().amax(dim=1, keepdim=True).float().clamp_min(1e-12)
        scale = largest / LARGEST
        self.weight = nn.Parameter((weight.float() / scale).to(FP8), requires_grad=False)
        self.scale = scale.to(weight.dtype)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        weight = self.weight.to(hidden.dtype) * self.scale
        return functional.linear(hidden, weight, self.bias)


def store_in_fp8(module: nn.Module) -> None:
    """Replace every linear layer below `module`, which may be without memory."""
    for owner in list(module.modules()):
        for name, child in list(owner.named_children()):
            if isinstance(child, nn.Linear):
                setattr(owner, name, Fp8Linear(child))


def hold_in_fp8(module: nn.Module) -> None:
    """Quantise the weights that the linear layers below `module` hold already."""
    for owner in list(module.modules()):
        for name, child in list(owner.named_children()):
            if isinstance(child, nn.Linear):
                small = Fp8Linear(child)
                small.store(child.weight)
                setattr(owner, name, small)


def compute_rowwise(module: nn.Module, device: torch.device) -> None:
    """Let torchao store and multiply every linear layer below `module` in fp8, row by row.

    Raises `BadRequest` where torchao or the GPU cannot.
    """
    if device.type != "cuda" or torch.cuda.get_device_capability(device) < (8, 9):
        raise BadRequest("weights", "fp8-rowwise needs a CUDA GPU of capability 8.9; use fp8")
    try:
        quantization = importlib.import_module("torchao.quantization")
    except ImportError as error:
        raise BadRequest("weights", "fp8-rowwise needs torchao: pip install torchao") from error
    config = quantization.Float8DynamicActivationFloat8WeightConfig(
        granularity=quantization.PerRow()
    )
    quantization.quantize_(module, config)
