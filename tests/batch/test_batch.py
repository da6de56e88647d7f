"""Batches end as promised: killed, starved, stopped, with a bad idea among the good."""

from __future__ import annotations

import html
import random
import re
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered, tiny_entry
from tiny_films import TONES

from storyboard.batch.database import database_url
from storyboard.batch.queue import FilmQueue, QueuedFilm
from storyboard.core.errors import UsageError
from storyboard.plan.stages import CHECKPOINTS


def _queue(root: Path, count: int) -> list[str]:
    with FilmQueue(database_url(root)) as queue:
        new, old = queue.add([tiny_entry(f"A baker who counts to {n}") for n in range(count)], root)
    assert not old
    return new


def _films(root: Path) -> list[QueuedFilm]:
    with FilmQueue(database_url(root)) as queue:
        return queue.films()


def _assert_each_made_once(made: Iterable[QueuedFilm], ids: list[str]) -> None:
    films = list(made)
    assert sorted(film.id for film in films) == sorted(ids)
    assert {film.state for film in films} == {"done"}
    for film in films:
        assert (film.folder / "final.mp4").is_file()
        assert (film.folder / "review.json").is_file()
        assert (film.folder / "upload/metadata.json").is_file()
        assert film.made == CHECKPOINTS
        assert set(rendered(film.folder).values()) == {1}, film.id


def _assert_sheet_tells_the_truth(root: Path) -> None:
    """The last sheet has every film of the night, and says of each what the queue knows."""
    page = max(root.glob(".batch/sheet-*.html")).read_text(encoding="utf-8")
    counts = {what: int(n) for n, what in re.findall(r"(\d+) (ready|to look at|not made)", page)}
    films = _films(root)
    done = sum(film.state == "done" for film in films)
    assert counts.get("ready", 0) + counts.get("to look at", 0) == done
    assert counts.get("not made", 0) == len(films) - done
    assert [film.entry.idea for film in films if html.escape(film.entry.idea) not in page] == []


def _killed_at_random(root: Path, kills: int, work: int, seed: int) -> None:
    """Kill the worker `kills` times, at random points of work that is done in `work` steps."""
    chance = random.Random(seed)
    for point in sorted(chance.uniform(0.02, 0.85) * work for _ in range(kills)):
        # Each gets something done: who dies without that three times is parked.
        least = max(_steps(root), round(point))
        worker = Worker.start(root)
        worker.works_until(lambda least=least: _steps(root) > least)
        worker.kill()


def _steps(root: Path) -> int:
    """How many steps of a batch's films have been made so far."""
    return sum(rendered(log.parent).total() for log in root.glob("*/events.jsonl"))


def test_a_killed_batch_goes_on_stage_by_stage_past_a_bad_idea(tmp_path: Path) -> None:
    ids = _queue(tmp_path, 2)
    bad = tiny_entry("A baker who cannot be made", priority=1)
    with FilmQueue(database_url(tmp_path)) as queue:
        queue.add([bad], tmp_path)
    # What lies where its folder goes cannot be helped by trying again.
    (tmp_path / bad.id).write_text("a file", encoding="utf-8")
    worker = Worker.start(tmp_path)
    # In the middle of it: one film has a stage behind it, not all have everything.
    worker.works_until(lambda: any("plan" in film.made for film in _films(tmp_path)))
    worker.kill()
    assert any(film.state == "working" for film in _films(tmp_path))

    code, told = Worker.start(tmp_path).end()
    assert code == 5, told
    films = {film.id: film for film in _films(tmp_path)}
    parked = films.pop(bad.id)
    # It was parked before the kill: the report is of the batch, not of its last run.
    assert "1 film parked" in told
    page = max((tmp_path / ".batch").glob("sheet-*.html")).read_text(encoding="utf-8")
    assert [film.entry.idea in page for film in _films(tmp_path)] == [True] * 3
    assert (parked.state, parked.failures) == ("parked", 1)
    assert "is a file" in parked.reason
    assert parked.way_on.startswith(f"storyboard batch retry {bad.id}")
    _assert_each_made_once(films.values(), ids)
    made = [line.split(": ")[1].split(" ")[0] for line in told.splitlines() if " made in " in line]
    models = [CHECKPOINTS.index(stage) for stage in made if stage != "finish"]
    assert models == sorted(models), "each stage is over before the next begins"
    code, told = Worker.start(tmp_path).end()
    assert code == 5, "it is parked until somebody has looked at it"
    assert bad.id in told
    with FilmQueue(database_url(tmp_path)) as queue:
        queue.retry(parked)
        assert queue.film(bad.id).state == "waiting"


def test_a_reached_budget_stops_cleanly_and_says_what_is_left(tmp_path: Path) -> None:
    _queue(tmp_path, 1)
    code, told = Worker.start(tmp_path, "--min-free", "900TB").end()
    assert code == 5
    assert "1 film left (1 before plan)." in told
    (film,) = _films(tmp_path)
    assert (film.state, film.failures) == ("held", 0)
    assert "--min-free" in film.reason
    with FilmQueue(database_url(tmp_path)) as queue:
        assert queue.reclaim() == [film.id]
        # Nothing of the stop is left to be replayed.
        assert (queue.film(film.id).state, queue.film(film.id).tries) == ("waiting", ())


def test_films_are_paused_resumed_cancelled_and_forgotten(tmp_path: Path) -> None:
    ids = _queue(tmp_path, 3)
    with FilmQueue(database_url(tmp_path)) as queue:
        queue.pause(queue.film(ids[0]))
        queue.cancel(queue.film(ids[1]))
        states = {film.id: film.state for film in queue.films()}
        assert states == {ids[0]: "paused", ids[1]: "cancelled", ids[2]: "waiting"}
        queue.resume(queue.film(ids[0]))
        assert queue.film(ids[0]).state == "waiting"
        with pytest.raises(UsageError, match="is waiting, not paused"):
            queue.resume(queue.film(ids[0]))
        with pytest.raises(UsageError, match="not parked"):
            queue.retry(queue.film(ids[0]))
        with pytest.raises(UsageError, match="beginning of"):
            queue.film("a-baker")
        queue.prune([queue.film(ids[1])])
        assert [film.id for film in queue.films()] == [ids[0], ids[2]]
        assert queue.add([tiny_entry("A baker who counts to 0")], tmp_path) == ([], [ids[0]])


def test_who_is_due_or_urgent_goes_first(tmp_path: Path) -> None:
    with FilmQueue(database_url(tmp_path)) as queue:
        queue.add(
            [
                tiny_entry("whenever"),
                tiny_entry("late", due="2026-12-02T00:00+00:00"),
                tiny_entry("soon", due="2026-12-01T00:00+00:00"),
                tiny_entry("urgent", priority=1),
            ],
            tmp_path,
        )
        ideas = [film.entry.idea for film in queue.films()]
    assert ideas == ["urgent", "soon", "late", "whenever"]


def test_the_default_install_says_how_to_get_batches() -> None:
    program = "import sys, storyboard.cli; print(*[m for m in ('dbos', 'sqlalchemy') if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.strip() == ""


@pytest.mark.slow
def test_twelve_films_ten_kills_and_a_full_disk(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    _queue(calm, 1)
    assert Worker.start(calm).end(1800)[0] == 0
    ids = _queue(rough, 12)
    _killed_at_random(rough, 10, 12 * _steps(calm), seed=11)
    assert any(film.state != "done" for film in _films(rough)), "the kills came too late"
    code, told = Worker.start(rough, "--min-free", "900TB").end(1800)
    assert (code, "--min-free" in told) == (5, True)
    _assert_sheet_tells_the_truth(rough)
    code, told = Worker.start(rough).end(3600)
    assert code == 0, told
    _assert_sheet_tells_the_truth(rough)
    _assert_each_made_once(_films(rough), ids)


@pytest.mark.slow
def test_a_disk_that_is_full_in_mid_film_costs_no_film_a_try(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'queue.sqlite'}"
    with _small_disk(tmp_path / "runs", "700k") as root, FilmQueue(db) as queue:
        (name,), _ = queue.add([tiny_entry("A baker with little room")], root)
        code, told = Worker.start(root, "--db", db, "--min-free", "0").end()
        assert code == 5, told
        film = queue.film(name)
        assert (film.state, film.failures) == ("held", 0), film
        assert "the disk is full" in film.reason
        subprocess.run(["mount", "-o", "remount,size=500m", str(root)], check=True)
        code, told = Worker.start(root, "--db", db, "--min-free", "0").end()
        assert code == 0, told
        _assert_each_made_once(queue.films(), [name])


@pytest.mark.slow
def test_a_film_that_kills_its_worker_is_parked_and_the_rest_is_made(tmp_path: Path) -> None:
    (good,) = _queue(tmp_path, 1)
    profile = tmp_path / "deadly.toml"
    profile.write_text(f'extends = "{TONES}"\n[speech]\nbackend = "deadly"\n', encoding="utf-8")
    deadly = tiny_entry("A baker who takes all with him", profile=str(profile), priority=1)
    with FilmQueue(database_url(tmp_path)) as queue:
        queue.add([deadly], tmp_path)
        # As a service is started again by systemd.
        ends = [Worker.start(tmp_path).end()]
        while ends[-1][0] == -signal.SIGKILL:
            ends.append(Worker.start(tmp_path).end())
        assert [code for code, _ in ends] == [-signal.SIGKILL] * 3 + [5], ends[-1][1]
        film = queue.film(deadly.id)
        assert film.state == "parked"
        assert "the worker died 3 times in the stage speech of this film" in film.reason
        assert f"storyboard batch retry {film.id}" in ends[-1][1]
        assert queue.film(good).state == "done"
        _assert_each_made_once([queue.film(good)], [good])


@contextmanager
def _small_disk(root: Path, size: str) -> Generator[Path]:
    root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(root)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs root: a small disk is mounted")
    try:
        yield root
    finally:
        subprocess.run(["umount", "-l", str(root)], check=True)
