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
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import ParamSpec, TypeVar

from storyboard.graph.work import prepare_worker
from storyboard.profile import Profile

_PR_SET_PDEATHSIG = 1
P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def worker_pool(profile: Profile, jobs: int) -> Generator[ProcessPoolExecutor | None]:
    """Processes that work beside this one, `jobs` with it, each with the profile's backends; None
    for one job. This one has speech and sound to do meanwhile: with a worker for every core there
    would be one too many, and what it loads would be loaded for nothing."""
    if jobs <= 1:
        yield None
        return
    pool = _Pool(jobs - 1, profile)
    try:
        yield pool
    except BaseException:
        _terminate(pool)
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class _Pool(ProcessPoolExecutor):
    """A pool whose workers never see Ctrl-C, not even before their first own line runs."""

    def __init__(self, workers: int, profile: Profile) -> None:
        # Spawned, not forked: this process holds threads of model runtimes by now.
        super().__init__(
            workers, multiprocessing.get_context("spawn"), _begin, (profile, os.getpid())
        )
        self.started: dict[int, BaseProcess] = {}
        """Every worker: a pool that breaks forgets them."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        with _undisturbed(), _without_main():  # this is where workers are started
            future = super().submit(fn, *args, **kwargs)
        self.started.update(self._processes or {})
        return future


_STARTING = threading.Lock()
"""Held by whoever starts a process: films of a batch do so in threads."""
_TOLD_TO_END = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


@contextmanager
def _undisturbed() -> Generator[None]:
    """Start a process in this block: it inherits that Ctrl-C waits, and here it waits as well.

    Otherwise an interpreter that is still being started prints its traceback; and one whose
    parent stops in the middle of telling it what to do, or before it knows it, prints another.
    The same holds for being told to end, by `kill` or by a terminal that closes.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _TOLD_TO_END)
    heard: list[int] = []

    def wait(number: int, frame: object) -> None:
        heard.append(number)

    main = threading.current_thread() is threading.main_thread()
    # The mask is this thread's; Python handles what another thread receives in the main one.
    handlers = {number: signal.signal(number, wait) for number in _TOLD_TO_END} if main else {}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if heard:
            signal.raise_signal(heard[0])


@contextmanager
def _without_main() -> Generator[None]:
    """Start a process in this block: it does not import the command that this one was started
    by, with all its options and doors. What workers do lies elsewhere, and is imported for it."""
    with _STARTING:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


def _begin(profile: Profile, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The run ends its workers itself; a closed terminal tells all of them at once.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the call above
            os._exit(1)
    prepare_worker(profile)


def _terminate(pool: ProcessPoolExecutor) -> None:
    """Stop workers in mid-step: on Ctrl-C nobody wants to wait for a clip."""
    for process in list((pool._processes or {}).values()):  # pyright: ignore[reportPrivateUsage]
        process.terminate()
