"""Learns to tell grave ideas by their meaning, where no word gives them away.

`python -m benchmarks.grave` fits one weight for each dimension of the packaged sentence embeddings
to the labelled ideas, and writes them to `prompts/writer/grave.json` with two thresholds: of the
free ideas 1 in 100 is above the one, 6 in 100 above the other, in eight-fold cross-validation.

Knows: the labelled sets, a logistic regression. Does not know: what is done with a grave idea.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from storyboard.writing.offline.heavy import WEIGHTS, Vector, meaning

LABELLED = Path(__file__).parent / "labelled"
FALSE_ALARMS = {"grave": 0.01, "uneasy": 0.06}
_FOLDS = 8
_DECAY = 3e-4
_STEPS = 1500


def ideas() -> Iterator[tuple[str, bool]]:
    """Every labelled idea that is not held out for good, and whether it is grave."""
    for name in ("taste", "taste_more", "readings"):
        for line in (LABELLED / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            idea, label = (part.strip() for part in line.split("|")[:2])
            idea, _, format = idea.partition(" @")
            if not format:
                # What is read for who does what is about nothing grave.
                yield idea, name != "readings" and label != "free"


def fitted(vectors: Any, grave: Any) -> Any:
    """Weights, the last of them the offset; both classes count alike."""
    middle, numpy = vectors.mean(0), cast(Any, np)
    rows = vectors - middle
    share = numpy.where(grave > 0, 0.5 / grave.sum(), 0.5 / (1 - grave).sum())
    learnt = numpy.zeros(rows.shape[1] + 1)
    for _ in range(_STEPS):
        wrong = share * (1 / (1 + numpy.exp(-(rows @ learnt[:-1] + learnt[-1]))) - grave)
        learnt[:-1] -= 2.0 * (rows.T @ wrong + _DECAY * learnt[:-1])
        learnt[-1] -= 2.0 * wrong.sum()
    learnt[-1] -= middle @ learnt[:-1]
    return learnt


def main() -> None:
    told = list(ideas())
    vectors = np.stack([meaning(idea) for idea, _ in told])
    grave = np.array([float(is_grave) for _, is_grave in told])
    order = np.random.default_rng(0).permutation(len(told))
    scores: Vector = np.zeros(len(told))
    for fold in range(_FOLDS):
        left = order[fold::_FOLDS]
        rest = np.setdiff1d(order, left)
        learnt = fitted(vectors[rest], grave[rest])
        scores[left] = vectors[left] @ learnt[:-1] + learnt[-1]
    free = np.sort(scores[grave == 0])
    learnt = fitted(vectors, grave)
    made: dict[str, Any] = {}
    for name, alarms in FALSE_ALARMS.items():
        threshold = float(free[int((1 - alarms) * len(free))])
        caught = float((scores[grave == 1] >= threshold).mean())
        made[name] = round(threshold - float(learnt[-1]), 3)
        sys.stdout.write(
            f"{name}: {caught:.0%} of {int(grave.sum())} grave ideas told by meaning\n"
        )
    made["weights"] = [round(float(w), 3) for w in learnt[:-1]]
    WEIGHTS.write_text(json.dumps(made) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
