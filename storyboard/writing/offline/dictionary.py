"""English words as the dictionary has them: what they can be, their base forms and their others.

Knows: `lemminflect`. Does not know: sentences.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, cast


def compares(word: str) -> bool:
    """Whether it is a comparative: "faster"."""
    import lemminflect  # pyright: ignore[reportMissingTypeStubs]

    found = cast(Any, lemminflect).getAllLemmas(word, upos="ADJ")
    return word.endswith("er") and bool(found) and found["ADJ"][0] != word


@cache
def classes(word: str) -> frozenset[str]:
    """What the dictionary knows `word` to be: NOUN, VERB, ADJ, ADV; none for a word it lacks."""
    import lemminflect  # pyright: ignore[reportMissingTypeStubs]

    return frozenset(cast(Any, lemminflect).getAllLemmas(word))


def known_word(word: str) -> bool:
    """Whether the English dictionary has `word` (lower case) in any form."""
    return bool(classes(word))


def known_noun(word: str) -> bool:
    """Whether `word` (lower case) can be a noun."""
    return "NOUN" in classes(word)


@cache
def known_verb(word: str) -> str:
    """The verb that `word` is a form of; "" where it is none that the dictionary knows."""
    import lemminflect  # pyright: ignore[reportMissingTypeStubs]

    found = cast(Any, lemminflect).getAllLemmas(word, upos="VERB")
    return found["VERB"][0] if found else ""


def lemma(word: str) -> str:
    """The base form of a verb: "kept" → "keep"."""
    if word.lower() in ("is", "are", "am", "was", "were", "be", "been", "being", "'s", "'re", "'m"):
        return "be"
    first, hyphen, last = word.lower().rpartition("-")
    # "Live-streams"; "autocorrects", which no dictionary has.
    return first + hyphen + (known_verb(last) or _without_s(last))


def _without_s(verb: str) -> str:
    if not re.search(r"[^s]s$", verb):
        return verb
    return re.sub(r"(?<=ch|sh|ss|zz)e$|(?<=x)e$", "", verb[:-1])


@cache
def inflected(verb: str, tag: str) -> str:
    """A form of a verb: ("stop", "VBG") → "stopping"."""
    special = {("be", "VBZ"): "is", ("be", "VBP"): "are", ("be", "VBD"): "was"}
    if (verb, tag) in special:
        return special[verb, tag]
    if tag in ("VB", "VBP"):
        return verb
    import lemminflect  # pyright: ignore[reportMissingTypeStubs]

    if tag == "VBG" and verb.endswith("ing") and not known_verb(verb):
        # "Unboxing", which no dictionary has.
        return verb
    first, hyphen, last = verb.rpartition("-")
    found = cast(Any, lemminflect).getInflection(last, tag=tag)
    return first + hyphen + found[0] if found else verb
