"""Puts a beat on stage: from the plan's records to the scene that a picture shows.

Knows: plans and scenes, which seed a beat has. Does not know: how scenes are drawn or
prompts are worded.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from renderers.scene import Avatar, Expression, Figure, Inset, Scene, Shot
from storyboard.core.errors import UsageError
from storyboard.plan import Beat, Character, Hook, InsetPlan, Part, Plan, Setting, ShotPlan
from storyboard.plan.opening import opened
from storyboard.plan.timeline import HOOK
from storyboard.plan.ways import WAYS, Task, Way, chosen

HOOK_HEADROOM = 0.27
"""Fraction of the hook's height that is the title's."""


def seed_of(plan: Plan, index: int) -> int:
    """The seed of a beat (0: the hook): its own, or one derived from the plan's."""
    own = plan.hook.seed if index == HOOK and plan.hook else None
    if index != HOOK:
        own = plan.beat(index).seed
    return derived_seed(plan.seed, f"beat {index}") if own is None else own


def part_seed_of(plan: Plan, index: int, part: Part) -> int:
    """The seed of one part of a beat: its own; of speech and clip else that of the take."""
    record = plan.hook if index == HOOK else plan.beat(index)
    if record is not None and part in record.seeds:
        return record.seeds[part]
    take = record.take if record is not None and part != "picture" else 1
    seed = seed_of(plan, index)
    return seed if take == 1 else derived_seed(seed, f"take {take}")


def derived_seed(seed: int, purpose: str) -> int:
    """A seed for one purpose; the same for the same film, unrelated between purposes."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def stage_beat(plan: Plan, beat: Beat) -> Scene:
    focus = beat.speaker if beat.speaker in beat.cast else next(iter(beat.cast), None)
    way = way_of(plan, beat)
    figures = tuple(_figure(plan, beat, id, focus, way) for id in beat.cast)
    # What is handed over is one thing, in two hands one after the other.
    held = sum(1 for figure in figures if figure.holds and figure.manner != "takes")
    setting = plan.setting(beat.setting)
    return replace(
        _empty(plan, setting, beat.shot, part_seed_of(plan, beat.index, "picture")),
        figures=figures,
        focus=focus,
        props=(*beat.props[held:], *setting.props),
        inset=_seen_before(plan, beat, _inset(beat.inset)),
        arrangement=way.arrangement,
        mood=beat.type,
    )


def ways_of(plan: Plan) -> dict[int, str]:
    """The way that every beat with people in it is blocked, by its number."""
    return chosen(tasks_of(plan), plan.style.staging)


def tasks_of(plan: Plan) -> list[Task]:
    grave = plan.music.mood == "melancholy"
    return [
        Task(b.index, b.type, b.action, len(b.cast), bool(b.props), grave, b.staging)
        for b in plan.beats
    ]


def way_of(plan: Plan, beat: Beat) -> Way:
    return WAYS.get(ways_of(plan).get(beat.index, ""), Way(0))


def stage_hook(plan: Plan, hook: Hook) -> Scene:
    figures = tuple(
        Figure(id, plan.character(id).name, avatar_of(plan.character(id)), hook.expression)
        for id in hook.cast
    )
    scene = replace(
        _empty(plan, plan.setting(hook.setting), hook.shot, part_seed_of(plan, HOOK, "picture")),
        figures=figures,
        focus=next(iter(hook.cast), None),
        headroom=HOOK_HEADROOM,
        inset=_inset(hook.inset),
        mood="hook",
    )
    return opened(plan, hook, scene)


def stage_setting(plan: Plan, setting: Setting) -> Scene:
    """The place alone: the base picture that its beats are edited from."""
    seed = derived_seed(plan.seed, f"setting {setting.id}")
    scene = _empty(plan, setting, ShotPlan(scale="extreme full shot"), seed)
    return replace(scene, props=tuple(setting.props))


def stage_character(plan: Plan, character: Character) -> Scene:
    """The character alone, from head to toe, before nothing: its reference sheet."""
    figure = Figure(character.id, character.name, avatar_of(character))
    return Scene(
        shot=Shot("full shot"),
        figures=(figure,),
        focus=character.id,
        look=plan.style.look,
        palette=plan.style.palette,
        seed=derived_seed(plan.seed, f"character {character.id}"),
    )


def avatar_of(character: Character) -> Avatar:
    if character.avatar is None:
        raise UsageError(f"cast: {character.id} has no look yet; cast the plan first")
    return Avatar(
        **character.avatar.model_dump(), age=character.age, presentation=character.presentation
    )


def _inset(inset: InsetPlan | None) -> Inset | None:
    return None if inset is None else Inset(**inset.model_dump())


def _seen_before(plan: Plan, beat: Beat, inset: Inset | None) -> Inset | None:
    """An inset that the film has shown already comes closer: every other time the thing alone."""
    if inset is None or not (inset.who and inset.thing):
        return inset
    times = sum(1 for b in plan.before(beat) if b.inset == beat.inset)
    return replace(inset, who="") if times % 2 else inset


def _empty(plan: Plan, setting: Setting, shot: ShotPlan, seed: int) -> Scene:
    return Scene(
        place=setting.place,
        time_of_day=setting.time_of_day,
        shot=Shot(shot.scale, shot.angle, shot.orientation),
        lettering=setting.lettering,
        look=plan.style.look,
        palette=plan.style.palette,
        seed=seed,
    )


def _figure(plan: Plan, beat: Beat, id: str, focus: str | None, way: Way) -> Figure:
    character = plan.character(id)
    own: Expression = beat.expression if id == focus else beat.reactions.get(id, "neutral")
    # One of the listeners does what the way says; the rest stand by.
    answers = id != focus and id == next((other for other in beat.cast if other != focus), None)
    manner = way.manner if id == focus else way.other if answers else ""
    holds = id == focus or manner == "takes"
    return Figure(
        id=id,
        name=character.name,
        avatar=avatar_of(character),
        expression=own,
        speaking=id == beat.speaker,
        pose=(beat.action or way.pose) if id == focus else way.others if answers else "",
        holds=beat.props[0] if holds and beat.props else "",
        manner=manner,
    )
