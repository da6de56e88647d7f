"""The models of a batch: kept on the card from the first film of a stage to the last.

Each film leases what it needs by itself, and only while it needs it. The batch says what is
not to be let go in between (`Broker.keep`), so that a stage loads a model once however many
films go through it. A film that asks for more than its stage was thought to need gets it in
turn like everybody.

Knows: brokers, what the stages of films need. Does not know: films that wait, services.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from storyboard.batch.making import Work
from storyboard.batch.stages import STAGES, Stage, needs_by_stage
from storyboard.gpu.broker import Broker
from storyboard.gpu.session import needs_card
from storyboard.graph.session import Session
from storyboard.graph.steps import Graph
from storyboard.profile import Profile, load_profile


@dataclass
class _Open:
    """The broker of the profile under way, and what it keeps for the stage under way."""

    key: tuple[str, tuple[str, ...]]
    broker: Broker
    stage: Stage = "plan"
    kept: frozenset[str] = frozenset()
    used: dict[Stage, frozenset[str]] = field(default_factory=dict[Stage, frozenset[str]])
    """By stage, what the films that came so far use."""

    def learn(self, profile: Profile, graph: Graph | None) -> None:
        """Take note of what a film uses."""
        for stage, needs in needs_by_stage(profile, graph).items():
            services = frozenset(name for need in needs for name in need.services)
            self.used[stage] = self.used.get(stage, frozenset()) | services

    def using(self, stage: Stage) -> frozenset[str]:
        return self.used.get(stage, frozenset())

    def keep(self, services: frozenset[str]) -> None:
        self.kept = services
        self.broker.keep(services)


class Cards:
    """The card of a batch's session, by the profile of the film that works."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: _Open | None = None
        self._lock = threading.Lock()

    def ready(self, work: Work, graph: Graph | None) -> None:
        """Have the card kept for a film's stage. `graph` is the film's, if its plan is written.

        Raises:
            StoryboardError, RendererError: the card cannot be measured.
        """
        profile = load_profile(work.entry.profile, work.overrides)
        key = (work.entry.profile, work.overrides)
        with self._lock:
            now = self._open
            if work.stage == "finish":
                # Beside the stages that use models: whoever works in those has the say.
                if now is not None and now.key == key:
                    now.learn(profile, graph)
                    now.keep(now.kept | now.using("finish"))
                return
            if not needs_card(profile):
                return
            if now is None or now.key != key:
                now = self._open = _Open(key, self._session.hold(profile))
            now.learn(profile, graph)
            if work.stage != now.stage:
                now.stage, now.kept = work.stage, now.kept & now.using("finish")
            now.keep(now.kept | now.using(work.stage))

    def over(self, stage: Stage) -> None:
        """The last film is through a stage: keep nothing but what the next one uses, too."""
        with self._lock:
            now = self._open
            if now is not None and now.stage == stage:
                after = STAGES[min(STAGES.index(stage) + 1, len(STAGES) - 1)]
                now.keep(now.kept & (now.using(after) | now.using("finish")))
