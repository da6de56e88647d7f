"""What a run will need of the card, stage by stage, before anything is started.

A stage is one or more *turns*: sets of services that are awake together. When all that work
in a stage fit at once there is one turn. When they do not, what merely stays idle is let go
first, a service that does not fit even alone runs in its lighter variant, and what still
does not fit together takes turns (draw all, judge all, mend those that failed). Only what
cannot be helped so is refused, with the sum that shows why.

Knows: profiles, needs, sums. Does not know: the card, processes, time. Pure functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from storyboard.profile import STAGES, Profile, Stage
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
    """One service on the card during a turn."""

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
class Turn:
    """Services that are on the card together during a stage, or a part of one."""

    stage: str
    """A `Stage`, or the name of a sum that is none."""
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
class Forecast:
    """All turns of a run, in order, and the sums the profile wants known (`together`)."""

    profile: str
    budget_gib: float
    turns: tuple[Turn, ...]
    together: tuple[Turn, ...] = ()

    @property
    def fits(self) -> bool:
        return all(turn.fits for turn in self.turns)

    def refusals(self) -> tuple[str, ...]:
        """One line for each turn that does not fit, with its sum."""
        return tuple(
            f"{turn.name}: {turn.sum()}, over the {turn.limit_gib:g} GiB that may be used "
            f"of {self.budget_gib:g}"
            for turn in self.turns
            if not turn.fits
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "budget_gib": self.budget_gib,
            "stages": [_turn_json(turn) for turn in self.turns],
            "together": [_turn_json(turn) for turn in self.together],
            "fits": self.fits,
        }


def _turn_json(turn: Turn) -> dict[str, Any]:
    return {
        "name": turn.name,
        "peak_gib": turn.peak_gib,
        "residents": [
            {
                "service": r.service,
                "doing": r.doing,
                "gib": r.gib,
                "variant": r.variant,
                "measured": r.measured,
            }
            for r in turn.residents
        ],
        "fits": turn.fits,
    }


# --- who is needed ----------------------------------------------------------


def workers(profile: Profile, stage: Stage, needs: Iterable[Need] | None = None) -> tuple[str, ...]:
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
    """First fit: services share a turn while they fit and no two are of one family."""
    turns: list[list[Resident]] = []
    for resident in working:
        family = profile.services[resident.service].family
        for turn in turns:
            related = family and any(profile.services[r.service].family == family for r in turn)
            if not related and sum(r.gib for r in (*turn, resident)) <= limit:
                turn.append(resident)
                break
        else:
            turns.append([resident])
    return turns


def _staying(
    profile: Profile, turn: Sequence[Resident], idlers: Iterable[Resident], limit: float
) -> list[Resident]:
    """Those of `idlers` that may stay beside `turn`: the heaviest are let go first."""
    families = {profile.services[r.service].family for r in turn} - {""}
    staying = [r for r in idlers if profile.services[r.service].family not in families]
    while staying and sum(r.gib for r in (*turn, *staying)) > limit:
        staying.remove(max(staying, key=lambda r: r.gib))
    return staying


def stage_turns(
    profile: Profile,
    stage: Stage,
    limit_gib: float,
    *,
    needs: Sequence[Need] | None = None,
    scale: Scale | None = None,
    only: tuple[str, ...] | None = None,
) -> tuple[Turn, ...]:
    """The turns of one stage under a limit (budget less margin); of `only` these, if given."""
    weigh = scale or profile_scale(profile)
    names = workers(profile, stage, needs) if only is None else only
    working = [_lightest_that_fits(profile, weigh, name, limit_gib) for name in names]
    used = {n for s in STAGES for n in workers(profile, s, needs)}
    earlier = {n for s in STAGES[: STAGES.index(stage)] for n in workers(profile, s, needs)}
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
        Turn(
            stage,
            (*turn, *_staying(profile, turn, idlers, limit_gib)),
            limit_gib,
            part,
            len(packed),
        )
        for part, turn in enumerate(packed, start=1)
    )


def hold_together(
    profile: Profile, name: str, limit_gib: float, scale: Scale | None = None
) -> Turn:
    """A set of the profile's `together` table as one turn, nobody let go."""
    weigh, group = scale or profile_scale(profile), profile.together[name]
    residents = [
        *(Resident.of(n, "working", weigh(n, "")) for n in group.peak),
        *(Resident.of(n, "idle", weigh(n, "")) for n in group.idle),
    ]
    return Turn(name, tuple(residents), limit_gib)


def forecast(
    profile: Profile,
    *,
    budget_gib: float | None = None,
    needs: Sequence[Need] | None = None,
    scale: Scale | None = None,
    stages: Sequence[Stage] = STAGES,
) -> Forecast:
    """Every turn of the given stages. The budget is the profile's unless stated, in GiB."""
    budget = (profile.gpu.budget_gib or 0.0) if budget_gib is None else budget_gib
    limit = max(0.0, budget - profile.gpu.margin_gib)
    turns = [
        turn
        for stage in stages
        for turn in stage_turns(profile, stage, limit, needs=needs, scale=scale)
    ]
    together = tuple(hold_together(profile, name, limit, scale) for name in profile.together)
    return Forecast(profile.name, budget, tuple(turns), together)


def changes(seen: Forecast, free: Forecast) -> tuple[str, ...]:
    """How a forecast departs from that of a card without a limit: turns, variants, let go."""
    unbound: dict[str, list[Turn]] = {}
    for turn in free.turns:
        unbound.setdefault(turn.stage, []).append(turn)
    told: list[str] = []
    for stage, wide in unbound.items():
        turns = [turn for turn in seen.turns if turn.stage == stage]
        if len(turns) > len(wide):
            told.append(
                f"{stage}: in turns: " + ", then ".join(" + ".join(t.working) for t in turns)
            )
        for turn in turns:
            told += [
                f"{stage}: {r.service} runs as {r.variant}" for r in turn.residents if r.variant
            ]
        idle = {r.service for turn in wide for r in turn.residents if r.doing == "idle"}
        left = idle - {r.service for turn in turns for r in turn.residents}
        if left:
            told.append(f"{stage}: let go although it might stay: {', '.join(sorted(left))}")
    return tuple(told)
