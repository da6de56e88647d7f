"""Understands an idea by meaning where the rules do not read its language.

The sentence embeddings know a hundred languages, the rules and the lexicon two: who, where
and what an idea in Korean, Russian or Spanish is about is the nearest entry of the lexicon,
if one stands out from all others.

Knows: nearness, the lexicon. Does not know: grammar, formats, plans.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from renderers.scene import Place
from storyboard.plan import Language
from storyboard.writing.offline.dictionary import known_word
from storyboard.writing.offline.idea import Idea, clean, plural
from storyboard.writing.offline.lexicon import Entry, lexicon
from storyboard.writing.offline.match import Nearness

CLEAR, STANDS_OUT, AHEAD = 3.0, 2.2, 0.01
"""Standard deviations above the mean that are enough alone, and that are with a lead (cosine)
over the second: between right and wrong entries on ideas in eight languages."""
_KNOWN, _FEW = 0.6, 0.35
"""Shares of an idea's words that the English dictionary has. Of headlines, without an article and a
pronoun, it has three in four; of ideas in Spanish, German or Turkish rarely one in three. Between
the two, slang is told from other languages by its letters."""

_CHINESE = re.compile("[的了是在我你他她们这和]")
_WESTERN = re.compile(
    r"\b(?:un|une|una|uno|le|la|les|el|los|las|des|du|de|del|qui|que|che|et|est|avec|pour|dans|sur|"
    r"der|die|das|den|dem|ein|eine|einen|einem|und|ist|nicht|mit|von|il|di|per|con|non|por|para|"
    r"om|uma|um|os|em|het|een|van|och|som|ett|en|na|nie|jest|bir|ve)\b"
)
"""Little words of languages in Latin letters; two of them, where English ones are rare, tell."""


def foreign(text: str, language: Language) -> bool:
    """Whether `text` is in a language that the rules for a film in `language` do not read."""
    letters = [c for c in text if c.isalpha()]
    scripts = [unicodedata.name(c, "").split()[0] for c in letters]
    kana = sum(s in ("HIRAGANA", "KATAKANA") for s in scripts)
    han = scripts.count("CJK")
    latin = scripts.count("LATIN")
    if 2 * (kana + han + latin) < len(letters):
        return True
    if any(_japanese_lacks(c) for c in letters):
        return True
    if language == "ja" or han:
        # A Japanese sentence has kana; a title of a few kanji need not.
        return not kana and han > 6 and han > latin
    words = re.findall(r"[^\W\d_]+", text)
    if len(words) < 4:
        return False
    # Names are in no dictionary.
    plain = [word for word in words if word.islower()]
    told = [word.lower() for word in (plain if len(plain) >= 2 else words)]
    known = sum(word in lexicon().stop_words or known_word(word) for word in told) / len(told)
    return known < _FEW or (known < _KNOWN and _identified(text) != "en")


def _identified(text: str) -> str:
    """The code of the language that the letters of `text` look like."""
    import py3langid

    return str(cast(Any, py3langid).classify(text)[0])


def _japanese_lacks(letter: str) -> bool:
    """Whether it is a Chinese character that Japanese does not have ("们", "这")."""
    if not "一" <= letter <= "\u9fff":
        return False
    try:
        letter.encode("cp932")
    except UnicodeEncodeError:
        return True
    return False


def language_note(text: str, language: Language) -> str:
    """What somebody should know whose idea is in neither language of a film; "" otherwise."""
    words = clean(text)
    if not foreign(words, language) or not _elsewhere(words):
        return ""
    name, other = ("English", "ja") if language == "en" else ("Japanese", "en")
    return (
        "the idea reads like neither English nor Japanese, the languages of a film: "
        f"this one will be in {name} (--language {other} for the other)"
    )


def _elsewhere(text: str) -> bool:
    """Whether `text` shows another language, and is not merely short of little words."""
    if not text.isascii() and not any("一" <= c <= "\u9fff" for c in text):
        return True
    chinese = any(_japanese_lacks(c) for c in text) or bool(_CHINESE.search(text))
    return chinese or len(set(_WESTERN.findall(text.lower()))) >= 2


def by_meaning(idea: Idea, nearness: Nearness) -> Idea:
    """The idea, with what the rules did not find in it: unchanged where they read it."""
    if not foreign(idea.text, idea.language):
        return idea
    role = idea.subject or _nearest(idea, lexicon().roles, nearness)
    place = None if idea.place else _nearest(idea, lexicon().places, nearness)
    thing = None if idea.thing else _nearest(idea, lexicon().things, nearness)
    met = [entry for entry in (role, place, thing) if entry is not None]
    said_thing = idea.thing or _said(thing, idea.language)
    said_role = idea.role or _said(role, idea.language)
    named = said_thing or said_role
    mass = thing is not None and thing.mass
    # The idea's own words are not for the film's voices.
    topic = plural(named) if named and idea.language == "en" and not mass else named
    kinds = (idea.place_kind, _kind_of(place), role.place if role else None)
    return replace(
        idea,
        role=said_role,
        quirk="",
        place=idea.place or _said(place, idea.language),
        thing=said_thing,
        topic=topic,
        facts=idea.facts | {entry.id.replace(" ", "_") for entry in met},
        subject=role,
        place_kind=next((kind for kind in kinds if kind), None),
        props=idea.props or tuple(dict.fromkeys(e.prop for e in met if e.prop)),
        mass=idea.mass | {topic},
    )


def _said(entry: Entry | None, language: Language) -> str:
    if entry is None:
        return ""
    return entry.ja[0] if language == "ja" else entry.say_en or entry.en[0]


def _kind_of(place: Entry | None) -> Place | None:
    # The ids of places are the very names of the sets.
    return place.id if place else None  # pyright: ignore[reportReturnType]


def _nearest(idea: Idea, entries: Sequence[Entry], nearness: Nearness) -> Entry | None:
    """The entry that stands out; English words are used, which the model knows best."""
    scores = nearness(idea.text, [entry.en[0] for entry in entries])
    second, first = sorted(range(len(entries)), key=lambda i: float(scores[i]))[-2:]
    height = float(scores[first] - scores.mean()) / (float(scores.std()) or 1.0)
    lead = float(scores[first] - scores[second])
    return entries[first] if height >= CLEAR or (height >= STANDS_OUT and lead >= AHEAD) else None
