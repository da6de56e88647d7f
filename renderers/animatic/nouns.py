"""Which drawing a word asks for: nouns, in English and Japanese, to pictographs.

Names come from Unicode's CLDR by way of the package `emoji`, everyday words from a table here.
The longest phrase wins; of two, the earlier one.

Knows: words, which emoji they mean. Does not know: how one is drawn.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import emoji

from renderers.animatic.noun_words import ABSTRACT, MISLEADING, WORDS
from renderers.animatic.pictograph import drawable

_SYMBOLS = re.compile(
    r"button|arrow|square|circle|_sign|_mark|mark$|symbol|o’clock|thirty|hand|finger|fist|person|people|"
    r"_face|face_|faces?$|cat_with|_cat$|skin_tone|_suit$|keycap|flag|speaker|cross|diamond|heart_|"
    r"_hearts?$|hair$|bubble|monkey$|gesture|moon_face|input|men_|women_|man_|woman_|man’s|woman’s|pregnant|"
    r"zodiac|aquarius|aries|cancer|capricorn|gemini|leo$|libra|ophiuchus|pisces|sagittarius|scorpio$|taurus|virgo",
    re.IGNORECASE,
)
_ANIMAL_FACE = re.compile(
    r"^(?:cat|dog|cow|dragon|horse|monkey|mouse|pig|rabbit|tiger|clown)_face$"
)
TOOLS = frozenset("👮🕵👶👴👵👸🤴👷💇💈🛎🏛⚖🩺🦷📖📚🥊💼🏫🎨🍳🖋🏊🏃⚰👑")
"""Emoji that stand for who uses them, too."""
_SIGNS = frozenset("💤💔🔥❤💋💝💖💘💕💢💥💫💦💨⚡⭐🌟✨🎵🎶❄☀🌙♨🎉🎊🏆⏰📅💡🌈♻☠⚠🚫💯🔔🔊🌡🆘⏳")
"""Emoji that stand for a feeling, a time, the weather, a success."""
_SOMEBODY = re.compile(
    r"(?:[eo]rs?|ists?|ians?|(?:wo)?m[ae]n|chefs?|kings?|queens?|[人者師員屋家士官])$"
)
_KIN = re.compile(
    r"\b(?:father|mother|dad|mum|mom|son|daughter|brother|sister|uncle|aunt|cousin|niece|nephew|husband|wife|boss|"
    r"friend|neighbou?r|couple|twin|girlfriend|boyfriend|fianc[eé]e?|(?:grand|step)\w+|tourist|stranger|landlady|"
    r"landlord|customer|colleague|coworker|guest|student|parent|crush|ex|intern|nurse|guard|\w+(?:man|woman|person))s?$|"
    r"(?:父|母|娘|息子|兄|弟|姉|妹|夫|妻|上司|部長|課長|社長|先生|先輩|後輩|友達|友人|彼氏|彼女|祖父|祖母|おじ|おば|客|隣人|"
    r"恋人|元カノ|元カレ|夫婦|親子|兄弟|姉妹|双子|学生|生徒|人)$"
)
_LATIN = re.compile(r"[a-z]+(?:['’-][a-z]+)*")
_LONGEST = 4
"""Words of the longest English name that is looked for."""


@dataclass(frozen=True, slots=True)
class Noun:
    """A word found in a text: what it says, where it begins, the emoji that shows it."""

    word: str
    start: int
    emoji: str


@lru_cache(2048)
def find_nouns(text: str) -> tuple[Noun, ...]:
    """The drawable nouns of a text in the order of their appearance."""
    lowered = unicodedata.normalize("NFKC", text).lower().replace("_", " ")
    found = [*_emoji_in(text), *_nouns_in_english(lowered), *_nouns_in_japanese(lowered)]
    return tuple(sorted(found, key=lambda noun: noun.start))


def find_noun(text: str) -> str | None:
    """The emoji of the noun that a phrase is about: in English its last, else its first.

    "My neighbour's dog" is a dog, "a slice of pizza" pizza, "a fortune cookie" one thing.
    """
    found = find_nouns(text)
    if not found:
        return None
    if text.isascii():
        head = re.split(r"\b(?:with|in|on|at|from|who|that|which|for|to)\b", text.lower())[0]
        inside = [noun for noun in found if noun.start < len(head)]
        return (inside or found)[-1].emoji
    return max(found, key=lambda noun: (len(noun.word), -noun.start)).emoji


def somebody(words: str) -> bool:
    """Whether words name a person: "her father", 先生."""
    return _KIN.search(words.lower().strip()) is not None


def works_with(words: str) -> bool:
    """Whether words name somebody by a thing before the trade: "taxi driver"."""
    text = words.lower().strip()
    named = any(noun.start + len(noun.word) >= len(text) for noun in find_nouns(text))
    return not named and _SOMEBODY.search(text) is not None


def shows_itself(noun: Noun) -> bool:
    """Whether a noun's drawing is the thing it names: no heart for "love", no tooth for a dentist."""
    if noun.emoji in _SIGNS or any(
        form in ABSTRACT for form in (noun.word, *_singulars(noun.word))
    ):
        return False
    return not (noun.emoji in TOOLS and _SOMEBODY.search(noun.word))


def _emoji_in(text: str) -> list[Noun]:
    return [Noun(c, i, c) for i, c in enumerate(text) if ord(c) > 0x2190 and c in _characters()]


def _nouns_in_english(text: str) -> list[Noun]:
    words = [(m.group(), m.start()) for m in _LATIN.finditer(text)]
    found: list[Noun] = []
    i = 0
    while i < len(words):
        for count in range(min(_LONGEST, len(words) - i), 0, -1):
            phrase = " ".join(word for word, _ in words[i : i + count])
            next_door = phrase == "door" and text[: words[i][1]].endswith("next ")
            if (character := _looked_up(phrase)) and not next_door:
                found.append(Noun(phrase, words[i][1], character))
                i += count
                break
        else:
            i += 1
    return found


def _looked_up(phrase: str) -> str | None:
    names = _names("en")
    for form in (phrase, *_singulars(phrase)):
        if form in WORDS:
            return WORDS[form]
        if form in names:
            return names[form]
        if form in ABSTRACT:
            return ABSTRACT[form]
    return None


def _singulars(phrase: str) -> list[str]:
    phrase = re.sub(r"['’]s$", "", phrase.replace("-", " "))
    forms = [phrase]
    if phrase.endswith("ies"):
        forms.append(phrase[:-3] + "y")
    if re.search(r"(?:s|x|z|ch|sh|o)es$", phrase):
        forms.append(phrase[:-2])
    if phrase.endswith("s") and not phrase.endswith("ss"):
        forms.append(phrase[:-1])
    return forms


def _nouns_in_japanese(text: str) -> list[Noun]:
    names, longest = _japanese_names()
    found: list[Noun] = []
    i = 0
    while i < len(text):
        for count in range(min(longest, len(text) - i), 0, -1):
            word = text[i : i + count]
            character = names.get(word)
            if character and not _within_word(text, i, count):
                found.append(Noun(word, i, character))
                i += count
                break
        else:
            i += 1
    return found


def _within_word(text: str, start: int, count: int) -> bool:
    """Whether a lone kanji or short kana is part of a longer word ("本" in "日本")."""
    around = text[start - 1 : start] + text[start + count : start + count + 1]
    word = text[start : start + count]
    if all("\u4e00" <= c <= "\u9fff" for c in word):
        return count == 1 and any("\u4e00" <= c <= "\u9fff" for c in around)
    if all("ァ" <= c <= "ー" for c in word):
        return any("ァ" <= c <= "ー" for c in around)
    return False


@cache
def _characters() -> frozenset[str]:
    return frozenset(c for c in {*_names("en").values(), *WORDS.values()} if ord(c) > 0x2190)


@cache
def _names(language: str) -> dict[str, str]:
    """Official names by language, without those of faces, hands and signs."""
    emoji.config.load_language(language)
    found: dict[str, str] = {}
    for character, data in emoji.EMOJI_DATA.items():
        bare = character.replace("\ufe0f", "")
        english = data["en"].strip(":")
        if not drawable(bare) or (_SYMBOLS.search(english) and not _ANIMAL_FACE.match(english)):
            continue
        name = data.get(language, "").strip(":").replace("_", " ").lower()
        for form in {name, name.removesuffix(" face"), name.removesuffix("の顔")}:
            if form and form not in MISLEADING and not form.isdigit():
                found.setdefault(form, bare)
    return found


@cache
def _japanese_names() -> tuple[dict[str, str], int]:
    own = {word: sign for word, sign in {**ABSTRACT, **WORDS}.items() if not word.isascii()}
    official = {
        name: character
        for name, character in _names("ja").items()
        if not name.isascii() and (len(name) > 1 or name in own)
    }
    names = {**official, **own}
    return names, max(map(len, names))
