"""What a batch would load and take: stage-major against film-major, before anything runs.

A walk over the turns of the card (`storyboard.gpu.forecast`): each turn says who must be on
it. Whoever was never up, or was stopped, is loaded; whoever sleeps is woken. Film by film,
every film is a run of its own that stops its servers at its end; stage by stage, only the
first film of a stage finds nobody there.

Knows: turns, seconds of work and of loading. Does not know: the queue, stores, clocks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from storyboard.batch.stages import STAGES, Stage
from storyboard.gpu.forecast import Turn

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
    profile: str = ""
    """Films of one profile share its services."""
    sleepers: frozenset[str] = frozenset()
    """Services that sleep when they are let go; the others are stopped."""


@dataclass(frozen=True, slots=True)
class LoadTimes:
    """Median seconds by service, as measured; nothing for those never timed."""

    start: Mapping[str, float] = field(default_factory=dict[str, float])
    wake: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Forecast:
    """What an order of stages would take."""

    loads: Mapping[str, int]
    """By service, how often it is read from the disk."""
    wakes: Mapping[str, int]
    """By service, how often it is only woken."""
    work_seconds: float
    load_seconds: float
    """Of loading and of waking."""
    hidden_seconds: float
    """Of the work, what is done beside other stages."""
    peak_gib: float

    @property
    def seconds(self) -> float:
        return self.work_seconds + self.load_seconds - self.hidden_seconds


def film_major(films: Sequence[FilmWork]) -> Order:
    """One film after the other."""
    return tuple((film, stage) for film in range(len(films)) for stage in STAGES)


def stage_major(films: Sequence[FilmWork], group: int | None = None) -> Order:
    """One stage after the other, for all films of a profile or for `group` films at a time."""
    profiles = list(dict.fromkeys(film.profile for film in films))
    lots: dict[tuple[int, int], list[int]] = {}
    for number, film in enumerate(films):
        lot = (number // group if group else 0, profiles.index(film.profile))
        lots.setdefault(lot, []).append(number)
    return tuple((film, stage) for lot in sorted(lots) for stage in STAGES for film in lots[lot])


class _Card:
    """Who is on the card, and what bringing them there took."""

    def __init__(self, times: LoadTimes) -> None:
        self._times = times
        self.loads, self.wakes = Counter[str](), Counter[str]()
        self.peak = 0.0
        self._awake, self._asleep = set[str](), set[str]()

    def clear(self) -> None:
        """All servers are stopped."""
        self._awake, self._asleep = set[str](), set[str]()

    def take(self, turn: Turn, sleepers: frozenset[str]) -> float:
        """Seconds until all who work in the turn are awake."""
        wanted, seconds = set(turn.working), 0.0
        for service in sorted(wanted - self._awake):
            if service in self._asleep:
                self.wakes[service] += 1
                seconds += self._times.wake.get(service, 0.0)
            else:
                self.loads[service] += 1
                seconds += self._times.start.get(service, 0.0)
        staying = {r.service for r in turn.residents if r.doing != "asleep"}
        gone = self._awake - wanted - staying
        self._asleep = (self._asleep | (gone & sleepers)) - wanted
        self._awake = wanted | (self._awake & staying)
        there = [
            r.gib
            for r in turn.residents
            if r.service in (self._asleep if r.doing == "asleep" else self._awake)
        ]
        self.peak = max(self.peak, sum(there))
        return seconds


def forecast(
    films: Sequence[FilmWork], order: Order, times: LoadTimes, *, beside: bool = True
) -> Forecast:
    """Walk through `order`. `beside`: all in one run, in which films are put together beside
    the stages of others; else a run a film."""
    card = _Card(times)
    clock = free_again = loading = work = 0.0
    there: tuple[str, int] | None = None
    through = [0.0] * len(films)
    for number, stage in order:
        film = films[number]
        took = film.seconds.get(stage, 0.0)
        work += took
        run, seconds = (film.profile, 0 if beside else number), 0.0
        for turn in film.turns.get(stage, ()):
            if there != run:
                card.clear()
                there = run
            seconds += card.take(turn, film.sleepers)
        loading += seconds
        if stage == "finish" and beside:
            # A lane of its own: it begins when it is free and the film has come so far.
            free_again = max(free_again, through[number]) + seconds + took
            continue
        clock += seconds + took
        through[number] = clock
    end = max(clock, free_again)
    return Forecast(
        dict(card.loads),
        dict(card.wakes),
        work,
        loading,
        work + loading - end,
        round(card.peak, 2),
    )
