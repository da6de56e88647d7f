"""How an engine is loaded: its options, and what names of devices and files come to.

Knows: which devices and dtypes are usable and why others are not, calibration files.
Does not know: checkpoints, drawing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from image_engine.acceleration import parse_acceleration
from image_engine.errors import BadRequest

Weights = Literal["full", "fp8", "fp8-rowwise"]
HEADER_DIGEST = 64
"""Length of the fingerprints in calibrations of before."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine holds its weights and what it may use."""

    weights: Weights = "full"
    """`fp8` stores the decoder's weights in 8 bits, `fp8-rowwise` also multiplies in them."""
    cache_bytes: int = 2**30
    """Bound of the prefix cache; a quarter as much again is kept of vision features."""
    budget_bytes: int | None = None
    """Requests whose estimated peak is above this are refused."""
    calibration: Path | None = None
    """A file written by `image_engine.calibrate`, for `acceleration="calibrated"`."""
    attention: str = "auto"
    """Which kernel computes attention, see `attention.choose_attention`."""


def usable_device(name: str) -> torch.device:
    """The device of that name, once it is there. Raises `BadRequest`."""
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BadRequest("device", f"{name!r} is no device; use cpu, cuda or cuda:1") from error
    if device.type == "cuda":
        if not torch.cuda.is_available():
            raise BadRequest("device", "no CUDA device is usable here; use cpu")
        device = torch.device(name if ":" in name else "cuda:0")
        if device.index >= torch.cuda.device_count():
            raise BadRequest("device", f"{name}: there are {torch.cuda.device_count()} GPUs")
    return device


def usable_dtype(name: str) -> torch.dtype:
    """The dtype of that name. Raises `BadRequest`, with the reason."""
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if name == "float16":
        raise BadRequest(
            "dtype",
            "float16 ends at 65,504, which this model's hidden states pass: pictures turn black; "
            "use bfloat16, which is as small and as fast",
        )
    if name not in kinds:
        raise BadRequest("dtype", f"{name!r} is none of {', '.join(kinds)}")
    return kinds[name]


def read_calibration(path: Path | None, checkpoint: str) -> str | None:
    """The acceleration that a calibration file allows on `checkpoint`. Raises `BadRequest`."""
    if path is None:
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        text, measured_on = str(record["acceleration"]), str(record["checkpoint"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRequest("calibration", f"{path} is no calibration file: {error!r}") from error
    if measured_on != checkpoint and len(measured_on) == HEADER_DIGEST:
        raise BadRequest(
            "calibration",
            f"{path} is from a version that told checkpoints apart by their headers alone, so "
            "whether it was measured on these weights cannot be told any more; run "
            "python -m image_engine.calibrate again",
        )
    if measured_on != checkpoint:
        raise BadRequest(
            "calibration", f"{path} was measured on another checkpoint; run calibrate on this one"
        )
    return str(parse_acceleration(text))
