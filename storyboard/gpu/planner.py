"""What to do next so that services may work on a card: from what is seen to a list of actions.

Pure: nothing is measured, waited for or changed here. Whoever carries the actions out looks
again afterwards and asks again, until there is nothing left to do but to grant. Services are
released gently first (sleep, unload, stop), and firmly only if the measured memory does not
come free.

Knows: residency sets, states, release levels, sums. Does not know: threads, clocks, how a
service is moved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from storyboard.gpu.card import Holder, Sample
from storyboard.gpu.forecast import Residency, Resident, Scale, stage_residencies, workers
from storyboard.gpu.services.controls import State
from storyboard.profile import CardStage, Profile, ReleaseLevel

NOTHING = 0.05
"""GiB below which a process holds nothing worth releasing."""
_LEAKED = 1.0
"""GiB above its idle weight from which a service that works is started anew for room."""


# --- what is seen ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service of ours as it is."""

    state: State
    variant: str = ""
    gib: float = 0.0
    """What it holds."""


@dataclass(frozen=True, slots=True)
class CardState:
    """One measurement of the card, ours told apart from external processes."""

    sample: Sample
    budget: float
    """GiB that may be used: the profile's, or what the card has if that is less."""
    services: Mapping[str, ServiceState]
    """Those that run."""
    exact: bool = True
    """Told by the driver by process; otherwise ours are taken at their stated weight."""
    external: tuple[Holder, ...] = ()

    def state(self, service: str) -> State:
        found = self.services.get(service)
        return found.state if found else "stopped"

    def gib(self, service: str) -> float:
        found = self.services.get(service)
        return found.gib if found else 0.0

    @property
    def ours(self) -> float:
        """GiB that are ours."""
        return sum(service.gib for service in self.services.values())

    @property
    def others(self) -> float:
        """GiB that are not."""
        return max(0.0, self.sample.used - self.ours)

    def describe(self) -> str:
        mine = [f"{name} {s.gib:.1f}" for name, s in self.services.items() if s.gib > NOTHING]
        theirs = [
            f"{h.name} (pid {h.pid}, not ours)" + (f" {h.gib:.1f}" if h.gib is not None else "")
            for h in self.external
            if h.gib is None or h.gib > NOTHING
        ]
        return ", ".join([*mine, *theirs]) or "nothing"


@dataclass(frozen=True, slots=True)
class ReleaseProgress:
    """What was done so far to make room."""

    levels: Mapping[str, int]
    """By service, the last release level that was tried, as its place in the profile."""
    since_release_s: float
    waited_s: float
    """For memory that does not come free, since the last thing that could be done about it."""


# --- what may be done --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Release:
    service: str
    level: ReleaseLevel
    leaked: bool = False
    """It works, and holds more than it should."""


@dataclass(frozen=True, slots=True)
class Wake:
    service: str
    variant: str


@dataclass(frozen=True, slots=True)
class Start:
    service: str
    variant: str


@dataclass(frozen=True, slots=True)
class Wait:
    """For memory to come free."""

    missing_gib: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """No more can be done."""

    missing_gib: float


Action = Release | Wake | Start | Wait | Refuse


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans for one profile; `scale` weighs its services."""

    profile: Profile
    scale: Scale
    settle_s: float = 20.0
    """After a release, until the next level."""
    patience_s: float = 180.0
    """For memory that others hold, before the residency is refused."""

    # --- who works, and who stays beside ---

    def residencies(
        self, stage: CardStage, budget: float, only: tuple[str, ...] | None = None
    ) -> tuple[Residency, ...]:
        """The residencies of a stage in a budget. One: all its services are awake together."""
        limit = max(0.0, budget - self.profile.gpu.margin_gib)
        return stage_residencies(self.profile, stage, limit, scale=self.scale, only=only)

    def residency_of(
        self, stage: CardStage, services: tuple[str, ...] | None, budget: float
    ) -> Residency | tuple[Residency, ...]:
        """The residency in which these services work (None: all of the stage); where they are never
        awake together, the residencies that they would have to take."""
        residencies = self.residencies(stage, budget)
        asked = workers(self.profile, stage) if services is None else services
        residency = next((t for t in residencies if set(asked) <= set(t.working)), None)
        if residency is None:
            alone = self.residencies(stage, budget, asked)
            residency = alone[0] if len(alone) == 1 else None
        return residencies if residency is None else residency

    def narrowed(self, residency: Residency, asked: Collection[str], card: CardState) -> Residency:
        """Only those asked for work; others are there only if they are up already."""
        residents = list[Resident]()
        for resident in residency.residents:
            name, state = resident.service, card.state(resident.service)
            if name in asked:
                residents.append(resident)
            elif resident.doing == "working" and state == "awake":
                idle = self.scale(name, resident.variant).idle
                residents.append(replace(resident, doing="idle", gib=idle))
            elif resident.doing != "working" and state != "stopped":
                residents.append(resident)
        return replace(residency, residents=tuple(residents))

    def with_kept(self, residency: Residency, kept: Collection[str], card: CardState) -> Residency:
        """Whoever is kept awake stays beside the residency, as far as there is room."""
        residents = list(residency.residents)
        for name in sorted(set(kept) - {resident.service for resident in residents}):
            there = card.services.get(name)
            if there is None or there.state != "awake":
                continue
            idle = self.scale(name, there.variant).idle
            room = residency.limit_gib - sum(resident.gib for resident in residents)
            if idle <= room and not self._related(name, [r.service for r in residents]):
                residents.append(Resident(name, "idle", idle))
        return replace(residency, residents=tuple(residents))

    def ahead(
        self, residency: Residency, after: Residency, services: Collection[str], card: CardState
    ) -> tuple[Resident, ...]:
        """Those of these workers of the residency `after` this one that can be started beside it, idle:
        there is room for all of it, in sums and as measured, and nobody is released for them."""
        room = min(residency.limit_gib - residency.peak_gib, -self.shortfall(residency, card))
        found = list[Resident]()
        if not self.profile.gpu.loads_ahead:
            return ()
        for each in after.residents:
            name, others = each.service, {*card.services, *residency.working}
            ours = (
                name in services and each.doing == "working" and self.profile.services[name].launch
            )
            if not ours or card.state(name) != "stopped" or self._related(name, others - {name}):
                continue
            idle = Resident.of(name, "idle", self.scale(name, each.variant), each.variant)
            if idle.gib <= room:
                found.append(idle)
                room -= idle.gib
        return tuple(found)

    def in_variants(self, residency: Residency, variants: Mapping[str, str]) -> Residency:
        """The residency with these variants of services that work in it."""
        residents = list[Resident]()
        for resident in residency.residents:
            variant = variants.get(resident.service, resident.variant)
            if resident.doing == "working" and variant != resident.variant:
                peak = self.scale(resident.service, variant).peak
                resident = replace(resident, variant=variant, gib=peak)
            residents.append(resident)
        return replace(residency, residents=tuple(residents))

    # --- from the card as it is to the residency ---

    def shortfall(self, residency: Residency, card: CardState) -> float:
        """GiB missing until every worker of the residency can reach its peak; ≤ 0: there is room."""
        room = min(card.sample.free, card.budget - card.sample.used)
        growth = sum(
            max(0.0, r.gib - card.gib(r.service))
            for r in residency.residents
            if r.doing == "working"
        )
        return growth + self.profile.gpu.margin_gib - room - 1e-6

    def next_actions(
        self, residency: Residency, card: CardState, done: ReleaseProgress
    ) -> list[Action]:
        """What brings the residency nearer; nothing: it may begin."""
        if evictions := self._evictions(residency, card, done.levels):
            return list[Action](evictions)
        missing = self.shortfall(residency, card)
        if missing > 0:
            settled = done.since_release_s >= self.settle_s
            if settled and (release := self._escalation(residency, card, done.levels)):
                return [release]
            if settled and done.waited_s >= self.patience_s:
                return [Refuse(missing)]
            return [Wait(missing)]
        working = [r for r in residency.residents if r.doing == "working"]
        return [
            (Wake if card.state(r.service) == "asleep" else Start)(r.service, r.variant)
            for r in working
            if card.state(r.service) != "awake"
        ]

    def eviction(
        self, keep: Collection[str], card: CardState, levels: Mapping[str, int]
    ) -> Release | None:
        """The next level of the heaviest service that is not in `keep`; None: all are gone."""
        heaviest = sorted(card.services, key=lambda name: -card.gib(name))
        releases = (self.next_release(n, card, levels) for n in heaviest if n not in keep)
        return next(filter(None, releases), None)

    def next_release(
        self, service: str, card: CardState, levels: Mapping[str, int]
    ) -> Release | None:
        """The next level of a service that runs; None at the last one."""
        release_levels = self.profile.services[service].release
        if card.state(service) == "stopped":
            return None
        slept = 0 if card.state(service) == "asleep" and release_levels[0] != "stop" else -1
        place = levels.get(service, slept) + 1
        return Release(service, release_levels[place]) if place < len(release_levels) else None

    def lighter(self, service: str, variant: str) -> str | None:
        """The next lighter variant; None where there is none, or it is not ours to stop."""
        record = self.profile.services[service]
        names = ["", *(v.name for v in record.variants)]
        place = names.index(variant) + 1
        return names[place] if place < len(names) and "stop" in record.release else None

    def _evictions(
        self, residency: Residency, card: CardState, levels: Mapping[str, int]
    ) -> list[Release]:
        working = {r.service: r.variant for r in residency.residents if r.doing == "working"}
        staying = {r.service for r in residency.residents} - set(working)
        found = list[Release | None]()
        for name, there in card.services.items():
            if name in working:
                if there.variant != working[name]:
                    found.append(self._stop(name, levels))
            elif self._related(name, working) or (name not in staying and there.state == "awake"):
                # One family is never resident twice, not even asleep.
                found.append(self.next_release(name, card, levels))
        return [release for release in found if release]

    def _escalation(
        self, residency: Residency, card: CardState, levels: Mapping[str, int]
    ) -> Release | None:
        """The heaviest outsider's next level; then a worker that leaks is stopped."""
        light = {name for name, there in card.services.items() if there.gib <= NOTHING}
        if release := self.eviction({*residency.working, *light}, card, levels):
            return release
        for name in residency.working:
            there = card.services.get(name)
            if there and there.gib > self.scale(name, there.variant).idle + _LEAKED:
                stop = self._stop(name, levels)
                return replace(stop, leaked=True) if stop else None
        return None

    def _stop(self, service: str, levels: Mapping[str, int]) -> Release | None:
        release_levels = self.profile.services[service].release
        if "stop" not in release_levels or levels.get(service, -1) >= release_levels.index("stop"):
            return None
        return Release(service, "stop")

    def _related(self, service: str, others: Collection[str]) -> bool:
        services = self.profile.services
        families = {services[name].family for name in others} - {""}
        return services[service].family in families
