"""What a batch would load and take: stage-major against film-major, before anything runs.

A walk over the turns of the card (`storyboard.vram.forecast`): each turn says who must be on
it; whoever is not there yet is loaded. Film by film, every stage finds the card as the last
one left it; stage by stage, only the first film of a stage does.

Knows: turns, seconds of work and of loading. Does not know: the queue, stores, clocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storyboard.batch.floor import STAGES, Stage
from storyboard.vram.forecast import Turn

Order = tuple[tuple[int, Stage], ...]
"""Which film's stage comes after which."""


@dataclass(frozen=True, slots=True)
class FilmWork:
    """What one film would take."""

    seconds: Mapping[Stage, float]
    """Seconds of work by stage, models being there."""
    turns: Mapping[Stage, tuple[Turn, ...]] = field(default_factory=dict[Stage, tuple[Turn, ...]])
    """Who must be on the card; nothing for a stage that needs no card."""
    unknown: int = 0
    """Steps of kinds that were never timed; they count nothing."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an order of stages would take."""

    loads: Mapping[str, int]
    """By service, how often it is loaded."""
    work_seconds: float
    load_seconds: float
    hidden_seconds: float
    """Of the work, what is done beside the next stage."""
    peak_gib: float

    @property
    def seconds(self) -> float:
        return self.work_seconds + self.load_seconds - self.hidden_seconds


def film_major(count: int) -> Order:
    """One film after the other."""
    return tuple((film, stage) for film in range(count) for stage in STAGES)


def stage_major(count: int, group: int | None = None) -> Order:
    """One stage after the other, for all films or for `group` of them at a time."""
    size = group or max(1, count)
    return tuple(
        (film, stage)
        for first in range(0, count, size)
        for stage in STAGES
        for film in range(first, min(first + size, count))
    )


def forecast(
    films: Sequence[FilmWork],
    order: Order,
    load_seconds: Mapping[str, float],
    *,
    beside: bool = True,
) -> Forecast:
    """Walk through `order`. `beside`: films are put together while the next stage runs."""
    loads: Counter[str] = Counter()
    there: set[str] = set()
    clock = free_again = loading = peak = work = 0.0
    for film, stage in order:
        took = films[film].seconds.get(stage, 0.0)
        work += took
        for turn in films[film].turns.get(stage, ()):
            wanted = {
                resident.service for resident in turn.residents if resident.doing == "working"
            }
            for service in sorted(wanted - there):
                loads[service] += 1
                clock += load_seconds.get(service, 0.0)
                loading += load_seconds.get(service, 0.0)
            may_stay = {resident.service for resident in turn.residents}
            there = wanted | (there & may_stay)
            peak = max(peak, sum(r.gib for r in turn.residents if r.service in there))
        if stage == "finish" and beside:
            # A lane of its own: it begins when it is free and the film has come so far.
            free_again = max(free_again, clock) + took
        else:
            clock += took
    end = max(clock, free_again)
    return Forecast(dict(loads), work, loading, work + loading - end, round(peak, 2))
