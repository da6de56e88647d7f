"""A job made: an ordinary request to the pipeline in the worker's session, before all others.

Knows: jobs, requests, how one is stopped. Does not know: the queue.
"""

from __future__ import annotations

import shlex
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

from renderers.errors import RendererError
from storyboard.batch import jobs
from storyboard.batch import mark as marks
from storyboard.batch.jobs import Job
from storyboard.batch.queue import Outcome
from storyboard.core import events, stopping
from storyboard.core.directory import Directory
from storyboard.core.errors import Stopped, StoryboardError
from storyboard.core.files import disk_errors
from storyboard.edit import lab
from storyboard.edit.takes import make_takes
from storyboard.edit.voice_samples import Samples
from storyboard.graph.display import Display
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session
from storyboard.profile import load_profile
from storyboard.review.bounds import Bounds
from storyboard.review.reviewed_film import make, make_beside

_NOBODYS = (
    "nobody here has asked for it: the queue came with the films, and the job names models or folders "
    "of somebody else's. If it is yours, ask for it again"
)


def refuse(folder: Path) -> Outcome:
    """Do not make it, and say in its folder why."""
    with suppress(OSError, StoryboardError):
        Directory(folder).write(jobs.WORDS, _NOBODYS)
    return Outcome("job", "failed", _NOBODYS)


def do(
    job: Job, folder: Path, session: Session, stop: threading.Event, means: tuple[str, ...] = ()
) -> Outcome:
    """Make it, and say in its folder why it ended. `held`: it was told to stop, and may go on.

    `means` are overrides of the worker's, as which card it sees.
    """
    try:
        with disk_errors("the job"):
            # Its log, which tells of the deaths of the worker, begins with the folder.
            RunFolder(folder).open()
            Directory(folder).write(jobs.WORDS, "")
            marks.mark(folder, "finish")
            with session.scheduler.first(str(folder)), stopping.stoppable(stop):
                _make(job, folder, session, means)
    except Stopped as told:
        outcome = Outcome("job", "held", str(told))
    except Exception as error:  # noqa: BLE001 - the border to any film
        known = isinstance(error, StoryboardError | RendererError | marks.Deadly)
        reason = str(error) if known else f"{type(error).__name__}: {error} (unexpected)"
        outcome = Outcome("job", "failed", reason)
    else:
        outcome = Outcome("job", "made")
    with suppress(OSError):
        marks.unmark(folder)
        Directory(folder).write(jobs.WORDS, outcome.reason)
    return outcome


def _make(job: Job, folder: Path, session: Session, means: tuple[str, ...]) -> None:
    if job.drawn is not None:
        _draw(job, job.drawn.engine, folder, session, means)
        return
    if job.said is not None:
        samples = Samples(folder, session, means)
        samples.said(job.profile, job.overrides, job.said.language, job.said.voice)
        return
    request, silent = job.request(folder, means), Display()
    if job.takes is not None:
        asked = job.takes
        make_takes(request, asked.beat, asked.part, asked.count, display=silent, session=session)
        return
    # With its means, since whoever goes on with the film looks there for the models.
    words = ["storyboard", "studio", "--profile", job.profile]
    words += [word for value in job.overrides for word in ("--set", value)]
    words += [word for value in job.allow for word in ("--allow", value)]
    command = shlex.join(words)
    make(request, silent, Bounds() if job.review else None, command, session=session)
    for _ in make_beside(request, silent, command, session=session):
        """Each is made where it lies."""


def _draw(job: Job, engine: str, folder: Path, session: Session, means: tuple[str, ...]) -> None:
    """A sheet of the lab, by the server at `engine`; by the profile's, it is woken first."""
    profile = load_profile(job.profile, (*job.overrides, *means))
    with lab.engine_client(profile, engine) as client:
        log = events.EventLog(folder / "events.jsonl")
        session.perform(profile, "" if engine else "image", log, partial(lab.draw, folder, client))
