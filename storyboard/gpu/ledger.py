"""A card that is a folder: servers book what they would hold, one file a process.

For trying a profile on a machine without its card, servers and runs in processes of their
own (`gpu.ledger`). What a process booked is gone when it ends, however it ends, as on a real
card.

Knows: files, locks, sums. Does not know: NVML, services, who books.
"""

from __future__ import annotations

import json
from pathlib import Path

from storyboard.core.directory import Directory
from storyboard.gpu.card import Holder, Sample
from storyboard.gpu.services.processes import Ident


class LedgerCard:
    """A `Card` of `total` GiB; any process may open the same folder."""

    name = "ledger"

    def __init__(self, folder: Path, total: float) -> None:
        self.folder, self.total = folder, total
        self.files = Directory(folder)

    def sample(self) -> Sample:
        with self.files.locked("lock"):
            held = self.holders()
        return Sample(self.total, sum(h.gib or 0.0 for h in held), held)

    def holders(self) -> tuple[Holder, ...]:
        """Who lives and has booked something; for who holds the lock."""
        found: list[Holder] = []
        for path in self.folder.glob("[0-9]*.json"):
            entry = json.loads(path.read_text())
            if Ident(**entry["ident"]).alive:
                found.append(Holder(entry["ident"]["pid"], entry["name"], float(entry["gib"])))
        return tuple(found)
