"""The models of a batch: kept on the card from the first film of a stage to the last.

Each film leases what it needs by itself, and only while it needs it. The batch says what is
not to be let go in between (`Broker.keep`), so that a stage loads a model once however many
films go through it. A film that asks for more than its stage was thought to need gets it in
turn like everybody.

Knows: brokers, which stages of the card a stage of a film means. Does not know: films that
wait, services.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from storyboard.batch.floor import STAGES, Stage
from storyboard.batch.making import Work
from storyboard.core.events import EventLog
from storyboard.gpu.broker import Broker
from storyboard.gpu.forecast import workers
from storyboard.gpu.session import needs_card, open_broker
from storyboard.graph.folder import RunFolder
from storyboard.plan import Plan, load_plan
from storyboard.profile import Profile, load_profile
from storyboard.profile import Stage as CardStage


@dataclass
class _Open:
    """The broker that is open, and what it keeps for the stage under way."""

    key: tuple[str, tuple[str, ...]]
    profile: Profile
    broker: Broker
    closing: ExitStack
    stage: Stage = "plan"
    kept: frozenset[str] = frozenset()


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

    def ready(self, work: Work) -> Broker | None:
        """The broker for a film's stage, told what the stage uses; None: the batch has none.

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
                now.kept |= _used(profile, "finish", None)
                now.broker.keep(now.kept)
                return now.broker
            if not needs_card(profile):
                return None
            if now is None or now.key != key:
                # One card serves one broker of this process at a time.
                self._close()
                now = self._open = self._opened(key, profile)
            if work.stage != now.stage:
                now.stage, now.kept = work.stage, now.kept & _used(profile, "finish", None)
            path = RunFolder(work.folder).plan
            plan = load_plan(path) if path.is_file() else None
            now.kept |= _used(profile, work.stage, plan)
            now.broker.keep(now.kept)
            return now.broker

    def over(self, stage: Stage) -> None:
        """The last film is through a stage: keep nothing but what the next one uses, too."""
        with self._lock:
            now = self._open
            if now is not None and now.stage == stage:
                after = STAGES[min(STAGES.index(stage) + 1, len(STAGES) - 1)]
                now.kept &= _used(now.profile, after, None) | _used(now.profile, "finish", None)
                now.broker.keep(now.kept)

    def _opened(self, key: tuple[str, tuple[str, ...]], profile: Profile) -> _Open:
        with ExitStack() as stack:
            broker = stack.enter_context(open_broker(profile, EventLog(self._log)))
            return _Open(key, profile, broker, stack.pop_all())

    def _close(self) -> None:
        if self._open is not None:
            closing, self._open = self._open, None
            # Stopped by whoever started them; until then the card is kept from other runs.
            with closing.closing:
                closing.broker.keep(())


def _used(profile: Profile, stage: Stage, plan: Plan | None) -> frozenset[str]:
    """Services that work in a stage of a film."""
    stages = card_stages(stage, plan)
    if stage == "dialogue":
        # Where a talking head's lips stand still, a video model is asked.
        stages = (*stages, *card_stages("clips", plan))
    return frozenset(name for s in stages for name in workers(profile, s, plan))


def card_stages(stage: Stage, plan: Plan | None) -> tuple[CardStage, ...]:
    """The stages of the card in which a stage of a film works."""
    judged = plan is not None and plan.judging is not None
    stages: dict[Stage, tuple[CardStage, ...]] = {
        "plan": ("plan",),
        "images": ("images",) if judged else ("finals",),
        "speech": ("speech",),
        "dialogue": ("dialogue",),
        "clips": ("clips",),
        # A reviewer of the profile's own; whatever else is done then needs no model.
        "finish": ("review",),
    }
    return stages[stage]
