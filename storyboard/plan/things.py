"""What a beat's action and line say of things: their state, their place, whose hand they are in.

"Puts the empty cup on the chair", "Why is the box open?", 「空っぽのカップ」: a word of state or place
goes to the thing nearest to it in its clause; what is denied or missing is not staged.

Knows: words (English, Japanese), the props that are drawn. Does not know: scenes, drawing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from renderers.animatic.props import Mention, find_prop, mentioned
from renderers.scene import Presentation, Prop, PropMove, PropPlace, PropState

_STATES: tuple[tuple[PropState, re.Pattern[str]], ...] = (
    ("empty", re.compile(r"\bempt(?:y|ied|ies)\b|\bdrained\b|\bnothing (?:left )?in\b|空っぽ|からっぽ|空(?=の|に|だ|です|な)")),
    ("full", re.compile(r"\bfull\b|\bfilled\b|\brefill(?:s|ed)?\b|\bbrimming\b|満杯|満タン|いっぱいの|なみなみ")),
    ("open", re.compile(r"(?<!eyes )(?<!mouth )(?<!door )(?<!shop )\bopen(?:s|ed|ing)?\b(?! hands| arms| mouth)|\bunwrap(?:s|ped)?\b|\bunpack(?:s|ed)?\b|開(?:い|け|き|く)|ひらい")),
    ("closed", re.compile(r"(?<!eyes )(?<!mouth )(?<!door )(?<!case )\b(?:clos(?:ed|es)|shuts?)\b|\bsealed\b|\bunopened\b|閉(?:ま|じ|め)|封をした|未開封")),
    ("broken", re.compile(r"\bbroken?\b|\bbreaks?\b|\bcracked\b|\bshattere?[ds]?\b|\bsmash(?:ed|es)\b|\btorn\b|\bin (?:two|pieces)\b|割れ|壊れ|砕け|破れ|割っ|壊し")),
)  # fmt: skip
_PLACES: tuple[tuple[PropPlace, re.Pattern[str]], ...] = (
    ("table", re.compile(r"\bon (?:(?:the|a|his|her|their|my|your|our|this|that) )?(?:\w+ )?(?:table|desk|counter|bar)\b|(?:テーブル|机|カウンター)(?:の上|に)")),
    ("floor", re.compile(r"\bon (?:the |my |his |her )?(?:floor|ground|carpet)\b|床(?:の上|に)|地面に")),
    ("chair", re.compile(r"\bon (?:(?:the|a|his|her|their|my|your|this|that) )?(?:\w+ )?(?:chair|seat|stool)\b|(?:椅子|イス|座席)(?:の上|に)")),
    ("hand", re.compile(r"\bin (?:his|her|their|my|your|(?P<owner>[A-Z]\w+)['’]s) hands?\b")),
    ("hand", re.compile(r"\bhold(?:s|ing)?\b|手に(?:し|持)|持って(?!き|い)")),
)  # fmt: skip
_MOVES: tuple[tuple[PropMove, re.Pattern[str]], ...] = (
    ("picked up", re.compile(r"\b(?:picks? up|grabs?|takes? up|snatch(?:es)?|lifts?)\b|拾[いうっ]|取り上げ|手に取")),
    ("put down", re.compile(r"\b(?:puts?|sets?|lays?|places?)\b(?!.{0,24}\b(?:on (?:his|her|their) (?:head|coat|hat)))|置[いくき]")),
    ("dropped", re.compile(r"\bdrops?\b|\blets? \w+(?: \w+)? (?:fall|go)\b|落とす|落として|落とした|取り落と")),
    ("falls", re.compile(r"\b(?:falls?|falling|tumbles|slips off|crashes)\b|落ちる|落ちて|落ちた|倒れる")),
)  # fmt: skip
_HERE = re.compile(
    r"(?:\b(?:here(?:['’]s| is| are)|this|these|that(?:['’]s| is)|look at (?:this|the|my)|behold,? (?:the|my)?|take (?:this|the)|"
    r"i (?:have|brought|(?:have|['’]ve) got|hold)|i['’]ve got|holding)(?:,? \w+){0,4}? ?|(?:この|これは|こちらの|ここに|ほら、?))$"
)
"""Before a thing that a line points out."""
_ABSENT = re.compile(
    r"\b(?:lost|missing|gone|stole|stolen|without|where(?:['’]s| is| are)|forgot|forgotten|need|want|wants|wish|"
    r"no|never|sold|order(?:s|ed|ing)?|imagine|if)\b|なくし|無くし|ない|盗まれ|どこ|忘れ|欲し|ほしい"
)
"""In a clause about what is not there."""
_NOT = re.compile(r"(?:\bnot|n['’]t|\bnever|\bhardly|\bno longer)(?: \w+)? ?$")
_NOT_AFTER = re.compile(r"^\w{0,4}?(?:ない|ません|なかった)")
_CLAUSES = re.compile(r"(?<=[.!?;…。！？])|,? (?=(?:and|but|then|while|because) )|(?<=、)")
_ALIVE = frozenset({"cat", "dog", "bird", "fish", "robot"})


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in frame who may hold a thing."""

    id: str
    name: str
    presentation: Presentation


def things_in(
    action: str, line: str, props: Sequence[str], people: Sequence[Holder]
) -> tuple[Prop, ...]:
    """What action and line say of things. The first of `people` is who the beat is about.

    `props` are the things that the beat has; a thing that a line points out, or tells the state
    of, is there too. The action, which is written for the picture, wins over the line.
    """
    known = {name: word for word in props if (name := find_prop(word))}
    found: dict[str, Prop] = {}
    for text, spoken in ((line, True), (action, False)):
        last: Mention | None = None
        for clause in _clauses(text):
            absent = spoken and bool(_ABSENT.search(clause.lower()))
            named = mentioned(clause)
            for mention in named or _pronoun(clause, last):
                last = mention
                said = _said(clause, mention, people)
                pointed = (
                    spoken and bool(named) and bool(_HERE.search(clause[: mention.start].lower()))
                )
                if mention.name in _ALIVE and mention.name not in known:
                    continue
                told = bool(said.state or said.place or said.move)
                if absent and not said.state:
                    continue
                if mention.name in known or pointed or told:
                    word = known.get(mention.name, mention.word)
                    found[mention.name] = _merged(found.get(mention.name), replace(said, word=word))
    return tuple(found.values())


def _clauses(text: str) -> Iterator[str]:
    yield from (part for part in _CLAUSES.split(text) if part.strip())


def _pronoun(clause: str, last: Mention | None) -> list[Mention]:
    """The thing that a clause calls "it"."""
    match = re.search(r"\bit\b|それ", clause.lower())
    return [replace(last, start=match.start(), end=match.end())] if match and last else []


def _said(clause: str, mention: Mention, people: Sequence[Holder]) -> Prop:
    """What one clause says of one thing that it names."""
    others = [m for m in mentioned(clause) if m.name != mention.name]
    state: PropState = ""
    for name, pattern in _STATES:
        if _belongs(clause, pattern, mention, others) is not None:
            state = name
            break
    place: PropPlace = ""
    owner = ""
    for where, pattern in _PLACES:
        match = _belongs(clause, pattern, mention, others)
        if match is not None:
            place = where
            owner = _owner(match, people) if where == "hand" else ""
            break
    move: PropMove = ""
    for what, pattern in _MOVES:
        if _belongs(clause, pattern, mention, others) is not None:
            move = what
            break
    if move in ("picked up", "put down", "dropped") and people:
        owner = owner or people[0].id
        ends: dict[PropMove, PropPlace] = {"picked up": "hand", "dropped": "floor"}
        place = ends.get(move, place if place in ("floor", "chair") else "table")
    if move == "put down" and not re.search(r"on|down|置", clause):
        move, place, owner = "", "", ""
    return Prop(mention.word, state, place, owner, move)


def _belongs(
    clause: str, pattern: re.Pattern[str], mention: Mention, others: Sequence[Mention]
) -> re.Match[str] | None:
    """The first match that is nearer to this thing than to any other, and not denied."""
    for match in pattern.finditer(clause):
        before, after = clause[: match.start()].lower(), clause[match.end() :]
        if not before.strip() and match.group().lower() in ("open", "empty", "shut"):
            continue  # A command: it is not so yet.
        if _NOT.search(before) or _NOT_AFTER.search(after):
            continue
        own = _distance(match, mention)
        if all(own <= _distance(match, other) for other in others):
            return match
    return None


def _distance(match: re.Match[str], mention: Mention) -> int:
    if match.start() >= mention.end:
        return match.start() - mention.end
    return mention.start - match.end() if mention.start >= match.end() else 0


def _owner(match: re.Match[str], people: Sequence[Holder]) -> str:
    """Who "his", "her" or "Leo's" hand is; the one the beat is about where it may be any."""
    named = match.groupdict().get("owner")
    if named:
        return next((p.id for p in people if p.name.split()[0] == named), "")
    text = match.group().lower()
    for word, kind in ((" his ", "masculine"), (" her ", "feminine")):
        if word in f" {text} ":
            fits = [p for p in people if p.presentation == kind]
            if len(fits) == 1:
                return fits[0].id
    return people[0].id if people else ""


def _merged(first: Prop | None, second: Prop) -> Prop:
    """What is told later of the same thing, with what was told before."""
    if first is None:
        return second
    moved = second.move or second.place
    return Prop(
        second.word,
        second.state or first.state,
        second.place if moved else first.place,
        second.owner if moved else first.owner,
        second.move if moved else first.move,
    )
