"""A queue whose database is locked, damaged, read-only or gone says so, and its worker ends."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

import sqlalchemy as sa
from batches import Worker, tiny_entry
from typer.testing import CliRunner, Result

from storyboard.batch.database import (
    HealthCheck,
    QueueFailed,
    database_url,
    only_worker,
    open_engine,
)
from storyboard.batch.queue import FilmQueue
from storyboard.cli.batch import app
from storyboard.core.errors import Busy


def _say(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--runs", str(root)])


@pytest.fixture
def url(tmp_path: Path) -> str:
    return database_url(tmp_path)


def _file(root: Path) -> Path:
    return root / ".batch" / "queue.sqlite"


def test_every_command_tells_what_is_wrong_with_the_database(tmp_path: Path) -> None:
    database_url(tmp_path)
    _file(tmp_path).write_bytes(b"no database at all\n" * 100)
    for words in (["list"], ["add", "A cat"], ["run", "--once"], ["serve"], ["schedule", "list"]):
        said = _say(tmp_path, *words)
        assert said.exit_code == 7, said.output
        assert f"{_file(tmp_path)} is damaged, or no database" in said.stderr
        assert "bug" not in said.stderr


def test_a_command_ends_no_process_that_is_not_its_own(tmp_path: Path) -> None:
    database_url(tmp_path)
    _file(tmp_path).write_bytes(b"no database at all\n" * 100)
    over = threading.Event()
    busy = threading.Thread(target=over.wait, args=(60.0,), daemon=False)
    busy.start()
    try:
        assert _say(tmp_path, "run", "--once").exit_code == 7
        assert busy.is_alive()
    finally:
        over.set()
        busy.join()


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    # Port 9 is refused: nothing may listen there but `discard`.
    said = _say(tmp_path, "list", "--db", "postgresql://me:secret@127.0.0.1:9/films")
    assert said.exit_code == 7, said.output
    assert "does not answer: is the server running" in said.stderr
    assert "secret" not in said.stderr


def test_a_deleted_database_is_given_up_at_once(tmp_path: Path, url: str) -> None:
    with HealthCheck(url, "worker") as health:
        assert health.passes()
        _file(tmp_path).unlink()
        with pytest.raises(QueueFailed, match=r"was deleted or replaced .* what is made is used"):
            health.passes()
        # Another one in its place is not the one whose films are being made.
        FilmQueue(url).__exit__()
        with pytest.raises(QueueFailed, match="queue the same ideas again"):
            health.passes()


def _damage(file: Path) -> None:
    with file.open("r+b") as data:
        data.write(b"x" * 100)


def _make_readonly(file: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("needs an ordinary user: root may write everything")
    file.chmod(0o444)


@pytest.mark.parametrize(
    ("spoil", "told"), [(_damage, "is damaged"), (_make_readonly, "can only be read")]
)
def test_a_database_of_no_more_use_is_given_up_at_once(
    tmp_path: Path, url: str, spoil: Callable[[Path], None], told: str
) -> None:
    with HealthCheck(url, "worker") as health:
        assert health.passes()
        spoil(_file(tmp_path))
        with pytest.raises(QueueFailed, match=told):
            health.passes()


def test_a_locked_database_is_waited_for_but_not_for_ever(tmp_path: Path, url: str) -> None:
    with HealthCheck(url, "worker") as patient, HealthCheck(url, "hasty", patience=0.0) as hasty:
        other = sqlite3.connect(_file(tmp_path), isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
            assert not patient.passes()
            with pytest.raises(QueueFailed, match="held by another program"):
                hasty.passes()
        finally:
            other.close()
        assert patient.passes()


def test_two_batches_never_work_at_one_queue(tmp_path: Path, url: str) -> None:
    with only_worker(url):
        with pytest.raises(Busy, match="another batch works at this queue"), only_worker(url):
            pass
        with only_worker(database_url(tmp_path / "elsewhere")):
            pass
        refused = _say(tmp_path / "other", "run", "--once", "--db", url)
        assert refused.exit_code == 4
    with only_worker(url):
        pass


def test_a_worker_that_stays_takes_what_is_added_and_ends_when_told(tmp_path: Path) -> None:
    worker = Worker.start(tmp_path, stay=True)
    with FilmQueue(database_url(tmp_path)) as queue:
        (name,), _ = queue.add([tiny_entry("A baker who comes late")], tmp_path)
        worker.works_until(lambda: "images" in queue.film(name).made)
        worker.tell()
        code, told = worker.end()
        assert code == 0, told
        assert "stopping after the stage under way" in told
        film = queue.film(name)
        assert film.state in ("held", "done"), told
        assert film.failures == 0


@pytest.mark.slow
def test_a_worker_told_twice_ends_at_once(tmp_path: Path) -> None:
    worker = Worker.start(tmp_path, stay=True)
    with FilmQueue(database_url(tmp_path)) as queue:
        (name,), _ = queue.add([tiny_entry("A baker in a hurry")], tmp_path)
        worker.works_until(lambda: "plan" in queue.film(name).made)
        worker.tell()
        worker.tell(signal.SIGINT)
        code, told = worker.end()
        # Two signals may arrive as one, or after the end.
        assert code in (0, 130), told
        code, told = Worker.start(tmp_path).end()
        assert (code, queue.film(name).state) == (0, "done"), told


@pytest.mark.parametrize("busy", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_worker_whose_database_is_deleted_ends_with_the_reason(
    tmp_path: Path, busy: bool
) -> None:
    worker = Worker.start(tmp_path, stay=True)
    said = worker.process.stdout
    assert said is not None and "waiting for films" in said.readline()
    if busy:
        with FilmQueue(database_url(tmp_path)) as queue:
            (name,), _ = queue.add([tiny_entry("A baker who loses all")], tmp_path)
            worker.works_until(lambda: "plan" in queue.film(name).made)
    for path in _file(tmp_path).parent.glob("queue.sqlite*"):
        path.unlink()
    code, told = worker.end()
    assert code == 7, told
    assert "deleted" in told and "queue the same ideas again" in told


def test_a_film_is_queued_whatever_sqlite_the_machine_has(url: str) -> None:
    # Debian 12's 3.40 knows no 'subsec': DBOS wrote films without a time, and was refused.
    with open_engine(url).connect() as connection:
        now = connection.execute(sa.text("SELECT unixepoch('subsec') * 1000")).scalar_one()
    assert abs(now / 1000 - time.time()) < 60
