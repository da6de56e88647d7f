"""One run of a batch: the only one at the queue, its workers, and the sheet at its end.

Knows: the lock, worker processes, what is said when it ends. Does not know: stages, DBOS.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from math import ceil
from pathlib import Path

from storyboard.batch.budget import Budget
from storyboard.batch.making import Teller
from storyboard.batch.queue import LEFT, Film, FilmQueue
from storyboard.batch.worker import Result, Terms, work_off
from storyboard.errors import Busy, StoryboardError
from storyboard.lock import exclusive

_DEATHS = 3
"""Deaths of one worker process, without a film finished in between, after which it stays dead."""


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


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of the batch did and left."""

    films: tuple[Film, ...]
    """All that it took part in, as they are now."""
    stopped: str
    sheet: Path | None

    def of(self, *states: str) -> list[Film]:
        return [film for film in self.films if film.state in states]

    @property
    def left(self) -> list[Film]:
        return [film for film in self.films if film.state in LEFT]


@contextmanager
def alone(root: Path) -> Generator[None]:
    """Be the only one that works at the queue whose films go to `root`.

    Raises:
        Busy: another run does; films may be added all the same.
    """
    try:
        with exclusive(root / ".batch"):
            yield
    except Busy as busy:
        raise Busy(
            f"a batch is running already: {busy} Films that are added join it by themselves."
        ) from None


def run_batch(
    options: Options,
    queue: FilmQueue,
    tell: Teller,
    stop: threading.Event | None = None,
    tick: Callable[[], object] = lambda: None,
) -> Report:
    """Make what waits, and write the sheet. To be called `alone`. `tick` is called now and
    then; what it queues joins.

    Raises:
        StoryboardError: a worker process died again and again.
    """
    queue.reclaim()
    before = queue.films()
    over = {film.id for film in before if film.state not in LEFT}
    result = Result("", 0.0, 0.0)
    if count := len(before) - len(over):
        if options.gpus:
            result = _on_cards(options, queue, tell, count, tick)
        else:
            terms = Terms(
                options.url, options.root, options.budget, options.group, jobs=options.jobs
            )
            result = work_off(terms, queue, tell, stop, tick)
    # Whatever was added meanwhile took part as well.
    films = [film for film in queue.films() if film.id not in over]
    sheet = _sheet(films, options.root) if films else None
    return Report(tuple(films), result.stopped, sheet)


def _sheet(films: Sequence[Film], root: Path) -> Path:
    """The page to be read in the morning."""
    # Its drawing library is not loaded by a batch that lists or adds.
    from storyboard.sheet import write_sheet
    from storyboard.sheet_card import FailedFilm

    now = datetime.now().astimezone()
    out = root / ".batch" / f"sheet-{now:%Y%m%d-%H%M%S}.html"
    failed = [
        FailedFilm(film.entry.idea, film.reason or film.state, film.way_on)
        for film in films
        if film.state != "done"
    ]
    made = [film.folder for film in films if film.state == "done"]
    return write_sheet(made, out, f"Batch of {now:%d %B %Y, %H:%M}", failed)


# --- one process a card -----------------------------------------------------


def _on_cards(
    options: Options, queue: FilmQueue, tell: Teller, count: int, tick: Callable[[], object]
) -> Result:
    """One worker process for each card; a dead one is started again."""
    share = options.group or max(1, ceil(count / len(options.gpus)))
    running = {gpu: _start(options, gpu, share) for gpu in options.gpus}
    results, deaths = list[Result](), dict.fromkeys(options.gpus, 0)
    try:
        while running:
            tick()
            for gpu, process in list(running.items()):
                try:
                    out, _ = process.communicate(timeout=0.5)
                except subprocess.TimeoutExpired:
                    continue
                del running[gpu]
                if process.returncode == 0:
                    results.append(Result(**json.loads(out)))
                    continue
                deaths[gpu] += 1
                tell(f"gpu {gpu}", f"its worker died ({process.returncode})", "red")
                queue.reclaim_from(worker_name(gpu))
                if deaths[gpu] < _DEATHS:
                    running[gpu] = _start(options, gpu, share)
    finally:
        for process in running.values():
            process.terminate()
            process.wait()
    if not results:
        raise StoryboardError(
            f"every worker died {_DEATHS} times: the films are kept in the queue; "
            "`storyboard batch run --once` without --gpus shows why"
        )
    return Result(
        next((r.stopped for r in results if r.stopped), ""),
        sum(r.gpu_seconds for r in results),
        sum(r.cost for r in results),
    )


def _start(options: Options, gpu: int, share: int) -> subprocess.Popen[str]:
    terms = Terms(
        options.url,
        options.root,
        # What is allowed is shared out evenly: the workers do not see each other's bill.
        _part(options.budget, len(options.gpus)),
        options.group,
        share,
        gpu,
        options.jobs,
        worker_name(gpu),
    )
    command = [sys.executable, "-m", "storyboard.batch.process"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    with process.stdin as pipe:
        json.dump({**asdict(terms), "quiet": options.quiet}, pipe, default=str)
    process.stdin = None
    return process


def worker_name(gpu: int) -> str:
    return f"gpu-{gpu}"


def _part(budget: Budget, workers: int) -> Budget:
    return replace(
        budget,
        gpu_minutes=None if budget.gpu_minutes is None else budget.gpu_minutes / workers,
        max_cost=None if budget.max_cost is None else budget.max_cost / workers,
    )
