"""The 32-px grid that the Full model leaves in dark areas: measuring it, smoothing it.

Knows: pictures as tensors, shifted patch grids. Does not know: the model behind a prediction.

Every patch is predicted by itself, so neighbours disagree a little along their seam. A grid
shifted by half a patch has its seams elsewhere: averaging predictions over grids cancels them.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from image_engine.references import to_image, to_patches
from image_engine.request import PATCH

SHIFTS = ((PATCH // 2, PATCH // 2), (0, PATCH // 2), (PATCH // 2, 0))
"""TokenCounts and columns by which the further grids are shifted."""
LAST_PART = 0.2
"""The part of the steps, at the end, in which predictions are averaged."""

Predict = Callable[[torch.Tensor], torch.Tensor]


def smooths(step: int, steps: int) -> bool:
    """Whether step `step` of `steps` lies in the last part."""
    return step >= steps - max(1, round(steps * LAST_PART))


def smooth_prediction(
    predict: Predict, z: torch.Tensor, clean: torch.Tensor, size: tuple[int, int], strength: float
) -> torch.Tensor:
    """`clean`, the prediction for `z`, drawn towards the mean over all grids by `strength`.

    All are patches (N, 3072); `size` is width and height. Shifted pictures wrap around, and the
    patches across the border, which mix two edges, have no say. Costs three predictions.
    """
    width, height = size
    image = to_image(clean, width, height)
    picture = to_image(z, width, height)
    total, weight = image.clone(), torch.ones_like(image)
    for down, across in SHIFTS:
        shifted = torch.roll(picture, (down, across), dims=(1, 2))
        guess = to_image(predict(to_patches(shifted)), width, height)
        valid = torch.ones_like(guess)
        if down:
            valid[:, :PATCH] = 0
        if across:
            valid[:, :, :PATCH] = 0
        total += torch.roll(guess * valid, (-down, -across), dims=(1, 2))
        weight += torch.roll(valid, (-down, -across), dims=(1, 2))
    return to_patches(image + strength * (total / weight - image))


def grid_energy(patches: torch.Tensor, size: tuple[int, int]) -> float:
    """Mean squared step across patch seams over that across all other pixel pairs.

    1.0 is a picture whose seams cannot be told from the rest. `patches` are (N, 3072).
    """
    image = to_image(patches.float(), *size).clamp(-1, 1)
    seam, inside = image.new_zeros(()), image.new_zeros(())
    seams = insides = 0
    for dim in (1, 2):
        steps = image.diff(dim=dim).square().mean(dim=(0, 3 - dim))
        at_seam = torch.arange(1, len(steps) + 1, device=image.device) % PATCH == 0
        seam += steps[at_seam].sum()
        inside += steps[~at_seam].sum()
        seams += int(at_seam.sum())
        insides += len(steps) - int(at_seam.sum())
    if not seams or not inside:
        return 1.0
    return float((seam / seams) / (inside / insides))
