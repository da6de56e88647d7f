"""A model asked by a command that makes no film: in a lease, counted and told as a film's calls are.

Knows: sessions, a log for as long as the command takes. Does not know: what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from storyboard.core.events import EventLog, Noted
from storyboard.graph.display import Display
from storyboard.graph.session import Session
from storyboard.profile import Profile
from storyboard.profile.backends import Backends
from storyboard.profile.metering import room

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked, and how it is told."""

    place: str
    profile: Profile
    backends: Backends
    _session: Session
    _log: EventLog

    def perform(self, uses: str, work: Callable[[], T]) -> T:
        """As `Session.perform`."""
        return self._session.perform(self.profile, uses, self._log, work)

    def note(self, text: str) -> None:
        self._log.emit(Noted(self.place, text))


@contextmanager
def asking(profile: Profile, display: Display, place: str) -> Generator[Asking]:
    """The profile's models for one command; its calls are told under `place`."""
    with (
        TemporaryDirectory() as scratch,
        Session() as session,
        session.backends(profile) as backends,
        room(place),
    ):
        log = EventLog(Path(scratch) / "events.jsonl", display)
        backends.attach(log)
        yield Asking(place, profile, backends, session, log)
