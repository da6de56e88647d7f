"""A small checkpoint folder, in the layout and with the key names of the published ones.

Knows: shapes, the tokenizer learned from captions, the files of a checkpoint folder.
Does not know: training.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import torch as files
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from image_engine.bench.random_model import SPECIAL, TEMPLATE, Shape, config_fields
from image_engine.checkpoint import PREFIX, empty_model, finish
from image_engine.conditioning import IMAGE_TOKEN
from image_engine.config import read_config
from image_engine.model import PixelModel

NANO = Shape(384, 8, 6, 2, 64, 1024, 2048, 192, 4, 3, 512, 256, (0, 1, 2))
"""20 million parameters: what is worth showing, on a card in minutes."""
PICO = Shape(256, 6, 4, 2, 64, 768, 1024, 128, 3, 2, 384, 256, (0, 1, 2))
"""8 million parameters, for a CPU and 128²: to see that it learns."""
FEMTO = Shape(192, 4, 3, 1, 64, 512, 1024, 96, 3, 2, 256, 256, (0, 1, 2))
"""4 million parameters, for a CPU that is shared: four times as many examples an hour as pico."""
SHAPES = {"nano": NANO, "pico": PICO, "femto": FEMTO}
PROCESSOR = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "do_resize": True,
    "do_rescale": True,
    "do_normalize": True,
    "do_convert_rgb": True,
    "size": {"shortest_edge": 65536, "longest_edge": 16777216},
    "patch_size": 16,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
    "rescale_factor": 1 / 255,
    "resample": 3,
    "processor_class": "Qwen3VLProcessor",
}
CARD = """# HiDream-O1-Image-Nano

A small model in the layout of HiDream-O1-Image, trained by `python -m image_engine nano train` on
pictures of {side}×{side} that an animatic drew and captioned. It draws that size, nothing else, and
is there so that the engine can be seen to work anywhere.
"""


def write_frame(folder: Path, shape: Shape, captions: Iterable[str], side: int) -> None:
    """Everything of a checkpoint but its weights; the tokenizer is learned from `captions`."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=shape.vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(sorted(captions), trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, additional_special_tokens=list(SPECIAL)
    )
    fast.save_pretrained(str(folder))
    image_token = cast("int", fast.convert_tokens_to_ids(IMAGE_TOKEN))
    files = {
        "config.json": json.dumps(config_fields(shape, image_token), indent=1),
        "preprocessor_config.json": json.dumps(PROCESSOR, indent=1),
        "chat_template.jinja": TEMPLATE,
        "README.md": CARD.format(side=side),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def new_model(folder: Path, seed: int) -> PixelModel:
    """A model of the folder's configuration with weights to begin from, on the CPU in float32."""
    model = empty_model(read_config(folder)).to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    layers = model.config.layers
    for name, parameter in model.named_parameters():
        if name.endswith(("norm.weight", "norm1.weight", "norm2.weight")) or "layernorm" in name:
            parameter.data.fill_(1.0)
        elif name.endswith("bias"):
            parameter.data.zero_()
        elif name.startswith("final_layer2"):
            parameter.data.normal_(std=0.002, generator=generator)
        elif parameter.dim() > 1:
            # Steady over depth: what a residual branch adds shrinks with their number.
            last = name.endswith(("o_proj.weight", "down_proj.weight"))
            fan_in = parameter[0].numel()
            std = 0.02 if "embed" in name and "proj" not in name else fan_in**-0.5
            std /= (2 * layers) ** 0.5 if last else 1.0
            parameter.data.normal_(std=std, generator=generator)
        else:
            parameter.data.normal_(std=0.02, generator=generator)
    return finish(model, torch.device("cpu")).requires_grad_(True)


def parameters_of(model: PixelModel) -> dict[str, torch.Tensor]:
    """Weights by their name in a checkpoint."""
    return {PREFIX + name: value.detach() for name, value in model.named_parameters()}


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Write a safetensors file, under a temporary name first."""
    temporary = path.with_name(f".{path.name}.part")
    whole = {key: value.contiguous() for key, value in tensors.items()}
    cast("Any", files).save_file(whole, temporary, {"format": "pt"})
    temporary.replace(path)


def read_tensors(path: Path, device: str) -> dict[str, torch.Tensor]:
    """Read a safetensors file to a device."""
    return cast("Any", files).load_file(path, device)


def export(weights: dict[str, torch.Tensor], folder: Path) -> Path:
    """Write the weights as bfloat16 beside the frame; the folder is a checkpoint from then on."""
    write_tensors(
        folder / "model.safetensors", {k: v.to(torch.bfloat16) for k, v in weights.items()}
    )
    return folder
