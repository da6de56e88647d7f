"""Runs that outlive the studio: processes of their own, with the run folder as the truth.

A job is the command that a person would type. It is started apart from the studio (another
session, no terminal, its words in a file), so that neither a closed tab nor a killed studio ends
it; started again, the studio finds it by the lock and the mark in the film's folder.

Knows: processes, marks. Does not know: what a run does.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyboard.core import events
from storyboard.core.directory import Directory
from storyboard.core.errors import Busy
from storyboard.core.files import disk_errors, dump_json, read_record
from storyboard.core.lock import holder
from storyboard.graph.folder import RunFolder
from storyboard.stages.gates import read_gates
from storyboard.stages.going_on import made_with

MARK, WORDS = ".job.json", ".job.log"


@dataclass(frozen=True, slots=True)
class Job:
    """A process that works on a film. `born` tells it from a later one of the same number."""

    pid: int
    born: str

    @property
    def alive(self) -> bool:
        return self.born != "" and _born(self.pid) == self.born


def start(folder: Path, words: Sequence[str], module: str = "storyboard.run") -> Job:
    """Run `python -m MODULE` with `words` for the film in `folder`.

    Raises:
        Busy: somebody works on it already.
    """
    if working(folder):
        raise Busy("this film is being worked on: wait for it, or stop it first")
    home = Directory(folder)
    with disk_errors("starting the run"):
        home.make()
        home.write(WORDS, "")
        out = home.open_append(WORDS)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    finally:
        os.close(out)
    # Nobody else would ask how it ended, and it would stay in the table of processes.
    threading.Thread(target=process.wait, daemon=True).start()
    job = Job(process.pid, _born(process.pid))
    with disk_errors("starting the run"):
        home.write(MARK, dump_json({"pid": job.pid, "born": job.born, "words": list(words)}))
    return job


def go_on(folder: RunFolder, *, review: bool = False, here: bool = False) -> Job:
    """Continue or mend a film with the models that it was made with. `here`: no further than to
    the gate at which it waits."""
    log = [event for _, event in events.read_events(folder.events)]
    words = [f"--dir={folder.path}", *made_with(log)]
    words += [] if review else ["--skip-review"]
    waits = read_gates(folder).waits
    words += [f"--only={waits}"] if here and waits else []
    return start(folder.path, words)


def make_takes(folder: RunFolder, beat: int, part: str) -> Job:
    """Make further takes of a part of a beat, beside the film."""
    log = [event for _, event in events.read_events(folder.events)]
    words = (str(folder.path), str(beat), part, *made_with(log))
    return start(folder.path, words, "storyboard.studio.taking")


def job_of(folder: Path) -> Job | None:
    """The last job that was started on a film here."""
    mark: dict[str, Any] = read_record(folder / MARK)
    try:
        return Job(int(mark["pid"]), str(mark["born"]))
    except (KeyError, TypeError, ValueError):
        return None


def working(folder: Path) -> bool:
    """Whether anybody, here or on a console, works on a film."""
    job = job_of(folder)
    return (job is not None and job.alive) or holder(folder) is not None


def stop(folder: Path) -> None:
    """End a film's run as Ctrl-C does: what is finished is kept.

    Raises:
        Busy: it was not started here, so it is not ours to end.
    """
    job = job_of(folder)
    if job is not None and job.alive:
        with suppress(ProcessLookupError):
            os.kill(job.pid, signal.SIGTERM)
    elif (pid := holder(folder)) is not None:
        raise Busy(f"process {pid} works on this film and was not started here: end it there")


def last_words(folder: Path, most: int = 600) -> str:
    """The end of what a job printed: why it ended, where its log does not say."""
    try:
        text = Directory(folder).read(WORDS).decode(errors="replace").strip()
    except OSError:
        return ""
    return text[-most:]


def _born(pid: int) -> str:
    """When a process began, in the kernel's count; empty if there is none, or a dead one."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    state, *fields = text.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
