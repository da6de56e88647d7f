"""What simulated servers book on a ledger card, and every booking there was.

Knows: a card's folder. Does not know: servers, runs.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass

from renderers.errors import OutOfMemory
from storyboard.gpu.ledger import LedgerCard
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


class LedgerBooks(LedgerCard):
    """The card as servers have it: `history.jsonl` keeps every booking with the sum then."""

    def hold(self, gib: float, name: str) -> None:
        """Set what this process holds.

        Raises:
            OutOfMemory: the card has not that much; nothing changes.
        """
        me = Ident.of(os.getpid())
        assert me is not None
        with self.files.locked("lock"):
            beside = [h for h in self.holders() if h.pid != me.pid and h.gib]
            others = sum(h.gib or 0.0 for h in beside)
            if others + gib > self.total:
                free = self.total - others
                raise OutOfMemory(
                    f"{name} wants {gib:.1f} GiB, {free:.1f} of {self.total:g} are free"
                )
            entry = json.dumps({"ident": asdict(me), "name": name, "gib": gib})
            self.files.write(f"{me.pid}.json", entry)
            names = (*(h.name for h in beside), *([name] if gib else []))
            booking = Booking(time.time(), me.pid, name, gib, others + gib, names)
            self.files.append("history.jsonl", json.dumps(asdict(booking)) + "\n")

    def history(self) -> list[Booking]:
        """Every booking, in order."""
        try:
            lines = (self.folder / "history.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [Booking(**json.loads(line)) for line in lines]
