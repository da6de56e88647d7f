"""What another writer starts from: an offline draft, slot by slot, with a question for each.

The frame is the structure and the net. Whoever fills it (a small model, a person) is asked one
short question a slot; what does not hold up is left as the draft has it.

Knows: plans, formats. Does not know: models, how answers are judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storyboard.plan import NARRATOR, Plan
from storyboard.plan.formats import Format
from storyboard.plan.records import Language
from storyboard.writing.offline.draft import write_plan
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.match import Nearness
from storyboard.writing.offline.reading import Reading

TITLE_LIMIT: dict[Language, int] = {"en": 40, "ja": 18}


@dataclass(frozen=True, slots=True)
class DraftSlot:
    """One line to be written: what it is for, and what the draft says there."""

    id: str
    """`hook`, `title`, or a beat's number."""
    question: str
    """What to ask for, in English prose."""
    draft: str
    limit: int
    """Characters that can be said in the time there is."""
    speaker: str = ""
    """Name of who says it; "" for the narrator and the title."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A film to be filled: the draft whole, what was understood, and every slot in film order."""

    plan: Plan
    reading: Reading
    slots: tuple[DraftSlot, ...]


def outline(
    idea: str,
    format: Format,
    language: Language,
    seed: int = 42,
    nearness: Nearness | None = None,
) -> Outline:
    """The draft of `idea` as slots; another `seed` takes another frame.

    Raises:
        UsageError: as `write_plan`, a refusal of the idea included.
    """
    plan = write_plan(idea, format, language, seed=seed, nearness=nearness)
    return Outline(plan, read(idea, language), slots_of(plan, format))


def slots_of(plan: Plan, format: Format) -> tuple[DraftSlot, ...]:
    """Every line of a plan with the format's direction for it; the title last."""
    slots: list[DraftSlot] = []
    names = {character.id: character.name for character in plan.cast}
    about = f"The film is about this: {plan.idea!r}."
    if plan.hook is not None and format.hook is not None and plan.hook.line:
        question = f"{about} The narrator's first line. {_prose(format.hook.direction)}"
        limit = max(format.hook.most(plan.language), len(plan.hook.line))
        slots.append(DraftSlot("hook", question, plan.hook.line, limit))
    said: list[str] = [plan.hook.line] if plan.hook and plan.hook.line else []
    for beat, spec in zip(plan.beats, format.beats, strict=False):
        if not beat.line or beat.speaker is None:
            continue
        who = "" if beat.speaker == NARRATOR else names.get(beat.speaker, beat.speaker)
        question = f"{about} {_before(said)}{_prose(spec.direction)}"
        slots.append(DraftSlot(str(beat.index), question, beat.line, spec.most(plan.language), who))
        said.append(beat.line)
    question = f"{about} A name for the film: no sentence, at most six words."
    slots.append(DraftSlot("title", question, plan.title, TITLE_LIMIT[plan.language]))
    return tuple(slots)


def _before(said: Sequence[str]) -> str:
    return f"Just before, one hears: {said[-1]!r}. " if said else ""


def _prose(direction: str) -> str:
    return " ".join(direction.split())
