"""A queue that came with a stranger's folder of films: what it holds is data, whatever it says."""

from __future__ import annotations

import base64
import os
import pickle
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import tiny_entry
from typer.testing import CliRunner

from storyboard.batch.database import database_url
from storyboard.batch.queue import FilmQueue
from storyboard.cli.batch import app


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
