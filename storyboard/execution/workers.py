"""Worker processes for steps that need only CPU.

Workers leave Ctrl-C to the parent and die with it, even when it is killed outright.

Knows: processes and signals. Does not know: what they compute.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

from storyboard.backends import Backends
from storyboard.execution.runner import prepare_worker
from storyboard.profile import Profile

_PR_SET_PDEATHSIG = 1


def cores() -> int:
    """Processors that this process may use; containers often have fewer than the machine."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def worker_pool(profile: Profile, jobs: int) -> Generator[ProcessPoolExecutor | None]:
    """A pool of `jobs` processes, each with the profile's backends; None for one job."""
    if jobs <= 1:
        yield None
        return
    # Spawned, not forked: this process holds threads of model runtimes by now.
    pool = ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(profile, os.getpid()),
    )
    try:
        yield pool
    except BaseException:
        _terminate(pool)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _begin(profile: Profile, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)
    prepare_worker(partial(Backends, profile))


def _terminate(pool: ProcessPoolExecutor) -> None:
    """Stop workers in mid-step: on Ctrl-C nobody wants to wait for a clip."""
    for process in list((pool._processes or {}).values()):  # pyright: ignore[reportPrivateUsage]
        process.terminate()
