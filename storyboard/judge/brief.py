"""What a picture must show, in the plan's words: the judge's side of an image prompt.

Knows: plans, and which checks make sense for a picture. Does not know: models, pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from pydantic import TypeAdapter

from renderers.scene import Expression
from storyboard.judge.rubric import Check, Kind, Measure, Need, Rule, rubric
from storyboard.plan import Beat, Character, Hook, Plan, Setting
from storyboard.plan.naming import character_name, english, indefinite, join, noun, place_name
from storyboard.plan.referred import Referred
from storyboard.plan.staging import HOOK_HEADROOM
from storyboard.writing.prompting.template import letterings
from storyboard.writing.prompting.terms import terms
from storyboard.writing.prompting.wording import Picture, shot_of, shot_terms

_NUMBERS = {1: "one person", 2: "two people", 3: "three people", 4: "four people"}


@dataclass(frozen=True, slots=True)
class Brief:
    """The wanted picture. `words` fill the places in the rubric's statements."""

    kind: Kind
    holds: tuple[Need, ...]
    words: Mapping[str, str]
    shape: tuple[int, int]
    """Width and height of the canvas."""
    headroom: float = 0.0
    """Fraction of the height at the top that must stay calm."""

    def document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return TypeAdapter(cls).validate_python(dict(document))

    def measures(self) -> list[Measure]:
        return [rule for rule in rubric().measures if self._takes(rule)]

    def checks(self) -> list[Check]:
        return [rule for rule in rubric().checks if self._takes(rule)]

    def say(self, statement: str) -> str:
        """A statement of the rubric about this picture."""
        return statement.format_map(self.words)

    def _takes(self, rule: Rule) -> bool:
        return rule.applies(self.kind, frozenset(self.holds))


def brief_of(plan: Plan, record: Hook | Beat) -> Brief:
    """What the picture of a shot must show."""
    if isinstance(record, Hook):
        return hook_brief(plan, record, HOOK_HEADROOM)
    return beat_brief(plan, record)


def beat_brief(plan: Plan, beat: Beat) -> Brief:
    cast = [plan.character(id) for id in beat.cast]
    focus = beat.focus
    faces: list[tuple[Character, Expression]] = [
        (c, beat.expression if c.id == focus else beat.reactions.get(c.id, "neutral")) for c in cast
    ]
    holds: list[Need] = ["people" if cast else "empty"]
    if cast and beat.shot.orientation != "back view":
        holds.append("faces")
    # Who is heard but not seen moves nobody's lips.
    holds.append("speaker" if beat.speaker in beat.cast else "silent")
    action = english(plan, beat.action).strip(" .")
    if action:
        holds.append("action")
    words = {
        **_words(plan, cast, plan.setting(beat.setting), beat),
        "speaker": join([character_name(c) for c in cast if c.id == beat.speaker]),
        "faces": join([f"{character_name(c)} {terms().expressions[face]}" for c, face in faces]),
        "action": action,
    }
    return Brief("beat", tuple(holds), words, _shape(plan))


def hook_brief(plan: Plan, hook: Hook, headroom: float) -> Brief:
    cast = [plan.character(id) for id in hook.cast]
    face = terms().expressions[hook.expression]
    words = {
        **_words(plan, cast, plan.setting(hook.setting), hook),
        "faces": join([f"{character_name(c)} {face}" for c in cast]),
    }
    holds: tuple[Need, ...] = ("people", "faces", "silent") if cast else ("empty",)
    if hook.shot.orientation == "back view":
        holds = tuple(need for need in holds if need != "faces")
    return Brief("hook", holds, words, _shape(plan), headroom)


def character_brief(plan: Plan, character: Character) -> Brief:
    return Brief(
        "character",
        ("people", "faces"),
        {**_words(plan, [character], None, character), "place": "a plain light grey studio wall"},
        _shape(plan),
    )


def setting_brief(plan: Plan, setting: Setting) -> Brief:
    return Brief("setting", ("empty",), _words(plan, [], setting, setting), _shape(plan))


def role_of(plan: Plan, reference: str) -> str:
    """What a reference picture shows the judge."""
    kind, name = Referred.of(reference)
    match kind:
        case "setting":
            return f"the place, {place_name(plan.setting(name))}, without people"
        case "character":
            return f"{character_name(plan.character(name))}, on a reference sheet"
        case "beat":
            return "another picture of the film, the moment before"
        case _:
            return "a further reference"


def _shape(plan: Plan) -> tuple[int, int]:
    return plan.canvas.width, plan.canvas.height


def _words(
    plan: Plan, cast: Sequence[Character], setting: Setting | None, picture: Picture
) -> dict[str, str]:
    names = join([character_name(character) for character in cast])
    read = letterings(plan, picture)
    count = f"{_NUMBERS[len(cast)]}, {names}," if cast else "nobody"
    return {
        "names": names,
        "count": count,
        "looks": "; ".join(_looks(character) for character in cast),
        "place": _place(setting) if setting else "",
        "lettering": join([f'"{words}"' for words in read]) or "none at all",
        "shot": shot_terms(shot_of(picture)),
        "style": _style(plan, setting),
        "speaker": "",
        "faces": "",
        "action": "",
    }


def _looks(character: Character) -> str:
    parts = [
        f"{character_name(character)} is {indefinite(noun(character))}",
        character.appearance.strip(" ."),
        character.wardrobe.strip(" ."),
    ]
    return ", ".join(part for part in parts if part)


def _place(setting: Setting) -> str:
    what = setting.description.strip(" .") or terms().places[setting.place]
    return f"{indefinite(place_name(setting))}, {what}"


def _style(plan: Plan, setting: Setting | None) -> str:
    style = plan.style.description.strip(" .") or terms().default_style
    return f"{terms().light[setting.time_of_day]}; {style}" if setting else style
