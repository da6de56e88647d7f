"""The film as a list of shots: the plan's hook is one of them, and each beat.

Turned once, so that nobody who makes or measures a shot asks which of the two it is.

Knows: what hook and beats have in common, and under which names. Does not know: how any of it
is made.
"""

from __future__ import annotations

from dataclasses import dataclass

from renderers.scene import Expression
from storyboard.plan.elements import OwnMedia, ShotPlan, SoundEffect
from storyboard.plan.records import Beat, Hook, Plan
from storyboard.plan.timeline import HOOK, SegmentPlan, segment_plans


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the film with its time, its line and its sound."""

    part: SegmentPlan
    record: Hook | Beat
    """Where the plan has it: for wording, staging and briefs, which tell them apart themselves."""
    path: str
    """Where that is: `hook`, `beats[2]`."""
    type: str
    camera: ShotPlan
    setting: str
    cast: tuple[str, ...]
    action: str
    tone: Expression
    """How its line is said, which is not how the face looks."""
    speed: float
    title: str = ""
    """Written over the picture."""
    media: OwnMedia | None = None
    effect: SoundEffect | None = None
    keeps_sound: bool = False
    """The clip's own sound is wanted; a spoken line is never doubled by it."""

    @property
    def index(self) -> int:
        return self.part.index

    @property
    def slug(self) -> str:
        return self.part.slug

    @property
    def shows_own(self) -> bool:
        """Its picture is the user's."""
        return self.media is not None and bool(self.media.image or self.media.clip)


def shots_of(plan: Plan) -> tuple[Shot, ...]:
    """The film's shots, in order."""
    parts = {part.index: part for part in segment_plans(plan)}
    shots = [_of_hook(parts[HOOK], plan.hook)] if plan.hook is not None else []
    shots += [_of_beat(parts[b.index], b, f"beats[{i}]") for i, b in enumerate(plan.beats)]
    return tuple(shots)


def shot_of(plan: Plan, index: int) -> Shot:
    return next(shot for shot in shots_of(plan) if shot.index == index)


def at_one_end(plan: Plan) -> Plan:
    """The plan for those who draw one place a picture: of a telephone call the speaker's end."""
    return plan.model_copy(update={"beats": [_one_end(beat) for beat in plan.beats]})


def _one_end(beat: Beat) -> Beat:
    if not beat.elsewhere:
        return beat
    heard = beat.speaker if beat.speaker in beat.cast else beat.cast[0]
    setting = beat.elsewhere.get(heard, beat.setting)
    cast = [id for id in beat.cast if beat.elsewhere.get(id, beat.setting) == setting]
    reactions = {id: face for id, face in beat.reactions.items() if id in cast}
    there = {"setting": setting, "cast": cast, "reactions": reactions, "elsewhere": {}}
    return beat.model_copy(update=there)


def file_name(index: int, slug: str, prefix: str = "") -> str:
    """What a shot is called among the files of a kind: `hook`, `beat_03_payoff`."""
    return "hook" if index == HOOK else f"{prefix}{slug}"


def pointer(index: int) -> str:
    """Where patches of a plan name a shot's record: a beat by its index."""
    return "/hook" if index == HOOK else f"/beats/{index}"


def said_name(index: int) -> str:
    """What a person calls a shot."""
    return "hook" if index == HOOK else f"beat {index}"


def _of_hook(part: SegmentPlan, hook: Hook) -> Shot:
    return Shot(
        part=part,
        record=hook,
        path="hook",
        type="hook",
        camera=hook.shot,
        setting=hook.setting,
        cast=tuple(hook.cast),
        action=hook.image_prompt,
        tone="neutral",
        speed=1.0,
        title=hook.title,
    )


def _of_beat(part: SegmentPlan, beat: Beat, path: str) -> Shot:
    footage = beat.media is not None and bool(beat.media.clip)
    return Shot(
        part=part,
        record=beat,
        path=path,
        type=beat.type,
        camera=beat.shot,
        setting=beat.setting,
        cast=tuple(beat.cast),
        action=beat.action,
        tone=beat.expression,
        speed=beat.speed,
        media=beat.media,
        effect=beat.sound_effect,
        keeps_sound=footage or (beat.keep_audio and beat.silent),
    )
