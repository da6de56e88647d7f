"""One worker process for each card; a dead one is started again.

Knows: processes, how a batch is shared out. Does not know: how a worker works.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from math import ceil

from storyboard.batch.database import HealthCheck
from storyboard.batch.film_stage import Teller
from storyboard.batch.queue import FilmQueue
from storyboard.batch.worker import Result, WorkerTerms
from storyboard.core.errors import StoryboardError
from storyboard.gpu.cards import environment_of

_DEATHS = 3
"""Deaths of one worker process after which it stays dead."""


def worker_name(gpu: int) -> str:
    return f"gpu-{gpu}"


class WorkerPool:
    """The worker processes of a batch."""

    def __init__(
        self,
        terms: WorkerTerms,
        gpus: tuple[int, ...],
        queue: FilmQueue,
        tell: Teller,
        *,
        quiet: bool = False,
    ) -> None:
        self._terms, self._gpus, self._queue, self._tell = terms, gpus, queue, tell
        self._quiet = quiet
        self._running: dict[int, subprocess.Popen[str]] = {}
        self._deaths = dict.fromkeys(gpus, 0)
        self._results: list[Result] = []

    def work_off(
        self, count: int, stop: threading.Event, poll: Callable[[], object] = lambda: None
    ) -> Result:
        """Make `count` films, and what joins them.

        Raises:
            StoryboardError: every worker died again and again. QueueFailed: the database did.
        """
        share = self._terms.group or max(1, ceil(count / len(self._gpus)))
        self._running = {gpu: self._start(gpu, share) for gpu in self._gpus}
        told = False
        try:
            with HealthCheck(self._terms.url, "pool") as health:
                while self._running:
                    if stop.is_set() and not told:
                        # Each ends the stage that it is in; to be told twice means at once.
                        told = True
                        for process in self._running.values():
                            process.terminate()
                    if health.passes():
                        poll()
                    self._look_after(share, again=not told)
        finally:
            for process in self._running.values():
                process.terminate()
            for process in self._running.values():
                process.wait()
        if not self._results and not told:
            raise StoryboardError(
                f"every worker died {_DEATHS} times: the films are kept in the queue; "
                "`storyboard batch run --once` without --gpus shows why"
            )
        stopped = "it was told to stop" if told else ""
        return Result(next((r.stopped for r in self._results if r.stopped), stopped))

    def _look_after(self, share: int, *, again: bool) -> None:
        """Take the results of those that ended; start those that died, if they are to go on."""
        for gpu, process in list(self._running.items()):
            try:
                out, _ = process.communicate(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
            del self._running[gpu]
            if process.returncode == 0:
                self._results.append(Result(**json.loads(out)))
                continue
            self._deaths[gpu] += 1
            self._tell(f"gpu {gpu}", f"its worker died ({process.returncode})", "red")
            if again:
                self._queue.reclaim_from(worker_name(gpu))
                if self._deaths[gpu] < _DEATHS:
                    self._running[gpu] = self._start(gpu, share)

    def _start(self, gpu: int, share: int) -> subprocess.Popen[str]:
        terms = replace(self._terms, share=share, device=gpu, name=worker_name(gpu))
        command = [sys.executable, "-m", "storyboard.batch.worker_process"]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment_of(gpu)},
        )
        assert process.stdin is not None
        with process.stdin as pipe:
            json.dump({**asdict(terms), "quiet": self._quiet}, pipe, default=str)
        process.stdin = None
        return process
