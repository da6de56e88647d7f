"""A run of steps that only use services, on a simulated card.

    stage = Stage(folder, load_profile("rtx6000-96gb"), 96.0)
    stage.make(stage.step("draw", "image"), stage.step("judge", "judge", "draw"))

Knows: leases, the runner, a simulated card. Does not know: films.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from simulated_card import SimulatedCard, SimulatedServices, VirtualClock

from storyboard.core import events
from storyboard.gpu.broker import Broker, EvictionTerms
from storyboard.gpu.forecast import profile_scale
from storyboard.gpu.log import log_to
from storyboard.graph.leases import Leases
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import From, Graph, Step, StepContext
from storyboard.graph.store import Store
from storyboard.profile import Profile
from storyboard.profile.needs import Need, need_of


def use(context: StepContext) -> None:
    """Work with what the parameter names, and note who was resident."""
    context.backends.use(context.params["services"])
    context.outputs["out"].write_text(" ".join(context.params["services"]))


@dataclass
class Stage:
    """A run folder, a simulated card with its servers, and what was seen."""

    root: Path
    profile: Profile
    total: float
    resident: list[frozenset[str]] = field(default_factory=list[frozenset[str]])
    mishaps: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    """Done before each use, one after the other."""
    seen: list[events.Event] = field(default_factory=list[events.Event])
    opened: int = 0
    to_come: Sequence[Need] = ()
    """What steps will need that are not in the graph."""

    def __post_init__(self) -> None:
        clock = VirtualClock()
        self.card = SimulatedCard(self.total, clock)
        self.services = SimulatedServices(self.profile, self.card, profile_scale(self.profile))
        self.log = events.EventLog(self.root / "events.jsonl", self.seen.append)
        self.broker = Broker(
            self.profile,
            self.card,
            self.services,
            terms=EvictionTerms(clock=clock, sample_every_s=0.0),
            emit=log_to(self.log),
        )

    def use(self, services: list[str]) -> None:
        if self.mishaps:
            self.mishaps.pop(0)()
        awake = {n for n in self.profile.services if self.services.state(n) == "awake"}
        self.resident.append(frozenset(awake))
        for service in services:
            self.services.work(service)

    def step(self, name: str, uses: str, *inputs: str, **changes: Any) -> Step:
        need = need_of(self.profile, uses, name)
        fields: dict[str, Any] = {
            "stage": "images",
            "kind": "test.use",
            "action": use,
            "version": 1,
            "params": {"name": name, "services": list(need.services) if need else []},
            "inputs": {source: From(source, "out") for source in inputs},
            "outputs": {"out": f"{name}.txt"},
            "uses": uses,
            "requires": need,
        }
        return Step(name=name, **{**fields, **changes})

    def make(self, *steps: Step) -> None:
        self.seen.clear()

        def ask() -> Broker:
            self.opened += 1
            return self.broker

        leases = Leases(self.profile, ask)
        run = RunContext(
            self.root,
            Store(self.root / ".store"),
            self.log,
            self,
            leases=leases,
            to_come=lambda: self.to_come,
        )
        run_graph(Graph(steps), run)

    def told(self, what: str) -> list[dict[str, Any]]:
        return [asdict(event) for event in self.seen if event.kind == f"vram.{what}"]

    @property
    def ran(self) -> list[str]:
        return [e.step for e in self.seen if isinstance(e, events.StepStarted)]
