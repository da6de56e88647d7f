"""Tells a grave idea by its meaning, where no word gives it away: "she lost the baby in March".

One weight for each dimension of the packaged sentence embeddings, learnt from labelled ideas
(`benchmarks/grave.py`). It stands behind the lists of words, which are surer where they know. What
is above its first threshold is taken for grave; between the two nobody can tell, and the film is
told quietly, without a word on why: that becomes a grave idea, and does a merry one no harm.

Knows: embeddings and weights. Does not know: subjects, what is done with a grave idea.
"""

from __future__ import annotations

import math
import re
from functools import cache, lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from storyboard.core.prompt_files import PROMPTS
from storyboard.core.strict_records import Record
from storyboard.writing.offline.match import MOST_CHARACTERS, embeddings

Vector: TypeAlias = "npt.NDArray[np.float64]"
WEIGHTS = PROMPTS / "writer" / "grave.json"


def meaning(idea: str) -> Vector:
    """What an idea means, as a vector."""
    return embeddings().vector(idea[:MOST_CHARACTERS]).astype(np.float64)


def heavy(idea: str) -> bool:
    """Whether an idea is about something grave; of a word or two nobody can tell."""
    return _weight(idea) >= _learnt().grave


def uneasy(idea: str) -> bool:
    """Whether an idea may be about something grave."""
    return _weight(idea) >= _learnt().uneasy


class Learnt(Record):
    """The whole of `grave.json`."""

    grave: float
    uneasy: float
    weights: list[float]


@lru_cache(maxsize=256)
def _weight(idea: str) -> float:
    if len(re.findall(r"\w+", idea)) < 3 and len(re.findall("[ぁ-ヿ一-龠]", idea)) < 6:
        return -math.inf
    return float(meaning(idea) @ np.array(_learnt().weights))


@cache
def _learnt() -> Learnt:
    return Learnt.model_validate_json(WEIGHTS.read_text(encoding="utf-8"))
