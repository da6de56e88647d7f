"""Carries out on one card what the planner says: release, wait for measured memory, wake, check.

A wake-up that its canary does not survive is followed by a stop and a fresh start. Nothing is
granted on a promise: the last look at the card decides.

Knows: controls, a card, a clock. Does not know: leases, stages, what is best.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from renderers.base import JSON
from renderers.errors import OutOfMemory, RendererError
from storyboard.core.errors import StoryboardError
from storyboard.gpu import events
from storyboard.gpu.card import Card, Clock, SystemClock
from storyboard.gpu.events import Emit
from storyboard.gpu.forecast import Residency, Resident, Scale, profile_scale
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.planner import (
    NOTHING,
    CardState,
    Planner,
    Refuse,
    Release,
    ReleaseProgress,
    ServiceState,
    Start,
    Wait,
    Wake,
)
from storyboard.gpu.services.controls import Controls
from storyboard.profile import Profile

T = TypeVar("T")
Request = Mapping[str, JSON]
_TRIES = 3
"""Of bringing one service up, and of starting where somebody took the memory meanwhile."""
_MORE_GIB = 1.0
"""Free memory beyond that of a failure from which another try makes sense."""


class DoesNotFit(StoryboardError):
    """A residency cannot have the memory it needs; the message shows the sum."""


@dataclass(frozen=True, slots=True)
class EvictionTerms:
    """How long to wait, and by which clock."""

    clock: Clock = field(default_factory=SystemClock)
    poll_s: float = 0.25
    settle_s: float = 20.0
    """After a release, until the next level."""
    patience_s: float = 180.0
    """For memory that others hold, before the residency is refused."""
    sample_every_s: float = 0.5
    """Between measurements during a lease; 0: only when asked."""
    lock: Path | None = None
    """File that keeps two runs on one machine from leasing the card at once."""


@dataclass
class _Preparing:
    """What one preparation has met with."""

    since: float
    told: bool = False
    tries: Counter[str] = field(default_factory=Counter[str])
    trouble: RendererError | None = None


class Evictor:
    """Brings one card from any state to one where a residency may work."""

    def __init__(
        self,
        profile: Profile,
        card: Card,
        controls: Controls,
        terms: EvictionTerms,
        *,
        emit: Emit,
        book: PeakBook | None,
    ) -> None:
        self._profile, self._card, self._controls = profile, card, controls
        self._terms, self._emit, self._book = terms, emit, book
        self._levels: dict[str, int] = {}
        self._last_release = float("-inf")
        self._failed: dict[str, float] = {}
        self.variants: dict[str, str] = {}
        """The lighter ones in which services go on that ran out of memory."""

    @property
    def scale(self) -> Scale:
        return self._book.scale(self._profile) if self._book else profile_scale(self._profile)

    @property
    def planner(self) -> Planner:
        terms = self._terms
        return Planner(self._profile, self.scale, terms.settle_s, terms.patience_s)

    @property
    def budget(self) -> float:
        """GiB that may be used: the profile's budget, or what the card has if that is less."""
        return min(self._profile.gpu.budget_gib or float("inf"), self._card.sample().total)

    def look(self) -> CardState:
        """Measure the card, and tell ours from external processes."""
        sample, scale, controls = self._card.sample(), self.scale, self._controls
        owners = controls.owners()
        services: dict[str, ServiceState] = {}
        exact, counted = True, set[int]()
        for name, pids in owners.items():
            state, variant, told = controls.state(name), controls.variant(name), 0.0
            # Another model of the same process: the driver tells what both hold together.
            if not pids or not pids <= counted:
                counted |= pids
                seen = sample.held_by(pids)
                if seen is None:
                    weight = scale(name, variant)
                    stated = weight.idle if state == "awake" else weight.asleep
                    exact = exact and stated <= NOTHING
                    seen = min(stated, sample.used)
                told = seen
            services[name] = ServiceState(state, variant, told)
        external = tuple(h for h in sample.holders if h.pid not in counted)
        budget = min(self._profile.gpu.budget_gib or float("inf"), sample.total)
        return CardState(sample, budget, services, exact, external)

    def prepare(self, residency: Residency) -> CardState:
        """Make room, start or wake the workers, and check by measuring.

        Raises:
            DoesNotFit: the memory did not come free. RendererError: a worker did not come up.
        """
        clock = self._terms.clock
        now = _Preparing(clock.now())
        self._forget_levels_of_awake()
        while True:
            card, planner = self.look(), self.planner
            since = clock.now() - self._last_release
            progress = ReleaseProgress(self._levels, since, clock.now() - now.since)
            actions = planner.next_actions(residency, card, progress)
            if not actions:
                self._note_asleep(card, since)
                return card
            for action in actions:
                match action:
                    case Refuse():
                        raise DoesNotFit(self._refusal(residency, card)) from now.trouble
                    case Wait(missing):
                        self._wait(residency, missing, card, now)
                    case Release(service):
                        self._release(action)
                        now.since = clock.now()
                        if action.leaked:
                            idle = self.scale(service, card.services[service].variant).idle
                            held = round(card.gib(service), 2)
                            self._emit(events.Recycled(service, held, idle))
                    case Wake() | Start():
                        if not self._bring_up(action, now):
                            if now.tries["memory"] > _TRIES:
                                raise DoesNotFit(self._refusal(residency, card)) from now.trouble
                            break

    def release(self, service: str) -> None:
        """By the gentlest level that works; nothing if it is not awake."""
        if self._controls.state(service) == "awake":
            self._levels.pop(service, None)
            for level in self._profile.services[service].release:
                if self._release(Release(service, level)):
                    return

    def load(self, resident: Resident) -> None:
        """Start it beside what works now; whether it came up is seen at the next look."""
        start = Start(resident.service, resident.variant)
        self._bring_up(start, _Preparing(self._terms.clock.now()))

    def end(self, service: str) -> None:
        """Stop it, whatever it is in the middle of; nothing if it does not run."""
        if self._controls.state(service) != "stopped":
            self._stop(service)

    def attempt(
        self, keep: frozenset[str], service: str, request: Request, run: Callable[[], T]
    ) -> T:
        """`run()`; out of memory is answered by eviction of others, a lighter variant, refusal.

        A request that ran out of memory is never run again under the same conditions: with the
        same neighbours on the card, in the same variant, with no more memory free.

        Raises:
            DoesNotFit: nothing is left to release or to run lighter.
        """
        while True:
            card = self.look()
            condition, free = _condition(service, request, card), card.sample.free
            if free > self._failed.get(condition, float("-inf")) + _MORE_GIB:
                try:
                    return run()
                except OutOfMemory as error:
                    self._failed[condition] = free
                    self._emit(events.RanOut(service, str(error)))
            release = self.planner.eviction(keep, card, self._levels)
            if release is not None:
                self._release(release)
                self._await_more_than(free)
            elif not self._lighten(service):
                raise DoesNotFit(
                    f"{service} ran out of memory with {free:.1f} GiB free, and nothing is left "
                    "to release. Choose a smaller size, a lighter variant or offload in the "
                    "profile."
                )

    # --- steps ---

    def _forget_levels_of_awake(self) -> None:
        for name in list(self._levels):
            if self._controls.state(name) == "awake":
                del self._levels[name]

    def _wait(self, residency: Residency, missing: float, card: CardState, now: _Preparing) -> None:
        if not now.told:
            held, missing = card.describe(), round(missing, 2)
            self._emit(events.Waiting(residency.name, "", missing, held))
            now.told = True
        self._terms.clock.sleep(self._terms.poll_s)

    def _release(self, action: Release) -> bool:
        service, level = action.service, action.level
        self._levels[service] = self._profile.services[service].release.index(level)
        self._last_release = self._terms.clock.now()
        try:
            self._controls.release(service, level)
        except RendererError as error:
            self._emit(events.NotEvicted(service, level, str(error)))
            return False
        self._emit(events.Evicted(service, level))
        return True

    def _stop(self, service: str) -> bool:
        able = "stop" in self._profile.services[service].release
        return able and self._release(Release(service, "stop"))

    def _bring_up(self, action: Wake | Start, now: _Preparing) -> bool:
        """Awake, or stopped after what went wrong; False if the card is to be looked at again.

        Raises:
            RendererError: it does not come up however often it is tried.
        """
        service, variant, waking = action.service, action.variant, isinstance(action, Wake)
        began = self._terms.clock.now()
        now.tries[service] += 1
        try:
            if waking:
                self._controls.wake(service)
            else:
                self._emit(events.Starting(service, variant))
                self._controls.start(service, variant)
        except RendererError as error:
            now.trouble = error
            self._stop(service)
            if isinstance(error, OutOfMemory):
                # Somebody took the memory between measuring and starting: wait for it again.
                now.tries["memory"] += 1
                return False
            was = "asleep" if waking else "stopped"
            self._emit(events.WakeFailed(service, was, str(error)))
            if now.tries[service] >= _TRIES:
                raise
            return False
        self._levels.pop(service, None)
        seconds = round(self._terms.clock.now() - began, 2)
        came = events.Woken if waking else events.Started
        self._emit(came(service, variant, seconds))
        return True

    def _lighten(self, service: str) -> bool:
        """Start it again in its next lighter variant; False when there is none."""
        variant = self.planner.lighter(service, self._controls.variant(service))
        if variant is None or not self._stop(service):
            return False
        now = _Preparing(self._terms.clock.now())
        while not self._bring_up(Start(service, variant), now):
            if now.tries["memory"]:
                assert now.trouble is not None
                raise now.trouble
        self.variants[service] = variant
        self._emit(events.Lighter(service, variant))
        return True

    def _await_more_than(self, free: float) -> None:
        """What was released comes free a little later."""
        clock = self._terms.clock
        began = clock.now()
        while (
            self._card.sample().free <= free + _MORE_GIB
            and clock.now() - began < self._terms.settle_s
        ):
            clock.sleep(self._terms.poll_s)

    def _note_asleep(self, card: CardState, since_release_s: float) -> None:
        """What sleepers hold, once it has settled, is known better than the profile says."""
        if self._book is None or not card.exact or since_release_s < self._terms.settle_s:
            return
        for name, there in card.services.items():
            known = self.scale(name, there.variant).asleep
            if there.state == "asleep" and abs(there.gib - known) > 0.1:
                self._book.record(self._profile, name, there.variant, "asleep", there.gib)

    def _refusal(self, residency: Residency, card: CardState) -> str:
        return (
            f"{residency.name} does not fit on {self._card.name}: {residency.sum()} and a margin of "
            f"{self._profile.gpu.margin_gib:g}, but {card.sample.free:.1f} of "
            f"{card.sample.total:.1f} GiB are free (budget {card.budget:g}). On the card: "
            f"{card.describe()}. Close what is not ours, or choose a lighter model, offload or "
            "an API in the profile."
        )


def _condition(service: str, request: Request, card: CardState) -> str:
    """Digest of what an attempt depends on: service, variant, request, who else is there."""
    others = sorted(name for name, there in card.services.items() if there.state != "stopped")
    there = card.services.get(service)
    text = json.dumps(
        [service, there.variant if there else "", dict(request), others],
        sort_keys=True,
        default=str,
    )
    return hashlib.sha256(text.encode()).hexdigest()
