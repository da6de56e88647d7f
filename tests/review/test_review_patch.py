"""Edits that reviewers propose: what is open to them, and what never gets through."""

from __future__ import annotations

from typing import Any

import pytest
from tiny_films import tiny_plan

from storyboard.plan import ImagePrompt, Plan
from storyboard.review.plan_patch import (
    MAX_OPERATIONS,
    Change,
    PatchRefused,
    allowed_paths,
    apply,
    plan_digest,
)

RENDERERS = frozenset({"animatic", "a2v"})


@pytest.fixture(scope="module")
def plan() -> Plan:
    plan = tiny_plan("A barista who can only speak in haiku")
    first = plan.beats[0].model_copy(update={"reading": "as it was read"})
    prompt = ImagePrompt(text="Mia lifts a cup.", basis="digest")
    second = plan.beats[1].model_copy(update={"prompt": prompt})
    return plan.model_copy(update={"beats": [first, second]})


def edit(plan: Plan, *operations: Any) -> Plan:
    return apply(plan, operations, RENDERERS)[0]


def put(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def refused(plan: Plan, *operations: Any) -> str:
    with pytest.raises(PatchRefused) as caught:
        apply(plan, operations, RENDERERS)
    return str(caught.value)


def test_a_path_names_a_beat_by_its_index_as_people_count(plan: Plan) -> None:
    edited = edit(plan, put("/beats/2/pause", 1.5))
    assert [beat.pause for beat in edited.beats] == [plan.beats[0].pause, 1.5]
    assert edit(plan, put("/beats/0/title", "New")) == edit(plan, put("/hook/title", "New"))


def test_what_was_changed_is_told_with_what_it_was(plan: Plan) -> None:
    _, changes = apply(plan, [put("/music/level", -24.0)], RENDERERS)
    assert changes == (Change("/music/level", plan.music.level, -24.0),)


def test_a_new_line_drops_the_reading_of_the_old_one(plan: Plan) -> None:
    edited = edit(plan, put("/beats/1/line", "Quite another line."))
    assert (edited.beats[0].line, edited.beats[0].reading) == ("Quite another line.", "")
    both = edit(plan, put("/beats/1/line", "Dr. No."), put("/beats/1/reading", "Doctor No."))
    assert both.beats[0].reading == "Doctor No."


def test_a_clause_is_added_to_a_written_prompt_which_then_stays(plan: Plan) -> None:
    prompt = edit(plan, put("/beats/2/prompt/clause", "Her mouth is closed.")).beats[1].prompt
    assert prompt is not None
    assert prompt.text == "Mia lifts a cup. Her mouth is closed."
    assert prompt.edited
    assert "action instead" in refused(plan, put("/beats/1/prompt/clause", "Closed."))


def test_taking_a_value_out_gives_its_default(plan: Plan) -> None:
    slow = edit(plan, put("/beats/1/speed", 0.8))
    assert edit(slow, {"op": "remove", "path": "/beats/1/speed"}).beats[0].speed == 1.0
    assert "invalid" in refused(plan, {"op": "remove", "path": "/hook/title"})


def test_every_open_path_leads_somewhere(plan: Plan) -> None:
    names = {field for beat in plan.beats for field in type(beat).model_fields}
    for path in allowed_paths():
        keys = path.replace("/beats/{beat}", "").replace("{character}", "x").strip("/").split("/")
        if path.startswith("/beats/"):
            assert keys[0] in names, path
        else:
            assert keys[0] in type(plan).model_fields, path
        assert "invalid" in refused(plan, put(path_of(path), [["nothing takes a list"]])) or keys[
            0
        ] in ("prompt", "renderer")


def path_of(pattern: str) -> str:
    return pattern.replace("{beat}", "1").replace("{character}", "someone")


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (put("/beats/99/line", "Hi."), "no beat 99"),
        (put("/beats/-1/line", "Hi."), "not a path"),
        (put("/beats/1/speaker", "bob"), "not a path"),
        (put("/beats/1", {}), "not a path"),
        (put("/beats/1/line/../../../seed", 1), "not a path"),
        (put("/beats/1/shot", {}), "not a path"),
        (put("/../../etc/passwd", "x"), "not a path"),
        (put("/music/track", "/etc/passwd"), "not a path"),
        (put("/cast/0/voice/reference_audio", "/etc/passwd"), "not a path"),
        (put("/__class__", "x"), "not a path"),
        (put("/beats/1/__class__/__init__", "x"), "not a path"),
        (put("/beats/1/line\n", "x"), "not a path"),
        (put("", {}), "not a path"),
        ({"op": "replace", "path": 7, "value": 1}, "not a path"),
        ({"op": "move", "from": "/idea", "path": "/title"}, "not one of add"),
        ({"op": ["replace"], "path": "/music/level", "value": 1}, "not one of add"),
        ({}, "not one of add"),
        ({"op": "replace", "path": "/music/level"}, "no value"),
        ({**put("/music/level", -20), "from": "x"}, "not part of an edit"),
        (put("/beats/1/line", "x" * 700), "at most 600 characters"),
        (put("/beats/1/line", "x" * 1_000_000), "4000 at most"),
        (put("/beats/1/line", "a\x00b"), "control characters"),
        (put("/beats/1/line", "a\x1b[31m"), "control characters"),
        (put("/beats/1/line", "\ud800"), "no JSON"),
        (put("/music/level", float("nan")), "no JSON"),
        (put("/music/level", 40), "invalid"),
        (put("/music/mood", "sad"), "invalid"),
        (put("/beats/1/pause", "soon"), "invalid"),
        (put("/beats/1/shot/scale", "selfie"), "invalid"),
        (put("/beats/1/reactions/nobody", "happy"), "invalid"),
        (put("/beats/1/sound_effect", {"name": "gavel", "path": "/etc"}), "invalid"),
        (put("/beats/1/renderer", "rm -rf"), "no video backend: a2v, animatic"),
        (put("/music/level", -18.0), "changes nothing"),
    ],
)
def test_nothing_else_gets_through(plan: Plan, operation: dict[str, Any], why: str) -> None:
    assert why in refused(plan, operation)


def test_one_bad_edit_spoils_the_patch_and_the_plan_stays_as_it_was(plan: Plan) -> None:
    before = plan_digest(plan)
    assert "no beat 99" in refused(plan, put("/beats/1/line", "Hi."), put("/beats/99/line", "Hi."))
    many = [put("/beats/1/pause", i / 100) for i in range(MAX_OPERATIONS + 1)]
    assert f"{MAX_OPERATIONS} at most" in refused(plan, *many)
    assert "changes nothing" in refused(plan)
    assert plan_digest(plan) == before


def test_a_prompt_that_a_model_words_is_not_another_plan(plan: Plan) -> None:
    unworded = plan.model_copy(
        update={"beats": [plan.beats[0], plan.beats[1].model_copy(update={"prompt": None})]}
    )
    assert plan_digest(unworded) == plan_digest(plan)
    assert plan_digest(edit(plan, put("/beats/2/prompt/text", "Other."))) != plan_digest(plan)


@pytest.mark.parametrize(
    ("path", "words", "why"),
    [
        ("/beats/1/line", "Buy now! " * 16, "has 143 characters: 84 at most"),
        ("/hook/line", "Only today at your dealer: " * 5, "at most"),
        ("/hook/title", "x" * 70, "has 70 characters: 60 at most"),
        ("/beats/1/line", "As an AI, I cannot say that.", "what a machine says of itself"),
        ("/beats/1/line", "Je voudrais un autre café, monsieur.", "is not English"),
        ("/beats/1/line", "Line 1 goes here.", "was never written"),
        ("/beats/1/reading", "none", "reads another line"),
        ("/hook/reading", "a deep breath", "reads another line"),
    ],
)
def test_new_words_hold_to_what_can_be_said(plan: Plan, path: str, words: str, why: str) -> None:
    assert why in refused(plan, put(path, words.strip()))
