"""The bounded queue in front of one engine, and who may use the device when.

Knows: the order of work, its bound, cancellation, and the three states of the engine: `awake`,
`asleep` (weights in host memory), `released` (nothing held). One thread only ever touches the
engine; everything else here runs on the event loop.
Does not know: HTTP, JSON, what a request means.

State changes are work like any other: they wait behind what was accepted before them, and new
requests are refused from the moment one is asked for. A request never wakes the engine: whoever
put it to sleep has promised the device to someone else.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from image_engine.errors import Cancelled, EngineError
from image_engine.protocol import Mode
from image_engine.request import ImageRequest
from image_engine.result import ImageResult, OnStep, Progress

if TYPE_CHECKING:
    from PIL import Image

State = Literal["awake", "asleep", "released"]

JOBS_REMEMBERED = 9

log = logging.getLogger("image_engine.server")


class Engine(Protocol):
    """What the queue needs of an engine."""

    def generate(
        self,
        request: ImageRequest,
        on_step: OnStep | None = None,
        *,
        cancel: threading.Event | None = None,
    ) -> ImageResult:
        """Draw one picture; raises `Cancelled` before the next step once `cancel` is set."""
        ...

    def offload(self) -> object:
        """Weights to host memory."""
        ...

    def restore(self) -> object:
        """Weights back to the device, without the disk."""
        ...

    def release(self) -> object:
        """Let go of everything, for good."""
        ...


class QueueFull(Exception):
    """The bound is reached; `retry_after` is a guess in whole seconds from recent work."""

    def __init__(self, waiting: int, retry_after: int) -> None:
        super().__init__(f"{waiting} requests are waiting already; try again in {retry_after} s")
        self.retry_after = retry_after


class NotAwake(Exception):
    """The engine holds no weights on its device, and a request must not change that."""

    def __init__(self, state: State) -> None:
        where = "are in host memory" if state == "asleep" else "are not loaded"
        super().__init__(
            f"the engine is {state}: its weights {where}, and a request does not wake it, because "
            "the device may be in use by others now; POST /wake first, then repeat the request"
        )
        self.state: State = state


class BadTransition(Exception):
    """The state asked for cannot be reached from the present one."""

    def __init__(self) -> None:
        super().__init__(
            "the engine is released and holds no weights to put to sleep; it takes no device "
            "memory already, and POST /wake loads it again"
        )


@dataclass(frozen=True, slots=True)
class StepDone:
    """One step of one picture of a job is done."""

    image: int
    """Index of the picture in its job, from 0."""
    step: int
    steps: int
    seconds: float
    """Wall time of this step."""
    preview: Image.Image | None


@dataclass(frozen=True, slots=True)
class ImageDone:
    """One picture of a job is finished."""

    image: int
    request: ImageRequest
    result: ImageResult


JobEvent: TypeAlias = StepDone | ImageDone


@dataclass(eq=False, slots=True)
class Job:
    """Pictures to draw one after the other, and the channel that reports them."""

    requests: Sequence[ImageRequest]
    previews: int
    """Previews of each picture, spread evenly over its steps."""
    finished: asyncio.Future[list[ImageDone]]
    reports: asyncio.Queue[JobEvent | None] = field(default_factory=asyncio.Queue[JobEvent | None])
    stopped: threading.Event = field(default_factory=threading.Event)

    async def events(self, idle: float = 10.0) -> AsyncIterator[JobEvent | None]:
        """Every event until the job ends, and None after each `idle` seconds without one.

        Raises what the job failed with.
        """
        while True:
            try:
                event = await asyncio.wait_for(self.reports.get(), idle)
            except TimeoutError:
                yield None
                continue
            if event is None:
                await self.finished
                return
            yield event


@dataclass(eq=False, slots=True)
class Change:
    """A state change that waits for its turn."""

    target: State
    done: asyncio.Future[State]


class JobQueue:
    """Runs jobs and state changes in order of arrival, one at a time.

    `engine` arrives loaded; `load` makes another after a release. `capacity` bounds the jobs that
    wait, the running one not counted. All methods belong to the event loop's thread.
    """

    def __init__(self, engine: Engine, load: Callable[[], Engine], *, capacity: int = 8) -> None:
        self._engine: Engine | None = engine
        self._load = load
        self.capacity = capacity
        self._queue: deque[Job | Change] = deque()
        self._running: Job | Change | None = None
        self._task: asyncio.Task[None] | None = None
        self._places = 0
        self._job_seconds: deque[float] = deque(maxlen=JOBS_REMEMBERED)
        self._job_started: float | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="engine")
        self.state: State = "awake"
        self._target: State = "awake"

    @property
    def waiting(self) -> int:
        """Jobs accepted and not yet started."""
        return sum(isinstance(item, Job) for item in self._queue)

    @property
    def drawing(self) -> bool:
        """Whether a job is running now."""
        return isinstance(self._running, Job)

    @property
    def changing_to(self) -> State | None:
        """The state that a pending change leads to."""
        return self._target if self._target != self.state else None

    def position(self, job: Job) -> int:
        """Jobs ahead of this one, the running one counted; 0 once it runs or has ended."""
        jobs = [item for item in (self._running, *self._queue) if isinstance(item, Job)]
        return jobs.index(job) if job in jobs else 0

    @contextmanager
    def place(self) -> Generator[None]:
        """Hold a place while a request is read and decoded, so that at most as many bodies are
        in memory as the queue has room for. Raises `QueueFull` or `NotAwake`."""
        self._refuse_unless_awake()
        taken = self.waiting + self._places + self.drawing
        if taken > self.capacity:
            raise QueueFull(self.waiting, self.retry_after(taken))
        self._places += 1
        try:
            yield
        finally:
            self._places -= 1

    def submit(self, requests: Sequence[ImageRequest], *, previews: int = 0) -> Job:
        """Put a job at the end of the queue; call it inside `place()`. Raises `NotAwake`."""
        self._refuse_unless_awake()
        job = Job(requests, previews, asyncio.get_running_loop().create_future())
        # A client that went away leaves nobody to look at the outcome, which is no fault.
        job.finished.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._queue.append(job)
        self._next()
        return job

    def cancel(self, job: Job) -> None:
        """Drop a waiting job at once, stop a running one before its next step."""
        job.stopped.set()
        if job in self._queue:
            self._queue.remove(job)
            job.finished.set_exception(Cancelled("cancelled while waiting"))
            job.reports.put_nowait(None)

    async def change(self, target: State, mode: Mode = "wait") -> State:
        """Reach `target` behind the work accepted so far, and return the state reached.

        `abort` cancels that work instead. Asking for the present state is no error.
        Raises `BadTransition` for released → asleep, and what loading raises.
        """
        if target == "asleep" and self._target == "released":
            raise BadTransition
        self._target = target
        if mode == "abort":
            for job in [item for item in (self._running, *self._queue) if isinstance(item, Job)]:
                self.cancel(job)
        change = Change(target, asyncio.get_running_loop().create_future())
        change.done.add_done_callback(lambda future: future.cancelled() or future.exception())
        self._queue.append(change)
        self._next()
        # Shielded: a caller who hangs up must not leave the engine between two states.
        return await asyncio.shield(change.done)

    async def close(self) -> None:
        """Cancel all work, release the engine, and end its thread."""
        await self.change("released", "abort")
        self._thread.shutdown()

    def remember(self, seconds: float) -> None:
        """Note how long a job took."""
        self._job_seconds.append(seconds)

    def retry_after(self, taken: int) -> int:
        """Whole seconds until a place is likely to be free: one job has to end, at the usual pace.

        The median: one picture that took minutes (the first after loading, a huge one) says
        nothing of those that wait.
        """
        if not self._job_seconds:
            return max(1, taken)
        usual = median(self._job_seconds)
        spent = time.monotonic() - self._job_started if self._job_started is not None else 0.0
        return max(1, math.ceil(usual - min(spent, usual)))

    def _refuse_unless_awake(self) -> None:
        if self._target != "awake":
            raise NotAwake(self._target)

    # --- one at a time ------------------------------------------------------

    def _next(self) -> None:
        if self._running is None and self._queue:
            self._running = self._queue.popleft()
            self._task = asyncio.create_task(self._run(self._running))

    async def _run(self, item: Job | Change) -> None:
        try:
            if isinstance(item, Job):
                await self._draw(item)
            else:
                await self._switch(item)
        finally:
            self._running = None
            self._next()

    async def _draw(self, job: Job) -> None:
        started = self._job_started = time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            if self._engine is None or self.state != "awake":  # a wake-up before it has failed
                raise NotAwake(self.state)
            done = await loop.run_in_executor(self._thread, _draw_all, self._engine, job, loop)
        except Exception as error:  # noqa: BLE001 - the border: whoever waits gets it
            job.finished.set_exception(_known(error, "drawing"))
            job.reports.put_nowait(None)
            return
        self.remember(time.monotonic() - started)
        job.finished.set_result(done)
        job.reports.put_nowait(None)

    async def _switch(self, change: Change) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._engine = await loop.run_in_executor(
                self._thread, _moved, self._engine, self.state, change.target, self._load
            )
            self.state = change.target
            change.done.set_result(self.state)
        except Exception as error:  # noqa: BLE001 - the border: whoever waits gets it
            if not any(isinstance(item, Change) for item in self._queue):
                self._target = self.state
            change.done.set_exception(_known(error, f"becoming {change.target}"))


def _known(error: Exception, doing: str) -> Exception:
    """The error itself if it is meant for callers; else it goes to the log, and its name on."""
    if isinstance(error, EngineError | NotAwake | BadTransition):
        return error
    log.error("the engine failed while %s", doing, exc_info=error)
    return EngineError(f"the engine failed while {doing} ({type(error).__name__}); see its log")


# --- on the engine's thread -------------------------------------------------


def _draw_all(engine: Engine, job: Job, loop: asyncio.AbstractEventLoop) -> list[ImageDone]:
    done: list[ImageDone] = []
    for index, request in enumerate(job.requests):

        def report(progress: Progress, index: int = index) -> None:
            preview = progress.preview() if _is_preview_step(progress, job.previews) else None
            event = StepDone(index, progress.step, progress.steps, progress.seconds, preview)
            loop.call_soon_threadsafe(job.reports.put_nowait, event)

        result = engine.generate(request, report, cancel=job.stopped)
        finished = ImageDone(index, request, result)
        done.append(finished)
        loop.call_soon_threadsafe(job.reports.put_nowait, finished)
    return done


def _is_preview_step(progress: Progress, previews: int) -> bool:
    """Whether this step is one of `previews` spread evenly, the last step never."""
    slots = previews + 1
    passed = progress.step * slots // progress.steps
    return progress.step < progress.steps and passed > (progress.step - 1) * slots // progress.steps


def _moved(
    engine: Engine | None, state: State, target: State, load: Callable[[], Engine]
) -> Engine | None:
    """Bring the engine from one state to another; returns what is held afterwards."""
    if target == "released":
        if engine is not None:
            engine.release()
        return None
    if engine is None:
        if target == "asleep":  # asked for while a wake-up was pending that then failed
            raise BadTransition
        return load()
    if target == "asleep" and state == "awake":
        engine.offload()
    elif target == "awake" and state == "asleep":
        engine.restore()
    return engine
