"""The scheduler: which step of which film goes next, of one film or of a night's.

Whoever has a step to make that uses models offers it and waits until it is chosen (`policy`);
what needs only a CPU flows beside.

    with scheduler.slot(film, "images"):              a film of a queue, up to a checkpoint
        with scheduler.card(film, profile, need):     any film, for as long as it leases the card

A film that holds a slot gives it up where it must release services that others of its stage
can still use. Nothing here is durable, and need not be: how far a film is, its folder knows.

Knows: films, checkpoints, needs. Does not know: steps, leases, queues, what a limit is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, Protocol

from storyboard.graph.policy import LAST, Awake, Pair, choose, choose_last
from storyboard.plan.stages import CHECKPOINTS, Checkpoint, checkpoint_on
from storyboard.profile.needs import Need

_SETTLE_S = 0.4
"""Films of a queue come one by one; the first waits so long for the others."""


class Gate(Protocol):
    """Whether work may begin at all: limits, a full disk, somebody who says stop."""

    def check(self, *, models: bool, limits: bool, chosen: bool) -> None:
        """Asked while a film waits, and once it is `chosen`: whatever it raises is raised there.
        Without `limits`, only a stop of everything counts."""
        ...

    def began(self, film: str, stage: Checkpoint, *, again: bool) -> None:
        """A queued film has a slot from now on: for the first time in its stage, or `again`."""
        ...

    def ended(self, film: str, stage: Checkpoint, seconds: float, *, waits: bool) -> None:
        """It has left the slot: at the end of its stage, or because it `waits` within it."""
        ...


class Open:
    """The gate where nobody sets limits."""

    def check(self, *, models: bool, limits: bool, chosen: bool) -> None: ...
    def began(self, film: str, stage: Checkpoint, *, again: bool) -> None: ...
    def ended(self, film: str, stage: Checkpoint, seconds: float, *, waits: bool) -> None: ...


Slot = Literal["models", "finish"]


@dataclass
class _ScheduledFilm:
    """A film that takes part."""

    at: Pair
    """Where it stands."""
    queued: bool = False
    """It goes from checkpoint to checkpoint, and others wait for it where it stands."""
    limits: bool = True
    offer: Slot | None = None
    """The slot that it waits for."""
    need: Need | None = None
    """What its step that waits needs of the card."""
    left: tuple[Need, ...] | None = None
    """What its steps of this stage need of the card that are not made; None: not known."""
    began: float = 0.0

    def move(self, stage: int, **where: int) -> None:
        self.at, self.left = replace(self.at, stage=stage, **where), None

    @property
    def last(self) -> bool:
        return self.at.stage == LAST

    @property
    def slot(self) -> Slot:
        """The slot in which its stage is made."""
        return "finish" if self.last else "models"


@dataclass
class Scheduler:
    """The scheduler of one process. Threads of films share it."""

    gate: Gate = field(default_factory=Open)
    group: int | None = None
    """Queued films that go through the stages together; None: all."""

    def __post_init__(self) -> None:
        self._line = threading.Condition()
        self._films: dict[str, _ScheduledFilm] = {}
        self._urgent: set[str] = set()
        self._arrived = 0
        self._last_arrival = -_SETTLE_S
        self._profiles: list[str] = []
        self._inside: dict[Slot, str | None] = {"models": None, "finish": None}
        self._awake = Awake()
        self._uses: dict[str, dict[Checkpoint, frozenset[str]]] = {}
        """By profile, the services of each stage, as far as films have told."""

    # --- films of a queue -----------------------------------------------------

    def arrive(self, film: str, profile: str = "") -> None:
        """Take part, at the end of the line."""
        with self._line:
            if profile not in self._profiles:
                self._profiles.append(profile)
            group = self._arrived // self.group if self.group else 0
            order = self._profiles.index(profile)
            at = Pair(film, self._arrived, group=group, profile=profile, order=order)
            self._films[film] = _ScheduledFilm(at, queued=True)
            self._arrived += 1
            self._last_arrival = time.monotonic()
            self._line.notify_all()

    def leave(self, film: str) -> None:
        """Take part no more: done, parked, held or stopped by somebody."""
        with self._line:
            del self._films[film]
            self._line.notify_all()

    def expect(self, film: str, needs: Mapping[Checkpoint, Iterable[Need]]) -> None:
        """Take note of what a film needs for each checkpoint. Those of its profile that have not
        come so far are taken to be like it."""
        with self._line:
            uses = self._uses.setdefault(self._films[film].at.profile, {})
            for stage, own in needs.items():
                uses[stage] = uses.get(stage, frozenset()) | _services(own)

    @contextmanager
    def slot(self, film: str, stage: Checkpoint, tries: int = 0) -> Generator[None]:
        """Wait until a queued film may go on to a checkpoint. What the gate raises is raised
        here."""
        with self._line:
            own = self._films[film]
            own.move(CHECKPOINTS.index(stage), tries=tries)
        slot, mended = own.slot, own.at.wave > 0
        self._enter(film, slot, again=mended)
        try:
            yield
        finally:
            if self._inside[slot] == film:
                self._exit(film, slot, waits=mended)

    def behind(self, film: str, stage: Checkpoint) -> None:
        """The film has passed this checkpoint, now or in an earlier life of the worker."""
        with self._line:
            self._films[film].move(min(CHECKPOINTS.index(stage) + 1, LAST))
            self._line.notify_all()

    @contextmanager
    def again(self, film: str) -> Generator[None]:
        """A film that is put together goes through the stages once more, with whoever does so as
        well, and is put together again after this block: whatever limits are reached, since it is
        a film already. What the gate raises is raised here."""
        with self._line:
            own = self._films[film]
            self._exit(film, "finish", waits=True)
            own.move(0, wave=own.at.wave + 1)
        try:
            yield
        finally:
            with self._line:
                own.move(LAST)
            try:
                self._enter(film, "finish", again=True)
            except Exception:
                own.limits = False
                self._enter(film, "finish", again=True)
                raise

    def reorder(self, line: Iterable[str]) -> None:
        """Have those of these films that take part be as old as they stand in this line."""
        with self._line:
            known = [self._films[film] for film in line if film in self._films]
            ranks = sorted(film.at.rank for film in known)
            for film, rank in zip(known, ranks, strict=True):
                film.at = replace(film.at, rank=rank)
            self._line.notify_all()

    def recheck(self) -> None:
        """Have whoever waits ask the gate again: what it says has changed."""
        with self._line:
            self._line.notify_all()

    @contextmanager
    def first(self, film: str) -> Generator[None]:
        """Somebody waits for this film, which is none of the queue's: its steps go before those of
        all others, whatever limits the night has."""
        with self._line:
            self._urgent.add(film)
        try:
            yield
        finally:
            with self._line:
                self._urgent.discard(film)

    @property
    def busy(self) -> bool:
        """Whether any film takes part."""
        with self._line:
            return bool(self._films)

    @property
    def working(self) -> bool:
        """Whether any film has a slot now."""
        with self._line:
            return any(self._inside.values())

    # --- the card -------------------------------------------------------------

    @contextmanager
    def card(
        self, film: str, profile: str, need: Need, rest: Callable[[], None] = lambda: None
    ) -> Generator[None]:
        """Wait until a film's step is chosen that needs the card, for as long as it leases it.

        A film that is in the slot already leaves it where others go first. Before it waits,
        `rest` is called, to give back what they could use. What the gate raises is raised here.
        """
        with self._line:
            own = self._films.get(film)
            visits = own is None
            if own is None:
                at = Pair(film, self._arrived, profile=profile)
                own = self._films[film] = _ScheduledFilm(at, limits=film not in self._urgent)
                self._arrived += 1
            if not own.queued:
                own.move(CHECKPOINTS.index(checkpoint_on(need.stages)))
            own.need, inside = need, self._inside["models"] == film
            goes_on = inside and self._next("models", film) == film
        try:
            if not goes_on:
                rest()
                if inside:
                    self._exit(film, "models", waits=True)
                self._enter(film, "models", again=inside)
            try:
                yield
            finally:
                own.need = None
                if not inside:
                    self._exit(film, "models")
        finally:
            if visits:
                self.leave(film)

    def alone(self, film: str) -> bool:
        """Whether nobody else takes part: what comes next on the card is this film's."""
        with self._line:
            return self._films.keys() <= {film}

    def stay(
        self, film: str, awake: Iterable[str], left: Iterable[Need], *, begins: bool = False
    ) -> tuple[frozenset[str], frozenset[str]]:
        """A lease `begins` or ends while these are awake, and the film's steps need what is `left`.
        Who was to stay awake before, and who is from now on, for steps that are to come."""
        with self._line:
            own = self._films[film]
            own.left = tuple(left)
            same = self._awake.profile == own.at.profile
            before = self._awake.services if same else frozenset[str]()
            wanted = frozenset[str]().union(
                *(
                    self._wanted(each, own)
                    for each in self._films.values()
                    if each.at.profile == own.at.profile and (each.queued or each is not own)
                ),
                _services(own.left) if begins else (),
            )
            # Before a lease, who is not wanted any more is released; only after one, more may stay.
            self._awake = Awake(own.at.profile, wanted.intersection(before if begins else awake))
            return before, self._awake.services

    def _wanted(self, film: _ScheduledFilm, now: _ScheduledFilm) -> frozenset[str]:
        """Services that steps of a film will need, as far as that is known and worth keeping them
        awake for, while another one works now."""
        if not film.queued:
            return _services([film.need] if film.offer and film.need else [])
        uses = self._uses.get(film.at.profile, {})
        if film.at.cohort != now.at.cohort and not film.last:
            # It comes when these are through all stages; putting together goes on beside.
            return uses.get(CHECKPOINTS[LAST], frozenset())
        later = (uses.get(stage, frozenset()) for stage in CHECKPOINTS[film.at.stage + 1 :])
        here = uses.get(CHECKPOINTS[film.at.stage], frozenset())
        return frozenset[str]().union(here if film.left is None else _services(film.left), *later)

    # --- whose turn it is -----------------------------------------------------

    def _enter(self, film: str, slot: Slot, *, again: bool = False) -> None:
        with self._line:
            own = self._films[film]
            own.offer = slot
            self._line.notify_all()
            check = partial(self.gate.check, models=not own.last, limits=own.limits)
            try:
                check(chosen=False)
                while not self._may_enter(film, slot):
                    self._line.wait(self._settles_in(own))
                    check(chosen=False)
                check(chosen=True)
            finally:
                own.offer = None
                self._line.notify_all()
            self._inside[slot], own.began = film, time.monotonic()
        if own.queued and slot == own.slot:
            self.gate.began(film, CHECKPOINTS[own.at.stage], again=again)

    def _exit(self, film: str, slot: Slot, *, waits: bool = False) -> None:
        with self._line:
            own = self._films[film]
            self._inside[slot] = None
            if own.queued and slot == own.slot:
                seconds = time.monotonic() - own.began
                self.gate.ended(film, CHECKPOINTS[own.at.stage], seconds, waits=waits)
            self._line.notify_all()

    def _may_enter(self, film: str, slot: Slot) -> bool:
        if self._inside[slot] is not None:
            return False
        if self._settles_in(self._films[film]) is not None:
            return False
        return self._next(slot) == film

    def _settles_in(self, film: _ScheduledFilm) -> float | None:
        """Seconds in which others may still come with whom it should go; None: it need not wait."""
        left = self._last_arrival + _SETTLE_S - time.monotonic()
        return left if film.queued and left > 0 else None

    def _next(self, slot: Slot, inside: str = "") -> str | None:
        """Who is chosen, if the slot is free but for whoever is `inside`."""
        pairs = [
            replace(
                each.at, need=each.need if ready else None, ready=ready, urgent=name in self._urgent
            )
            for name, each in self._films.items()
            if (ready := each.offer == slot or name == inside) or each.queued
        ]
        found = choose(pairs, self._awake) if slot == "models" else choose_last(pairs)
        return found.film if found else None


def _services(needs: Iterable[Need]) -> frozenset[str]:
    return frozenset(name for need in needs for name in need.services)
