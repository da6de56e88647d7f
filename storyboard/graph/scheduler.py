"""The scheduler: which step of which film goes next, of one film or of a night's.

Whoever has a step to make that uses models offers it and waits until it is chosen (`choose`);
what needs only a CPU flows beside. The policy: whoever somebody waits for (`first`), then stay with
the services that are awake, then the earliest stage, then the oldest film. Films that go through the stages together, waves of draws
and verdicts on a small card, rounds in which many films are mended: all follow from that order.

    with scheduler.slot(film, "images"):              a film of a queue, up to a checkpoint
        with scheduler.card(film, profile, need):     any film, for as long as it leases the card

A film that holds a slot gives it up where it must let go of services that others of its stage
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

from storyboard.plan.stages import CHECKPOINTS, Checkpoint, checkpoint_on
from storyboard.profile.needs import Need

_LAST = len(CHECKPOINTS) - 1
_SETTLE_S = 0.4
"""Films of a queue come one by one; the first waits so long for the others."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A film, and the step of it that is next."""

    film: str
    rank: int
    """Films are as old as they came; the oldest has the lowest. Steps of one film, as they stand
    in its graph."""
    step: str = ""
    stage: int = 0
    """Index of the checkpoint before which the step stands."""
    need: Need | None = None
    """What the step needs awake; None: nothing, or it is not known yet."""
    ready: bool = True
    """It could begin now. Of a film that is on its way to its next step: not yet."""
    wave: int = 0
    """How often the film has gone through all stages before."""
    group: int = 0
    profile: str = ""
    order: int = 0
    """Of the profile among those of all films: each has models of its own."""
    tries: int = 0
    urgent: bool = False
    """Somebody waits for it now."""

    @property
    def cohort(self) -> tuple[int, int, int]:
        """Films of one cohort go through the stages together. What is mended waits until all
        films are there, of whichever group."""
        return self.wave, 0 if self.wave else self.group, self.order


@dataclass(frozen=True, slots=True)
class Awake:
    """Who is awake on the card now: services of a profile."""

    profile: str = ""
    services: frozenset[str] = frozenset()

    def serves(self, pair: Pair) -> bool:
        """Whether the pair's step could begin without waking anybody."""
        need = pair.need
        return need is not None and (
            self.profile == pair.profile and self.services.issuperset(need.services)
        )


def choose(pairs: Iterable[Pair], awake: Awake) -> Pair | None:
    """The pair that goes next among those that use models; None: whoever should is not ready."""
    first = min(pairs, key=lambda pair: _turn(pair, awake), default=None)
    return first if first is not None and first.ready else None


def choose_last(pairs: Iterable[Pair]) -> Pair | None:
    """The pair that goes next among films that are put together, which uses no model."""
    waiting = (pair for pair in pairs if pair.ready and pair.stage == _LAST)
    return min(waiting, key=lambda pair: (*pair.cohort, pair.tries, pair.rank), default=None)


def _turn(pair: Pair, awake: Awake) -> tuple[int, ...]:
    wave, group, order = pair.cohort
    stays = awake.serves(pair)
    # What is put together goes on beside: models that nobody else has awake wait until the others
    # are through theirs. Yet whoever may have to be mended holds up the next wave.
    late = 0 if stays or pair.stage != _LAST else 1 if pair.ready else 2
    # Whoever is on its way, or has not said what it needs, may use who is awake: no change before.
    known = pair.ready + (pair.need is not None) if awake.services else 0
    place = (order, not stays, pair.stage, known, pair.tries, pair.rank)
    return not pair.urgent, wave, late, group, *place


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
class _Film:
    """A film that takes part, and where it stands."""

    rank: int
    profile: str
    queued: bool = False
    """It goes from checkpoint to checkpoint, and others wait for it where it stands."""
    order: int = 0
    group: int = 0
    wave: int = 0
    stage: int = 0
    tries: int = 0
    limits: bool = True
    offer: Slot | None = None
    """The slot that it waits for."""
    need: Need | None = None
    """What its step that waits needs of the card."""
    left: tuple[Need, ...] | None = None
    """What its steps of this stage need of the card that are not made; None: not known."""
    began: float = 0.0

    @property
    def last(self) -> bool:
        return self.stage == _LAST

    @property
    def slot(self) -> Slot:
        """The slot in which its stage is made."""
        return "finish" if self.last else "models"

    @property
    def cohort(self) -> tuple[int, int, int]:
        return self.pair("", ready=False).cohort

    def pair(self, name: str, *, ready: bool) -> Pair:
        return Pair(
            name,
            self.rank,
            "",
            self.stage,
            self.need if ready else None,
            ready,
            self.wave,
            self.group,
            self.profile,
            self.order,
            self.tries,
        )


@dataclass
class Scheduler:
    """The scheduler of one process. Threads of films share it."""

    gate: Gate = field(default_factory=Open)
    group: int | None = None
    """Queued films that go through the stages together; None: all."""

    def __post_init__(self) -> None:
        self._line = threading.Condition()
        self._films: dict[str, _Film] = {}
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
            self._films[film] = _Film(self._arrived, profile, True, order, group)
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
            uses = self._uses.setdefault(self._films[film].profile, {})
            for stage, own in needs.items():
                uses[stage] = uses.get(stage, frozenset()) | _services(own)

    @contextmanager
    def slot(self, film: str, stage: Checkpoint, tries: int = 0) -> Generator[None]:
        """Wait until a queued film may go on to a checkpoint. What the gate raises is raised
        here."""
        with self._line:
            own = self._films[film]
            own.stage, own.tries, own.left = CHECKPOINTS.index(stage), tries, None
        slot, mended = own.slot, own.wave > 0
        self._enter(film, slot, again=mended)
        try:
            yield
        finally:
            if self._inside[slot] == film:
                self._exit(film, slot, waits=mended)

    def behind(self, film: str, stage: Checkpoint) -> None:
        """The film has passed this checkpoint, now or in an earlier life of the worker."""
        with self._line:
            own = self._films[film]
            own.stage, own.left = min(CHECKPOINTS.index(stage) + 1, _LAST), None
            self._line.notify_all()

    @contextmanager
    def again(self, film: str) -> Generator[None]:
        """A film that is put together goes through the stages once more, with whoever does so as
        well, and is put together again after this block: whatever limits are reached, since it is
        a film already. What the gate raises is raised here."""
        with self._line:
            own = self._films[film]
            self._exit(film, "finish", waits=True)
            own.wave, own.stage, own.left = own.wave + 1, 0, None
        try:
            yield
        finally:
            with self._line:
                own.stage, own.left = _LAST, None
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
            ranks = sorted(film.rank for film in known)
            for film, rank in zip(known, ranks, strict=True):
                film.rank = rank
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
                own = self._films[film] = _Film(
                    self._arrived, profile, limits=film not in self._urgent
                )
                self._arrived += 1
            if not own.queued:
                own.stage = CHECKPOINTS.index(checkpoint_on(need.stages))
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

    def stay(
        self, film: str, awake: Iterable[str], left: Iterable[Need], *, begins: bool = False
    ) -> tuple[frozenset[str], frozenset[str]]:
        """A lease `begins` or ends while these are awake, and the film's steps need what is `left`.
        Who was to stay awake before, and who is from now on, for steps that are to come."""
        with self._line:
            own = self._films[film]
            own.left = tuple(left)
            same = self._awake.profile == own.profile
            before = self._awake.services if same else frozenset[str]()
            wanted = frozenset[str]().union(
                *(
                    self._wanted(each, own)
                    for each in self._films.values()
                    if each.profile == own.profile and (each.queued or each is not own)
                ),
                _services(own.left) if begins else (),
            )
            # Before a lease, who is not wanted any more lets go; only after one, more may stay.
            self._awake = Awake(own.profile, wanted.intersection(before if begins else awake))
            return before, self._awake.services

    def _wanted(self, film: _Film, now: _Film) -> frozenset[str]:
        """Services that steps of a film will need, as far as that is known and worth keeping them
        awake for, while another one works now."""
        if not film.queued:
            return _services([film.need] if film.offer and film.need else [])
        uses = self._uses.get(film.profile, {})
        if film.cohort != now.cohort and not film.last:
            # It comes when these are through all stages; putting together goes on beside.
            return uses.get(CHECKPOINTS[_LAST], frozenset())
        later = (uses.get(stage, frozenset()) for stage in CHECKPOINTS[film.stage + 1 :])
        here = uses.get(CHECKPOINTS[film.stage], frozenset())
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
            self.gate.began(film, CHECKPOINTS[own.stage], again=again)

    def _exit(self, film: str, slot: Slot, *, waits: bool = False) -> None:
        with self._line:
            own = self._films[film]
            self._inside[slot] = None
            if own.queued and slot == own.slot:
                seconds = time.monotonic() - own.began
                self.gate.ended(film, CHECKPOINTS[own.stage], seconds, waits=waits)
            self._line.notify_all()

    def _may_enter(self, film: str, slot: Slot) -> bool:
        if self._inside[slot] is not None:
            return False
        if self._settles_in(self._films[film]) is not None:
            return False
        return self._next(slot) == film

    def _settles_in(self, film: _Film) -> float | None:
        """Seconds in which others may still come with whom it should go; None: it need not wait."""
        left = self._last_arrival + _SETTLE_S - time.monotonic()
        return left if film.queued and left > 0 else None

    def _next(self, slot: Slot, inside: str = "") -> str | None:
        """Who is chosen, if the slot is free but for whoever is `inside`."""
        pairs = [
            replace(each.pair(name, ready=ready), urgent=name in self._urgent)
            for name, each in self._films.items()
            if (ready := each.offer == slot or name == inside) or each.queued
        ]
        found = choose(pairs, self._awake) if slot == "models" else choose_last(pairs)
        return found.film if found else None


def _services(needs: Iterable[Need]) -> frozenset[str]:
    return frozenset(name for need in needs for name in need.services)
