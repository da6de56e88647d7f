"""What is expensive, opened once a process: models, worker processes, the card.

Films, cuts of a review and stages of a batch come and go in one session; what they load stays
for the next. Each gets the backends with a meter of its own, so that calls are counted by film.

Knows: profiles, who uses what now, films by their names. Does not know: what makes a film, steps, how
anything is loaded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeVar

from storyboard.core.events import EventLog
from storyboard.graph.executor import open_executor
from storyboard.graph.scheduler import Scheduler
from storyboard.profile import Profile
from storyboard.profile.backends import Backends, Models

if TYPE_CHECKING:
    # A laptop's film must not load what only a card needs.
    from storyboard.gpu.broker import Broker
    from storyboard.graph.leases import Leases

T = TypeVar("T")


@dataclass
class _Opened:
    """What is open for one profile."""

    models: Models
    users: int = 0
    idle: dict[int, list[tuple[ExitStack, Executor | None]]] = field(
        default_factory=dict[int, list[tuple[ExitStack, "Executor | None"]]]
    )
    """By how many processes they are, the pools that nobody works with now."""

    def close(self) -> None:
        with ExitStack() as closing:
            closing.callback(_close_in_time, self.models)
            for pools in self.idle.values():
                for pool, _ in pools:
                    closing.push(pool)


class Session:
    """Use as a context manager; threads may share it.

    The card is opened by the first film that needs it, and stays open for the next; `log`, that
    of a batch, hears of it instead of that film's. Whose step goes next, its `scheduler` says.
    """

    def __init__(self, log: EventLog | None = None, scheduler: Scheduler | None = None) -> None:
        self._log = log
        self.scheduler = scheduler or Scheduler()
        self._opened: dict[str, _Opened] = {}
        self._card: tuple[str, Broker, ExitStack] | None = None
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        with self._lock, ExitStack() as closing:
            for opened in self._opened.values():
                closing.callback(opened.close)
            self._opened.clear()
            closing.callback(self.release)

    @contextmanager
    def backends(self, profile: Profile) -> Generator[Backends]:
        """The profile's backends, with the models that are loaded already."""
        with self._using(profile) as opened, Backends(profile, opened.models) as backends:
            yield backends

    @contextmanager
    def workers(self, profile: Profile, jobs: int) -> Generator[Executor | None]:
        """Where steps go that may leave this process; None: they do not. Nobody else uses it
        meanwhile. If the block fails, so do its workers, and the next gets new ones.

        Raises:
            UsageError: as `open_executor`.
        """
        with self._using(profile) as opened, ExitStack() as closing:
            idle = opened.idle.setdefault(jobs, [])
            with self._lock:
                kept, pool = idle.pop() if idle else (ExitStack(), None)
                closing.push(kept)
            if pool is None:
                pool = closing.enter_context(open_executor(profile, jobs))
            yield pool
            with self._lock:
                if pool is not None:
                    idle.append((closing.pop_all(), pool))

    @contextmanager
    def leases(self, profile: Profile, log: EventLog, film: str = "") -> Generator[Leases | None]:
        """The right to lease the profile's card for a film: that whose log it is, unless another
        is named. The card is not opened before the first lease: a film that is made already needs
        none. None where nothing works on a card."""
        if not any(section.service for _, section in profile.sections()):
            yield None
            return
        from storyboard.graph.leases import Leases

        film = film or str(log.path.parent)
        yield Leases(profile, lambda: self.hold(profile, log), self.scheduler, film, _key(profile))

    def perform(
        self, profile: Profile, uses: str, log: EventLog, work: Callable[[], T], film: str = ""
    ) -> T:
        """`work()`, which is no step of a film, with what these sections of the profile need awake.

        Raises:
            DoesNotFit: with the sum. RendererError: a service does not come up.
        """
        with self.leases(profile, log, film) as leases:
            return leases.perform(uses, work) if leases else work()

    def hold(self, profile: Profile, log: EventLog | None = None) -> Broker:
        """The card of a profile, for this session's films; one at a time: another's is closed.

        Raises:
            Unavailable: it cannot be measured.
        """
        from storyboard.gpu.card_session import open_broker

        with self._lock:
            if self._card is None or self._card[0] != _key(profile):
                self.release()
                told = self._log or log
                assert told is not None, "whoever holds the card of a session has a log"
                with ExitStack() as closing:
                    broker = closing.enter_context(open_broker(profile, told))
                    self._card = _key(profile), broker, closing.pop_all()
            return self._card[1]

    def release(self) -> None:
        """Stop what was started on the card; until then it is kept from other runs."""
        with self._lock:
            if self._card is not None:
                (_, broker, closing), self._card = self._card, None
                with closing:
                    broker.keep(())

    @contextmanager
    def _using(self, profile: Profile) -> Generator[_Opened]:
        key = _key(profile)
        with self._lock:
            opened = self._opened.pop(key, None) or _Opened(Models(profile))
            # The films of one profile go together: of those before, one may still finish.
            for old in list(self._opened)[:-1]:
                if not self._opened[old].users:
                    self._opened.pop(old).close()
            self._opened[key] = opened
            opened.users += 1
        try:
            yield opened
        finally:
            with self._lock:
                opened.users -= 1


_CLOSING_S = 10.0


def _close_in_time(models: Models) -> None:
    """A model that hangs, in a thread that nobody can end, must not hold up the program's end."""
    closing = threading.Thread(target=models.close, name="closing models", daemon=True)
    closing.start()
    closing.join(_CLOSING_S)


def _key(profile: Profile) -> str:
    return profile.model_dump_json()


@contextmanager
def in_session(session: Session | None) -> Generator[Session]:
    """The session, or one for the length of the block."""
    if session is not None:
        yield session
        return
    with Session() as own:
        yield own
