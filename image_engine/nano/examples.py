"""Pictures with words, on the disk and as batches.

Knows: a folder with `examples.jsonl` (`prompt`, `picture`, `references`, names of files beside it),
and how the engine's own conditioning makes tensors of them. Does not know: who drew them. Any
folder of this form can be learned from.
"""

from __future__ import annotations

import importlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from image_engine.conditioning import UNCONDITIONAL, Conditioner, Conditioning
from image_engine.errors import EngineError
from image_engine.references import prepare_scene, to_patches
from image_engine.request import ImageRequest

INDEX = "examples.jsonl"
DRAWER = "renderers.image.animatic_pairs"
"""What draws examples; by name, because the engine knows no animatic."""
WITHOUT_PROMPT = 0.1
"""Part of the examples that are learned with the unconditional prompt, for guidance."""


@dataclass(frozen=True, slots=True)
class Example:
    """One picture, what asks for it, what it is asked from."""

    prompt: str
    picture: Path
    references: tuple[Path, ...]


def draw_examples(folder: Path, count: int, side: int, seed: int, text: float = 0.5) -> int:
    """Draw what of `count` examples is missing, `text` of them without references; returns how
    many were drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / INDEX
    have = len(index.read_text("utf-8").splitlines()) if index.is_file() else 0
    pairs = importlib.import_module(DRAWER).pairs
    with index.open("a", encoding="utf-8") as lines:
        for number, pair in enumerate(pairs(count, side, seed, text)):
            if number < have:
                continue
            names = [f"{number:06}.png"]
            names += [f"{number:06}_{place}.png" for place in range(1, len(pair.references) + 1)]
            for name, data in zip(names, (pair.picture, *pair.references), strict=True):
                (folder / name).write_bytes(data)
            record = {"prompt": pair.prompt, "picture": names[0], "references": names[1:]}
            lines.write(json.dumps(record) + "\n")
            lines.flush()
    return max(0, count - have)


def read_examples(folder: Path) -> list[Example]:
    """All examples of a folder. Raises `EngineError` naming what is wrong with it."""
    index = folder / INDEX
    if not index.is_file():
        raise EngineError(
            f"{index} is missing: python -m image_engine nano data --out {folder} draws examples"
        )
    found: list[Example] = []
    for number, line in enumerate(index.read_text("utf-8").splitlines(), 1):
        try:
            record: dict[str, Any] = json.loads(line)
            references = tuple(folder / str(name) for name in record["references"])
            found.append(Example(str(record["prompt"]), folder / record["picture"], references))
        except (ValueError, KeyError, TypeError) as error:
            raise EngineError(f"{index}, line {number}: not an example: {error!r}") from error
    if not found:
        raise EngineError(f"{index} is empty")
    return found


@dataclass(frozen=True, slots=True)
class Batch:
    """Examples with equally many references, as the model takes them."""

    target: torch.Tensor
    """float32 (batch, N, 3072), clean patches."""
    references: torch.Tensor
    """float32 (batch, n, 3072), n may be 0."""
    conditionings: tuple[Conditioning, ...]


class Examples:
    """Draws batches at random, the same ones for the same step."""

    def __init__(self, examples: Sequence[Example], conditioner: Conditioner, side: int) -> None:
        self._conditioner = conditioner
        self._side = side
        self._by_count: dict[int, list[Example]] = {}
        for example in examples:
            self._by_count.setdefault(len(example.references), []).append(example)

    def batch(self, size: int, step: int, seed: int) -> Batch:
        """The batch of one step."""
        rng = random.Random(f"{seed} {step}")
        counts = sorted(self._by_count)
        weights = [len(self._by_count[count]) for count in counts]
        pool = self._by_count[rng.choices(counts, weights)[0]]
        return self.make([rng.choice(pool) for _ in range(size)], rng)

    def held_out(self, size: int) -> Iterator[Batch]:
        """Batches in a fixed order, one for each number of references."""
        for _, pool in sorted(self._by_count.items()):
            yield self.make(pool[:size], None)

    def make(self, chosen: Sequence[Example], rng: random.Random | None) -> Batch:
        """Tensors of some examples; some lose their prompt where `rng` is given."""
        targets: list[torch.Tensor] = []
        references: list[torch.Tensor] = []
        conditionings: list[Conditioning] = []
        for example in chosen:
            bare = rng is not None and rng.random() < WITHOUT_PROMPT
            request = self._request(example)
            scene = prepare_scene(request)
            vision = self._conditioner.vision_inputs(scene)
            text = UNCONDITIONAL if bare else example.prompt
            conditionings.append(self._conditioner.condition(text, scene, vision))
            targets.append(self._patches(example.picture))
            parts = [reference.patches() for reference in scene.references]
            references.append(torch.cat(parts) if parts else targets[-1][:0])
        return Batch(torch.stack(targets), torch.stack(references), tuple(conditionings))

    def _request(self, example: Example) -> ImageRequest:
        side = self._side
        return ImageRequest(example.prompt, example.references, side, side, snap_resolution=False)

    def _patches(self, path: Path) -> torch.Tensor:
        with Image.open(path) as picture:
            pixels = picture.convert("RGB").resize((self._side, self._side))
        image = torch.from_numpy(np.array(pixels)).permute(2, 0, 1).float()
        return to_patches((image / 255 - 0.5) / 0.5)
