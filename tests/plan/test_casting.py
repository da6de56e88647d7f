"""Casting completes a plan and never overrules it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from renderers.scene import AgeGroup, Presentation
from storyboard.core.errors import PlanError, UsageError
from storyboard.plan import Plan, parse_plan
from storyboard.plan.casting import cast_plan


@dataclass(frozen=True)
class Option:
    """A voice as a list of voices tells it."""

    name: str
    presentation: Presentation = "feminine"
    age: AgeGroup = "adult"
    f0: int = 0


VOICES = (
    Option("fay", "feminine", f0=230),
    Option("max", "masculine", f0=110),
    Option("fia", "feminine", f0=205),
    Option("mel", "masculine", f0=135),
    Option("gran", "feminine", "elder", 190),
    Option("kid", "neutral", "child", 340),
)


def plan_of(*cast: dict[str, Any], **changes: Any) -> Plan:
    data: dict[str, Any] = {
        "idea": "i",
        "format": "comedy_5",
        "title": "T",
        "cast": list(cast),
        "settings": [{"id": "main", "name": "Main"}],
        "beats": [{"index": 1, "type": "only", "setting": "main"}],
    }
    return parse_plan(data | changes)


ANNA = {"id": "anna", "name": "Anna", "presentation": "feminine", "appearance": "red hair"}
BEN = {"id": "ben", "name": "Ben", "presentation": "masculine", "wardrobe": "a blue hoodie"}
OMA = {"id": "oma", "name": "Oma", "presentation": "feminine", "age": "elder"}
KIM = {"id": "kim", "name": "Kim", "presentation": "neutral", "age": "child"}


def presets(plan: Plan) -> list[str]:
    return [plan.narrator.preset, *(c.voice.preset for c in plan.cast if c.voice)]


def test_everybody_gets_a_look_and_a_voice_of_their_own() -> None:
    plan = cast_plan(plan_of(ANNA, BEN, OMA, KIM), VOICES)
    heads = [c.avatar.head for c in plan.cast if c.avatar]
    tops = [c.avatar.top for c in plan.cast if c.avatar]
    assert len(set(heads)) == len(set(tops)) == 4
    assert len(set(presets(plan))) == 5


def test_voices_match_who_speaks() -> None:
    plan = cast_plan(plan_of(BEN, OMA, KIM), VOICES)
    assert presets(plan)[1] in ("max", "mel")
    assert presets(plan)[2:] == ["gran", "kid"]


def test_the_same_plan_is_cast_the_same_and_casting_twice_changes_nothing() -> None:
    once = cast_plan(plan_of(ANNA, BEN), VOICES)
    assert once == cast_plan(plan_of(ANNA, BEN), VOICES)
    assert cast_plan(once, VOICES) == once


def test_what_a_person_set_stays() -> None:
    look = {
        "head": "bun",
        "skin": "#aa7755",
        "hair": "#111111",
        "top": "#ff0000",
        "bottom": "#00ff00",
        "accent": "#0000ff",
    }
    anna = ANNA | {"avatar": look, "voice": {"preset": "mel", "speed": 1.2}}
    plan = cast_plan(plan_of(anna, BEN, narrator={"preset": "kid"}), VOICES)
    given = plan.character("anna")
    assert given.avatar is not None
    assert given.avatar.head == "bun"
    assert given.avatar.top == "#ff0000"
    assert given.voice is not None
    assert (given.voice.preset, given.voice.speed) == ("mel", 1.2)
    assert plan.narrator.preset == "kid"
    # Nobody else takes what is taken, even where it would fit best.
    assert presets(plan)[2] == "max"
    other = plan.character("ben").avatar
    assert other is not None
    assert other.head != "bun"


def test_a_speed_alone_is_kept_and_a_voice_added() -> None:
    plan = cast_plan(plan_of(ANNA | {"voice": {"speed": 0.8}}), VOICES)
    voice = plan.character("anna").voice
    assert voice is not None
    assert voice.preset
    assert voice.speed == 0.8


def test_renaming_a_film_recasts_nobody() -> None:
    cast = [presets(cast_plan(plan_of(ANNA, BEN, OMA, title=t), VOICES)) for t in "ABCDEFGH"]
    assert cast == [cast[0]] * 8


def test_a_cloned_voice_is_left_alone() -> None:
    clone = {"kind": "clone", "reference_audio": "me.wav", "consent": "mine"}
    plan = cast_plan(plan_of(ANNA | {"voice": clone}), VOICES)
    voice = plan.character("anna").voice
    assert voice is not None
    assert (voice.kind, voice.preset) == ("clone", "")


def test_two_characters_with_one_look_are_refused() -> None:
    look = dict.fromkeys(("skin", "hair", "top", "bottom", "accent"), "#123456") | {"head": "bun"}
    with pytest.raises(PlanError, match=r"cast\[1\].avatar: looks the same as anna"):
        cast_plan(plan_of(ANNA | {"avatar": look}, BEN | {"avatar": look}), VOICES)


def test_more_speakers_than_voices_differ_by_speed() -> None:
    plan = cast_plan(plan_of(ANNA, BEN, OMA), VOICES[:2])
    heard = {(plan.narrator.preset, plan.narrator.speed)}
    heard |= {(c.voice.preset, c.voice.speed) for c in plan.cast if c.voice}
    assert len(heard) == 4


def test_no_voice_at_all_is_refused_with_the_fix() -> None:
    with pytest.raises(UsageError, match="storyboard voices"):
        cast_plan(plan_of(ANNA), ())


def test_similar_pitches_are_kept_apart() -> None:
    near = (Option("a", f0=230), Option("b", f0=228), Option("c", f0=190), Option("d", f0=260))
    anna, eve = ANNA, ANNA | {"id": "eve", "name": "Eve"}
    plan = cast_plan(plan_of(anna, eve), near)
    assert not {"a", "b"} <= set(presets(plan))
