"""Tells an English idea again as whoever is meant by it would say it: a headline as a sentence,
"you" as I, "the day the clocks went on strike" as what the clocks did.

The tagger has learnt from sentences: "A retired pirate joins a book club" is one to it, "Retired
pirate joins book club" is none, and nobody in a film would say it.

Knows: English grammar as far as an idea is told again. Does not know: readings, lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from storyboard.writing.offline.dictionary import known_noun, lemma
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.phrases import DETERMINERS, a_or_an, noun_phrase
from storyboard.writing.offline.reading import Named
from storyboard.writing.offline.tagging import FINITE, NOUNS, Token, english

ANYONE = ("nobody", "everybody", "everyone", "somebody", "someone", "anybody", "one")


def as_told(said: str) -> str:
    """An idea as whoever is meant by it would say it: "You forgot your keys" is about me, "You are
    the office printer" about the printer, "My wife says I snore" about who snores."""
    said = sentence(_REPORTED.sub("", said))
    supposed = _SUPPOSED.match(said) is not None
    if supposed:
        said = _SUPPOSED.sub(lambda met: met[1].upper(), said).rstrip("?")
    said = _that_day(said)
    told = re.sub(r"\b(I|We|[Yy]ou)['’](m|ve|re)\b", lambda m: f"{m[1]} {_OUT[m[2]]}", said)
    if not re.match(r"(?:Your?|How to)\b", told) and not supposed:
        return told
    told = re.sub(r"^Your\b", "My", re.sub(r"\byou are\b", "I am", told))
    told = re.sub(r"^You are (?=(?:an?|the|my|your)\b)", "", told)
    told = re.sub(r"^You are\b", "I am", told)
    told = re.sub(r"\b(?:your|yourself|yours)\b", lambda m: _YOURS[m[0]], told)
    told = _YOU_OBJECT.sub("me", told)
    return re.sub(r"^You\b", "I", re.sub(r"\byou\b", "I", told))


_REPORTED = re.compile(
    r"^[A-Z][\w' -]{0,40}? (?:says?|said|claims?|insists?|told (?:me|everyone)) (?:that )?(?=I(?:'m|’m)? )"
)
_SUPPOSED = re.compile(r"^(?:What if|When) (?!(?:do|did|is|are|was|were|will|can|should)\b)(\w)")
"""What is only imagined, and what one knows: "what if dogs could talk", "when the bus is early"."""
_DAY = re.compile(
    r"^The (?:day|night|morning|evening|week|summer|year|moment) (?:that |when )?(\w)",
    re.IGNORECASE,
)


def _that_day(said: str) -> str:
    """ "The day the clocks went on strike" is about the clocks."""
    met = _DAY.match(said)
    rest = met and met[1].upper() + said[met.end() :]
    if not rest:
        return said
    tokens = english(rest)
    end, who = noun_phrase(tokens, 0)
    end = end if who is not None else 1
    if tokens[0].tag not in (*DETERMINERS, "PRP") and not re.match("The (?:day|moment)", said):
        # "The night bus stops".
        return said
    known = who is not None or tokens[0].low in (*ANYONE, "i", "we")
    return rest if known and end < len(tokens) and tokens[end].tag in FINITE else said


_OUT = {"m": "am", "ve": "have", "re": "are"}
_YOU_OBJECT = re.compile(
    r"\byou\b(?=$|[.,;!?]| (?:in|on|at|to|for|with|by|and|or|again|any ?more|every|back|when|while|because"
    r"|from|into|like|as|but|who|about|out|up|down|off|his|her|their|the|a|an|it)\b)"
)
_YOURS = {"your": "my", "yourself": "myself", "yours": "mine"}


def sentence(said: str) -> str:
    """A headline with the articles that it has left out; whatever is none, as it is."""
    if said.endswith("?"):
        return said
    opened = _opened(said)
    if opened is None:
        return said
    opened = _OWN.sub(lambda met: f"{met[1]} {_owner(said)} own", opened)
    tokens = english(opened)
    end, _ = noun_phrase(tokens, 0)
    places = [at for at in range(end + 1, len(tokens)) if _lacks_article(tokens, at)]
    for at in reversed(places):
        article = "the" if tokens[at].low in _THE else a_or_an(tokens[at].low).split()[0]
        opened = f"{opened[: tokens[at].start]}{article} {opened[tokens[at].start :]}"
    return opened


def _opened(said: str) -> str | None:
    """A headline with its subject's article, if that takes one; None for what is no headline."""
    first = english(said)[0]
    doing = first.tag == "VBG" and first.low not in _USED_FOR
    if not said[1:2].islower() or doing or first.tag in ("PRP", "IN", "WRB"):
        return None
    low = said[:1].lower() + said[1:]
    if first.tag in DETERMINERS:
        return _several(said, low) if first.tag == "CD" else None
    if several := _several(said, low):
        return several
    told = f"{a_or_an(low.split()[0]).split()[0].capitalize()} {low}"
    tokens = english(told)
    end, who = noun_phrase(tokens, 0)
    one = end > 0 and tokens[end - 1].tag not in ("NNS", "NNPS")
    # "Cats" are cats in general.
    if who is None or not one or end >= len(tokens) or tokens[end].tag not in ("VBZ", "VBP"):
        return None
    return told if _takes_article(who, tokens[1:end]) else said


def _several(said: str, low: str) -> str | None:
    """A headline about several: "Elderly twins swap lives"; None for what is none. Its subject gets
    an article where it is taken for something else without one."""
    tokens = english(f"The {low}")
    end, who = noun_phrase(tokens, 0)
    if who is None or end >= len(tokens) or tokens[end - 1].tag not in ("NNS", "NNPS"):
        return None
    verb = tokens[end].low
    if tokens[end].tag != "VBP" or verb in _BE or any(t.tag in DETERMINERS for t in tokens[end:]):
        return None
    alone = english(said)
    if alone[0].tag == "CD":
        return said
    return said if [t.tag for t in alone[end - 2 : end]] == ["NNS", "VBP"] else f"The {low}"


def _owner(said: str) -> str:
    """Whose own something is in a headline."""
    if re.search(r"\b(?:wo)?man\b|\b(?:boy|girl|father|mother|grandpa|grandma)\b", said, re.I):
        return "her" if re.search(r"\b(?:woman|girl|mother|grandma)\b", said, re.I) else "his"
    return "their"


_OWN = re.compile(r"(?<![’'])\b(?!(?:my|your|his|her|its|our|their|whose)\b)(\w+) own\b")
_BE = ("are", "have", "do")
_USED_FOR = frozenset(
    "dating vending washing sewing parking boxing swimming wedding talking flying singing dancing"
    " sleeping crying missing ageing aging struggling retiring".split()
)
"""What says of a noun what it is for, or what it does: "Dating app matches man"."""


def _takes_article(who: Named, words: Sequence[Token]) -> bool:
    """Whether one who does something needs an article, and is no name."""
    head = who.head.lower()
    if who.mass or head in grammar().no_people or any(word.text[0].isupper() for word in words):
        return False
    if len(words) > 1:
        return True
    # One word may be a name: "Grandma", "Death", "Monday".
    told = who.kind in ("person", "animal") or head in grammar().things
    return told and known_noun(head) and head not in grammar().called


def _lacks_article(tokens: Sequence[Token], at: int) -> bool:
    """Whether one thing is named at `at` behind a verb, and no article stands before it."""
    word, before = tokens[at], tokens[at - 1]
    does = before.tag in ("VBZ", "VBP") and tokens[at - 2].tag != "VBZ"
    if not does and before.low not in _INTO:
        return False
    if word.tag not in _NAMING or lemma(before.low) in _WITHOUT_ARTICLE:
        return False
    last = at
    while last + 1 < len(tokens) and tokens[last + 1].tag in (*NOUNS, "VBG"):
        last += 1
    head = tokens[last]
    return (
        head.tag not in ("NNS", "NNPS")
        and not head.text.istitle()
        and known_noun(head.low)
        and head.low not in grammar().mass | grammar().bare
        and not re.search(r"(?:ness|ism|ing)$", head.low)
    )


_INTO = ("with", "into", "for", "against", "over", "around", "before")
_NAMING = (*NOUNS, "JJ", "VBG", "VBN", "VBP", "VB", "FW")
_WITHOUT_ARTICLE = ("be", "become", "go", "turn", "play", "get", "feel")
_THE = ("wrong", "first", "last", "next", "same", "best", "worst", "moon", "sun", "world", "sky")
