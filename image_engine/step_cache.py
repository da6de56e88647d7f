"""What approximations remember from one step to the next.

Knows: when something remembered may stand in for something computed. Does not know: how settings
are named, what they cost in fidelity.
"""

from __future__ import annotations

import torch

from image_engine.model import KeysValues


class StepCache:
    """Skips all but the first layer while that layer says little has changed."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._first: torch.Tensor | None = None  # what the first layer added when last computed
        self._rest: torch.Tensor | None = None  # what the other layers added then

    def reuse(self, before: torch.Tensor, after: torch.Tensor) -> torch.Tensor | None:
        """The last layer's output, guessed from the hidden states before and after the first one, or None."""
        added = after - before
        if self._first is not None and self._rest is not None and added.shape == self._first.shape:
            change = (added - self._first).abs().mean() / self._first.abs().mean()
            if change.item() < self._threshold:
                return after + self._rest
        self._first = added
        return None

    def store(self, after: torch.Tensor, last: torch.Tensor) -> None:
        """Remember what the other layers added."""
        self._rest = last - after


class ReferenceCache:
    """Keys and values of the reference tokens, kept for some steps."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._layers: list[KeysValues] = []
        self._computed_at = 0

    def fresh(self, step: int, batch: int) -> list[KeysValues] | None:
        """What is remembered, layer by layer, if it is young enough and is of enough prompts."""
        enough = bool(self._layers) and self._layers[0][0].shape[0] >= batch
        if not enough or step - self._computed_at >= self._steps:
            self._layers = []  # given up before their successors take as much memory again
            return None
        return self._layers

    def store(self, step: int, layers: list[KeysValues]) -> None:
        """Remember those of this step."""
        self._layers, self._computed_at = layers, step
