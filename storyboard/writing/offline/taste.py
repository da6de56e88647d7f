"""Looks at an idea before anything is written of it: what no film jokes about.

A grave subject gets a sober film where that is decent, and none where it is not. Somebody whom
nobody knows is not made fun of by name; somebody whom everybody knows is parodied, and the film
says so. The words are data (`prompts/writer/taste.yaml`), comic death and idioms included:
a false alarm spoils a film as well.

Knows: subjects, people, formats' names. Does not know: how a film is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from storyboard.core.errors import UsageError
from storyboard.core.prompt_files import prompt_data
from storyboard.core.strict_records import Record
from storyboard.plan import Language
from storyboard.writing.offline.heavy import heavy, uneasy
from storyboard.writing.offline.morphemes import family_and_given

ROMANTIC = "consent_dilemma"
"""A film of a kiss: adults in every word of it."""
SOBER = ("comedy_5", "explainer")
"""Formats that can be told without a joke; the others are made of one."""

Words = dict[Language, list[str]]


class Subject(Record):
    """Something that no joke is made of."""

    id: str
    verdict: Literal["sober", "refused"]
    name: dict[Language, str]
    way_on: str = ""
    told: bool = False
    """It may be told itself, quietly; of others only the subject is named."""
    en: list[str]
    ja: list[str]


class People(Record):
    public: list[str]
    others: list[str]


class Taste(Record):
    """The whole of `taste.yaml`."""

    subjects: list[Subject]
    not_meant: Words
    minors: Words
    not_minors: Words
    adults_only: Words
    romance: Words
    sad: Words
    moving: Words
    jokes: Words
    people: People
    first_names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be made of an idea."""

    kind: Literal["free", "sober", "refused"] = "free"
    subject: str = ""
    """Id of the grave subject, "" for none."""
    name: str = ""
    """What the subject is called in the language of the film."""
    reason: str = ""
    way_on: str = ""
    parody: tuple[str, ...] = ()
    """People in it whom everybody knows."""
    sad: bool = False
    """To be laughed about, but not to a playful tune."""


_HEAVY = Subject(
    id="heavy",
    verdict="sober",
    name={"en": "something grave", "ja": "つらい出来事"},
    en=[],
    ja=[],
)
"""What no word tells, and the whole sentence does."""


class IdeaRefused(UsageError):
    """No film is made of this idea."""


@cache
def taste() -> Taste:
    return Taste.model_validate(prompt_data("writer/taste.yaml"))


@lru_cache(256)
def judge(idea: str, language: Language, format: str = "comedy_5") -> Verdict:
    """What may be made of `idea` in this format. Reads both languages, whatever the film's."""
    meant = _without(idea, taste().not_meant)
    subject = next((s for s in taste().subjects if _met(meant, {"en": s.en, "ja": s.ja})), None)
    grown = _without(idea, taste().not_minors)
    minors = _met(grown, taste().minors)
    if subject is not None and subject.verdict == "refused":
        return _refusal(subject.id, subject.name.get(language, subject.name["en"]), subject.way_on)
    if minors and _met(idea, taste().romance):
        return _refusal(
            "minors",
            "minors in something romantic",
            "say that they are adults, or leave romance out",
        )
    if format == ROMANTIC and (minors or _met(grown, taste().adults_only)):
        return _refusal(
            "minors",
            "minors, family or people in somebody's charge, in a film about a kiss",
            "name adults who owe each other nothing, or take another --format",
        )
    private = _private(idea)
    if private:
        return _refusal(
            "private_person",
            f"'{private}', who reads like a private person's full name",
            'leave the surname out, or say what they are instead of who ("my boss")',
        )
    if subject is not None:
        return _grave(subject, language, format)
    # An idiom that was taken out weighs in its meaning as well.
    if format in SOBER and meant == idea and heavy(idea):
        return _grave(_HEAVY, language, format)
    return Verdict(parody=_public(idea), sad=bool(_met(idea, taste().sad)))


def admit(idea: str, language: Language, format: str) -> Verdict:
    """`judge`, where a refusal ends it.

    Raises:
        IdeaRefused: no film is made of this idea in this format; the message has the way on.
    """
    verdict = judge(idea, language, format)
    if verdict.kind == "refused":
        raise IdeaRefused(f"no film is made of this idea: {verdict.reason}. {verdict.way_on}")
    return verdict


def moving(idea: str) -> bool:
    """Whether an idea wants to move and not to amuse: one that says neither is a comedy."""
    return bool(_met(idea, taste().moving)) and not joking(idea)


def touching(idea: str) -> bool:
    """Whether an idea may be grave, by its meaning: it is no idiom, and does not ask for a laugh."""
    return _without(idea, taste().not_meant) == idea and uneasy(idea) and not joking(idea)


def joking(idea: str) -> bool:
    """Whether an idea says that it is to be laughed at."""
    return bool(_met(idea, taste().jokes))


def told_quietly(verdict: Verdict, idea: str) -> bool:
    """Whether a grave idea may be told as it stands, in a frame that moves."""
    subject = next((s for s in taste().subjects if s.id == verdict.subject), None)
    told = subject is not None and subject.told
    if verdict.subject == _HEAVY.id:
        told = moving(idea) or idea.endswith("日")
    return told and not joking(idea)


def written_amiss(lines: Iterable[str], format: str) -> str:
    """What is wrong in taste with lines that somebody else wrote; "" if nothing is."""
    for line in lines:
        meant = _without(line, taste().not_meant)
        for subject in taste().subjects:
            if subject.verdict == "refused" and (
                word := _met(meant, {"en": subject.en, "ja": subject.ja})
            ):
                return f"'{word}' is no matter for a joke: {subject.name['en']}"
        word = _met(_without(line, taste().not_minors), taste().minors)
        if word and (format == ROMANTIC or _met(line, taste().romance)):
            return f"'{word}': nobody is a minor in anything romantic"
    return ""


def _grave(subject: Subject, language: Language, format: str) -> Verdict:
    name = subject.name.get(language, subject.name["en"])
    if format not in SOBER:
        return _refusal(
            subject.id,
            f"it is about {subject.name['en']}, and this format is made of a joke",
            "--format explainer or comedy_5 tells it soberly, with calm music",
        )
    return Verdict("sober", subject.id, name, f"it is about {subject.name['en']}")


def _refusal(subject: str, name: str, way_on: str) -> Verdict:
    reason = name if name.startswith("it is") else f"it is about {name}"
    return Verdict("refused", subject, name, reason, f"The way on: {way_on}.")


def _met(text: str, words: Words) -> str:
    """The first of `words` in `text`; "" for none."""
    found = _english(tuple(words["en"])).search(text)
    if found:
        return found[0]
    return next((word for word in words["ja"] if word in text), "")


def _without(text: str, words: Words) -> str:
    left = _english(tuple(words["en"])).sub(" … ", text)
    for word in words["ja"]:
        left = left.replace(word, "…")
    return left


@cache
def _english(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # A pattern that begins with (?-i:…) keeps its capital: Death is somebody, death is not.
    return re.compile(rf"(?<![A-Za-z])(?:{'|'.join(patterns)})(?![A-Za-z])", re.IGNORECASE)


def _public(idea: str) -> tuple[str, ...]:
    people = taste().people.public
    return tuple(
        name
        for name in people
        if re.search(rf"(?<!\w){re.escape(name)}", idea, re.I)
        or (not name.isascii() and name in idea)
    )


def _private(idea: str) -> str:
    """A first and a last name of somebody whom not everybody knows; "" for none."""
    known = [*taste().people.public, *taste().people.others]
    for match in re.finditer(r"\b([A-ZÄÖÜ][a-zäöüéè]+) ((?:[A-Z]\. ?)?[A-ZÄÖÜ][\wäöüéè'-]+)", idea):
        told = match[0]
        if match[1] in taste().first_names and not _listed(told, known) and not _title(idea):
            return told
    if (met := _RELATED.search(idea)) and not _listed(met[1], known):
        return met[1]
    for told in family_and_given(idea):
        if not _listed(told, known):
            return told
    return ""


_RELATED = re.compile(
    r"\b(?:[Mm]y|[Oo]ur) (?:\w+ )?(?:ex|boss|neighbou?r|teacher|colleague|coworker|friend|landlord|landlady|"
    r"boyfriend|girlfriend|classmate|doctor|dentist|manager|roommate|husband|wife|professor),? "
    r"([A-Z][a-zäöüéè]+ [A-Z][a-zäöüéè'-]+)"
)
"""Whom only the writer knows: no list has all first names."""


def _listed(name: str, known: Sequence[str]) -> bool:
    low = name.lower()
    return any(k.lower() in low or low in k.lower() for k in known)


def _title(idea: str) -> bool:
    """Whether Every Word Has a Capital, so that none is a name for it."""
    words = re.findall(r"[A-Za-z]{4,}", idea)
    return len(words) >= 4 and sum(w[0].isupper() for w in words) > 0.8 * len(words)
