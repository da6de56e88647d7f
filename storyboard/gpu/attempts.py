"""What to do when a request runs out of memory: let others go, run lighter, shrink, refuse.

A request that ran out of memory is never run again under the same conditions: with the same
neighbours on the card, in the same variant of its service, with no more memory free.

Knows: requests as JSON, variants, what failed before. Does not know: leases, turns, stages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from renderers.base import JSON
from renderers.errors import OutOfMemory
from storyboard.gpu.room import Controls, DoesNotFit, Emit, RoomMaker, Terms
from storyboard.profile import Profile

T = TypeVar("T")
Request = Mapping[str, JSON]
_MORE_GIB = 1.0
"""Free memory beyond that of a failure from which another try makes sense."""


class Attempts:
    """The failures of one card, and the ways out of them."""

    def __init__(
        self,
        profile: Profile,
        controls: Controls,
        maker: RoomMaker | None,
        terms: Terms,
        emit: Emit,
    ) -> None:
        self._profile, self._controls, self._maker = profile, controls, maker
        self._terms, self._emit = terms, emit
        self._failed: dict[str, float] = {}
        self._lighter: dict[str, str] = {}

    def variant(self, service: str, planned: str) -> str:
        """The variant to run it in: the planned one, unless it has run out of memory in it."""
        return self._lighter.get(service, planned)

    def make(
        self,
        keep: frozenset[str],
        service: str,
        request: Request,
        run: Callable[[Request], T],
        shrink: Callable[[Request], Request | None],
    ) -> T:
        """`run(request)`; services in `keep` are not let go for it.

        Raises:
            DoesNotFit: nothing is left to release, to run lighter or to shrink.
        """
        while True:
            condition = self._condition(service, request)
            free = self._free()
            if free > self._failed.get(condition, float("-inf")) + _MORE_GIB:
                try:
                    return run(request)
                except OutOfMemory as error:
                    self._failed[condition] = free
                    self._emit("out_of_memory", service=service, error=str(error))
            if self._maker is not None and self._maker.release_any(keep):
                self._await_more_than(free)
                continue
            smaller = shrink(request)
            if smaller is not None and self._condition(service, smaller) != condition:
                self._emit("shrunk", service=service, request=dict(smaller))
                request = smaller
            elif not self._lighten(service):
                raise DoesNotFit(
                    f"{service} ran out of memory with {free:.1f} GiB free, nothing is left to "
                    "let go and the request cannot be made smaller. Choose a smaller size, a "
                    "lighter variant or offload in the profile."
                )

    def _lighten(self, service: str) -> bool:
        """Start it again in its next lighter variant; False when there is none."""
        names = ["", *(v.name for v in self._profile.services[service].variants)]
        place = names.index(self._controls.variant(service)) + 1
        if self._maker is None or place >= len(names):
            return False
        if not self._maker.change(service, names[place]):
            return False
        self._lighter[service] = names[place]
        self._emit("lighter", service=service, variant=names[place])
        return True

    def _condition(self, service: str, request: Request) -> str:
        """Digest of what an attempt depends on: service, variant, request, who else is there."""
        others = sorted(n for n in self._controls.owners() if self._controls.state(n) != "stopped")
        text = json.dumps(
            [service, self._controls.variant(service), dict(request), others],
            sort_keys=True,
            default=str,
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def _await_more_than(self, free: float) -> None:
        """What was let go comes free a little later."""
        clock = self._terms.clock
        began = clock.now()
        while self._free() <= free + _MORE_GIB and clock.now() - began < self._terms.settle_s:
            clock.sleep(self._terms.poll_s)

    def _free(self) -> float:
        return self._maker.card.sample().free if self._maker else 0.0
