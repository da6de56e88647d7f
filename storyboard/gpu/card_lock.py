"""One run at a time leases a card: a file lock that the kernel frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from storyboard.core.directory import Directory
from storyboard.core.errors import Busy
from storyboard.gpu.card import Clock

_PATIENCE_S = 6 * 3600.0


class CardLock:
    """A lock on `path` between processes; None locks nothing."""

    def __init__(self, path: Path | None, clock: Clock, poll_s: float) -> None:
        self._path, self._clock, self._poll_s = path, clock, poll_s
        self._handle: int | None = None

    def acquire(self, waiting: Callable[[], None]) -> None:
        """Take the lock, if it is not ours already; `waiting` is called once if another run
        holds it.

        Raises:
            Busy: it was not freed for six hours.
        """
        if self._path is None or self._handle is not None:
            return
        handle = Directory(self._path.parent).open_lock(self._path.name)
        began, told = self._clock.now(), False
        try:
            while not self._taken(handle):
                if not told:
                    waiting()
                    told = True
                if self._clock.now() - began > _PATIENCE_S:
                    raise Busy(f"another run holds the card (lock {self._path})")
                self._clock.sleep(self._poll_s)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @staticmethod
    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
