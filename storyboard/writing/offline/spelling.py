"""Puts right how an English idea is typed: shouting, lost apostrophes, one wrong letter.

An idea is quoted in the film, on its title and by a voice; whoever typed it in a hurry means the
word beside it. A word is changed only where no dictionary has it and one word alone is one letter
away.

Knows: words. Does not know: sentences.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast

from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.phrases import a_or_an
from storyboard.writing.offline.tagging import NUMBERS

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SHOUTED = 0.8
_LOST = re.compile(
    r"\b(won|can|don|doesn|didn|isn|wasn|aren|weren|couldn|wouldn|shouldn|hasn|haven)t\b", re.I
)
_JOINED = re.compile(r"\b(?:i(?=m\b|ve\b)|you(?=re\b|ve\b)|they(?=re\b|ve\b)|that(?=s\b))", re.I)
_A = re.compile(r"\b(an?) ([a-z]+)")
_WHOSE = re.compile(r"\b((?:every|some|any|no)(?:body|one))s\b", re.I)
_NOT_I = re.compile(r"(?<![\w'’.])i(?=['’ ](?!\.))")


def spelled(text: str) -> str:
    """`text` as its writer would have it printed."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 8 and sum(c.isupper() for c in letters) > _SHOUTED * len(letters):
        text = _spoken(text)
    text = _LOST.sub(r"\1't", text)
    text = _JOINED.sub(lambda met: f"{met[0]}'", text)
    text = _NOT_I.sub("I", text)
    text = _WHOSE.sub(r"\1's", text)
    text = _A.sub(lambda met: a_or_an(met[2]) if met[1] == "a" else met[0], text)
    return re.sub(r"(?<![\w@#'’.-])[a-z]{5,14}(?![\w@'’-])", lambda met: _meant(met[0]), text)


def _spoken(text: str) -> str:
    """Shouted words in small letters; what is always written large stays."""
    low = re.sub(
        r"[A-Za-z]+",
        lambda met: met[0] if met[0] in grammar().acronyms else met[0].lower(),
        text,
    )
    return low[:1].upper() + low[1:]


@cache
def _meant(word: str) -> str:
    if _is_word(word):
        return word
    one_off = {
        # An extra letter is one struck twice: "decaf" is not "deaf".
        *(word[:i] + word[i + 1 :] for i in range(1, len(word)) if word[i] == word[i - 1]),
        *(word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)),
        *(word[:i] + c + word[i:] for i in range(len(word) + 1) for c in _ALPHABET),
    }
    # A letter in place of another makes too many words of a name or a new word.
    found = {other for other in one_off if other[0] == word[0] and _in_dictionary(other)}
    return found.pop() if len(found) == 1 else word


def _is_word(word: str) -> bool:
    return _in_dictionary(word) or any(
        word.endswith(end) and len(word) > len(end) + 2 and _in_dictionary(word.removesuffix(end))
        for end in ("s", "ed", "ing", "er", "ly", "ness", "less", "like", "y")
    )


def _in_dictionary(word: str) -> bool:
    import lemminflect  # pyright: ignore[reportMissingTypeStubs]

    return bool(cast(Any, lemminflect).getAllLemmas(word)) or word in {*grammar().closed, *NUMBERS}
