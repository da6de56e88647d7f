"""The unified decoder: one pass for the causal prefix, one for everything that is drawn.

Knows: layers, embedders, rotary positions, which tokens need which computation.
Does not know: files, prompts, samplers, caches, which kernel is the fastest. Vision tower and
rotary embedding are those of Transformers' Qwen3-VL; norm and MLP compute the same with fewer
passes over memory (`kernels`).

Hidden states are (batch, tokens, hidden). With guidance the batch is 2, the conditional prompt first:
both share every projection; attention runs for each against its own prefix. They are the residual
stream, and may be float32 above weights of bfloat16: embedders and head then compute in float32
too, everything between in the weights' dtype.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, cast

import torch
from torch import nn
from torch.nn import functional

from image_engine.attention import choose_attention
from image_engine.config import PATCH_VALUES, ModelConfig
from image_engine.kernels import Kernels, plain_kernels
from image_engine.transformers_parts import Qwen3VLTextRotaryEmbedding, Qwen3VLVisionModel

KeysValues: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Keys and values of one layer, each (batch, tokens, key heads, head dim)."""
Rotary: TypeAlias = tuple[torch.Tensor, torch.Tensor]
"""Cosines and sines, each (batch, tokens, 1, head dim)."""

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
    """3072 values of a patch → hidden/4 → hidden, in the dtype of the patches."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.proj1 = nn.Linear(PATCH_VALUES, hidden // 4, bias=False)
        self.proj2 = nn.Linear(hidden // 4, hidden)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        return linear_as(self.proj2, linear_as(self.proj1, patches))


class TimestepEmbedder(nn.Module):
    """t = 1 - τ/1000 as 256 waves, cosines first, through a small MLP."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(TIMESTEP_WAVES, hidden), nn.SiLU(), nn.Linear(hidden, hidden)
        )

    def forward(self, t: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
        """float32 (n,) → (n, hidden) in `dtype`."""
        half = TIMESTEP_WAVES // 2
        exponents = torch.arange(half, dtype=torch.float32, device=t.device) / half
        angles = t[:, None] * 1000 * torch.exp(-math.log(10000) * exponents)
        waves = torch.cat([angles.cos(), angles.sin()], dim=-1).to(dtype)
        first, _, last = cast("tuple[nn.Linear, nn.SiLU, nn.Linear]", tuple(self.mlp))
        return linear_as(last, functional.silu(linear_as(first, waves)))


class SwiGLU(nn.Module):
    """down(silu(gate) · up), some tokens at a time: few enough that the two wide tensors stay in a
    CPU's cache, or that they do not decide a GPU's peak."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.wide = config.text.intermediate_size
        self.gate_proj = nn.Linear(config.hidden, self.wide, bias=False)
        self.up_proj = nn.Linear(config.hidden, self.wide, bias=False)
        self.down_proj = nn.Linear(self.wide, config.hidden, bias=False)

    def forward(self, normed: torch.Tensor, kernels: Kernels) -> torch.Tensor:
        budget = WIDE_BYTES.get(normed.device.type, WIDE_BYTES["cuda"])
        count = max(256, budget // (self.wide * normed.element_size()))
        flat = normed.flatten(0, -2)
        if len(flat) <= count:
            return self._some(normed, kernels)
        parts = cast("tuple[torch.Tensor, ...]", flat.split(count))
        return torch.cat([self._some(part, kernels) for part in parts]).view(normed.shape)

    def _some(self, normed: torch.Tensor, kernels: Kernels) -> torch.Tensor:
        return self.down_proj(kernels.gate(self.gate_proj(normed), self.up_proj(normed)))


class Attention(nn.Module):
    """Grouped-query attention with RMSNorm on every query and key head."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.head_dim = config.head_dim
        queries, keys = config.heads * self.head_dim, config.key_heads * self.head_dim
        bias = config.text.attention_bias
        self.eps = config.text.rms_norm_eps
        self.q_proj = nn.Linear(config.hidden, queries, bias=bias)
        self.k_proj = nn.Linear(config.hidden, keys, bias=bias)
        self.v_proj = nn.Linear(config.hidden, keys, bias=bias)
        self.o_proj = nn.Linear(queries, config.hidden, bias=bias)
        self.q_norm = nn.RMSNorm(self.head_dim, self.eps)
        self.k_norm = nn.RMSNorm(self.head_dim, self.eps)

    def queries(self, normed: torch.Tensor, rotary: Rotary, kernels: Kernels) -> torch.Tensor:
        """(batch, n, hidden) → (batch, n, heads, head dim), normed and rotated."""
        heads = self._heads(self.q_proj(normed))
        return kernels.norm_rotate(heads, self.q_norm.weight, self.eps, *rotary)

    def keys_values(self, normed: torch.Tensor, rotary: Rotary, kernels: Kernels) -> KeysValues:
        """(batch, n, hidden) → keys, normed and rotated, and values."""
        heads = self._heads(self.k_proj(normed))
        keys = kernels.norm_rotate(heads, self.k_norm.weight, self.eps, *rotary)
        return keys, self._heads(self.v_proj(normed))

    def output(self, attended: torch.Tensor) -> torch.Tensor:
        """(batch, n, heads, head dim) → (batch, n, hidden)."""
        return self.o_proj(attended.flatten(2))

    def _heads(self, projected: torch.Tensor) -> torch.Tensor:
        return projected.view(*projected.shape[:-1], -1, self.head_dim)


class Layer(nn.Module):
    """One decoder layer, over a chunk of the prefix or over what is drawn."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.eps = config.text.rms_norm_eps
        self.self_attn = Attention(config)
        self.mlp = SwiGLU(config)
        self.input_layernorm = nn.RMSNorm(config.hidden, self.eps)
        self.post_attention_layernorm = nn.RMSNorm(config.hidden, self.eps)

    def normed(self, hidden: torch.Tensor, kernels: Kernels) -> torch.Tensor:
        """What attention sees of the hidden states."""
        return kernels.norm(hidden, self.input_layernorm.weight, self.eps)

    def prefill(
        self,
        hidden: torch.Tensor,
        normed: torch.Tensor,
        rotary: Rotary,
        keys_values: KeysValues,
        kernels: Kernels,
    ) -> torch.Tensor:
        """Output of a prefix chunk; `keys_values` hold everything up to its end."""
        queries = self.self_attn.queries(normed, rotary, kernels)
        return self.finish(hidden, kernels.attend(queries, *keys_values, True), kernels)

    def denoise(
        self,
        hidden: torch.Tensor,
        rotary: Rotary,
        contexts: Sequence[KeysValues],
        kernels: Kernels,
        wanted: slice = slice(None),
    ) -> tuple[torch.Tensor, KeysValues]:
        """Tokens that see everything: their own context and one another.

        `contexts` has one entry a prompt, (1, any, key heads, head dim). Only `wanted` tokens
        are carried on, though all give keys and values, which are returned too.
        """
        normed = self.normed(hidden, kernels)
        keys, values = self.self_attn.keys_values(normed, rotary, kernels)
        cos, sin = (angles[:, wanted] for angles in rotary)
        queries = self.self_attn.queries(normed[:, wanted], (cos, sin), kernels)
        attended = [
            kernels.attend(
                queries[entry : entry + 1],
                torch.cat([context[0], keys[entry : entry + 1]], dim=1),
                torch.cat([context[1], values[entry : entry + 1]], dim=1),
                False,
            )
            for entry, context in enumerate(contexts)
        ]
        together = attended[0] if len(attended) == 1 else torch.cat(attended)
        return self.finish(hidden[:, wanted], together, kernels), (keys, values)

    def finish(
        self, hidden: torch.Tensor, attended: torch.Tensor, kernels: Kernels
    ) -> torch.Tensor:
        output = self.self_attn.output(attended)
        weight = self.post_attention_layernorm.weight
        hidden, normed = kernels.add_norm(hidden, output, weight, self.eps)
        return hidden + self.mlp(normed, kernels)


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
        self.kernels = plain_kernels(choose_attention(torch.device("cpu"), torch.float32))

    @property
    def layers(self) -> list[Layer]:
        """The decoder layers."""
        return cast("list[Layer]", list(self.language_model.layers))

    @property
    def dtype(self) -> torch.dtype:
        """What the weights are, and what products are computed in."""
        return self.language_model.norm.weight.dtype

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.language_model.norm.weight.device

    def use_attention(self, wanted: str = "auto") -> None:
        """Choose the attention kernel for the device and dtype of the weights."""
        self.kernels = plain_kernels(choose_attention(self.device, self.dtype, wanted))

    def rotary(self, positions: torch.Tensor) -> Rotary:
        """int64 (batch, 3, n) → cosines and sines, (batch, n, 1, head dim) each."""
        like = torch.empty(0, dtype=self.dtype, device=self.device)
        positions = positions.to(self.device).transpose(0, 1)
        cos, sin = self.rotary_embedding(like, positions)
        return cos.unsqueeze(2), sin.unsqueeze(2)

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
        residual: torch.dtype,
    ) -> list[KeysValues]:
        """Keys and values that a chunk of the prefix adds, layer by layer.

        `tokens` (n,), `positions` (3, n); `past` are those of all that comes before; `residual`
        is the dtype of the residual stream.
        """
        tokens = tokens.to(self.device)
        hidden = self.language_model.embed_tokens(tokens)
        seen = (tokens == self.config.image_token).nonzero().squeeze(1)
        if features is not None:
            hidden = hidden.index_copy(0, seen, features.merged)
        hidden = hidden.unsqueeze(0).to(residual)
        rotary = self.rotary(positions.unsqueeze(0))
        added: list[KeysValues] = []
        for index, layer in enumerate(self.layers):
            normed = layer.normed(hidden, self.kernels)
            own = layer.self_attn.keys_values(normed, rotary, self.kernels)
            added.append(own)
            if index + 1 == len(self.layers):
                break  # nobody reads what a causal token says in the end
            known = own if past is None else join(past[index], own)
            hidden = layer.prefill(hidden, normed, rotary, known, self.kernels)
            if features is not None and index < len(features.deep):
                deep = features.deep[index].unsqueeze(0).to(residual)
                hidden = hidden.index_add(1, seen, deep)
        return added

    def embed_timesteps(self, timesteps: Sequence[float], dtype: torch.dtype) -> torch.Tensor:
        """τ of every step → (steps, hidden) in `dtype`: once a picture, not once a step."""
        tau = torch.tensor(list(timesteps), dtype=torch.float32).to(self.device)
        return self.t_embedder1(1.0 - tau / 1000.0, dtype)

    def to_pixels(self, hidden: torch.Tensor, guidance: float | None) -> torch.Tensor:
        """(batch, n, hidden) → clean patches (n, 3072) in float32, guided if there are two
        prompts: x̂_u + g (x̂_c - x̂_u).

        The projection is linear, so what is guided is its input, and only one is projected.
        """
        norm, head = self.language_model.norm, cast("nn.Linear", self.final_layer2["linear"])
        weight = norm.weight.to(hidden.dtype)
        hidden = functional.rms_norm(hidden, weight.shape, weight, norm.eps)
        if guidance is not None:
            conditional, unconditional = hidden.float()
            guided = torch.lerp(unconditional, conditional, guidance)
            hidden = guided.to(hidden.dtype).unsqueeze(0)
        return linear_as(head, hidden[0]).float()


def linear_as(linear: nn.Linear, values: torch.Tensor) -> torch.Tensor:
    """A linear layer computed in the dtype of its input, whatever its weights are stored in."""
    bias = linear.bias if cast("torch.Tensor | None", linear.bias) is not None else None
    return functional.linear(
        values, linear.weight.to(values.dtype), None if bias is None else bias.to(values.dtype)
    )


def join(first: KeysValues, second: KeysValues) -> KeysValues:
    """Keys and values of two chunks, one after the other."""
    return torch.cat([first[0], second[0]], dim=1), torch.cat([first[1], second[1]], dim=1)
