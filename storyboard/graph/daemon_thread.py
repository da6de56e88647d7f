"""A daemon thread as an executor: in it this process does one thing after another.

Knows: threads. Does not know: what is done there.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class DaemonThreadExecutor(Executor):
    """An executor of one thread that never keeps the program alive.

    `ThreadPoolExecutor` is waited for at exit: after Ctrl-C that would be the rest of a clip,
    or of a server's silence.
    """

    def __init__(self) -> None:
        self._waiting: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        context = contextvars.copy_context()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = context.run(fn, *args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - as any executor: the caller gets it
                future.set_exception(error)
            else:
                future.set_result(result)

        self._waiting.put(work)
        if self._thread is None:
            self._thread = Thread(target=self._run, name="steps", daemon=True)
            self._thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._waiting.put(None)
        if wait and self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()
