"""The broker: one lease a card, given out only when what it needs is measured to be there.

A stage asks with `lease("images")`; the broker compares the predicted peaks with the budget
before anything starts, makes room, and hands out the lease; when it ends, the services are
released and predicted and measured peaks recorded. Several threads may lease the same services
at once; others wait in line. A thread that holds one stage may not ask for another: that is
how deadlocks are made, so it is refused at once. What several leases in a row use is kept awake
between them (`keep`), which gives nobody a claim: a residency that needs the room takes it.

Knows: threads, the run's lock on the card. Does not know: who is next (`line`), what is to be
done (`planner`), how it is done (`evictor`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from renderers.errors import RendererError, Unavailable
from storyboard.gpu import events
from storyboard.gpu.card import Card, Sample
from storyboard.gpu.card_lock import CardLock
from storyboard.gpu.events import Emit
from storyboard.gpu.evictor import DoesNotFit, EvictionTerms, Evictor, Request
from storyboard.gpu.forecast import Residency, Scale, profile_scale, workers
from storyboard.gpu.learning import Learning
from storyboard.gpu.line import ALONE, Active, CardLine, Usage
from storyboard.gpu.loading import LoadingAhead
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.planner import Planner
from storyboard.gpu.services.controls import Controls
from storyboard.profile import CardStage, Profile

__all__ = ["Broker", "Controls", "DoesNotFit", "EvictionTerms", "Lease"]

T = TypeVar("T")


def _silent(_: events.CardEvent) -> None:
    """Takes note of nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to use a residency's services now, up to their predicted peaks."""

    residency: Residency
    _broker: Broker

    @property
    def services(self) -> tuple[str, ...]:
        return self.residency.working

    @property
    def predicted_gib(self) -> float:
        return self.residency.peak_gib

    @property
    def measured_gib(self) -> float:
        """Highest use of the card by our services so far."""
        return self._broker.usage.highest

    def sample(self) -> Sample | None:
        """Measure now, and remember the highest. None where no card is used."""
        return self._broker.sample()

    def ensure(self, service: str) -> None:
        """Have `service` running again if it died.

        Raises:
            Unavailable: it does not come up.
        """
        self._broker.ensure(service)

    def attempt(self, service: str, request: Request, run: Callable[[], T]) -> T:
        """`run()`, and what can be done where it runs out of memory (`Evictor.attempt`).

        Raises:
            DoesNotFit: nothing is left to release or to run lighter.
        """
        return self._broker.attempt(self, service, request, run)


class Broker:
    """Gives out leases of one card to the stages of a profile."""

    def __init__(
        self,
        profile: Profile,
        card: Card | None,
        controls: Controls,
        *,
        terms: EvictionTerms | None = None,
        emit: Emit = _silent,
        book: PeakBook | None = None,
    ) -> None:
        self.profile, self._controls, self._emit = profile, controls, emit
        self._terms = terms = terms or EvictionTerms()
        self._evictor = (
            Evictor(profile, card, controls, terms, emit=emit, book=book) if card else None
        )
        self._loading = LoadingAhead(self._evictor) if self._evictor else None
        self._learning = Learning(profile, controls, book) if book else None
        self._lock = CardLock(terms.lock, terms.clock, terms.poll_s)
        self._line, self._changed = CardLine(), threading.Condition()
        self._before = Usage()
        self._mine = threading.local()
        self._kept = frozenset[str]()

    # --- planning ---

    @property
    def scale(self) -> Scale:
        return self._planner.scale

    def residencies(self, stage: CardStage) -> tuple[Residency, ...]:
        """The residencies of a stage on this card. One: all its services are awake together."""
        return self._planner.residencies(stage, self._budget)

    def together(self, stage: CardStage, services: tuple[str, ...]) -> bool:
        """Whether these, and nobody else working, may be leased at once."""
        residencies = self._planner.residencies(stage, self._budget, services)
        return len(residencies) == 1 and residencies[0].fits

    @property
    def _planner(self) -> Planner:
        if self._evictor is not None:
            return self._evictor.planner
        return Planner(self.profile, profile_scale(self.profile))

    @property
    def _budget(self) -> float:
        return self._evictor.budget if self._evictor else self.profile.gpu.budget_gib or 0.0

    def _choose(
        self, evictor: Evictor, stage: CardStage, services: tuple[str, ...] | None
    ) -> Residency:
        planner, card = evictor.planner, evictor.look()
        asked = workers(self.profile, stage) if services is None else services
        residency = planner.residency_of(stage, services, card.budget)
        if isinstance(residency, tuple):
            parts = "; ".join(", ".join(t.working) for t in residency)
            raise DoesNotFit(
                f"{stage}: {', '.join(asked)} are not awake together in {card.budget:g} GiB: "
                f"lease the parts of this stage one after the other ({parts})"
            )
        residency = planner.in_variants(planner.narrowed(residency, asked, card), evictor.variants)
        residency = planner.with_kept(residency, self._kept, card)
        if not residency.fits:
            self._emit(events.LeaseRefused(residency.name, residency.sum(), residency.limit_gib))
            raise DoesNotFit(
                f"{residency.name}: {residency.sum()}, over the {residency.limit_gib:g} GiB that may be used. "
                "Choose a lighter model, offload or an API in the profile."
            )
        return residency

    # --- leasing ---

    @property
    def awake(self) -> frozenset[str]:
        """The services that are awake on the card now."""
        return frozenset(s for s in self.profile.services if self._controls.state(s) == "awake")

    def keep(self, services: Collection[str]) -> None:
        """Leave these awake, and the card ours, when a lease of them ends; no others any more.

        Releases those that were kept and are no longer, once nobody holds a lease.
        """
        evictor, wanted, ticket = self._evictor, frozenset(services), object()
        if evictor is None:
            return
        with self._changed:
            if wanted >= self._kept:
                self._kept = wanted
                return
            with self._waiting(ticket, ALONE):
                if self._loading is not None:
                    self._loading.cancel(self._kept - wanted)
                for service in sorted(self._kept - wanted):
                    evictor.release(service)
                self._kept = wanted
                if not wanted:
                    self._lock.release()

    def ahead(self, stage: CardStage, services: Collection[str]) -> frozenset[str]:
        """Begin to start those of these services that do not run and have room beside the lease that
        is given out; which they are. They are kept awake like others, and whoever leases next waits
        until they are there."""
        evictor, loading = self._evictor, self._loading
        if evictor is None or loading is None:
            return frozenset()
        planner, card = evictor.planner, evictor.look()
        after = planner.residency_of(stage, tuple(services), card.budget)
        with self._changed:
            if isinstance(after, tuple) or not self._active.ready:
                return frozenset()
            after = planner.in_variants(after, evictor.variants)
            found = planner.ahead(self._active.residency, after, services, card)
            names = frozenset(resident.service for resident in found)
            if names:
                self._line, self._kept = self._line.beside(found), self._kept | names
        if names:
            loading.begin(found)
        return names

    @contextmanager
    def lease(self, stage: CardStage, services: tuple[str, ...] | None = None) -> Generator[Lease]:
        """Hold the card for a stage, or for those of its services that one residency names.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        if not workers(self.profile, stage) or self._evictor is None:
            # Nothing of ours works on a card: nobody waits for anybody.
            yield Lease(Residency(stage, (), 0.0), self)
            return
        residency = self._enter(self._evictor, self._choose(self._evictor, stage, services))
        keep = frozenset[str]()
        try:
            yield Lease(residency, self)
        except Exception:
            raise
        except BaseException:
            # Ctrl-C: a server would finish its picture before it sleeps, and nobody wants to
            # wait for that. Whoever started the servers stops them.
            keep = frozenset(residency.working)
            raise
        finally:
            self._leave(self._evictor, keep)

    def _enter(self, evictor: Evictor, residency: Residency) -> Residency:
        """Into the lease that covers `residency`, or into one of its own."""
        held: Residency | None = getattr(self._mine, "residency", None)
        if held is not None and not set(residency.working) <= set(held.working):
            raise RuntimeError(
                f"this thread holds the lease of {held.name} and asks for {residency.name}: "
                "leave the first one before"
            )
        ticket = object()
        with self._changed:
            if held is not None:
                # Who is in need not wait: those in line wait for him.
                self._line = self._line.with_users(+1)
            else:
                with self._waiting(ticket, frozenset(residency.working)):
                    self._line = self._line.entered(ticket, residency, self._terms.clock.now())
            active = self._active
        if not active.ready:
            try:
                self._open(evictor, active.residency)
            except BaseException:
                self._free()
                raise
        self._mine.residency, self._mine.depth = (
            active.residency,
            getattr(self._mine, "depth", 0) + 1,
        )
        return active.residency

    @contextmanager
    def _waiting(self, ticket: object, services: frozenset[str]) -> Generator[None]:
        """In line until it is our turn, which it is for the length of the block."""
        self._line = self._line.joined(ticket, services)
        try:
            while not self._line.may_enter(ticket):
                self._changed.wait()
            yield
        finally:
            self._line = self._line.gone(ticket)
            self._changed.notify_all()

    @property
    def _active(self) -> Active:
        assert self._line.active is not None
        return self._line.active

    def _open(self, evictor: Evictor, residency: Residency) -> None:
        self._lock.acquire(lambda: self._emit(events.Waiting(residency.name, "another run")))
        if self._loading is not None:
            self._loading.settle()
        self.tend()
        card = evictor.prepare(residency)
        self._emit(
            events.Granted(
                residency.name,
                list(residency.working),
                predicted_gib=residency.peak_gib,
                budget_gib=card.budget,
                used_gib=round(card.sample.used, 2),
                external_gib=round(card.others, 2),
                external=[h.name for h in card.external],
            )
        )
        with self._changed:
            self._line = self._line.opened()
            self._changed.notify_all()
        if self._terms.sample_every_s > 0:
            self._watch(residency)

    def _watch(self, residency: Residency) -> None:
        """Measure and tend in the background until the lease ends."""
        over = self._over = threading.Event()

        def loop() -> None:
            while not over.wait(self._terms.sample_every_s):
                with suppress(RendererError):
                    self.sample()
                    self.tend()

        threading.Thread(target=loop, name=f"vram {residency.name}", daemon=True).start()

    def _leave(self, evictor: Evictor, keep: frozenset[str]) -> None:
        self._mine.depth -= 1
        if self._mine.depth == 0:
            self._mine.residency = None
        with self._changed:
            self._line = self._line.with_users(-1)
            if self._active.users:
                return
        try:
            self._close(evictor, keep | self._kept)
        finally:
            self._free()

    def _free(self) -> None:
        """Nobody holds the card any more; to other runs it is free if nothing is kept on it."""
        with self._changed:
            self._before, self._line = self.usage, self._line.freed()
            if not self._kept:
                self._lock.release()
            self._changed.notify_all()

    def _close(self, evictor: Evictor, keep: frozenset[str]) -> None:
        if self._terms.sample_every_s > 0:
            self._over.set()
        with suppress(RendererError):
            self.sample()
        active = self._active
        if self._learning is not None:
            with suppress(RendererError):
                self._learning.record(
                    active.residency.working, active.usage.peaks, active.usage.last
                )
        self._emit(
            events.Released(
                active.residency.name,
                predicted_gib=active.residency.peak_gib,
                measured_gib=round(active.usage.highest, 2),
                seconds=round(self._terms.clock.now() - active.began, 2),
            )
        )
        for service in active.residency.working:
            if service not in keep:
                evictor.release(service)

    # --- during a lease ---

    @property
    def usage(self) -> Usage:
        """What was measured during the lease that is given out, or the last one."""
        return self._line.active.usage if self._line.active else self._before

    def sample(self) -> Sample | None:
        if self._evictor is None:
            return None
        card = self._evictor.look()
        with self._changed:
            before = self.usage.highest
            self._line = self._line.measured(card)
            active = self._line.active
        if active is not None and active.usage.highest > before + 0.25:
            self._emit(
                events.Sampled(
                    active.residency.name,
                    used_gib=round(card.sample.used, 2),
                    ours_gib=round(card.ours if card.exact else card.sample.used, 2),
                    held={name: round(there.gib, 2) for name, there in card.services.items()},
                )
            )
        return card.sample

    def tend(self) -> None:
        """Start again what died though it should be awake."""
        for name in self._controls.tend():
            self._emit(events.Restarted(name))

    def ensure(self, service: str) -> None:
        self.tend()
        if self._controls.state(service) != "awake":
            raise Unavailable(f"{service} is {self._controls.state(service)} and did not come back")

    def attempt(self, lease: Lease, service: str, request: Request, run: Callable[[], T]) -> T:
        if self._evictor is None:
            return run()
        return self._evictor.attempt(frozenset(lease.services), service, request, run)
