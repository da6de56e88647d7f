"""Jobs in the queue: asked for, looked at, given up.

A job is a durable workflow beside the films of the night, in a queue of its own.

Knows: DBOS by the queue's client. Does not know: how a job is made.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from dbos import EnqueueOptions

from storyboard.batch import jobs
from storyboard.batch.jobs import Job
from storyboard.batch.queue import JOB, NOW, VERSION, FilmQueue
from storyboard.core.errors import Busy

_ALIVE = ["ENQUEUED", "PENDING"]
_OPEN = [*_ALIVE, "CANCELLED"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A job of the queue that is not over."""

    id: str
    job: Job
    folder: Path
    begun: bool


def ask(queue: FilmQueue, job: Job, root: Path) -> str:
    """Queue a job for a film in `root`; returns its id.

    Raises:
        Busy: the film is worked on, or will be.
    """
    folder = root.absolute() / job.film
    if jobs.working(folder):
        raise Busy("this is being worked on: wait for it, or stop it first")
    name = f"{JOB}-{secrets.token_hex(8)}"
    # Before it is queued: whoever makes it takes the mark away.
    jobs.mark(folder, name)
    options = EnqueueOptions(
        workflow_name=JOB, queue_name=NOW, workflow_id=name, app_version=VERSION
    )
    try:
        queue.client.enqueue(options, job.sealed().model_dump(mode="json"), str(folder))
    except BaseException:
        jobs.unmark(folder)
        raise
    return name


def asked(queue: FilmQueue) -> list[Asked]:
    """The jobs that wait or are made, in the order in which they came."""
    found = queue.client.list_workflows(name=JOB, status=_ALIVE)
    return [_asked(status) for status in sorted(found, key=lambda each: each.created_at or 0)]


def give_up(queue: FilmQueue, folder: Path) -> None:
    """End a film's job: at its next clean point if it has begun. What is made is kept."""
    name = jobs.marked(folder)
    found = queue.client.list_workflows(workflow_ids=[name], name=JOB) if name else []
    queue.client.cancel_workflows([status.workflow_id for status in found])
    if not any(status.status == "PENDING" for status in found):
        jobs.unmark(folder)


def given_up(queue: FilmQueue, names: Collection[str]) -> set[str]:
    """Which of these jobs nobody wants any more."""
    found = queue.client.list_workflows(
        workflow_ids=list(names), status="CANCELLED", load_input=False, load_output=False
    )
    return {status.workflow_id for status in found}


def reclaim(queue: FilmQueue, root: Path) -> None:
    """Queue again what a dead or stopped worker left; only while no worker lives.

    A mark without a job is of a queue that is gone: it is taken away.
    """
    found = {s.workflow_id: s for s in queue.client.list_workflows(name=JOB, status=_OPEN)}
    for folder in jobs.places(root):
        if not (folder / jobs.MARK).is_file():
            continue
        status = found.get(jobs.marked(folder))
        if status is None or not _left(queue, status):
            jobs.unmark(folder)
        elif status.status != "ENQUEUED":
            queue.go_on(status.workflow_id, NOW)


def _left(queue: FilmQueue, status: Any) -> bool:
    """Whether a job is still to be made: not one that somebody gave up while it was made."""
    return status.status != "CANCELLED" or queue.is_held(status.workflow_id)


def _asked(status: Any) -> Asked:
    given = cast("list[Any]", status.input["args"])
    job, folder = Job.model_validate(given[0]), Path(given[1])
    return Asked(status.workflow_id, job, folder, status.status == "PENDING")
