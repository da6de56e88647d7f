"""Outlives a killed run by a moment, to end the servers that the run had started.

Started by the service manager with a pipe as its standard input. Lines `+ PID TICKS BOOT MARK` and
`- PID` say which servers to answer for; the end of the pipe means that the run is gone,
however it went, and what is still listed is ended. `kill -9` cannot be caught by the run
itself, and servers hold tens of GiB: this is what makes it harmless.

Usage: python -m storyboard.gpu.services.process_watchdog (no arguments; not meant to be started by hand)
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable

from storyboard.gpu.services.processes import Ident, StartedServer, stop

_PATIENCE_S = 10.0


def keep(lines: Iterable[str]) -> None:
    """Follow the lines to their end, then end what is left, all at the same time."""
    charges: dict[int, StartedServer] = {}
    for line in lines:
        match line.split():
            case ["+", pid, ticks, boot, mark]:
                charges[int(pid)] = StartedServer(Ident(int(pid), int(ticks), boot), mark)
            case ["-", pid]:
                charges.pop(int(pid), None)
            case _:
                continue
    for server in charges.values():
        stop(server, _PATIENCE_S)


if __name__ == "__main__":
    # A terminal's Ctrl-C and a parent's SIGTERM are for the run; the pipe says when it is over.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    keep(sys.stdin)
