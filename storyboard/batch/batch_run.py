"""One run of a batch: the only one at the queue, its workers, and the sheet at its end.

Knows: the locks, what is said when it ends. Does not know: stages, processes, DBOS.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storyboard.batch import job_queue
from storyboard.batch.account import Account
from storyboard.batch.budget import Budget, Spent
from storyboard.batch.database import only_worker
from storyboard.batch.duty import on_duty, taking_duty
from storyboard.batch.film_stage import Teller
from storyboard.batch.publish_night import publish_done, unasked
from storyboard.batch.queue import LEFT, FilmQueue, QueuedFilm
from storyboard.batch.worker import Result, WorkerTerms, work_off
from storyboard.batch.worker_pool import WorkerPool
from storyboard.core.directory import Directory
from storyboard.core.errors import Busy
from storyboard.core.lock import exclusive
from storyboard.stages import hooks

_WAY_S = 120.0
"""Who makes jobs alone gets so long to end what it is in the middle of."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run of the batch goes about it."""

    root: Path
    url: str
    budget: Budget = field(default_factory=Budget)
    group: int | None = None
    gpus: tuple[int, ...] = ()
    jobs: int | None = None
    quiet: bool = False
    max_rounds: int = 2
    """Cuts that the review of a film may try."""
    afresh: bool = False
    """Count what is spent from now on, whatever the night's batch has used so far."""
    publish: str = ""
    """The place that finished films are sent to; empty: none is."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of the batch did and left."""

    films: tuple[QueuedFilm, ...]
    """All of the batch, over however many runs, and all that are parked, as they are now."""
    stopped: str
    sheet: Path | None
    """Of the batch; None while nothing of it is over."""
    spent: Spent
    """In the whole night, not in this run alone."""
    news: bool = True
    """Whether anything was over in this run."""

    def of(self, *states: str) -> list[QueuedFilm]:
        return [film for film in self.films if film.state in states]

    @property
    def left(self) -> list[QueuedFilm]:
        return [film for film in self.films if film.state in LEFT]


@contextmanager
def alone(root: Path, url: str, *, by_hand: bool = False) -> Generator[None]:
    """Be the only one that works at the queue, and the only one whose films go to `root`. Who
    makes jobs alone gives way to who makes films as well.

    Raises:
        Busy: another run does; films may be added all the same.
        QueueFailed: the queue's database does not answer.
    """
    before = on_duty(root)
    if before is not None and before.by_hand and not by_hand:
        before.end(_WAY_S)
    with ExitStack() as held:
        try:
            held.enter_context(exclusive(Directory(root, (".batch",))))
        except Busy as busy:
            raise Busy(
                f"a batch is running already: {busy} Films that are added join it by themselves."
            ) from None
        held.enter_context(only_worker(url))
        held.enter_context(taking_duty(root, by_hand=by_hand))
        yield


def run_batch(
    options: Options,
    queue: FilmQueue,
    tell: Teller,
    stop: threading.Event | None = None,
    poll: Callable[[], object] = lambda: None,
) -> Report:
    """Make what waits, and write the sheet. To be called `alone`. `stop`, once set, lets no
    further stage begin; `poll` is called now and then, and what it queues joins.

    Raises:
        StoryboardError: a worker process died again and again.
        QueueFailed: the queue's database is of no use any more.
    """
    queue.reclaim()
    job_queue.reclaim(queue, options.root)
    before = queue.films()
    if options.publish:
        for profile in {film.entry.profile for film in before if film.state in LEFT}:
            unasked(profile, options.publish)
    over = {film.id for film in before if film.state not in LEFT}
    result, account = Result(""), Account(options.root)
    account.open(datetime.now().astimezone(), afresh=options.afresh)
    count = len(before) - len(over)
    if count or queue.waiting():
        budget = account.same_night(options.budget)
        terms = WorkerTerms(
            options.url,
            options.root,
            budget,
            options.group,
            jobs=options.jobs,
            max_rounds=options.max_rounds,
        )
        if options.gpus:
            pool = WorkerPool(terms, options.gpus, queue, tell, quiet=options.quiet)
            result = pool.work_off(max(1, count), stop or threading.Event(), poll)
        else:
            result = work_off(terms, queue, tell, stop, poll)
    # By the queue's records, not by what this run has seen: whoever was killed before it had
    # made films too. What was added meanwhile is part of it as well.
    every, since = queue.films(), account.began()
    films = [f for f in every if f.state in {*LEFT, "parked"} or f.ended >= since]
    ended = any(f.state not in LEFT and f.ended >= since for f in films)
    if options.publish:
        publish_done(films, options.publish, tell)
    sheet = _sheet(films, options.root) if ended else None
    news = any(f.state not in LEFT and f.id not in over for f in every)
    report = Report(tuple(films), result.stopped, sheet, account.spent(), news)
    if not report.left:
        account.close()
    return report


def run_jobs(
    options: Options, queue: FilmQueue, tell: Teller, stop: threading.Event, linger: float
) -> None:
    """Make jobs, and stay for so many seconds after the last. To be called `alone`.

    Raises:
        QueueFailed: the queue's database is of no use any more.
    """
    job_queue.reclaim(queue, options.root)
    terms = WorkerTerms(options.url, options.root, jobs=options.jobs, films=False, linger=linger)
    work_off(terms, queue, tell, stop)


def _sheet(films: Sequence[QueuedFilm], root: Path) -> Path:
    """The page to be read in the morning."""
    # Its drawing library is not loaded by a batch that lists or adds.
    from storyboard.publish.film_card import FailedFilm
    from storyboard.publish.sheet import write_sheet

    now = datetime.now().astimezone()
    out = root / ".batch" / f"sheet-{now:%Y%m%d-%H%M%S}.html"
    # What is mended is a film already, whatever becomes of its next cut.
    made = [film for film in films if film.state == "done" or film.mending]
    beside = (path for film in made for path in hooks.folders(film.folder, film.entry.hooks))
    shown = [*(film.folder for film in made), *(path for path in beside if path.is_dir())]
    failed = [
        FailedFilm(film.entry.idea, film.reason or film.state, film.way_on)
        for film in films
        if film not in made
    ]
    return write_sheet(shown, out, f"Batch of {now:%d %B %Y, %H:%M}", failed)
