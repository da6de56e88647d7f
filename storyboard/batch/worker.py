"""A worker: takes films from the queue and makes them, stage by stage, until none is left.

Each film is a workflow of DBOS, each stage one of its steps. A worker that is killed leaves
its films with what they have behind them; the next one goes on from there, and within the
stage the content store does.

Knows: DBOS from inside, the floor, one card. Does not know: command lines, schedules.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig

from storyboard.batch.budget import Budget
from storyboard.batch.card import Cards
from storyboard.batch.database import Pulse, QueueFailed, database_errors
from storyboard.batch.entry import Entry
from storyboard.batch.floor import Floor, Stopped
from storyboard.batch.making import (
    TRIES,
    DiskFull,
    Teller,
    Work,
    make_stage_of,
    open_checks,
)
from storyboard.batch.queue import (
    QUEUE,
    SERIALIZER,
    VERSION,
    WORKFLOW,
    FilmQueue,
    Outcome,
)
from storyboard.batch.stages import STAGES
from storyboard.core.events import EventLog
from storyboard.graph.session import Session

_POLL_S = 0.25
_PULSE_S = 2.0
_LOST_S = 60.0
"""Films that wait or work by the queue's word, while none is here: the queue dequeues in a
second, so what is missing for so long died of an error of the database."""
_MOST = 256
"""Films in the stages at once; each takes a thread that waits most of the time."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a worker works."""

    url: str
    root: Path
    budget: Budget = field(default_factory=Budget)
    group: int | None = None
    """Films that go through the stages together; None: all."""
    share: int | None = None
    """Films that it takes at once; None: all there are."""
    device: int | None = None
    jobs: int | None = None
    """Worker processes for what needs only CPU; None: the cores."""
    max_rounds: int = 2
    """Cuts that the review of a film may try."""
    name: str = "worker"

    @property
    def at_once(self) -> int:
        """While one group is put together, the next begins."""
        return self.share or (2 * self.group if self.group else _MOST)


@dataclass(frozen=True, slots=True)
class _Site:
    floor: Floor
    cards: Cards
    session: Session
    tell: Teller
    terms: Terms


_site: _Site | None = None
"""Where the workflows of this process work; DBOS calls them with what they were queued with."""


@DBOS.step(name="make_stage")
def make_stage(work: Work, tries: int) -> dict[str, Any]:
    """Wait for the film's turn and make one stage of it; returns an `Outcome`."""
    site, film, stage = _at_work(), work.film, work.stage
    try:
        with site.floor.turn(film, stage, tries, limits=not work.spent):
            outcome = make_stage_of(work, site.tell, site.session, partial(site.cards.ready, work))
    except Stopped as stop:
        state = "spent" if work.wave and stop.limit else "held"
        return asdict(Outcome(stage, state, str(stop), wave=work.wave))
    except DiskFull as full:
        site.floor.stop(str(full))
        return asdict(Outcome(stage, "held", str(full), wave=work.wave))
    site.floor.charge(film, outcome.cost)
    if outcome.state == "made":
        again = f" (wave {work.wave})" if work.wave else ""
        site.tell(film, f"{stage} made in {outcome.seconds:.1f} s{again}")
    else:
        site.tell(film, f"{stage} failed: {outcome.reason}", "red")
    return asdict(outcome)


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def film(entry: dict[str, Any], folder: str) -> dict[str, Any]:
    """One film, stage by stage, and once more for each cut that its review asks for; returns
    `state` (done, parked), `stage` and `reason`."""
    site, name = _at_work(), DBOS.workflow_id
    assert name is not None, "a workflow runs in a worker only"
    terms = site.terms
    work = Work(
        name,
        Entry.model_validate(entry),
        Path(folder),
        STAGES[0],
        terms.device,
        terms.jobs,
        terms.max_rounds,
    )
    site.floor.arrive(name, work.entry.profile)
    try:
        while True:
            last = _wave(work)
            if last.state != "made":
                return {"state": "parked", "stage": last.stage, "reason": last.reason}
            if not last.cut:
                break
            work = replace(work, wave=work.wave + 1, cut=last.cut)
            site.floor.again(name)
    finally:
        site.floor.leave(name)
    return {"state": "done", "stage": "", "reason": "; ".join(open_checks(Path(folder)))}


def _wave(work: Work) -> Outcome:
    """All stages once; what became of the last one, or of the one that parks the film."""
    floor, last = _at_work().floor, len(STAGES) - 1
    at = failures = 0
    while True:
        outcome = Outcome(**make_stage(replace(work, stage=STAGES[at]), failures))
        if outcome.state == "made":
            floor.behind(work.film, STAGES[at])
            if at == last:
                return outcome
            at += 1
        elif outcome.state == "held":
            # Ends this run of the workflow at its next step; a later one goes on there.
            DBOS.cancel_workflow(work.film)
        elif work.wave and not work.spent and (at < last or outcome.state == "spent"):
            # The film is made: without these parts, it stays what it was.
            work = replace(work, spent=outcome.reason if outcome.state == "spent" else "")
            for stage in STAGES[at:last]:
                floor.behind(work.film, stage)
            at = last
        else:
            failures += 1
            if failures >= TRIES or outcome.state == "hopeless":
                return outcome


def _at_work() -> _Site:
    assert _site is not None, "a workflow runs in a worker only"
    return _site


@contextmanager
def working(terms: Terms, floor: Floor, tell: Teller) -> Generator[None]:
    """Take films from the queue while the block lasts."""
    global _site
    config: DBOSConfig = {
        "name": "storyboard",
        "system_database_url": terms.url,
        "serializer": SERIALIZER,
        "application_version": VERSION,
        "executor_id": terms.name,
        # That a held film's workflow ends early is no error; what is one, the queue tells.
        "log_level": "CRITICAL",
        "max_executor_threads": terms.at_once + 8,
        "run_migrations": False,
    }
    with Session(EventLog(terms.root / ".batch" / "events.jsonl")) as session:
        cards = Cards(session)
        floor.after = cards.over
        _site = _Site(floor, cards, session, tell, terms)
        DBOS(config=config)
        try:
            DBOS.listen_queues([QUEUE])
            DBOS.launch()
            DBOS.register_queue(
                QUEUE,
                worker_concurrency=terms.at_once,
                polling_interval_sec=_POLL_S,
                on_conflict="always_update",
            )
            yield
        finally:
            DBOS.destroy()
            _site = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of the batch ended."""

    stopped: str
    """Why it stopped before the end; empty: it went through."""


def work_off(
    terms: Terms,
    queue: FilmQueue,
    tell: Teller,
    stop: threading.Event | None = None,
    tick: Callable[[], object] = lambda: None,
) -> Result:
    """Make films until none is left that may be made, or the budget is reached.

    `stop`, once set, lets no further stage begin; `tick` is called now and then.

    Raises:
        QueueFailed: the database is of no use any more; the stage under way was ended.
    """
    floor = Floor(terms.root, terms.budget, terms.group)
    with Pulse(terms.url, terms.name) as pulse, working(terms, floor, tell):
        try:
            with database_errors(terms.url):
                lost = _watch(floor, queue, pulse, terms, stop or threading.Event(), tick)
        except QueueFailed as failed:
            floor.stop(str(failed))
            if floor.working:
                tell("batch", "the database fails: stopping after the stage under way", "red")
            # What it makes is in the store, and will be found there.
            while floor.working:
                time.sleep(_POLL_S)
            raise
    return Result(floor.reason or lost)


def _watch(
    floor: Floor,
    queue: FilmQueue,
    pulse: Pulse,
    terms: Terms,
    stop: threading.Event,
    tick: Callable[[], object],
) -> str:
    """Wait until nothing is left to do; why films were lost sight of, if any were."""
    idle, felt = 0.0, -math.inf
    while True:
        if stop.is_set():
            floor.stop("it was told to stop")
        began = time.monotonic()
        # Before every look into it: the client waits for a locked database for ever.
        if not floor.busy or began - felt >= _PULSE_S:
            well, felt = pulse.beats(), began
            if well:
                tick()
            if well and not floor.busy:
                if not queue.under_way(terms.name):
                    return ""
                if idle >= _LOST_S:
                    return "what became of some films was not taken down: its database failed"
        time.sleep(_POLL_S)
        idle = 0.0 if floor.busy else idle + time.monotonic() - began
