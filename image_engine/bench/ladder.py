"""The same pictures drawn with fewer and fewer of the engine's exact savings.

Knows: how the reference spends its time, and each saving by itself. Does not know: timing.

The lowest rung computes as the reference does: the vision tower once, then at every step the
whole sequence, prefix included, under a dense mask, once for each prompt, projecting every token. Every
rung above adds one saving; the highest is the engine itself. All give the same numbers, which the
bench checks. The reference's own code is not here: the lowest rung repeats what it computes with
the engine's modules, so it says what the savings are worth, not how fast the reference is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch.nn import functional

from image_engine.bench import plain
from image_engine.conditioning import Conditioning
from image_engine.model import KeysValues, Layer, PixelModel, Rotary, VisionFeatures, join


class Predictor(Protocol):
    """What the sampling loop needs; `Denoiser` is one."""

    def predict(self, z: torch.Tensor, step: int, guidance: float | None) -> torch.Tensor:
        """(N, 3072) at one noise level → clean patches (N, 3072)."""
        ...


@dataclass(frozen=True, slots=True)
class Rung:
    """Which savings are on."""

    name: str
    lean_layers: bool = False
    two_part_attention: bool = False
    prefix_once: bool = False
    batched_prompts: bool = False


RUNGS = (
    Rung("reference style"),
    Rung("+ fewer passes over memory", True),
    Rung("+ no dense mask", True, True),
    Rung("+ prefix once", True, True, True),
    Rung("+ both prompts together", True, True, True, True),
)
"""Above them: + target only at the end, which is the engine itself."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """One request as the model takes it."""

    conditionings: Sequence[Conditioning]
    references: torch.Tensor | None
    """float32 patches (n, 3072)."""
    timesteps: Sequence[float]
    """τ of every step."""


class LadderPredictor:
    """Predicts with only the savings of one rung."""

    def __init__(self, model: PixelModel, inputs: Inputs, rung: Rung) -> None:
        self._model = model
        self._inputs = inputs
        self._rung = rung
        self._features: list[VisionFeatures] | None = None
        self._prefixes: list[list[KeysValues]] | None = None

    def predict(self, z: torch.Tensor, step: int, guidance: float | None) -> torch.Tensor:
        """See `Predictor`."""
        batch = self._inputs.conditionings[: 1 if guidance is None else 2]
        if self._rung.prefix_once:
            clean = self._generation(z, step, batch)
        else:
            clean = torch.stack([self._whole_sequence(z, step, each) for each in batch])
        if guidance is None:
            return clean[0]
        return clean[1] + guidance * (clean[0] - clean[1])

    def _patch_embeddings(self, z: torch.Tensor, step: int) -> torch.Tensor:
        patches = [z] if self._inputs.references is None else [z, self._inputs.references]
        embedded = self._model.x_embedder(torch.cat(patches).to(self._model.dtype))
        tau = self._inputs.timesteps[step]
        timestep = self._model.embed_timesteps([tau], self._model.dtype)
        return torch.cat([timestep, embedded])

    def _whole_sequence(
        self, z: torch.Tensor, step: int, conditioning: Conditioning
    ) -> torch.Tensor:
        """Every token of one prompt through every layer."""
        model = self._model
        hidden, seen, deep = self._prefix_embeddings(conditioning)
        past = len(hidden)
        hidden = torch.cat([hidden, self._patch_embeddings(z, step)]).unsqueeze(0)
        positions = torch.cat(
            [*(chunk.positions for chunk in conditioning.chunks), conditioning.positions], dim=1
        )
        rotary = model.rotary(positions.unsqueeze(0))
        mask = (
            None if self._rung.two_part_attention else _mask(past, hidden.shape[1], hidden.device)
        )
        for index, layer in enumerate(model.layers):
            queries, keys_values = self._projections(layer, hidden, rotary)
            attended = self._attend(queries, keys_values, past, mask)
            hidden = hidden + layer.self_attn.output(attended)
            hidden = hidden + self._mlp(layer, hidden)
            if index < len(deep):
                hidden = hidden.index_add(1, seen, deep[index].unsqueeze(0))
        pixels = model.final_layer2["linear"](model.language_model.norm(hidden)).float()
        return pixels[0, past + 1 : past + 1 + len(z)]

    def _projections(
        self, layer: Layer, hidden: torch.Tensor, rotary: Rotary
    ) -> tuple[torch.Tensor, KeysValues]:
        module = layer.self_attn
        if self._rung.lean_layers:
            normed = layer.input_layernorm(hidden)
            kernels = self._model.kernels
            return (
                module.queries(normed, rotary, kernels),
                module.keys_values(normed, rotary, kernels),
            )
        normed = plain.norm(layer.input_layernorm, hidden)
        return plain.queries(module, normed, rotary), plain.keys_values(module, normed, rotary)

    def _mlp(self, layer: Layer, hidden: torch.Tensor) -> torch.Tensor:
        if self._rung.lean_layers:
            return layer.mlp(layer.post_attention_layernorm(hidden), self._model.kernels)
        return plain.mlp(layer.mlp, plain.norm(layer.post_attention_layernorm, hidden))

    def _attend(
        self, queries: torch.Tensor, keys_values: KeysValues, past: int, mask: torch.Tensor | None
    ) -> torch.Tensor:
        keys, values = keys_values
        if mask is not None:
            heads_first = [each.transpose(1, 2) for each in (queries, keys, values)]
            attended = functional.scaled_dot_product_attention(
                *heads_first, attn_mask=mask, enable_gqa=True
            )
            return attended.transpose(1, 2)
        attend = self._model.kernels.attend
        causal = attend(queries[:, :past], keys[:, :past], values[:, :past], True)
        return torch.cat([causal, attend(queries[:, past:], keys, values, False)], dim=1)

    def _generation(
        self, z: torch.Tensor, step: int, batch: Sequence[Conditioning]
    ) -> torch.Tensor:
        """Only the tokens that change, against kept prefixes."""
        prefixes = self._kept_prefixes()[: len(batch)]
        rotary = self._model.rotary(torch.stack([each.positions for each in batch]))
        hidden = self._patch_embeddings(z, step).unsqueeze(0)
        if self._rung.batched_prompts:
            return self._draw(hidden.expand(len(batch), -1, -1), rotary, prefixes, len(z))
        parts = [
            self._draw(hidden, _entry(rotary, index), [prefix], len(z))
            for index, prefix in enumerate(prefixes)
        ]
        return torch.cat(parts)

    def _draw(
        self, hidden: torch.Tensor, rotary: Rotary, prefixes: list[list[KeysValues]], target: int
    ) -> torch.Tensor:
        for index, layer in enumerate(self._model.layers):
            contexts = [prefix[index] for prefix in prefixes]
            hidden, _ = layer.denoise(hidden, rotary, contexts, self._model.kernels)
        pixels = self._model.final_layer2["linear"](self._model.language_model.norm(hidden))
        return pixels[:, 1 : 1 + target].float()

    def _prefix_embeddings(
        self, conditioning: Conditioning
    ) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Embedded prefix (n, hidden), places of image tokens, what deeper layers add there."""
        model = self._model
        tokens = torch.cat([chunk.tokens for chunk in conditioning.chunks]).to(model.device)
        hidden = model.language_model.embed_tokens(tokens)
        seen = (tokens == model.config.image_token).nonzero().squeeze(1)
        features = self._encode_image(conditioning)
        if not features:
            return hidden, seen, []
        hidden = hidden.index_copy(0, seen, torch.cat([each.merged for each in features]))
        deep = [torch.cat(parts) for parts in zip(*(each.deep for each in features), strict=True)]
        return hidden, seen, deep

    def _encode_image(self, conditioning: Conditioning) -> list[VisionFeatures]:
        """The vision tower once a picture: both prompts have the same references."""
        if self._features is None:
            self._features = [
                self._model.encode_image(each.vision.pixels, each.vision.rows, each.vision.columns)
                for each in conditioning.chunks
                if each.vision is not None
            ]
        return self._features

    def _kept_prefixes(self) -> list[list[KeysValues]]:
        if self._prefixes is None:
            features = self._encode_image(self._inputs.conditionings[0])
            self._prefixes = [
                _whole_prefix(self._model, conditioning, features)
                for conditioning in self._inputs.conditionings
            ]
        return self._prefixes


def _whole_prefix(
    model: PixelModel, conditioning: Conditioning, features: Sequence[VisionFeatures]
) -> list[KeysValues]:
    past: list[KeysValues] | None = None
    pending = iter(features)
    for chunk in conditioning.chunks:
        seen = next(pending) if chunk.vision else None
        added = model.prefill(chunk.tokens, chunk.positions, seen, past, model.dtype)
        if past is None:
            past = added
        else:
            past = [join(known, new) for known, new in zip(past, added, strict=True)]
    assert past is not None
    return past


def _entry(rotary: Rotary, index: int) -> Rotary:
    cos, sin = rotary
    return cos[index : index + 1], sin[index : index + 1]


def _mask(past: int, tokens: int, device: torch.device) -> torch.Tensor:
    """bool (tokens, tokens): causal above the bar, everything below it."""
    mask = torch.ones(tokens, tokens, dtype=torch.bool, device=device).tril()
    mask[past:] = True
    return mask
