"""What may be done to services, whoever does it: the service manager, or a simulation.

Knows: the verbs. Does not know: processes, memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from storyboard.gpu.peaks import Reported
from storyboard.profile import ReleaseLevel

State = Literal["stopped", "starting", "awake", "asleep", "failed"]
"""Of a service, everywhere."""


class Controls(Protocol):
    def state(self, service: str) -> State: ...

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

    def release(self, service: str, level: ReleaseLevel) -> None:
        """Sleep, unload or stop. Raises Unavailable."""
        ...

    def tend(self) -> tuple[str, ...]:
        """Start again what died though it should be awake; their names."""
        ...
