"""Chooses the format of an idea for which none is named: the one place that does.

Knows: formats' names, questions, the explainer's topics. Does not know: doors, films.
"""

from __future__ import annotations

import re

from storyboard.plan.format_files import DEFAULT_FORMAT, load_format
from storyboard.writing.offline.checked import EXPLAINER
from storyboard.writing.offline.commands import asks_to_explain
from storyboard.writing.offline.idea import detect_language
from storyboard.writing.offline.lexicon import position

_PERSONAL = re.compile(r"\b(?:my|our)\b", re.IGNORECASE)


def fitting_format(idea: str) -> str:
    """A question of general knowledge is explained, everything else is comedy.

    "Why does my battery die in the cold" has an answer that somebody knows; "why does my drawer
    only have left socks" has none.
    """
    if not asks_to_explain(idea):
        return DEFAULT_FORMAT
    return DEFAULT_FORMAT if _PERSONAL.search(idea) and not _general(idea) else EXPLAINER


def _general(idea: str) -> bool:
    """Whether it asks for something that the explainer has a topic of."""
    language = detect_language(idea)
    topics = (t for t in load_format(EXPLAINER).threads_in(language) if not t.frame)
    return any(position(word, idea, language) is not None for t in topics for word in t.keywords)
