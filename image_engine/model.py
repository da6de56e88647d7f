"""The unified decoder: one pass for the causal prefix, one for everything that is drawn.

Knows: layers, embedders, rotary positions, which tokens need which computation.
Does not know: files, prompts, samplers, caches. Vision tower and rotary embedding are those of
Transformers' Qwen3-VL; norm and MLP compute the same with fewer passes over memory.

Hidden states are (batch, tokens, hidden). With guidance the batch is 2, the conditional prompt first:
both share every projection; attention runs for each against its own prefix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import torch
from torch import nn
from torch.nn import functional
from transformers.models.qwen3_vl.modeling_qwen3_vl import (
    Qwen3VLTextRotaryEmbedding,
    Qwen3VLVisionModel,
)

from image_engine.attention import attend_all, attend_causal
from image_engine.config import PATCH_VALUES, ModelConfig

KeysValues: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Keys and values of one layer, each (batch, key heads, tokens, head dim)."""
Rotary: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Cosines and sines, each (batch, 1, tokens, head dim)."""

TIMESTEP_WAVES = 256
WIDE_BYTES = {"cpu": 3 * 2**20, "cuda": 512 * 2**20}
"""Most that one of the MLP's wide tensors takes, by kind of device."""


@dataclass(frozen=True, slots=True)
class VisionFeatures:
    """What the vision tower says of one reference."""

    merged: torch.Tensor
    """(tokens, hidden): takes the place of the placeholders' embeddings."""
    deep: tuple[torch.Tensor, ...]
    """(tokens, hidden) each: added after the first decoder layers."""


class PatchEmbedder(nn.Module):
    """3072 values of a patch → hidden/4 → hidden."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.proj1 = nn.Linear(PATCH_VALUES, hidden // 4, bias=False)
        self.proj2 = nn.Linear(hidden // 4, hidden)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        return self.proj2(self.proj1(patches))


class TimestepEmbedder(nn.Module):
    """t = 1 - τ/1000 as 256 waves, cosines first, through a small MLP."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(TIMESTEP_WAVES, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )

    def forward(self, t: torch.Tensor) -> torch.Tensor:
        """float32 () → (hidden,)."""
        half = TIMESTEP_WAVES // 2
        exponents = torch.arange(half, dtype=torch.float32, device=t.device) / half
        angles = t * 1000 * torch.exp(-math.log(10000) * exponents)
        waves = torch.cat([angles.cos(), angles.sin()])
        return self.mlp(waves.to(cast("nn.Linear", self.mlp[0]).bias.dtype))


class SwiGLU(nn.Module):
    """down(silu(gate) · up), some tokens at a time: few enough that the two wide tensors stay in a
    CPU's cache, or that they do not decide a GPU's peak."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.wide = config.text.intermediate_size
        self.gate_proj = nn.Linear(config.hidden, self.wide, bias=False)
        self.up_proj = nn.Linear(config.hidden, self.wide, bias=False)
        self.down_proj = nn.Linear(self.wide, config.hidden, bias=False)

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        budget = WIDE_BYTES.get(hidden.device.type, WIDE_BYTES["cuda"])
        count = max(256, budget // (self.wide * hidden.element_size()))
        flat = hidden.flatten(0, -2)
        if len(flat) <= count:
            return self._some(hidden)
        parts = cast("tuple[torch.Tensor, ...]", flat.split(count))
        return torch.cat([self._some(part) for part in parts]).view(hidden.shape)

    def _some(self, hidden: torch.Tensor) -> torch.Tensor:
        gate = functional.silu(self.gate_proj(hidden), inplace=True)
        return self.down_proj(gate.mul_(self.up_proj(hidden)))


class Attention(nn.Module):
    """Grouped-query attention with RMSNorm on every query and key head."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        queries, keys = config.heads * self.head_dim, config.key_heads * self.head_dim
        bias, eps = config.text.attention_bias, config.text.rms_norm_eps
        self.q_proj = nn.Linear(config.hidden, queries, bias=bias)
        self.k_proj = nn.Linear(config.hidden, keys, bias=bias)
        self.v_proj = nn.Linear(config.hidden, keys, bias=bias)
        self.o_proj = nn.Linear(queries, config.hidden, bias=bias)
        self.q_norm = nn.RMSNorm(self.head_dim, eps)
        self.k_norm = nn.RMSNorm(self.head_dim, eps)

    def queries(self, hidden: torch.Tensor, rotary: Rotary) -> torch.Tensor:
        """(batch, n, hidden) → (batch, heads, n, head dim), normed and rotated."""
        return rotate(self.q_norm(self._heads(self.q_proj(hidden))).transpose(1, 2), rotary)

    def keys_values(self, hidden: torch.Tensor, rotary: Rotary) -> KeysValues:
        """(batch, n, hidden) → keys, normed and rotated, and values."""
        keys = rotate(self.k_norm(self._heads(self.k_proj(hidden))).transpose(1, 2), rotary)
        return keys, self._heads(self.v_proj(hidden)).transpose(1, 2)

    def output(self, attended: torch.Tensor) -> torch.Tensor:
        """(batch, heads, n, head dim) → (batch, n, hidden)."""
        return self.o_proj(attended.transpose(1, 2).flatten(2))

    def _heads(self, projected: torch.Tensor) -> torch.Tensor:
        return projected.view(*projected.shape[:-1], -1, self.head_dim)


class Layer(nn.Module):
    """One decoder layer, over a chunk of the prefix or over what is drawn."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.self_attn = Attention(config)
        self.mlp = SwiGLU(config)
        self.input_layernorm = nn.RMSNorm(config.hidden, config.text.rms_norm_eps)
        self.post_attention_layernorm = nn.RMSNorm(config.hidden, config.text.rms_norm_eps)

    def prefill_keys_values(self, hidden: torch.Tensor, rotary: Rotary) -> KeysValues:
        """Keys and values of a prefix chunk: (1, n, hidden) → (1, key heads, n, head dim)."""
        return self.self_attn.keys_values(self.input_layernorm(hidden), rotary)

    def prefill(
        self, hidden: torch.Tensor, rotary: Rotary, keys_values: KeysValues
    ) -> torch.Tensor:
        """Output of a prefix chunk; `keys_values` hold everything up to its end."""
        queries = self.self_attn.queries(self.input_layernorm(hidden), rotary)
        hidden = hidden + self.self_attn.output(attend_causal(queries, *keys_values))
        return hidden + self.mlp(self.post_attention_layernorm(hidden))

    def draw(
        self,
        hidden: torch.Tensor,
        rotary: Rotary,
        contexts: Sequence[KeysValues],
        wanted: slice = slice(None),
    ) -> tuple[torch.Tensor, KeysValues]:
        """Tokens that see everything: their own context and one another.

        `contexts` has one entry a prompt, (1, key heads, any, head dim). Only `wanted` tokens
        are carried on, though all give keys and values, which are returned too.
        """
        normed = self.input_layernorm(hidden)
        keys, values = self.self_attn.keys_values(normed, rotary)
        cos, sin = (angles[:, :, wanted] for angles in rotary)
        queries = self.self_attn.queries(normed[:, wanted], (cos, sin))
        attended = torch.cat(
            [
                attend_all(
                    queries[entry : entry + 1],
                    torch.cat([context[0], keys[entry : entry + 1]], dim=2),
                    torch.cat([context[1], values[entry : entry + 1]], dim=2),
                )
                for entry, context in enumerate(contexts)
            ]
        )
        hidden = hidden[:, wanted] + self.self_attn.output(attended)
        return hidden + self.mlp(self.post_attention_layernorm(hidden)), (keys, values)


class Decoder(nn.Module):
    """The language model as a picture model uses it: layers, token embedding, final norm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.text.vocab_size, config.hidden)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.layers)])
        self.norm = nn.RMSNorm(config.hidden, config.text.rms_norm_eps)


class PixelModel(nn.Module):
    """All modules of a checkpoint, with its names wherever a module is the same."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.visual = Qwen3VLVisionModel(config.vision)
        self.language_model = Decoder(config)
        self.x_embedder = PatchEmbedder(config.hidden)
        self.t_embedder1 = TimestepEmbedder(config.hidden)
        self.final_layer2 = nn.ModuleDict({"linear": nn.Linear(config.hidden, PATCH_VALUES)})
        self.rotary_embedding = Qwen3VLTextRotaryEmbedding(config.text)

    @property
    def layers(self) -> list[Layer]:
        """The decoder layers."""
        return cast("list[Layer]", list(self.language_model.layers))

    @property
    def dtype(self) -> torch.dtype:
        """What hidden states are computed in."""
        return self.language_model.norm.weight.dtype

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.language_model.norm.weight.device

    def rotary(self, positions: torch.Tensor) -> Rotary:
        """int64 (batch, 3, n) → cosines and sines, (batch, 1, n, head dim) each."""
        like = torch.empty(0, dtype=self.dtype, device=self.device)
        positions = positions.to(self.device).transpose(0, 1)
        cos, sin = self.rotary_embedding(like, positions)
        return cos.unsqueeze(1), sin.unsqueeze(1)

    def encode_image(self, pixels: torch.Tensor, rows: int, columns: int) -> VisionFeatures:
        """One reference through the vision tower: (rows · columns, values) → features."""
        grid = torch.tensor([[1, rows, columns]], device=self.device)
        output = self.visual(pixels.to(self.device, self.visual.dtype), grid_thw=grid)
        return VisionFeatures(
            output.pooler_output.to(self.dtype),
            tuple(feature.to(self.dtype) for feature in output.deepstack_features),
        )

    def prefill(
        self,
        tokens: torch.Tensor,
        positions: torch.Tensor,
        features: VisionFeatures | None,
        past: Sequence[KeysValues] | None,
    ) -> list[KeysValues]:
        """Keys and values that a chunk of the prefix adds, layer by layer.

        `tokens` (n,), `positions` (3, n); `past` are those of all that comes before.
        """
        tokens = tokens.to(self.device)
        hidden = self.language_model.embed_tokens(tokens)
        seen = (tokens == self.config.image_token).nonzero().squeeze(1)
        if features is not None:
            hidden = hidden.index_copy(0, seen, features.merged)
        hidden = hidden.unsqueeze(0)
        rotary = self.rotary(positions.unsqueeze(0))
        added: list[KeysValues] = []
        for index, layer in enumerate(self.layers):
            own = layer.prefill_keys_values(hidden, rotary)
            added.append(own)
            if index + 1 == len(self.layers):
                break  # nobody reads what a causal token says in the end
            known = own if past is None else join(past[index], own)
            hidden = layer.prefill(hidden, rotary, known)
            if features is not None and index < len(features.deep):
                hidden = hidden.index_add(1, seen, features.deep[index].unsqueeze(0))
        return added

    def embed_timestep(self, timestep: float) -> torch.Tensor:
        """τ → (hidden,)."""
        tau = torch.tensor(timestep, dtype=torch.float32, device=self.device)
        return self.t_embedder1(1.0 - tau / 1000.0)

    def to_pixels(self, hidden: torch.Tensor, guidance: float | None) -> torch.Tensor:
        """(batch, n, hidden) → clean patches (n, 3072) in float32, guided if there are two
        prompts: x̂_u + g (x̂_c - x̂_u).

        The projection is linear, so what is guided is its input, and only one is projected.
        """
        hidden = self.language_model.norm(hidden)
        if guidance is not None:
            conditional, unconditional = hidden.float()
            guided = torch.lerp(unconditional, conditional, guidance)
            hidden = guided.to(hidden.dtype).unsqueeze(0)
        return self.final_layer2["linear"](hidden[0]).float()


def join(first: KeysValues, second: KeysValues) -> KeysValues:
    """Keys and values of two chunks, one after the other."""
    return torch.cat([first[0], second[0]], dim=2), torch.cat([first[1], second[1]], dim=2)


def rotate(heads: torch.Tensor, rotary: Rotary) -> torch.Tensor:
    """Rotate (batch, heads, n, head dim) to its positions, halves paired."""
    cos, sin = rotary
    half = heads.shape[-1] // 2
    rotated = heads * cos
    rotated[..., :half].addcmul_(heads[..., half:], sin[..., :half], value=-1)
    rotated[..., half:].addcmul_(heads[..., :half], sin[..., half:])
    return rotated
