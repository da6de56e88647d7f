"""The script: what a format leaves open, and nothing else.

A language model fills a script, never a plan: who speaks, how many beats there are and how
they are shot is the format's, so no answer can get it wrong.

Knows: scripts, their faults in a format, and the plan they make. Does not know: who wrote
one, or how it was asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from renderers.scene import AgeGroup, Expression, Place, Presentation, TimeOfDay
from storyboard.core.strict_records import Record
from storyboard.plan import (
    Aspect,
    Beat,
    Canvas,
    Character,
    Hook,
    Language,
    Music,
    Plan,
    Setting,
    Style,
)
from storyboard.plan.formats import BeatSpec, Format, MusicMood
from storyboard.plan.languages import ABOUT
from storyboard.writing.offline import written_amiss
from storyboard.writing.planning.lint import is_copied, line_faults, nearly_alike
from storyboard.writing.planning.looks import look_faults

SLACK = 1.25
"""A line may run this much over its beat: the beat grows with it."""
_DIRECTION = re.compile(r"[*\[\]{}<>#]|\([^)]*\)|（[^）]*）|https?://|\w*_\w*")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿々ー]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_OWN_SIGNS = frozenset({"ja", "zh", "ko", "ru"})
_UNPRINTABLE = {"Cc": " ", "Cf": "", "Cs": "", "Co": "", "Cn": "", "Zl": " ", "Zp": " "}
_SIGN = "So"
_SPOKEN_SIGNS = "°"
LOOSER = 1.2
"""How much longer than its limit a line may be written: a grammar that ends it at the limit cuts
it in the middle of a word, and what is too long can be told to be."""
MIN_LETTERS = 5
"""Fewest letters of a description."""


def clean(value: object) -> object:
    """Text without what cannot be written, drawn or said: controls, surrogates, odd spaces."""
    if not isinstance(value, str):
        return value
    kept = "".join(_UNPRINTABLE.get(unicodedata.category(c), c) for c in value)
    return " ".join(kept.split())


Words = Annotated[str, BeforeValidator(clean)]


class ScriptCharacter(Record):
    name: Words = Field(min_length=1, max_length=30)
    presentation: Presentation
    age: AgeGroup
    appearance: Words = Field(min_length=10, max_length=280)
    wardrobe: Words = Field(min_length=5, max_length=200)
    personality: Words = Field(default="", max_length=120)


class ScriptSetting(Record):
    name: Words = Field(min_length=1, max_length=60)
    place: Place
    time_of_day: TimeOfDay
    description: Words = Field(default="", max_length=240)
    lettering: Words = Field(default="", max_length=24)


class ScriptHook(Record):
    title: Words = Field(min_length=1, max_length=60)
    line: Words = Field(min_length=1, max_length=160)
    reading: Words = Field(default="", max_length=200)


class ScriptBeat(Record):
    line: Words = Field(default="", max_length=300)
    reading: Words = Field(default="", max_length=360)
    expression: Expression
    action: Words = Field(default="", max_length=220)


class Script(Record):
    """Cast by role, settings by id, beats by `beat_key`: no answer can miscount or mix them."""

    title: Words = Field(min_length=1, max_length=80)
    style: Words = Field(default="", max_length=200)
    music: MusicMood = "playful"
    cast: dict[str, ScriptCharacter]
    settings: dict[str, ScriptSetting]
    hook: ScriptHook | None = None
    beats: dict[str, ScriptBeat]


def beat_keys(format: Format) -> list[str]:
    """Names of a format's beats in a script: `3_refusal`."""
    return [f"{number}_{beat.type}" for number, beat in enumerate(format.beats, 1)]


def spoken_limit(spec: BeatSpec, language: Language) -> int:
    """Most characters that this beat has the time for."""
    longest = spec.seconds[1] * SLACK * ABOUT[language].rate * spec.speed
    return min(spec.most(language), round(longest))


def script_faults(script: Script, format: Format, language: Language, idea: str = "") -> list[str]:
    """Every fault by path, worded for whoever has to mend it."""
    found = [
        *_same_names("cast", script.cast, [r.id for r in format.roles]),
        *_same_names("settings", script.settings, [s.id for s in format.settings]),
        *_same_names("beats", script.beats, beat_keys(format)),
    ]
    if found:
        return found
    spoken = Spoken.of(script, format, language, idea)
    return [
        *_cast_faults(script, format),
        *_hook_faults(script, format, spoken),
        *_beat_faults(script, format, spoken),
    ]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What every line of a script is checked against."""

    language: Language
    names: Mapping[str, str]
    """Of the cast, by role."""
    briefs: tuple[str, ...]
    """What the model was told, and must not say back."""

    @classmethod
    def of(cls, script: Script, format: Format, language: Language, idea: str) -> Spoken:
        names = {role: character.name for role, character in script.cast.items()}
        told = [beat.direction for beat in format.beats] + [role.who for role in format.roles]
        hook = [format.hook.direction] if format.hook else []
        return cls(language, names, (idea, format.summary, *hook, *told, *format.constraints))


def _same_names(where: str, given: Iterable[str], wanted: list[str]) -> Iterator[str]:
    for name in given:
        if name not in wanted:
            yield f"{where}: '{name}' is not one of {', '.join(wanted)}"
    for name in wanted:
        if name not in given:
            yield f"{where}.{name}: is missing"


def _cast_faults(script: Script, format: Format) -> Iterator[str]:
    roles = {role.id: role for role in format.roles}
    people = list(script.cast.items())
    for i, (role, character) in enumerate(people):
        others = [other for _, other in people[:i]]
        if not any(c.isalpha() for c in character.name):
            yield f"cast.{role}.name: '{character.name}' is no name"
        if any(character.name.lower() == other.name.lower() for other in others):
            yield f"cast.{role}.name: '{character.name}' is the name of two people"
        if any(character.wardrobe.lower() == other.wardrobe.lower() for other in others):
            yield f"cast.{role}.wardrobe: two people wear the same; give each their own colours"
        for field in ("appearance", "wardrobe"):
            if len(_LATIN.findall(getattr(character, field))) < MIN_LETTERS:
                yield f"cast.{role}.{field}: is no description in English"
            said = getattr(character, field)
            adults = roles[role].adults_only
            for fault in look_faults(character.age, character.presentation, said, adults):
                yield f"cast.{role}.{field}: {fault}"
            if amiss := written_amiss([said], format.name):
                yield f"cast.{role}.{field}: {amiss}"


def _hook_faults(script: Script, format: Format, spoken: Spoken) -> Iterator[str]:
    if format.hook is None:
        return
    if script.hook is None:
        yield "hook: is missing"
        return
    limit = format.hook.most(spoken.language)
    yield from _spoken_faults("hook.line", script.hook.line, "", limit, spoken)
    yield from _language_faults("hook.title", script.hook.title, spoken.language)
    for key, beat in script.beats.items():
        if beat.line and nearly_alike(beat.line, script.hook.line):
            yield f"hook.line: says the same as beats.{key}.line and gives it away; write another"


def _beat_faults(script: Script, format: Format, spoken: Spoken) -> Iterator[str]:
    said: dict[str, str] = {}
    for key, spec in zip(beat_keys(format), format.beats, strict=True):
        at, beat = f"beats.{key}", script.beats[key]
        if spec.speaker is None:
            if beat.line:
                yield f"{at}.line: this beat is silent; leave the line empty"
            continue
        if not beat.line:
            yield f"{at}.line: is empty; {spec.speaker} speaks here"
            continue
        speaker = spoken.names.get(spec.speaker, "")
        limit = spoken_limit(spec, spoken.language)
        yield from _spoken_faults(f"{at}.line", beat.line, speaker, limit, spoken)
        for before, line in said.items():
            if nearly_alike(line, beat.line):
                yield f"{at}.line: says the same as beats.{before}.line; write another"
                break
        said[key] = beat.line


def _spoken_faults(at: str, line: str, speaker: str, limit: int, spoken: Spoken) -> Iterator[str]:
    if len(line) > limit:
        yield f"{at}: has {len(line)} characters; at most {limit} can be spoken in time"
    if match := _DIRECTION.search(line):
        yield f"{at}: {match[0]!r} cannot be spoken; leave out directions, markup, links and code names"
    signs = [c for c in line if unicodedata.category(c) == _SIGN and c not in _SPOKEN_SIGNS]
    if signs:
        yield f"{at}: {signs[0]!r} cannot be spoken; leave out emoji and signs"
    if is_copied(line, spoken.briefs):
        yield f"{at}: is copied from what you were told; write what one would say"
    names = [*spoken.names, *spoken.names.values()]
    asked = round(limit * LOOSER)
    for fault in line_faults(line, spoken.language, speaker, names, asked):
        yield f"{at}: {fault}"
    yield from _language_faults(at, line, spoken.language)


def _language_faults(at: str, text: str, language: Language) -> Iterator[str]:
    if not text:
        return
    japanese, latin = len(_JAPANESE.findall(text)), len(_LATIN.findall(text))
    if language == "ja" and not japanese:
        yield f"{at}: is not Japanese"
    elif language not in _OWN_SIGNS and latin <= japanese:
        yield f"{at}: is not {ABOUT[language].name}"


def plan_of(script: Script, format: Format, language: Language, idea: str, aspect: Aspect) -> Plan:
    """The plan that a faultless script makes of its format. A character's id is its role."""
    return Plan(
        idea=idea,
        format=format.name,
        title=script.title,
        language=language,
        canvas=Canvas.of(aspect),
        style=Style(description=script.style or format.style),
        cast=[_character(role, c) for role, c in script.cast.items()],
        settings=[
            Setting(
                id=id,
                name=s.name,
                place=s.place,
                time_of_day=s.time_of_day,
                description=s.description,
                lettering=s.lettering,
            )
            for id, s in script.settings.items()
        ],
        hook=_hook(script, format),
        beats=[
            _beat(number, script.beats[key], spec)
            for number, (key, spec) in enumerate(
                zip(beat_keys(format), format.beats, strict=True), 1
            )
        ],
        music=Music(mood=script.music),
    )


def _character(role: str, character: ScriptCharacter) -> Character:
    return Character(
        id=role,
        name=character.name,
        role=role,
        age=character.age,
        presentation=character.presentation,
        appearance=character.appearance,
        wardrobe=character.wardrobe,
        personality=character.personality,
    )


def _hook(script: Script, format: Format) -> Hook | None:
    if format.hook is None or script.hook is None:
        return None
    return Hook(
        title=script.hook.title,
        line=script.hook.line,
        reading=script.hook.reading,
        setting=format.hook.setting,
        cast=format.hook.cast,
        expression=format.hook.expressions[0],
        shot=format.hook.shot,
        duration=format.hook.seconds,
    )


def _beat(number: int, beat: ScriptBeat, spec: BeatSpec) -> Beat:
    return Beat(
        index=number,
        type=spec.type,
        speaker=spec.speaker,
        line=beat.line if spec.speaker else "",
        reading=beat.reading if spec.speaker else "",
        # A face that the format does not want would play against its line.
        expression=beat.expression if beat.expression in spec.expressions else spec.expressions[0],
        reactions={role: options[0] for role, options in spec.reactions.items()},
        action=beat.action or spec.action,
        shot=spec.shots[(number - 1) % len(spec.shots)],
        setting=spec.setting,
        cast=spec.cast,
        props=spec.props,
        duration=spec.seconds[0],
        pause=spec.pause,
        speed=spec.speed,
        transition=spec.transition,
        sound_effect=spec.sound_effect,
        keep_audio=spec.keep_audio,
    )
