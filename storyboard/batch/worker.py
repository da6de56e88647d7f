"""A worker: takes films from the queue and makes them, stage by stage, until none is left.

Each film is a workflow of DBOS, each stage one of its steps. A worker that is killed leaves
its films with what they have behind them; the next one goes on from there, and within the
stage the content store does.

Knows: DBOS from inside, the scheduler, the gate. Does not know: command lines, schedules.
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

from storyboard.batch import job_queue, jobs
from storyboard.batch.budget import Budget
from storyboard.batch.database import HealthCheck, QueueFailed, database_errors
from storyboard.batch.entry import Entry, came_with_films
from storyboard.batch.film_stage import TRIES, DiskFull, Teller, Work, make_stage_of, open_checks
from storyboard.batch.gate import Night
from storyboard.batch.jobs import Job
from storyboard.batch.queue import (
    JOB,
    NOW,
    PERMANENT,
    QUEUE,
    SERIALIZER,
    VERSION,
    WORKFLOW,
    FilmQueue,
    Outcome,
)
from storyboard.batch.queue_order import line_of
from storyboard.batch.run_job import do, refuse
from storyboard.batch.worker_watchdog import witnessed
from storyboard.core.errors import Stopped
from storyboard.core.events import EventLog
from storyboard.graph.checkpoints import needs_by_checkpoint
from storyboard.graph.scheduler import Scheduler
from storyboard.graph.session import Session
from storyboard.graph.steps import Graph
from storyboard.plan.stages import CHECKPOINTS
from storyboard.profile import load_profile
from storyboard.stages import hooks

_POLL_S = 0.25
_PULSE_S = 2.0
_LOST_S = 60.0
"""Films that wait or work by the queue's word, while none is here: the queue dequeues in a
second, so what is missing for so long died of an error of the database."""
_MOST = 256
"""Films in the stages at once; each takes a thread that waits most of the time."""
_JOBS = 4
"""Jobs that are made at once."""
_LINE_S = 5.0
"""How often the order of the queue is read."""
_REST_S = 60.0
"""So long after the last job, the card is released; what is loaded in the process stays."""


@dataclass(frozen=True, slots=True)
class WorkerTerms:
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
    """Processes that work on what needs only CPU; None: the cores."""
    max_rounds: int = 2
    """Cuts that the review of a film may try."""
    name: str = "worker"
    films: bool = True
    """Whether it makes films of the night, or jobs alone."""
    linger: float = 0.0
    """Seconds that it stays when nothing is left, for the next job to find what is loaded."""

    @property
    def at_once(self) -> int:
        """While one group is put together, the next begins."""
        return self.share or (2 * self.group if self.group else _MOST)


@dataclass(slots=True)
class _WorkerContext:
    night: Night
    session: Session
    tell: Teller
    terms: WorkerTerms
    jobs: dict[str, threading.Event] = field(default_factory=dict[str, threading.Event])
    """By id, how each job that is made now is told to stop."""
    looked: float = -math.inf
    """When the order of the queue was read last."""

    @property
    def scheduler(self) -> Scheduler:
        return self.session.scheduler

    @property
    def busy(self) -> bool:
        return self.scheduler.busy or bool(self.jobs)

    def look(self, queue: FilmQueue) -> None:
        """Take in what people changed of the queue: its order, jobs that nobody wants any more."""
        self._stop_jobs(queue)
        if self.terms.films and time.monotonic() - self.looked >= _LINE_S:
            self.scheduler.reorder(line_of(queue))
            self.looked = time.monotonic()

    def _stop_jobs(self, queue: FilmQueue) -> None:
        """Tell jobs to stop that nobody wants any more, or all of them."""
        running = dict(self.jobs)
        told = self.night.told.is_set()
        over = running if told or not running else job_queue.given_up(queue, running)
        for name in over:
            running[name].set()


_context: _WorkerContext | None = None
"""Where the workflows of this process work; DBOS calls them with what they were queued with."""


@DBOS.step(name="make_stage")
def make_stage(work: Work, tries: int) -> dict[str, Any]:
    """Wait for the film's turn and make one stage of it; returns an `Outcome`."""
    context, film, stage = _at_work(), work.film, work.stage
    try:
        with context.scheduler.slot(work.place, stage, tries):
            outcome = make_stage_of(
                work, context.tell, context.session, partial(_expect, context, work)
            )
    except Stopped as stop:
        return asdict(Outcome(stage, "held", str(stop)))
    except DiskFull as full:
        context.night.stop(str(full))
        return asdict(Outcome(stage, "held", str(full)))
    context.night.charge(film, outcome.cost)
    if outcome.state == "made":
        context.tell(film, f"{stage} made in {outcome.seconds:.1f} s")
    else:
        context.tell(film, f"{stage} failed: {outcome.reason}", "red")
    return asdict(outcome)


def _expect(context: _WorkerContext, work: Work, graph: Graph) -> None:
    """Tell the scheduler what a film will need, by its graph as far as it is known."""
    profile = load_profile(work.entry.profile, work.overrides)
    context.scheduler.expect(work.place, needs_by_checkpoint(profile, graph))


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def film(entry: dict[str, Any], folder: str, seal: str = "") -> dict[str, Any]:
    """One film, stage by stage; returns `state` (done, parked), `stage` and `reason`."""
    context, name = _at_work(), DBOS.workflow_id
    assert name is not None, "a workflow runs in a worker only"
    terms = context.terms
    if foreign := came_with_films(entry, seal, terms.root):
        return {"state": "parked", "stage": "", "reason": foreign}
    work = Work(
        name,
        Entry.model_validate(entry),
        Path(folder),
        CHECKPOINTS[0],
        terms.device,
        terms.jobs,
        terms.max_rounds,
    )
    context.scheduler.arrive(work.place, work.entry.profile)
    lacks = ""
    try:
        for stage in CHECKPOINTS:
            outcome = _passed(replace(work, stage=stage))
            if outcome.state != "made":
                return {"state": "parked", "stage": stage, "reason": outcome.reason}
            lacks = outcome.reason
            context.scheduler.behind(work.place, stage)
    finally:
        context.scheduler.leave(work.place)
    films = [Path(folder), *hooks.folders(Path(folder), work.entry.hooks)]
    open_of = [check for film in films for check in open_checks(film)]
    return {"state": "done", "stage": "", "reason": "; ".join(filter(None, [lacks, *open_of]))}


@DBOS.step(name="do_job")
def do_job(given: dict[str, Any], folder: str, name: str) -> dict[str, Any]:
    """Make one job; returns an `Outcome`."""
    context, job = _at_work(), Job.model_validate(given)
    stop = context.jobs[name] = threading.Event()
    try:
        device = context.terms.device
        means = () if device is None else ("gpu.device=0", f"gpu.instance={device}")
        if not job.lies_at(Path(folder), context.terms.root):
            outcome = Outcome("job", "failed", "its folder is not among the films")
        elif not job.own:
            outcome = refuse(Path(folder))
        else:
            outcome = do(job, Path(folder), context.session, stop, means)
    finally:
        del context.jobs[name]
    if outcome.state == "held" and not context.night.told.is_set():
        # Somebody wants it no longer: nobody goes on with it.
        outcome = replace(outcome, state="failed")
    if outcome.state != "held":
        jobs.unmark(Path(folder))
    style = "red" if outcome.state == "failed" else ""
    context.tell(job.film, f"{outcome.state} {outcome.reason}".rstrip(), style)
    return asdict(outcome)


@DBOS.workflow(name=JOB, max_recovery_attempts=None)
def job(given: dict[str, Any], folder: str) -> dict[str, Any]:
    """What somebody waits for."""
    name = DBOS.workflow_id
    assert name is not None, "a workflow runs in a worker only"
    while (outcome := Outcome(**do_job(given, folder, name))).state == "held":
        # Ends this run of the workflow at its next step; a later one goes on there.
        DBOS.cancel_workflow(name)
    return {"state": "done", "stage": "", "reason": outcome.reason}


def _passed(work: Work) -> Outcome:
    """What became of a stage, when it was made or tried often enough."""
    failures = 0
    while True:
        outcome = Outcome.of(make_stage(work, failures))
        if outcome.state == "held":
            # Ends this run of the workflow at its next step; a later one goes on there.
            DBOS.cancel_workflow(work.film)
        elif outcome.cut or outcome.stage != work.stage:
            # An older version took down the stages of each cut: the review was not over.
            continue
        elif outcome.state == "made":
            return outcome
        else:
            failures += 1
            if failures >= TRIES or outcome.state == PERMANENT:
                return outcome


def _at_work() -> _WorkerContext:
    assert _context is not None, "a workflow runs in a worker only"
    return _context


@contextmanager
def working(terms: WorkerTerms, night: Night, tell: Teller) -> Generator[_WorkerContext]:
    """Take films and jobs from the queue while the block lasts."""
    global _context
    config: DBOSConfig = {
        "name": "storyboard",
        "system_database_url": terms.url,
        "serializer": SERIALIZER,
        "application_version": VERSION,
        "executor_id": terms.name,
        # That a held film's workflow ends early is no error; what is one, the queue tells.
        "log_level": "CRITICAL",
        "max_executor_threads": terms.at_once + _JOBS + 8,
        "run_migrations": False,
    }
    log = EventLog(terms.root / ".batch" / "events.jsonl")
    with Session(log, Scheduler(night, terms.group)) as session:
        _context = _WorkerContext(night, session, tell, terms)
        queues = {NOW: _JOBS, **({QUEUE: terms.at_once} if terms.films else {})}
        DBOS(config=config)
        try:
            with witnessed(terms.root):
                DBOS.listen_queues(list(queues))
                DBOS.launch()
                for name, most in queues.items():
                    DBOS.register_queue(
                        name,
                        worker_concurrency=most,
                        polling_interval_sec=_POLL_S,
                        on_conflict="always_update",
                    )
                yield _context
        finally:
            DBOS.destroy()
            _context = None


@dataclass(frozen=True, slots=True)
class Result:
    """How a run of the batch ended."""

    stopped: str
    """Why it stopped before the end; empty: it went through."""


def work_off(
    terms: WorkerTerms,
    queue: FilmQueue,
    tell: Teller,
    stop: threading.Event | None = None,
    poll: Callable[[], object] = lambda: None,
) -> Result:
    """Make films until none is left that may be made, or the budget is reached.

    `stop`, once set, lets no further stage begin; `poll` is called now and then.

    Raises:
        QueueFailed: the database is of no use any more; the stage under way was ended.
    """
    night = Night(terms.root, terms.budget, stop or threading.Event())
    with HealthCheck(terms.url, terms.name) as health, working(terms, night, tell) as context:
        try:
            with database_errors(terms.url):
                lost = _watch(context, queue, health, poll)
        except QueueFailed as failed:
            night.stop(str(failed))
            if context.scheduler.working or context.jobs:
                tell("batch", "the database fails: stopping after the stage under way", "red")
            for event in list(context.jobs.values()):
                event.set()
            # What it makes is in the store, and will be found there.
            while context.scheduler.working or context.jobs:
                time.sleep(_POLL_S)
            raise
    return Result(night.reason or lost)


def _watch(
    context: _WorkerContext, queue: FilmQueue, health: HealthCheck, poll: Callable[[], object]
) -> str:
    """Wait until nothing is left to do, and nothing has come for as long as it stays; why films
    were lost sight of, if any were."""
    terms, told = context.terms, context.night.told
    idle, missing, felt, rested = 0.0, 0.0, -math.inf, False
    while True:
        began, busy = time.monotonic(), context.busy
        if context.night.reason:
            context.scheduler.recheck()
        # Before every look into it: the client waits for a locked database for ever.
        if not busy or began - felt >= _PULSE_S:
            well, felt = health.passes(), began
            if well:
                poll()
                context.look(queue)
            if well and not busy:
                left = queue.under_way(terms.name, films=terms.films)
                if not left and (idle >= terms.linger or told.is_set()):
                    return ""
                if not left:
                    missing = 0.0
                elif missing >= _LOST_S:
                    return "what became of some films was not taken down: its database failed"
        if idle >= _REST_S and not rested:
            context.session.release()
        rested = idle >= _REST_S
        time.sleep(_POLL_S)
        # How long nothing was done, and how long what should be was missing.
        more = time.monotonic() - began
        idle, missing = (0.0, 0.0) if busy else (idle + more, missing + more)
