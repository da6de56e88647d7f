"""Work that can be told to stop from another thread, at its next clean point.

A command is stopped by Ctrl-C. A server's work is in a thread, which no signal reaches: whoever
started it sets an event, or gives it so many minutes, and the work looks now and then.

Knows: events, clocks. Does not know: what is stopped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from storyboard.core.errors import CapReached, Stopped


@dataclass(frozen=True, slots=True)
class _Order:
    event: threading.Event
    minutes: float | None
    ends: float


_order: ContextVar[_Order | None] = ContextVar("order", default=None)


@contextmanager
def stoppable(event: threading.Event, minutes: float | None = None) -> Generator[None]:
    """Have `check` in this block raise once `event` is set, or `minutes` have passed."""
    ends = time.monotonic() + 60 * minutes if minutes is not None else float("inf")
    token = _order.set(_Order(event, minutes, ends))
    try:
        yield
    finally:
        _order.reset(token)


def check() -> None:
    """
    Raises:
        Stopped: whoever asked for this work wants it no longer.
        CapReached: it has taken the minutes that it was given.
    """
    order = _order.get()
    if order is None:
        return
    if order.event.is_set():
        raise Stopped(
            "Stopped. Everything finished is kept: asked for again, it goes on from here."
        )
    if time.monotonic() > order.ends:
        raise CapReached(
            f"the {order.minutes:g} minutes that this was given are over. Everything finished is "
            "kept: asked for again, it goes on from here"
        )
