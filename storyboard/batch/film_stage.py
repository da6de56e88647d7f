"""One stage of one film: an ordinary request to the pipeline, and what became of it.

Knows: entries, requests, errors. Does not know: the queue, whose turn it is.
"""

from __future__ import annotations

import errno
import shlex
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.text import Text

from renderers.errors import BadRequest, RendererError
from storyboard.batch.entry import Entry, overridden
from storyboard.batch.gate import Stopped
from storyboard.batch.mark import Deadly, mark, unmark
from storyboard.batch.queue import Outcome
from storyboard.core import events
from storyboard.core.directory import Directory
from storyboard.core.errors import CapReached, StepFailed, StoryboardError, UsageError
from storyboard.core.files import disk_errors, read_json
from storyboard.gpu.card_session import needs_card
from storyboard.gpu.evictor import DoesNotFit
from storyboard.graph.checkpoints import checkpoints, part_of
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session
from storyboard.graph.steps import Graph
from storyboard.plan import dump_plan, load_plan
from storyboard.plan.stages import Checkpoint
from storyboard.profile import load_profile
from storyboard.publish.upload import write_upload
from storyboard.review.bounds import Bounds
from storyboard.review.reviewed_film import Review
from storyboard.stages.film import make_film
from storyboard.stages.growing import Growing
from storyboard.stages.render_request import RenderRequest

TRIES = 3
"""Failures after which a film is parked."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_HOPELESS = (UsageError, BadRequest, CapReached, DoesNotFit)
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
class _Listener:
    """The display of one stage: it passes on what a person should know in the morning."""

    film: str
    tell: Teller
    cost: float = 0.0

    def expect(self, graph: Graph) -> None:
        """A batch shows stages, not steps."""

    @contextmanager
    def showing(self) -> Generator[None]:
        yield

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.StepFailed(step=step, message=message):
                self.tell(self.film, f"{step} failed: {message}", "red")
            case events.Measured(values=values) if "cost" in values:
                self.cost += float(values["cost"])
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
    """Worker processes for what needs only CPU; None: the cores."""
    max_rounds: int = 2
    """Cuts that the film's review may try."""
    wave: int = 0
    """0: the film is made; from 1 on, the cuts that its review asked for."""
    cut: int = 0
    """Number of the cut that is made in this wave."""
    spent: str = ""
    """Why the night has nothing left with which to make that cut: it is taken back."""

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
    work: Work,
    tell: Teller,
    session: Session,
    ready: Callable[[Graph], None] = lambda _: None,
) -> Outcome:
    """Make the stage, or say why not. `ready` is told the film's graph before.

    Raises:
        DiskFull: nothing can be written; the film is not to blame.
        Stopped: it may not go on between two waves of the stage.
    """
    listener = _Listener(work.film, tell)
    outcome = _attempt(work, listener, lambda: _marked(work, listener, session, ready))
    if outcome.state != "made" and work.cut and work.stage != "finish":
        # Whatever could not be made was for another cut of a film that is made.
        review = _review(work, listener, session)
        _attempt(work, listener, lambda: review.refuse(work.cut, outcome.reason))
    return outcome


def _attempt(work: Work, listener: _Listener, make: Callable[[], int | None]) -> Outcome:
    """What came of it; a number is that of the cut to be made next.

    Raises:
        DiskFull: nothing can be written.
    """
    began = time.monotonic()
    state, reason, cut = "made", "", 0
    try:
        with disk_errors(f"film {work.film}"):
            cut = make() or 0
    except Stopped:
        with suppress(OSError):
            unmark(work.folder)
        raise
    except Deadly as death:
        state, reason = "hopeless", str(death)
    except Exception as error:
        if _is_full(error):
            raise DiskFull(str(error)) from error
        with suppress(OSError):
            unmark(work.folder)
        known = isinstance(error, StoryboardError | RendererError)
        reason = str(error) if known else f"{type(error).__name__}: {error} (unexpected)"
        state = "hopeless" if _cannot_be_helped(error) else "failed"
    seconds = round(time.monotonic() - began, 3)
    return Outcome(work.stage, state, reason, seconds, round(listener.cost, 6), work.wave, cut)


def _marked(
    work: Work, listener: _Listener, session: Session, ready: Callable[[Graph], None]
) -> int:
    """Make the stage under the mark that a worker's death leaves behind."""
    RunFolder(work.folder).open()
    graph = graph_of_film(work, session)
    if work.stage == "dialogue" and "dialogue" not in checkpoints(graph).values():
        return 0
    mark(work.folder, work.stage)
    ready(graph)
    cut = _make(work, listener, session)
    unmark(work.folder)
    return cut


def open_checks(folder: Path) -> list[str]:
    """What does not hold up about a finished film."""
    try:
        checks: list[dict[str, Any]] = read_json(folder / "checks.json")["checks"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [str(check["message"]) for check in checks if not check["ok"]]


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
        profile=entry.profile,
        overrides=work.overrides,
        part=None if work.stage == "finish" else partial(part_of, upto=work.stage),
        jobs=work.jobs,
    )


def graph_of_film(work: Work, session: Session) -> Graph:
    """The graph of the film whose stage it is: while its plan is not written, who writes it."""
    folder = RunFolder(work.folder)
    plan = load_plan(folder.plan) if folder.plan.is_file() else None
    with session.backends(load_profile(work.entry.profile, work.overrides)) as backends:
        return Growing(request_of(work), folder, backends, plan).whole()


def _make(work: Work, listener: _Listener, session: Session) -> int:
    """Make the stage; returns the number of the cut whose parts are to be made next, or 0."""
    if work.stage == "finish":
        return _finish(work, _review(work, listener, session))
    command = _command(work)
    request = request_of(work)
    make_film(request, listener, command, session=session)
    if work.stage == "plan" and work.entry.plan and not work.wave:
        path = RunFolder(work.folder).plan
        plan = load_plan(path)
        changed = overridden(plan, work.entry.plan)
        if changed != plan:
            Directory(work.folder).write(path.name, dump_plan(changed))
            # The planner words its pictures anew now: it is not awake in a later stage.
            make_film(request, listener, command, session=session)
    return 0


def _command(work: Work) -> str:
    # With its profile, since whoever redoes the film later looks there for the models.
    return f"storyboard batch: {work.stage} {shlex.join(['--profile', work.entry.profile])}"


def _review(work: Work, listener: _Listener, session: Session) -> Review:
    request = request_of(replace(work, stage="finish"))
    return Review(request, listener, Bounds(work.max_rounds), _command(work), session)


def _finish(work: Work, review: Review) -> int:
    """Put the film together, review it, and lay out what is uploaded once that is over.

    Where models share a card, a cut is not made here: to mend one film would call back models
    that the batch has let go. It is put on trial, and the parts of all such cuts are made
    together in the batch's next wave; its number is returned.
    """
    if work.spent:
        review.give_up(f"the night's budget was reached: {work.spent}")
    elif needs_card(load_profile(review.request.profile, review.request.overrides)):
        trial = review.wave(work.cut).trial
        if trial is not None:
            return trial.number
    else:
        review.run()
    with disk_errors("laying out the upload folder"):
        write_upload(work.folder, work.folder / "upload")
    return 0


def _cannot_be_helped(error: BaseException) -> bool:
    cause = error.__cause__ if isinstance(error, StepFailed) else None
    return isinstance(error, _HOPELESS) or isinstance(cause, _HOPELESS)


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__
    return False
