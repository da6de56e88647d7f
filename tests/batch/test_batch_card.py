"""A batch on one card: each model loaded once, whoever dies, and never more than there is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from waiting import soon

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import rendered
from faked_batch import HEAVY, FakedBatch, assert_left_nothing
from faked_card import FakedCard

from storyboard.core.events import StepFinished, StepStarted
from storyboard.plan.stages import CHECKPOINTS


def batch(folder: Path, total: float = 96.0, slow: tuple[str, ...] = ()) -> FakedBatch:
    card = FakedCard(folder, total=total, slow=slow)
    card.write()
    return FakedBatch(card)


def assert_made_once(found: FakedBatch, ids: list[str]) -> None:
    films = found.films()
    assert {film.id: film.state for film in films} == dict.fromkeys(ids, "done")
    for film in films:
        assert (film.folder / "final.mp4").is_file()
        assert film.made == CHECKPOINTS
        assert set(rendered(film.folder).values()) == {1}, film.id


@pytest.mark.slow
def test_three_films_load_each_model_once(tmp_path: Path) -> None:
    found = batch(tmp_path, slow=("i2v",))
    ids = found.add("A barista", "A glass blower", "A lighthouse keeper")
    code, said = found.finish()
    assert code == 0, said
    assert_made_once(found, ids)
    # By what the broker said, and by the processes that the card saw.
    assert {name: found.starts()[name] for name in HEAVY} == dict.fromkeys(HEAVY, 1)
    assert {name: found.processes()[name] for name in HEAVY} == dict.fromkeys(HEAVY, 1)
    assert_left_nothing(found)
    # Whoever's stage is over is released before the next one's comes up.
    log = found.log()
    for earlier, later in (("planner", "images"), ("images", "speech"), ("speech", "ditto")):
        gone = next(
            i for i, (kind, name) in enumerate(log) if name == earlier and kind != "started"
        )
        assert gone < log.index(("started", later)), log
    # The first film is put together while the last one's clips are made.
    first, *_, last = sorted(found.films(), key=lambda film: min(t for t, _ in found.steps(film)))
    began = next(
        when
        for when, event in found.steps(first)
        if isinstance(event, StepStarted) and event.step.startswith("assemble")
    )
    clips = [
        when
        for when, event in found.steps(last)
        if isinstance(event, StepFinished) and event.step.startswith("clips/")
    ]
    assert began < max(clips)


@pytest.mark.slow
def test_a_killed_server_and_a_killed_worker_cost_nothing_made(tmp_path: Path) -> None:
    found = batch(tmp_path, slow=("images", "i2v"))
    ids = found.add("A barista", "A glass blower", "A lighthouse keeper")
    with found.running() as worker:
        soon(lambda: found.under_way("images"))
        found.card.kill("images")
        soon(lambda: ("restarted", "images") in found.log())
        soon(lambda: found.under_way("clips/takes"))
        assert found.card.servers()
        worker.kill()
    soon(lambda: not found.card.servers())
    code, said = found.finish()
    assert code == 0, said
    assert_made_once(found, ids)
    assert found.processes()["images"] == 2
    assert found.starts()["planner"] == 1, "what is behind a film is not loaded for again"
    assert_left_nothing(found)


@pytest.mark.slow
def test_films_in_groups_load_once_for_each_group(tmp_path: Path) -> None:
    found = batch(tmp_path)
    ids = found.add("A barista", "A glass blower", "A lighthouse keeper")
    code, said = found.finish("--group", "2")
    assert code == 0, said
    assert_made_once(found, ids)
    # What sleeps is woken for the second group; what can only be stopped is started again.
    log = Counter(found.log())
    assert log["started", "planner"] == log["woken", "planner"] == 1
    assert log["started", "images"] == log["woken", "images"] == 1
    assert log["started", "speech"] == log["stop", "speech"] >= 2
    assert_left_nothing(found)


@pytest.mark.slow
def test_films_of_one_profile_go_before_those_of_the_next(tmp_path: Path) -> None:
    found = batch(tmp_path)
    other = tmp_path / "other.toml"
    other.write_text(f'extends = "{found.card.profile}"\n', encoding="utf-8")
    ids = found.add("A barista")
    ids += found.add("A glass blower", profile=str(other))
    ids += found.add("A lighthouse keeper")
    code, said = found.finish()
    assert code == 0, said
    assert_made_once(found, ids)
    assert {name: found.starts()[name] for name in HEAVY} == dict.fromkeys(HEAVY, 2)
    assert_left_nothing(found)


def test_what_does_not_fit_is_parked_with_its_sum(tmp_path: Path) -> None:
    found = batch(tmp_path, total=24.0)
    found.add("A barista", "A glass blower")
    code, said = found.finish()
    assert code == 5, said
    for film in found.films():
        assert (film.state, film.failures) == ("parked", 1)
        assert "planner 38 = 38 GiB, over the 23.5" in film.reason
        assert f"storyboard batch retry {film.id}" in said
    assert found.card.ledger.history() == []
