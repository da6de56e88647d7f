"""Casts a draft: who plays each role of a format, and which places it is played in.

Knows: roles, stages, what an idea says of people and places. Does not know: lines, plans.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from renderers.scene import AgeGroup, Place, Presentation, TimeOfDay
from storyboard.plan import Character, Language, Setting
from storyboard.plan.formats import (
    BeatSpec,
    Format,
    PlaceSlot,
    Role,
    Thread,
    ThreadPlace,
    ThreadRole,
)
from storyboard.writing.offline.choose import Slots
from storyboard.writing.offline.idea import Idea
from storyboard.writing.offline.lexicon import Entry, lexicon
from storyboard.writing.offline.reading import Reading

_Pool: TypeAlias = dict[Presentation, list[str]]


def staged(
    format: Format, thread: Thread, idea: Idea, rng: random.Random
) -> tuple[dict[str, Character], dict[str, Setting]]:
    """The cast and the places of one draft."""
    cast = _cast(format, thread, idea, rng)
    settings = {
        stage.id: _setting(stage, thread.settings.get(stage.id), idea, rng)
        for stage in format.settings
    }
    for role in format.roles:
        away = thread.roles.get(role.id, ThreadRole()).at
        if away is not None:
            end = PlaceSlot(id=_other_end(role.id), what="the other end of a line")
            settings[end.id] = _setting(end, away, idea, rng)
    return cast, settings


def in_scene(thread: Thread, idea: Idea, reading: Reading, stage: str) -> tuple[Thread, Idea]:
    """A frame that is played where the idea is and by whom it is about; its own place is for ideas
    that name none."""
    played = replace(idea, props=())
    if not (idea.role and reading.who and idea.role.lower() in reading.who.noun.lower()):
        # Who orders a duck is none.
        played = replace(played, subject=None, role="")
    if idea.place_kind is None:
        return thread, played
    there = thread.settings.get(stage, ThreadPlace()).model_copy(update={"place": None, "name": ""})
    return thread.model_copy(update={"settings": thread.settings | {stage: there}}), played


def placed(
    spec: BeatSpec, focus: str | None, settings: Mapping[str, Setting]
) -> tuple[str, dict[str, str]]:
    """Where a beat is played, and who of its cast is at the other end of a line, and where."""
    away = {id: _other_end(id) for id in spec.cast if _other_end(id) in settings}
    if focus in away and len(away) == len(spec.cast):
        return away[focus], {}
    return spec.setting, away


def _other_end(role: str) -> str:
    return f"with_{role}"


def _cast(format: Format, thread: Thread, idea: Idea, rng: random.Random) -> dict[str, Character]:
    """One character a role. The idea's subject goes to the part meant for it; where the story
    has somebody of its own there ("ghost"), to the next free one."""
    cast: dict[str, Character] = {}
    pool: _Pool = {who: list(names) for who, names in lexicon().names[idea.language].items()}
    given = list(idea.names)
    subject = idea.subject
    for role in format.roles:
        part = thread.roles.get(role.id, ThreadRole())
        mine = subject if cast or role.takes_subject else None
        if thread.protagonist:
            mine = subject if role.id == thread.protagonist else None
        if mine is not None and not _suits(mine, role, part, idea):
            mine = None
        if mine is not None:
            subject = None
        presentation = (
            (mine.presentation if mine else None)
            or part.presentation
            or _presentation_of(given[:1], idea.language)
            or _contrast(role.presentations, [c.presentation for c in cast.values()], rng)
        )
        age: AgeGroup = part.age or (mine.age if mine else None) or rng.choice(role.ages)
        cast[role.id] = Character(
            id=role.id,
            name=given.pop(0) if given else _name(pool, presentation, idea.names, rng),
            role=(idea.role if mine else "") or part.role or role.who,
            age=age,
            presentation=presentation,
            appearance=_appearance(age, presentation, [c.appearance for c in cast.values()], rng),
            wardrobe=part.wardrobe or (mine.wardrobe if mine else "") or rng.choice(role.wardrobe),
            personality=part.personality,
        )
    return cast


def _suits(subject: Entry, role: Role, part: ThreadRole, idea: Idea) -> bool:
    if (role.adults_only and subject.age in ("child", "young")) or (
        role.people_only and subject.animal
    ):
        return False
    # A thread's own ghost or clerk keeps its part, unless the idea's subject is just that.
    return not part.role or part.role in (idea.role, *subject.en, *subject.ja)


def _contrast(
    allowed: Sequence[Presentation], met: Sequence[Presentation], rng: random.Random
) -> Presentation:
    """Two people are easier to tell apart, seen and heard, when they differ."""
    return rng.choice([who for who in allowed if who not in met] or list(allowed))


def _name(
    pool: _Pool,
    presentation: Presentation,
    taken: Sequence[str],
    rng: random.Random,
) -> str:
    names = pool.get(presentation) or pool["feminine"] + pool["masculine"]
    name = rng.choice([n for n in names if n not in taken])
    for group in pool.values():
        if name in group:
            group.remove(name)
    return name


def _presentation_of(names: list[str], language: Language) -> Presentation | None:
    for presentation, known in lexicon().names[language].items():
        if names and names[0] in known:
            return presentation
    return None


def _appearance(
    age: AgeGroup, presentation: Presentation, others: Sequence[str], rng: random.Random
) -> str:
    """Words for image models; the animatic's look is cast later, from the character itself.

    No two have hair of one colour: it is what people are told apart by from afar.
    """
    person = {
        "child": {"feminine": "girl of eight", "masculine": "boy of eight"},
        "young": {"feminine": "woman of about twenty", "masculine": "man of about twenty"},
        "adult": {"feminine": "woman in her thirties", "masculine": "man in his thirties"},
        "elder": {"feminine": "woman in her seventies", "masculine": "man in his seventies"},
    }[age].get(presentation, "person")
    worn = ("short", "wavy", "curly", "tousled", "neat")
    if presentation != "masculine":
        worn = ("short", "wavy", "straight", "curly", "tied-back")
    hair = rng.choice(worn)
    colours = [c for c in _HAIR_COLOURS if not any(f"{c} hair" in other for other in others)]
    colour = "grey" if age == "elder" else rng.choice(colours)
    face = rng.choice(("round face", "narrow face", "freckles", "strong eyebrows", "dimples"))
    return f"a {person} with {hair} {colour} hair and {'a ' if 'face' in face else ''}{face}"


_HAIR_COLOURS = ("black", "dark brown", "auburn", "blond", "red", "light brown")


def _setting(stage: PlaceSlot, part: ThreadPlace | None, idea: Idea, rng: random.Random) -> Setting:
    part = part or ThreadPlace()
    place: Place = stage.place or part.place or idea.place_kind or rng.choice(_ROOMS)
    from_idea = stage.place is None and part.place is None
    time: TimeOfDay = (
        part.time_of_day or (idea.time_of_day if from_idea else None) or rng.choice(stage.times)
    )
    own = idea.place if from_idea else ""
    return Setting(
        id=stage.id,
        name=part.name or stage.names.get(idea.language) or own or place_name(place, idea.language),
        place=place,
        time_of_day=time,
        description=part.description or stage.description,
        lettering=part.lettering or stage.lettering.get(idea.language, ""),
        props=part.props or (list(idea.props[1:3]) if from_idea else []),
    )


_ROOMS: tuple[Place, ...] = ("cafe", "office", "kitchen", "park", "living room", "station", "shop")


def place_name(place: Place, language: Language) -> str:
    for entry in lexicon().places:
        if entry.id == place:
            return entry.en[0] if language == "en" else entry.ja[0]
    return {"en": "studio", "ja": "スタジオ"}[language]


def _said_role(lead: Character, part: ThreadRole | None, idea: Idea) -> str:
    """What the lead is called in lines: never the words of a casting sheet."""
    if part is not None and part.role == lead.role:
        return part.role
    return idea.role if idea.subject is None or lead.role == idea.role else ""


def story_slots(
    format: Format,
    thread: Thread,
    idea: Idea,
    cast: Mapping[str, Character],
    settings: Mapping[str, Setting],
) -> Slots:
    """What the lines of a hand-written story may take from its idea."""
    lead: Role = next((r for r in format.roles if r.takes_subject), format.roles[0])
    others = [id for id in cast if id != lead.id]
    return Slots(
        {
            "name": cast[lead.id].name,
            "other": cast[others[0]].name if others else cast[lead.id].name,
            "role": _said_role(cast[lead.id], thread.roles.get(lead.id), idea),
            "place": settings[format.settings[0].id].name,
            "thing": idea.thing,
            "topic": idea.topic,
            "quirk": idea.quirk,
        },
        idea.language,
        idea.mass,
    )
