"""A batch that the code of commit ae8d503 left behind, killed in the midst of it, goes on.

`recorded/batch.tar.xz` has the queue's database as SQL, and of the store and the run folders what
the film needs that was under way. Its planning was not made of steps then.
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered
from tiny_films import TONES

from storyboard.batch.database import database_url
from storyboard.batch.film_stage import Work, request_of
from storyboard.batch.queue import FilmQueue, QueuedFilm
from storyboard.graph.explain import load_state
from storyboard.plan.stages import CHECKPOINTS
from storyboard.stages.film import dry_run

RECORDED = Path(__file__).with_name("recorded") / "batch.tar.xz"
IDEAS = ("A baker who counts to 1", "A baker who counts to 2", "A baker who counts to 3")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of films with all that was recorded, as if it had been made here."""
    with tarfile.open(RECORDED) as recorded:
        for member in recorded:
            file = recorded.extractfile(member)
            assert file is not None
            data = file.read().replace(b"@RUNS@", bytes(tmp_path))
            path = tmp_path / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.replace(b"@TONES@", bytes(TONES)))
    database = tmp_path / ".batch" / "queue.sqlite"
    database.parent.mkdir()
    with sqlite3.connect(database) as connection:
        connection.executescript((tmp_path / "queue.sql").read_text("utf-8"))
    (tmp_path / "queue.sql").unlink()
    return tmp_path


def films(root: Path) -> dict[str, QueuedFilm]:
    with FilmQueue(database_url(root)) as queue:
        return {film.entry.idea: film for film in queue.films()}


def unchanged(folder: Path, before: Mapping[str, Any]) -> set[str]:
    """Steps that still are what they were: no version was raised since."""
    now = load_state(folder)
    return {name for name, document in before.items() if now.get(name) == document}


def test_its_films_stand_where_they_stood(root: Path) -> None:
    found = films(root)
    states = {idea: film.state for idea, film in found.items()}
    assert states == {
        IDEAS[0]: "done",
        "A baker who cannot be made": "parked",
        IDEAS[1]: "working",
        IDEAS[2]: "waiting",
    }
    assert found[IDEAS[0]].made == CHECKPOINTS
    going = found[IDEAS[1]]
    assert going.made == ("plan", "images", "speech", "dialogue")
    told = dry_run(request_of(Work(going.id, going.entry, going.folder, "finish")))
    rows = {row.step: row for row in told.steps}
    assert rows["plan"].cached, "it was written before there was such a step"
    # A later version of a step, or of the adapter that does its work, makes it another result.
    later = {n for n, row in rows.items() if "version" in row.reason or "adapter" in row.reason}
    made = load_state(going.folder).keys() - later
    assert [name for name in made if not rows[name].cached] == []


@pytest.mark.slow
def test_it_goes_on_where_it_was_killed(root: Path) -> None:
    going = films(root)[IDEAS[1]].folder
    plan, state, before = (going / "plan.json").read_bytes(), load_state(going), rendered(going)
    code, told = Worker.start(root).end()
    assert code == 5, told
    found = films(root)
    assert [found[idea].state for idea in IDEAS] == ["done"] * 3
    assert all(found[idea].made == CHECKPOINTS for idea in IDEAS)
    assert (going / "plan.json").read_bytes() == plan
    again = rendered(going) - before
    assert unchanged(going, state).isdisjoint(again), "it was paid for"
    assert "plan" not in again and "final.mp4" in {path.name for path in going.iterdir()}
    assert not (found[IDEAS[0]].folder / "final.mp4").exists(), "what is done is not looked at"
    assert json.loads((found[IDEAS[2]].folder / "run.json").read_text())["status"] == "done"
