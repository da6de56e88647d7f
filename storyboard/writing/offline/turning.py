"""Turns what is said of somebody to whoever says it: "his keys" are "my keys" to him, and "your
keys" to whom he tells it.

Where a pronoun could mean somebody else, nothing is said.

Knows: English pronouns and the verbs that agree with them. Does not know: ideas, lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from storyboard.writing.offline.dictionary import inflected, lemma
from storyboard.writing.offline.phrases import somebody
from storyboard.writing.offline.reading import Named
from storyboard.writing.offline.tagging import NOUNS, Token, english

_OWN = re.compile(r"\b(?:his|its|their|her(?= [a-z]))\b")
_SELF = re.compile(r"\b(?:him|her|it|one|them)sel(?:f|ves)\b")
_NOT_OWNED = re.compile(r"\bher(?= (?:to|and|or|at|in|on|from|with|by|every|that)\b|$)")
_SUBJECTS: Mapping[str, str] = {"he": "him", "she": "her", "they": "them", "it": "it"}
_OBJECTS = ("him", "hers", "theirs", "them")
_NOBODY = frozenset(
    [
        *("someone", "somebody", "anyone", "anybody", "everyone", "everybody", "nobody", "one"),
        *("time", "day", "morning", "night", "evening", "week", "year", "midnight"),
    ]
)
"""Nouns that no pronoun means."""
_BE = {"is": "am", "'s": "am", "’s": "am", "isn't": "am not", "are": "am", "has": "have"}
_ANSWER: Mapping[str, str] = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "we": "you",
    "us": "you",
    "our": "your",
    "ours": "yours",
    "ourselves": "yourselves",
    "am": "are",
    "i'm": "you're",
    "i've": "you've",
    "i'd": "you'd",
    "i'll": "you'll",
    "we're": "you're",
    "we've": "you've",
    "we'd": "you'd",
    "we'll": "you'll",
}
_ASIDE = re.compile(r"[A-Za-z]+(?:['’](?:m|ve|d|ll|re))?")


_DONE_TO = re.compile(
    r"(?:\w+n't |\w+ ){1,2}(?:him\b|her(?=$| (?:when|whenever|while|and|but|because|if|with|for|to|in|at"
    r"|on|after|before|again|every|it|that|too|back|off|away)\b))",
    re.IGNORECASE,
)
"""What is done to him or her is done to another: "hits her when he drinks"."""


def by_himself(said: str, who: Named | None, plural: bool = False, before: str = "") -> str:
    """`said`, a doing of `who`, in his own words; "" where it may mean another, of whom `before`
    may speak."""
    if not said or _DONE_TO.match(said):
        return ""
    mine = _NOT_OWNED.sub("him", said)
    words = [token.text for token in english(mine)]
    low = [word.lower() for word in words]
    if set(low) & {*_SUBJECTS, *_OBJECTS} or who is None:
        earlier = english(before) if before else []
        mine = _met(english(mine), who, plural, earlier) if who else _unmet(mine, low)
    own, self = ("our", "ourselves") if plural else ("my", "myself")
    return _OWN.sub(own, _SELF.sub(self, mine))


def _unmet(said: str, low: list[str]) -> str:
    """What the writer does himself: "he" is somebody else."""
    return "" if set(low) & {"he", "she", "him", "hers"} else said


def _met(tokens: list[Token], who: Named, plural: bool, earlier: list[Token]) -> str:
    """The words of `tokens` with each pronoun that means `who` as he says it."""
    told: list[str] = []
    subject = False
    for at, token in enumerate(tokens):
        word = token.text
        if subject and token.tag in ("RB", "MD"):
            subject = token.tag == "RB"
        elif subject:
            word, subject = _agreeing(word, plural), False
        pronoun = token.low in _SUBJECTS or token.low in _OBJECTS
        if pronoun and token.low == "it" and who.kind == "person":
            pronoun = False
        if pronoun:
            if _another([*earlier, *tokens[:at]], token.low, who, plural):
                return ""
            opens = at + 1 < len(tokens) and tokens[at + 1].tag in ("VBZ", "VBP", "VBD", "MD", "RB")
            subject = token.low in ("he", "she", "they") or (token.low == "it" and opens)
            one, more = ("I", "we") if subject else ("me", "us")
            word = more if plural else one
        told.append(word)
    return re.sub(r" (?=['’](?:s|re|ve|ll|d|m)\b|n['’]t\b|['’](?: |$))", "", " ".join(told))


def _agreeing(verb: str, plural: bool) -> str:
    """`verb` as it agrees with "I" or "we"."""
    low = verb.lower()
    if low in _BE:
        return "are" if plural and _BE[low] == "am" else _BE[low]
    if low in ("was", "were"):
        return "were" if plural else "was"
    return inflected(lemma(low), "VBP") if low.endswith("s") else verb


def _another(before: list[Token], pronoun: str, who: Named, plural: bool) -> bool:
    """Whether a pronoun may mean somebody or something else than `who`."""
    several = pronoun in ("they", "them", "theirs")
    met = [t for t in before if t.tag in NOUNS and t.low not in _NOBODY]
    if several:
        return not (plural or who.noun == "person") or any(t.tag.endswith("S") for t in met)
    beings = [t for t in met if somebody(t.low)]
    return plural or bool(beings) or (pronoun == "it" and len(met) > len(beings))


def answered(said: str) -> str:
    """What somebody said of himself, as it is said back to him: "my keys" are "your keys"; "" where
    it says "you" of anybody."""
    if re.search(r"\byour?\b|\byourself\b", said, re.IGNORECASE):
        return ""
    back = re.sub(r"\b(I|we) was\b", "you were", said)
    # "At three am" is an hour.
    back = _ASIDE.sub(lambda met: _as_written(met[0]), re.sub(r"(\d) am\b", r"\1 a.m.", back))
    return re.sub(r"^was\b", "were", back)


def _as_written(word: str) -> str:
    told = _ANSWER.get(word.lower().replace("’", "'"))
    if told is None:
        return word
    opens = word[0].isupper() and not re.match(r"I\b", word)
    return told[:1].upper() + told[1:] if opens else told
