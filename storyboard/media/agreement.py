"""Does a drawn picture agree with the line spoken over it?

The line is read here anew, from the record of what was drawn to the words, not as the staging
reads it: what both get wrong in one way would be seen by nobody.

Knows: records of drawn things, English and Japanese words of state and place. Does not know:
plans, how a picture was staged or drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from renderers.animatic import props as prop_words

_OPPOSITES = {"empty": {"full"}, "full": {"empty"}, "open": {"closed"}, "closed": {"open"}}
_SAID = {
    "empty": "empty emptied drained",
    "full": "full filled refilled brimming",
    "open": "open opened unwrapped unpacked",
    "closed": "closed shut sealed unopened",
    "broken": "broken broke cracked shattered smashed torn",
}
_STATE = {word: state for state, words in _SAID.items() for word in words.split()}
_SAID_JA = {
    "empty": r"空っぽ|からっぽ|空(?=[のだにで])",
    "full": r"満杯|満タン|なみなみ|いっぱい(?:入|の)",
    "open": r"開いた|開いて|開けた|開けて",
    "closed": r"閉まった|閉まって|閉じた|閉じて|未開封",
    "broken": r"割れた|割れて|壊れた|壊れて|破れた|破れて|砕けた",
}
_PLACE = {
    "table": "table desk counter",
    "floor": "floor ground carpet",
    "chair": "chair seat stool",
}
_WHERE = {word: place for place, words in _PLACE.items() for word in words.split()}
_BE = frozenset(
    ["is", "are", "was", "were", "be", "been", "'s", "s", "seems", "looks", "stays", "got", "gets"]
)
_COMMANDS = frozenset({"open", "empty", "shut"})
"""What at a sentence's beginning asks for a state, and does not tell of it."""
_LINKS = frozenset(
    "so all quite already still now always suddenly completely almost the a an".split()
)
_NOTS = frozenset(["not", "never", "no", "n't", "t", "isn't", "wasn't", "aren't", "hardly"])
_BEFORE = frozenset("my your his her our their this that the a an one big little old new".split())
_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?|[.!?;:…]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A thing in a picture, by the picture's own record."""

    word: str
    name: str
    state: str = ""
    place: str = ""
    move: str = ""

    @classmethod
    def of(cls, record: Mapping[str, str]) -> Drawn:
        return cls(*(record.get(key, "") for key in ("word", "name", "state", "place", "move")))


def drawn_in(info: Mapping[str, Any]) -> list[Drawn] | None:
    """The things in a picture, by the record beside it; None where it does not say."""
    things: list[Mapping[str, str]] | None = info.get("things")
    return None if things is None else [Drawn.of(thing) for thing in things]


def mistaken(beings: Sequence[str], people: Sequence[str]) -> str | None:
    """What is wrong where those in a picture who are no persons are drawn as such."""
    if people and len(beings) > sum(1 for shown in people if shown != "person"):
        return f"the cast has {' and '.join(beings)} in it, who is drawn as a person"
    return None


def contradictions(line: str, drawn: Sequence[Drawn], props: Sequence[str]) -> list[str]:
    """What a picture shows otherwise than its line says; `props` should be seen if it names them.

    A line that says two states of one thing ("it was full, now it is empty") is met by either.
    """
    found: list[str] = []
    for thing in drawn:
        states, places = _said_of(line, thing)
        wrong = [s for s in states if _against(s, thing.state)]
        if wrong and thing.state not in states:
            shown = f"is drawn {thing.state}" if thing.state else "is drawn whole"
            found.append(f"the line says that the {thing.word} is {wrong[0]}, and it {shown}")
        if places and thing.place not in places and not thing.move:
            where = "in a hand" if thing.place == "hand" else f"on the {thing.place}"
            found.append(
                f"the line says that the {thing.word} is on the {places[0]}, and it is drawn {where}"
            )
    shown = {thing.name for thing in drawn}
    named = {mention.name: mention.word for mention in prop_words.mentioned(line)}
    for prop in dict.fromkeys(props):
        name = prop_words.find_prop(prop)
        if name in named and name not in shown:
            found.append(f"the line speaks of the {prop}, and the picture shows none")
    return found


def _against(said: str, drawn: str) -> bool:
    if said == "broken":
        return drawn != "broken"
    return drawn in _OPPOSITES[said]


def _said_of(line: str, thing: Drawn) -> tuple[list[str], list[str]]:
    """The states and the places that a line tells of a thing."""
    spots = [(m.start, m.end) for m in prop_words.mentioned(line) if m.name == thing.name]
    if not spots:
        return [], []
    if not line.isascii() and re.search(r"[ぁ-ヿ一-鿿]", line):
        return list(_japanese(line, spots)), []
    tokens = [(m.group(), m.start()) for m in _TOKEN.finditer(line.lower().replace("’", "'"))]
    states: list[str] = []
    places: list[str] = []
    for start, end in spots:
        first = sum(1 for _, at in tokens if at < start)
        after = [token for token, at in tokens if at >= end]
        before = [token for token, _ in tokens[:first]]
        states += _before(before)
        states += _after(before, after)
        places += _placed(after)
    return states, places


def _before(tokens: Sequence[str]) -> Iterator[str]:
    """ "An empty cup", "opened my letter", "there is no broken plate" (not)."""
    for i, token in reversed(list(enumerate(tokens))[-4:]):
        if token in _STATE:
            told = token in _COMMANDS and (i == 0 or tokens[i - 1] in ".!?;:…")
            if not told and not _NOTS & set(tokens[-6:]):
                yield _STATE[token]
            return
        if token not in _BEFORE:
            return


def _after(before: Sequence[str], after: Sequence[str]) -> Iterator[str]:
    """ "The cup is so empty", "why is the cup empty?"."""
    asked = any(token in _BE or token.endswith("'s") for token in before[-3:])
    linked = asked
    for token in after[:5]:
        if token in _NOTS or token.endswith("n't") or token in ".!?;:…":
            return
        if token in _STATE:
            if linked:
                yield _STATE[token]
            return
        if token in _BE:
            linked = True
        elif token not in _LINKS:
            return


def _placed(after: Sequence[str]) -> Iterator[str]:
    """ "The cup is on the table", "that letter on my desk"."""
    for i, token in enumerate(after[:4]):
        if token in _NOTS or token.endswith("n't"):
            return
        if token == "on":
            for word in after[i + 1 : i + 4]:
                if word in _WHERE:
                    yield _WHERE[word]
                    return
        if token not in _BE and token not in _LINKS and token != "lying":
            return


def _japanese(line: str, spots: Sequence[tuple[int, int]]) -> Iterator[str]:
    """「空っぽのカップ」「カップが空っぽだ」"""
    for start, end in spots:
        for state, pattern in _SAID_JA.items():
            ahead = re.search(rf"(?:{pattern})[のなたて]?$", line[max(0, start - 8) : start])
            behind = re.match(
                rf"[はがもって]{{0,2}}[^。！？、]{{0,4}}?(?:{pattern})(?!.{{0,2}}ない)", line[end:]
            )
            if ahead or behind:
                yield state
