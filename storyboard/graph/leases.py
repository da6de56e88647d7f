"""The right to use services while steps that require them run.

Steps that fit on the card together share a lease; where they do not, the work falls into waves
by itself (all draws, then all verdicts). Whose lease is next, the scheduler says.

Knows: needs, the broker. Does not know: steps, order, caches, workers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from renderers.base import JSON
from renderers.errors import Unavailable
from storyboard.gpu.broker import Broker, Lease
from storyboard.graph.scheduler import Scheduler
from storyboard.plan.stages import CardStage
from storyboard.profile import Profile
from storyboard.profile.needs import Need, need_of, stage_of

T = TypeVar("T")
_REVIVALS = 2
"""How often a step is tried again whose server died under it."""


class ActiveLease:
    """The services that are ours to use now."""

    def __init__(self, lease: Lease, stage: CardStage) -> None:
        self._lease, self.stage = lease, stage

    def covers(self, need: Need) -> bool:
        return self.stage in need.stages and set(need.services) <= set(self._lease.services)

    def perform(self, need: Need, request: dict[str, JSON], work: Callable[[], T]) -> T:
        """`work()`, with its servers brought back if they die and never twice into the same
        full card. `request` says what the work is.

        Raises:
            DoesNotFit: it ran out of memory and nothing is left to try.
        """
        for left in range(_REVIVALS, -1, -1):
            try:
                return self._lease.attempt(need.services[0], request, work)
            except Unavailable:
                if not left:
                    raise
                for service in need.services:
                    self._lease.ensure(service)
        raise AssertionError("unreachable")


class Leases:
    """Hands out the card to the work of one film."""

    def __init__(
        self,
        profile: Profile,
        broker: Callable[[], Broker],
        scheduler: Scheduler | None = None,
        film: str = "",
        key: str = "",
    ) -> None:
        """`broker` is asked for when the first lease is. To the scheduler, all leases of this
        `film` are one's, and profiles of one `key` have the same services."""
        self._profile, self._broker = profile, broker
        self._scheduler, self._film, self._key = scheduler or Scheduler(), film, key
        self._ahead = frozenset[str]()
        """What is loaded for the next lease while one goes on."""

    def perform(self, uses: str, work: Callable[[], T]) -> T:
        """`work()`, which is no step, with what these sections of the profile need awake.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        need = need_of(self._profile, uses)
        if need is None:
            return work()
        with self.hold(need) as held:
            return held.perform(need, {"step": uses}, work)

    @contextmanager
    def hold(
        self,
        first: Need,
        waiting: Callable[[], Sequence[Need]] = lambda: (),
        rest: Callable[[], None] = lambda: None,
    ) -> Generator[ActiveLease]:
        """The card for `first`, and for those of the film's `waiting` needs that fit beside it.
        `rest` is called where other films go first. What others still need stays awake at the end.
        Meanwhile what the film itself needs next is loaded, where there is room for both.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up. Whatever the
            scheduler's gate does.
        """
        with self._scheduler.card(self._film, self._key, first, rest):
            broker, others = self._broker(), waiting()
            stay = partial(self._scheduler.stay, self._film)
            loaded = self._ahead
            broker.keep(stay(broker.awake, (first, *others), begins=True)[1] | loaded)
            stage, services = share(first, others, broker.together)
            with broker.lease(stage, services) as lease:
                self._ahead = self._begin_next(broker, lease.services, others)
                yield ActiveLease(lease, stage)
                left = waiting()
                before, after = stay(broker.awake, left)
                broker.keep(before | after | loaded | self._ahead)
                # Nobody comes for it where the plan failed.
                self._ahead &= {name for need in left for name in need.services}
            broker.keep(after | self._ahead)

    def _begin_next(
        self, broker: Broker, services: Sequence[str], others: Sequence[Need]
    ) -> frozenset[str]:
        """Begin to load what the film needs after a lease of these. Among other films that is nobody's
        to say: theirs may go first."""
        following = next((n for n in others if not set(n.services) <= {*services}), None)
        if following is None or not self._scheduler.alone(self._film):
            return frozenset()
        return broker.ahead(stage_of(following, others), following.services)


def share(
    first: Need, others: Sequence[Need], together: Callable[[CardStage, tuple[str, ...]], bool]
) -> tuple[CardStage, tuple[str, ...]]:
    """The stage to lease for a need, and as many services of the others as are awake `together`
    in it."""
    stage = stage_of(first, others)
    services = first.services
    for need in others:
        more = tuple(dict.fromkeys((*services, *need.services)))
        if stage in need.stages and together(stage, more):
            services = more
    return stage, services
