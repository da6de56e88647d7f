"""Which pictures a new picture is drawn from, and how far it may depart from them.

A reference is a word: `setting:ID` (the place's base picture), `character:ID` (a sheet),
`beat:N` (the finished picture of an earlier beat), or a file. Few are better: up to four
keep 1024 px each inside the engine, more fall to 768. The shift says how free the new
picture is: 1.0 copies, 2 to 2.5 changes a pose or an outfit, 3.0 makes a new scene and
keeps only who people are.

Knows: plans, the choice and its reason. Does not know: prompts, files of a run, models.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from renderers.scene import ShotScale
from storyboard.plan import Beat, Hook, Plan
from storyboard.plan.referred import Referred

MAX_REFERENCES = 4
COPY, CHANGE, REFRAME, RESTAGE = 1.0, 2.0, 2.5, 3.0
_SCALES: tuple[ShotScale, ...] = get_args(ShotScale)


@dataclass(frozen=True, slots=True)
class Choice:
    """The references of one picture in the order the prompt numbers them."""

    references: tuple[str, ...]
    shift: float
    reason: str


def choose(plan: Plan, beat: Beat, limit: int = MAX_REFERENCES) -> Choice:
    """The references of a beat, at most `limit`, and the shift that suits what changes."""
    limit = min(limit, MAX_REFERENCES)
    if limit < 1:
        return Choice((), RESTAGE, "drawn from the prompt alone: this backend takes no pictures")
    before = _continued(plan, beat)
    if before is None:
        return _restaged(beat.setting, beat.cast, limit)
    shift, change = _change(before, beat)
    people = [f"character:{id}" for id in beat.cast]
    # The place is in the picture before; the sheets stay, since likeness wears off in a chain.
    references = (f"beat:{before.index}", *people)[:limit]
    return Choice(references, shift, f"the shot of beat {before.index} goes on, {change}")


def choose_for_hook(hook: Hook, limit: int = MAX_REFERENCES) -> Choice:
    return _restaged(hook.setting, hook.cast, min(limit, MAX_REFERENCES))


def _restaged(setting: str, cast: Sequence[str], limit: int) -> Choice:
    references = [f"setting:{setting}", *(f"character:{id}" for id in cast)]
    if len(references) > limit:
        # Faces matter more than walls, and the prompt describes the place in words.
        references = references[1:][:limit]
    if not cast:
        return Choice(tuple(references), REFRAME, "the same place from another distance")
    reason = "a new picture of known people in a known place: faces are kept, pose and camera free"
    return Choice(tuple(references), RESTAGE, reason)


def _continued(plan: Plan, beat: Beat) -> Beat | None:
    """The beat before, if the camera just goes on: same place, people, angle and side.

    Nobody may be in it who is not in this one: a picture must never depend on the looks of
    somebody it does not show.
    """
    before = next(reversed(plan.before(beat)), None)
    if before is None or beat.transition != "cut" or not beat.cast:
        return None
    same = (
        before.setting == beat.setting
        and before.cast == beat.cast
        and before.shot.angle == beat.shot.angle
        and before.shot.orientation == beat.shot.orientation
        and _distance(before, beat) <= 1
    )
    return before if same else None


def _distance(before: Beat, beat: Beat) -> int:
    return abs(_SCALES.index(before.shot.scale) - _SCALES.index(beat.shot.scale))


def _change(before: Beat, beat: Beat) -> tuple[float, str]:
    if _distance(before, beat):
        return REFRAME, "a step nearer or further"
    if before.action != beat.action or before.props != beat.props:
        return CHANGE, "with another pose"
    return COPY, "only the faces change"


def reference_faults(plan: Plan) -> Iterator[str]:
    """Every stored reference that leads nowhere, as `path: what is wrong: what is allowed`.

    Files are looked at where they are taken in (`storyboard.media.intake`).
    """
    for i, beat in enumerate(plan.beats):
        for j, reference in enumerate(beat.prompt.references if beat.prompt else ()):
            if fault := _fault(plan, beat, reference):
                yield f"beats[{i}].prompt.references[{j}]: {fault}"


def _fault(plan: Plan, beat: Beat, reference: str) -> str:
    kind, name = Referred.of(reference)
    match kind:
        case "setting":
            known = [setting.id for setting in plan.settings]
        case "character":
            known = [character.id for character in plan.cast]
        case "beat":
            known = [str(other.index) for other in plan.before(beat)]
        case _:
            return ""
    allowed = ", ".join(known) or "none"
    return "" if name in known else f"'{name}' is no {kind} to refer to: {allowed}"
