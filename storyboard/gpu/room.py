"""Making room on the card for one turn: let go, wait for the measured memory, wake, check.

Services let go on their ladder (sleep, unload, stop), gently first and firmly only if the
measured memory does not come free. A wake-up that its canary does not survive is followed
by a stop and a fresh start. Nothing is granted on a promise: the last check measures.

Knows: turns, ladders, measurements. Does not know: who waits for the card, HTTP, processes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from renderers.errors import OutOfMemory, RendererError
from storyboard.core.errors import StoryboardError
from storyboard.gpu.card import Card, Clock, Holder, Sample, SystemClock
from storyboard.gpu.forecast import Scale, Turn
from storyboard.gpu.peaks import PeakBook, Reported
from storyboard.profile import Profile, Rung

_NOTHING = 0.05
"""GiB below which a process holds nothing worth letting go."""


class DoesNotFit(StoryboardError):
    """A turn cannot have the memory it needs; the message shows the sum."""


class Emit(Protocol):
    def __call__(self, kind: str, /, **fields: object) -> None:
        """Take note of an event. Fields are JSON values."""
        ...


class Controls(Protocol):
    """What the broker may do to services. The supervisor is one, the simulation another."""

    def state(self, service: str) -> str:
        """`stopped`, `awake` or `asleep`."""
        ...

    def variant(self, service: str) -> str:
        """The variant it was started in; "" is the plain one."""
        ...

    def owners(self) -> Mapping[str, frozenset[int]]:
        """Pids of each service that runs."""
        ...

    def reported(self, service: str) -> Reported | None:
        """What the server itself measured; None where it measures nothing."""
        ...

    def start(self, service: str, variant: str) -> None:
        """Start and wait until healthy. Raises Unavailable or OutOfMemory."""
        ...

    def wake(self, service: str) -> None:
        """Wake, and check with a canary request. Raises Unavailable or BadOutput."""
        ...

    def let_go(self, service: str, rung: Rung) -> None:
        """Sleep, unload or stop. Raises Unavailable."""
        ...

    def tend(self) -> tuple[str, ...]:
        """Start again what died though it should be awake; their names."""
        ...


@dataclass(frozen=True, slots=True)
class Terms:
    """How long to wait, and by which clock."""

    clock: Clock = field(default_factory=SystemClock)
    poll_s: float = 0.25
    settle_s: float = 20.0
    """After letting go, until the next rung of the ladder."""
    patience_s: float = 180.0
    """For memory that others hold, before the turn is refused."""
    sample_every_s: float = 0.5
    """Between measurements during a lease; 0: only when asked."""
    lock: Path | None = None
    """File that keeps two runs on one machine from leasing the card at once."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """One measurement, told apart into ours and foreign."""

    sample: Sample
    held: Mapping[str, float]
    """GiB by service of ours."""
    exact: bool
    """Told by the driver by process; otherwise ours are taken at their stated weight."""
    strangers: tuple[Holder, ...]

    @property
    def foreign(self) -> float:
        """GiB that are not ours."""
        return max(0.0, self.sample.used - sum(self.held.values()))

    def describe(self) -> str:
        ours = [f"{name} {gib:.1f}" for name, gib in self.held.items() if gib > _NOTHING]
        theirs = [
            f"{h.name} (pid {h.pid}, not ours)" + (f" {h.gib:.1f}" if h.gib is not None else "")
            for h in self.strangers
            if h.gib is None or h.gib > _NOTHING
        ]
        return ", ".join([*ours, *theirs]) or "nothing"


class RoomMaker:
    """Brings one card from any state to one where a turn may work."""

    def __init__(
        self, profile: Profile, card: Card, controls: Controls, terms: Terms, emit: Emit
    ) -> None:
        self.profile, self.card, self.controls = profile, card, controls
        self.terms, self.emit = terms, emit
        self.book: PeakBook | None = None
        self._climbed: dict[str, int] = {}
        self._last_release = float("-inf")

    @property
    def budget(self) -> float:
        """GiB that may be used: the profile's budget, or what the card has if that is less."""
        total = self.card.sample().total
        stated = self.profile.gpu.budget_gib
        return total if not stated else min(stated, total)

    def measure(self, scale: Scale) -> Holdings:
        """Measure the card and tell ours from foreign."""
        sample = self.card.sample()
        owners = self.controls.owners()
        held: dict[str, float] = {}
        exact, counted = True, set[int]()
        for name, pids in owners.items():
            if pids and pids <= counted:
                # Another model of the same process: the driver tells what both hold together.
                held[name] = 0.0
                continue
            counted |= pids
            told = sample.held_by(pids)
            weight = scale(name, self.controls.variant(name))
            state = self.controls.state(name)
            if told is None:
                stated = weight.idle if state == "awake" else weight.asleep
                exact = exact and stated <= _NOTHING
                told = min(stated, sample.used)
            held[name] = told
        mine = {pid for pids in owners.values() for pid in pids}
        strangers = tuple(h for h in sample.holders if h.pid not in mine)
        return Holdings(sample, held, exact, strangers)

    def shortfall(self, turn: Turn, scale: Scale) -> float:
        """GiB missing until every worker of the turn can reach its peak; ≤ 0: there is room."""
        now = self.measure(scale)
        room = min(now.sample.free, self.budget - now.sample.used)
        growth = sum(
            max(0.0, r.gib - now.held.get(r.service, 0.0))
            for r in turn.residents
            if r.doing == "working"
        )
        return growth + self.profile.gpu.margin_gib - room - 1e-6

    def prepare(self, turn: Turn, scale: Scale) -> None:
        """Make room, start or wake the workers, and check by measuring.

        Raises:
            DoesNotFit: the memory did not come free. RendererError: a worker did not come up.
        """
        self._let_others_go(turn)
        trouble: RendererError | None = None
        for _ in range(4):
            self._await_room(turn, scale)
            try:
                for resident in turn.residents:
                    if resident.doing == "working":
                        self._rouse(resident.service, resident.variant)
            except OutOfMemory as error:
                # Somebody took the memory between measuring and starting: wait for it again.
                trouble = error
                continue
            if self.shortfall(turn, scale) <= 0:
                return
        raise DoesNotFit(self._refusal(turn, scale)) from trouble

    def release(self, service: str) -> None:
        """Let go by the gentlest rung that works."""
        if self.controls.state(service) == "awake":
            self._climbed.pop(service, None)
            self._climb(service)

    def release_any(self, keep: frozenset[str]) -> bool:
        """Let one service outside `keep` go further; False when nothing is left to let go."""
        return self._escalate(keep, {})

    def change(self, service: str, variant: str) -> bool:
        """Start it again as another variant; False where it is not ours to stop.

        Raises:
            RendererError: it does not come up.
        """
        if not self._stop(service):
            return False
        self._rouse(service, variant)
        return True

    # --- steps ---

    def _let_others_go(self, turn: Turn) -> None:
        wanted = {r.service: r for r in turn.residents if r.doing == "working"}
        staying = {r.service for r in turn.residents} - set(wanted)
        services = self.profile.services
        families = {services[name].family for name in wanted} - {""}
        for name in self.controls.owners():
            related = services[name].family in families and name not in wanted
            if related:
                # One family is never resident twice, not even asleep.
                while self.controls.state(name) != "stopped" and self._climb(name):
                    pass
            elif name not in wanted and name not in staying:
                self.release(name)
            elif name in wanted and self.controls.variant(name) != wanted[name].variant:
                self._stop(name)

    def _await_room(self, turn: Turn, scale: Scale) -> None:
        clock, terms = self.terms.clock, self.terms
        keep = frozenset(turn.working)
        since, told = clock.now(), False
        while (short := self.shortfall(turn, scale)) > 0:
            if not told:
                held = self.measure(scale).describe()
                self.emit("wait", stage=turn.name, missing_gib=round(short, 2), held=held)
                told = True
            if clock.now() - self._last_release >= terms.settle_s:
                if self._escalate(keep, self.measure(scale).held, scale):
                    since = clock.now()
                    continue
                if clock.now() - since >= terms.patience_s:
                    raise DoesNotFit(self._refusal(turn, scale))
            clock.sleep(terms.poll_s)
        if clock.now() - self._last_release >= terms.settle_s:
            self._record_asleep(scale)

    def _escalate(
        self, keep: frozenset[str], held: Mapping[str, float], scale: Scale | None = None
    ) -> bool:
        """The heaviest outsider climbs one rung; then a worker that leaks is stopped."""
        others = sorted(
            (name for name in self.controls.owners() if name not in keep),
            key=lambda name: -held.get(name, 0.0),
        )
        for name in others:
            if held.get(name, 1.0) > _NOTHING and self._climb(name):
                return True
        for name in keep if scale else ():
            assert scale is not None
            idle = scale(name, self.controls.variant(name)).idle
            if held.get(name, 0.0) > idle + 1.0 and self._stop(name):
                self.emit("recycled", service=name, held_gib=round(held[name], 2), idle_gib=idle)
                return True
        return False

    def _climb(self, service: str) -> bool:
        """The next rung that works. False at the end of the ladder."""
        ladder = self.profile.services[service].release
        asleep = self.controls.state(service) == "asleep"
        next_rung = self._climbed.get(service, 0 if asleep and ladder[0] != "stop" else -1) + 1
        for place in range(next_rung, len(ladder)):
            self._climbed[service] = place
            self._last_release = self.terms.clock.now()
            try:
                self.controls.let_go(service, ladder[place])
            except RendererError as error:
                self.emit("let_go_failed", service=service, rung=ladder[place], error=str(error))
                continue
            self.emit("let_go", service=service, rung=ladder[place])
            return True
        return False

    def _stop(self, service: str) -> bool:
        if "stop" not in self.profile.services[service].release:
            return False
        self._last_release = self.terms.clock.now()
        try:
            self.controls.let_go(service, "stop")
        except RendererError as error:
            self.emit("let_go_failed", service=service, rung="stop", error=str(error))
            return False
        self._climbed.pop(service, None)
        self.emit("let_go", service=service, rung="stop")
        return True

    def _rouse(self, service: str, variant: str) -> None:
        """Awake, whatever it takes: a failed wake-up is followed by a stop and a start."""
        trouble: RendererError | None = None
        for _ in range(3):
            state = self.controls.state(service)
            if state == "awake":
                return
            began = self.terms.clock.now()
            try:
                if state == "asleep":
                    self.controls.wake(service)
                else:
                    self.emit("starting", service=service, variant=variant)
                    self.controls.start(service, variant)
            except OutOfMemory:
                self._stop(service)
                raise
            except RendererError as error:
                trouble = error
                self.emit("wake_failed", service=service, was=state, error=str(error))
                self._stop(service)
                continue
            self._climbed.pop(service, None)
            self.emit(
                "woken" if state == "asleep" else "started",
                service=service,
                variant=variant,
                seconds=round(self.terms.clock.now() - began, 2),
            )
        if trouble is not None and self.controls.state(service) != "awake":
            raise trouble

    def _record_asleep(self, scale: Scale) -> None:
        now = self.measure(scale)
        if self.book is None or not now.exact:
            return
        for name, gib in now.held.items():
            variant = self.controls.variant(name)
            known = scale(name, variant).asleep
            if self.controls.state(name) == "asleep" and abs(gib - known) > 0.1:
                self.book.record(self.profile, name, variant, "asleep", gib)

    def _refusal(self, turn: Turn, scale: Scale) -> str:
        now = self.measure(scale)
        return (
            f"{turn.name} does not fit on {self.card.name}: {turn.sum()} and a margin of "
            f"{self.profile.gpu.margin_gib:g}, but {now.sample.free:.1f} of "
            f"{now.sample.total:.1f} GiB are free (budget {self.budget:g}). On the card: "
            f"{now.describe()}. Close what is not ours, or choose a lighter model, offload or "
            "an API in the profile."
        )
