"""Offline drafts of plans, written once a process."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from storyboard.plan import Plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan
from storyboard.writing.offline.match import Scores

IDEAS = {"en": "A barista who can only speak in haiku", "ja": "俳句でしか話せないバリスタ"}


class SharedWords:
    """Nearness without a model: the share of character trigrams in common."""

    def __call__(self, question: str, texts: Sequence[str]) -> Scores:
        asked = _trigrams(question)
        return np.array(
            [len(asked & _trigrams(text)) / (1 + len(asked | _trigrams(text))) for text in texts],
            np.float32,
        )


def _trigrams(text: str) -> set[str]:
    padded = f"  {text.lower()}  "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


@cache
def drafted(format: str, language: str) -> Plan:
    return write_plan(IDEAS[language], load_format(format), language, None, 42, SharedWords())  # pyright: ignore[reportArgumentType]
