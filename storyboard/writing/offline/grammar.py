"""Words that decide how an idea is read, where a tagger alone can't tell: data, read once.

Knows: `prompts/writer/grammar.yaml`. Does not know: sentences.
"""

from __future__ import annotations

from functools import cache

from storyboard.core.prompt_files import prompt_data
from storyboard.core.strict_records import Record


class Grammar(Record):
    """Sets of words, each by what it decides; the file says it in a line."""

    empty: frozenset[str]
    mass: frozenset[str]
    bare: frozenset[str]
    called: frozenset[str]
    abstract: frozenset[str]
    things: frozenset[str]
    no_people: frozenset[str]
    closed: frozenset[str]
    never_verbs: frozenset[str]
    trailing_adjectives: frozenset[str]
    empty_ja: frozenset[str]
    small: frozenset[str]
    states: frozenset[str]
    people: frozenset[str]
    acronyms: frozenset[str]
    places_named: frozenset[str]


@cache
def grammar() -> Grammar:
    return Grammar.model_validate(prompt_data("writer/grammar.yaml"))
