"""Puts a beat on stage: from the plan's records to the scene that a picture shows.

Knows: plans and scenes, which seed a beat has. Does not know: how scenes are drawn or
prompts are worded.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from renderers.animatic import inset_view, nouns
from renderers.animatic import pose as poses
from renderers.animatic import props as prop_words
from renderers.scene import Avatar, Expression, Figure, Inset, Prop, Scene, Shot, ShotScale
from storyboard.core.errors import UsageError
from storyboard.plan import Beat, Character, Hook, InsetPlan, Part, Plan, Setting, ShotPlan, opening
from storyboard.plan import cutaways as cutting
from storyboard.plan import things as thing_words
from storyboard.plan.timeline import HOOK
from storyboard.plan.ways import WAYS, Task, Way, chosen

_SHOWS: dict[str, tuple[ShotScale, ...]] = {
    "table": ("medium full shot", "full shot", "extreme full shot"),
    "chair": ("medium full shot", "full shot", "extreme full shot"),
    "floor": ("full shot", "extreme full shot"),
    "hand": (
        "medium close-up", "medium shot", "medium full shot", "full shot", "extreme full shot",
    ),
}  # fmt: skip
"""Shots in which a place for things is in the picture, the closest first."""
_VAGUE = re.compile(
    r"\b(?:explains?|gestures?|talks?|speaks?|stands|eyebrow|open hands)\b|説明|話す|立って"
)
"""In actions that every film's beat of a type has: each would be the same picture."""
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


def scenes_of(plan: Plan) -> dict[int, Scene]:
    """What every shot of the film shows, by number (0: the hook)."""
    scenes = {beat.index: _staged(plan, beat) for beat in plan.beats}
    cut = cutting.cutaways(plan.beats, plan, scenes)
    whole = {n: replace(scene, cutaway=cut[n]) for n, scene in scenes.items()}
    if plan.hook is not None:
        whole[HOOK] = stage_hook(plan, plan.hook)
    return whole


def _staged(plan: Plan, beat: Beat) -> Scene:
    focus = beat.focus
    way, setting = way_of(plan, beat), plan.setting(beat.setting)
    shot = Shot(beat.shot.scale, beat.shot.angle, beat.shot.orientation)
    things = _things(plan, beat, focus, shot)
    hands = _hands(beat, focus, things, way)
    figures = tuple(_figure(plan, beat, id, focus, way, hands.get(id, "")) for id in beat.cast)
    held = {prop_words.find_prop(word) for word in hands.values()}
    words = dict.fromkeys((*beat.props, *(thing.word for thing in things), *setting.props))
    return replace(
        _empty(plan, setting, beat.shot, part_seed_of(plan, beat.index, "picture")),
        shot=_wide_enough(shot, things),
        figures=figures,
        focus=focus,
        props=tuple(word for word in words if prop_words.find_prop(word) not in held),
        things=things,
        inset=_seen_before(plan, beat, _inset(plan, beat.inset)),
        arrangement=way.arrangement,
        mood=beat.type,
    )


def _things(plan: Plan, beat: Beat, focus: str | None, shot: Shot) -> tuple[Prop, ...]:
    """What action and line say of things; where no table is in the picture, hands have them."""
    order = sorted(beat.cast, key=lambda id: id != focus)
    people = [plan.character(id) for id in order]
    holders = [thing_words.Holder(c.id, c.name, c.presentation) for c in people]
    things = thing_words.things_in(
        beat.action, beat.line, (*beat.props, *plan.setting(beat.setting).props), holders
    )
    if focus is None or shot.scale in _SHOWS["table"]:
        return things
    taken = {thing.owner for thing in things if thing.place == "hand"}
    free = next((t for t in things if not t.place and not t.move), None)
    if free is None or focus in taken:
        return things
    return tuple(replace(t, place="hand", owner=focus) if t is free else t for t in things)


def _hands(beat: Beat, focus: str | None, things: Sequence[Prop], way: Way) -> dict[str, str]:
    """Who has what in hand, as far as words, the way and the beat's first prop say."""
    busy = ("picked up", "put down", "dropped")
    hands = {
        thing.owner: thing.word
        for thing in things
        if thing.owner in beat.cast and (thing.place == "hand" or thing.move in busy)
    }
    placed = {prop_words.find_prop(t.word) for t in things if t.place or t.move == "falls"}
    first = next((word for word in beat.props if prop_words.find_prop(word) not in placed), "")
    if focus is not None and first:
        hands.setdefault(focus, first)
    if focus in hands and way.other == "takes":
        # What is handed over is one thing, in two hands one after the other.
        other = next((id for id in beat.cast if id != focus), None)
        if other is not None:
            hands[other] = hands[focus]
    return hands


def _wide_enough(shot: Shot, things: Sequence[Prop]) -> Shot:
    """The shot, or one wide enough to show where things are put, or what they fall from."""
    for thing in things:
        place = "table" if thing.move == "falls" else thing.place
        if place in _SHOWS and shot.scale not in _SHOWS[place]:
            return replace(shot, scale=_SHOWS[place][0])
    return shot


def ways_of(plan: Plan) -> dict[int, str]:
    """The way that every beat with people in it is blocked, by its number."""
    return _chosen(tuple(tasks_of(plan)), plan.style.staging)


@lru_cache(maxsize=16)
def _chosen(tasks: tuple[Task, ...], staging: int) -> dict[int, str]:
    """Asked once a beat of a film, whose beats are the same each time."""
    return chosen(tasks, staging)


def tasks_of(plan: Plan) -> list[Task]:
    grave = plan.music.mood == "melancholy"
    return [
        Task(
            b.index,
            b.type,
            b.action,
            len(b.cast) - len(b.elsewhere),
            bool(b.props),
            grave,
            b.staging,
        )
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
        inset=_inset(plan, hook.inset),
        mood="hook",
    )
    return opening.opened(plan, hook, scene)


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


def _inset(plan: Plan, inset: InsetPlan | None) -> Inset | None:
    """What of an inset can be drawn: a noun that cannot is left out, and so is an empty thought."""
    if inset is None:
        return None
    own = next((c for c in plan.cast if c.avatar and _called(c, inset.who)), None)
    shown = Inset(**inset.model_dump(), avatar=avatar_of(own) if own else None)
    if shown.thing and nouns.find_noun(shown.thing) is None and not nouns.somebody(shown.thing):
        shown = replace(shown, thing="")
    if (
        shown.place
        and inset_view.known_place(shown.place) is None
        and nouns.find_noun(shown.place) is None
    ):
        shown = replace(shown, place="")
    return shown if shown.who or shown.thing or shown.place or shown.words else None


def _called(character: Character, who: str) -> bool:
    """Whether `who` names a character: "two astronauts" the one whose role is "astronaut"."""
    words = who.lower().split()
    names = {name.lower().split()[-1] for name in (character.role, character.being) if name}
    return bool(words) and bool({words[-1], words[-1].removesuffix("s")} & names)


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


def _pose(action: str, way: Way) -> str:
    """What the focus does: its action, unless that says too little to be seen, and the way more."""
    vague = _VAGUE.search(action) or poses.recognise(action) is None
    return way.pose if way.pose and vague else action


def _figure(plan: Plan, beat: Beat, id: str, focus: str | None, way: Way, holds: str) -> Figure:
    character = plan.character(id)
    own: Expression = beat.expression if id == focus else beat.reactions.get(id, "neutral")
    # One of the listeners does what the way says; the rest stand by.
    answers = id != focus and id == next((other for other in beat.cast if other != focus), None)
    manner = way.manner if id == focus else way.other if answers else ""
    return Figure(
        id=id,
        name=character.name,
        avatar=avatar_of(character),
        expression=own,
        speaking=id == beat.speaker,
        pose=_pose(beat.action, way) if id == focus else way.others if answers else "",
        holds=holds,
        manner=manner,
        at=plan.setting(beat.elsewhere[id]).place if id in beat.elsewhere else "",
    )
