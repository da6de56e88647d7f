"""Chooses the format of an idea for which none is named: the one place that does.

Knows: formats' names, questions, the explainer's topics. Does not know: doors, films.
"""

from __future__ import annotations

import re

from storyboard.plan.format_files import DEFAULT_FORMAT, EXPLAINER, load_format
from storyboard.writing.offline import choose, frames, match
from storyboard.writing.offline.commands import asks_to_explain, taught
from storyboard.writing.offline.idea import detect_language, read_idea
from storyboard.writing.offline.lexicon import position

_ASKED = re.compile(r"^(?:why|how|what)\b|なぜ|どうして|なんで", re.IGNORECASE)
_PERSONAL = re.compile(r"\b(?:my|our)\b", re.IGNORECASE)


def fitting_format(idea: str) -> str:
    """A question of general knowledge is explained, who learns a language says one word wrong,
    everything else is comedy.

    "Why does my battery die in the cold" has an answer that somebody knows; "why does my drawer
    only have left socks" has none.
    """
    if taught(idea, detect_language(idea)):
        return "language_mishap"
    if asks_to_explain(idea):
        personal = _PERSONAL.search(idea) and not _general(idea)
    else:
        personal = not (_ASKED.search(idea) and _answered(idea))
    return DEFAULT_FORMAT if personal else EXPLAINER


def _general(idea: str) -> bool:
    """Whether it asks for something that the explainer has a topic of."""
    language = detect_language(idea)
    topics = (t for t in load_format(EXPLAINER).threads_in(language) if not t.frame)
    return any(position(word, idea, language) is not None for t in topics for word in t.keywords)


def _answered(idea: str) -> bool:
    """Whether the explainer knows the answer to this very question, "why do we yawn"."""
    language = detect_language(idea)
    found, reading = read_idea(idea, language), frames.read(idea, language)
    return (
        choose.story_about(found, reading, load_format(EXPLAINER), match.embeddings()) is not None
    )
