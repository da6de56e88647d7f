"""Ports for the servers of tests that are told theirs before they bind it.

A port that was bound to 0 and closed again can be taken by anybody before its server starts: by
another test, or by any connection's own end. These lie below the ephemeral range of Linux and
macOS, so that no connection takes one, and come in blocks that a process holds by a file lock
for as long as it lives, so that no other test does.
"""

import fcntl
import os
import socket
import tempfile
from collections.abc import Generator
from pathlib import Path

FIRST, BLOCK, BLOCKS = 10_000, 100, 220
_held: list[int] = []
"""The locks' file descriptors, kept until the process ends."""


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on and no other process is given."""
    for port in _ports:
        with socket.socket() as probe:
            # As servers do: a connection that is still winding down is not in the way.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port is left for a test's server")


def ports_in_a_row(count: int) -> list[int]:
    """So many free ports, each one above the last."""
    row: list[int] = []
    while len(row) < count:
        port = free_port()
        row = [*row, port] if row and port == row[-1] + 1 else [port]
    return row


def _each() -> Generator[int]:
    folder = Path(tempfile.gettempdir()) / f"storyboard-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    # Neighbours start apart, so that the port of a server just ended is not given at once again.
    start = os.getpid() % BLOCKS
    for block in (*range(start, BLOCKS), *range(start)):
        lock = os.open(folder / str(block), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        _held.append(lock)
        first = FIRST + block * BLOCK
        yield from range(first, first + BLOCK)


_ports = _each()
