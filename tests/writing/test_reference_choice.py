"""Which references and which shift a beat gets, and why."""

from __future__ import annotations

from typing import Any

import pytest

from storyboard.plan import Plan, parse_plan
from storyboard.writing.prompting.references import choose, reference_faults

BASE: dict[str, Any] = {"type": "beat", "setting": "bar", "cast": ["ann", "bob"]}


def a_plan(*beats: dict[str, Any]) -> Plan:
    return parse_plan(
        {
            "idea": "x",
            "format": "comedy_5",
            "title": "x",
            "cast": [{"id": id, "name": id} for id in ("ann", "bob", "cy", "dee")],
            "settings": [{"id": "bar", "name": "bar"}, {"id": "sea", "name": "sea"}],
            "beats": [{"index": i, **BASE, **beat} for i, beat in enumerate(beats, 1)],
        }
    )


def test_a_new_scene_is_made_of_its_place_and_its_people_and_keeps_only_who_they_are() -> None:
    choice = choose(plan := a_plan({}), plan.beats[0])
    assert choice.references == ("setting:bar", "character:ann", "character:bob")
    assert choice.shift == 3.0 and "new picture" in choice.reason


@pytest.mark.parametrize(
    ("change", "shift"),
    [
        ({"expression": "angry"}, 1.0),
        ({"action": "stands up"}, 2.0),
        ({"shot": {"scale": "medium close-up"}}, 2.5),
    ],
)
def test_a_shot_that_goes_on_is_drawn_from_the_picture_before(
    change: dict[str, Any], shift: float
) -> None:
    plan = a_plan({}, change)
    choice = choose(plan, plan.beats[1])
    assert choice.references == ("beat:1", "character:ann", "character:bob")
    assert choice.shift == shift and "beat 1" in choice.reason


@pytest.mark.parametrize(
    "change",
    [
        {"setting": "sea"},
        {"cast": ["ann"]},
        {"shot": {"angle": "low angle"}},
        {"shot": {"orientation": "side view"}},
        {"shot": {"scale": "extreme close-up"}},
        {"transition": "crossfade"},
    ],
)
def test_another_place_person_or_camera_starts_afresh(change: dict[str, Any]) -> None:
    plan = a_plan({}, change)
    assert not any(r.startswith("beat:") for r in choose(plan, plan.beats[1]).references)


def test_four_references_are_the_most_and_faces_come_first() -> None:
    plan = a_plan({"cast": ["ann", "bob", "cy", "dee"]})
    assert choose(plan, plan.beats[0]).references == tuple(
        f"character:{id}" for id in ("ann", "bob", "cy", "dee")
    )
    plan = a_plan({"cast": ["ann", "bob", "cy"]})
    assert len(choose(plan, plan.beats[0]).references) == 4
    assert choose(plan, plan.beats[0], limit=0).references == ()
    assert choose(plan, plan.beats[0], limit=2).references == ("character:ann", "character:bob")


@pytest.mark.parametrize(
    ("reference", "fault"),
    [
        ("setting:moon", "'moon' is no setting to refer to: bar, sea"),
        ("character:zoe", "'zoe' is no character"),
        ("beat:2", "'2' is no beat to refer to: 1"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named_by_its_path(reference: str, fault: str) -> None:
    prompt = {"text": "x", "references": ["beat:1", reference], "edited": True}
    (found,) = reference_faults(a_plan({}, {"prompt": prompt}))
    assert found.startswith("beats[1].prompt.references[1]: ") and fault in found
