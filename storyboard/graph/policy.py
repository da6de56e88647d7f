"""Whose step goes next: whoever somebody waits for first, then stay with the services that are
awake, then the earliest stage, then the oldest film. Films that go through the stages together,
waves of draws and verdicts on a small card, rounds in which many films are mended: all follow from
that order.

Knows: films and steps as pairs, who is awake. Does not know: threads, clocks, queues.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from storyboard.plan.stages import CHECKPOINTS
from storyboard.profile.needs import Need

LAST = len(CHECKPOINTS) - 1
"""Films are put together there."""


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
    waiting = (pair for pair in pairs if pair.ready and pair.stage == LAST)
    return min(waiting, key=lambda pair: (*pair.cohort, pair.tries, pair.rank), default=None)


def _turn(pair: Pair, awake: Awake) -> tuple[int, ...]:
    wave, group, order = pair.cohort
    stays = awake.serves(pair)
    # What is put together goes on beside: models that nobody else has awake wait until the others
    # are through theirs. Yet whoever may have to be mended holds up the next wave.
    late = 0 if stays or pair.stage != LAST else 1 if pair.ready else 2
    # Whoever is on its way, or has not said what it needs, may use who is awake: no change before.
    known = pair.ready + (pair.need is not None) if awake.services else 0
    place = (order, not stays, pair.stage, known, pair.tries, pair.rank)
    return not pair.urgent, wave, late, group, *place
