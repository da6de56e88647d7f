"""What the broker tells of the card: who is granted it, who comes and goes, what was measured.

    vram.granted, vram.sample, vram.released    a lease
    vram.started, vram.woken, vram.let_go, …    a service

Knows: the shape of each event. Does not know: why it is told, how it is said to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from storyboard.core.events import Event


@dataclass(frozen=True, slots=True)
class CardEvent(Event):
    """Base of all of them."""


Emit = Callable[[CardEvent], None]
"""Takes note of what is told."""


@dataclass(frozen=True, slots=True)
class LeaseEvent(CardEvent):
    """Base of what happens to a lease, of a stage of the card."""

    stage: str


@dataclass(frozen=True, slots=True)
class Refused(LeaseEvent):
    kind: ClassVar[str] = "vram.refused"
    sum: str
    limit_gib: float


@dataclass(frozen=True, slots=True)
class Waiting(LeaseEvent):
    """For `reason`, or for so much memory, which others have `held`."""

    kind: ClassVar[str] = "vram.wait"
    reason: str = ""
    missing_gib: float = 0.0
    held: str = ""


@dataclass(frozen=True, slots=True)
class Granted(LeaseEvent):
    kind: ClassVar[str] = "vram.granted"
    services: Sequence[str] = ()
    predicted_gib: float = 0.0
    budget_gib: float = 0.0
    used_gib: float = 0.0
    foreign_gib: float = 0.0
    foreign: Sequence[str] = ()
    """Names of processes of others that hold it."""


@dataclass(frozen=True, slots=True)
class Sampled(LeaseEvent):
    kind: ClassVar[str] = "vram.sample"
    used_gib: float = 0.0
    ours_gib: float = 0.0
    held: Mapping[str, float] = field(default_factory=dict[str, float])
    """GiB by service."""


@dataclass(frozen=True, slots=True)
class Released(LeaseEvent):
    kind: ClassVar[str] = "vram.released"
    predicted_gib: float = 0.0
    measured_gib: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ServiceEvent(CardEvent):
    """Base of what becomes of a service."""

    service: str


@dataclass(frozen=True, slots=True)
class Starting(ServiceEvent):
    kind: ClassVar[str] = "vram.starting"
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Started(ServiceEvent):
    kind: ClassVar[str] = "vram.started"
    variant: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Woken(ServiceEvent):
    kind: ClassVar[str] = "vram.woken"
    variant: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class WakeFailed(ServiceEvent):
    kind: ClassVar[str] = "vram.wake_failed"
    was: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Evicted(ServiceEvent):
    """`rung`: the level of release."""

    kind: ClassVar[str] = "vram.let_go"
    rung: str = ""


@dataclass(frozen=True, slots=True)
class NotEvicted(ServiceEvent):
    kind: ClassVar[str] = "vram.let_go_failed"
    rung: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Restarted(ServiceEvent):
    """It had died."""

    kind: ClassVar[str] = "vram.restarted"


@dataclass(frozen=True, slots=True)
class Recycled(ServiceEvent):
    """It held more than it states, and was started anew."""

    kind: ClassVar[str] = "vram.recycled"
    held_gib: float = 0.0
    idle_gib: float = 0.0


@dataclass(frozen=True, slots=True)
class RanOut(ServiceEvent):
    """Of memory."""

    kind: ClassVar[str] = "vram.out_of_memory"
    error: str = ""


@dataclass(frozen=True, slots=True)
class Lighter(ServiceEvent):
    kind: ClassVar[str] = "vram.lighter"
    variant: str = ""
