"""Who stands where in a picture, who looks at whom, and what is in front and behind.

An image model that is told of two people in a talk, and of nothing else, has both face the
camera; one that is told where their eyes are keeps them in the same room. Somebody alone in a
shot looks to the side on which the other one stands when both are seen.

Knows: plans, wording. Does not know: looks, references, styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from renderers.scene import Expression
from storyboard.plan import Beat, Character, Plan
from storyboard.plan.naming import character_name, indefinite, join, short_place
from storyboard.writing.prompting.terms import terms

POSITIONS = {
    1: ("in the middle of the frame",),
    2: ("on the left", "on the right"),
    3: ("on the left", "in the middle", "on the right"),
    4: ("on the far left", "left of the middle", "right of the middle", "on the far right"),
}
_LOOKS = re.compile(r"\b(look|glance|gaze|stare|watch|turn|eye|face|read|kiss|bow)(s|es)?\b")
_GAZES = re.compile(r"\b(?:look|gaze|glance|stare|peer)(?:s|ing)?\b")
_NEAR = ("medium close-up", "close-up", "extreme close-up")


def possessive(character: Character) -> str:
    return {"feminine": "her", "masculine": "his"}.get(character.presentation, "the")


def facing(plan: Plan, beat: Beat) -> Iterator[str]:
    """How people are turned to each other and to the camera, and where their eyes are."""
    if not beat.cast or beat.shot.orientation == "back view":
        return
    people = [plan.character(id) for id in beat.cast]
    if len(people) == 1:
        yield _alone(plan, beat, people[0])
        return
    if len(people) == 2:
        yield f"They {_pair(beat.shot.orientation)}"
    yield from _eyes(plan, beat)


def _pair(orientation: str) -> str:
    match orientation:
        case "front view":
            return "stand side by side, half turned to each other, both faces open to the camera"
        case "side view":
            return "stand face to face, both in exact profile"
        case _:
            return "face each other, each turned a quarter from the camera"


def _eyes(plan: Plan, beat: Beat) -> Iterator[str]:
    focus = beat.focus
    assert focus is not None
    free = [id for id in beat.cast if not _looks_elsewhere(beat, id, focus)]
    if len(beat.cast) == 2 and len(free) == 2:
        yield "Their eyes meet"
        return
    listeners = [character_name(plan.character(id)) for id in free if id != focus]
    if listeners:
        verb = "looks" if len(listeners) == 1 else "look"
        yield f"{join(listeners)} {verb} at {character_name(plan.character(focus))}"
    if len(beat.cast) == 2 and focus in free:
        other = next(id for id in beat.cast if id != focus)
        yield f"{character_name(plan.character(focus))} looks at {character_name(plan.character(other))}"


def _looks_elsewhere(beat: Beat, id: str, focus: str) -> bool:
    """Whether a face, or what is done, says already where the eyes are."""
    own = beat.expression if id == focus else beat.reactions.get(id, "neutral")
    return own in terms().at_the_viewer or (id == focus and bool(_LOOKS.search(beat.action)))


def face_of(own: Expression, action: str) -> str:
    """What a face does; where the action says where the eyes are, the face looks nowhere else."""
    still = terms().at_the_viewer.get(own) if _GAZES.search(action) else None
    return still or terms().expressions[own]


def _alone(plan: Plan, beat: Beat, character: Character) -> str:
    name = character_name(character)
    seen = f"{name} is seen {terms().orientations[beat.shot.orientation]}"
    if beat.shot.orientation == "front view" or _looks_elsewhere(beat, character.id, character.id):
        return seen
    side = _side_of_the_other(plan, character.id)
    return f"{seen}, eyes on a point just past the {side} of the camera" if side else seen


def _side_of_the_other(plan: Plan, id: str) -> str:
    """On which side the other one stands where both are seen; "" where nobody else is."""
    for beat in plan.beats:
        if len(beat.cast) == 2 and id in beat.cast:
            return "right" if beat.cast[0] == id else "left"
    return ""


def layers(plan: Plan, beat: Beat) -> str:
    """What is in the foreground, the middle ground and the background."""
    place = f"the {_plain(short_place(plan.setting(beat.setting)))}"
    names = join([character_name(plan.character(id)) for id in beat.cast])
    loose = [prop for prop in beat.props[1:] if prop.lower() not in beat.action.lower()]
    near = join([indefinite(prop) for prop in loose[:2]])
    if not names:
        return f"{near} in the foreground, {place} behind" if near else ""
    if beat.shot.scale in _NEAR:
        return f"{names} in the foreground, {place} in the background"
    front = near or "the open floor"
    return f"{front} in the foreground, {names} in the middle ground, {place} in the background"


def _plain(name: str) -> str:
    return re.sub(r"(?i)^the\s+", "", name)


def written_on(props: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Things with their lettering: `poster "HAIKU NIGHT"` is a poster that reads so."""
    for prop in props:
        if match := re.match(r'^(.*?)\s*["“”]([^"“”]+)["“”]\s*$', prop):
            yield re.sub(r"\s+(reading|saying|that (reads|says))$", "", match[1]), match[2]
