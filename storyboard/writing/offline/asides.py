"""What somebody says to an idea who has met such a thing himself: hand-written, by what it is about.

A gym, a grandmother, a lift: whoever hears of one has a small trouble of his own to tell. It says
nothing of what happens in the idea, so it is never wrong about it, and it is about nothing else.

Knows: `prompts/writer/asides.*.yaml`, the words of an idea. Does not know: frames, films.
"""

from __future__ import annotations

import re
from functools import cache

from pydantic import Field

from storyboard.core.prompt_files import PROMPTS, prompt_data
from storyboard.core.strict_records import Record
from storyboard.plan import Language
from storyboard.writing.offline.dictionary import lemma
from storyboard.writing.offline.morphemes import japanese
from storyboard.writing.offline.phrases import inflector
from storyboard.writing.offline.tagging import english

_LONG = 3
"""Characters from which a Japanese word is known within a longer one: 「電子レンジ」."""


class Subject(Record):
    """One thing that people have something to say about."""

    words: frozenset[str] = Field(min_length=1)
    """Nouns in the singular: one of them in the idea is enough."""
    verbs: frozenset[str] = frozenset()
    """In their plain form."""
    lines: tuple[str, ...] = Field(min_length=1)


class _File(Record):
    subjects: tuple[Subject, ...]


@cache
def subjects(language: Language) -> tuple[Subject, ...]:
    name = f"writer/asides.{language}.yaml"
    return _File.model_validate(prompt_data(name)).subjects if (PROMPTS / name).is_file() else ()


def asides(text: str, language: Language, without: str = "") -> tuple[tuple[str, ...], ...]:
    """Lines about what is met in an idea, by what it is, in the order of the file; nothing about
    what the phrase `without` names, which is whoever they are said to."""
    nouns, verbs = _met(text, language)
    nouns -= _met(without, language)[0]
    return tuple(s.lines for s in subjects(language) if s.words & nouns or s.verbs & verbs)


def _met(text: str, language: Language) -> tuple[set[str], set[str]]:
    """The nouns and the verbs of a text in their plain forms, and its known longer words."""
    if language == "ja":
        morphs = japanese(text) if text else []
        nouns = {m.text for m in morphs if m.pos == "名詞"}
        long = {w for s in subjects("ja") for w in s.words if len(w) >= _LONG and w in text}
        return nouns | long, {m.base for m in morphs if m.pos == "動詞"}
    tokens = english(text)
    nouns = {form for t in tokens if t.tag[0] != "V" for form in (t.low, _singular(t.low))}
    low = text.lower()
    several = {w for s in subjects("en") for w in s.words if not w.isalpha()}
    found = {word for word in several if re.search(rf"\b{re.escape(word)}s?\b", low)}
    # Ice cream is no ice, and a post office none where one works.
    nouns = (nouns - {part for word in found for part in word.split()}) | found
    return nouns, {lemma(t.low) for t in tokens if t.tag[0] == "V"}


def _singular(word: str) -> str:
    return str(inflector().singular_noun(word) or word)
