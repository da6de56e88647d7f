"""From a card as it is seen to a list of actions: no threads, no clock, no services."""

from __future__ import annotations

from dataclasses import replace

import pytest

from storyboard.gpu.card import Holder, Sample
from storyboard.gpu.forecast import Residency, profile_scale
from storyboard.gpu.line import ALONE, OVERTAKEN, CardLine
from storyboard.gpu.planner import (
    CardState,
    Planner,
    Refuse,
    Release,
    ReleaseProgress,
    ServiceState,
    Start,
    Wait,
    Wake,
)
from storyboard.gpu.services.controls import State
from storyboard.profile import load_profile

PROFILE = load_profile("rtx6000-96gb")
PLANNER = Planner(PROFILE, profile_scale(PROFILE))
NOTHING_DONE = ReleaseProgress({}, since_release_s=float("inf"), waited_s=0.0)


def card(total: float = 96.0, others: float = 0.0, **services: tuple[State, float]) -> CardState:
    """A card with these services of ours, and so much held by a process that is not."""
    ours = sum(gib for _, gib in services.values())
    holders = (Holder(4242, "blender", others),) if others else ()
    states = {name: ServiceState(state, "", gib) for name, (state, gib) in services.items()}
    return CardState(Sample(total, ours + others, holders), total, states, True, holders)


def residency(stage: str = "plan", budget: float = 96.0) -> Residency:
    found = PLANNER.residency_of(stage, None, budget)  # type: ignore[arg-type]
    assert isinstance(found, Residency)
    return replace(found, residents=tuple(r for r in found.residents if r.doing == "working"))


def test_on_an_empty_card_the_workers_are_started() -> None:
    assert PLANNER.next_actions(residency(), card(), NOTHING_DONE) == [Start("planner", "")]


def test_who_is_awake_already_needs_nothing() -> None:
    awake = card(planner=("awake", 38.0))
    assert PLANNER.next_actions(residency(), awake, NOTHING_DONE) == []


def test_who_sleeps_is_woken() -> None:
    asleep = card(planner=("asleep", 1.0))
    assert PLANNER.next_actions(residency(), asleep, NOTHING_DONE) == [Wake("planner", "")]


def test_others_are_released_before_anything_starts() -> None:
    up = card(images=("awake", 16.0), speech=("awake", 3.0))
    assert PLANNER.next_actions(residency(), up, NOTHING_DONE) == [
        Release("images", "sleep"),
        Release("speech", "stop"),
    ]


def test_a_release_that_did_not_work_is_followed_by_a_firmer_one() -> None:
    up = card(images=("awake", 16.0))
    tried = replace(NOTHING_DONE, levels={"images": 0})
    assert PLANNER.next_actions(residency(), up, tried) == [Release("images", "stop")]
    tried = replace(NOTHING_DONE, levels={"images": 1})
    # Nothing is left to try, and there is room beside it.
    assert PLANNER.next_actions(residency(), up, tried) == [Start("planner", "")]


def test_memory_that_others_hold_is_waited_for_and_then_refused() -> None:
    full = card(others=90.0)
    assert PLANNER.next_actions(residency(), full, NOTHING_DONE) == [
        Wait(pytest.approx(32.5, abs=0.01))
    ]  # type: ignore[arg-type]
    late = replace(NOTHING_DONE, waited_s=180.0)
    assert isinstance(PLANNER.next_actions(residency(), full, late)[0], Refuse)


def test_what_was_just_released_is_given_its_time() -> None:
    slow = card(48.0, images=("asleep", 16.0))
    just = ReleaseProgress({"images": 0}, since_release_s=1.0, waited_s=0.0)
    assert isinstance(PLANNER.next_actions(residency(), slow, just)[0], Wait)
    settled = replace(just, since_release_s=20.0)
    assert PLANNER.next_actions(residency(), slow, settled) == [Release("images", "stop")]


def test_a_worker_that_leaks_is_stopped_where_its_room_is_needed() -> None:
    leaking = card(48.0, others=8.0, planner=("awake", 40.0))
    assert PLANNER.next_actions(residency(), leaking, NOTHING_DONE) == [
        Release("planner", "stop", leaked=True)
    ]


def test_one_family_is_never_resident_twice() -> None:
    (first, second) = PLANNER.residencies("speech", 96.0)
    other = next(n for n in second.working if n not in first.working)
    there = {other: ("asleep", 0.0)}
    actions = PLANNER.next_actions(first, card(**there), NOTHING_DONE)  # type: ignore[arg-type]
    assert actions[0] == Release(other, "stop")


def test_what_is_kept_stays_only_where_there_is_room() -> None:
    up = card(planner=("awake", 38.0))
    wide, narrow = residency("finals", 96.0), residency("finals", 48.0)
    assert [r.service for r in PLANNER.with_kept(wide, {"planner"}, up).residents][-1] == "planner"
    assert "planner" not in [
        r.service for r in PLANNER.with_kept(narrow, {"planner"}, up).residents
    ]


def test_services_that_are_never_awake_together_are_told_their_turns() -> None:
    small = load_profile("rtx4090-24gb")
    found = Planner(small, profile_scale(small)).residency_of("images", None, 24.0)
    assert isinstance(found, tuple)
    assert len(found) == 2


# --- who is next ------------------------------------------------------------


PICTURES, VOICES = (residency("finals"), residency("clips"))


def test_whoever_came_first_enters_first() -> None:
    line = (
        CardLine().joined("a", frozenset(PICTURES.working)).joined("b", frozenset(VOICES.working))
    )
    assert line.may_enter("a") and not line.may_enter("b")
    line = line.entered("a", PICTURES, 0.0).opened()
    assert not line.may_enter("b")
    line = line.with_users(-1)
    assert line.active is not None and not line.active.ready
    assert line.freed().may_enter("b")


def test_who_asks_for_what_is_leased_joins_but_not_for_ever() -> None:
    same, other = frozenset(PICTURES.working), frozenset(VOICES.working)
    line = CardLine().joined("first", same).entered("first", PICTURES, 0.0).opened()
    line = line.joined("patient", other)
    for n in range(OVERTAKEN):
        line = line.joined(n, same)
        assert line.may_enter(n)
        line = line.entered(n, PICTURES, 0.0)
    line = line.joined("late", same)
    assert not line.may_enter("late"), "who waits for another lease would starve"
    for _ in range(OVERTAKEN + 1):
        line = line.with_users(-1)
    assert line.freed().may_enter("patient")
    assert not line.freed().may_enter("late")


def test_who_wants_to_be_alone_joins_nobody() -> None:
    line = CardLine().joined("a", frozenset(PICTURES.working)).entered("a", PICTURES, 0.0).opened()
    line = line.joined("keep", ALONE)
    assert not line.may_enter("keep")
    assert line.with_users(-1).freed().may_enter("keep")


def test_a_lease_that_is_prepared_or_ends_takes_nobody_in() -> None:
    line = CardLine().joined("a", frozenset(PICTURES.working)).entered("a", PICTURES, 0.0)
    line = line.joined("b", frozenset(PICTURES.working))
    assert not line.may_enter("b")
    assert line.opened().may_enter("b")
    assert not line.opened().with_users(-1).may_enter("b")


def test_what_is_measured_is_kept_by_service_where_the_driver_tells_it() -> None:
    line = CardLine().joined("a", frozenset(PICTURES.working)).entered("a", PICTURES, 0.0).opened()
    (images,) = PICTURES.working
    for gib in (16.0, 30.0, 20.0):
        line = line.measured(card(**{images: ("awake", gib)}))  # type: ignore[arg-type]
    assert line.active is not None
    usage = line.active.usage
    assert (usage.highest, usage.peaks[images], usage.last[images]) == (30.0, 30.0, 20.0)
    blind = replace(card(others=50.0), exact=False)
    assert line.measured(blind).active.usage.peaks == usage.peaks  # type: ignore[union-attr]
    assert line.measured(blind).active.usage.highest == 50.0  # type: ignore[union-attr]
