"""The one worker at a queue, as a command starts it: for what waits now, or to stay.

Knows: budgets, schedules, what to print. Does not know: options, how films are made.
"""

from __future__ import annotations

import shlex
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rich.text import Text

from storyboard.batch.batch_run import Options, Report, alone, run_batch, run_jobs
from storyboard.batch.database import HealthCheck, database_errors
from storyboard.batch.film_stage import console_teller
from storyboard.batch.formatting import count, standing, table_of
from storyboard.batch.queue import FilmQueue
from storyboard.batch.schedule import Firing, Schedules, polling
from storyboard.batch.shutdown import told_to_stop
from storyboard.core import console
from storyboard.core.errors import StoryboardError

_LOOK_S = 1.0
"""A worker that stays looks for films so often."""
_AGAIN_S = 60.0
"""And so long after a limit that it reached."""


class Unfinished(StoryboardError):
    """A run of the batch that ended with films parked or left."""

    exit_code = 5


def run_once(options: Options) -> None:
    """Make what waits, and say what came of it.

    Raises:
        Unfinished: films are parked or left.
    """
    with _daemon(options) as daemon:
        report = daemon.run()
    _finish(report, options)


def stay(options: Options) -> None:
    """Make films whenever some wait, until told to stop."""
    with _daemon(options) as daemon:
        console.err.print("waiting for films (`storyboard batch add`); Ctrl-C ends this")
        before = ""
        while not daemon.stop.is_set():
            report = daemon.run()
            # A limit that is still reached a minute later is no news.
            if report.films and (report.news or report.stopped != before):
                _print_report(report, options)
                _print_stopped(report, daemon.stop)
            before = report.stopped
            daemon.wait(report.stopped)


def stay_by_hand(options: Options, minutes: float) -> None:
    """Make jobs alone, until none came for so long."""
    tell = console_teller(console.err, quiet=options.quiet)
    with (
        told_to_stop() as stop,
        alone(options.root, options.url, by_hand=True),
        FilmQueue(options.url) as queue,
        database_errors(options.url),
    ):
        run_jobs(options, queue, tell, stop, 60 * minutes)


@dataclass(frozen=True, slots=True)
class _Daemon:
    """The one worker at a queue, while it works or waits for work."""

    options: Options
    queue: FilmQueue
    stop: threading.Event
    poll: Callable[[], None]
    health: HealthCheck

    def run(self) -> Report:
        self.poll()
        tell = console_teller(console.err, quiet=self.options.quiet)
        return run_batch(self.options, self.queue, tell, self.stop, self.poll)

    def wait(self, stopped: str) -> None:
        """Until something waits to be made, or it is told to stop."""
        # What stopped it, a full disk say, may be gone in a while.
        self.stop.wait(_AGAIN_S if stopped else _LOOK_S)
        while not self.stop.is_set():
            if self.health.passes():
                self.poll()
                if stopped or self.queue.waiting():
                    return
            self.stop.wait(_LOOK_S)


@contextmanager
def _daemon(options: Options) -> Generator[_Daemon]:
    """Be the worker at the queue."""

    def now() -> datetime:
        return datetime.now().astimezone()

    url = options.url
    with (
        told_to_stop() as stop,
        alone(options.root, url),
        FilmQueue(url) as queue,
        database_errors(url),
        Schedules(url) as schedules,
        HealthCheck(url, "batch") as health,
    ):
        look = polling(schedules, queue, options.root, now)

        def poll() -> None:
            for firing in look():
                _print_firing(firing)

        yield _Daemon(options, queue, stop, poll, health)


def _finish(report: Report, options: Options) -> None:
    _print_report(report, options)
    parked, left = report.of("parked"), report.left
    if left:
        spent = report.spent
        raise Unfinished(
            f"the batch stopped: {report.stopped or 'some films did not end'}. "
            f"{count(len(left))} left ({standing(left)}). Tonight {spent.gpu_seconds / 60:.1f} "
            f"GPU minutes and ${spent.cost:.2f} are used. Go on with:\n"
            f"  {shlex.join(['storyboard', *sys.argv[1:]])}"
        )
    if parked:
        raise Unfinished(f"{count(len(parked))} parked: see above for the reason")


def _print_report(report: Report, options: Options) -> None:
    if not report.films:
        console.err.print("nothing waits")
        return
    console.out.print(table_of(report.films))
    for film in report.of("parked", "done"):
        if film.reason:
            console.err.print(Text(f"{film.id}: {film.reason}", style="yellow"), soft_wrap=True)
        if film.state == "parked":
            console.err.print(Text(f"  {film.way_on}"), soft_wrap=True)
    if report.sheet is not None:
        console.out.print(f"sheet: {report.sheet}", soft_wrap=True)


def _print_stopped(report: Report, stop: threading.Event) -> None:
    """Why a worker that stays makes nothing for now."""
    if report.stopped and not stop.is_set():
        told = f"{report.stopped}: {count(len(report.left))} left until that has changed"
        console.err.print(Text(told, style="yellow"), soft_wrap=True)


def _print_firing(firing: Firing) -> None:
    late = " (caught up)" if firing.late else ""
    text = (
        f"schedule {firing.schedule}, {firing.at:%d %b %H:%M %Z}{late}: {len(firing.films)} queued"
    )
    console.err.print(Text(text))
    if firing.note:
        console.err.print(Text(f"schedule {firing.schedule}: {firing.note}", style="yellow"))
