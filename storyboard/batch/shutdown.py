"""How a worker ends: told once, at the next clean point; told twice, at once.

Knows: signals, threads that would keep a process. Does not know: what the worker does.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

from storyboard.batch.database import QueueFailed
from storyboard.core import console

_UNWIND_S = 5.0
"""What is told twice to stop gets so long to release cards and files."""
_SUDDEN = (console.INTERRUPTED, console.UNEXPECTED, QueueFailed.exit_code)
"""Exit codes of commands that end while films are in the middle of something."""


@contextmanager
def told_to_stop() -> Generator[threading.Event]:
    """An event that the first SIGTERM or Ctrl-C sets; the second raises KeyboardInterrupt."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        if stop.is_set():
            leave = threading.Timer(_UNWIND_S, os._exit, (console.INTERRUPTED,))
            leave.daemon = True
            leave.start()
            raise KeyboardInterrupt
        stop.set()
        console.err.print("stopping after the stage under way; once more to stop at once")

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def for_good() -> Generator[None]:
    """End the process with the command, whatever its threads still wait for.

    A film's thread may be in the middle of a stage, or wait for a database that is gone: an
    interpreter that ends would wait for it. The store and the queue bear a sudden end. Only
    for who owns the process: the command itself may run in somebody else's.
    """
    try:
        yield
    except SystemExit as end:
        others = set(threading.enumerate()) - {threading.main_thread()}
        if end.code in _SUDDEN and any(not thread.daemon for thread in others):
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(end.code))
        raise
