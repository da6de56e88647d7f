"""The worker on duty: which process works at the queue of a folder of films, and what for.

    runs/.batch/duty.json   {"pid": 4711, "ticks": 123, "boot": "…", "by_hand": true}

A worker that was started by hand's jobs makes those alone, so that to redo a beat by day does not
begin the night. The night's worker, when it comes, tells it to stop and makes what is left of them.

Knows: processes by identity. Does not know: queues, films.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyboard.core.directory import Directory
from storyboard.core.files import dump_json, read_record
from storyboard.gpu.services.processes import Ident

_FILE, WORDS = "duty.json", "worker.log"


@dataclass(frozen=True, slots=True)
class Duty:
    """A worker that lives."""

    process: Ident
    by_hand: bool
    """It makes jobs alone, no film of the night."""

    def end(self, patience: float = 0.0) -> None:
        """Tell it to stop, at the next clean point; told again, at once. Waits so many seconds
        until it has."""
        ends = time.monotonic() + patience
        if self.process.alive:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGTERM)
        while self.process.alive and time.monotonic() < ends:
            time.sleep(0.1)


def on_duty(root: Path) -> Duty | None:
    """Who works at the queue of the films in `root`; None: nobody does."""
    record: dict[str, Any] = read_record(root / ".batch" / _FILE)
    try:
        process = Ident(int(record["pid"]), int(record["ticks"]), str(record["boot"]))
    except (KeyError, TypeError, ValueError):
        return None
    return Duty(process, bool(record.get("by_hand"))) if process.alive else None


@contextmanager
def taking_duty(root: Path, *, by_hand: bool) -> Generator[None]:
    """Be the worker on duty; to be called by who holds the queue's lock."""
    own, files = Ident.of(os.getpid()), Directory(root, (".batch",))
    assert own is not None
    told = {"pid": own.pid, "ticks": own.ticks, "boot": own.boot, "by_hand": by_hand}
    files.write(_FILE, dump_json(told))
    try:
        yield
    finally:
        with suppress(OSError):
            files.remove(_FILE)


def start(root: Path, *words: str) -> None:
    """Start a worker that outlives this process: `storyboard batch` with `words`. Where one is
    on duty already, it ends by itself."""
    home = Directory(root, (".batch",))
    home.make()
    home.write(WORDS, "")
    out = home.open_append(WORDS)
    command = [sys.executable, "-m", "storyboard", "batch", *words, f"--runs={root}"]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
    finally:
        os.close(out)
    # Nobody else would ask how it ended, and it would stay in the table of processes.
    threading.Thread(target=process.wait, daemon=True).start()


def last_words(root: Path, most: int = 600) -> str:
    """The end of what the last worker that was started here said."""
    try:
        text = Directory(root, (".batch",)).read(WORDS).decode(errors="replace")
    except OSError:
        return ""
    return text.strip()[-most:]
