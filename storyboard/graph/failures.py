"""A failed step: whether others would fail as well, and what to tell. Of a pool of worker processes
that broke, how one of them ended says most.

Knows: errors, processes, their exit codes. Does not know: steps, how workers are started.
"""

from __future__ import annotations

import signal
import time
from concurrent.futures import BrokenExecutor, Executor
from multiprocessing import connection
from multiprocessing.process import BaseProcess

from renderers.errors import RendererError
from storyboard.core.errors import CapReached, StepFailed, StoryboardError

_REAPED_S = 10.0
"""A process that is over can be asked how it ended within that time, one that dumps its core as
well."""


def fatal(failure: StepFailed) -> bool:
    """Whether every other step would fail the same way."""
    cause = failure.__cause__
    return isinstance(cause, BrokenExecutor) or (cause is not None and outside(cause))


def outside(error: BaseException) -> bool:
    """Whether no step is to blame, but a cap or the machine (a full disk): it says so itself."""
    return isinstance(error, CapReached) or (
        isinstance(error, StoryboardError) and isinstance(error.__cause__, OSError)
    )


def explain_failure(error: Exception, pool: Executor | None) -> str:
    if isinstance(error, StoryboardError | RendererError):
        return str(error)
    if isinstance(error, BrokenExecutor):
        return how_it_broke(pool)
    notes = "".join(f". {note}" for note in getattr(error, "__notes__", ()))
    return f"{type(error).__name__}: {error} (unexpected: -vv shows where){notes}"


def how_it_broke(pool: Executor | None) -> str:
    """What to tell a user. Only an outright kill speaks for want of memory."""
    code = _code(pool)
    if code in (None, -signal.SIGKILL):
        return (
            "a worker process was ended, most often because memory ran out; "
            "close other programs or use --jobs 1, and run the same command again"
        )
    how = f"ended with exit code {code}; what it said stands above"
    if code < 0:
        how = f"was ended by {signal.Signals(-code).name}"
    return (
        f"a worker process {how}. Run the same command with --jobs 1: it does without, or tells "
        "what is wrong; `storyboard doctor` looks at the installation"
    )


def _code(pool: Executor | None) -> int | None:
    """The exit code of the worker that the pool broke of; None where nobody knows."""
    workers: list[BaseProcess] = list(getattr(pool, "started", {}).values())
    connection.wait([worker.sentinel for worker in workers], _REAPED_S)
    # Whoever waits for a process while the pool's own thread does may be told of none: until that
    # thread has noted how it ended.
    until = time.monotonic() + _REAPED_S
    while any(worker.exitcode is None for worker in workers) and time.monotonic() < until:
        time.sleep(0.01)
    codes = {worker.exitcode for worker in workers if worker.exitcode}
    # The others are ended with it.
    return next(iter(codes - {-signal.SIGTERM} or codes), None)
