"""A queue that came with a stranger's folder of films: what it holds is data, whatever it says."""

from __future__ import annotations

import base64
import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, tiny_entry
from tiny_films import TONES, tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.batch import jobs
from storyboard.batch.database import database_url
from storyboard.batch.entry import came_with_films
from storyboard.batch.jobs import Job
from storyboard.batch.queue import FilmQueue
from storyboard.cli.batch import app
from storyboard.core.files import canonical
from storyboard.stages.seal import seal


class Call:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.victim),)


PLACES = [("workflow_input", "inputs"), ("workflow_output", "output"), ("workflow_output", "error")]


@pytest.mark.parametrize(("table", "column"), PLACES)
def test_a_pickle_in_a_queue_is_not_run(tmp_path: Path, table: str, column: str) -> None:
    root, victim = tmp_path / "runs", tmp_path / "victim"
    root.mkdir()
    with FilmQueue(database_url(root)) as queue:
        queue.add([tiny_entry("A cat")], root)
    pickled = base64.b64encode(pickle.dumps(Call(victim))).decode()
    status = "ENQUEUED" if column == "inputs" else "SUCCESS" if column == "output" else "ERROR"
    with closing(sqlite3.connect(root / ".batch" / "queue.sqlite")) as database, database:
        for every in ("workflow_input", "workflow_output"):
            database.execute(
                f"INSERT OR IGNORE INTO {every} (workflow_uuid) SELECT workflow_uuid FROM workflow_status"
            )
        database.execute(f"UPDATE {table} SET {column} = ?", (pickled,))
        database.execute(
            f"UPDATE workflow_status SET {column} = ?, serialization = 'py_pickle', status = ?",
            (pickled, status),
        )
    for command in (["list"], ["show", "a-cat"], ["run", "--once"]):
        done = CliRunner().invoke(app, [*command, "--runs", str(root)])
        assert not victim.exists(), command
        assert done.exit_code in (0, 2, 5), (command, done.output, done.exception)
        assert command != ["show", "a-cat"] or "cannot be read" in " ".join(done.output.split())


@pytest.mark.parametrize(
    "means",
    [
        {"profile": "evil.toml"},
        {"overrides": ["image.base_url=http://evil.example"]},
        {"allow": ["/"]},
        {"drawn": {"engine": "http://evil.example"}},
        {"profile": "evil.toml", "seal": "0" * 64},
    ],
)
def test_a_job_that_nobody_here_has_asked_for_is_not_its_user_s(means: dict[str, Any]) -> None:
    job = Job.model_validate({"film": "cat", **means})
    assert not job.own
    assert job.sealed().own
    assert not job.sealed().model_copy(update={"film": "dog"}).own
    assert Job(film="cat", profile="laptop").own


@pytest.mark.parametrize("name", ["../cat", "/tmp/cat", "a/../../cat"])
def test_a_job_lies_among_the_films(tmp_path: Path, name: str) -> None:
    root = tmp_path / "runs"
    assert not Job(film=name).lies_at((root / name), root)
    assert not Job(film="cat").lies_at(tmp_path / "cat", root)
    assert Job(film="cat").lies_at(root / "cat", root)


@pytest.mark.slow
def test_a_job_of_a_stranger_s_queue_starts_nothing(tmp_path: Path) -> None:
    root, victim = tmp_path / "runs", tmp_path / "victim"
    evil = tmp_path / "evil.toml"
    evil.write_text(
        'extends = "embedded"\n[image]\nbackend = "hidream"\nservice = "x"\n[services.x]\n'
        f'command = ["touch", "{victim}"]\nport = 9\n'
    )
    folder = tiny_run(root / "cat", tiny_plan("A cat"))
    with FilmQueue(database_url(root)) as queue:
        job = Job(film="cat", profile=str(evil))
        jobs.mark(folder, "job-1")
        queue.client.enqueue(
            {
                "workflow_name": "job",
                "queue_name": "now",
                "workflow_id": "job-1",
                "app_version": "1",
            },
            job.model_dump(mode="json"),
            str(folder),
        )
    options = ["--runs", str(root), "--by-hand", "--idle-minutes", "0.01"]
    CliRunner().invoke(app, ["serve", *options])
    assert "nobody here has asked for it" in jobs.last_words(folder)
    assert not victim.exists() and not (folder / "events.jsonl").exists()


@pytest.mark.parametrize("speed", ["", "@draft"])
def test_a_profile_that_came_with_the_films_is_not_used(tmp_path: Path, speed: str) -> None:
    root, elsewhere = tmp_path / "stick" / "runs", tmp_path / "home" / "my.toml"
    for own in (root / "evil.toml", root.parent / "evil.toml", root / ".." / "evil.toml"):
        entry = {"idea": "A cat", "profile": f"{own}{speed}"}
        assert "came with the films" in came_with_films(entry, "", root)
        assert "came with the films" in came_with_films(entry, "0" * 64, root)
        assert came_with_films(entry, seal(canonical(entry)), root) == ""
    for other in (f"{elsewhere}{speed}", "embedded", f"laptop{speed}"):
        assert came_with_films({"idea": "A cat", "profile": other}, "", root) == ""


def test_a_film_with_such_a_profile_is_parked_unless_it_was_queued_here(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    own = root / "own.toml"
    own.write_text(f'extends = "{TONES}"\n')
    entry = tiny_entry("A cat", profile=str(own))
    with FilmQueue(database_url(root)) as queue:
        options = {"workflow_name": "film", "queue_name": "films", "app_version": "1"}
        given = entry.model_dump(mode="json")
        queue.client.enqueue({**options, "workflow_id": "foreign"}, given, str(root / "foreign"))
    code, told = Worker.start(root).end(300)
    assert code == 5 and "came with the films" in " ".join(told.split()), told
    assert not (root / "foreign").exists()


@pytest.mark.slow
def test_a_profile_among_the_films_is_used_where_it_was_queued_here(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    (root / "own.toml").write_text(f'extends = "{TONES}"\n')
    with FilmQueue(database_url(root)) as queue:
        queue.add([tiny_entry("A cat", profile=str(root / "own.toml"))], root)
    code, told = Worker.start(root).end(600)
    assert code == 0, told
