"""The causal prefix of a prompt: computed chunk by chunk, kept for whoever shares its start.

Knows: which chunks are cached, what the rest costs. Does not know: prompts, sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from image_engine.conditioning import Conditioning, VisionInput
from image_engine.model import KeysValues, PixelModel, VisionFeatures
from image_engine.prefix_cache import ByteCache


@dataclass(frozen=True, slots=True)
class Prefix:
    """Keys and values of a whole prefix."""

    layers: list[KeysValues]
    reused: int
    """Tokens whose keys and values came from the cache."""


class PrefixBuilder:
    """Builds prefixes with one model, sharing chunks and vision features between requests."""

    def __init__(self, model: PixelModel, cache_bytes: int) -> None:
        self._model = model
        self.chunks: ByteCache[list[KeysValues]] = ByteCache(cache_bytes)
        self.features: ByteCache[VisionFeatures] = ByteCache(cache_bytes // 4)

    def build(self, conditioning: Conditioning, residual: torch.dtype) -> Prefix:
        """Keys and values of every layer, from the cache as far as it goes; `residual` is the
        dtype of the residual stream."""
        parts: list[list[KeysValues]] = []
        past: list[KeysValues] | None = None
        reused = 0
        for chunk in conditioning.chunks:
            known = self.chunks.get((chunk.key, residual))
            if known is not None:
                reused += len(chunk.tokens)
            else:
                past = _joined(parts)
                known = self._model.prefill(
                    chunk.tokens, chunk.positions, self._encode_image(chunk.vision), past, residual
                )
                self.chunks.put((chunk.key, residual), known, _size(known))
            parts.append(known)
        # Later chunks are of no use without those before: they are to go first.
        for chunk in reversed(conditioning.chunks):
            self.chunks.get((chunk.key, residual))
        layers = _joined(parts)
        assert layers is not None
        return Prefix(layers, reused)

    @property
    def bytes(self) -> int:
        """What both caches hold now."""
        return self.chunks.bytes + self.features.bytes

    def clear(self) -> None:
        """Forget everything."""
        self.chunks.clear()
        self.features.clear()

    def _encode_image(self, vision: VisionInput | None) -> VisionFeatures | None:
        if vision is None:
            return None
        features = self.features.get(vision.digest)
        if features is None:
            features = self._model.encode_image(vision.pixels, vision.rows, vision.columns)
            tensors = (features.merged, *features.deep)
            size = sum(tensor.numel() * tensor.element_size() for tensor in tensors)
            self.features.put(vision.digest, features, size)
        return features


def _joined(parts: Sequence[list[KeysValues]]) -> list[KeysValues] | None:
    if not parts:
        return None
    return [
        (
            torch.cat([keys for keys, _ in chunks], dim=1),
            torch.cat([values for _, values in chunks], dim=1),
        )
        for chunks in zip(*parts, strict=True)
    ]


def _size(layers: list[KeysValues]) -> int:
    return sum(
        tensor.numel() * tensor.element_size() for keys_values in layers for tensor in keys_values
    )
