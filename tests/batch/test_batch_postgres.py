"""The same queue on a real PostgreSQL: films queued, killed, made, a schedule kept."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered, tiny_entry
from ports import free_port

from storyboard.batch.queue import FilmQueue
from storyboard.batch.schedule import Schedules, new_schedule

pytestmark = pytest.mark.slow


def _program(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    if found is None:
        pytest.skip("needs PostgreSQL: apt install postgresql")
    return found


@pytest.fixture
def url() -> Generator[str]:
    """A server of our own, in a folder of its own; it refuses to run as root."""
    initdb, postgres = _program("initdb"), _program("postgres")
    user = None
    if os.getuid() == 0:
        user = "postgres" if "postgres" in {p.pw_name for p in pwd.getpwall()} else "nobody"
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        new = [initdb, "-D", str(data), "-U", "storyboard", "-A", "trust", "-N"]
        subprocess.run(new, check=True, capture_output=True, user=user, cwd=folder)
        serve = [postgres, "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", name]
        server = subprocess.Popen(
            serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=folder
        )
        try:
            _await(port)
            yield f"postgresql://storyboard@127.0.0.1:{port}/postgres"
        finally:
            server.terminate()
            server.wait(30)


def _await(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, "PostgreSQL does not come up"
            time.sleep(0.1)
        else:
            return


def test_a_killed_batch_goes_on_and_a_schedule_fires(tmp_path: Path, url: str) -> None:
    root = tmp_path / "runs"
    root.mkdir()
    with FilmQueue(url) as queue:
        ids, _ = queue.add([tiny_entry(f"A baker who counts to {n}") for n in range(2)], root)
        worker = Worker.start(root, "--db", url)
        end = time.monotonic() + 120
        while not any(film.made for film in queue.films()):
            assert worker.process.poll() is None, worker.end()
            assert time.monotonic() < end
            time.sleep(0.1)
        worker.kill()
        code, told = Worker.start(root, "--db", url).end()
        assert code == 0, told
        films = queue.films()
        assert sorted(film.id for film in films) == sorted(ids)
        assert {film.state for film in films} == {"done"}
        assert all(set(rendered(film.folder).values()) == {1} for film in films)

        ideas = tmp_path / "ideas.txt"
        ideas.write_text("one more\n", encoding="utf-8")
        begin = datetime(2026, 11, 20, 12, tzinfo=UTC)
        with Schedules(url) as schedules:
            schedules.add(
                new_schedule("x", "0 2 * * *", ideas, take=1, tz="UTC", missed="skip", now=begin)
            )
            schedules.fire(queue, root, datetime(2026, 11, 21, 2, tzinfo=UTC))
        assert [film.entry.idea for film in queue.films()].count("one more") == 1
