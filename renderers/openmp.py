"""How the threads of a compiled library wait for each other: asleep, not spinning.

GNU's OpenMP, which many wheels bring in a copy of their own, lets them spin by default. Next
to an encoder on two cores a transcription so took four to ten times the processor time.

Knows: the variable, which each copy reads once, when it is loaded. Does not know: libraries.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

VARIABLE = "OMP_WAIT_POLICY"
_lock = Lock()


@contextmanager
def passive_threads() -> Generator[None]:
    """Libraries that are loaded meanwhile have threads that sleep; what the user set goes first."""
    with _lock:
        before = os.environ.get(VARIABLE)
        os.environ.setdefault(VARIABLE, "passive")
        try:
            yield
        finally:
            if before is None:
                del os.environ[VARIABLE]
