"""Casts a plan: gives every character a look and a voice of its own.

Only what the plan leaves open is filled in; what a person has set stays. The same plan and
the same voices give the same cast.

Knows: characters, looks, which voices there are. Does not know: how a look is drawn, how a
voice sounds, how a plan is written.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Protocol

from renderers.animatic import looks as dresser
from renderers.animatic import peeps
from renderers.scene import AgeGroup, Avatar, Presentation
from storyboard.core.errors import PlanError, UsageError
from storyboard.plan.elements import AvatarLook, Character, Voice
from storyboard.plan.records import Plan
from storyboard.plan.staging import avatar_of, derived_seed

_AGES: tuple[AgeGroup, ...] = ("child", "young", "adult", "elder")
_TRIES = 20
NEAR = 12
"""Voices whose median pitch is nearer than this (Hz) are easily mixed up."""
_OTHER_SPEEDS = (1.0, 0.9, 1.12, 0.82, 1.22)
"""How a voice is told apart when it has to speak for more than one."""
_GOOD_CHOICES = 3


class VoiceOption(Protocol):
    """A voice that may be cast; `f0` is its median pitch in Hz, 0 if unknown."""

    @property
    def name(self) -> str: ...
    @property
    def presentation(self) -> Presentation: ...
    @property
    def age(self) -> AgeGroup: ...
    @property
    def f0(self) -> int: ...


def cast_plan(plan: Plan, voices: Sequence[VoiceOption]) -> Plan:
    """The plan with a look and a voice for everybody, the narrator included.

    `voices` are those usable for the plan's language, best first.

    Raises:
        PlanError: two characters were given one look by hand.
        UsageError: there is no voice at all.
    """
    if not voices:
        raise UsageError(
            f"no voice speaks '{plan.language}': run `storyboard voices list`, "
            "or `storyboard voices install`"
        )
    looks = _looks(plan)
    booth = _Booth(plan, voices)
    narrator = booth.narrator() if _open(plan.narrator) else plan.narrator
    cast = [
        c.model_copy(
            update={
                "avatar": _as_record(look),
                "voice": booth.voice_for(c) if _open(c.voice) else c.voice,
            }
        )
        for c, look in zip(plan.cast, looks, strict=True)
    ]
    return plan.model_copy(update={"cast": cast, "narrator": narrator})


def with_looks(plan: Plan) -> Plan:
    """The plan with the looks that `cast_plan` gives, and no voices: for who only draws it."""
    cast = [
        c.model_copy(update={"avatar": _as_record(look)})
        for c, look in zip(plan.cast, _looks(plan), strict=True)
    ]
    return plan.model_copy(update={"cast": cast})


def _open(voice: Voice | None) -> bool:
    """Whether the plan leaves the voice to us. A speed alone is kept, and a preset added."""
    return voice is None or (voice.kind == "preset" and not voice.preset)


# --- looks ------------------------------------------------------------------


def _looks(plan: Plan) -> list[Avatar]:
    given = {c.id: avatar_of(c) for c in plan.cast if c.avatar is not None}
    faults = [
        f"cast[{i}].avatar: looks the same as {other.id}: change head, hair or top, "
        "or remove it to have another look chosen"
        for i, c in enumerate(plan.cast)
        for other in plan.cast[:i]
        if c.id in given and other.id in given and _alike(given[c.id], given[other.id])
    ]
    faults += [
        f"cast[{i}].avatar.{part}: '{name[:60]}' is none of {', '.join(known)}"
        for i, c in enumerate(plan.cast)
        if c.avatar is not None
        for part, name, known in (
            ("head", c.avatar.head, peeps.names("head")),
            ("facial_hair", c.avatar.facial_hair, peeps.names("facialHair")),
            ("accessory", c.avatar.accessory, peeps.names("accessories")),
        )
        if name not in known and (name or part == "head")
    ]
    if faults:
        raise PlanError("plan", faults)
    taken = list(given.values())
    looks: list[Avatar] = []
    for character in plan.cast:
        look = given.get(character.id)
        if look is None:
            look = _new_look(plan, character, taken)
            taken.append(look)
        looks.append(look)
    return looks


def _new_look(plan: Plan, character: Character, taken: Sequence[Avatar]) -> Avatar:
    words = f"{character.appearance}, {character.wardrobe}".strip(" ,") or character.role
    for attempt in range(_TRIES):
        seed = derived_seed(plan.seed + plan.style.staging, f"look {character.id} {attempt}")
        # Chosen alone first: a look that minds the others only where it must stays the same
        # when somebody else's wardrobe is edited.
        look = _look(words, character, seed)
        if any(_close(look, other) for other in taken):
            look = _look(words, character, seed, tuple(taken))
        if not any(_alike(look, other) for other in taken):
            return look
    raise PlanError(
        "plan",
        [
            f"cast.{character.id}: looks like somebody else in the cast, whatever is tried: "
            "give it an appearance and a wardrobe of its own"
        ],
    )


def _look(words: str, character: Character, seed: int, taken: tuple[Avatar, ...] = ()) -> Avatar:
    c = character
    return _look_for(words, c.age, c.presentation, seed, taken, c.role, c.being)


@lru_cache(256)
def _look_for(
    words: str,
    age: AgeGroup,
    presentation: Presentation,
    seed: int,
    taken: tuple[Avatar, ...],
    role: str,
    being: str,
) -> Avatar:
    return dresser.look_for(words, age, presentation, seed, taken, role, being)


def _alike(one: Avatar, other: Avatar) -> bool:
    """Not to be told apart at thumbnail size."""
    return (one.head, one.hair, one.top) == (other.head, other.hair, other.top)


def _close(one: Avatar, other: Avatar) -> bool:
    """Sharing something by which one is known from afar."""
    return one.head == other.head or one.hair == other.hair or one.top == other.top


def _as_record(look: Avatar) -> AvatarLook:
    fields = asdict(look)
    return AvatarLook.model_validate({name: fields[name] for name in AvatarLook.model_fields})


# --- voices -----------------------------------------------------------------


class _Booth:
    """Hands out voices, each once as long as there are enough."""

    def __init__(self, plan: Plan, voices: Sequence[VoiceOption]) -> None:
        self._voices = list(voices)
        self._rng = random.Random(derived_seed(plan.seed, f"voices {plan.idea}"))
        set_by_hand = [plan.narrator, *(c.voice for c in plan.cast if c.voice is not None)]
        self._used = Counter(voice.preset for voice in set_by_hand if voice.preset)
        self._speed = plan.narrator.speed

    def narrator(self) -> Voice:
        """An adult's voice; who speaks it does not matter, that nobody else has it does."""
        return self._take("neutral", "adult", self._speed, any_presentation=True)

    def voice_for(self, character: Character) -> Voice:
        speed = character.voice.speed if character.voice else 1.0
        return self._take(character.presentation, character.age, speed)

    def _take(
        self,
        presentation: Presentation,
        age: AgeGroup,
        speed: float,
        any_presentation: bool = False,
    ) -> Voice:
        pitches = [v.f0 for v in self._voices if self._used[v.name] and v.f0]

        def rank(voice: VoiceOption) -> tuple[int, int, int, int]:
            wrong = 0 if any_presentation else _apart(presentation, voice.presentation)
            near = any(voice.f0 and abs(voice.f0 - pitch) < NEAR for pitch in pitches)
            years = abs(_AGES.index(age) - _AGES.index(voice.age))
            return (self._used[voice.name], wrong, years, int(near))

        ranked = sorted(self._voices, key=rank)
        best = [voice for voice in ranked if rank(voice) == rank(ranked[0])][:_GOOD_CHOICES]
        chosen = self._rng.choice(best)
        times = self._used[chosen.name]
        self._used[chosen.name] += 1
        other = _OTHER_SPEEDS[min(times, len(_OTHER_SPEEDS) - 1)]
        return Voice(preset=chosen.name, speed=round(min(2.0, max(0.5, speed * other)), 2))


def _apart(wanted: Presentation, offered: Presentation) -> int:
    if wanted == offered:
        return 0
    return 1 if "neutral" in (wanted, offered) else 2
