"""A prompt and its references as tokens, positions and chunks.

Knows: the chat template, token ids, 3-axis positions, how the causal prefix is cut into chunks.
Does not know: weights, keys and values, pixels beyond the vision processor.

One sequence is

    [chat template of (image placeholders …, text)] <|boi_token|> | <|tms_token|> [target] [refs …]

Left of the bar is the causal prefix: the same at every step, computed once. It is cut into
chunks, one for each reference and one for every 64 text tokens, each keyed by everything from
the start of the sequence to its own end. A chunk found in the cache and one just computed hold
the same bits, so a result never depends on what was drawn before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from PIL import Image
from torch.nn import functional
from transformers import AutoTokenizer

from image_engine.config import ModelConfig
from image_engine.errors import BadRequest, CheckpointError, PromptTooLong
from image_engine.references import Scene
from image_engine.request import PATCH
from image_engine.transformers_parts import Qwen2VLImageProcessorPil, smart_resize

TARGET_POSITION = 4096
"""Where the target's grid starts on all three axes."""
UNCONDITIONAL = " "
IMAGE_TOKEN = "<|image_pad|>"
BOI_TOKEN = "<|boi_token|>"
TIMESTEP_TOKEN = "<|tms_token|>"
TEXT_CHUNK = 64
MAX_PROMPT_TOKENS = 2048
"""Far beyond any prompt, and with eleven references still well below `TARGET_POSITION`."""


@dataclass(frozen=True, slots=True)
class VisionInput:
    """One reference as the vision tower takes it."""

    digest: bytes
    pixels: torch.Tensor
    """float32 (patches, channels · temporal patch · patch²)."""
    rows: int
    columns: int
    """The grid of vision patches, before merging."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the prefix that is computed and cached as one."""

    key: bytes
    """Digest of the prefix from its start to the end of this chunk."""
    tokens: torch.Tensor
    """int64 (n,)."""
    positions: torch.Tensor
    """int64 (3, n)."""
    vision: VisionInput | None
    """The reference whose features take the place of this chunk's image placeholders."""


@dataclass(frozen=True, slots=True)
class Conditioning:
    """One prompt with its references, ready for the model."""

    chunks: tuple[Chunk, ...]
    positions: torch.Tensor
    """int64 (3, 1 + target + references): of the timestep token and every patch."""

    @property
    def prefix_tokens(self) -> int:
        """Length of the causal prefix."""
        return sum(len(chunk.tokens) for chunk in self.chunks)


class Conditioner:
    """Turns prompts and scenes into tokens with a checkpoint's own tokenizer and processor."""

    def __init__(self, tokenizer: Any, processor: Any, template: str, config: ModelConfig) -> None:
        self._tokenizer = tokenizer
        self._template = template
        self._processor = processor
        self._image_token = config.image_token
        self._merge = config.merge
        self._markers: dict[int, str] = {
            int(number): str(token)
            for token, number in (
                *tokenizer.get_added_vocab().items(),
                *zip(tokenizer.all_special_tokens, tokenizer.all_special_ids, strict=True),
            )
        }

    @classmethod
    def read(cls, folder: Path, config: ModelConfig) -> Conditioner:
        """Read tokenizer and vision processor. Raises `CheckpointError` naming the file."""
        for name in ("tokenizer.json", "preprocessor_config.json"):
            _check_json(folder / name)
        try:
            tokenizer = cast(
                "Any", AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            )
            processor = Qwen2VLImageProcessorPil.from_pretrained(folder, local_files_only=True)
        except (OSError, ValueError, KeyError) as error:
            raise CheckpointError(
                f"{folder}: tokenizer or processor unreadable: {error}"
            ) from error
        template = _read_template(folder) or tokenizer.chat_template
        if not template:
            raise CheckpointError(f"{folder}: no chat template (chat_template.jinja or .json)")
        for token in (IMAGE_TOKEN, BOI_TOKEN, TIMESTEP_TOKEN):
            if len(tokenizer.encode(token, add_special_tokens=False)) != 1:
                raise CheckpointError(
                    f"{folder / 'tokenizer.json'}: {token} is not one token; "
                    "this is not a HiDream-O1-Image tokenizer"
                )
        return cls(tokenizer, processor, template, config)

    def check_prompt(self, prompt: str) -> None:
        """Refuse text that the tokenizer would read as its own markers, or that is too long.

        What counts is what the tokenizer makes of it: markers may be special tokens or plain
        added ones. Raises `BadRequest` or, for length, `PromptTooLong`.
        """
        tokens: list[int] = self._tokenizer.encode(prompt, add_special_tokens=False)
        for token in tokens:
            if token in self._markers:
                marker = self._markers[token]
                raise BadRequest("prompt", f"must not contain the model's own marker {marker}")
        if len(tokens) > MAX_PROMPT_TOKENS:
            raise PromptTooLong(
                f"{len(tokens):,} tokens; at most {MAX_PROMPT_TOKENS:,} (the model was trained "
                "with some hundred, and puts its picture where longer texts would reach)"
            )

    def vision_inputs(self, scene: Scene) -> list[VisionInput]:
        """The references as the vision tower takes them."""
        return [
            self._vision_input(reference.vision_copy, reference.digest())
            for reference in scene.references
        ]

    def condition(self, text: str, scene: Scene, vision: Sequence[VisionInput]) -> Conditioning:
        """Tokens, chunks and positions of one prompt with the references of a scene."""
        tokens = self._tokens(text, vision)
        positions = self._prefix_positions(tokens, vision)
        chunks = tuple(self._chunks(tokens, positions, vision))
        timestep = int(positions.max()) + 1
        return Conditioning(chunks, _generation_positions(timestep, scene))

    def _vision_input(self, picture: Image.Image, digest: bytes) -> VisionInput:
        picture = self._processor_size(picture)
        output = self._processor(images=[picture], return_tensors="np")
        pixels = torch.from_numpy(cast("np.ndarray", output["pixel_values"]).copy())
        _, rows, columns = (int(side) for side in output["image_grid_thw"][0])
        return VisionInput(digest, pixels, rows, columns)

    def _processor_size(self, picture: Image.Image) -> Image.Image:
        """The copy at the size that the processor wants, which enlarges the smallest.

        The reference resizes with torchvision: its antialiased bicubic filter is PyTorch's own
        and differs from Pillow's, so the processor must find nothing left to resize.
        """
        limits = self._processor.size
        height, width = smart_resize(
            picture.height,
            picture.width,
            factor=self._processor.patch_size * self._processor.merge_size,
            min_pixels=limits["shortest_edge"],
            max_pixels=limits["longest_edge"],
        )
        if (width, height) == picture.size:
            return picture
        pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1).unsqueeze(0)
        resized = functional.interpolate(pixels, (height, width), mode="bicubic", antialias=True)
        return Image.fromarray(resized[0].permute(1, 2, 0).numpy())

    def _tokens(self, text: str, vision: Sequence[VisionInput]) -> list[int]:
        content: str | list[dict[str, str]] = text
        if vision:
            content = [{"type": "image"} for _ in vision] + [{"type": "text", "text": text}]
        rendered: str = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": content}],
            chat_template=self._template,
            tokenize=False,
            add_generation_prompt=True,
        )
        counts = iter(item.rows * item.columns // self._merge**2 for item in vision)
        tokens: list[int] = []
        for token in self._tokenizer.encode(rendered + BOI_TOKEN, add_special_tokens=False):
            tokens.extend([token] * (next(counts) if token == self._image_token else 1))
        return tokens

    def _prefix_positions(self, tokens: list[int], vision: Sequence[VisionInput]) -> torch.Tensor:
        """int64 (3, n): text counts up on all axes, a placeholder block takes its merged grid."""
        blocks: list[torch.Tensor] = []
        pending = iter(vision)
        start = index = 0
        while index < len(tokens):
            if tokens[index] == self._image_token:
                item = next(pending)
                rows, columns = item.rows // self._merge, item.columns // self._merge
                blocks.append(_grid(start, rows, columns))
                start += max(rows, columns)
                index += rows * columns
            else:
                blocks.append(torch.full((3, 1), start))
                start += 1
                index += 1
        return torch.cat(blocks, dim=1)

    def _chunks(
        self, tokens: list[int], positions: torch.Tensor, vision: Sequence[VisionInput]
    ) -> Iterator[Chunk]:
        pending = iter(vision)
        key = b""
        for start, end in self._cuts(tokens):
            part = tokens[start:end]
            seen = next(pending) if self._image_token in part else None
            content = repr(part).encode() + (seen.digest if seen else b"")
            key = hashlib.sha256(key + content).digest()
            yield Chunk(key, torch.tensor(part), positions[:, start:end], seen)

    def _cuts(self, tokens: list[int]) -> Iterator[tuple[int, int]]:
        """Each chunk's start and end: to the end of a placeholder block, then 64 of text."""
        images = [index for index, token in enumerate(tokens) if token == self._image_token]
        ends = [index + 1 for index in images if tokens[index + 1] != self._image_token]
        text_start = ends[-1] if ends else 0
        ends += range(text_start + TEXT_CHUNK, len(tokens), TEXT_CHUNK)
        yield from pairwise([0, *ends, len(tokens)])


def _check_json(path: Path) -> None:
    """Refuse what is missing or cut short by name, before a library fails on it without one."""
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckpointError(f"{path} is missing") from error
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not readable JSON: {error}") from error


def _read_template(folder: Path) -> str | None:
    """The processor's chat template, which knows images where a tokenizer's own may not."""
    plain, wrapped = folder / "chat_template.jinja", folder / "chat_template.json"
    try:
        if plain.is_file():
            return plain.read_text(encoding="utf-8")
        if wrapped.is_file():
            return str(json.loads(wrapped.read_text(encoding="utf-8"))["chat_template"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: chat template unreadable: {error!r}") from error
    return None


def _grid(start: int, rows: int, columns: int) -> torch.Tensor:
    """int64 (3, rows · columns): t constant, h and w counting up, all from `start`."""
    across = torch.arange(columns).repeat(rows)
    down = torch.arange(rows).repeat_interleave(columns)
    return torch.stack([torch.zeros_like(across), down, across]) + start


def _generation_positions(timestep: int, scene: Scene) -> torch.Tensor:
    blocks = [torch.full((3, 1), timestep)]
    start = TARGET_POSITION
    sizes = [(scene.width, scene.height), *(reference.size for reference in scene.references)]
    for width, height in sizes:
        blocks.append(_grid(start, height // PATCH, width // PATCH))
        start = int(blocks[-1].max()) + 1
    return torch.cat(blocks, dim=1)
