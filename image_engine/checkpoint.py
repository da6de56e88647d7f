"""From safetensors files to a model on a device, every key accounted for.

Knows: the files of a checkpoint, their headers, which key is which parameter.
Does not know: the maths of the model.

Weights go from the file straight to the device, one tensor at a time, into a model that was made
without memory: nothing is held twice. Unknown keys are refused, but for `lm_head`, which a
picture never needs.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from image_engine.config import ModelConfig
from image_engine.errors import CheckpointError
from image_engine.model import PixelModel
from image_engine.quantize import Fp8Linear, store_in_fp8
from image_engine.transformers_parts import Qwen3VLTextRotaryEmbedding

PREFIX = "model."
UNUSED = ("lm_head.weight",)
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
MAX_HEADER = 100 * 2**20
ITEM_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "F8_E5M2": 1}


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Where one tensor lies and what its header says."""

    file: Path
    shape: tuple[int, ...]
    kind: str


def load_model(
    folder: Path,
    config: ModelConfig,
    device: torch.device,
    dtype: torch.dtype,
    *,
    fp8: bool = False,
) -> PixelModel:
    """A model with the checkpoint's weights, on `device` in `dtype`; the decoder's in 8 bits
    with `fp8`.

    Raises `CheckpointError` naming file and key for whatever is missing, unknown, misshapen or cut
    short, before the first byte of a weight is read.
    """
    model = empty_model(config)
    if fp8:
        store_in_fp8(model.language_model.layers)
    stored = read_headers(folder)
    _check(stored, dict(model.named_parameters()), folder)
    by_file: dict[Path, list[str]] = {}
    for key, tensor in stored.items():
        if key not in UNUSED:
            by_file.setdefault(tensor.file, []).append(key)
    for file, keys in by_file.items():
        try:
            for key, weight in _read_tensors(file, keys, device):
                set_parameter(model, parameter_name(key), weight.to(dtype))
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"{file}: {error}") from error
    return finish(model, device)


def empty_model(config: ModelConfig) -> PixelModel:
    """The modules without memory behind them."""
    config.vision._attn_implementation = "sdpa"  # pyright: ignore[reportPrivateUsage]
    with torch.device("meta"):
        return PixelModel(config).eval().requires_grad_(False)


def finish(model: PixelModel, device: torch.device) -> PixelModel:
    """Compute what no checkpoint stores: the rotary frequencies of text and vision."""
    model.rotary_embedding = Qwen3VLTextRotaryEmbedding(model.config.text).to(device)
    vision_rotary = model.visual.rotary_pos_emb
    model.visual.rotary_pos_emb = type(vision_rotary)(model.config.vision).to(device)
    return model


def parameter_name(key: str) -> str:
    """The model's name of a checkpoint key."""
    return key.removeprefix(PREFIX)


def set_parameter(model: nn.Module, name: str, weight: torch.Tensor) -> None:
    """Put a tensor in the place of a parameter, without copying it."""
    path, _, attribute = name.rpartition(".")
    owner = model.get_submodule(path)
    if isinstance(owner, Fp8Linear) and attribute == "weight":
        owner.store(weight)
    else:
        setattr(owner, attribute, nn.Parameter(weight, requires_grad=False))


def read_headers(folder: Path) -> dict[str, StoredTensor]:
    """Every tensor of a checkpoint folder by key, from the headers alone."""
    stored: dict[str, StoredTensor] = {}
    for file in _files(folder):
        for key, entry in _read_header(file).items():
            if key in stored:
                raise CheckpointError(f"{file}: {key} is also in {stored[key].file.name}")
            stored[key] = StoredTensor(file, tuple(entry["shape"]), entry["dtype"])
    return stored


def _read_tensors(
    file: Path, keys: list[str], device: torch.device
) -> Iterator[tuple[str, torch.Tensor]]:
    with cast("Any", safe_open(file, framework="pt", device=str(device))) as opened:
        for key in keys:
            yield key, opened.get_tensor(key)


def _files(folder: Path) -> list[Path]:
    index = folder / INDEX
    if not index.is_file():
        if not (folder / SINGLE).is_file():
            raise CheckpointError(f"{folder}: neither {SINGLE} nor {INDEX} is there")
        return [folder / SINGLE]
    try:
        places = cast("dict[str, str]", json.loads(index.read_text("utf-8"))["weight_map"])
        names = sorted(set(places.values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{index}: not a weight index: {error!r}") from error
    for name in names:
        if Path(name).name != name:
            raise CheckpointError(f"{index}: {name!r} is not a file name in the same folder")
        if not (folder / name).is_file():
            key = next(key for key, file in places.items() if file == name)
            raise CheckpointError(f"{folder / name} is missing; {INDEX} says it holds {key}")
    return [folder / name for name in names]


def _read_header(file: Path) -> dict[str, Any]:
    """The header of a safetensors file, checked against the file's size."""
    size = file.stat().st_size
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            if length > min(size - 8, MAX_HEADER):
                raise CheckpointError(f"{file}: cut short or foreign: its header does not fit")
            header = cast("dict[str, Any]", json.loads(opened.read(length)))
        header.pop("__metadata__", None)
        ends = {key: int(entry["data_offsets"][1]) for key, entry in header.items()}
        for key, entry in header.items():
            _check_entry(file, key, entry)
    except (struct.error, ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise CheckpointError(f"{file}: not a safetensors file: {error!r}") from error
    last = max(ends, key=lambda key: ends[key], default=None)
    if last is not None and 8 + length + ends[last] != size:
        raise CheckpointError(
            f"{file}: cut short or foreign: {last} ends at byte {8 + length + ends[last]:,}, "
            f"the file has {size:,}"
        )
    return header


def _check_entry(file: Path, key: str, entry: Mapping[str, Any]) -> None:
    if entry["dtype"] not in ITEM_BYTES:
        raise CheckpointError(f"{file}: {key} has dtype {entry['dtype']}, which is not a float")
    start, end = entry["data_offsets"]
    if end - start != math.prod(entry["shape"]) * ITEM_BYTES[entry["dtype"]]:
        raise CheckpointError(f"{file}: {key} has {end - start:,} bytes, not those of its shape")


def _check(
    stored: Mapping[str, StoredTensor], wanted: Mapping[str, torch.Tensor], folder: Path
) -> None:
    keys = {PREFIX + name: tuple(parameter.shape) for name, parameter in wanted.items()}
    problems = [
        *(f"{key} is missing" + _of_image_modules(key) for key in keys if key not in stored),
        *(
            f"{tensor.file.name}: {key} is unknown"
            for key, tensor in stored.items()
            if key not in keys and key not in UNUSED
        ),
        *_misshapen(stored, keys),
    ]
    if problems:
        shown = "; ".join(problems[:8])
        more = f"; and {len(problems) - 8} more" if len(problems) > 8 else ""
        raise CheckpointError(f"{folder}: {shown}{more}")


def _of_image_modules(key: str) -> str:
    image_modules = ("model.x_embedder.", "model.t_embedder1.", "model.final_layer2.")
    if key.startswith(image_modules):
        return " (a plain Qwen3-VL has none; this is not a HiDream-O1-Image checkpoint)"
    return ""


def _misshapen(
    stored: Mapping[str, StoredTensor], keys: Mapping[str, tuple[int, ...]]
) -> Iterator[str]:
    for key, shape in keys.items():
        if key in stored and stored[key].shape != shape:
            yield (
                f"{stored[key].file.name}: {key} has shape {list(stored[key].shape)}, "
                f"config.json asks for {list(shape)}"
            )
