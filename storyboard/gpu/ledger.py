"""A card that is a folder: servers book what they would hold, one file a process.

For trying a profile on a machine without its card, servers and runs in processes of their
own (`gpu.ledger`). What a process booked is gone when it ends, however it ends, as on a real
card. `history.jsonl` keeps every booking with the sum at that moment.

Knows: files, locks, sums. Does not know: NVML, services, time.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from renderers.errors import OutOfMemory
from storyboard.core.directory import Directory
from storyboard.gpu.card import Holder, Sample
from storyboard.gpu.services.processes import Ident


@dataclass(frozen=True, slots=True)
class Booking:
    """One line of the history."""

    at: float
    """Unix time."""
    pid: int
    name: str
    gib: float
    total: float
    """GiB held by all that lived, this booking included."""
    residents: tuple[str, ...]
    """Names of those who held any of it."""


class LedgerCard:
    """A `Card` of `total` GiB; any process may open the same folder."""

    name = "ledger"

    def __init__(self, folder: Path, total: float) -> None:
        self.folder, self.total = folder, total
        self._files = Directory(folder)
        self._files.make()

    def sample(self) -> Sample:
        with self._locked():
            held = self._holders()
        return Sample(self.total, sum(h.gib or 0.0 for h in held), held)

    def hold(self, gib: float, name: str) -> None:
        """Set what this process holds.

        Raises:
            OutOfMemory: the card has not that much; nothing changes.
        """
        me = Ident.of(os.getpid())
        assert me is not None
        with self._locked():
            beside = [h for h in self._holders() if h.pid != me.pid and h.gib]
            others = sum(h.gib or 0.0 for h in beside)
            if others + gib > self.total:
                free = self.total - others
                raise OutOfMemory(
                    f"{name} wants {gib:.1f} GiB, {free:.1f} of {self.total:g} are free"
                )
            entry = json.dumps({"ident": asdict(me), "name": name, "gib": gib})
            self._files.write(f"{me.pid}.json", entry)
            names = (*(h.name for h in beside), *([name] if gib else []))
            booking = Booking(time.time(), me.pid, name, gib, others + gib, names)
            self._files.append("history.jsonl", json.dumps(asdict(booking)) + "\n")

    def history(self) -> list[Booking]:
        """Every booking, in order."""
        try:
            lines = (self.folder / "history.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [Booking(**json.loads(line)) for line in lines]

    def _holders(self) -> tuple[Holder, ...]:
        found: list[Holder] = []
        for path in self.folder.glob("[0-9]*.json"):
            entry = json.loads(path.read_text())
            if Ident(**entry["ident"]).alive:
                found.append(Holder(entry["ident"]["pid"], entry["name"], float(entry["gib"])))
        return tuple(found)

    @contextmanager
    def _locked(self) -> Generator[None]:
        handle = self._files.open_lock("lock")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
