"""Processes by identity, not by name: a pid alone may be reused, pid and start time are not.

Knows: /proc, sessions, marks, signals. Does not know: what the processes are for. Linux only.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from renderers.errors import Unavailable

MARK = "STORYBOARD_SERVICE"
"""Variable of the environment by which what a server starts is known for its own."""
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Ident:
    """One process for ever: its pid, its start in clock ticks since boot, and which boot."""

    pid: int
    ticks: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Ident | None:
        """The process that has this pid now; None when there is none, or only its corpse."""
        fields = _stat(pid)
        if fields is None or fields[0] in ("Z", "X"):
            return None
        return cls(pid, int(fields[19]), boot_id())

    @classmethod
    def unborn(cls) -> Ident:
        """Of a process that is being started: none has it."""
        return cls(-1, 0, boot_id())

    @property
    def alive(self) -> bool:
        return Ident.of(self.pid) == self


@dataclass(frozen=True, slots=True)
class StartedServer:
    """A server that we started: the leader of its session, and the mark in its environment that
    all it starts inherits, whatever session they go to."""

    ident: Ident
    mark: str = ""


@dataclass(frozen=True, slots=True)
class HostMemory:
    """Memory of the machine, in GiB."""

    total: float
    free: float
    """What programs may take without anything being swapped out."""

    @classmethod
    def now(cls) -> HostMemory:
        lines = (_PROC / "meminfo").read_text().splitlines()
        kib = {name: int(rest.split()[0]) for name, _, rest in (n.partition(":") for n in lines)}
        return cls(kib["MemTotal"] / 2**20, kib["MemAvailable"] / 2**20)


def see_room_to_sleep(name: str, gib: float) -> None:
    """Keep a server from moving so many GiB of weights into host memory that is not there: others
    would die.

    Raises:
        Unavailable: there is too little of it.
    """
    free = HostMemory.now().free if gib else 0.0
    if gib > free:
        raise Unavailable(
            f"{name} takes {gib:g} GiB of host memory to sleep, and {free:.1f} are free"
        )


def boot_id() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str] | None:
    """Fields of /proc/PID/stat from the state on (the name before may hold spaces)."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def process_name(pid: int) -> str:
    """What a person would recognise: the first words of the command line."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "unknown"
    return " ".join([Path(words[0]).name, *words[1:4]]).strip()[:60] or "unknown"


def members(started: Collection[StartedServer]) -> dict[StartedServer, frozenset[int]]:
    """Pids of each server and of all that came of it: its session, what left that with the
    server's mark in its environment, and what these have as children."""
    found: dict[StartedServer, set[int]] = {server: set() for server in started}
    # Where a leader is gone and its pid somebody else's, so is the session of that number.
    here = {server: Ident.of(server.ident.pid) for server in started}
    leaders = {s.ident.pid: s for s, there in here.items() if there in (s.ident, None)}
    marks = {server.mark: server for server in started if server.mark}
    parents: dict[int, int] = {}
    for entry in _PROC.iterdir() if started else ():
        fields = _stat(int(entry.name)) if entry.name.isdigit() else None
        if fields is None or fields[0] in ("Z", "X"):
            continue
        pid, parent, session = int(entry.name), int(fields[1]), int(fields[3])
        server = leaders.get(session) or (marks.get(_mark(pid, fields[19])) if marks else None)
        if server is not None:
            found[server].add(pid)
        else:
            parents[pid] = parent
    grown = True
    while grown:
        grown = False
        for pid, parent in list(parents.items()):
            if server := next((s for s, pids in found.items() if parent in pids), None):
                found[server].add(pid)
                del parents[pid]
                grown = True
    return {server: frozenset(pids) for server, pids in found.items()}


@lru_cache(maxsize=4096)
def _mark(pid: int, ticks: str) -> str:
    """The mark that a process inherited; "" for none, or where its environment is not for us."""
    try:
        environment = (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return ""
    name = f"{MARK}=".encode()
    lines = (line for line in environment.split(b"\0") if line.startswith(name))
    return next(lines, b"").removeprefix(name).decode(errors="replace")


def stop(server: StartedServer, patience_s: float) -> bool:
    """End a server that we started and all that came of it: SIGTERM, then SIGKILL after
    `patience_s` seconds. True when all are gone.

    A leader that is gone is not signalled, lest its pid belong to somebody else by now; what
    outlived it still carries its session or its mark.
    """
    known: set[Ident] = set()
    for sig, patience in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 5.0)):
        told: set[Ident] = set()
        deadline = time.monotonic() + patience
        while True:
            pids = members([server])[server]
            known |= {ident for pid in pids if (ident := Ident.of(pid))}
            left = {ident for ident in known if ident.alive}
            if not left:
                return True
            for ident in left - told:
                with suppress(ProcessLookupError):
                    os.kill(ident.pid, sig)
            told |= left
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
    return False
