"""What a voice can say of an idea's words, and how: short enough for a line, with a headline's capitals.

Knows: words, letters, lengths. Does not know: slots, readings' grammar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from storyboard.plan import Language
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.lexicon import lexicon, position
from storyboard.writing.offline.reading import Named

THIS = "この話"
LONGEST_NOUN: Mapping[Language, int] = {"en": 26, "ja": 10}


def shortened(phrase: str, named: Named, language: Language) -> str:
    """`phrase`, or its last two words where it is too long for a line."""
    if len(phrase) <= LONGEST_NOUN[language]:
        return phrase
    if language == "en" and " and " in named.noun:
        return f"the {'two' if ',' not in named.noun else 'whole lot'}"
    if language == "ja":
        # 「ラーメン屋の店主」 may be said by its end; a list without particles by nothing of it.
        last = phrase.rsplit("の", 1)[-1]
        return last if len(last) <= LONGEST_NOUN["ja"] else THIS
    article = "the " if phrase.startswith("the ") else ""
    words = named.noun.split()
    for count in (3, 2, 1):
        told = article + " ".join(words[-count:])
        if len(told) <= LONGEST_NOUN[language]:
            return told
    return phrase


def sayable(text: str, language: Language) -> bool:
    if not any(c.isalnum() for c in text) or re.search(r"https?:|www\.|[<>{}*_#|\\]", text):
        return False
    unsaid = lexicon().unsaid
    if any(position(w, text, told) is not None for told, ws in unsaid.items() for w in ws):
        return False
    letters = [c for c in text if c.isalpha()]
    if language == "en":
        latin = sum(c < "\u0250" for c in letters)
        return latin == len(letters)
    return all(
        c < "\u0250" or "\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" or c in "々〆"
        for c in letters
    )


_ARTICLES = ("The", "A", "An")


def title_case(text: str) -> str:
    """Headline capitals: "the Lost Socks of a Hotel"."""
    words = text.split()
    return " ".join(
        word.lower()
        if i and word.capitalize() in _ARTICLES and words[i - 1][-1] not in ":.,?!"
        else word
        if i and word in grammar().small
        else word[:1].upper() + word[1:]
        for i, word in enumerate(words)
    )
