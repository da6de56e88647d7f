"""The script: what a format leaves open, and nothing else.

A language model fills a script, never a plan: who speaks, how many beats there are and how
they are shot is the format's, so no answer can get it wrong.

Knows: scripts, their schema for a format, their faults, and the plan they make. Does not
know: who wrote one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from renderers.scene import AgeGroup, Expression, Place, Presentation, TimeOfDay
from storyboard.formats import BeatSpec, Format, MusicMood
from storyboard.plan import (
    Aspect,
    Beat,
    Canvas,
    Character,
    Hook,
    Language,
    Music,
    Plan,
    Record,
    Setting,
    Style,
)

CHARACTERS_PER_SECOND: dict[Language, float] = {"en": 15.0, "ja": 7.5}
"""Speaking rate of the default voices, for refusing lines that cannot fit their beat."""
SLACK = 1.25
"""A line may run this much over its beat: the beat grows with it."""
_DIRECTION = re.compile(r"[*\[\]{}<>#]|\([^)]*\)|（[^）]*）|https?://")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿々ー]")
_KANA = re.compile(r"^[぀-ヿー・、。！？!?…\s]*$")
_LATIN = re.compile(r"[A-Za-z]")


class ScriptCharacter(Record):
    role: str
    name: str = Field(min_length=1, max_length=30)
    presentation: Presentation
    age: AgeGroup
    appearance: str = Field(min_length=10, max_length=280)
    wardrobe: str = Field(min_length=5, max_length=200)
    personality: str = Field(default="", max_length=120)


class ScriptSetting(Record):
    id: str
    name: str = Field(min_length=1, max_length=60)
    place: Place
    time_of_day: TimeOfDay
    description: str = Field(default="", max_length=240)
    lettering: str = Field(default="", max_length=24)


class ScriptHook(Record):
    title: str = Field(min_length=1, max_length=60)
    line: str = Field(default="", max_length=160)
    reading: str = Field(default="", max_length=200)


class ScriptBeat(Record):
    type: str
    line: str = Field(default="", max_length=300)
    reading: str = Field(default="", max_length=360)
    expression: Expression
    action: str = Field(default="", max_length=220)


class Script(Record):
    title: str = Field(min_length=1, max_length=80)
    style: str = Field(default="", max_length=200)
    music: MusicMood = "playful"
    cast: list[ScriptCharacter]
    settings: list[ScriptSetting]
    hook: ScriptHook | None = None
    beats: list[ScriptBeat]


def script_schema(format: Format, language: Language) -> dict[str, Any]:
    """JSON Schema of a script for this format: names and counts are fixed, text is bounded."""
    schema = Script.model_json_schema()
    records = schema["$defs"]
    records["ScriptCharacter"]["properties"]["role"]["enum"] = [r.id for r in format.roles]
    records["ScriptSetting"]["properties"]["id"]["enum"] = [s.id for s in format.settings]
    records["ScriptBeat"]["properties"]["type"]["enum"] = sorted({b.type for b in format.beats})
    longest = max(beat.max_chars[language] for beat in format.beats)
    records["ScriptBeat"]["properties"]["line"]["maxLength"] = longest
    properties = schema["properties"]
    for name, count in (
        ("cast", len(format.roles)),
        ("settings", len(format.settings)),
        ("beats", len(format.beats)),
    ):
        properties[name] |= {"minItems": count, "maxItems": count}
    if format.hook is None:
        del properties["hook"]
    else:
        properties["hook"] = {"$ref": "#/$defs/ScriptHook"}
    schema["required"] = sorted(properties)
    return schema


def script_faults(script: Script, format: Format, language: Language) -> list[str]:
    """Every fault by path, worded for whoever has to mend it."""
    return [
        *_same_names("cast", [c.role for c in script.cast], [r.id for r in format.roles]),
        *_same_names("settings", [s.id for s in script.settings], [s.id for s in format.settings]),
        *_cast_faults(script),
        *_hook_faults(script, format, language),
        *_beat_faults(script, format, language),
    ]


def _same_names(where: str, given: list[str], wanted: list[str]) -> Iterator[str]:
    for i, name in enumerate(given):
        if name not in wanted:
            yield f"{where}[{i}]: '{name}' is not one of {', '.join(wanted)}"
        elif name in given[:i]:
            yield f"{where}[{i}]: '{name}' is given twice; each of {', '.join(wanted)} once"
    missing = [name for name in wanted if name not in given]
    if missing:
        yield f"{where}: {', '.join(missing)} is missing"


def _cast_faults(script: Script) -> Iterator[str]:
    for i, character in enumerate(script.cast):
        others = script.cast[:i]
        if any(character.name.lower() == other.name.lower() for other in others):
            yield f"cast[{i}].name: '{character.name}' is the name of two people"
        if any(character.wardrobe.lower() == other.wardrobe.lower() for other in others):
            yield f"cast[{i}].wardrobe: two people wear the same; give each their own colours"


def _hook_faults(script: Script, format: Format, language: Language) -> Iterator[str]:
    if format.hook is None:
        return
    if script.hook is None:
        yield "hook: is missing"
        return
    limit = format.hook.max_chars[language]
    yield from _spoken_faults("hook.line", script.hook.line, language, limit)
    yield from _reading_faults("hook.reading", script.hook.reading, language)
    yield from _language_faults("hook.title", script.hook.title, language)


def _beat_faults(script: Script, format: Format, language: Language) -> Iterator[str]:
    if len(script.beats) != len(format.beats):
        yield f"beats: there are {len(script.beats)}; the format has {len(format.beats)}"
        return
    said: dict[str, int] = {}
    for i, (beat, spec) in enumerate(zip(script.beats, format.beats, strict=True)):
        at = f"beats[{i}]"
        if beat.type != spec.type:
            yield f"{at}.type: is '{beat.type}'; beat {i + 1} of this format is '{spec.type}'"
        if spec.speaker is None:
            if beat.line:
                yield f"{at}.line: this beat is silent; leave the line empty"
            continue
        if not beat.line.strip():
            yield f"{at}.line: is empty; {spec.speaker} speaks here"
            continue
        longest = spec.seconds[1] * SLACK * CHARACTERS_PER_SECOND[language] * spec.speed
        limit = min(spec.max_chars[language], round(longest))
        yield from _spoken_faults(f"{at}.line", beat.line, language, limit)
        yield from _reading_faults(f"{at}.reading", beat.reading, language)
        before = said.setdefault(beat.line.strip().lower(), i)
        if before != i:
            yield f"{at}.line: says the same as beats[{before}].line; write another"


def _spoken_faults(at: str, line: str, language: Language, limit: int) -> Iterator[str]:
    if len(line) > limit:
        yield f"{at}: has {len(line)} characters; at most {limit} can be spoken in time"
    if match := _DIRECTION.search(line):
        yield f"{at}: {match[0]!r} cannot be spoken; leave out directions, markup and links"
    yield from _language_faults(at, line, language)


def _language_faults(at: str, text: str, language: Language) -> Iterator[str]:
    if not text:
        return
    japanese, latin = len(_JAPANESE.findall(text)), len(_LATIN.findall(text))
    if language == "ja" and not japanese:
        yield f"{at}: is not Japanese"
    if language == "en" and latin <= japanese:
        yield f"{at}: is not English"


def _reading_faults(at: str, reading: str, language: Language) -> Iterator[str]:
    if language == "ja" and not _KANA.match(reading):
        yield f"{at}: give the reading of the whole line in kana, or leave it empty"


def plan_of(script: Script, format: Format, language: Language, idea: str, aspect: Aspect) -> Plan:
    """The plan that a faultless script makes of its format. A character's id is its role."""
    return Plan(
        idea=idea,
        format=format.name,
        title=script.title,
        language=language,
        canvas=Canvas.of(aspect),
        style=Style(description=script.style or format.style),
        cast=[_character(c) for c in script.cast],
        settings=[
            Setting(
                id=s.id,
                name=s.name,
                place=s.place,
                time_of_day=s.time_of_day,
                description=s.description,
                lettering=s.lettering,
            )
            for s in script.settings
        ],
        hook=_hook(script, format),
        beats=[
            _beat(number, beat, spec)
            for number, (beat, spec) in enumerate(zip(script.beats, format.beats, strict=True), 1)
        ],
        music=Music(mood=script.music),
    )


def _character(character: ScriptCharacter) -> Character:
    return Character(
        id=character.role,
        name=character.name,
        role=character.role,
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
        line=beat.line.strip() if spec.speaker else "",
        reading=beat.reading.strip() if spec.speaker else "",
        expression=beat.expression,
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
