"""The right to use services while steps that require them run.

Steps that fit on the card together share a lease; where they do not, the work falls into waves
by itself (all draws, then all verdicts).

Knows: needs, the broker. Does not know: steps, order, caches, workers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TypeVar

from renderers.base import JSON
from renderers.errors import Unavailable
from storyboard.gpu.broker import Broker, Lease
from storyboard.profile import Profile, Stage
from storyboard.profile.needs import Need, need_of, stage_of

T = TypeVar("T")
_REVIVALS = 2
"""How often a step is tried again whose server died under it."""


class Held:
    """The services that are ours to use now."""

    def __init__(self, lease: Lease, stage: Stage) -> None:
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

    def __init__(self, profile: Profile, broker: Callable[[], Broker]) -> None:
        """`broker` is asked for when the first lease is."""
        self._profile, self._broker = profile, broker

    def plan(self, work: Callable[[], T]) -> T:
        """`work()` with whatever plans awake.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        need = need_of(self._profile, "chat" if self._profile.prompter is None else "chat prompter")
        if need is None:
            return work()
        with self.hold(need) as held:
            return held.perform(need, {"step": "plan"}, work)

    @contextmanager
    def hold(self, first: Need, others: Iterable[Need] = ()) -> Generator[Held]:
        """The card for `first`, and for those of `others` that fit beside it.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        stage, services = self.share(first, tuple(others))
        with self._broker().lease(stage, services) as lease:
            yield Held(lease, stage)

    def share(self, first: Need, others: Sequence[Need]) -> tuple[Stage, tuple[str, ...]]:
        """The stage to lease, and as many services of the waiting needs as fit together."""
        stage = stage_of(first, others)
        services = first.services
        for need in others:
            more = tuple(dict.fromkeys((*services, *need.services)))
            if stage in need.stages and self._broker().together(stage, more):
                services = more
        return stage, services
