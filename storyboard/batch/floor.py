"""The floor: who may work on which stage now, so that films go through the stages together.

Every film asks before each stage. One at a time is let into the stages that use models, the
earliest stage first, so that all films are through a stage before any is in the next and each
model is loaded once; putting together and checking needs no model and goes on beside. With
groups, so many films go through all stages before the next are begun; films of one profile go
together before those of the next, since each profile has models of its own.

What a review would have another way is mended in waves: once all films here are put together
and reviewed, those that have a new cut on trial go through the stages together once more.

Nothing of this is durable, and need not be: where a film stands, the queue knows.

Knows: films, stages, turns, the budget. Does not know: DBOS, how a stage is made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from storyboard.batch.account import Account
from storyboard.batch.budget import Budget
from storyboard.batch.stages import STAGES, Stage

_LAST = STAGES.index("finish")
_SETTLE_S = 0.4
"""Films of one batch are dequeued one by one; the first waits so long for the others."""


class Stopped(Exception):
    """The batch begins no more stages of this kind; the message says why. `limit`: the budget
    is reached, so nothing will change that tonight."""

    def __init__(self, reason: str, *, limit: bool = False) -> None:
        self.limit = limit
        super().__init__(reason)


@dataclass
class _Place:
    """Where a film of the floor stands."""

    group: tuple[int, int]
    """Number of the group, and of the profile in it."""
    rank: int
    stage: int = 0
    tries: int = 0
    waiting: bool = False
    wave: int = 0
    """How often it has gone through all stages before."""

    @property
    def lot(self) -> tuple[int, int, int]:
        """Films of one lot go through the stages together. What is mended waits until all
        films of the floor are there, of whichever group."""
        group, profile = self.group
        return self.wave, 0 if self.wave else group, profile

    @property
    def turn(self) -> tuple[tuple[int, int, int], int, int, int]:
        return self.lot, self.stage, self.tries, self.rank


@dataclass
class Floor:
    """The floor of one worker. Threads of films share it."""

    root: Path
    budget: Budget = field(default_factory=Budget)
    group: int | None = None
    """Films that go through the stages together; None: all."""
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    after: Callable[[Stage], None] = lambda stage: None
    """Told when no film of the group is left in a stage that uses models."""

    def __post_init__(self) -> None:
        self._line = threading.Condition()
        self._account = Account(self.root)
        self._places: dict[str, _Place] = {}
        self._arrived = 0
        self._profiles = list[str]()
        self._last_arrival = 0.0
        self._inside: dict[bool, str | None] = {True: None, False: None}
        """By lane (whether it uses models), who is in it."""
        self._closed = ""
        self.stopped: dict[bool, str] = {}
        """By lane, why nobody is let in any more."""

    def arrive(self, film: str, profile: str = "") -> None:
        """Take part, at the end of the line."""
        with self._line:
            group = self._arrived // self.group if self.group else 0
            if profile not in self._profiles:
                self._profiles.append(profile)
            self._places[film] = _Place((group, self._profiles.index(profile)), self._arrived)
            self._arrived += 1
            self._last_arrival = time.monotonic()
            self._line.notify_all()

    def leave(self, film: str) -> None:
        """Take part no more: done, parked, held or stopped by somebody."""
        with self._line:
            place = self._places.pop(film)
            self._line.notify_all()
            over = self._over(place)
        if over:
            self.after(STAGES[place.stage])

    @contextmanager
    def turn(
        self, film: str, stage: Stage, tries: int = 0, *, limits: bool = True
    ) -> Generator[None]:
        """Wait for the film's turn at a stage, and take it. Without `limits`, also when the
        budget is reached: to go back to a film that is made.

        Raises:
            Stopped: the budget is reached, or the disk is full.
        """
        model = stage != "finish"
        with self._line:
            place = self._places[film]
            place.stage, place.tries, place.waiting = STAGES.index(stage), tries, True
            self._line.notify_all()
            try:
                while not self._may_enter(film, model, limits=limits):
                    self._line.wait(0.1)
                self._admit(model, limits=limits)
            finally:
                place.waiting = False
            self._inside[model] = film
        began = time.monotonic()
        try:
            if model:
                self._account.begin(film, stage)
            yield
        finally:
            with self._line:
                self._inside[model] = None
                if model:
                    self._account.end(film, stage, time.monotonic() - began)
                self._line.notify_all()

    def behind(self, film: str, stage: Stage) -> None:
        """The film has this stage behind it, made now or in an earlier life of the worker."""
        with self._line:
            place = self._places[film]
            before = _Place(place.group, place.rank, STAGES.index(stage), wave=place.wave)
            place.stage = min(before.stage + 1, _LAST)
            self._line.notify_all()
            over = self._over(before)
        if over:
            self.after(stage)

    def again(self, film: str) -> None:
        """The film goes through all stages once more, in the next wave."""
        with self._line:
            place = self._places[film]
            place.wave, place.stage = place.wave + 1, 0
            self._line.notify_all()

    def charge(self, film: str, cost: float) -> None:
        """US dollars that a stage of the film cost."""
        self._account.pay(film, cost)

    @property
    def reason(self) -> str:
        """Why somebody is not let in any more; empty while everybody is."""
        with self._line:
            return self._closed or next(iter(self.stopped.values()), "")

    @property
    def busy(self) -> bool:
        """Whether any film takes part."""
        with self._line:
            return bool(self._places)

    @property
    def working(self) -> bool:
        """Whether any film is in a stage now."""
        with self._line:
            return any(self._inside.values())

    def stop(self, reason: str) -> None:
        """Let nobody in any more."""
        with self._line:
            self._closed = self._closed or reason
            self._line.notify_all()

    def _admit(self, model: bool, *, limits: bool) -> None:
        if self._closed:
            raise Stopped(self._closed)
        if not limits:
            return
        reason = self.stopped.get(model) or self.budget.reached(
            self._account.spent(), self.now(), self.root, model=model
        )
        if reason:
            self.stopped[model] = reason
            raise Stopped(reason, limit=True)

    def _may_enter(self, film: str, model: bool, *, limits: bool) -> bool:
        if self._closed or (limits and model in self.stopped):
            return True
        if self._inside[model] is not None:
            return False
        if time.monotonic() - self._last_arrival < _SETTLE_S:
            return False
        mine, places = self._places[film], self._places.values()
        if model:
            # Also those between two stages: the next film must not slip past them; nor past
            # those under review, which may have something to mend in its own wave.
            lane = [place for place in places if place.stage != _LAST or place.wave < mine.wave]
        else:
            lane = [place for place in places if place.stage == _LAST and place.waiting]
        return mine.turn == min(place.turn for place in lane)

    def _over(self, place: _Place) -> bool:
        """Whether no film is left in the stage of the group that this one was in."""
        here = (place.lot, place.stage)
        return place.stage != _LAST and all(
            (other.lot, other.stage) > here for other in self._places.values()
        )
