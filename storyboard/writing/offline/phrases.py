"""Reads noun phrases in English: where one ends, who or what it names, how it is said again.

Knows: tagged words. Does not know: clauses, ideas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.reading import Named
from storyboard.writing.offline.tagging import FINITE, NOUNS, Token

DETERMINERS = ("DT", "PRP$", "CD", "PDT", "WP$")
_INSIDE = ("JJ", "JJR", "JJS", *NOUNS, "VBN", "VBG", "POS", "HYPH", "CD", "AFX")
_PEOPLE = re.compile(
    r"(?:er|or|ist|ian|man|men|woman|women|person|people|ess|eer|ant|ent|ee|kid|child|children|boy"
    r"|girl|mom|mum|dad|friend|twin|king|queen|pirate|thief|mime|couple|intern|boss|guy|lady|bride"
    r"|groom|wife|husband|uncle|aunt|cousin|spy|chef|clerk|pilot|nurse|judge|coach|guard|host|monk"
    r"|nun|priest|god|angel|devil|death|ghost|wizard|witch|alien|superhero|hero|villain|vampire"
    r"|zombie|mermaid|santa|elf|giant|knight|poet|student|astronaut|mayor|roommate|coworker"
    r"|colleague|neighbou?r|tourist|burglar|ninja|samurai|stranger|introvert|millennial|toddler"
    r"|baby|teenager|grandma|grandpa|dj|ceo)s?$"
)


@cache
def inflector() -> Any:
    """Articles and plurals, without the checks of types that inflect has built into itself as it
    is imported: they took more time than the rest of an offline plan."""
    import typeguard

    checked = typeguard.typechecked
    typeguard.typechecked = _unchecked
    try:
        import inflect
    finally:
        typeguard.typechecked = checked
    return inflect.engine()


def _unchecked(function: Any) -> Any:
    return function


def noun_phrase(tokens: Sequence[Token], start: int) -> tuple[int, Named | None]:
    """The phrase that begins at `start`: where it ends, and who or what it names."""
    end = start
    while end < len(tokens) and _belongs(tokens, start, end):
        end += 1
    while end > start and tokens[end - 1].tag not in (*NOUNS, "JJ", "VBG", "VBN"):
        end -= 1
    part = tokens[start:end]
    # "The unemployed", "an AI": an adjective at the end stands for a noun.
    stands_for = bool(part) and part[-1].tag == "JJ" and part[0].tag in DETERMINERS
    if not any(t.tag in NOUNS for t in part) and not stands_for:
        return start, None
    together = _joined(tokens, end, part)
    if together is not None:
        return together
    return end, _named(part)


_VERY = ("very", "really", "extremely", "incredibly", "slightly", "overly")


def _belongs(tokens: Sequence[Token], start: int, at: int) -> bool:
    token = tokens[at]
    if token.low in _VERY and at > start:
        # "A very dramatic weatherman".
        rest = tokens[at + 1 : at + 2]
        return bool(tokens[at - 1].tag in DETERMINERS and rest and rest[0].tag == "JJ")
    if token.tag in DETERMINERS:
        return at == start or tokens[at - 1].tag in DETERMINERS or token.tag == "CD"
    if token.tag == "VBG":
        # "A cooking show", and not "a couple assembling furniture".
        rest = tokens[at + 1 : at + 2]
        opened = at == start or tokens[at - 1].tag in (*DETERMINERS, "JJ")
        return bool(opened and at > start and rest and rest[0].tag in NOUNS)
    if token.tag == "VBN":
        rest = tokens[at + 1 : at + 2]
        opened = at > start and tokens[at - 1].tag in (*DETERMINERS, "JJ")
        return bool(opened and rest and rest[0].tag in (*NOUNS, "JJ"))
    if token.tag == "JJ" and at > start and tokens[at - 1].tag in NOUNS:
        # "A boxer afraid of bells" ends before the adjective.
        rest = tokens[at + 1 : at + 2]
        return bool(rest and rest[0].tag in NOUNS)
    return token.tag in _INSIDE


def _joined(
    tokens: Sequence[Token], end: int, part: Sequence[Token]
) -> tuple[int, Named | None] | None:
    """ "Romeo and Juliet": two who are one subject."""
    if end + 1 >= len(tokens) or tokens[end].low not in ("and", "&", ","):
        return None
    comma = tokens[end].low == ","
    if tokens[end + 1].tag in ("DT", "PRP$") and part[0].tag in DETERMINERS:
        stop, other = noun_phrase(tokens, end + 1)
        if other is None or stop >= len(tokens) or tokens[stop].tag not in FINITE:
            return None
        if comma and " and " not in other.noun:
            return None
        one, mark = _named(part), ", " if comma else " and "
        return stop, Named(
            f"{one.phrase}{mark}{other.phrase}",
            f"{one.definite}{mark}{other.definite}",
            f"{one.noun}{mark}{other.noun}",
            one.head,
            plural=True,
            kind=one.kind,
        )
    named = not comma and all(t.tag in ("NNP", "NNPS") for t in (part[-1], tokens[end + 1]))
    if not named and tokens[end + 1].low != "i":
        return None
    stop = end + 2
    while stop < len(tokens) and tokens[stop].tag == "NNP":
        stop += 1
    phrase = " ".join(t.text for t in tokens[:stop] if t.start >= part[0].start)
    phrase = re.sub(r" (?=['’]s\b)", "", phrase)
    if tokens[end + 1].low == "i":
        return stop, _named(part)
    return stop, Named(phrase, phrase, phrase, phrase, plural=True, kind="person", proper=True)


def _named(part: Sequence[Token]) -> Named:
    owner = max((i for i, t in enumerate(part) if t.tag == "POS"), default=-1)
    bare = [
        t for t in part[owner + 1 :] if t.tag not in ("DT", "PRP$", "PDT", "WP$") and t.low != "own"
    ]
    phrase = joined_words(part)
    if not bare:
        bare = list(part[-1:])
    head = bare[-1]
    opened = part[0].tag in DETERMINERS
    proper = all(t.tag in ("NNP", "NNPS") for t in bare) and not opened
    # A lone word has its capital from where it stands: "Jealousy".
    proper = proper and not (len(part) == 1 and head.start == 0 and head.low in grammar().mass)
    count = [t for t in bare if t.tag == "CD"]
    plural = _is_plural(head, bool(count) and count[0].low not in ("one", "1"))
    # "A cyclops".
    plural = plural and (part[0].low not in ("a", "an") or head.low in ("people", "children"))
    noun = joined_words([t for t in bare if t.tag != "CD"] or bare)
    keeps = part[0].tag in ("NNP", "NNPS") or part[0].text == "I" or part[0].text[1:2].isupper()
    first = part[0].text if keeps else part[0].low
    phrase = first + phrase[len(part[0].text) :]
    noun = first + noun[len(first) :] if noun.lower().startswith(part[0].low) else noun
    mass = head.low in grammar().mass and not plural
    kind = _kind(head.low, noun, proper, head.text)
    if not opened and len(bare) == 1 and kind == "person" and not plural and not proper:
        # "Death takes a sick day", "Grandma": a noun that is somebody's name.
        proper, noun, phrase = True, head.text, part[0].text + phrase[len(part[0].text) :]
    # "Love", "onions" and "breast cancer" take no article, "local man" does.
    ordinal = bare[0].low in ("first", "last", "next", "second", "third")
    unopened = not opened and (plural or mass or len(bare) == 1 or kind == "thing")
    bare_name = proper or (unopened and not ordinal)
    definite = noun if bare_name else f"the {noun}"
    told = head.text if proper else head.low
    return Named(phrase, definite, noun, told, plural, mass, kind, proper)


def joined_words(part: Sequence[Token]) -> str:
    said = " ".join(t.text for t in part)
    return re.sub(r" (?=['’](?:s|re|ve|ll|d|m)\b|n['’]t\b|['’](?: |$)|[,;:])", "", said)


def _is_plural(head: Token, counted: bool) -> bool:
    if re.fullmatch(r"(?:mon|tues|wednes|thurs|fri|satur|sun)days", head.low):
        return True
    if head.tag in ("NNS", "NNPS"):
        return head.low not in ("maths", "physics", "news", "politics", "mathematics")
    return counted or head.low in ("people", "children", "men", "women", "police", "kids")


def _kind(head: str, noun: str, proper: bool, written: str) -> Any:
    entries = lexicon().roles
    found = find(entries, noun)
    if any(f.entry.animal and noun.lower().endswith((f.word, f"{f.word}s")) for f in found):
        return "animal"
    if found and found[0].entry.id != "robot":
        return "person"
    if head in grammar().things or head.removesuffix("s") in grammar().things:
        return "thing"
    if head in grammar().people:
        return "person"
    if _PEOPLE.search(head) and head not in grammar().mass:
        return "person"
    return "person" if proper and written.istitle() and head not in grammar().no_people else "thing"


def somebody(noun: str) -> bool:
    """Whether `noun` is a person or an animal."""
    return _kind(noun, noun, False, noun) in ("person", "animal")


def a_or_an(noun: str) -> str:
    """`noun` with its indefinite article."""
    return str(inflector().a(noun))


def plural_of(noun: str) -> str:
    return str(inflector().plural_noun(noun) or noun)
