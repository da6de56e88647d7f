"""What the broker tells of the card: who is granted it, who comes and goes, what was measured.

    vram.granted, vram.sample, vram.released    a lease
    vram.started, vram.woken, vram.let_go, …    a service

Knows: the shape of each event. Does not know: why it is told, how it is said to a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

from storyboard.core.events import Event, stored_as


class CardEvent(Event):
    """Base of all of them."""


Emit = Callable[[CardEvent], None]
"""Takes note of what is told."""


class LeaseEvent(CardEvent):
    """Base of what happens to a lease, of a stage of the card."""

    stage: str


class LeaseRefused(LeaseEvent, kind="vram.refused"):
    sum: str
    limit_gib: float


class Waiting(LeaseEvent, kind="vram.wait"):
    """For `reason`, or for so much memory, which others have `held`."""

    reason: str = ""
    missing_gib: float = 0.0
    held: str = ""


class Granted(LeaseEvent, kind="vram.granted"):
    services: Sequence[str] = ()
    predicted_gib: float = 0.0
    budget_gib: float = 0.0
    used_gib: float = 0.0
    external_gib: float = field(default=0.0, metadata=stored_as("foreign_gib"))
    external: Sequence[str] = field(default=(), metadata=stored_as("foreign"))
    """Names of the external processes that hold it."""


class Sampled(LeaseEvent, kind="vram.sample"):
    used_gib: float = 0.0
    ours_gib: float = 0.0
    held: Mapping[str, float] = field(default_factory=dict[str, float])
    """GiB by service."""


class Released(LeaseEvent, kind="vram.released"):
    predicted_gib: float = 0.0
    measured_gib: float = 0.0
    seconds: float = 0.0


class ServiceEvent(CardEvent):
    """Base of what becomes of a service."""

    service: str


class Starting(ServiceEvent, kind="vram.starting"):
    variant: str = ""


class Started(ServiceEvent, kind="vram.started"):
    variant: str = ""
    seconds: float = 0.0


class Woken(ServiceEvent, kind="vram.woken"):
    variant: str = ""
    seconds: float = 0.0


class WakeFailed(ServiceEvent, kind="vram.wake_failed"):
    was: str = ""
    error: str = ""


class Evicted(ServiceEvent, kind="vram.let_go"):
    level: str = field(default="", metadata=stored_as("rung"))
    """The `ReleaseLevel`."""


class NotEvicted(ServiceEvent, kind="vram.let_go_failed"):
    level: str = field(default="", metadata=stored_as("rung"))
    error: str = ""


class Restarted(ServiceEvent, kind="vram.restarted"):
    """It had died."""


class Recycled(ServiceEvent, kind="vram.recycled"):
    """It held more than it states, and was started anew."""

    held_gib: float = 0.0
    idle_gib: float = 0.0


class RanOut(ServiceEvent, kind="vram.out_of_memory"):
    """Of memory."""

    error: str = ""


class Lighter(ServiceEvent, kind="vram.lighter"):
    variant: str = ""
