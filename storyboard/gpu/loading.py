"""Servers that are started ahead, while another lease works: whoever leases next finds them up.

Knows: one thread at a time. Does not know: leases, who is next, whether there is room.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from storyboard.gpu.evictor import Evictor
from storyboard.gpu.forecast import Resident

_AGAIN_S = 0.2
"""How often what still begins is told to end."""


class LoadingAhead:
    """What is loaded ahead on one card."""

    def __init__(self, evictor: Evictor) -> None:
        self._evictor = evictor
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._wanted = frozenset[str]()

    def begin(self, residents: Sequence[Resident]) -> None:
        """Start these, one after the other. One that does not come up is started by whoever leases
        it, or is the error there."""
        self.settle()
        self._over = over = threading.Event()
        self._wanted = frozenset(resident.service for resident in residents)

        def load() -> None:
            for resident in residents:
                if not over.is_set():
                    self._evictor.load(resident)

        self._thread = threading.Thread(target=load, name="loading ahead", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait until they are there."""
        if self._thread is not None:
            self._thread.join()
        self._thread, self._wanted = None, frozenset[str]()

    def cancel(self, services: frozenset[str]) -> None:
        """Stop those of these that are still on their way."""
        thread, gone = self._thread, sorted(self._wanted & services)
        if thread is None or not thread.is_alive() or not gone:
            return
        self._over.set()
        while thread.is_alive():
            # One that is about to begin is not there to be ended yet.
            for service in gone:
                self._evictor.end(service)
            thread.join(_AGAIN_S)
        self.settle()
        for service in gone:
            self._evictor.end(service)
