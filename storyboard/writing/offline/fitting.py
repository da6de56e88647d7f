"""Chooses the format of an idea for which none is named: the one place that does.

Knows: formats' names, questions, the explainer's topics. Does not know: doors, films.
"""

from __future__ import annotations

import re

from storyboard.plan.formats import DEFAULT_FORMAT, load_format
from storyboard.writing.offline.checked import EXPLAINER
from storyboard.writing.offline.commands import asks_to_explain
from storyboard.writing.offline.idea import detect_language
from storyboard.writing.offline.match import embeddings

_PERSONAL = re.compile(r"\b(?:my|our)\b", re.IGNORECASE)
_KNOWLEDGE = 0.86
"""Cosine to what the explainer's topics are about, above which "my" question is everybody's: "why
do my knees crack" and eight others lie on the right side of it."""


def fitting_format(idea: str) -> str:
    """A question of general knowledge is explained, everything else is comedy.

    "Why does my battery die in the cold" has an answer that somebody knows; "why does my drawer
    only have left socks" has none.
    """
    if not asks_to_explain(idea):
        return DEFAULT_FORMAT
    return DEFAULT_FORMAT if _PERSONAL.search(idea) and not _general(idea) else EXPLAINER


def _general(idea: str) -> bool:
    threads = load_format(EXPLAINER).threads_in(detect_language(idea))
    topics = [about for t in threads if not (t.frame or t.grave or t.fits_any) for about in t.about]
    return float(embeddings()(idea.lower(), topics).max()) >= _KNOWLEDGE
