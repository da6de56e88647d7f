"""A card that needs no hardware: a ledger with latencies, leaks and strangers on demand.

`SimulatedCard` stands for `NvmlCard`, `SimulatedServices` for the service manager with its
servers, and time is a number that sleeping moves on, so hours pass in milliseconds.

Knows: sums over time. Does not know: NVML, processes, HTTP.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock

from renderers.errors import BadOutput, OutOfMemory, Unavailable
from storyboard.gpu.card import Holder, Sample
from storyboard.gpu.forecast import Scale
from storyboard.gpu.peaks import Reported
from storyboard.gpu.services.controls import Controls, State
from storyboard.profile import Profile, ReleaseLevel


class VirtualClock:
    """Time that only `sleep` moves on; threads may share it."""

    def __init__(self) -> None:
        self._now, self._lock = 0.0, RLock()

    def now(self) -> float:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += max(0.0, seconds)


class SimulatedCard:
    """GiB by pid. Releases may take effect later; `at` plans what happens at a moment."""

    name = "simulated card"

    def __init__(self, total: float, clock: VirtualClock | None = None) -> None:
        self.total = total
        self.clock = clock or VirtualClock()
        self.highest = 0.0
        self._held: dict[int, float] = {}
        self._names: dict[int, str] = {}
        self._agenda: list[tuple[float, Callable[[], None]]] = []
        self._lock = RLock()

    def hold(self, pid: int, gib: float, name: str = "process") -> None:
        """Set what a process holds.

        Raises:
            OutOfMemory: the card has not that much; nothing changes.
        """
        with self._lock:
            self._catch_up()
            others = sum(v for p, v in self._held.items() if p != pid)
            if gib > self._held.get(pid, 0.0) and others + gib > self.total + 1e-9:
                raise OutOfMemory(
                    f"{name} wants {gib:.1f} GiB, {self.total - others:.1f} of {self.total:g} are free"
                )
            self._held[pid], self._names[pid] = gib, name
            if gib <= 0:
                del self._held[pid]
            self.highest = max(self.highest, others + gib)

    def at(self, moment: float, action: Callable[[], None]) -> None:
        """Run `action` when the clock has reached `moment`."""
        with self._lock:
            self._agenda.append((moment, action))

    def sample(self) -> Sample:
        with self._lock:
            self._catch_up()
            holders = tuple(Holder(p, self._names[p], gib) for p, gib in self._held.items())
            return Sample(self.total, sum(self._held.values()), holders)

    def _catch_up(self) -> None:
        now = self.clock.now()
        due = [entry for entry in self._agenda if entry[0] <= now]
        self._agenda = [entry for entry in self._agenda if entry[0] > now]
        for _, action in sorted(due, key=lambda entry: entry[0]):
            action()


@dataclass
class Temper:
    """How a simulated service misbehaves."""

    start_s: float = 5.0
    release_s: float = 0.0
    """Until what it released is free."""
    leak_gib: float = 0.0
    """Kept after each use."""
    clings_gib: float = 0.0
    """Kept after sleep or unload; only stopping frees it."""
    peak_factor: float = 1.0
    """Real peak over the profile's."""
    failing_wakes: int = 0
    """So many wake-ups give no sensible answer."""
    failing_starts: int = 0


@dataclass
class _State:
    pid: int = 0
    state: State = "stopped"
    variant: str = ""
    leaked: float = 0.0
    temper: Temper = field(default_factory=Temper)


class SimulatedServices:
    """Servers that hold memory of a `SimulatedCard`; the broker's `Controls`."""

    def __init__(self, profile: Profile, card: SimulatedCard, scale: Scale) -> None:
        self.card, self.log = card, list[str]()
        self.reports = dict[str, Reported]()
        self._scale = scale
        self._states = {name: _State() for name in profile.services}
        self._next_pid, self._lock = 1000, RLock()

    def temper(self, service: str) -> Temper:
        return self._states[service].temper

    def kill(self, service: str) -> None:
        """As `kill -9` would: its memory is free, and nobody is told."""
        with self._lock:
            state = self._states[service]
            if state.pid:
                self.card.hold(state.pid, 0.0)
            state.pid, state.leaked = 0, 0.0

    def work(self, service: str, share: float = 1.0) -> float:
        """Use the service: up to its peak and back to idle. Returns the GiB it reached.

        Raises:
            Unavailable: it is not awake. OutOfMemory: the card has not enough.
        """
        with self._lock:
            state = self._states[service]
            if state.state != "awake" or not state.pid:
                raise Unavailable(f"{service} does not answer")
            weight = self._scale(service, state.variant)
            peak = weight.idle + (weight.peak * state.temper.peak_factor - weight.idle) * share
            self.card.hold(state.pid, state.leaked + peak, service)
            self.card.clock.sleep(1.0)
            state.leaked += state.temper.leak_gib
            self.card.hold(state.pid, weight.idle + state.leaked, service)
            return peak

    # --- what the broker asks of a service manager ---

    def state(self, service: str) -> State:
        state = self._states[service]
        return state.state if state.pid else "stopped"

    def variant(self, service: str) -> str:
        return self._states[service].variant

    def owners(self) -> Mapping[str, frozenset[int]]:
        return {n: frozenset({s.pid}) for n, s in self._states.items() if s.pid}

    def reported(self, service: str) -> Reported | None:
        """A simulated server measures itself only where a test says what (`reports`)."""
        return self.reports.get(service)

    def start(self, service: str, variant: str) -> None:
        with self._lock:
            state = self._states[service]
            self.card.clock.sleep(state.temper.start_s)
            if state.temper.failing_starts:
                state.temper.failing_starts -= 1
                raise Unavailable(f"{service} did not come up")
            self._next_pid += 1
            self.card.hold(self._next_pid, self._scale(service, variant).idle, service)
            state.pid, state.state, state.variant = self._next_pid, "awake", variant
            state.leaked = 0.0
            self.log.append(f"start {service}")

    def wake(self, service: str) -> None:
        with self._lock:
            state = self._states[service]
            self.card.clock.sleep(1.0)
            if not state.pid:
                raise Unavailable(f"{service} is gone")
            if state.temper.failing_wakes:
                state.temper.failing_wakes -= 1
                raise BadOutput(f"{service} answers nonsense after waking")
            self.card.hold(
                state.pid, self._scale(service, state.variant).idle + state.leaked, service
            )
            state.state = "awake"
            self.log.append(f"wake {service}")

    def release(self, service: str, level: ReleaseLevel) -> None:
        with self._lock:
            state = self._states[service]
            if not state.pid:
                state.state = "stopped"
                return
            pid, rest = state.pid, 0.0
            if level == "stop":
                state.pid, state.state = 0, "stopped"
            else:
                weight = self._scale(service, state.variant)
                rest = weight.asleep + state.leaked + state.temper.clings_gib
                state.state = "asleep"
            self.log.append(f"{level} {service}")
            self.card.at(
                self.card.clock.now() + state.temper.release_s,
                lambda: self._shrink(service, pid, rest),
            )

    def tend(self) -> tuple[str, ...]:
        """Start again what died though it should be awake."""
        with self._lock:
            dead = tuple(n for n, s in self._states.items() if s.state == "awake" and not s.pid)
            for name in dead:
                self.start(name, self._states[name].variant)
            return dead

    def _shrink(self, service: str, pid: int, gib: float) -> None:
        state = self._states[service]
        if state.pid == pid and state.state == "awake":
            return
        held = self.card.sample().held_by({pid})
        if held is not None and held > gib:
            self.card.hold(pid, gib, service)


class Shadowed:
    """Real servers with simulated weights: controls passed on, and kept in the card's books.

    With fakes that hold no memory this shows what a run would do to a card.
    """

    def __init__(self, controls: Controls, card: SimulatedCard, scale: Scale) -> None:
        self._controls, self._card, self._scale = controls, card, scale
        self._pids: dict[str, int] = {}

    def work(self, service: str) -> None:
        """As if it worked: up to its peak and back."""
        weight = self._scale(service, self._controls.variant(service))
        self._card.hold(self._pids[service], weight.peak, service)
        self._card.hold(self._pids[service], weight.idle, service)

    def state(self, service: str) -> State:
        return self._controls.state(service)

    def variant(self, service: str) -> str:
        return self._controls.variant(service)

    def owners(self) -> Mapping[str, frozenset[int]]:
        return self._controls.owners()

    def start(self, service: str, variant: str) -> None:
        self._controls.start(service, variant)
        self._book(service)

    def wake(self, service: str) -> None:
        self._controls.wake(service)
        self._book(service)

    def release(self, service: str, level: ReleaseLevel) -> None:
        self._controls.release(service, level)
        self._book(service)

    def tend(self) -> tuple[str, ...]:
        restarted = self._controls.tend()
        for service in restarted:
            self._book(service)
        return restarted

    def _book(self, service: str) -> None:
        pids = self._controls.owners().get(service, frozenset())
        leader = min(pids, default=0)
        if (before := self._pids.pop(service, 0)) != leader and before:
            self._card.hold(before, 0.0)
        if leader:
            weight = self._scale(service, self._controls.variant(service))
            awake = self._controls.state(service) == "awake"
            self._pids[service] = leader
            self._card.hold(leader, weight.idle if awake else weight.asleep, service)


def stranger(card: SimulatedCard, gib: float, seconds: float, rng: random.Random) -> None:
    """An external process that takes what it can get of `gib` for some seconds."""
    pid = rng.randrange(50_000, 60_000)
    card.hold(pid, min(gib, card.sample().free), "blender")
    card.at(card.clock.now() + seconds, lambda: card.hold(pid, 0.0))
