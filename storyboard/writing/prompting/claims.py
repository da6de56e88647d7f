"""What a text claims of the people in a picture, held against what is so.

Claims are who is on which side, in which clothes and hair, whose mouth is open, who else is
there, and what which reference shows. One that contradicts the records is a fault, in whatever
words it is made; what is not claimed is none.

Knows: claims. Does not know: whom a word is about (`reader`), plans, models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storyboard.plan.naming import join
from storyboard.writing.prompting.reader import (
    PRONOUNS,
    Clause,
    Person,
    Reader,
    Word,
    vocabulary,
    words_of,
)

_SIDE = re.compile(
    r"(?:(?P<lead>on|at|in|to|from|frame|screen|fills?|of|towards?|lower|upper)\s+)?"
    r"(?:(?P<whose>the|her|his|their)\s+)?(?:(?:far|very|extreme|outer)\s+)?"
    r"(?P<side>left|right)(?:-hand)?\b(?:\s+(?:side|edge|half|end|third|seat|part|corner))?"
    r"(?:\s+of\s+(?:the\s+)?(?P<than>frame|picture|image|shot|centre|center|middle|qp\d+q))?"
)
_OF_A_BODY = re.compile(
    r"^\W*(hand|arm|shoulder|cheek|eye|ear|foot|leg|knee|palm|sleeve|brow|temple|side of (?:her|his|the) face)\b"
    r"|^ of (?:the|a|her|his) (?!frame|picture|image|shot|cent|middle)"
)
"""Of a side, or of a thing: not where somebody is."""
_AT_A_GLANCE = re.compile(
    r"(?<!his )(?<!her )(?<!the )\b(?:look|glance|gaze|stare|point|nod|turn|wave|gesture)(?:s|ed|ing)?\b"
)
_MIDDLE = re.compile(
    r"\b(?:in|at) the (?:middle|centre|center)\b(?! of (?!the (?:frame|picture|image)))"
)
_IMAGE = re.compile(r"\bimage (\d+)\b")
_ANYBODY = frozenset(
    {"person", "people", "figure", "man", "woman", "boy", "girl", "child", "friend"}
)
"""Words that say nothing of who somebody is but age and gender."""
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is so."""

    people: Sequence[Person]
    references: Sequence[str] = ()
    """What each numbered image shows: a person's name, or "" for a place or an earlier picture."""
    mouths: bool = True
    """Whether mouths can be seen."""


def contradictions(text: str, facts: Facts) -> list[str]:
    """Every claim of the text that is not so."""
    reader = _Claims(text, facts)
    found = [
        *reader.roles(),
        *reader.sides(),
        *reader.looks(),
        *reader.strangers(),
        *(reader.mouths() if facts.mouths else ()),
    ]
    return list(dict.fromkeys(found))


class _Claims(Reader):
    def __init__(self, text: str, facts: Facts) -> None:
        super().__init__(text, facts.people)
        self.facts = facts

    def roles(self) -> Iterator[str]:
        for clause in self.clauses:
            parts = self._around_images(clause)
            for number, who in parts:
                if not 1 <= number <= len(self.facts.references):
                    continue
                shown = self.facts.references[number - 1]
                said = "" if who is None else self.people[who].name
                if said != shown:
                    shows = shown or "the place or an earlier picture"
                    yield f"image {number} is {shows}, and not {said or 'a place'}"

    def _around_images(self, clause: Clause) -> Iterator[tuple[int, int | None]]:
        """The images that a clause speaks of, each with whom it is said to show."""
        text = self._text(clause)
        for part in re.split(r"\band (?=qp\d+q|image)|\band(?= )", text):
            for match in _IMAGE.finditer(part):
                names = [(m.start(), int(m[1])) for m in re.finditer(r"qp(\d+)q", part)]
                says = re.match(r"\s*(?:is|shows|has|:|of)\b", part[match.end() :])
                after = [n for at, n in names if at > match.end()]
                before = [n for at, n in names if at < match.start()]
                if says:
                    yield int(match[1]), (after or [None])[0]
                elif before or after:
                    yield int(match[1]), (before[-1:] or after[:1])[0]
                elif re.search(r"\b(?:in|of|from|as in) image \d", part):
                    yield int(match[1]), None

    def sides(self) -> Iterator[str]:
        count = len(self.people)
        if count < 2:
            return
        for clause in self.clauses:
            text = self._text(clause)
            for match in _SIDE.finditer(text):
                if not (match["lead"] or match["than"]) or _elsewhere(text, match):
                    continue
                who = self._placed(clause, match.start())
                if who is None:
                    continue
                other = self._beside(clause, match, who)
                yield from self._misplaced(who, match["side"], other)
            if _MIDDLE.search(text) and count == 3:
                who = self._placed(clause, 0)
                if who is not None and who != 1:
                    yield f"{self.people[who].name} is {_where(who, count)}, and not in the middle"

    def _placed(self, clause: Clause, at: int) -> int | None:
        """Who is where a clause says: whoever it names, else whoever the sentence is about."""
        start = clause.words[0].start
        spoken = [w for w in clause.words if w.start - start < at]
        if beside := re.search(r"qp(\d+)q $", self.text[start : start + at]):
            return int(beside[1])
        # "Pia on the left and Hugo on the right": of several, whoever was named last.
        if named := [w.named for w in spoken if w.named is not None]:
            return named[-1]
        if clause.named is not None:
            return clause.named
        # "Leo, propped up at the right edge, …"
        if spoken and spoken[0].low.endswith(("ed", "ing")) and self._named_just_before(clause):
            return clause.subject
        if any(
            w.low not in ("seated", "standing", "sitting", "half", "still", "alone") for w in spoken
        ):
            return None
        if clause.subject is not None and any(not w.named for w in clause.words):
            return clause.subject
        return next((c.named for c in clause.later if c.named is not None), None)

    def _beside(self, clause: Clause, match: re.Match[str], who: int) -> int | None:
        """The other person than whom somebody is said to be further left or right."""
        if other := re.match(r"qp(\d+)q", match["than"] or ""):
            return int(other[1])
        if match["whose"] in ("her", "his"):
            wanted = PRONOUNS[match["whose"]]
            others = [i for i, p in enumerate(self.people) if i != who and p.presentation == wanted]
            return others[0] if len(others) == 1 else None
        return None

    def _misplaced(self, who: int, side: str, other: int | None) -> Iterator[str]:
        name, count = self.people[who].name, len(self.people)
        if other is not None:
            if other != who and (who < other) != (side == "left"):
                yield f"{name} is to the {_opposite(side)} of {self.people[other].name}, not to the {side}"
            return
        place = _where(who, count)
        if side not in place:
            yield f"{name} is {place}, and not on the {side}"

    def looks(self) -> Iterator[str]:
        kinds = vocabulary().kinds()
        own = [_described_looks(p.looks) for p in self.people]
        for clause in self.clauses:
            for at, word in enumerate(clause.words):
                kind = kinds.get(word.low)
                if kind is None or len(word.owner) != 1:
                    continue
                who = next(iter(word.owner))
                colours = _colours(clause.words, at)
                worn = own[who].get(kind)
                if worn is not None:
                    if colours and worn and not colours & worn:
                        yield f"{self.people[who].name}: {word.low} is {join(sorted(worn))}, and not {join(sorted(colours))}"
                    continue
                if not own[who]:
                    continue
                theirs = [p.name for i, p in enumerate(self.people) if i != who and kind in own[i]]
                whose = f"; that is {theirs[0]}" if theirs else ""
                if theirs or _is_worn(kind, clause.words, at):
                    yield f"{self.people[who].name} has no {word.low}{whose}"

    def strangers(self) -> Iterator[str]:
        known = frozenset(vocabulary().people)
        for clause in self.clauses:
            for at, word in enumerate(clause.words):
                single = _singular(word.low)
                called = single in known or word.low in known
                told = at + 1 < len(clause.words) and clause.words[at + 1].low == "who"
                named = re.match(r"qp\d+q", word.low) is not None
                if named or not (called or told) or self._known(clause, at, single):
                    continue
                yield f"{word.low}: only {join([p.name for p in self.people]) or 'the empty place'} can be seen in this picture"

    def _known(self, clause: Clause, at: int, single: str) -> bool:
        """Whether whoever is spoken of is one of the cast, or no one who could be seen."""
        words = [w.low for w in clause.words]
        before = words[max(0, at - 4) : at]
        if words[at] == "viewer" and "the" in before:
            return True
        if (
            single in ("line", "pair", "group", "figure", "top", "elder")
            and "of" in words[at : at + 2]
        ):
            return not any(_singular(w) in vocabulary().people for w in words[at + 1 : at + 4])
        number = next((_NUMBERS[w] for w in before if w in _NUMBERS), None)
        if "both" in before:
            number = 2
        if number is not None:
            return single in _ANYBODY and number == len(self.people)
        if {"other", "another", "third", "second"} & set(before):
            pair = len(self.people) == 2 and words[at] == single
            return pair and before[-2:] == ["the", "other"]
        presentation = next(
            (p for p in ("masculine", "feminine") if single in getattr(vocabulary(), p)), None
        )
        fits = [
            p
            for p in self.people
            if presentation is None or p.presentation in (presentation, "neutral")
        ]
        if set(before) & {"her", "his", "their"}:
            # A relation is to somebody else, who must be there.
            own = [self.people[i] for i in clause.words[at].owner]
            return len(self.people) > 1 and any(p not in own or len(own) > 1 for p in fits)
        if "the" in before:
            return bool(fits)
        # "Ana, a young woman with …": who has just been named.
        return (
            clause.named is None and bool(self._named_just_before(clause)) and at < 8 and bool(fits)
        )

    def _named_just_before(self, clause: Clause) -> bool:
        place = next(i for i, c in enumerate(self.clauses) if c is clause)
        before = self.clauses[place - 1].words if place else []
        return bool(before) and re.match(r"qp\d+q$", before[-1].low) is not None

    def mouths(self) -> Iterator[str]:
        for clause in self.clauses:
            text = self._text(clause)
            for open, patterns in ((True, vocabulary().open), (False, vocabulary().closed)):
                for pattern in patterns:
                    for match in re.finditer(pattern, text):
                        yield from self._mouth(clause, match, open)

    def _mouth(self, clause: Clause, match: re.Match[str], open: bool) -> Iterator[str]:
        start = clause.words[0].start + match.end() - 1
        word = next((w for w in clause.words if w.end > start), clause.words[-1])
        for who in sorted(word.owner):
            person = self.people[who]
            if person.speaks and not open:
                yield f"{person.name} speaks here: the mouth is open"
            if not person.speaks and open:
                yield f"{person.name} is silent here: the mouth is closed"

    def _text(self, clause: Clause) -> str:
        return self.text[clause.words[0].start : clause.words[-1].end]


def _elsewhere(text: str, side: re.Match[str]) -> bool:
    """Whether a side is that of a hand, of a door, or of what somebody looks at."""
    before, after = text[: side.start()], text[side.end() :]
    return bool(_OF_A_BODY.match(after) or _AT_A_GLANCE.search(before))


def _where(number: int, count: int) -> str:
    if count == 3 and number == 1:
        return "in the middle"
    return "on the left" if number < count / 2 else "on the right"


def _opposite(side: str) -> str:
    return "right" if side == "left" else "left"


def _singular(word: str) -> str:
    word = re.sub(r"['’]s?$", "", word)
    if word in ("men", "women", "policemen", "children", "people"):
        return {"children": "child", "people": "people"}.get(word, word.replace("men", "man"))
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _described_looks(looks: str) -> dict[str, set[str]]:
    """Garments and hair of a description, each with its colours."""
    kinds, found = vocabulary().kinds(), dict[str, set[str]]()
    for part in re.split(r",| over | under | with | and (?=an? )", looks.lower()):
        words = words_of(part)
        for at, word in enumerate(words):
            if kind := kinds.get(word.low):
                found.setdefault(kind, set()).update(_colours(words, at))
    return found


def _colours(words: Sequence[Word], at: int) -> set[str]:
    """The colours of the thing at a place among words: those before it, or after an "is"."""
    shades, found = vocabulary().shades(), set[str]()
    for word in reversed(words[max(0, at - 5) : at]):
        if word.low in ("of", "with", "over", "his", "her", "their", "the", "a", "an"):
            break
        if word.low in shades:
            found.add(shades[word.low])
    after = [w.low for w in words[at + 1 : at + 5]]
    if after and after[0] in ("is", "are", "was"):
        found |= {shades[w] for w in after if w in shades}
    return found


def _is_worn(kind: str, words: Sequence[Word], at: int) -> bool:
    """Whether a garment is on somebody, and not on a hook: it is somebody's, or worn."""
    before = {w.low for w in words[max(0, at - 4) : at]}
    return bool(before & {"her", "his", "their", "wears", "wearing", "in"}) or any(
        re.match(r"qp\d+q['’]s", w.low) for w in words[max(0, at - 4) : at]
    )
