"""A patch of a plan: paths by number and id, what follows from a change, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from small_plans import a_plan

from storyboard.core.errors import PlanError, UsageError
from storyboard.edit import beat_patches
from storyboard.edit.patch import Patch, parse_patch, patched, read_patch
from storyboard.plan import Plan
from storyboard.plan.staging import part_seed_of, ways_of


@pytest.fixture
def plan() -> Plan:
    spoken: list[dict[str, Any]] = [
        {"index": n, "type": "beat", "setting": "bar", "cast": ["ann"], "speaker": "ann"}
        for n in (1, 2, 3)
    ]
    lines = ("Good morning, Bob. It rains.", "No.", "Then we wait.")
    return a_plan(beats=[b | {"line": line} for b, line in zip(spoken, lines, strict=True)])


def edited(plan: Plan, *operations: dict[str, Any]) -> Plan:
    return patched(plan, parse_patch(list(operations)))[0]


def order_of(plan: Plan) -> list[int]:
    return [beat.index for beat in plan.beats]


def test_a_path_names_a_beat_by_its_number_and_a_person_by_id(plan: Plan) -> None:
    changed = edited(
        plan,
        {"op": "replace", "path": "/beats/3/line", "value": "Then we go."},
        {"op": "replace", "path": "/cast/bob/wardrobe", "value": "a red suit"},
        {"op": "replace", "path": "/beats/0/title", "value": "Later"},
    )
    assert changed.beats[2].line == "Then we go."
    assert changed.character("bob").wardrobe == "a red suit"
    assert changed.hook is not None and changed.hook.title == "Later"


def test_a_beat_keeps_its_number_wherever_it_is_moved(plan: Plan) -> None:
    moved, changes = patched(plan, beat_patches.move(3, before=1))
    assert order_of(moved) == [3, 1, 2]
    assert [(c.path, c.before, c.after) for c in changes if c.path == "/beats"] == [
        ("/beats", ["1", "2", "3"], ["3", "1", "2"])
    ]
    for number in (1, 2, 3):
        for part in ("picture", "speech", "clip"):
            assert part_seed_of(moved, number, part) == part_seed_of(plan, number, part)
    assert order_of(patched(moved, beat_patches.move(3, before=None))[0]) == [1, 2, 3]
    # What a number meant once it never means again, as long as there are others.
    without = edited(plan, {"op": "remove", "path": "/beats/2"})
    assert order_of(without) == [1, 3]
    assert order_of(patched(without, beat_patches.insert(without, 3, {"action": "nods"}))[0]) == [
        1,
        4,
        3,
    ]


def test_beats_beside_a_change_are_blocked_as_before(plan: Plan) -> None:
    before = ways_of(plan)
    changed = edited(plan, {"op": "replace", "path": "/beats/1/action", "value": "kneels"})
    after = ways_of(changed)
    assert before[1] != after[1]
    assert (before[2], before[3]) == (after[2], after[3])
    gone = ways_of(edited(plan, {"op": "remove", "path": "/beats/1"}))
    assert (before[2], before[3]) == (gone[2], gone[3])


def test_a_new_line_drops_the_old_reading_unless_one_is_given(plan: Plan) -> None:
    read = edited(plan, {"op": "replace", "path": "/beats/2/reading", "value": "Nope."})
    line = {"op": "replace", "path": "/beats/2/line", "value": "Yes."}
    assert edited(read, line).beat(2).reading == ""
    given = {"op": "replace", "path": "/beats/2/reading", "value": "Yess."}
    assert edited(read, line, given).beat(2).reading == "Yess."


def test_a_line_is_parted_where_a_sentence_ends(plan: Plan) -> None:
    parted, _ = patched(plan, beat_patches.split(plan, 1))
    assert order_of(parted) == [1, 4, 2, 3]
    assert (parted.beat(1).line, parted.beat(4).line) == ("Good morning, Bob.", "It rains.")
    with pytest.raises(UsageError, match=r"beat 2: “No\.” cannot be parted"):
        beat_patches.split(plan, 2)


def test_a_muted_beat_keeps_its_picture_and_its_people(plan: Plan) -> None:
    muted, _ = patched(plan, beat_patches.mute(plan, 2))
    assert muted.beat(2).silent and muted.beat(2).cast == ["ann"]


def test_a_locked_beat_is_changed_by_nothing_but_its_unlocking(plan: Plan) -> None:
    locked, _ = patched(plan, beat_patches.lock(2))
    assert locked.locked == {2}
    refused: list[Patch] = [
        beat_patches.set_fields(2, {"line": "Maybe."}),
        beat_patches.delete(2),
        beat_patches.redo(locked, 2),
    ]
    for patch in refused:
        with pytest.raises(UsageError, match=r"beat 2 is locked: unlock it first"):
            patched(locked, patch)
    assert patched(locked, beat_patches.set_fields(1, {"line": "Hi."}))[0].beat(1).line == "Hi."
    assert order_of(patched(locked, beat_patches.move(2, None))[0]) == [1, 3, 2]
    free, _ = patched(
        locked, [*beat_patches.lock(2, locked=False), *beat_patches.set_fields(2, {"line": "So."})]
    )
    assert free.beat(2).line == "So." and not free.locked


def test_one_part_gets_a_seed_of_its_own(plan: Plan) -> None:
    again, _ = patched(plan, beat_patches.redo(plan, 2, "picture", 99))
    assert part_seed_of(again, 2, "picture") == 99
    assert part_seed_of(again, 2, "speech") == part_seed_of(plan, 2, "speech")


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ({"op": "replace", "path": "/beats/7/line", "value": "x"}, "there is no 7, only 1, 2, 3"),
        ({"op": "replace", "path": "/cast/eve/name", "value": "x"}, "no eve, only ann, bob"),
        ({"op": "replace", "path": "/beats/1/lin", "value": "x"}, "/beats/1/lin: is not there"),
        ({"op": "replace", "path": "/beats/1/line/x", "value": 1}, "holds nothing else"),
        ({"op": "test", "path": "/beats/1/line", "value": "x"}, "it is .* now"),
        ({"op": "add", "path": "/title"}, "has no value"),
        ({"op": "move", "path": "/beats/1"}, "has no from"),
        ({"op": "move", "from": "/beats/1", "path": "/beats/1/cast/-"}, "into itself"),
        ({"op": "erase", "path": "/title"}, "is no JSON Patch"),
        ({"op": "remove", "path": "title"}, "is no JSON Patch"),
        ({"op": "remove", "path": "/beats/1", "why": "x"}, "unknown field"),
    ],
)
def test_what_leads_nowhere_is_refused_with_what_there_is(
    plan: Plan, operation: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        edited(plan, operation)


def test_a_plan_that_would_not_hold_is_refused_by_the_beats_number(plan: Plan) -> None:
    moved, _ = patched(plan, beat_patches.move(3, before=1))
    with pytest.raises(PlanError, match=r"beat 3\.duration: "):
        edited(moved, {"op": "replace", "path": "/beats/3/duration", "value": 900})
    with pytest.raises(PlanError, match=r"beat 1\.lines: unknown field"):
        edited(plan, {"op": "add", "path": "/beats/1/lines", "value": "x"})


def test_text_that_is_no_patch_is_refused() -> None:
    for text in ("{", "{}", '[{"op": "add"}]', "[1]", "NaN"):
        with pytest.raises(UsageError, match=r"(?i)patch"):
            read_patch(text)


def test_copies_of_copies_end_where_no_plan_does(plan: Plan) -> None:
    swelling = [{"op": "copy", "from": "/beats", "path": "/beats/1/x"}] * 50
    with pytest.raises(UsageError, match="larger than any plan"):
        edited(plan, *swelling)
