"""What is read out of a plan: the same from what was kept as from the words themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderers.tts.voices import Catalogue
from storyboard.graph.known import Known
from storyboard.plan import Plan, staging
from storyboard.plan.casting import cast_plan
from storyboard.plan.drawable import undrawable
from storyboard.plan.format_files import load_format
from storyboard.plan.regen import Regen, redo_beats
from storyboard.stages import plan_reading
from storyboard.stages.plan_reading import PlanReading, read_plan
from storyboard.writing import offline

IDEA = "My neighbour's dog keeps ordering pizza online"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return offline.write_plan(IDEA, load_format("comedy_5"), "en", "9:16", 42)


def reading(plan: Plan, store: Path) -> PlanReading:
    return read_plan(plan, Catalogue().list("en"), Known(store, keeps=True), drawn=True)


def nobody(*_: object, **__: object) -> None:
    raise AssertionError("read again")


def with_title(plan: Plan, title: str) -> Plan:
    assert plan.hook is not None
    hook = plan.hook.model_copy(update={"title": title})
    return plan.model_copy(update={"title": title, "hook": hook})


def test_it_is_what_the_plan_gives_by_itself(plan: Plan, tmp_path: Path) -> None:
    for _ in range(2):
        found = reading(plan, tmp_path / ".store")
        cast = cast_plan(plan, Catalogue().list("en"))
        assert found.cast == cast
        assert found.note == offline.stand_in(cast)
        assert set(undrawable(cast, staging.scenes_of(cast))) <= set(found.told)
        assert found.scenes == staging.scenes_of(cast)


def test_what_was_read_is_not_read_again(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reading(plan, tmp_path / ".store")
    for name in ("_beats", "_titles"):
        monkeypatch.setattr(plan_reading, name, nobody)
    monkeypatch.setattr(offline, "stand_in", nobody, raising=False)
    assert reading(plan, tmp_path / ".store") == before


def test_a_beat_redone_reads_nothing_again(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reading(plan, tmp_path / ".store")
    for name in ("_beats", "_titles"):
        monkeypatch.setattr(plan_reading, name, nobody)
    redone = redo_beats(plan, Regen((1, 3), seed=7))
    found = reading(redone, tmp_path / ".store")
    assert found.cast == cast_plan(redone, Catalogue().list("en"))
    assert found.scenes == staging.scenes_of(found.cast) != before.scenes


def test_another_title_reads_no_beat_again(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading(plan, tmp_path / ".store")
    monkeypatch.setattr(plan_reading, "_beats", nobody)
    titled = with_title(plan, "A penguin")
    found = reading(titled, tmp_path / ".store")
    assert found.cast == cast_plan(titled, Catalogue().list("en"))
    with pytest.raises(AssertionError, match="read again"):
        reading(plan.model_copy(update={"seed": 7}), tmp_path / ".store")


def test_a_film_that_says_another_idea_is_noted(plan: Plan, tmp_path: Path) -> None:
    other = plan.model_copy(update={"idea": "A glacier sues the coast guard over a parking fine"})
    assert "stand-in" in reading(other, tmp_path / ".store").note
