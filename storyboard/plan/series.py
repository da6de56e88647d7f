"""A series: a folder of films with `series.yaml` in it, which says what all of them share.

Whatever lies in that folder is an episode. The past ideas are the plans that lie there.

Knows: the file, who is who by name, what earlier episodes said. Does not know: how a film is planned.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from renderers.scene import AgeGroup, Presentation
from storyboard.core.directory import Directory, Linked
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.core.files import read_given
from storyboard.core.strict_records import Record, describe_errors
from storyboard.core.yaml_text import parse_yaml
from storyboard.plan.caption_look import CAPTIONS
from storyboard.plan.casting import with_looks
from storyboard.plan.elements import Aspect, Character, Text, Voice
from storyboard.plan.languages import Language
from storyboard.plan.records import Plan, load_plan
from storyboard.plan.styles import STYLES

FILE, CAST = "series.yaml", "cast"
SHOWN = 30
"""Earlier episodes that a planner is told of, the newest first."""
_LOOKS = ("being", "age", "presentation", "appearance", "wardrobe", "personality")


class Person(Record):
    """Somebody who comes back; what stands here goes before what an episode says."""

    name: Text = Field(min_length=1, max_length=60)
    role: Text = ""
    being: Text = ""
    age: AgeGroup | None = None
    presentation: Presentation | None = None
    appearance: Text = ""
    wardrobe: Text = ""
    personality: Text = ""
    voice: Voice | None = None


class Bible(Record):
    """What the episodes of a series share."""

    title: Text = Field(min_length=1, max_length=120)
    about: Text = ""
    gags: list[Text] = Field(default_factory=list[str], max_length=20)
    """What comes back, each time a little further."""
    people: list[Person] = Field(default_factory=list[Person], max_length=12)
    format: str = ""
    language: Language | None = None
    aspect: Aspect | None = None
    style: str | None = None
    captions: str | None = None
    hooks: int = Field(default=0, ge=0, le=9)
    """First seconds that each episode is made with (`storyboard hooks`)."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series as one of its episodes sees it: without itself, the newest first."""

    bible: Bible
    earlier: tuple[Plan, ...] = ()

    def told(self) -> list[str]:
        """What a planner has to know, line by line."""
        bible = self.bible
        lines = [f"Series: {bible.title}. {bible.about}".rstrip()]
        if bible.people:
            lines += ["Its people, by these names and looks, in the roles that fit them:"]
            lines += [f"- {person.name}: {_described(person)}" for person in bible.people]
        if bible.gags:
            lines += ["What comes back, one of it and a little further than before:"]
            lines += [f"- {gag}" for gag in bible.gags]
        if self.earlier:
            lines += ["Told already; neither its turns nor its jokes again, but it has happened:"]
            lines += [f"- {_summary(plan)}" for plan in self.earlier[:SHOWN]]
        return lines

    def said(self) -> list[str]:
        """Every line of earlier episodes."""
        hooks = [plan.hook.line for plan in self.earlier if plan.hook]
        return [*hooks, *(b.line for plan in self.earlier for b in plan.beats if b.line)]

    def people_of(self, plan: Plan, voices: Collection[str]) -> Plan:
        """The plan with everybody who is known as they are known: by the file, else as they were
        the last time, and sounded, where that is one of the `voices`."""
        return plan.model_copy(update={"cast": [self._known(c, voices) for c in plan.cast]})

    def _known(self, character: Character, voices: Collection[str]) -> Character:
        name = character.name.casefold()
        person = next((p for p in self.bible.people if p.name.casefold() == name), None)
        changes: dict[str, object] = {}
        if person is not None:
            changes = {part: value for part in _LOOKS if (value := getattr(person, part))}
            changes |= {"voice": person.voice} if person.voice else {}
        asked = character.model_copy(update=changes)
        met = ((p, c) for p in self.earlier for c in p.cast if c.name.casefold() == name)
        if (last := next(met, None)) is None:
            return asked
        plan, before = last
        found = _face(asked, before, plan)
        heard = before.voice
        if heard and not asked.voice and (heard.kind != "preset" or heard.preset in voices):
            found["voice"] = heard
        return asked.model_copy(update=found)


def _face(now: Character, before: Character, plan: Plan) -> dict[str, object]:
    """The drawn face, where its words are the same."""
    same = all(getattr(now, part) == getattr(before, part) for part in _LOOKS[:-1])
    return {"avatar": with_looks(plan).character(before.id).avatar} if same else {}


def _described(person: Person) -> str:
    parts = (person.role, person.being, person.age, person.presentation, person.appearance)
    return "; ".join(filter(None, [*parts, person.wardrobe, person.personality])) or "as you like"


def _summary(plan: Plan) -> str:
    last = next((beat.line for beat in reversed(plan.beats) if beat.line), "")
    return f"“{plan.title}” ({plan.idea}). It ends: {last}"


def bible_in(folder: Path) -> Bible | None:
    """What the films in `folder` share; None: it is no series.

    Raises:
        UsageError: its `series.yaml` does not hold.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        bible = Bible.model_validate(parse_yaml(read_given(path)))
    except ValidationError as error:
        raise UsageError(f"{path}: {'; '.join(describe_errors(error, 'series'))}") from None
    except ValueError as error:
        raise UsageError(f"{path} {error}") from None
    # Told here, before a model is asked for anything.
    if bible.style:
        STYLES.load(bible.style)
    if bible.captions:
        CAPTIONS.load(bible.captions)
    return bible


def shared(folder: Path) -> dict[str, Any]:
    """Format, language, aspect and number of hooks of the films in `folder`, as far as its series
    says.

    Raises:
        UsageError: its `series.yaml` does not hold.
    """
    bible = bible_in(folder)
    given = bible.model_dump(include={"format", "language", "aspect", "hooks"}) if bible else {}
    return {name: value for name, value in given.items() if value}


def series_of(film: Path) -> Series | None:
    """The series that a film's folder lies in, with its other episodes; a dub, another shape or
    another hook of an episode is none of its own."""
    film = film.absolute()
    bible = bible_in(film.parent)
    if bible is None:
        return None
    told: dict[str, Plan] = {}
    for plan in plans_beside(film):
        if plan.original is None:
            told.setdefault(plan.idea, plan)
    return Series(bible, tuple(told.values()))


def plans_beside(film: Path) -> Iterator[Plan]:
    """The plans in the folders beside a film's, the newest first; one that does not hold is nobody's
    concern here."""
    dated: list[tuple[float, Path]] = []
    beside = Directory(film.parent)
    for name in beside.names():
        # Neither through a link nor from a pipe, where one would wait for ever.
        with suppress(OSError, Linked):
            if name != film.name and beside.holds(f"{name}/plan.json"):
                path = beside.at(f"{name}/plan.json")
                dated.append((path.stat().st_mtime, path))
    for _, path in sorted(dated, reverse=True):
        with suppress(StoryboardError):
            yield load_plan(path)
