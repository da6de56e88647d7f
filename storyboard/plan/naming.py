"""English for prompts: names in Latin letters, articles, lists.

A Japanese film has カイト in it, and its image prompts, which are English, have Kaito.

Knows: names and grammar. Does not know: sentences of a prompt.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import jaconv

from storyboard.plan.elements import Character, Setting
from storyboard.plan.records import Plan

_NOUNS = {
    ("child", "feminine"): "girl",
    ("child", "masculine"): "boy",
    ("child", "neutral"): "child",
    ("young", "feminine"): "young woman",
    ("young", "masculine"): "young man",
    ("young", "neutral"): "young person",
    ("adult", "feminine"): "woman",
    ("adult", "masculine"): "man",
    ("adult", "neutral"): "person",
    ("elder", "feminine"): "old woman",
    ("elder", "masculine"): "old man",
    ("elder", "neutral"): "old person",
}


def noun(character: Character) -> str:
    return _NOUNS[character.age, character.presentation]


def character_name(character: Character) -> str:
    """The name in Latin letters, as every prompt of the film writes it."""
    return romanised(character.name)


def pronoun(character: Character) -> str:
    """How a sentence goes on about the one just named; the name where no pronoun is sure."""
    fixed = {"feminine": "She", "masculine": "He"}
    return fixed.get(character.presentation) or character_name(character)


def short_place(setting: Setting) -> str:
    """The place's own name where it is in Latin letters, else its kind."""
    kind = "plain backdrop" if setting.place == "abstract" else setting.place
    return setting.name if _latin(setting.name) else kind


def place_name(setting: Setting) -> str:
    """The place's name, and its kind where that adds something: "Blue Note, a cafe"."""
    name = short_place(setting)
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    if setting.place == "abstract" or setting.place in plain:
        return name
    return f"{name}, {indefinite(setting.place)}"


def english(plan: Plan, text: str) -> str:
    """`text` with the film's names as its prompts write them."""
    for character in sorted(plan.cast, key=lambda c: -len(c.name)):
        if not _latin(character.name):
            text = text.replace(character.name, character_name(character))
    for setting in plan.settings:
        if not _latin(setting.name):
            text = text.replace(setting.name, place_name(setting))
    return text.strip()


@cache
def romanised(name: str) -> str:
    """A name in Latin letters: カイト is Kaito, 佐藤 美咲 is Sato Misaki. Others stay as they are."""
    if _latin(name):
        return name
    # Imported here: the dictionary is large, and only Japanese films need it.
    from renderers.tts import japanese

    parts = (jaconv.kana2alphabet(jaconv.kata2hira(japanese.reading(p))) for p in name.split())
    latin = " ".join(re.sub(r"[^a-z']", "", part).capitalize() for part in parts).strip()
    return latin or name


def _latin(text: str) -> bool:
    return all("LATIN" in unicodedata.name(c, "") for c in text if c.isalpha())


def indefinite(text: str) -> str:
    """With its article, unless it has one, is a name, or is many: "a gavel", "Platform 2"."""
    if (
        re.match(r"(?i)(an?|the|some|two|three|four|\d+|[a-z]+'s)\s", text)
        or not text[:1].islower()
    ):
        return text
    if text.endswith("s") and not text.endswith(("ss", "us")):
        return text
    return f"an {text}" if text[0] in "aeiou" else f"a {text}"


def join(parts: Sequence[str]) -> str:
    """A list in words: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
