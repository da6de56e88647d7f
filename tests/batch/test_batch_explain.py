"""What a batch says it would load and take, before anything runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import tiny_entry
from tiny_films import tiny_plan
from typer.testing import CliRunner

from benchmarks import batch as benchmark
from storyboard.batch.entry import Entry
from storyboard.batch.queue import open_queue
from storyboard.cli.batch import app
from storyboard.core.events import EventLog
from storyboard.gpu.events import Started, Woken
from storyboard.graph.simulation import FilmAhead, LoadTimes, StepAhead, simulate
from storyboard.plan import Beat, dump_plan
from storyboard.profile import load_profile
from storyboard.profile.needs import need_of

BIG = "rtx6000-96gb"


def explained(root: Path, *entries: Entry, options: tuple[str, ...] = ()) -> dict[str, object]:
    with open_queue(root) as queue:
        queue.add(entries, root)
    said = CliRunner().invoke(app, ["explain", "--json", "--runs", str(root), *options])
    assert said.exit_code == 0, said.output
    return json.loads(said.stdout)


def on_a_card(root: Path, idea: str, profile: str = BIG) -> Entry:
    """A film whose plan is there: a talking head, a drama and a silent beat."""
    entry = tiny_entry(idea, profile=profile, plan={})
    plan = tiny_plan(idea, 3)
    routed: list[Beat] = [
        beat.model_copy(update={"renderer": renderer})
        for beat, renderer in zip(plan.beats, ("ditto", "a2v", "i2v"), strict=True)
    ]
    (root / entry.id).mkdir(parents=True)
    written = dump_plan(plan.model_copy(update={"beats": routed, "hook": None}))
    (root / entry.id / "plan.json").write_text(written, encoding="utf-8")
    return entry


def timed(root: Path, what: type[Started | Woken], **seconds: float) -> None:
    log = EventLog(root / ".batch" / "events.jsonl")
    for service, took in seconds.items():
        log.emit(what(service, "", took))


def test_a_batch_with_servers_says_what_it_loads(tmp_path: Path) -> None:
    films = [on_a_card(tmp_path, f"A cat {n}") for n in range(2)]
    timed(tmp_path, Started, planner=30, images=20, speech=5, ditto=5, a2v=40, i2v=10)
    found = explained(tmp_path, *films)
    together, apart = found["stage_major"], found["film_major"]
    assert isinstance(together, dict)
    assert isinstance(apart, dict)
    services = ("planner", "images", "speech", "ditto", "a2v", "i2v")
    assert together["loads"] == dict.fromkeys(services, 1)
    assert apart["loads"] == dict.fromkeys(services, 2)
    assert together["load_seconds"] == 110
    assert apart["load_seconds"] == 220
    assert together["peak_gib"] == 38
    assert found["unloaded"] == []
    assert found["unknown"] > 0, "nothing was ever made here"


@pytest.mark.slow
def test_groups_are_woken_where_servers_sleep_and_loaded_where_they_stop(tmp_path: Path) -> None:
    films = [on_a_card(tmp_path, f"A cat {n}") for n in range(3)]
    timed(tmp_path, Started, planner=30, images=20, speech=5, ditto=5, a2v=40, i2v=10)
    timed(tmp_path, Woken, planner=3)
    found = explained(tmp_path, *films, options=("--group", "2"))
    together = found["stage_major"]
    assert isinstance(together, dict)
    assert (together["loads"]["planner"], together["wakes"]) == (1, {"planner": 1, "images": 1})
    assert together["loads"]["a2v"] == 2
    assert together["load_seconds"] == 30 + 3 + 20 + 2 * (5 + 5 + 40 + 10)
    assert found["unloaded"] == ["images"], "its waking was never timed"


@pytest.mark.slow
def test_films_of_two_profiles_load_each_profiles_models_once(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(f'extends = "{BIG}"\n', encoding="utf-8")
    films = [
        on_a_card(tmp_path, "A cat"),
        on_a_card(tmp_path, "A dog", str(other)),
        on_a_card(tmp_path, "An owl"),
        tiny_entry("A bird without a card"),
    ]
    found = explained(tmp_path, *films)
    together, apart = found["stage_major"], found["film_major"]
    assert isinstance(together, dict)
    assert isinstance(apart, dict)
    assert set(together["loads"].values()) == {2}
    assert set(apart["loads"].values()) == {3}


def test_nothing_recorded_is_said_and_not_guessed(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        queue.add([on_a_card(tmp_path, "A cat")], tmp_path)
    said = CliRunner().invoke(app, ["explain", "--runs", str(tmp_path)]).stdout
    assert "never timed here: loading a2v, ditto, i2v, images, planner, speech" in said
    assert "steps are of kinds never timed here, and count nothing" in said
    assert "planner: loaded 1× instead of 1×" in said
    assert "1 of them share a card: what their reviews want mended is made in waves" in said


# --- the walk itself ----------------------------------------------------------------


def clips(seconds: float, finish: float) -> FilmAhead:
    profile = load_profile(BIG)
    made = StepAhead("clip", "clips", seconds, need_of(profile, "video.a2v"))
    return FilmAhead(
        profile, (made, StepAhead("film", "finish", finish, after=frozenset({"clip"})))
    )


def test_a_film_is_put_together_beside_the_clips_of_the_next() -> None:
    films = [clips(100.0, 30.0)] * 3
    together = simulate(films, LoadTimes({"a2v": 60.0}))
    # Only the last film's assembly is waited for.
    assert together.seconds == 60 + 3 * 100 + 30
    assert together.hidden_seconds == 2 * 30
    apart = simulate(films, LoadTimes({"a2v": 60.0}), alone=True)
    assert apart.seconds == 3 * (60 + 100 + 30)


def test_the_simulation_agrees_with_its_own_figures() -> None:
    found = benchmark.results()
    for name, comparison in found.items():
        together, apart = comparison.stage_major, comparison.film_major
        films_s = benchmark.FILMS * benchmark.FILM_S
        # A film by itself has the engine loaded while it is planned, the voices while it is drawn.
        ahead = sum(benchmark.WEIGHTS_GB[n] for n in ("images", "speech")) / benchmark.GB_A_SECOND
        waited = apart.load_seconds - benchmark.FILMS * ahead
        assert apart.seconds == pytest.approx(films_s + waited), name
        assert together.work_seconds == pytest.approx(films_s), name
        # All but the last film of a batch are put together beside the next one's models.
        hidden = (benchmark.FILMS - 1) * benchmark.FINISH_S
        assert together.hidden_seconds == pytest.approx(hidden), name
        assert set(apart.loads.values()) == {benchmark.FILMS}
    assert sum(found["video worker cold start"].stage_major.loads.values()) == 6
