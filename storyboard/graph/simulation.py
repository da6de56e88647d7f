"""What films would load and take, before anything runs: the scheduler's own choice, on paper.

Every film offers its next step as a run would, `choose` says whose is next, and a card of sums
keeps count: whoever was never up, or was stopped, is loaded; whoever sleeps is woken. Alone, a
film is a run of its own that stops its servers at its end; together, only the first of a stage
finds nobody there.

Knows: steps as seconds and needs, seconds of loading. Does not know: stores, clocks, threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf

from storyboard.gpu.forecast import (
    Residency,
    Resident,
    Scale,
    profile_scale,
    stage_residencies,
)
from storyboard.graph.checkpoints import checkpoints
from storyboard.graph.explain import StepForecast
from storyboard.graph.leases import share
from storyboard.graph.policy import LAST, Awake, Pair, choose
from storyboard.graph.steps import Graph
from storyboard.plan.stages import CHECKPOINTS, CardStage, Checkpoint
from storyboard.profile import Profile
from storyboard.profile.needs import Need, review_need


@dataclass(frozen=True, slots=True)
class StepAhead:
    """A step that is to be made."""

    name: str
    stage: Checkpoint
    seconds: float = 0.0
    """Models being there."""
    need: Need | None = None
    after: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FilmAhead:
    """What is to be made of one film, each step after all it needs."""

    profile: Profile
    steps: tuple[StepAhead, ...]
    key: str = ""
    """Films of one key share their services."""
    unknown: int = 0
    """Steps of kinds that were never timed; they count nothing."""
    budget_gib: float | None = None
    """Of the card; None: as the profile says."""
    scale: Scale | None = None
    """What its services weigh; None: as the profile says."""

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        return tuple(step.need for step in self.steps if step.need)

    def seconds(self, stage: Checkpoint) -> float:
        return sum(step.seconds for step in self.steps if step.stage == stage)

    @property
    def sleepers(self) -> set[str]:
        """Services that sleep when they are released; the others are stopped."""
        return {name for name, s in self.profile.services.items() if s.release[0] != "stop"}

    def residencies(self, stage: CardStage, services: tuple[str, ...]) -> tuple[Residency, ...]:
        """These on its card: all of them in one residency where they fit together."""
        gpu = self.profile.gpu
        budget = (gpu.budget_gib or inf) if self.budget_gib is None else self.budget_gib
        limit = max(0.0, budget - gpu.margin_gib)
        return stage_residencies(
            self.profile, stage, limit, needs=self.needs, scale=self.scale, only=services
        )

    def together(self, stage: CardStage, services: tuple[str, ...]) -> bool:
        residencies = self.residencies(stage, services)
        return len(residencies) == 1 and residencies[0].fits


def ahead(
    profile: Profile,
    parts: Iterable[tuple[Graph, Iterable[StepForecast]]],
    key: str = "",
    *,
    reviewed: bool = True,
) -> FilmAhead:
    """What is to be made of a film, as far as is expected, by what `explain` told of its steps, and
    of those of the films that are made with it; its review counts too, unless it is `reviewed`."""
    steps, unknown = list[StepAhead](), 0
    for number, (graph, told) in enumerate(parts):
        stages, seconds = checkpoints(graph), {s.step: s.seconds for s in told if not s.cached}
        own = {
            step.name: f"{number}/{step.name}" if number else step.name
            for step in graph.steps
            if step.name in seconds and not step.fallback
        }
        for s in graph.steps:
            if s.name in own:
                # What it has in common with the film is made there.
                after = frozenset(own.get(name, name) for name in s.upstream)
                took = seconds[s.name]
                steps.append(StepAhead(own[s.name], stages[s.name], took or 0.0, s.requires, after))
                unknown += took is None
    if not reviewed and (review := review_need(profile)) is not None:
        steps.append(StepAhead("review", "finish", need=review))
    return FilmAhead(profile, tuple(steps), key, unknown)


def whole(
    profile: Profile, graph: Graph, *, budget_gib: float | None = None, scale: Scale | None = None
) -> FilmAhead:
    """All of a film and its review, as if nothing were made and every step of use."""
    stages, review = checkpoints(graph), review_need(profile)
    steps = [
        StepAhead(s.name, stages[s.name], need=s.requires, after=s.upstream) for s in graph.steps
    ]
    if review is not None:
        steps.append(StepAhead("review", "finish", need=review, after=frozenset(stages)))
    return FilmAhead(profile, tuple(steps), budget_gib=budget_gib, scale=scale)


@dataclass(frozen=True, slots=True)
class LoadTimes:
    """Median seconds by service, as measured; nothing for those never timed."""

    start: Mapping[str, float] = field(default_factory=dict[str, float])
    wake: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class SimulatedRun:
    """What films would take."""

    loads: Mapping[str, int]
    """By service, how often it is read from the disk."""
    wakes: Mapping[str, int]
    """By service, how often it is only woken."""
    work_seconds: float
    load_seconds: float
    """Of loading and of waking."""
    hidden_seconds: float
    """Of all that, what is done beside: other films' stages, and loading ahead."""
    peak_gib: float
    residencies: tuple[Residency, ...] = ()
    """Who is on the card together, in this order."""

    @property
    def seconds(self) -> float:
        return self.work_seconds + self.load_seconds - self.hidden_seconds


class _Card:
    """Who is on the card, and what bringing them there took."""

    def __init__(self, times: LoadTimes) -> None:
        self._times = times
        self.loads, self.wakes = Counter[str](), Counter[str]()
        self.peak = 0.0
        self.residencies: list[Residency] = []
        """What was held, each residency as whoever was there made it."""
        self.clear()

    @property
    def awake(self) -> Awake:
        return Awake(self._key, frozenset(self._awake))

    def clear(self, key: str = "") -> None:
        """All servers are stopped; from now on those of another profile are started."""
        self._key, self._awake, self._asleep = key, set[str](), set[str]()

    def take(
        self, film: FilmAhead, residency: Residency, soon: Collection[str], spare: float | None
    ) -> tuple[float, float]:
        """Seconds of loading until all who work in the residency are awake, and those of them that
        the film waits: those who are `soon` needed are loaded in the `spare` ones before, where there is
        room for them beside whoever works then; None: they are not loaded ahead."""
        if film.key != self._key:
            self.clear(film.key)
        wanted, seconds, hidden = set(residency.working), 0.0, 0.0
        for service in sorted(wanted - self._awake):
            if service in self._asleep:
                self.wakes[service] += 1
                seconds += self._times.wake.get(service, 0.0)
            else:
                self.loads[service] += 1
                took = self._times.start.get(service, 0.0)
                seconds += took
                if spare is None or service not in soon:
                    continue
                if self._beside(film, residency, service):
                    hidden += min(took, spare - hidden)
        staying = {r.service for r in residency.residents if r.doing != "asleep"}
        gone = self._awake - wanted - staying
        self._asleep = (self._asleep | (gone & film.sleepers)) - wanted
        self._awake = wanted | (self._awake & staying)
        there = tuple(
            r
            for r in residency.residents
            if r.service in (self._asleep if r.doing == "asleep" else self._awake)
        )
        held = replace(residency, residents=there)
        self.residencies.append(held)
        self.peak = max(self.peak, held.peak_gib)
        return seconds, seconds - hidden

    def _beside(self, film: FilmAhead, residency: Residency, service: str) -> bool:
        """Put a service of the next residency beside the one before, as `Planner.ahead` would."""
        if not self._awake or not film.profile.gpu.loads_ahead:
            return False
        last, services = self.residencies[-1], film.profile.services
        there = {*self._awake, *self._asleep}
        families = {services[name].family for name in there - {service}} - {""}
        variant = next(r.variant for r in residency.residents if r.service == service)
        weight = (film.scale or profile_scale(film.profile))(service, variant)
        idle = Resident.of(service, "idle", weight, variant)
        if not services[service].launch or services[service].family in families:
            return False
        if idle.gib > last.limit_gib - last.peak_gib:
            return False
        self.residencies[-1] = replace(last, residents=(*last.residents, idle))
        self.peak = max(self.peak, self.residencies[-1].peak_gib)
        return True


class _FilmProgress:
    """Where one film stands."""

    def __init__(self, ahead: FilmAhead, pair: Pair) -> None:
        self.ahead, self._pair = ahead, pair
        self._left = {step.name: step for step in ahead.steps}
        self.stage, self.through = 0, 0.0
        """The stage at which it stands, and since when."""
        self._move()

    @property
    def pair(self) -> Pair:
        return replace(self._pair, stage=self.stage, need=next(iter(self.needs), None))

    @property
    def needs(self) -> list[Need]:
        """What its steps of this stage need that could begin now, and what those after need."""
        here = [step for step in self._here() if step.need]
        ready = [step for step in here if self._is_ready(step)]
        return [step.need for step in (*ready, *here) if step.need]

    @property
    def done(self) -> bool:
        return not self._left

    def make(self, stage: CardStage | None = None, services: tuple[str, ...] = ()) -> float:
        """Seconds of all that can be made of its stage while these services are awake."""
        seconds, awake = 0.0, frozenset(services)
        for step in self._here():
            need = step.need
            served = need is None or (stage in need.stages and awake.issuperset(need.services))
            if served and self._is_ready(step):
                del self._left[step.name]
                seconds += step.seconds
        self._move()
        return seconds

    def _here(self) -> list[StepAhead]:
        return [step for step in self._left.values() if step.stage == CHECKPOINTS[self.stage]]

    def _is_ready(self, step: StepAhead) -> bool:
        return step.after.isdisjoint(self._left)

    def _move(self) -> None:
        while self.stage < LAST and not self._here():
            self.stage += 1


def simulate(
    films: Sequence[FilmAhead], times: LoadTimes, group: int | None = None, *, alone: bool = False
) -> SimulatedRun:
    """All films in one run, `group` of them at a time, each put together beside the stages of
    others. `alone`: a run a film."""
    card = _Card(times)
    runs = [[film] for film in films] if alone else [films]
    walked = [_walk(run, card, group, beside=not alone) for run in runs]
    work = sum(step.seconds for film in films for step in film.steps)
    loading = sum(loads for loads, _ in walked)
    hidden = work + loading - sum(seconds for _, seconds in walked)
    peak = round(card.peak, 2)
    residencies = tuple(dict.fromkeys(card.residencies))
    return SimulatedRun(
        dict(card.loads), dict(card.wakes), work, loading, hidden, peak, residencies
    )


def _walk(
    films: Sequence[FilmAhead], card: _Card, group: int | None, *, beside: bool
) -> tuple[float, float]:
    """Seconds of loading in one run, and all that it takes."""
    card.clear()
    keys = list(dict.fromkeys(film.key for film in films))
    going: dict[str, _FilmProgress] = {}
    for n, film in enumerate(films):
        own, order = n // group if group else 0, keys.index(film.key)
        going[str(n)] = _FilmProgress(
            film, Pair(str(n), n, group=own, profile=film.key, order=order)
        )
    clock = free_again = loading = spare = 0.0
    while going:
        chosen = choose([film.pair for film in going.values()], card.awake)
        assert chosen is not None, "on paper, all are ready"
        film, aside = going[chosen.film], beside and chosen.stage == LAST
        seconds = film.make()
        if aside:
            # It begins when those before are put together, and it has come so far.
            free_again, seconds = max(free_again, film.through) + seconds, 0.0
        clock += seconds
        if film.stage == chosen.stage and (needs := film.needs):
            stage, services = share(needs[0], needs, film.ahead.together)
            # Of several films, another's may be next.
            before = spare + seconds if len(going) == 1 else None
            residencies = film.ahead.residencies(stage, services)
            takes = [card.take(film.ahead, t, needs[0].services, before) for t in residencies]
            loading += sum(load for load, _ in takes)
            spare = film.make(stage, services)
            waits = sum(waited for _, waited in takes)
            clock = max(clock, free_again if aside else 0.0) + waits + spare
        film.through = clock
        if film.done:
            del going[chosen.film]
    return loading, max(clock, free_again)
