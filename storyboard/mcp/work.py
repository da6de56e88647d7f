"""Films in the making: one after the other, in a thread beside the server, each to be stopped.

Knows: threads, progress, how work is stopped. Does not know: tools, what is made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any

from storyboard.core import events, stopping
from storyboard.core.errors import Busy
from storyboard.graph.daemon_thread import DaemonThreadExecutor
from storyboard.graph.display import Display
from storyboard.graph.steps import Graph

_END_S = 5.0
"""What is under way gets so long to end when the server does."""


class RenderProgress(Display):
    """What is told of work while it goes on: a display, as `make_film` wants one."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self.message = "waits for its turn"
        self.made: list[str] = []
        """Steps that were not in the store."""

    def expect(self, graph: Graph) -> None:
        self.total = len(graph.steps)

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.RunStarted():
                self.done = 0
            case events.StepStarted(step=step, reason=reason):
                self.message = f"{step}: {reason}"
            case events.StepFinished(step=step, cached=cached):
                self.done += 1
                if not cached:
                    self.made.append(step)
            case (
                events.Noted(step=step, message=message) | events.Warned(step=step, message=message)
            ):
                self.message = f"{step}: {message}"
            case _:
                pass


@dataclass(eq=False)
class RenderJob:
    """One piece of work."""

    film: str
    what: str
    progress: RenderProgress = field(default_factory=RenderProgress)
    stop: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.monotonic)
    future: Future[Any] = field(default_factory=Future[Any])

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def end(self) -> None:
        """Have it stop at its next clean point."""
        self.stop.set()
        self.future.cancel()


class RunningJobs:
    """All that is under way. Use as a context manager.

    `rest` is called once nothing has been done for `after` seconds (None: never).
    """

    def __init__(
        self, rest: Callable[[], object] = lambda: None, after: float | None = None
    ) -> None:
        self._thread = DaemonThreadExecutor()
        self._rest, self._after = rest, after
        self._timer: threading.Timer | None = None
        self._jobs: dict[str, RenderJob] = {}
        """By film, the last one."""

    def __enter__(self) -> RunningJobs:
        return self

    def __exit__(self, *_: object) -> None:
        under_way = [job for job in self._jobs.values() if not job.future.done()]
        for job in under_way:
            job.end()
        wait([job.future for job in under_way], timeout=_END_S)
        self._wake()
        self._thread.shutdown(wait=False)

    def start(
        self,
        film: str,
        what: str,
        make: Callable[[RenderProgress], Any],
        minutes: float | None = None,
    ) -> RenderJob:
        """Have `make` done when its turn has come, for at most `minutes`.

        Raises:
            Busy: the film is being worked on already.
        """
        before = self._jobs.get(film)
        if before is not None and not before.future.done():
            raise Busy(
                f"{film} is being worked on ({before.what}: {before.progress.message}). Wait for it "
                "(status), or stop it (cancel)."
            )
        job = RenderJob(film, what)

        def work() -> Any:
            with stopping.stoppable(job.stop, minutes):
                stopping.check()
                job.progress.message = "begins"
                return make(job.progress)

        self._wake()
        job.future = self._thread.submit(work)
        job.future.add_done_callback(lambda _: self._doze())
        self._jobs[film] = job
        return job

    def _wake(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    def _doze(self) -> None:
        """Rest in a while, if nothing comes in between."""
        self._wake()
        if self._after is not None:
            self._timer = threading.Timer(self._after, self._rest_now)
            self._timer.daemon = True
            self._timer.start()

    def _rest_now(self) -> None:
        if not self.busy:
            # Where films are made, so that none begins meanwhile.
            self._thread.submit(self._rest)

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return any(not job.future.done() for job in self._jobs.values())

    def of(self, film: str) -> RenderJob | None:
        """The last work on a film since the server began."""
        return self._jobs.get(film)
