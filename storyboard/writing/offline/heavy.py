"""Tells a grave idea by its meaning, where no word gives it away: "she lost the baby in March".

One weight for each dimension of the packaged sentence embeddings, learnt from labelled ideas
(`benchmarks/grave.py`). It stands behind the lists of words, which are surer where they know.

Knows: embeddings and weights. Does not know: subjects, what is done with a grave idea.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from storyboard.writing.offline.match import MOST_CHARACTERS, embeddings

Vector: TypeAlias = npt.NDArray[np.float64]
WEIGHTS = Path(str(files("prompts"))) / "writer" / "grave.json"


def meaning(idea: str) -> Vector:
    """What an idea means, as a vector."""
    return embeddings().vector(idea[:MOST_CHARACTERS]).astype(np.float64)


@lru_cache(maxsize=256)
def heavy(idea: str) -> bool:
    """Whether an idea is about something grave; of a word or two nobody can tell."""
    if len(re.findall(r"\w+", idea)) < 3 and len(re.findall("[ぁ-ヿ一-龠]", idea)) < 6:
        return False
    weights = _weights()
    return float(meaning(idea) @ weights[:-1] + weights[-1]) >= 0


@cache
def _weights() -> Vector:
    return np.array(json.loads(WEIGHTS.read_text(encoding="utf-8")))
