"""The gate of a night: no film goes on where a limit is reached, a disk is full, or somebody
says stop.

Knows: the budget, what is spent. Does not know: whose turn it is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storyboard.batch import mark
from storyboard.batch.account import Account
from storyboard.batch.budget import Budget
from storyboard.core.errors import LimitReached, Stopped
from storyboard.plan.stages import CHECKPOINTS, Checkpoint

_LAST = CHECKPOINTS[-1]
"""What needs no model costs the card no minutes."""


@dataclass
class Night:
    """The gate of one worker's films, which lie in `root`. Threads may share it."""

    root: Path
    budget: Budget = field(default_factory=Budget)
    told: threading.Event = field(default_factory=threading.Event)
    """Set: nobody goes on any more."""
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()

    def __post_init__(self) -> None:
        self._account = Account(self.root)
        self._closed = ""
        self._reached: dict[bool, str] = {}
        """By whether it uses models, why no more work of this kind is begun."""

    def check(self, *, models: bool, limits: bool, chosen: bool) -> None:
        """
        Raises:
            Stopped: the film may not go on. LimitReached: no film may tonight with such work.
        """
        if self.told.is_set():
            self.stop("it was told to stop")
        if self._closed:
            raise Stopped(self._closed)
        if not limits:
            return
        if chosen and models not in self._reached:
            spent = self._account.spent()
            if reason := self.budget.reached(spent, self.now(), self.root, model=models):
                self._reached[models] = reason
        if models in self._reached:
            raise LimitReached(self._reached[models])

    def began(self, film: str, stage: Checkpoint, *, again: bool) -> None:
        if stage != _LAST:
            self._account.begin(Path(film).name, stage)
        if again:
            mark.waits(Path(film), waiting=False)

    def ended(self, film: str, stage: Checkpoint, seconds: float, *, waits: bool) -> None:
        if stage != _LAST:
            self._account.end(Path(film).name, stage, seconds)
        if waits:
            mark.waits(Path(film), waiting=True)

    def charge(self, film: str, cost: float) -> None:
        """US dollars that a stage of the film cost."""
        self._account.pay(film, cost)

    def stop(self, reason: str) -> None:
        """Let nobody go on any more."""
        self._closed = self._closed or reason

    @property
    def reason(self) -> str:
        """Why somebody does not go on any more; empty while everybody does."""
        told = "it was told to stop" if self.told.is_set() else ""
        return self._closed or told or next(iter(self._reached.values()), "")
