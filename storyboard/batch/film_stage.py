"""One stage of one film: an ordinary request to the pipeline, and what became of it.

Knows: entries, requests, errors. Does not know: the queue, whose turn it is.
"""

from __future__ import annotations

import errno
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.text import Text

from renderers.errors import BadRequest, RendererError
from storyboard.batch.entry import Entry, overridden
from storyboard.batch.mark import Deadly, mark, unmark
from storyboard.batch.queue import PERMANENT, Outcome
from storyboard.core import events
from storyboard.core.errors import CapReached, StepFailed, Stopped, StoryboardError, UsageError
from storyboard.core.files import disk_errors
from storyboard.gpu.evictor import DoesNotFit
from storyboard.graph.checkpoints import checkpoints, part_of
from storyboard.graph.display import Display
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session
from storyboard.graph.steps import Graph
from storyboard.media.check_report import read_checks
from storyboard.plan import load_plan
from storyboard.plan.stages import CHECKPOINTS, Checkpoint
from storyboard.profile import load_profile
from storyboard.profile.metering import Call
from storyboard.publish.upload import write_upload
from storyboard.review.bounds import Bounds
from storyboard.review.reviewed_film import Review, make_beside, on_trial
from storyboard.stages.film import make_film, needs_models
from storyboard.stages.growing import Growing
from storyboard.stages.render_request import RenderRequest

TRIES = 3
"""Failures after which a film is parked."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_PERMANENT = (UsageError, BadRequest, CapReached, DoesNotFit)
"""Whatever is asked again unchanged would be refused again."""


class DiskFull(StoryboardError):
    """No film can go on."""


class Teller(Protocol):
    """Hears what happens to films."""

    def __call__(self, film: str, text: str, style: str = "") -> None: ...


def console_teller(console: Console, *, quiet: bool = False) -> Teller:
    """One line a stage; `quiet`: only what went wrong."""

    def tell(film: str, text: str, style: str = "") -> None:
        if style or not quiet:
            console.print(Text(f"{film}: {text}", style=style), soft_wrap=True)

    return tell


@dataclass
class _Listener(Display):
    """The display of one stage: it passes on what a person should know in the morning."""

    film: str
    tell: Teller
    cost: float = 0.0
    waited: float = 0.0
    """Seconds in which other films went first."""

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.StepFailed(step=step, message=message):
                self.tell(self.film, f"{step} failed: {message}", "red")
            case Call(cost=cost):
                self.cost += cost
            case _:
                pass


@dataclass(frozen=True, slots=True)
class Work:
    """One stage to make."""

    film: str
    entry: Entry
    folder: Path
    stage: Checkpoint
    device: int | None = None
    """Number of the card, the only one that this process sees; None: the profile's."""
    jobs: int | None = None
    """Processes that work on what needs only CPU; None: the cores."""
    max_rounds: int = 2
    """Cuts that the film's review may try."""

    @property
    def place(self) -> str:
        """Its name to the scheduler, as whoever leases the card for it has it."""
        return str(self.folder)

    @property
    def overrides(self) -> tuple[str, ...]:
        if self.device is None:
            return ()
        return "gpu.device=0", f"gpu.instance={self.device}"


def make_stage_of(
    work: Work, tell: Teller, session: Session, ready: Callable[[Graph], None] = lambda _: None
) -> Outcome:
    """Make the stage, or say why not. `ready` is told the film's graph before.

    Raises:
        DiskFull: nothing can be written; the film is not to blame.
        Stopped: it may not go on between two waves of the stage.
    """
    listener = _Listener(work.film, tell)
    began = time.monotonic()
    state, reason = "made", ""
    try:
        with disk_errors(f"film {work.film}"):
            reason = _make(work, listener, session, ready)
    except Stopped:
        with suppress(OSError):
            unmark(work.folder)
        raise
    except Deadly as death:
        state, reason = PERMANENT, str(death)
    except Exception as error:
        if _is_full(error):
            raise DiskFull(str(error)) from error
        with suppress(OSError):
            unmark(work.folder)
        known = isinstance(error, StoryboardError | RendererError)
        reason = str(error) if known else f"{type(error).__name__}: {error} (unexpected)"
        state = PERMANENT if _is_permanent(error) else "failed"
    seconds = round(time.monotonic() - began - listener.waited, 3)
    return Outcome(work.stage, state, reason, seconds, round(listener.cost, 6))


def _make(work: Work, listener: _Listener, session: Session, ready: Callable[[Graph], None]) -> str:
    """Make the stage under the mark that a worker's death leaves behind; what could not be had
    besides."""
    RunFolder(work.folder).open()
    graph = graph_of_film(work, session)
    if work.stage == "dialogue" and "dialogue" not in checkpoints(graph).values():
        return ""
    unmade = _marked(work)
    ready(graph)
    if work.stage == "finish":
        _finish(work, listener, session, unmade)
    else:
        _part(work, listener, session)
        if work.stage == "plan" and _laid_over(work):
            # Killed before it was laid over, by an older version.
            _part(work, listener, session)
    lacks = _beside(work, listener, session)
    unmark(work.folder)
    return lacks


def _marked(work: Work) -> str:
    """Mark the stage as under way; why a cut that is on trial is not to be made, if it is so.

    Raises:
        Deadly: the worker has died of this stage too often.
    """
    try:
        mark(work.folder, work.stage)
    except Deadly as death:
        if work.stage != "finish" or on_trial(RunFolder(work.folder)) is None:
            raise
        # It was for another cut of a film that is made.
        mark(work.folder, work.stage)
        return str(death)
    return ""


def _part(work: Work, listener: _Listener, session: Session) -> None:
    make_film(request_of(work), listener, _command(work), session=session)


def _laid_over(work: Work) -> bool:
    """Lay what the entry says otherwise over the plan that was written; whether that changed it."""
    folder = RunFolder(work.folder)
    plan = load_plan(folder.plan)
    changed = overridden(plan, work.entry.plan)
    if changed != plan:
        folder.save_plan(changed)
    return changed != plan


def _beside(work: Work, listener: _Listener, session: Session) -> str:
    """Make as much of the films that begin otherwise; why there are none, where they are wanted."""
    try:
        films = make_beside(request_of(work), listener, _command(work), session=session)
    except UsageError as fault:
        # The film itself is made, whatever becomes of them.
        return str(fault)
    for film in films:
        if film.complete and work.stage == "finish":
            with disk_errors("laying out the upload folder"):
                write_upload(film.folder.path, film.folder.path / "upload")
    return ""


def open_checks(folder: Path) -> list[str]:
    """What does not hold up about a finished film."""
    return [check["message"] for check in read_checks(folder) if not check["ok"]]


def request_of(work: Work) -> RenderRequest:
    entry = work.entry
    return RenderRequest(
        idea=entry.idea,
        out=work.folder,
        format=entry.format,
        language=entry.language,
        aspect=entry.aspect,
        seed=entry.seed,
        script=entry.script,
        hooks=entry.hooks,
        profile=entry.profile,
        overrides=work.overrides,
        laid_over=partial(overridden, overrides=entry.plan),
        part=None if work.stage == "finish" else partial(part_of, upto=work.stage),
        jobs=work.jobs,
    )


def graph_of_film(work: Work, session: Session) -> Graph:
    """The graph of the film whose stage it is: while its plan is not written, who writes it."""
    folder = RunFolder(work.folder)
    plan = load_plan(folder.plan) if folder.plan.is_file() else None
    with session.backends(load_profile(work.entry.profile, work.overrides)) as backends:
        return Growing(request_of(work), folder, backends, plan).whole()


def _command(work: Work) -> str:
    # With its profile, since whoever redoes the film later looks there for the models.
    return f"storyboard batch: {work.stage} {shlex.join(['--profile', work.entry.profile])}"


def _finish(work: Work, listener: _Listener, session: Session, unmade: str) -> None:
    """Put the film together, review it, and lay out what is uploaded once that is over."""
    parts = partial(_parts, work, listener, session)
    bounds, command = Bounds(work.max_rounds), _command(work)
    Review(request_of(work), listener, bounds, command, session, parts=parts).run(unmade=unmade)
    with disk_errors("laying out the upload folder"):
        write_upload(work.folder, work.folder / "upload")


def _parts(work: Work, listener: _Listener, session: Session) -> None:
    """Make the parts of a cut. What needs models that the batch has released comes stage by stage,
    as all of the film did, when it is its turn among other films.

    Raises:
        DiskFull: nothing can be written. Stopped: it may not go on.
    """
    if not needs_models(replace(request_of(work), hooks=1), session):
        return
    scheduler, left = session.scheduler, time.monotonic()
    listener.tell(work.film, "another cut waits for its turn")
    try:
        with scheduler.again(work.place):
            for stage in CHECKPOINTS[:-1]:
                with scheduler.slot(work.place, stage):
                    listener.waited += time.monotonic() - left
                    _part(replace(work, stage=stage), listener, session)
                    left = time.monotonic()
                scheduler.behind(work.place, stage)
        listener.waited += time.monotonic() - left
    except StepFailed as error:
        if _is_full(error):
            raise DiskFull(str(error)) from error
        raise


def _is_permanent(error: BaseException) -> bool:
    cause = error.__cause__ if isinstance(error, StepFailed) else None
    return isinstance(error, _PERMANENT) or isinstance(cause, _PERMANENT)


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__
    return False
