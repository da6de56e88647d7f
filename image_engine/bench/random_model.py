"""An engine with random weights of any size: for measuring, where weights do not matter.

Knows: shapes, a byte-level tokenizer without a file. Does not know: what is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from image_engine.checkpoint import empty_model, finish
from image_engine.conditioning import BOI_TOKEN, IMAGE_TOKEN, TIMESTEP_TOKEN, Conditioner
from image_engine.config import ModelConfig, make_config
from image_engine.engine import EngineOptions, ImageEngine
from image_engine.model import PixelModel
from image_engine.quantize import compute_rowwise, hold_in_fp8
from image_engine.transformers_parts import Qwen2VLImageProcessorPil

SPECIAL = (
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    IMAGE_TOKEN,
    BOI_TOKEN,
    TIMESTEP_TOKEN,
)
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.content is string %}{{ m.content }}{% else %}{% for c in m.content %}"
    "{% if c.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% else %}{{ c.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model that its speed depends on."""

    hidden: int
    layers: int
    heads: int
    key_heads: int
    head_dim: int
    wide: int
    vocabulary: int
    vision_hidden: int
    vision_layers: int
    vision_heads: int
    vision_wide: int
    vision_positions: int
    deep: tuple[int, int, int]


MID = Shape(512, 8, 8, 2, 64, 1536, 512, 256, 6, 4, 1024, 2304, (1, 3, 5))
"""hidden 512, 8 layers: what a CPU can draw 1024² with."""
FULL = Shape(4096, 36, 32, 8, 128, 12288, 151936, 1152, 27, 16, 4304, 2304, (8, 16, 24))
"""The published 8B model."""


def shape_config(shape: Shape) -> ModelConfig:
    """The configuration of a model of that shape."""
    return _config(shape, _tokenizer().convert_tokens_to_ids(IMAGE_TOKEN))


def random_engine(
    shape: Shape, device: str, dtype: torch.dtype, options: EngineOptions | None = None
) -> ImageEngine:
    """An engine of that shape with random weights, made on the device itself."""
    tokenizer = _tokenizer()
    config = _config(shape, tokenizer.convert_tokens_to_ids(IMAGE_TOKEN))
    options = options or EngineOptions()
    model = _random_model(config, torch.device(device), dtype)
    if options.weights == "fp8":
        hold_in_fp8(model.language_model.layers)
    elif options.weights == "fp8-rowwise":
        compute_rowwise(model.language_model.layers, torch.device(device))
    processor = Qwen2VLImageProcessorPil(
        size={"shortest_edge": 65536, "longest_edge": 16777216},
        patch_size=16,
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
    )
    conditioner = Conditioner(tokenizer, processor, TEMPLATE, config)
    return ImageEngine(model, conditioner, options, "random")


def _random_model(config: ModelConfig, device: torch.device, dtype: torch.dtype) -> PixelModel:
    model = empty_model(config).to(dtype).to_empty(device=device)
    generator = torch.Generator(device).manual_seed(0)
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight") or "layernorm" in name:
            parameter.data.fill_(1.0)
        else:
            parameter.data.normal_(std=0.02, generator=generator)
    return finish(model, device)


def _tokenizer() -> Any:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: index for index, token in enumerate([*alphabet, *SPECIAL])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(SPECIAL))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, additional_special_tokens=list(SPECIAL)
    )


def _config(shape: Shape, image_token: int) -> ModelConfig:
    return make_config(config_fields(shape, image_token), "random model")


def config_fields(shape: Shape, image_token: int) -> dict[str, Any]:
    """What `config.json` says of a model of that shape."""
    third = shape.head_dim // 2 // 3
    return {
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "model_type": "qwen3_vl",
        "image_token_id": image_token,
        "text_config": {
            "model_type": "qwen3_vl_text",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.wide,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "num_key_value_heads": shape.key_heads,
            "head_dim": shape.head_dim,
            "vocab_size": shape.vocabulary,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 5e6,
                "mrope_interleaved": True,
                "mrope_section": [shape.head_dim // 2 - 2 * third, third, third],
            },
        },
        "vision_config": {
            "model_type": "qwen3_vl_vision",
            "depth": shape.vision_layers,
            "hidden_size": shape.vision_hidden,
            "intermediate_size": shape.vision_wide,
            "num_heads": shape.vision_heads,
            "out_hidden_size": shape.hidden,
            "num_position_embeddings": shape.vision_positions,
            "deepstack_visual_indexes": list(shape.deep),
        },
    }
