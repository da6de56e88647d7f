"""Waiting for something to come true, and failing where it does not.

Knows: clocks. Does not know: what is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable


def soon(holds: Callable[[], object], seconds: float = 240.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)
