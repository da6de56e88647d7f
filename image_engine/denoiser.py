"""One picture in the making: noisy patches and a noise level in, a prediction out.

Knows: the tokens of one request, its prefixes, its approximations. Does not know: samplers, files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from image_engine.acceleration import Acceleration
from image_engine.kernels import Kernels
from image_engine.model import KeysValues, PixelModel, join
from image_engine.step_cache import ReferenceCache, StepCache


@dataclass(frozen=True, slots=True)
class DenoiserInputs:
    """One request as the model takes it, the same at every step."""

    prefixes: Sequence[list[KeysValues]]
    """Keys and values of each prompt's prefix, conditional first."""
    positions: torch.Tensor
    """int64 (batch, 3, 1 + target + references)."""
    references: torch.Tensor | None
    """float32 patches (n, 3072)."""
    timesteps: Sequence[float]
    """τ of every step, 0 to 1000."""
    residual: torch.dtype
    """Of the residual stream, the embedders and the head."""


class Denoiser:
    """Predicts the clean target of one request, from a batch of one prompt or two."""

    def __init__(
        self,
        model: PixelModel,
        inputs: DenoiserInputs,
        acceleration: Acceleration,
        kernels: Kernels,
    ) -> None:
        self.device = model.device
        self._model = model
        self._prefixes = inputs.prefixes
        self._residual = inputs.residual
        self._rotary = model.rotary(inputs.positions)
        self._timesteps = model.embed_timesteps(inputs.timesteps, inputs.residual)
        self._references = (
            model.x_embedder(inputs.references.to(model.device, inputs.residual))
            if inputs.references is not None
            else None
        )
        self._step_cache = StepCache(acceleration.step_cache) if acceleration.step_cache else None
        self._memory = ReferenceCache(acceleration.ref_kv) if acceleration.ref_kv > 1 else None
        self._kernels = kernels
        self.forwards = 0

    def predict(
        self, z: torch.Tensor, step: int, guidance: float | None, *, use_cache: bool = True
    ) -> torch.Tensor:
        """(N, 3072) float32 at step `step` → clean patches (N, 3072) float32.

        Without `guidance` the conditional prompt alone is run; without `use_cache` no layer is
        skipped.
        """
        batch = 1 if guidance is None else 2
        self.forwards += batch
        target = slice(1, 1 + len(z))
        remembered = self._memory.fresh(step, batch) if self._memory else None
        hidden = self._embed(z, step, batch, with_references=remembered is None)
        cos, sin = (angles[:batch, : hidden.shape[1]] for angles in self._rotary)
        step_cache = self._step_cache if use_cache else None
        own: list[KeysValues] = []
        before = after = hidden[:, target]
        layers = self._model.layers
        for index, layer in enumerate(layers):
            wanted = target if index + 1 == len(layers) else slice(None)
            contexts = self._contexts(index, batch, remembered)
            hidden, keys_values = layer.denoise(hidden, (cos, sin), contexts, self._kernels, wanted)
            if self._memory and remembered is None:
                own.append(_reference_part(keys_values, target.stop))
            if index == 0 and step_cache:
                after = hidden if wanted is target else hidden[:, target]
                guess = step_cache.reuse(before, after)
                if guess is not None:
                    return self._model.to_pixels(guess, guidance)
        if step_cache:
            step_cache.store(after, hidden)
        if self._memory and remembered is None:
            self._memory.store(step, own)
        return self._model.to_pixels(hidden, guidance)

    def _embed(
        self, z: torch.Tensor, step: int, batch: int, *, with_references: bool
    ) -> torch.Tensor:
        """Hidden states of the timestep, the target and the references: (batch, n, hidden)."""
        parts = [self._timesteps[step : step + 1], self._model.x_embedder(z.to(self._residual))]
        if with_references and self._references is not None:
            parts.append(self._references)
        # Repeated, not expanded: a batch without strides would be a graph of its own.
        return torch.cat(parts).repeat(batch, 1, 1)

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


def _reference_part(keys_values: KeysValues, start: int) -> KeysValues:
    """A copy of the tokens from `start` on, so that the others are not kept alive."""
    keys, values = keys_values
    return keys[:, start:].clone(), values[:, start:].clone()
