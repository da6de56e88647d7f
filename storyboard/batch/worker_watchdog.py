"""Outlives a worker that dies by itself, and notes it for the films that it was at.

A film may be to blame for a worker that dies; for a power cut, or for whoever kills everything
at once, none is: then this process is gone as well, and nothing is noted.

Usage: python -m storyboard.batch.worker_watchdog ROOT WORKER (not meant to be started by hand)

Knows: processes, marks of films. Does not know: what a worker does.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from storyboard.batch.mark import WORKER, attest

_BYE = b"bye"
_GRACE_S = 0.5
"""Whoever ends all processes one by one may take the worker a moment earlier."""


@contextmanager
def witnessed(root: Path) -> Generator[None]:
    """Have it noted, if this process dies within the block, in the folders under `root`."""
    command = [sys.executable, "-m", "storyboard.batch.worker_watchdog", str(root), WORKER]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            yield
        finally:
            with suppress(BrokenPipeError):
                process.stdin.write(_BYE)


def main(root: Path, worker: str) -> None:
    # A terminal's Ctrl-C and a service's SIGTERM are for the worker; the pipe tells how it ended.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() == _BYE:
        return
    time.sleep(_GRACE_S)
    attest(root, worker)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
