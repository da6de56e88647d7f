"""The models of a batch: kept on the card from the first film of a stage to the last.

Each film leases what it needs by itself; the batch holds a lease around those of a whole
stage, so that nothing is let go in between. It does so only where one lease serves the
whole stage: what is used in waves is leased film by film.

Knows: brokers, leases, which stages of the card a stage of a film means. Does not know: films
that wait, services.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from storyboard.batch.floor import Stage
from storyboard.batch.making import Work
from storyboard.events import EventLog
from storyboard.folder import RunFolder
from storyboard.plan import Plan, load_plan
from storyboard.profile import Profile, load_profile
from storyboard.profile import Stage as CardStage
from storyboard.vram.broker import Broker
from storyboard.vram.forecast import workers
from storyboard.vram.session import needs_card, open_broker


class _Hold:
    """A lease held by a thread of its own, since leases belong to threads."""

    def __init__(self, broker: Broker, stage: CardStage, services: tuple[str, ...]) -> None:
        self.key = (id(broker), stage, services)
        self._given, self._end = threading.Event(), threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(
            target=self._run, args=(broker, stage, services), name=f"holding {stage}", daemon=True
        )
        self._thread.start()

    def _run(self, broker: Broker, stage: CardStage, services: tuple[str, ...]) -> None:
        try:
            with broker.lease(stage, services):
                self._given.set()
                self._end.wait()
        except BaseException as error:  # noqa: BLE001 - the border of a thread: told in `wait`
            self._error = error
        finally:
            self._given.set()

    def wait(self) -> None:
        self._given.wait()
        if self._error is not None:
            raise self._error

    def end(self) -> None:
        self._end.set()
        self._thread.join()


class Cards:
    """The brokers of a batch, one a profile, and what is held now. Use as a context manager."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._open = ExitStack()
        self._brokers: dict[tuple[str, tuple[str, ...]], tuple[Profile, Broker]] = {}
        self._hold: _Hold | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._open.close()

    def ready(self, work: Work) -> Broker | None:
        """The broker for a film's stage, with what the stage needs held; None: no card.

        Raises:
            StoryboardError, RendererError: as of a lease.
        """
        profile = load_profile(work.entry.profile, work.overrides)
        if not needs_card(profile):
            return None
        key = (work.entry.profile, work.overrides)
        with self._lock:
            if key not in self._brokers:
                # One card serves one broker of this process at a time.
                self._end_hold()
                opened = self._open.enter_context(open_broker(profile, EventLog(self._log)))
                self._brokers[key] = (profile, opened)
            broker = self._brokers[key][1]
            if work.stage != "finish":
                self._keep(broker, profile, work)
        return broker

    def let_go(self) -> None:
        """Hold nothing any more: the stage is over."""
        with self._lock:
            self._end_hold()

    def _keep(self, broker: Broker, profile: Profile, work: Work) -> None:
        wanted = _whole(profile, work, broker)
        if self._hold is not None and (
            wanted is None or self._hold.key != (id(broker), wanted[0], wanted[1])
        ):
            self._end_hold()
        if wanted is not None and self._hold is None:
            self._hold = _Hold(broker, *wanted)
            try:
                self._hold.wait()
            except BaseException:
                self._hold = None
                raise

    def _end_hold(self) -> None:
        if self._hold is not None:
            self._hold.end()
            self._hold = None


def _whole(
    profile: Profile, work: Work, broker: Broker
) -> tuple[CardStage, tuple[str, ...]] | None:
    """The one lease that serves a stage of a film; None where it takes several, or none."""
    path = RunFolder(work.folder).plan
    plan = load_plan(path) if path.is_file() else None
    used: list[CardStage] = [s for s in card_stages(work.stage, plan) if workers(profile, s, plan)]
    if len(used) != 1:
        return None
    services = workers(profile, used[0], plan)
    return (used[0], services) if broker.together(used[0], services) else None


def card_stages(stage: Stage, plan: Plan | None) -> tuple[CardStage, ...]:
    """The stages of the card in which a stage of a film works."""
    judged = plan is not None and plan.judging is not None
    stages: dict[Stage, tuple[CardStage, ...]] = {
        "plan": ("plan",),
        "images": ("images",) if judged else ("finals",),
        "speech": ("speech",),
        "dialogue": ("dialogue",),
        "clips": ("clips",),
        "finish": (),
    }
    return stages[stage]
