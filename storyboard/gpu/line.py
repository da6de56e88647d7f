"""Who may use the card now, and who waits for it: one value, and what becomes of it.

Whoever asks for what is leased already joins that lease. Everybody else waits in line, and may
be overtaken by those who join only so often: then the lease runs out, and it is their residency.

Knows: residency sets, order. Does not know: threads, clocks, services.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from storyboard.gpu.forecast import Residency, Resident
from storyboard.gpu.planner import CardState

OVERTAKEN = 8
"""So often may those who join a lease pass one who waits for another. Each change of what is
resident costs seconds to minutes, so some joining is good for all."""
ALONE = frozenset({"*"})
"""What one asks for who joins nobody."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What was measured during a lease, in GiB."""

    highest: float = 0.0
    """Of the card, by our services."""
    peaks: dict[str, float] = field(default_factory=dict[str, float])
    last: dict[str, float] = field(default_factory=dict[str, float])
    """What each service held when last looked at."""

    def with_sample(self, card: CardState, services: Collection[str]) -> Usage:
        highest = max(self.highest, card.ours if card.exact else card.sample.used)
        if not card.exact:
            return replace(self, highest=highest)
        last = {name: card.gib(name) for name in services}
        peaks = {name: max(self.peaks.get(name, 0.0), gib) for name, gib in last.items()}
        return Usage(highest, {**self.peaks, **peaks}, {**self.last, **last})


@dataclass(frozen=True, slots=True)
class Active:
    """The lease that is given out."""

    residency: Residency
    began: float
    users: int = 1
    ready: bool = False
    """Its services are awake; one that is being prepared, or ends, takes nobody in."""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Waiter:
    ticket: object
    services: frozenset[str]
    overtaken: int = 0


@dataclass(frozen=True, slots=True)
class CardLine:
    active: Active | None = None
    waiting: tuple[Waiter, ...] = ()

    def joined(self, ticket: object, services: frozenset[str]) -> CardLine:
        return replace(self, waiting=(*self.waiting, Waiter(ticket, services)))

    def gone(self, ticket: object) -> CardLine:
        """Without one who waits no more."""
        return replace(self, waiting=tuple(w for w in self.waiting if w.ticket is not ticket))

    def may_enter(self, ticket: object) -> bool:
        place = next(i for i, w in enumerate(self.waiting) if w.ticket is ticket)
        if self.active is None:
            return place == 0
        before = [w for w in self.waiting[:place] if not self._shares(w)]
        fair = all(w.overtaken < OVERTAKEN for w in before)
        return self.active.ready and self._shares(self.waiting[place]) and fair

    def entered(self, ticket: object, residency: Residency, now: float) -> CardLine:
        """With one more user of the lease, who was waiting; the first begins it."""
        if self.active is None:
            return replace(self.gone(ticket), active=Active(residency, now))
        place = next(i for i, w in enumerate(self.waiting) if w.ticket is ticket)
        passed = tuple(
            w if self._shares(w) else replace(w, overtaken=w.overtaken + 1)
            for w in self.waiting[:place]
        )
        rest = self.waiting[place + 1 :]
        return replace(self.with_users(+1), waiting=(*passed, *rest))

    def with_users(self, more: int) -> CardLine:
        assert self.active is not None
        users = self.active.users + more
        active = replace(self.active, users=users, ready=self.active.ready and users > 0)
        return replace(self, active=active)

    def opened(self) -> CardLine:
        assert self.active is not None
        return replace(self, active=replace(self.active, ready=True))

    def beside(self, residents: tuple[Resident, ...]) -> CardLine:
        """With these on the card as well, beside what works."""
        assert self.active is not None
        residency = self.active.residency
        more = replace(residency, residents=(*residency.residents, *residents))
        return replace(self, active=replace(self.active, residency=more))

    def measured(self, card: CardState) -> CardLine:
        if self.active is None:
            return self
        usage = self.active.usage.with_sample(card, self.active.residency.working)
        return replace(self, active=replace(self.active, usage=usage))

    def freed(self) -> CardLine:
        return replace(self, active=None)

    def _shares(self, waiting: Waiter) -> bool:
        return self.active is not None and waiting.services <= set(self.active.residency.working)
