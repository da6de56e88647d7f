"""What is begun by hand goes through the queue, before the night's films, and over kills."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import FAKES, Worker, rendered, tiny_entry
from studio_pages import off_duty, when
from tiny_films import TONES, tiny_plan, tiny_run

from storyboard.batch import duty, job_queue, jobs
from storyboard.batch.database import database_url
from storyboard.batch.jobs import Job
from storyboard.batch.queue import FilmQueue
from storyboard.batch.queue_order import move
from storyboard.core import events
from storyboard.core.errors import Busy


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a planned film, `cats`; its worker ends with the test."""
    monkeypatch.setenv("PYTHONPATH", str(FAKES))
    runs = tmp_path / "runs"
    tiny_run(runs / "cats", tiny_plan("A cat opens a bank", 3))
    yield runs
    off_duty(runs)


def ask(runs: Path, film: str = "cats") -> None:
    with FilmQueue(database_url(runs)) as queue:
        job_queue.ask(queue, Job(film=film, profile=str(TONES)), runs)


def ends(runs: Path, film: str = "cats") -> str:
    when(lambda: not jobs.working(runs / film), 120)
    log = list(events.events_in(runs / film / "events.jsonl"))
    return next(e.status for e in reversed(log) if isinstance(e, events.RunFinished))


def test_a_job_outlives_the_kill_of_its_worker(runs: Path) -> None:
    ask(runs)
    with pytest.raises(Busy), FilmQueue(database_url(runs)) as queue:
        job_queue.ask(queue, Job(film="cats"), runs)
    duty.start(runs, "serve", "--by-hand", "--jobs=1")
    when(lambda: sum(rendered(runs / "cats").values()) >= 2, 120)
    worker = duty.on_duty(runs)
    assert worker is not None and worker.by_hand
    os.killpg(worker.process.pid, signal.SIGKILL)
    when(lambda: duty.on_duty(runs) is None)
    when(lambda: jobs.waits(runs / "cats"))  # It is still asked for.
    assert not (runs / "cats" / "final.mp4").exists()
    duty.start(runs, "serve", "--by-hand", "--jobs=1")
    assert ends(runs) == "done"
    assert (runs / "cats" / "final.mp4").is_file()
    assert set(rendered(runs / "cats").values()) == {1}, "nothing is made twice"

    # It stays for the next one, which is given up while it is made.
    assert duty.on_duty(runs) is not None
    tiny_run(runs / "dogs", tiny_plan("A dog opens a bank", 6))
    ask(runs, "dogs")
    when(lambda: sum(rendered(runs / "dogs").values()) >= 1, 120)
    with FilmQueue(database_url(runs)) as queue:
        assert [each.job.film for each in job_queue.asked(queue)] == ["dogs"]
        job_queue.give_up(queue, runs / "dogs")
    assert ends(runs, "dogs") == "interrupted"
    with FilmQueue(database_url(runs)) as queue:
        assert job_queue.asked(queue) == []
        job_queue.reclaim(queue, runs)
        assert job_queue.asked(queue) == [], "nobody wants it any more"


@pytest.mark.slow
def test_the_night_takes_over_and_makes_what_is_asked_for(runs: Path) -> None:
    with FilmQueue(database_url(runs)) as queue:
        (name,), _ = queue.add([tiny_entry("A baker who counts")], runs)
    ask(runs)
    duty.start(runs, "serve", "--by-hand", "--jobs=1")
    when(lambda: sum(rendered(runs / "cats").values()) >= 1, 120)
    assert not (runs / name).exists(), "by day no film of the night is begun"
    code, told = Worker.start(runs).end()
    assert code == 0, told
    assert ends(runs) == "done" and (runs / "cats" / "final.mp4").is_file()
    with FilmQueue(database_url(runs)) as queue:
        assert [film.state for film in queue.films()] == ["done"]
    assert set(rendered(runs / "cats").values()) == {1}


def test_films_stand_where_they_are_put(tmp_path: Path) -> None:
    with FilmQueue(database_url(tmp_path)) as queue:
        queue.add([tiny_entry(f"A baker who counts to {n}") for n in range(3)], tmp_path)
        one, two, three = queue.films()
        move(queue, three, one)
        assert [film.id for film in queue.films()] == [three.id, one.id, two.id]
        move(queue, three, None)
        assert [film.id for film in queue.films()] == [one.id, two.id, three.id]
        # What was paused keeps its place, and who is urgent still goes first.
        queue.pause(queue.film(one.id))
        queue.resume(queue.film(one.id))
        queue.add([tiny_entry("urgent", priority=1)], tmp_path)
        names = [film.entry.idea for film in queue.films()]
        assert names[0] == "urgent" and [f.id for f in queue.films()][1:] == [
            one.id,
            two.id,
            three.id,
        ]
