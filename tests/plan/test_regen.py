"""`--regen-beats` really redoes what it names, and only that."""

from __future__ import annotations

import pytest

from storyboard.core.errors import UsageError
from storyboard.plan import Plan, parse_plan
from storyboard.plan.regen import Regen, parse_beats, redo_beats
from storyboard.plan.staging import part_seed_of, seed_of
from storyboard.plan.timeline import HOOK


@pytest.fixture
def plan() -> Plan:
    return parse_plan(
        {
            "idea": "A cat",
            "format": "test",
            "title": "Cat",
            "cast": [{"id": "cat", "name": "Cat"}],
            "settings": [{"id": "home", "name": "Home"}],
            "hook": {"title": "Cat!", "setting": "home"},
            "beats": [{"index": i, "type": "sit", "setting": "home"} for i in (1, 2, 3)],
        }
    )


def seeds(plan: Plan) -> dict[int, int]:
    return {i: seed_of(plan, i) for i in (HOOK, 1, 2, 3)}


@pytest.mark.parametrize(
    ("text", "beats"),
    [
        ("none", "none"),
        (" ALL ", "all"),
        ("3", (3,)),
        ("3,1,3", (3, 1)),
        ("1-3", (1, 2, 3)),
        ("hook, 2", (0, 2)),
    ],
)
def test_grammar(text: str, beats: object) -> None:
    assert parse_beats(text) == beats


@pytest.mark.parametrize("text", ["", "x", "1,", "3-1", "-1", "1.5", "2;rm"])
def test_what_is_no_beat_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--regen-beats"):
        parse_beats(text)
    with pytest.raises(UsageError, match=r"^--lock: "):
        parse_beats(text, "--lock")


def test_a_beat_the_plan_lacks_is_refused_with_what_it_has(plan: Plan) -> None:
    with pytest.raises(UsageError, match="no beat 9; it has hook, 1, 2, 3"):
        redo_beats(plan, Regen((2, 9)))


def test_one_beat_gets_a_new_seed_and_the_others_keep_theirs(plan: Plan) -> None:
    before, after = seeds(plan), seeds(redo_beats(plan, Regen((2,))))
    assert before[2] != after[2]
    assert {i: s for i, s in before.items() if i != 2} == {i: s for i, s in after.items() if i != 2}


def test_twice_is_two_different_redos(plan: Plan) -> None:
    assert seeds(redo_beats(plan, Regen((2,)))) != seeds(redo_beats(plan, Regen((2,))))


def test_a_given_seed_is_the_beats_own(plan: Plan) -> None:
    assert redo_beats(plan, Regen((2,), seed=7)).beat(2).seed == 7
    many = redo_beats(plan, Regen("all", seed=7))
    assert many == redo_beats(plan, Regen("all", seed=7))
    assert len(set(seeds(many).values())) == 4


def test_another_take_keeps_the_picture(plan: Plan) -> None:
    again = redo_beats(plan, Regen((2,), keep_images=True))
    assert seeds(again) == seeds(plan)
    assert part_seed_of(again, 2, "speech") != part_seed_of(plan, 2, "speech")
    assert part_seed_of(again, 1, "speech") == part_seed_of(plan, 1, "speech")


def test_none_changes_nothing(plan: Plan) -> None:
    assert redo_beats(plan, Regen("none")) is plan
