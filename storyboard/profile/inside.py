"""Models that work in this process, by the services they count as on the card.

A model of this process has no server to be slept or stopped: whoever made it says here how it
is let go, and the service manager, which keeps the services, has it done. It loads again by itself
when it is next asked.

Knows: services, what lets them go. Does not know: models, profiles, memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock

LetGo = Callable[[], None]
_lock = Lock()
_held: dict[tuple[str, str], list[LetGo]] = {}


@contextmanager
def holding(profile: str, service: str, let_go: LetGo) -> Generator[None]:
    """For its length, `let_go` drops a model that counts as `service` of `profile`."""
    with _lock:
        _held.setdefault((profile, service), []).append(let_go)
    try:
        yield
    finally:
        with _lock:
            _held[profile, service].remove(let_go)


def let_go(profile: str, service: str) -> None:
    """Drop whatever this process holds as that service."""
    with _lock:
        held = list(_held.get((profile, service), ()))
    for drop in held:
        drop()
