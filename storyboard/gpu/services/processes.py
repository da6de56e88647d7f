"""Processes by identity, not by name: a pid alone may be reused, pid and start time are not.

Knows: /proc, sessions, signals. Does not know: what the processes are for. Linux only.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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

    @property
    def alive(self) -> bool:
        return Ident.of(self.pid) == self


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


def sessions(leaders: frozenset[int]) -> dict[int, frozenset[int]]:
    """Pids of each leader's session: a server and the workers it spawned."""
    found: dict[int, set[int]] = {leader: set() for leader in leaders}
    for entry in _PROC.iterdir() if leaders else ():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields is not None and fields[0] != "Z" and int(fields[3]) in found:
                found[int(fields[3])].add(int(entry.name))
    return {leader: frozenset(pids) for leader, pids in found.items()}


def session_members(leader: int) -> frozenset[int]:
    """Pids of one session, its leader included while it lives."""
    return sessions(frozenset({leader}))[leader]


def _signal_session(leader: int, sig: signal.Signals) -> None:
    """To the leader's process group, and to members of its session that left the group."""
    with suppress(ProcessLookupError):
        os.killpg(leader, sig)
    for pid in session_members(leader):
        with suppress(ProcessLookupError):
            if os.getpgid(pid) != leader:
                os.kill(pid, sig)


def stop_session(leader: Ident, patience_s: float) -> bool:
    """End a session that we started: SIGTERM, then SIGKILL after `patience_s` seconds.

    A leader that is gone is not signalled, lest its pid belong to somebody else by now;
    members that outlived it still carry its session and are ended. True when all are gone.
    """
    if not leader.alive and Ident.of(leader.pid) is not None:
        return True
    for sig, patience in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 5.0)):
        _signal_session(leader.pid, sig)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not leader.alive and not session_members(leader.pid):
                return True
            time.sleep(0.02)
    return not leader.alive and not session_members(leader.pid)
