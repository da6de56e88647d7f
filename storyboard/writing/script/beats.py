"""From the elements of a script to the beats, people and places of films.

Knows: what an element becomes. Does not know: dialects, where films end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import capwords

from anyascii import anyascii

from renderers.scene import TimeOfDay
from storyboard.plan import Beat, Character, Language, Setting
from storyboard.plan.elements import ShotPlan, Transition
from storyboard.plan.languages import ABOUT, plain
from storyboard.plan.naming import romanised
from storyboard.plan.records import NARRATOR
from storyboard.writing.script.elements import Element, Script
from storyboard.writing.script.split import split_line
from storyboard.writing.script.words import (
    Where,
    age_of,
    expression_of,
    is_narrator,
    is_silence,
    presentation_of,
    transition_of,
    where,
)

EASY_SECONDS = 9.0
"""Of a beat's line; what is longer is parted where a sentence ends."""
MOST_SECONDS = 18.0
"""Of a sentence in one beat."""
MOST_ACTION = 900
"""Characters of action in one beat."""
IN_FRAME = 3
SILENT_SECONDS = 2.5
PAUSE = 0.4
_STAGE = {"ja": "舞台", "en": "Stage"}
_ALONE = {"ja": "語り手", "en": "Speaker"}
_SHOTS = (
    ShotPlan(scale="medium shot"),
    ShotPlan(scale="close-up"),
    ShotPlan(scale="medium close-up"),
    ShotPlan(scale="medium full shot"),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A beat, and where in the script it stands."""

    beat: Beat
    scene: int
    seconds: float
    """How long its line is spoken."""
    goes_on: bool = False
    """Whether it says more of the line before."""


@dataclass(frozen=True, slots=True)
class Story:
    """A whole script as beats."""

    title: str
    language: Language
    people: tuple[Character, ...]
    places: tuple[Setting, ...]
    told: tuple[Told, ...]


def story_of(script: Script, language: Language) -> Story:
    """People, places and beats of a script, however long it is."""
    return _Teller(script, language).story()


@dataclass(slots=True)
class _Waiting:
    """What the next beat begins with."""

    action: list[str] = field(default_factory=list[str])
    transition: Transition = "cut"

    def take(self) -> tuple[str, Transition]:
        taken = " ".join(self.action), self.transition
        self.action, self.transition = [], "cut"
        return taken


class _Teller:
    def __init__(self, script: Script, language: Language) -> None:
        self.script = script
        self.language: Language = language
        self.alone = all(not e.who or is_narrator(e.who) for e in script.lines)
        self.people = self._people()
        self.places: dict[tuple[str, TimeOfDay], Setting] = {}
        self.told: list[Told] = []
        self.waiting = _Waiting()

    def story(self) -> Story:
        time: TimeOfDay = "day"
        for number, (heading, elements) in enumerate(self._scenes()):
            # Without a heading it is nowhere: what its name would draw was not asked for.
            nowhere = Where(_STAGE.get(self.language, _STAGE["en"]), "abstract", None, None)
            found = where(heading, self.language) if heading else nowhere
            time = found.time or time
            key = (found.name.casefold(), time)
            if key not in self.places:
                outside = {True: "outdoors", False: "indoors", None: ""}[found.outside]
                taken = [place.id for place in self.places.values()]
                self.places[key] = Setting(
                    id=self._id(found.name, taken, "place"),
                    name=found.name,
                    place=found.place,
                    time_of_day=time,
                    description=outside,
                )
            self._scene(number, self.places[key].id, elements)
        people, places = tuple(self.people.values()), tuple(self.places.values())
        return Story(self.script.title, self.language, people, places, tuple(self.told))

    def _people(self) -> dict[str, Character]:
        """Everybody who speaks, by the name that stands in the script."""
        told = " ".join(e.text for e in self.script.elements if e.kind == "action")
        people: dict[str, Character] = {}
        for line in self.script.lines:
            if line.who.casefold() in people or (is_narrator(line.who) and not self.alone):
                continue
            name = line.who or _ALONE.get(self.language, _ALONE["en"])
            introduced = re.search(
                rf"(?<!\w){re.escape(name)}\s*[(（]([^()（）]+)[)）]", told, re.I
            )
            about = introduced[1].strip() if introduced else ""
            people[line.who.casefold()] = Character(
                id=self._id(name, [*(c.id for c in people.values()), NARRATOR], "person"),
                name=capwords(name) if name.isascii() and name.isupper() else name,
                appearance=about,
                age=age_of(name, about),
                presentation=presentation_of(name),
            )
        return people

    def _scenes(self) -> Iterator[tuple[str, list[Element]]]:
        heading, elements = "", list[Element]()
        for element in self.script.elements:
            if element.kind == "scene":
                if elements:
                    yield heading, elements
                heading, elements = element.text, []
            else:
                elements.append(element)
        if elements:
            yield heading, elements

    def _scene(self, number: int, setting: str, elements: Sequence[Element]) -> None:
        lines = [e for e in elements if e.kind == "line"]
        present = list(dict.fromkeys(i for e in lines if (i := self._seen(e)) is not None))
        first, spoken = len(self.told), 0
        for element in elements:
            if element.kind == "transition":
                self._silence(number, setting, present)
                self.waiting.transition = transition_of(element.text)
            elif element.kind == "action":
                for part in split_line(element.text, MOST_ACTION, MOST_ACTION):
                    if sum(map(len, self.waiting.action)) + len(part) > MOST_ACTION:
                        self._silence(number, setting, present)
                    self.waiting.action.append(part)
            elif not any(c.isalnum() for c in element.text):
                # "…" is said by a face.
                self.waiting.action.append(f"{element.who}: {element.text}")
                self._silence(number, setting, present)
            else:
                shot = _SHOTS[3] if len(self.told) == first else _SHOTS[spoken % 3]
                near = self._near(lines, spoken, present)
                self._line(element, number, setting, near, shot)
                spoken += 1
        self._silence(number, setting, present)

    def _seen(self, line: Element) -> str | None:
        """Id of who is seen to say a line."""
        person = self.people.get(line.who.casefold())
        return None if line.unseen or person is None else person.id

    def _id(self, name: str, taken: Sequence[str], kind: str) -> str:
        """An identifier of a name in any script, which nobody else has."""
        latin = anyascii(romanised(name) if self.language == "ja" else name).lower()
        stem = re.sub(r"[^a-z0-9]+", "_", latin).strip("_")[:26].strip("_")
        stem = stem if stem[:1].isalpha() else f"{kind}_{stem}".strip("_")
        count = 1
        while (found := stem if count == 1 else f"{stem}_{count}") in taken:
            count += 1
        return found

    def _said_by(self, line: Element) -> str:
        person = self.people.get(line.who.casefold())
        return NARRATOR if person is None else person.id

    def _near(self, lines: Sequence[Element], at: int, present: list[str]) -> list[str]:
        """Who is in frame with a line: all of a small scene, else those who talk just now."""
        lines = [line for line in lines if any(c.isalnum() for c in line.text)]
        if len(present) <= IN_FRAME:
            return present
        around = [
            self._seen(line) for line in (lines[at], *lines[at + 1 : at + 2], *reversed(lines[:at]))
        ]
        talking = list(dict.fromkeys(i for i in around if i is not None))[:2]
        return [i for i in present if i in talking]

    def _line(
        self, line: Element, scene: int, setting: str, near: list[str], shot: ShotPlan
    ) -> None:
        about = ABOUT[self.language]
        face, hushed = expression_of(line.how), is_silence(line.how)
        if line.how and face is None and not hushed:
            self.waiting.action.append(line.how)
        if hushed and self.told and not self.waiting.action:
            before = self.told[-1]
            longer = before.beat.model_copy(update={"pause": 1.2})
            self.told[-1] = Told(longer, before.scene, before.seconds, before.goes_on)
            # A pause changes nobody's mind.
            face = before.beat.expression if before.beat.speaker == self._said_by(line) else None
        seen = self._seen(line)
        alone = seen is not None and shot.scale in ("close-up", "medium close-up")
        parts = split_line(
            line.text, round(EASY_SECONDS * about.rate), round(MOST_SECONDS * about.rate)
        )
        for number, part in enumerate(parts):
            action, transition = self.waiting.take()
            seconds = len(plain(part)) / about.rate
            beat = Beat(
                index=1,
                type="line",
                speaker=self._said_by(line),
                line=part,
                expression=(face if seen else None) or "neutral",
                action=action,
                shot=shot,
                setting=setting,
                cast=[seen] if alone and seen is not None else near,
                duration=round(min(20.0, max(1.0, seconds + PAUSE)), 1),
                pause=PAUSE,
                transition=transition,
            )
            self.told.append(Told(beat, scene, seconds, number > 0))

    def _silence(self, scene: int, setting: str, present: Sequence[str]) -> None:
        """A beat of what happens without a word, if anything waits to be told."""
        if not self.waiting.action:
            return
        action, transition = self.waiting.take()
        named = [c.id for c in self.people.values() if _named(c.name, action)]
        beat = Beat(
            index=1,
            type="action",
            action=action,
            shot=_SHOTS[3],
            setting=setting,
            cast=(named or list(present))[:IN_FRAME],
            duration=SILENT_SECONDS,
            transition=transition,
        )
        self.told.append(Told(beat, scene, 0.0))


def _named(name: str, action: str) -> bool:
    """Whether somebody is told of by name: Tom is in "Tom waits", not in "tomorrow"."""
    edge = (r"(?<!\w)", r"(?!\w)") if name.isascii() else ("", "")
    either = f"{re.escape(name)}|{re.escape(name.upper())}"
    return re.search(f"{edge[0]}(?:{either}){edge[1]}", action) is not None
