"""What a video model is told of a beat: what happens, who speaks, how the camera moves.

The picture says what things look like; the words say what they do. A model that is not told
that nobody speaks moves the nearest mouth.

Knows: plans, wording. Does not know: models.
"""

from __future__ import annotations

from collections.abc import Iterator

from storyboard.plan import Plan
from storyboard.plan.timeline import SegmentPlan
from storyboard.profile.routing import Route, beat_of


def motion_prompt(plan: Plan, segment: SegmentPlan, way: Route, makes_sound: bool) -> str:
    """The prompt of one clip, in sentences."""
    return " ".join(_sentence(part) for part in _parts(plan, segment, way, makes_sound) if part)


def _parts(plan: Plan, segment: SegmentPlan, way: Route, makes_sound: bool) -> Iterator[str]:
    beat = beat_of(plan, segment.index)
    if beat is None:
        assert plan.hook is not None
        yield plan.hook.image_prompt
        shot, cast, expression = plan.hook.shot, plan.hook.cast, plan.hook.expression
    else:
        yield beat.action
        shot, cast, expression = beat.shot, beat.cast, beat.expression
    if way.speaks and segment.speaker is not None:
        speaker = plan.character(segment.speaker)
        who = f"{speaker.name}, {speaker.appearance}," if speaker.appearance else speaker.name
        yield f"{who} speaks with a {expression} expression, the lips forming every word"
        if len(cast) > 1:
            yield "The others listen with closed mouths"
    elif cast:
        yield f"The expression is {expression}; all mouths stay closed throughout"
    yield f"Camera: {shot.move}"
    if makes_sound and way.kind == "effect" and beat is not None and beat.sound_effect:
        yield f"Sound: {beat.sound_effect.prompt or beat.sound_effect.name}"
    yield plan.style.description


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?", "。")) else f"{text}."
