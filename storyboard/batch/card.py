"""The models of a batch: kept on the card from the first film of a stage to the last.

Each film leases what it needs by itself, and only while it needs it. The batch says what is
not to be let go in between (`Broker.keep`), so that a stage loads a model once however many
films go through it. A film that asks for more than its stage was thought to need gets it in
turn like everybody.

Knows: brokers, what the stages of films need. Does not know: films that wait, services.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from storyboard.batch.making import Work
from storyboard.batch.stages import STAGES, Stage, needs_by_stage
from storyboard.core.events import EventLog
from storyboard.gpu.broker import Broker
from storyboard.gpu.session import needs_card, open_broker
from storyboard.graph.steps import Graph
from storyboard.profile import Profile, load_profile


@dataclass
class _Open:
    """The broker that is open, and what it keeps for the stage under way."""

    key: tuple[str, tuple[str, ...]]
    broker: Broker
    closing: ExitStack
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


class Cards:
    """The card of a batch, by the profile of the film that works. Use as a context manager."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._open: _Open | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._close()

    def ready(self, work: Work, graph: Graph | None) -> Broker | None:
        """The broker for a film's stage, told what the stage uses; None: the batch has none.
        `graph` is the film's, if its plan is written.

        Raises:
            StoryboardError, RendererError: the card cannot be measured.
        """
        profile = load_profile(work.entry.profile, work.overrides)
        key = (work.entry.profile, work.overrides)
        with self._lock:
            now = self._open
            if work.stage == "finish":
                # Beside the stages that use models: whoever works in those has the say.
                if now is None or now.key != key:
                    return None
                now.learn(profile, graph)
                now.kept |= now.using("finish")
                now.broker.keep(now.kept)
                return now.broker
            if not needs_card(profile):
                return None
            if now is None or now.key != key:
                # One card serves one broker of this process at a time.
                self._close()
                now = self._open = self._opened(key, profile)
            now.learn(profile, graph)
            if work.stage != now.stage:
                now.stage, now.kept = work.stage, now.kept & now.using("finish")
            now.kept |= now.using(work.stage)
            now.broker.keep(now.kept)
            return now.broker

    def over(self, stage: Stage) -> None:
        """The last film is through a stage: keep nothing but what the next one uses, too."""
        with self._lock:
            now = self._open
            if now is not None and now.stage == stage:
                after = STAGES[min(STAGES.index(stage) + 1, len(STAGES) - 1)]
                now.kept &= now.using(after) | now.using("finish")
                now.broker.keep(now.kept)

    def _opened(self, key: tuple[str, tuple[str, ...]], profile: Profile) -> _Open:
        with ExitStack() as stack:
            broker = stack.enter_context(open_broker(profile, EventLog(self._log)))
            return _Open(key, broker, stack.pop_all())

    def _close(self) -> None:
        if self._open is not None:
            closing, self._open = self._open, None
            # Stopped by whoever started them; until then the card is kept from other runs.
            with closing.closing:
                closing.broker.keep(())
