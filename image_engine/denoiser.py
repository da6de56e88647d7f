"""One picture in the making: noisy patches and a noise level in, a prediction out.

Knows: the tokens of one request, its prefixes, its approximations. Does not know: samplers, files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import torch

from image_engine.acceleration import Acceleration
from image_engine.model import KeysValues, Layer, PixelModel, join
from image_engine.step_cache import ReferenceCache, StepCache

Draw = Callable[..., tuple[torch.Tensor, KeysValues]]


@dataclass(frozen=True, slots=True)
class NoiseLevel:
    """What the model is told of one step."""

    timestep: float
    """τ, 0 to 1000."""
    guidance: float | None
    """None: the conditional prompt alone."""


class Denoiser:
    """Predicts the clean target of one request, from a batch of one prompt or two."""

    def __init__(
        self,
        model: PixelModel,
        prefixes: Sequence[list[KeysValues]],
        positions: torch.Tensor,
        references: torch.Tensor | None,
        acceleration: Acceleration,
    ) -> None:
        """`prefixes` and `positions` (batch, 3, 1 + target + references) go prompt by prompt;
        `references` are float32 patches (n, 3072), the same at every step."""
        self.device = model.device
        self._model = model
        self._prefixes = prefixes
        self._rotary = model.rotary(positions)
        self._reference_embeddings = (
            model.x_embedder(references.to(model.device, model.dtype))
            if references is not None
            else None
        )
        self._step_cache = StepCache(acceleration.step_cache) if acceleration.step_cache else None
        self._memory = ReferenceCache(acceleration.ref_kv) if acceleration.ref_kv > 1 else None
        self._draw = compiled_draw() if acceleration.compile else Layer.draw
        self.forwards = 0

    def predict(
        self, z: torch.Tensor, step: int, noise: NoiseLevel, *, use_cache: bool = True
    ) -> torch.Tensor:
        """(N, 3072) float32 at step `step` → clean patches (N, 3072) float32.

        Without `use_cache` no layer is skipped.
        """
        batch = 1 if noise.guidance is None else 2
        self.forwards += batch
        target = slice(1, 1 + len(z))
        remembered = self._memory.fresh(step, batch) if self._memory else None
        hidden = self._embed(z, noise.timestep, batch, with_references=remembered is None)
        cos, sin = (angles[:batch, :, : hidden.shape[1]] for angles in self._rotary)
        step_cache = self._step_cache if use_cache else None
        own: list[KeysValues] = []
        before = after = hidden[:, target]
        layers = self._model.layers
        for index, layer in enumerate(layers):
            wanted = target if index + 1 == len(layers) else slice(None)
            contexts = self._contexts(index, batch, remembered)
            hidden, keys_values = self._draw(layer, hidden, (cos, sin), contexts, wanted)
            if self._memory and remembered is None:
                own.append(_reference_part(keys_values, target.stop))
            if index == 0 and step_cache:
                after = hidden if wanted is target else hidden[:, target]
                guess = step_cache.reuse(before, after)
                if guess is not None:
                    return self._model.to_pixels(guess, noise.guidance)
        if step_cache:
            step_cache.store(after, hidden)
        if self._memory and remembered is None:
            self._memory.store(step, own)
        return self._model.to_pixels(hidden, noise.guidance)

    def _embed(
        self, z: torch.Tensor, timestep: float, batch: int, *, with_references: bool
    ) -> torch.Tensor:
        """Hidden states of the timestep, the target and the references: (batch, n, hidden)."""
        parts = [
            self._model.embed_timestep(timestep).unsqueeze(0),
            self._model.x_embedder(z.to(self._model.dtype)),
        ]
        if with_references and self._reference_embeddings is not None:
            parts.append(self._reference_embeddings)
        return torch.cat(parts).unsqueeze(0).expand(batch, -1, -1)

    def _contexts(
        self, index: int, batch: int, remembered: list[KeysValues] | None
    ) -> list[KeysValues]:
        contexts = [prefix[index] for prefix in self._prefixes[:batch]]
        if remembered is None:
            return contexts
        keys, values = remembered[index]
        return [
            join(context, (keys[entry : entry + 1], values[entry : entry + 1]))
            for entry, context in enumerate(contexts)
        ]


def compiled_draw() -> Draw:
    """`Layer.draw` through torch.compile; one graph serves all layers."""
    return cast("Draw", torch.compile(Layer.draw, dynamic=True))


def _reference_part(keys_values: KeysValues, start: int) -> KeysValues:
    """A copy of the tokens from `start` on, so that the others are not kept alive."""
    keys, values = keys_values
    return keys[:, :, start:].clone(), values[:, :, start:].clone()
