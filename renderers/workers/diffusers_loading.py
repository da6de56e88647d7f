"""A pipeline of diffusers, read from a folder and put where the settings say.

Runs in the child alone. Knows: that library's loading. Does not know: what a pipeline makes.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from renderers.errors import Unavailable
from renderers.workers.catalog import Settings

_QUANTIZED = {"fp8-cast": "float8_e4m3fn"}


def index_of(root: Path) -> dict[str, Any]:
    """The table of a pipeline's parts."""
    return json.loads((root / "model_index.json").read_text(encoding="utf-8"))


def load(root: Path, kind: Any, settings: Settings, **parts: Any) -> Any:
    """The pipeline of class `kind` in a folder; `parts` are those that the folder lacks.

    Raises:
        Unavailable: the settings ask what the library cannot.
    """
    torch = import_module("torch")
    device, dtype = place_of(settings)
    pipe = kind.from_pretrained(str(root), dtype=dtype, **parts)
    if settings.quantization != "none":
        if settings.quantization not in _QUANTIZED:
            raise Unavailable(
                f"--quantization {settings.quantization}: with diffusers there is "
                f"{', '.join(_QUANTIZED)}"
            )
        for part in (pipe.transformer, getattr(pipe, "transformer_2", None)):
            if part is not None:
                # Stored in 8 bits, cast layer by layer when used.
                part.enable_layerwise_casting(
                    storage_dtype=getattr(torch, _QUANTIZED[settings.quantization]),
                    compute_dtype=dtype,
                )
    if hasattr(pipe.vae, "enable_tiling"):
        pipe.vae.enable_tiling()
    if settings.offload == "none" or device == "cpu":
        pipe.to(device)
    elif settings.offload == "cpu":
        pipe.enable_model_cpu_offload(device=device)
    else:
        raise Unavailable("--offload disk: with diffusers there is cpu")
    return pipe


def place_of(settings: Settings) -> tuple[str, Any]:
    """The device and the type of numbers."""
    torch = import_module("torch")
    device = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
    kind = "bfloat16" if device.startswith("cuda") else "float32"
    return device, getattr(torch, settings.dtype or kind)
