"""What of a plan's words the animatic cannot draw: said before anything is rendered.

Knows: which words ask for clothes and states of things. Does not know: how they are drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from renderers.animatic.creature_kinds import creature_of
from renderers.animatic.inset_view import known_place
from renderers.animatic.nouns import find_noun, somebody
from renderers.animatic.props import drawn_state, find_prop
from renderers.animatic.thing_head import thing_of
from renderers.animatic.wardrobe import GARMENT_WORDS, WORN_WORDS, named, undrawn
from renderers.scene import Scene
from storyboard.plan import Plan
from storyboard.plan.named import subjects

_NO_THING = re.compile(
    r"(?:ness|ity|[st]ion|ism|ance|ence|ship|hood|dom|cy|ogy|phobia)(?:e?s)?$|"
    r"\b(?:dark|light|sleep|silence|truth|death|birth|health|wealth|strength|length|height|depth|warmth|growth|youth|"
    r"faith|advice|news|help|fear|hope|joy|grief|pain|luck|fun|sense|smell|taste|sound|voice|name|reason|idea|way|turn|"
    r"life|time|year|day|week|month|hour|minute|moment|end|beginning|side|rest|pressure|nature|culture|future|past|"
    r"mood|feeling|emotion|habit|behaviou?r|business|work|trouble|mistake|secret|question|answer|meaning|order|"
    r"riddle|joke|apology|complaint|compliment|request|offer|choice|plan|rule|size|colou?r|number|speed|distance)s?$|"
    r"(?:[さ性感心力法気味色声名事方的化論学形量数]|こと|もの|気持ち|考え|理由|意味|夢|噂|嘘|癖|謎|愚痴|悩み|相談|練習|約束)$",
    re.IGNORECASE,
)
"""Words for no thing, which nobody would draw: that they are only heard is no lack."""


def undrawable(plan: Plan, scenes: Mapping[int, Scene]) -> Iterator[str]:
    """One sentence a character in clothes, or a beat with a thing, that are drawn otherwise."""
    for i, character in enumerate(plan.cast):
        if character.being and not (creature_of(character.being) or thing_of(character.being)):
            yield (
                f"cast[{i}].being: the animatic has no drawing of '{character.being}': "
                f"{character.name} is drawn as a person"
            )
        words = f"{character.appearance}, {character.wardrobe}"
        lacking = undrawn(words)
        if not lacking and not named(GARMENT_WORDS | WORN_WORDS, character.wardrobe):
            lacking = [character.wardrobe] if character.wardrobe.strip() else []
        if lacking:
            yield (
                f"cast[{i}].wardrobe: the animatic cannot draw {_or(lacking)} (of "
                f"{character.name}'s wardrobe): say it otherwise, or use a profile with an image model"
            )
    for i, beat in enumerate(plan.beats):
        for note in _things(scenes[beat.index]):
            yield f"beats[{i}]: {note}"


def without_drawing(named: Iterable[str]) -> list[str]:
    """One sentence on what carries an idea and is spoken of only, if anything is."""
    lacking = [
        word
        for word in dict.fromkeys(named)
        if not (find_noun(word) or find_prop(word) or known_place(word) or somebody(word))
        and not (creature_of(word) or subjects(word) or _NO_THING.search(word))
    ]
    if not lacking:
        return []
    return [f"idea: the animatic has no drawing of {_or(lacking)}: it is spoken of, not seen"]


def _things(scene: Scene) -> Iterator[str]:
    for thing in scene.things:
        name = find_prop(thing.word)
        if name is not None and thing.state and drawn_state(name, thing.state) != thing.state:
            yield f"the animatic cannot draw '{thing.word}' {thing.state}: it is drawn as usual"


def _or(words: list[str]) -> str:
    *first, last = [f"'{word}'" for word in words]
    return f"{', '.join(first)} or {last}" if first else last
