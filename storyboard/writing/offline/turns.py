"""Finds where an English idea turns, and what its second half is: "a cook burns everything | but the
guests come back".

Knows: tagged words, how a clause goes on. Does not know: ideas, lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from storyboard.writing.offline.acts import ALL, CONDITIONS, DENIED, LONGEST_ACT, act_of
from storyboard.writing.offline.dictionary import known_verb, lemma
from storyboard.writing.offline.phrases import noun_phrase
from storyboard.writing.offline.reading import Named, Turn
from storyboard.writing.offline.tagging import FINITE, NOUNS, Token

LONGEST_TURN = 66


def turn_at(tokens: Sequence[Token], start: int, plural: bool = False) -> int | None:
    """Where the second half of an idea begins, whose first doing begins at `start`: "a cook burns
    everything | but the guests come back". None where it is all one."""
    whole = sum(len(t.text) + 1 for t in tokens[start:]) <= LONGEST_ACT
    for at in range(start + 1, len(tokens) - 1):
        if _turns(tokens, start, at, plural, whole) or _back_in_main(tokens, start, at):
            return at
    if whole:
        return None
    late = (at for at in range(start + 3, len(tokens) - 1) if tokens[at].low in CONDITIONS)
    return next(late, None)


_TURNS = ("but", "except", "though", "although", "yet")
_REASONS = ("because", "while", "until", "so")
_SHARED = ("both", "all", "each")
_ANYONE = frozenset(
    ["nobody", "someone", "somebody", "everyone", "everybody", "everything", "nothing", "all"]
)


def _turns(tokens: Sequence[Token], start: int, at: int, plural: bool, whole: bool) -> bool:
    low, part = tokens[at].low, tokens[start:at]
    if tokens[at - 1].text in (".", "!", ";"):
        return True
    if tokens[at - 1].text == "," and low not in _LINKS:
        # "A knight dates online, his horse chooses for him".
        return tokens[at].tag in ("DT", "PRP$", "PRP") and _goes_on_with(tokens, start, at, plural)
    if low in _TURNS:
        return tokens[at - 1].low not in ALL
    asked = next((t for t in reversed(part) if t.tag in ("WP", "WRB", "WDT", *FINITE)), None)
    if asked is not None and asked.tag not in FINITE:
        # "Knows what the king and the queen want".
        return False
    if low in _REASONS:
        # "Works only because …" is half of nothing.
        one = whole and any(t.low in DENIED for t in part)
        clause = low != "so" or tokens[at + 1].tag in ("PRP", "PRP$", "DT", "EX", *NOUNS)
        return clause and not one and len(part) > 1
    return low == "and" and _goes_on_with(tokens, start, after_link(tokens, at), plural)


def _back_in_main(tokens: Sequence[Token], start: int, at: int) -> bool:
    """Whether the main clause goes on at `at` after who it is about: "the boy who cried wolf |
    becomes a reporter"."""
    if tokens[at].tag not in ("VBZ", "VBD", "MD") or tokens[at - 1].tag not in NOUNS:
        return False
    relative = start > 0 and tokens[start - 1].low in ("who", "that", "which")
    said = lemma(tokens[start].low) in _SAYS
    opened = ("CC", "WP", "WRB", "WDT", "PRP", "DT" if said else "CC", ".")
    part = tokens[start + 1 : at]
    return (
        relative
        and at > start + 1
        and not any(t.tag in opened or t.low in (*CONDITIONS, "that", "than") for t in part)
    )


_SAYS = frozenset(
    [
        *("say", "think", "believe", "know", "claim", "insist", "pretend", "wish", "hope"),
        *("discover", "realise", "realize", "find", "learn", "swear", "suspect", "dream", "fear"),
    ]
)


def _goes_on_with(tokens: Sequence[Token], start: int, at: int, plural: bool) -> bool:
    """Whether a clause begins at `at`, and not one more thing: "and | pretends", "and | the cat
    runs the household"."""
    while at < len(tokens) - 1 and tokens[at].tag == "RB":
        at += 1
    if at >= len(tokens):
        return False
    first = tokens[at]
    if at == len(tokens) - 1 and first.tag in ("VB", "VBP"):
        # "Play hide and seek".
        return False
    if _finite(tokens, at):
        return True
    if first.tag == "VB":
        # "Tries to cook and burn".
        return (plural or tokens[start].tag in ("MD", "VB")) and not any(
            t.tag == "TO" for t in tokens[start:at]
        )
    if first.tag == "IN" and (put := noun_phrase(tokens, at + 1)[0]) > at + 1:
        # "And at the party nobody asks".
        if tokens[put - 1].low in _ANYONE:
            put -= 1
        led = put < len(tokens) and tokens[put].tag not in FINITE
        return led and _goes_on_with(tokens, start, put, plural)
    follows = tokens[at + 1] if at + 1 < len(tokens) else first
    if first.low in _SHARED and known_verb(follows.low) == follows.low:
        return True
    if first.tag in ("PRP", "EX") or (first.low in ("that", "this") and follows.tag in FINITE):
        end = at + 1
    elif first.tag in ("DT", "PRP$", "CD", "NNS", "NNP"):
        end, _ = noun_phrase(tokens, at)
    elif first.low in _ANYONE:
        end = at + 1
    else:
        return False
    while end > at and end < len(tokens) - 1 and tokens[end].tag in ("RB", "IN"):
        # "The lions at the zoo believe him".
        put = noun_phrase(tokens, end + 1)[0] if tokens[end].tag == "IN" else end + 1
        if put <= end + 1 and tokens[end].tag == "IN":
            break
        end = put
    swallowed = end > at + 1 and tokens[end - 1].tag == "NNS" and _finite(tokens, end - 1)
    finite = (*FINITE, "VB") if any(t.tag == "NNS" for t in tokens[at:end]) else FINITE
    return swallowed or (at < end < len(tokens) and tokens[end].tag in finite)


def _finite(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word is a finite verb; "pretends everything is fine" may be tagged a noun."""
    word, follows = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else None
    if word.tag in FINITE or follows is None:
        return word.tag in FINITE
    # "The terms and conditions at parties" are none.
    loose = follows.tag == "IN" and (at < 2 or tokens[at - 2].tag != "NNS")
    led = loose or follows.tag in ("DT", "PRP", "PRP$") or follows.low in ALL
    return word.tag == "NNS" and led and known_verb(word.low) != ""


_LINKS = frozenset([*_TURNS, *_REASONS, "and"])
_THEN = re.compile(r"(?:and|but|so|yet)(?: ?,? (?:now|then|one (?:day|night|morning)))? ?,?")


def after_link(tokens: Sequence[Token], at: int) -> int:
    """The first word after the link that stands at `at`: "and one day, | the fish …"."""
    if tokens[at].low not in (*_LINKS, *CONDITIONS):
        return at
    met = _THEN.match(" ".join(t.low for t in tokens[at : at + 5]))
    return at + (len(met[0].split()) if met else 1)


def turn_of(tokens: Sequence[Token], at: int, text: str, who: Named | None) -> Turn | None:
    """The second half of `text` that begins at `at`; None where it is too long to be said."""
    after = after_link(tokens, at)
    rest = list(tokens[after:])
    while rest and len(text) - tokens[at].start > LONGEST_TURN:
        cut = turn_at(rest, 0)
        if cut is None:
            return None
        rest = rest[:cut]
        while rest and rest[-1].tag == ".":
            rest.pop()
        text = text[: rest[-1].end]
    if not rest:
        return None
    plural = who is not None and who.plural
    verb = next((n for n, t in enumerate(rest) if t.tag != "RB"), 0)
    mine = (after > at or tokens[at - 1].tag in NOUNS) and (
        _finite(rest, verb) or rest[verb].tag == "VB"
    )
    link = text[tokens[at].start : rest[0].start].strip()
    if not link and tokens[at - 1].tag in NOUNS:
        link = "and"
    said = text[rest[0].start :]
    if rest[0].low in _SHARED and len(rest) > 1 and rest[1].tag not in FINITE:
        rest, mine = [replace(rest[1], tag="VB"), *rest[2:]], True
    return Turn(link, said, tokens[at].start, act_of(rest, plural) if mine else None)
