"""One picture in the making: noisy patches and a noise level in, a prediction out.

Knows: the rows of one request, its prefixes, its approximations. Does not know: samplers, files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch

from image_engine.acceleration import Acceleration
from image_engine.model import KeysValues, Layer, PixelModel, join
from image_engine.shortcuts import ReferenceMemory, StepCache

Draw = Callable[..., tuple[torch.Tensor, KeysValues]]


@dataclass(frozen=True, slots=True)
class NoiseLevel:
    """What the model is told of one step."""

    timestep: float
    """τ, 0 to 1000."""
    guidance: float | None
    """None: the conditional stream alone."""


class Denoiser:
    """Predicts the clean target of one request, from one stream or two."""

    def __init__(
        self,
        model: PixelModel,
        prefixes: Sequence[list[KeysValues]],
        positions: torch.Tensor,
        references: torch.Tensor | None,
        acceleration: Acceleration,
    ) -> None:
        """`prefixes` and `positions` (streams, 3, 1 + target + references) go stream by stream;
        `references` are float32 patches (n, 3072), the same at every step."""
        self.device = model.device
        self._model = model
        self._prefixes = prefixes
        self._rotary = model.rotary(positions)
        self._reference_rows = (
            model.x_embedder(references.to(model.device, model.dtype))
            if references is not None
            else None
        )
        self._step_cache = StepCache(acceleration.step_cache) if acceleration.step_cache else None
        self._memory = ReferenceMemory(acceleration.ref_kv) if acceleration.ref_kv > 1 else None
        self._draw = compiled_draw() if acceleration.compile else Layer.draw
        self.forwards = 0

    def predict(
        self, z: torch.Tensor, step: int, noise: NoiseLevel, *, shortcut: bool = True
    ) -> torch.Tensor:
        """(N, 3072) float32 at step `step` → clean patches (N, 3072) float32.

        Without `shortcut` no layer is skipped.
        """
        streams = 1 if noise.guidance is None else 2
        self.forwards += streams
        target = slice(1, 1 + len(z))
        remembered = self._memory.fresh(step, streams) if self._memory else None
        rows = self._rows(z, noise.timestep, streams, with_references=remembered is None)
        cos, sin = (angles[:streams, :, : rows.shape[1]] for angles in self._rotary)
        step_cache = self._step_cache if shortcut else None
        own: list[KeysValues] = []
        before = after = rows[:, target]
        layers = self._model.layers
        for index, layer in enumerate(layers):
            wanted = target if index + 1 == len(layers) else slice(None)
            contexts = self._contexts(index, streams, remembered)
            rows, keys_values = self._draw(layer, rows, (cos, sin), contexts, wanted)
            if self._memory and remembered is None:
                own.append(_reference_part(keys_values, target.stop))
            if index == 0 and step_cache:
                after = rows if wanted is target else rows[:, target]
                guess = step_cache.reuse(before, after)
                if guess is not None:
                    return self._model.to_pixels(guess, noise.guidance)
        if step_cache:
            step_cache.store(after, rows)
        if self._memory and remembered is None:
            self._memory.store(step, own)
        return self._model.to_pixels(rows, noise.guidance)

    def _rows(
        self, z: torch.Tensor, timestep: float, streams: int, *, with_references: bool
    ) -> torch.Tensor:
        """The timestep's row, the target's and the references': (streams, n, hidden)."""
        parts = [
            self._model.embed_timestep(timestep).unsqueeze(0),
            self._model.x_embedder(z.to(self._model.dtype)),
        ]
        if with_references and self._reference_rows is not None:
            parts.append(self._reference_rows)
        return torch.cat(parts).unsqueeze(0).expand(streams, -1, -1)

    def _contexts(
        self, index: int, streams: int, remembered: list[KeysValues] | None
    ) -> list[KeysValues]:
        contexts = [prefix[index] for prefix in self._prefixes[:streams]]
        if remembered is None:
            return contexts
        keys, values = remembered[index]
        return [
            join(context, (keys[stream : stream + 1], values[stream : stream + 1]))
            for stream, context in enumerate(contexts)
        ]


def compiled_draw() -> Draw:
    """`Layer.draw` through torch.compile; one graph serves all layers."""
    return cast("Draw", torch.compile(Layer.draw, dynamic=True))


def _reference_part(keys_values: KeysValues, start: int) -> KeysValues:
    """A copy of the rows from `start` on, so that the others are not kept alive."""
    keys, values = keys_values
    return keys[:, :, start:].clone(), values[:, :, start:].clone()
