"""What a run will need of the card, stage by stage, before anything is started.

A stage is one or more *residencies*: sets of services that are awake together. When all that work
in a stage fit at once there is one residency. When they do not, what merely stays idle is released
first, a service that does not fit even alone runs in its lighter variant, and what still
does not fit together takes turns, a residency each (draw all, judge all, mend those that failed). Only what
cannot be helped so is refused, with the sum that shows why.

Knows: profiles, needs, sums. Does not know: the card, processes, time. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from storyboard.profile import CARD_STAGES, CardStage, Profile
from storyboard.profile.needs import Need, needs_of, services_in

Doing = Literal["working", "idle", "asleep"]


@dataclass(frozen=True, slots=True)
class Weight:
    """GiB that a service holds: idle, at its peak, and asleep."""

    idle: float
    peak: float
    asleep: float = 0.0
    measured: frozenset[str] = frozenset()
    """Which of these were measured on this machine, not taken from the profile."""


Scale = Callable[[str, str], Weight]
"""(service, variant or "") → weight."""


def profile_scale(profile: Profile) -> Scale:
    """The weights that the profile itself states."""

    def weigh(name: str, variant: str) -> Weight:
        service = profile.services[name]
        for lighter in service.variants:
            if lighter.name == variant:
                return Weight(lighter.idle_gib, lighter.peak_gib, service.asleep_gib)
        return Weight(service.idle_gib, service.peak_gib, service.asleep_gib)

    return weigh


@dataclass(frozen=True, slots=True)
class Resident:
    """One service on the card during a residency."""

    service: str
    doing: Doing
    gib: float
    variant: str = ""
    measured: bool = False
    """The figure was measured on this machine, not taken from the profile."""

    @classmethod
    def of(cls, service: str, doing: Doing, weight: Weight, variant: str = "") -> Resident:
        """As heavy as it is while it does that."""
        figure = "peak" if doing == "working" else doing
        gib: float = getattr(weight, figure)
        return cls(service, doing, gib, variant, figure in weight.measured)

    def __str__(self) -> str:
        name = f"{self.service} ({self.variant})" if self.variant else self.service
        return name if self.doing == "working" else f"{name} {self.doing}"


@dataclass(frozen=True, slots=True)
class Residency:
    """Services that are on the card together during a stage, or a part of one."""

    stage: str
    """A `CardStage`, or the name of a sum that is none."""
    residents: tuple[Resident, ...]
    limit_gib: float
    """Budget less margin."""
    part: int = 1
    parts: int = 1

    @property
    def name(self) -> str:
        return self.stage if self.parts == 1 else f"{self.stage} ({self.part} of {self.parts})"

    @property
    def peak_gib(self) -> float:
        return round(sum(r.gib for r in self.residents), 3)

    @property
    def fits(self) -> bool:
        return self.peak_gib <= self.limit_gib

    @property
    def working(self) -> tuple[str, ...]:
        return tuple(r.service for r in self.residents if r.doing == "working")

    def sum(self) -> str:
        """The sum as people write it: `planner 38 + images 33 = 71 GiB`."""
        terms = " + ".join(f"{r} {r.gib:g}" for r in self.residents) or "nothing"
        return f"{terms} = {self.peak_gib:g} GiB"


@dataclass(frozen=True, slots=True)
class CardForecast:
    """All residencies of a run, in order, and the sums the profile wants known (`together`)."""

    profile: str
    budget_gib: float
    residencies: tuple[Residency, ...]
    together: tuple[Residency, ...] = ()

    @property
    def fits(self) -> bool:
        return all(residency.fits for residency in self.residencies)

    def refusals(self) -> tuple[str, ...]:
        """One line for each residency that does not fit, with its sum."""
        return tuple(
            f"{residency.name}: {residency.sum()}, over the {residency.limit_gib:g} GiB that may be used "
            f"of {self.budget_gib:g}"
            for residency in self.residencies
            if not residency.fits
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "budget_gib": self.budget_gib,
            "stages": [_residency_json(residency) for residency in self.residencies],
            "together": [_residency_json(residency) for residency in self.together],
            "fits": self.fits,
        }


def _residency_json(residency: Residency) -> dict[str, Any]:
    return {
        "name": residency.name,
        "peak_gib": residency.peak_gib,
        "residents": [asdict(r) for r in residency.residents],
        "fits": residency.fits,
    }


# --- who is needed ----------------------------------------------------------


def workers(
    profile: Profile, stage: CardStage, needs: Iterable[Need] | None = None
) -> tuple[str, ...]:
    """Names of the services that must be awake in a stage, in the order they are needed; where
    no film's `needs` are given, of those that any film may need."""
    return services_in(stage, needs_of(profile) if needs is None else needs)


# --- what fits --------------------------------------------------------------


def _lightest_that_fits(profile: Profile, scale: Scale, name: str, limit: float) -> Resident:
    """The service in its first variant that fits alone, or the lightest when none does."""
    choices = ["", *(variant.name for variant in profile.services[name].variants)]
    weighed = [Resident.of(name, "working", scale(name, v), v) for v in choices]
    return next((r for r in weighed if r.gib <= limit), min(weighed, key=lambda r: r.gib))


def _pack(profile: Profile, working: Sequence[Resident], limit: float) -> list[list[Resident]]:
    """First fit: services share a residency while they fit and no two are of one family."""
    residencies: list[list[Resident]] = []
    for resident in working:
        family = profile.services[resident.service].family
        for residency in residencies:
            related = family and any(
                profile.services[r.service].family == family for r in residency
            )
            if not related and sum(r.gib for r in (*residency, resident)) <= limit:
                residency.append(resident)
                break
        else:
            residencies.append([resident])
    return residencies


def _staying(
    profile: Profile, residency: Sequence[Resident], idlers: Iterable[Resident], limit: float
) -> list[Resident]:
    """Those of `idlers` that may stay beside `residency`: the heaviest are released first."""
    families = {profile.services[r.service].family for r in residency} - {""}
    staying = [r for r in idlers if profile.services[r.service].family not in families]
    while staying and sum(r.gib for r in (*residency, *staying)) > limit:
        staying.remove(max(staying, key=lambda r: r.gib))
    return staying


def stage_residencies(
    profile: Profile,
    stage: CardStage,
    limit_gib: float,
    *,
    needs: Sequence[Need] | None = None,
    scale: Scale | None = None,
    only: tuple[str, ...] | None = None,
) -> tuple[Residency, ...]:
    """The residencies of one stage under a limit (budget less margin); of `only` these, if given."""
    weigh = scale or profile_scale(profile)
    names = workers(profile, stage, needs) if only is None else only
    working = [_lightest_that_fits(profile, weigh, name, limit_gib) for name in names]
    used = {n for s in CARD_STAGES for n in workers(profile, s, needs)}
    earlier = {
        n for s in CARD_STAGES[: CARD_STAGES.index(stage)] for n in workers(profile, s, needs)
    }
    idlers: list[Resident] = []
    for name, service in profile.services.items():
        if name in used and name not in names:
            weight = weigh(name, "")
            if stage in service.stays:
                idlers.append(Resident.of(name, "idle", weight))
            elif name in earlier and weight.asleep and service.release[0] != "stop":
                idlers.append(Resident.of(name, "asleep", weight))
    packed = _pack(profile, working, limit_gib) or [[]]
    return tuple(
        Residency(
            stage,
            (*residency, *_staying(profile, residency, idlers, limit_gib)),
            limit_gib,
            part,
            len(packed),
        )
        for part, residency in enumerate(packed, start=1)
    )


def hold_together(
    profile: Profile, name: str, limit_gib: float, scale: Scale | None = None
) -> Residency:
    """A set of the profile's `together` table as one residency, nobody released."""
    weigh, group = scale or profile_scale(profile), profile.together[name]
    residents = [
        *(Resident.of(n, "working", weigh(n, "")) for n in group.peak),
        *(Resident.of(n, "idle", weigh(n, "")) for n in group.idle),
    ]
    return Residency(name, tuple(residents), limit_gib)


def card_forecast(
    profile: Profile,
    *,
    budget_gib: float | None = None,
    needs: Sequence[Need] | None = None,
    scale: Scale | None = None,
    stages: Sequence[CardStage] = CARD_STAGES,
) -> CardForecast:
    """Every residency of the given stages. The budget is the profile's unless stated, in GiB."""
    budget = (profile.gpu.budget_gib or 0.0) if budget_gib is None else budget_gib
    limit = max(0.0, budget - profile.gpu.margin_gib)
    residencies = [
        residency
        for stage in stages
        for residency in stage_residencies(profile, stage, limit, needs=needs, scale=scale)
    ]
    together = tuple(hold_together(profile, name, limit, scale) for name in profile.together)
    return CardForecast(profile.name, budget, tuple(residencies), together)


def forecast_changes(seen: CardForecast, free: CardForecast) -> tuple[str, ...]:
    """How a forecast departs from that of a card without a limit: turns, variants, releases."""
    unbound: dict[str, list[Residency]] = {}
    for residency in free.residencies:
        unbound.setdefault(residency.stage, []).append(residency)
    told: list[str] = []
    for stage, wide in unbound.items():
        residencies = [residency for residency in seen.residencies if residency.stage == stage]
        if len(residencies) > len(wide):
            told.append(
                f"{stage}: in turns: " + ", then ".join(" + ".join(t.working) for t in residencies)
            )
        for residency in residencies:
            told += [
                f"{stage}: {r.service} runs as {r.variant}"
                for r in residency.residents
                if r.variant
            ]
        idle = {r.service for residency in wide for r in residency.residents if r.doing == "idle"}
        left = idle - {r.service for residency in residencies for r in residency.residents}
        if left:
            told.append(f"{stage}: released although it might stay: {', '.join(sorted(left))}")
    return tuple(told)
