"""What work takes, before it is done: minutes, memory of the card, dollars.

Knows: the graph's dry run, what such work took here before, the card's forecast. Does not know:
what a change is, how anything is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

from storyboard.core.errors import CapReached
from storyboard.graph.folder import RunFolder
from storyboard.graph.simulation import LoadTimes, ahead, simulate
from storyboard.graph.steps import Step
from storyboard.profile import Profile, metering
from storyboard.stages.film import DryRun
from storyboard.stages.planning import PLANNED, WORDED


@dataclass(frozen=True, slots=True)
class Cost:
    """What work takes, by what such work took here before."""

    steps: int
    seconds: float
    """Of the steps that were timed here, one after the other."""
    untimed: int
    """Steps of kinds that were never timed here."""
    gib: float
    """The most that is on the card at once; 0: it needs none."""
    budget_gib: float
    dollars: float | None
    """For language models; None: not known before it is spent."""
    cap: float | None
    """US dollars that the whole film may cost (`limits.max_cost`)."""

    @property
    def minutes(self) -> float:
        return round(self.seconds / 60, 2)

    def __str__(self) -> str:
        """In a line, for people."""
        if not self.steps:
            return "nothing to make"
        told = f"{self.steps} step{'s' * (self.steps != 1)} to make, about {self.minutes:g} min"
        if self.untimed:
            told += f" ({self.untimed} of kinds never timed here)"
        told += f", {self.gib:g} of {self.budget_gib:g} GiB on the card" if self.gib else ""
        spent = "cost not known before" if self.dollars is None else f"${self.dollars:.4f}"
        return f"{told}, {spent}" + (f", at most ${self.cap:g}" if self.cap is not None else "")

    def as_json(self) -> dict[str, Any]:
        return {
            "steps": self.steps,
            "minutes": self.minutes,
            "untimed_steps": self.untimed,
            "gib": self.gib,
            "budget_gib": self.budget_gib,
            "dollars": self.dollars,
            "max_dollars": self.cap,
            "told": str(self),
        }

    def times(self, count: int) -> Cost:
        """The same work so many times."""
        dollars = None if self.dollars is None else self.dollars * count
        return replace(
            self,
            steps=self.steps * count,
            seconds=self.seconds * count,
            untimed=self.untimed * count,
            dollars=dollars,
        )

    def refuse_above(self, minutes: float | None, dollars: float | None) -> None:
        """
        Raises:
            CapReached: it would take more than that.
        """
        if minutes is not None and self.minutes > minutes:
            raise CapReached(
                f"this would take about {self.minutes:g} minutes, over the cap of {minutes:g}: "
                "change less at once, or raise the cap"
            )
        if dollars is not None and (self.dollars or 0.0) > dollars:
            raise CapReached(
                f"this would cost about ${self.dollars:.4f}, over the cap of ${dollars:g}: "
                "change less at once, or raise the cap"
            )


def cost_of(run: DryRun) -> Cost:
    """What the steps that are not made yet take."""
    work, seconds, untimed = list[Step](), 0.0, 0
    for graph, steps in run.parts:
        todo = {step.step: step for step in steps if not step.cached}
        own = [step for step in graph.steps if step.name in todo]
        # What only mends is of use where something is not good enough: nobody knows that before.
        expected = [todo[step.name].seconds for step in own if not step.fallback]
        seconds += sum(each or 0.0 for each in expected)
        untimed += expected.count(None)
        work += own
    return Cost(
        len(work),
        round(seconds, 3),
        untimed,
        simulate([ahead(run.profile, run.parts)], LoadTimes()).peak_gib,
        run.profile.gpu.budget_gib or 0.0,
        _dollars(run, work),
        run.profile.limits.max_cost,
    )


def _dollars(run: DryRun, work: Sequence[Step]) -> float | None:
    """What the language models are paid: by what such calls cost in this film before."""
    profile = run.profile
    asked: list[str] = ["verdict" for step in work if "judge" in step.uses.split()]
    if _paid(profile, "prompting"):
        asked += ["prompts" for step in work if step.kind == WORDED]
    if _paid(profile, "chat") and any(step.kind == PLANNED for step in work):
        return None
    if not asked or not any(_paid(profile, name) for name in ("judging", "prompting")):
        return 0.0
    past = _paid_before(run.folder)
    means = {name: mean(costs) for name, costs in past.items()}
    if any(name not in means for name in asked):
        return None
    return round(sum(means[name] for name in asked), 6)


def _paid(profile: Profile, name: str) -> bool:
    section = getattr(profile, name)
    return section.backend not in ("none", "offline") and bool(
        section.input_price or section.output_price
    )


def _paid_before(folder: RunFolder) -> dict[str, list[float]]:
    """By who asked, what each question cost."""
    found: dict[str, list[float]] = {}
    for call in metering.calls_in(folder.events):
        asked = "verdict" if "/verdict-" in call.step else call.step.partition("/")[0]
        found.setdefault(asked, []).append(call.cost)
    return found
