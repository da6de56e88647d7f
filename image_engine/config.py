"""What a checkpoint folder says of its model: sizes, token ids, limits of the vision copy.

Knows: `config.json`. Does not know: weights, tokenizers.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from transformers import Qwen3VLConfig

from image_engine.errors import CheckpointError
from image_engine.request import PATCH
from image_engine.transformers_parts import Qwen3VLTextConfig, Qwen3VLVisionConfig

Family: TypeAlias = Literal["full", "dev", "nano"]
"""Full: any number of steps with guidance. Dev: 28 noise levels without. Nano: as Full, but small
pictures (`image_engine.nano`)."""
PATCH_VALUES = 3 * PATCH * PATCH
"""Numbers in one patch: 3072."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Every size of the model; none is written down anywhere else."""

    text: Qwen3VLTextConfig
    vision: Qwen3VLVisionConfig
    image_token: int

    @property
    def hidden(self) -> int:
        """Width of the decoder."""
        return self.text.hidden_size

    @property
    def layers(self) -> int:
        """Decoder layers."""
        return self.text.num_hidden_layers

    @property
    def heads(self) -> int:
        """Query heads."""
        return self.text.num_attention_heads

    @property
    def key_heads(self) -> int:
        """Key and value heads."""
        return self.text.num_key_value_heads or self.text.num_attention_heads

    @property
    def head_dim(self) -> int:
        """Width of one head."""
        return self.text.head_dim

    @property
    def merge(self) -> int:
        """Side of the square of vision patches that become one token."""
        return self.vision.spatial_merge_size


def checkpoint_family(folder: Path) -> Family | None:
    """Which recipes a checkpoint wants, from the only place that tells: its name.

    Full and Dev have the same configuration and the same shapes. The name is looked for in the
    path (a download cache keeps it in a folder above) and in the model card. None if it is
    called otherwise.
    """
    card = folder / "README.md"
    try:
        said = card.read_text("utf-8", "replace")[:2000] if card.is_file() else ""
    except OSError:
        said = ""
    for text in (*reversed(folder.resolve().parts), said):
        named = re.search(r"hidream-?o1-?image(?:-(dev|nano))?", text, re.IGNORECASE)
        if named:
            return cast("Family", (named.group(1) or "full").lower())
    return None


def read_config(folder: Path) -> ModelConfig:
    """Read `config.json`. Raises `CheckpointError` naming what is missing or foreign."""
    path = folder / "config.json"
    try:
        fields: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing: {folder} is not a checkpoint folder") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not readable JSON: {error}") from error
    named = cast("dict[str, Any]", fields) if isinstance(fields, dict) else {}
    kind = named.get("model_type")
    if kind != "qwen3_vl":
        raise CheckpointError(
            f"{path}: model_type is {kind!r}; HiDream-O1-Image checkpoints have 'qwen3_vl'"
        )
    return make_config(named, str(path))


def make_config(fields: dict[str, Any], origin: str) -> ModelConfig:
    """A config from the fields of `config.json`; `origin` names them in errors."""
    try:
        config = Qwen3VLConfig.from_dict(fields)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{origin}: not a Qwen3-VL configuration: {error}") from error
    text = cast("Qwen3VLTextConfig", config.text_config)
    vision = cast("Qwen3VLVisionConfig", config.vision_config)
    if vision.out_hidden_size != text.hidden_size:
        raise CheckpointError(
            f"{origin}: vision_config.out_hidden_size {vision.out_hidden_size} differs from "
            f"text_config.hidden_size {text.hidden_size}"
        )
    if text.hidden_act != "silu":
        raise CheckpointError(
            f"{origin}: text_config.hidden_act is {text.hidden_act!r}, not 'silu'"
        )
    return ModelConfig(text, vision, config.image_token_id)
