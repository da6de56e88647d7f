"""Which services a step needs, and the right to use them while it runs.

A step says which backends do its work (`Step.uses`), the profile says by which service each
of these works: so it follows what must be awake. Steps that fit on the card together share a
lease; where they do not, the work falls into waves by itself (all draws, then all verdicts).

Knows: steps, the profile's sections, the broker. Does not know: order, caches, workers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, get_args

from renderers.base import JSON
from renderers.errors import Unavailable
from storyboard import profile as profiles
from storyboard.gpu.broker import Broker, Lease
from storyboard.graph.steps import Step
from storyboard.profile import Profile, Section
from storyboard.profile.stages import stages_of

T = TypeVar("T")
_REVIVALS = 2
"""How often a step is tried again whose server died under it."""


@dataclass(frozen=True, slots=True)
class Need:
    """What must be awake for a step: services, in one of these stages of the card."""

    stages: frozenset[profiles.Stage]
    services: tuple[str, ...]

    @classmethod
    def of(cls, step: Step, profile: Profile) -> Need | None:
        """None for a step that needs nothing of a card.

        Raises:
            ValueError: the step uses a backend that the profile has no section for.
        """
        stages, services = frozenset(get_args(profiles.Stage)), list[str]()
        for path in step.uses.split():
            service = _section(profile, path, step).service
            if service is not None:
                stages &= stages_of(path) & frozenset(profile.services[service].serves)
                services.append(service)
        if not services:
            return None
        if not stages:
            raise ValueError(f"{step.name}: no stage is served by all of {', '.join(services)}")
        return cls(stages, tuple(dict.fromkeys(services)))


def _section(profile: Profile, path: str, step: Step) -> Section:
    if path == "judge":
        return profile.judging
    found = dict(profile.sections()).get(path)
    if found is None:
        raise ValueError(f"{step.name} uses {path}, which profile {profile.name} does not have")
    return found


class Held:
    """The services that are ours to use now."""

    def __init__(self, lease: Lease, stage: profiles.Stage) -> None:
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
                return self._lease.attempt(need.services[0], request, lambda _: work())
            except Unavailable:
                if not left:
                    raise
                for service in need.services:
                    self._lease.ensure(service)
        raise AssertionError("unreachable")


class Leases:
    """Hands out the card to the steps of one film."""

    def __init__(self, profile: Profile, broker: Callable[[], Broker]) -> None:
        """`broker` is asked for when the first lease is."""
        self._profile, self._broker = profile, broker

    def need(self, step: Step) -> Need | None:
        return Need.of(step, self._profile)

    def plan(self, work: Callable[[], T]) -> T:
        """`work()` with whatever plans awake.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        service = self._profile.chat.service
        if service is None:
            return work()
        need = Need(frozenset({"plan"}), (service,))
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

    def share(self, first: Need, others: Sequence[Need]) -> tuple[profiles.Stage, tuple[str, ...]]:
        """The stage to lease, and as many services of the waiting needs as fit together."""
        # Pictures can be drawn in two stages: with those who judge them while anybody still
        # does, otherwise as finals.
        stage = max(
            first.stages,
            key=lambda s: (sum(s in n.stages for n in others), profiles.STAGES.index(s)),
        )
        services = first.services
        for need in others:
            more = tuple(dict.fromkeys((*services, *need.services)))
            if stage in need.stages and self._broker().together(stage, more):
                services = more
        return stage, services
