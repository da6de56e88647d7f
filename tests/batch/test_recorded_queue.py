"""Batches that older code left behind, killed in the midst of it, go on.

Each archive in `recorded` has the queue's database as SQL, and of the store and the run folders
what the film needs that was under way: `batch.tar.xz` of commit ae8d503, whose planning was not
made of steps; `wave.tar.xz` of commit 8bde646, which took down the stages of each cut of a review.
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered
from faked_batch import reviewed_batch
from tiny_films import TONES

from storyboard import __version__
from storyboard.batch.database import database_url
from storyboard.batch.film_stage import Work, request_of
from storyboard.batch.queue import FilmQueue, QueuedFilm
from storyboard.core.files import digest_file
from storyboard.graph.explain import load_state
from storyboard.plan.stages import CHECKPOINTS
from storyboard.review.review_history import load_history
from storyboard.stages.film import dry_run

RECORDED = Path(__file__).with_name("recorded")
IDEAS = ("A baker who counts to 1", "A baker who counts to 2", "A baker who counts to 3")


def unpacked(name: str, root: Path) -> Path:
    """The folder of films with all that was recorded, as if it had been made here."""
    here = {"@RUNS@": root, "@TONES@": TONES, "@CARD@": root.parent, "@VERSION@": __version__}
    with tarfile.open(RECORDED / name) as recorded:
        for member in recorded:
            file = recorded.extractfile(member)
            assert file is not None
            data = file.read()
            for word, own in here.items():
                data = data.replace(word.encode(), str(own).encode())
            path = root / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    database = root / ".batch" / "queue.sqlite"
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript((root / "queue.sql").read_text("utf-8"))
    (root / "queue.sql").unlink()
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return unpacked("batch.tar.xz", tmp_path)


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


@pytest.mark.slow
def test_a_film_that_was_killed_in_a_wave_goes_on_in_it(tmp_path: Path) -> None:
    with reviewed_batch(tmp_path) as found:
        unpacked("wave.tar.xz", found.runs)
        (film,) = found.films()
        assert (film.state, film.made, film.mending) == ("working", CHECKPOINTS, 2)
        state, before = load_state(film.folder), rendered(film.folder)
        code, said = found.finish(seconds=900)
    assert code == 0, said
    (film,) = found.films()
    assert (film.state, film.made, film.mending) == ("done", CHECKPOINTS, 0)
    story = load_history(film.folder)
    assert story is not None
    assert [(cut.number, cut.kept) for cut in story.rounds] == [(1, True), (2, True)]
    assert digest_file(film.folder / "final.mp4") == story.film.film
    again = unchanged(film.folder, state) & (rendered(film.folder) - before).keys()
    assert not [step for step in again if step.startswith(("plan", "images/", "speech/"))]
    assert (film.folder / "upload" / "metadata.json").is_file()
