"""The broker: one lease a card, given out only when what it needs is measured to be there.

A stage asks with `lease("images")`; the broker compares the predicted peaks with the budget
before anything starts, makes room, and hands out the lease; when it ends, the services are
let go and predicted and measured peaks recorded. Several threads may lease the same services
at once; others wait in line. A thread that holds one stage may not ask for
another: that is how deadlocks are made, so it is refused at once. What several leases in a row
use is kept awake between them (`keep`), which gives nobody a claim: a turn that needs the room
takes it.

Knows: leases, turns. Does not know: how services are moved (`room`), what happens when
memory runs out (`attempts`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TypeVar

from renderers.errors import RendererError, Unavailable
from storyboard.gpu.attempts import Attempts, Request
from storyboard.gpu.card import Card, Sample
from storyboard.gpu.forecast import Resident, Scale, Turn, profile_scale, stage_turns, workers
from storyboard.gpu.learning import Learning
from storyboard.gpu.lock import CardLock
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.room import Controls, DoesNotFit, Emit, RoomMaker, Terms
from storyboard.profile import Profile, Stage

__all__ = ["Broker", "Controls", "DoesNotFit", "Lease", "Terms"]

T = TypeVar("T")


def _silent(kind: str, /, **fields: object) -> None:
    """Takes note of nothing."""


class Lease:
    """The right to use a turn's services now, up to their predicted peaks."""

    def __init__(self, broker: Broker, turn: Turn, began: float) -> None:
        self.turn, self.began, self.users = turn, began, 0
        self.ready = False
        self.measured_gib = 0.0
        """Highest use of the card by our services so far."""
        self.peaks: dict[str, float] = {}
        self.last: dict[str, float] = {}
        """What each service held when last looked at."""
        self._broker = broker
        self._stop = threading.Event()

    @property
    def services(self) -> tuple[str, ...]:
        return self.turn.working

    @property
    def predicted_gib(self) -> float:
        return self.turn.peak_gib

    def sample(self) -> Sample | None:
        """Measure now, and remember the highest. None where no card is used."""
        return self._broker.sample(self)

    def ensure(self, service: str) -> None:
        """Have `service` running again if it died.

        Raises:
            Unavailable: it does not come up.
        """
        self._broker.ensure(service)

    def attempt(
        self,
        service: str,
        request: Request,
        run: Callable[[Request], T],
        shrink: Callable[[Request], Request | None] = lambda request: None,
    ) -> T:
        """`run(request)`; out of memory is answered by release, shrink, a lighter variant of
        the service, or refusal.

        A request that ran out of memory is never run again under the same conditions, in
        this call or a later one.

        Raises:
            DoesNotFit: nothing is left to release and `shrink` knows nothing smaller.
        """
        return self._broker.attempt(self, service, request, run, shrink)

    def watch(self, every_s: float) -> None:
        """Measure and tend in the background until `unwatch`."""

        def loop() -> None:
            while not self._stop.wait(every_s):
                with suppress(RendererError):
                    self.sample()
                    self._broker.tend()

        threading.Thread(target=loop, name=f"vram {self.turn.name}", daemon=True).start()

    def unwatch(self) -> None:
        self._stop.set()


class Broker:
    """Gives out leases of one card to the stages of a profile."""

    def __init__(
        self,
        profile: Profile,
        card: Card | None,
        controls: Controls,
        *,
        terms: Terms | None = None,
        emit: Emit = _silent,
        book: PeakBook | None = None,
    ) -> None:
        self.profile, self._controls, self._emit, self._book = profile, controls, emit, book
        self._terms = terms or Terms()
        self._maker = RoomMaker(profile, card, controls, self._terms, emit) if card else None
        if self._maker:
            self._maker.book = book
        self._line = threading.Condition()
        self._active: Lease | None = None
        self._queue: list[object] = []
        self._mine = threading.local()
        self._kept = frozenset[str]()
        self._learning = Learning(profile, controls, book) if book else None
        self._attempts = Attempts(profile, controls, self._maker, self._terms, emit)
        self._lock = CardLock(self._terms.lock, self._terms.clock, self._terms.poll_s)

    # --- planning ---

    @property
    def scale(self) -> Scale:
        return self._book.scale(self.profile) if self._book else profile_scale(self.profile)

    def turns(self, stage: Stage) -> tuple[Turn, ...]:
        """The turns of a stage on this card. One: all its services are awake together."""
        limit = max(0.0, self._budget() - self.profile.gpu.margin_gib)
        return stage_turns(self.profile, stage, limit, scale=self.scale)

    def together(self, stage: Stage, services: tuple[str, ...]) -> bool:
        """Whether these, and nobody else working, may be leased at once."""
        turn = self._alone(stage, services)
        return turn is not None and turn.fits

    def _alone(self, stage: Stage, services: tuple[str, ...]) -> Turn | None:
        """A turn of just these; None where they do not fit together, or are of one family."""
        limit = max(0.0, self._budget() - self.profile.gpu.margin_gib)
        turns = stage_turns(self.profile, stage, limit, scale=self.scale, only=services)
        return turns[0] if len(turns) == 1 else None

    def _as_learned(self, turn: Turn) -> Turn:
        """In the variants that have not run out of memory here."""
        residents = list[Resident]()
        for resident in turn.residents:
            variant = self._attempts.variant(resident.service, resident.variant)
            if resident.doing == "working" and variant != resident.variant:
                peak = self.scale(resident.service, variant).peak
                resident = replace(resident, variant=variant, gib=peak)
            residents.append(resident)
        return replace(turn, residents=tuple(residents))

    def _budget(self) -> float:
        return self._maker.budget if self._maker else self.profile.gpu.budget_gib or 0.0

    def _choose(self, stage: Stage, services: tuple[str, ...] | None) -> Turn:
        turns = self.turns(stage)
        asked = workers(self.profile, stage) if services is None else services
        turn = next((t for t in turns if set(asked) <= set(t.working)), None)
        turn = turn or self._alone(stage, asked)
        if turn is None:
            parts = "; ".join(", ".join(t.working) for t in turns)
            raise DoesNotFit(
                f"{stage}: {', '.join(asked)} are not awake together in {self._budget():g} GiB: "
                f"lease the turns of this stage one after the other ({parts})"
            )
        turn = self._narrowed(turn, frozenset(asked))
        turn = self._with_kept(self._as_learned(turn))
        if not turn.fits:
            self._emit("refused", stage=turn.name, sum=turn.sum(), limit_gib=turn.limit_gib)
            raise DoesNotFit(
                f"{turn.name}: {turn.sum()}, over the {turn.limit_gib:g} GiB that may be used. "
                "Choose a lighter model, offload or an API in the profile."
            )
        return turn

    def _narrowed(self, turn: Turn, asked: frozenset[str]) -> Turn:
        """Only those asked for work; others are there only if they are up already."""
        scale, residents = self.scale, list[Resident]()
        for resident in turn.residents:
            name, state = resident.service, self._controls.state(resident.service)
            if name in asked:
                residents.append(resident)
            elif resident.doing == "working" and state == "awake":
                idle = scale(name, resident.variant).idle
                residents.append(replace(resident, doing="idle", gib=idle))
            elif resident.doing != "working" and state != "stopped":
                residents.append(resident)
        return replace(turn, residents=tuple(residents))

    def _with_kept(self, turn: Turn) -> Turn:
        """Whoever is kept awake stays beside the turn, as far as there is room."""
        services, residents = self.profile.services, list(turn.residents)
        for name in sorted(self._kept - {resident.service for resident in residents}):
            families = {services[resident.service].family for resident in residents} - {""}
            idle = self.scale(name, self._controls.variant(name)).idle
            room = turn.limit_gib - sum(resident.gib for resident in residents)
            awake = self._controls.state(name) == "awake"
            if awake and idle <= room and services[name].family not in families:
                residents.append(Resident(name, "idle", idle))
        return replace(turn, residents=tuple(residents))

    # --- leasing ---

    def keep(self, services: Collection[str]) -> None:
        """Leave these awake, and the card ours, when a lease of them ends; no others any more.

        Lets those go that were kept and are no longer, once nobody holds a lease.
        """
        maker, wanted, ticket = self._maker, frozenset(services), object()
        if maker is None:
            return
        with self._line:
            if wanted >= self._kept:
                self._kept = wanted
                return
            self._queue.append(ticket)
            try:
                while self._active is not None or self._queue[0] is not ticket:
                    self._line.wait()
                for service in sorted(self._kept - wanted):
                    maker.release(service)
                self._kept = wanted
                if not wanted:
                    self._lock.release()
            finally:
                self._queue.remove(ticket)
                self._line.notify_all()

    @contextmanager
    def lease(self, stage: Stage, services: tuple[str, ...] | None = None) -> Generator[Lease]:
        """Hold the card for a stage, or for those of its services that one turn names.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        if not workers(self.profile, stage) or self._maker is None:
            # Nothing of ours works on a card: nobody waits for anybody.
            yield Lease(self, Turn(stage, (), 0.0), self._terms.clock.now())
            return
        turn = self._choose(stage, services)
        lease, keep = self._enter(turn), frozenset[str]()
        try:
            yield lease
        except Exception:
            raise
        except BaseException:
            # Ctrl-C: a server would finish its picture before it sleeps, and nobody wants to
            # wait for that. Whoever started the servers stops them.
            keep = frozenset(lease.services)
            raise
        finally:
            self._leave(lease, keep | self._kept)

    def _enter(self, turn: Turn) -> Lease:
        held: Lease | None = getattr(self._mine, "lease", None)
        if held is not None and not set(turn.working) <= set(held.services):
            raise RuntimeError(
                f"this thread holds the lease of {held.turn.name} and asks for {turn.name}: "
                "leave the first one before"
            )
        ticket = object()
        with self._line:
            self._queue.append(ticket)
            try:
                while not self._may_enter(ticket, turn):
                    self._line.wait()
                lease = self._active
                if lease is None:
                    lease = self._active = Lease(self, turn, self._terms.clock.now())
                lease.users += 1
                first = not lease.ready
            finally:
                self._queue.remove(ticket)
                self._line.notify_all()
        if first:
            try:
                self._open(lease)
            except BaseException:
                self._free()
                raise
        self._mine.lease, self._mine.depth = lease, getattr(self._mine, "depth", 0) + 1
        return lease

    def _may_enter(self, ticket: object, turn: Turn) -> bool:
        if self._active is None:
            return self._queue[0] is ticket
        return self._active.ready and set(turn.working) <= set(self._active.services)

    def _open(self, lease: Lease) -> None:
        maker = self._maker
        assert maker is not None
        self._lock.acquire(lambda: self._emit("wait", stage=lease.turn.name, reason="another run"))
        self.tend()
        maker.prepare(lease.turn, self.scale)
        now = maker.measure(self.scale)
        self._emit(
            "granted",
            stage=lease.turn.name,
            services=list(lease.services),
            predicted_gib=lease.predicted_gib,
            budget_gib=maker.budget,
            used_gib=round(now.sample.used, 2),
            foreign_gib=round(now.foreign, 2),
            foreign=[h.name for h in now.strangers],
        )
        with self._line:
            lease.ready = True
            self._line.notify_all()
        if self._terms.sample_every_s > 0:
            lease.watch(self._terms.sample_every_s)

    def _leave(self, lease: Lease, keep: frozenset[str]) -> None:
        self._mine.depth -= 1
        if self._mine.depth == 0:
            self._mine.lease = None
        with self._line:
            lease.users -= 1
            if lease.users:
                return
            lease.ready = False
        try:
            self._close(lease, keep)
        finally:
            self._free()

    def _free(self) -> None:
        """Nobody holds the card any more; to other runs it is free if nothing is kept on it."""
        with self._line:
            self._active = None
            if not self._kept:
                self._lock.release()
            self._line.notify_all()

    def _close(self, lease: Lease, keep: frozenset[str]) -> None:
        maker = self._maker
        assert maker is not None
        lease.unwatch()
        with suppress(RendererError):
            self.sample(lease)
            if self._learning is not None:
                self._learning.record(lease.services, lease.peaks, lease.last)
        self._emit(
            "released",
            stage=lease.turn.name,
            predicted_gib=lease.predicted_gib,
            measured_gib=round(lease.measured_gib, 2),
            seconds=round(self._terms.clock.now() - lease.began, 2),
        )
        for service in lease.services:
            if service not in keep:
                maker.release(service)

    # --- during a lease ---

    def sample(self, lease: Lease) -> Sample | None:
        if self._maker is None:
            return None
        now = self._maker.measure(self.scale)
        ours = sum(now.held.values()) if now.exact else now.sample.used
        if ours > lease.measured_gib + 0.25:
            self._emit(
                "sample",
                stage=lease.turn.name,
                used_gib=round(now.sample.used, 2),
                ours_gib=round(ours, 2),
                held={name: round(gib, 2) for name, gib in now.held.items()},
            )
        lease.measured_gib = max(lease.measured_gib, ours)
        if now.exact:
            for name in lease.services:
                held = now.held.get(name, 0.0)
                lease.peaks[name], lease.last[name] = max(lease.peaks.get(name, 0.0), held), held
        return now.sample

    def tend(self) -> None:
        """Start again what died though it should be awake."""
        for name in self._controls.tend():
            self._emit("restarted", service=name)

    def ensure(self, service: str) -> None:
        self.tend()
        if self._controls.state(service) != "awake":
            raise Unavailable(f"{service} is {self._controls.state(service)} and did not come back")

    def attempt(
        self,
        lease: Lease,
        service: str,
        request: Request,
        run: Callable[[Request], T],
        shrink: Callable[[Request], Request | None],
    ) -> T:
        return self._attempts.make(frozenset(lease.services), service, request, run, shrink)
