"""Jobs from a page: asked for in the batch's queue, and a worker seen to.

A job is kept in the queue, and made by a worker that is a process of its own: neither a closed tab
nor a killed studio ends it, and one that was killed itself is started again, here, and goes on.
Where a batch is made already, its worker makes the job before all films of the night.

Knows: the queue from outside, when a worker is to be started. Does not know: how a job is made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from storyboard.batch import duty
from storyboard.batch.jobs import MARK, Job, job_to_go_on, places
from storyboard.core.errors import Busy, StoryboardError, UsageError
from storyboard.core.lock import holder
from storyboard.graph.folder import RunFolder

if TYPE_CHECKING:
    from storyboard.batch.queue import FilmQueue
LOOK_S, PATIENCE_S = 2.0, 300.0
"""How often it is looked whether a worker is missing; one that dies again and again is started
less and less often, down to this."""


def ask(root: Path, job: Job) -> None:
    """Have a job made for a film in `root`.

    Raises:
        Busy: somebody works on it already.
    """
    from storyboard.batch import job_queue

    with opened(root) as queue:
        job_queue.ask(queue, job, root)
    if duty.on_duty(root) is None:
        start(root)


def go_on(folder: RunFolder, *, review: bool = False, here: bool = False) -> None:
    """Continue or mend a film with the models that it was made with. `here`: no further than to
    the gate at which it waits."""
    ask(folder.path.parent, job_to_go_on(folder, review=review, here=here))


def stop(root: Path, folder: Path) -> None:
    """End the job of a folder in `root` as Ctrl-C does: what is finished is kept.

    Raises:
        Busy: it was not started here, so it is not ours to end.
    """
    from storyboard.batch import job_queue

    if (folder / MARK).is_file():
        with opened(root) as queue:
            job_queue.give_up(queue, folder)
    elif (pid := holder(folder)) is not None:
        raise Busy(f"process {pid} works on this film and was not started here: end it there")


def start(root: Path) -> None:
    """Start a worker for jobs."""
    duty.start(root, "serve", "--by-hand")


@contextmanager
def opened(root: Path) -> Generator[FilmQueue]:
    """The queue of the films in `root`.

    Raises:
        UsageError: what it is kept in is not installed.
    """
    if find_spec("dbos") is None:
        raise UsageError('the queue is kept in DBOS: pip install "storyboard[batch]"')
    from storyboard.batch.queue import open_queue

    with open_queue(root) as queue:
        yield queue


@dataclass
class WorkerWatchdog:
    """Sees to it that there is a worker while a job waits for one. Use as a context manager."""

    root: Path
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> WorkerWatchdog:
        threading.Thread(target=self._keep, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()

    def _keep(self) -> None:
        pause, again = LOOK_S, 0.0
        while not self.over.is_set():
            with suppress(OSError, StoryboardError):
                if not any((place / MARK).is_file() for place in places(self.root)):
                    pause = LOOK_S
                elif duty.on_duty(self.root) is None and time.monotonic() >= again:
                    start(self.root)
                    again, pause = time.monotonic() + 5 * pause, min(PATIENCE_S, 2 * pause)
            self.over.wait(LOOK_S)
