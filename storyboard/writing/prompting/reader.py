"""Whom each word of a text about a picture is about.

A text is read sentence by sentence: each word belongs to whoever was named last, or whom its
pronoun means. "Opposite her on the right, Kofi frowns" is about Kofi: her is only whom he faces.

Knows: names, pronouns, sentences (`prompts/prompter/claims.yaml`). Does not know: what is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from pydantic import BaseModel, ConfigDict

from renderers.scene import Presentation
from storyboard.core.prompt_files import prompt_data

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.!?;:,]")
_ENDS, _PAUSES = frozenset(".!?;"), frozenset(",:")
_BEFORE_AN_OBJECT = frozenset(
    {
        "of",
        "to",
        "towards",
        "toward",
        "at",
        "with",
        "beside",
        "behind",
        "by",
        "for",
        "past",
        "along",
    }
    | {"near", "opposite", "facing", "meets", "meet", "around", "like", "below", "above", "against"}
    | {"over", "between", "beneath", "under", "into", "onto", "across", "before", "watches", "than"}
)
_ARTICLES = frozenset({"the", "a", "an"})
PRONOUNS: Mapping[str, Presentation] = {
    **dict.fromkeys(("he", "him", "his", "himself"), "masculine"),
    **dict.fromkeys(("she", "her", "hers", "herself"), "feminine"),
}
_PLURAL = frozenset({"they", "their", "them", "both", "everyone", "everybody"})


class Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    garments: list[list[str]]
    hair: list[list[str]]
    colours: list[list[str]]
    people: list[str]
    masculine: list[str]
    feminine: list[str]
    open: list[str]
    closed: list[str]

    def kinds(self) -> dict[str, str]:
        """Garments and hair by each of their names."""
        return {name: group[0] for group in (*self.garments, *self.hair) for name in group}

    def shades(self) -> dict[str, str]:
        return {name: group[0] for group in self.colours for name in group}


@cache
def vocabulary() -> Words:
    return Words.model_validate(prompt_data("prompter/claims.yaml"))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the picture, as the records have them, from left to right."""

    name: str
    presentation: Presentation
    looks: str
    """Appearance and wardrobe."""
    speaks: bool = False


@dataclass(slots=True)
class Word:
    low: str
    start: int
    end: int
    owner: frozenset[int] = frozenset()
    """Numbers of the people that it is about."""
    named: int | None = None
    """Of a word that names somebody as one who does something."""


@dataclass(slots=True)
class Clause:
    """Words between two commas."""

    words: list[Word]
    subject: int | None
    """Who the sentence is about so far."""
    later: list[Clause] = field(default_factory=list["Clause"])
    """The clauses after it in its sentence."""

    @property
    def named(self) -> int | None:
        return next((w.named for w in self.words if w.named is not None), None)


class Reader:
    """The clauses of a text. `people` are those in the picture."""

    def __init__(self, text: str, people: Sequence[Person]) -> None:
        self.people = list(people)
        self.text = self._with_numbers(text).lower()
        self.clauses = list(self._read())

    def _with_numbers(self, text: str) -> str:
        """The text with a sign for each name: names are of many words, or common ones."""
        order = sorted(range(len(self.people)), key=lambda i: -len(self.people[i].name))
        for number in order:
            name = re.escape(self.people[number].name)
            text = re.sub(rf"(?<!\w){name}(?=['’]s\b|\b)", f"qp{number}q", text)
        return text

    # --- reading ------------------------------------------------------------

    def _read(self) -> Iterator[Clause]:
        last: dict[str, int] = {}
        for sentence in self._sentences():
            yield from self._sentence(sentence, last)

    def _sentences(self) -> Iterator[list[list[Word]]]:
        sentence: list[list[Word]] = [[]]
        for match in _TOKEN.finditer(self.text):
            if match[0] in _ENDS:
                yield [c for c in sentence if c]
                sentence = [[]]
            elif match[0] in _PAUSES:
                sentence.append([])
            else:
                sentence[-1].append(Word(match[0], match.start(), match.end()))
        yield [c for c in sentence if c]

    def _sentence(self, sentence: list[list[Word]], last: dict[str, int]) -> Iterator[Clause]:
        subject: int | None = None
        clauses: list[Clause] = []
        for words in sentence:
            clause = Clause(words, subject)
            owner: frozenset[int] | None = None
            for at, word in enumerate(words):
                who, does = self._meant(words, at, subject, last)
                if who:
                    single = next(iter(who)) if len(who) == 1 else None
                    if single is not None:
                        last[self.people[single].presentation] = single
                    if does and single is not None:
                        word.named = subject = single
                        owner = None
                    else:
                        owner = who
                word.owner = (
                    owner if owner is not None else frozenset(() if subject is None else [subject])
                )
            clause.subject = subject if clause.subject is None else clause.subject
            clauses.append(clause)
        for at, clause in enumerate(clauses):
            clause.later = clauses[at + 1 :]
        yield from clauses

    def _meant(
        self, words: list[Word], at: int, subject: int | None, last: Mapping[str, int]
    ) -> tuple[frozenset[int], bool]:
        """Whom a word means, and whether as the one who does something."""
        low = words[at].low
        before = next((w.low for w in reversed(words[:at]) if w.low not in _ARTICLES), "")
        alone = before not in _BEFORE_AN_OBJECT
        if match := re.match(r"qp(\d+)q(['’]s)?$", low):
            owned = bool(match[2]) and at + 1 < len(words)
            return frozenset([int(match[1])]), alone and not owned
        if presentation := PRONOUNS.get(low):
            who = self._of(presentation, subject, last)
            return (frozenset() if who is None else frozenset([who])), low in ("he", "she") or (
                low in ("his", "her") and at == 0 and subject is None
            )
        if low in _PLURAL and len(self.people) > 1:
            neutral = subject is not None and self.people[subject].presentation == "neutral"
            if neutral and low in ("they", "their", "them"):
                return frozenset(() if subject is None else [subject]), False
            return frozenset(range(len(self.people))), False
        if low in (*vocabulary().masculine, *vocabulary().feminine) and before == words[at - 1].low:
            return frozenset(), False
        if (who := self._described(words, at)) is not None:
            return frozenset([who]), alone
        return frozenset(), False

    def _of(self, presentation: str, subject: int | None, last: Mapping[str, int]) -> int | None:
        if subject is not None and self.people[subject].presentation in (presentation, "neutral"):
            return subject
        if presentation in last:
            return last[presentation]
        fits = [i for i, p in enumerate(self.people) if p.presentation == presentation]
        return fits[0] if len(fits) == 1 else None

    def _described(self, words: list[Word], at: int) -> int | None:
        """Who "the girl" is, where only one can be meant."""
        if not any(w.low == "the" for w in words[max(0, at - 2) : at]):
            return None
        for presentation in ("masculine", "feminine"):
            if words[at].low in getattr(vocabulary(), presentation):
                fits = [i for i, p in enumerate(self.people) if p.presentation == presentation]
                return fits[0] if len(fits) == 1 else None
        return None


def words_of(text: str) -> list[Word]:
    return [Word(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
