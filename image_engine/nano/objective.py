"""What is learned: the clean picture behind a noisy one, at every noise level of the samplers.

Knows: the whole-sequence pass that gradients go through, the noise levels, the loss.
Does not know: examples, optimisers. The pass computes what the engine computes, with the modules'
own weights and functions, for several examples at once and without any of the engine's savings;
a test holds both together.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from image_engine.kernels import Kernels, differentiable_kernels
from image_engine.model import Layer, PixelModel, Rotary, VisionFeatures
from image_engine.nano.examples import Batch

NOISE_SCALE = 8.0
"""Of the noise that pictures are drawn from, as in `ImageRequest`."""
USUAL_RATIO, SPREAD = 2.0, 1.6
"""Noise levels are drawn so that noise over signal is log-normal around this."""


def sigmas(count: int, generator: torch.Generator) -> torch.Tensor:
    """float32 (count,) noise levels σ in 0…1, most where a picture takes shape.

    At σ a picture is (1 - σ) x + 8 σ ε: noise outweighs it from a ninth on, so levels even in σ
    would nearly all be beyond seeing.
    """
    spread = torch.randn(count, generator=generator)
    ratio = USUAL_RATIO * torch.exp(SPREAD * spread)
    return (ratio / (NOISE_SCALE + ratio)).clamp(0.001, 0.999)


def loss_of(
    model: PixelModel, batch: Batch, levels: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """Mean squared error of the clean patches, weighted towards what can be known: where little
    noise is left errors count more, as in the velocity, but never more than fivefold."""
    level = levels.view(-1, 1, 1).to(batch.target.device)
    z = (1 - level) * batch.target + level * NOISE_SCALE * noise
    clean = predict(model, batch, z, levels)
    ratio = NOISE_SCALE * level / (1 - level)
    weight = 1 + 1 / (ratio.square() + 0.25)
    return (weight * (clean - batch.target).square()).mean()


def predict(model: PixelModel, batch: Batch, z: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """Noisy patches (batch, N, 3072) at σ `levels` (batch,) → clean patches (batch, N, 3072)."""
    device, kernels = z.device, differentiable_kernels(model.kernels.attention)
    tokens, positions, known = _padded(batch, device)
    longest, target = tokens.shape[1], z.shape[1]
    seen = tokens == model.config.image_token
    prefix = model.language_model.embed_tokens(tokens)
    features = _features(model, batch, device)
    if features is not None:
        prefix = prefix.masked_scatter(seen.unsqueeze(-1), features.merged.to(prefix.dtype))
    timestep = model.t_embedder1(1 - levels.to(device), prefix.dtype).unsqueeze(1)
    drawn = model.x_embedder(torch.cat([z, batch.references.to(device)], dim=1))
    hidden = torch.cat([prefix, timestep, drawn], dim=1)
    rotary = model.rotary(positions)
    mask = _mask(known, longest, hidden.shape[1])
    everywhere = functional.pad(seen, (0, hidden.shape[1] - longest)).unsqueeze(-1)
    for index, layer in enumerate(model.layers):
        hidden = _layer(layer, hidden, rotary, mask, kernels)
        if features is not None and index < len(features.deep):
            deep = torch.zeros_like(hidden).masked_scatter(everywhere, features.deep[index])
            hidden = hidden + deep
    wanted = hidden[:, longest + 1 : longest + 1 + target]
    return model.final_layer2["linear"](model.language_model.norm(wanted))


def _layer(
    layer: Layer, hidden: torch.Tensor, rotary: Rotary, mask: torch.Tensor, kernels: Kernels
) -> torch.Tensor:
    normed = layer.normed(hidden, kernels)
    queries = layer.self_attn.queries(normed, rotary, kernels)
    keys, values = layer.self_attn.keys_values(normed, rotary, kernels)
    heads_first = [each.transpose(1, 2) for each in (queries, keys, values)]
    attended = functional.scaled_dot_product_attention(
        *heads_first, attn_mask=mask, enable_gqa=queries.shape[2] != keys.shape[2]
    )
    return layer.finish(hidden, attended.transpose(1, 2), kernels)


def _padded(batch: Batch, device: torch.device) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Prefixes of unlike length in one tensor, padded in front: tokens (batch, longest), positions
    (batch, 3, longest + drawn), and which tokens are there."""
    rows = [torch.cat([chunk.tokens for chunk in each.chunks]) for each in batch.conditionings]
    places = [
        torch.cat([*(chunk.positions for chunk in each.chunks), each.positions], dim=1)
        for each in batch.conditionings
    ]
    longest = max(len(row) for row in rows)
    tokens = torch.stack([functional.pad(row, (longest - len(row), 0)) for row in rows])
    known = torch.stack(
        [functional.pad(torch.ones(len(row)).bool(), (longest - len(row), 0)) for row in rows]
    )
    width = max(place.shape[1] for place in places)
    positions = torch.stack(
        [functional.pad(place, (width - place.shape[1], 0)) for place in places]
    )
    return tokens.to(device), positions.to(device), known.to(device)


def _mask(known: torch.Tensor, longest: int, total: int) -> torch.Tensor:
    """bool (batch, 1, total, total): the prefix is causal, what is drawn sees everything, nobody
    sees padding (which sees itself, so that its rows are numbers)."""
    mask = torch.ones(total, total, dtype=torch.bool, device=known.device).tril()
    mask[longest:] = True
    there = functional.pad(known, (0, total - longest), value=True)
    itself = torch.eye(total, dtype=torch.bool, device=known.device)
    return ((mask & there.unsqueeze(1)) | itself).unsqueeze(1)


def _features(model: PixelModel, batch: Batch, device: torch.device) -> VisionFeatures | None:
    """The references of all examples through the vision tower, in order."""
    visions = [
        chunk.vision for each in batch.conditionings for chunk in each.chunks if chunk.vision
    ]
    if not visions:
        return None
    grid = torch.tensor([[1, each.rows, each.columns] for each in visions], device=device)
    pixels = torch.cat([each.pixels for each in visions]).to(device)
    output = model.visual(pixels, grid_thw=grid)
    return VisionFeatures(output.pooler_output, tuple(output.deepstack_features))
