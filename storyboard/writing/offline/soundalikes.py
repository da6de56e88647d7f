"""The word that a learner gets wrong: one that the idea itself names, for one that sounds like it.

"Orders a duck" becomes a truck, 「弁当」 a 弁護士; an idea that says which two words are taken for
each other ("mixes up 'chicken' and 'kitchen'") is taken at its word.

Knows: `prompts/writer/soundalikes.yaml`, readings of ideas. Does not know: frames, films.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from storyboard.core.strict_records import Record
from storyboard.core.yaml_text import parse_packaged
from storyboard.plan import Language
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.morphemes import japanese
from storyboard.writing.offline.phrases import a_or_an, inflector
from storyboard.writing.offline.reading import Reading
from storyboard.writing.offline.tagging import english

Mixed = Literal["dish", "mixup", "words"]
"""What is mixed up: something to eat, another thing, or two words that the idea quotes."""
MIXED: frozenset[str] = frozenset(["dish", "mixup", "words"])
_OPEN, _CLOSE = "[\"'“‘「『]", "[\"'”’」』]"
_WORD = rf"{_OPEN}?(\w[\w-]{{1,18}}?){_CLOSE}?"
_QUOTED_JA = "[「『]([^」』]{1,8})[」』]"
_STATED: Mapping[Language, tuple[tuple[re.Pattern[str], bool], ...]] = {
    "en": (
        (
            re.compile(
                rf"\b(?:mix(?:es|ed|ing)?(?: up)?|confus(?:es|ed|ing)|mistakes?|mistook)\s"
                rf"(?:the words? )?{_WORD} (?:and|with|for) {_WORD}(?=[\s.,!?]|$)",
                re.IGNORECASE,
            ),
            True,
        ),
        (
            re.compile(
                rf"\b(?:says?|said|saying|orders?|asks? for|writes?) {_WORD}"
                rf" (?:instead of|for|when \w+ means?) {_WORD}(?=[\s.,!?]|$)",
                re.IGNORECASE,
            ),
            False,
        ),
    ),
    "ja": (
        (re.compile(rf"{_QUOTED_JA}(?:と|を|のつもりで){_QUOTED_JA}"), True),
        (re.compile(rf"{_QUOTED_JA}(?:の代わりに|じゃなくて|ではなく){_QUOTED_JA}"), True),
    ),
}
"""How an idea names two words; whether the right one comes first."""
_NO_WORDS = frozenset("a an the his her their its my it them him up one two".split())


@dataclass(frozen=True, slots=True)
class Mixup:
    """The word that was meant, and the one that is said."""

    right: str
    wrong: str
    kind: Mixed

    def slots(self, language: Language) -> dict[str, str]:
        """What lines may take of it; English ones with an article, and of several."""
        slots = {"right": self.right, "wrong": self.wrong}
        if language == "en":
            for name, noun in tuple(slots.items()):
                mass = noun in grammar().mass or str(inflector().singular_noun(noun) or "") != ""
                slots[f"one_{name}"] = noun if mass else a_or_an(noun)
                slots[f"{name}s"] = noun if mass else str(inflector().plural_noun(noun))
        return slots


class _Alike(Record):
    dishes: dict[str, str]
    things: dict[str, str]


class Soundalikes(Record):
    en: _Alike
    ja: _Alike


@cache
def known() -> Soundalikes:
    """The packaged words, by language."""
    text = (files("prompts") / "writer" / "soundalikes.yaml").read_text(encoding="utf-8")
    return Soundalikes.model_validate(parse_packaged(text))


def mixed_up(idea: str, reading: Reading, language: Language) -> Mixup | None:
    """The two words of an idea; None where it names nothing that sounds like something else."""
    for pattern, right_first in _STATED[language]:
        if (met := pattern.search(idea)) and not {met[1].lower(), met[2].lower()} & _NO_WORDS:
            right, wrong = (met[1], met[2]) if right_first else (met[2], met[1])
            return Mixup(right, wrong, "words")
    alike = known().ja if language == "ja" else known().en
    kinds: tuple[tuple[Mixed, dict[str, str]], ...] = (
        ("dish", alike.dishes),
        ("mixup", alike.things),
    )
    nouns = list(_nouns(reading, language))
    for kind, words in kinds:
        for noun in nouns:
            if noun in words and words[noun] not in reading.text.lower():
                return Mixup(noun, words[noun], kind)
    return None


def _nouns(reading: Reading, language: Language) -> Iterator[str]:
    """What an idea names, in the singular: what something is done with before who does it."""
    if reading.thing is not None:
        yield _singular(reading.thing.head) if language == "en" else reading.thing.noun
    who = reading.who.head.lower() if reading.who else ""
    if language == "ja":
        told = [m.text for m in japanese(reading.text) if m.pos == "名詞"]
    else:
        told = [t.low for t in english(reading.text) if t.tag in ("NN", "NNS")]
    yield from (_singular(n) if language == "en" else n for n in told if n != who)
    if who:
        yield _singular(who) if language == "en" else who


def _singular(noun: str) -> str:
    return str(inflector().singular_noun(noun.lower()) or noun.lower())
