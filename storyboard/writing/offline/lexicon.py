"""What the offline writer knows of the world: occupations, places, things, names.

The words are data (`prompts/writer/lexicon.yaml`), in English and Japanese at once, so an
idea in one language can become a film in the other.

Knows: words and what goes with them. Does not know: sentences, films.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from renderers.scene import AgeGroup, Place, Presentation
from storyboard.core.prompt_files import prompt_data
from storyboard.core.strict_records import Record
from storyboard.plan import Language

Tone = Literal["comic", "dark", "romantic", "sad"]


class Entry(Record):
    """One thing of the world under all its words."""

    id: str
    en: list[str]
    ja: list[str]
    say_en: str = ""
    place: Place | None = None
    wardrobe: str = ""
    prop: str = ""
    age: AgeGroup | None = None
    presentation: Presentation | None = None
    mass: bool = False
    """English says it without an article ("coffee", not "a coffee")."""
    vague: bool = False
    """Says only what kind of thing it is: a line names it where there is nothing better."""
    animal: bool = False


class Lexicon(Record):
    roles: list[Entry]
    places: list[Entry]
    things: list[Entry]
    emoji: dict[str, dict[Language, str]]
    tones: dict[Tone, dict[Language, list[str]]]
    stop_words: frozenset[str]
    """English words that never make a topic."""
    unsaid: dict[Language, list[str]]
    names: dict[Language, dict[Presentation, list[str]]]


@dataclass(frozen=True, slots=True)
class Found:
    """An entry met in a text: where, and by which word of which language."""

    entry: Entry
    word: str
    at: int
    language: Language

    def said_in(self, language: Language) -> str:
        """The word as a line says it: the one met, or the other language's counterpart."""
        if language == "en" and self.entry.say_en:
            return self.entry.say_en
        if language == self.language:
            return self.word
        there, here = (getattr(self.entry, key) for key in (self.language, language))
        index = there.index(self.word)
        # Lists that translate word by word are of one length; others mean roughly the same.
        return here[index] if len(here) == len(there) else here[0]


@cache
def lexicon() -> Lexicon:
    return Lexicon.model_validate(prompt_data("writer/lexicon.yaml"))


def find(entries: list[Entry], text: str) -> list[Found]:
    """Every entry met in `text`, the earliest first, longer words before shorter ones."""
    met: list[Found] = []
    for entry in entries:
        by_language: dict[Language, list[str]] = {"en": entry.en, "ja": entry.ja}
        for language, words in by_language.items():
            places = ((word, position(word, text, language)) for word in words)
            met += [Found(entry, word, at, language) for word, at in places if at is not None]
    return sorted(met, key=lambda found: (found.at, -len(found.word)))


def position(word: str, text: str, language: Language) -> int | None:
    """Where `word` is in `text`: a whole word or its plural in English, anywhere in Japanese."""
    # Of the thousand words that are looked for few are there, and a pattern is dear to make.
    if _folded(word) not in _folded(text):
        return None
    match = _pattern(word, language).search(text)
    return match.start() if match else None


@lru_cache(4096)
def _folded(text: str) -> str:
    """Alike for whatever a pattern takes for alike that minds no capitals."""
    return text.casefold().replace("ı", "i").replace("\u0307", "")


@cache
def _pattern(word: str, language: Language) -> re.Pattern[str]:
    if language == "en" or word.isascii():
        return re.compile(rf"(?<![a-z]){re.escape(word)}(?:s|es)?(?![a-z])", re.IGNORECASE)
    # パン is not in パンダ, and 本 is not in 日本.
    if re.fullmatch("[ァ-ヴー]+", word):
        return re.compile(rf"(?<![ァ-ヴー]){word}(?![ァ-ヴー])")
    if len(word) == 1:
        return re.compile(rf"(?<![一-龠]){word}(?![一-龠])")
    return re.compile(re.escape(word))
