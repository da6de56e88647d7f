"""One stage of one film: an ordinary order for the pipeline, and what became of it.

A stage under way leaves a mark in the film's folder. A worker that dies at the same place of
the same film again and again is thereby seen, and the film parked instead of tried for ever.

Knows: entries, orders, errors. Does not know: the queue, whose turn it is.
"""

from __future__ import annotations

import errno
import shlex
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.text import Text

from renderers.errors import BadRequest, RendererError
from storyboard import events, steps
from storyboard.backends import Backends
from storyboard.batch.entry import Entry, overridden
from storyboard.batch.floor import Stage
from storyboard.batch.queue import Outcome
from storyboard.casting import cast_plan
from storyboard.errors import CapReached, StepFailed, StoryboardError, UsageError
from storyboard.execution.leases import Need
from storyboard.files import disk_errors, read_json, write_json, write_text
from storyboard.folder import RunFolder
from storyboard.order import Order
from storyboard.pipeline import build_graph, make_film
from storyboard.plan import Plan, dump_plan, load_plan
from storyboard.profile import load_profile
from storyboard.publish.upload import write_upload
from storyboard.review.bounds import Bounds
from storyboard.review.making import make_reviewed
from storyboard.vram.forecast import workers
from storyboard.vram.room import DoesNotFit
from storyboard.vram.session import needs_card

if TYPE_CHECKING:
    from storyboard.vram.broker import Broker

TRIES = 3
"""Failures, and deaths of the worker at one place, after which a film is parked."""
_STAGES: dict[Stage, tuple[steps.Stage, ...]] = {
    "plan": ("plan",),
    "images": ("images",),
    "speech": ("speech",),
    "dialogue": ("clips",),
    "clips": ("clips",),
    # All of it: whatever was missing is made now.
    "finish": (),
}
_MARK = ".batch.json"
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

    def expect(self, graph: steps.Graph) -> None:
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
    stage: Stage
    device: int | None = None
    """Number of the card, the only one that this process sees; None: the profile's."""
    jobs: int | None = None
    """Worker processes for what needs only CPU; None: the cores."""

    @property
    def overrides(self) -> tuple[str, ...]:
        if self.device is None:
            return ()
        return "gpu.device=0", f"gpu.instance={self.device}"


def make_stage_of(
    work: Work, tell: Teller, card: Callable[[], Broker | None] = lambda: None
) -> Outcome:
    """Make the stage, or say why not. `card` is asked for the batch's broker, if there is one.

    Raises:
        DiskFull: nothing can be written; the film is not to blame.
    """
    listener, began = _Listener(work.film, tell), time.monotonic()
    try:
        with disk_errors(f"film {work.film}"):
            RunFolder(work.folder).open()
            if work.stage == "dialogue" and not talking_heads(work):
                return Outcome(work.stage, "made")
            if reason := _deadly(work):
                return Outcome(work.stage, "hopeless", reason)
            _make(work, listener, card())
            _unmark(work)
    except Exception as error:
        if _is_full(error):
            raise DiskFull(str(error)) from error
        with suppress(OSError):
            _unmark(work)
        known = isinstance(error, StoryboardError | RendererError)
        reason = str(error) if known else f"{type(error).__name__}: {error} (unexpected)"
        state = "hopeless" if _cannot_be_helped(error) else "failed"
        seconds = time.monotonic() - began
        return Outcome(work.stage, state, reason, round(seconds, 3), listener.cost)
    seconds = time.monotonic() - began
    return Outcome(work.stage, "made", "", round(seconds, 3), round(listener.cost, 6))


def open_checks(folder: Path) -> list[str]:
    """What does not hold up about a finished film."""
    try:
        checks: list[dict[str, Any]] = read_json(folder / "checks.json")["checks"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [str(check["message"]) for check in checks if not check["ok"]]


def order_of(work: Work) -> Order:
    entry = work.entry
    return Order(
        idea=entry.idea,
        out=work.folder,
        format=entry.format,
        language=entry.language,
        aspect=entry.aspect,
        seed=entry.seed,
        profile=entry.profile,
        overrides=work.overrides,
        stages=_STAGES[work.stage],
        beats=talking_heads(work) if work.stage == "dialogue" else None,
        jobs=work.jobs,
    )


def talking_heads(work: Work) -> tuple[int, ...]:
    """Beats whose clips are made by models that work in the card's stage `dialogue`."""
    path = RunFolder(work.folder).plan
    profile = load_profile(work.entry.profile, work.overrides)
    if not path.is_file() or not workers(profile, "dialogue"):
        return ()
    with Backends(profile) as backends:
        plan = load_plan(path)
        return heads_of(cast_plan(plan, backends.speech.voices(plan.language)), backends)


def heads_of(plan: Plan, backends: Backends) -> tuple[int, ...]:
    """As `talking_heads`, of a plan that is cast."""
    steps = build_graph(plan, backends).steps
    found = [(step, Need.of(step, backends.profile)) for step in steps]
    return tuple(
        sorted({s.beat for s, need in found if s.beat and need and "dialogue" in need.stages})
    )


def _make(work: Work, listener: _Listener, broker: Broker | None) -> None:
    # With its profile, since whoever redoes the film later looks there for the models.
    command = f"storyboard batch: {work.stage} {shlex.join(['--profile', work.entry.profile])}"
    order = order_of(work)
    if work.stage == "finish":
        _finish(work, order, listener, command, broker)
        return
    make_film(order, listener, command, broker=broker)
    if work.stage == "plan" and work.entry.plan:
        path = RunFolder(work.folder).plan
        plan = load_plan(path)
        changed = overridden(plan, work.entry.plan)
        if changed != plan:
            write_text(path, dump_plan(changed))
            # The planner words its pictures anew now: it is not awake in a later stage.
            make_film(order, listener, command, broker=broker)


def _finish(
    work: Work, order: Order, listener: _Listener, command: str, broker: Broker | None
) -> None:
    """Put the film together, review it, and lay out what is uploaded.

    Where models share a card, the review only looks: to mend one film would call back a model
    that the batch has let go. The sheet lists what it found.
    """
    drawn = not needs_card(load_profile(order.profile, order.overrides))
    bounds = Bounds() if drawn else Bounds(max_rounds=0)
    done = make_reviewed(order, listener, bounds, command, broker=broker)
    if done.film.complete:
        with disk_errors("laying out the upload folder"):
            write_upload(work.folder, work.folder / "upload")


def _cannot_be_helped(error: BaseException) -> bool:
    cause = error.__cause__ if isinstance(error, StepFailed) else None
    return isinstance(error, _HOPELESS) or isinstance(cause, _HOPELESS)


def _is_full(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        error = error.__cause__
    return False


# --- the mark of a stage under way ------------------------------------------


def _deadly(work: Work) -> str:
    """Leave the mark; why the film must not be tried again, if the last ones say so."""
    path = work.folder / _MARK
    done = sum(
        isinstance(event, events.StepFinished) and not event.cached
        for _, event in events.read_events(work.folder / "events.jsonl")
    )
    deaths = 0
    try:
        mark = read_json(path)
        if mark["stage"] == work.stage and mark["finished"] == done:
            deaths = int(mark["deaths"]) + 1
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if deaths >= TRIES:
        path.unlink(missing_ok=True)
        return (
            f"the worker died {deaths} times in the stage {work.stage} of this film without "
            "finishing another step; most often memory ran out"
        )
    write_json(path, {"stage": work.stage, "finished": done, "deaths": deaths})
    return ""


def _unmark(work: Work) -> None:
    (work.folder / _MARK).unlink(missing_ok=True)
