"""How much two pictures differ: PSNR and structural error, without a learned network.

Knows: pixels. Does not know: who drew them. Structural error is 1 - SSIM of the luminance, with
the usual 11-px Gaussian window of σ 1.5 (Wang et al. 2004).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from PIL import Image
from torch.nn import functional

MOST_PSNR = 100.0
"""Reported for identical pictures, whose PSNR is infinite."""
WINDOW = 11
SIGMA = 1.5
STABLE_MEAN = (0.01 * 255) ** 2
STABLE_SPREAD = (0.03 * 255) ** 2


def psnr(first: Image.Image, second: Image.Image) -> float:
    """Peak signal-to-noise ratio in dB, at most 100."""
    difference = (_pixels(first, "RGB") - _pixels(second, "RGB")).square().mean().item()
    if difference == 0:
        return MOST_PSNR
    return min(MOST_PSNR, 10 * math.log10(255**2 / difference))


def structural_error(first: Image.Image, second: Image.Image) -> float:
    """1 - SSIM: 0 for identical pictures, about 1 for unrelated ones."""
    a, b = _pixels(first, "L"), _pixels(second, "L")
    mean_a, mean_b = _blur(a), _blur(b)
    spread_a = _blur(a * a) - mean_a * mean_a
    spread_b = _blur(b * b) - mean_b * mean_b
    common = _blur(a * b) - mean_a * mean_b
    numerator = (2 * mean_a * mean_b + STABLE_MEAN) * (2 * common + STABLE_SPREAD)
    denominator = (mean_a**2 + mean_b**2 + STABLE_MEAN) * (spread_a + spread_b + STABLE_SPREAD)
    return 1 - (numerator / denominator).mean().item()


def _pixels(image: Image.Image, mode: str) -> torch.Tensor:
    return torch.from_numpy(np.asarray(image.convert(mode), dtype=np.float64))


def _blur(image: torch.Tensor) -> torch.Tensor:
    offsets = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    window = torch.exp(-(offsets**2) / (2 * SIGMA**2))
    window = window / window.sum()
    rows = functional.conv2d(image[None, None], window[None, None, :, None])
    return functional.conv2d(rows, window[None, None, None, :])
