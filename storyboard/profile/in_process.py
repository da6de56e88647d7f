"""Models that work in this process, by the services they count as on the card.

A model of this process has no server to be slept or stopped: whoever made it says here how it
is released, and the service manager, which keeps the services, has it done. It loads again by itself
when it is next asked.

Knows: services, what releases them. Does not know: models, profiles, memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from threading import Lock

Release = Callable[[], None]
_lock = Lock()
_releases: dict[tuple[str, str], list[Release]] = {}


@contextmanager
def holding(profile: str, service: str, release: Release) -> Generator[None]:
    """For its length, `release` drops a model that counts as `service` of `profile`."""
    with _lock:
        _releases.setdefault((profile, service), []).append(release)
    try:
        yield
    finally:
        with _lock:
            _releases[profile, service].remove(release)


def release(profile: str, service: str) -> None:
    """Drop whatever this process holds as that service."""
    with _lock:
        held = list(_releases.get((profile, service), ()))
    for drop in held:
        drop()
