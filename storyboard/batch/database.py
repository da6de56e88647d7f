"""The database of a queue: its address, what its errors mean, whether it is still there.

DBOS waits for a database that does not answer for as long as it takes, and its films with it.
Nobody watches a batch, so a worker checks the database's health and ends with a reason instead.

Knows: SQLite's and PostgreSQL's ways to fail. Does not know: what is kept in it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import sqlalchemy as sa
import sqlalchemy.event
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)

from storyboard.core.directory import Directory
from storyboard.core.errors import Busy, StoryboardError, UsageError

PATIENCE_S = 60.0
"""For so long a database may be locked, full or out of reach before a worker gives it up."""
_BUSY_S = 30.0
"""What one statement waits for a lock of SQLite."""
_NAME = "queue.sqlite"
_ADVISORY_LOCK = 0x53544F5259
"""Of PostgreSQL, held by the one batch that works at a queue; "STORY" in ASCII."""
_KEPT = (
    "The films keep what they have in their folders: queue the same ideas again, "
    "and what is made is used."
)

_checks = sa.Table(
    "storyboard_pulse",
    sa.MetaData(),
    sa.Column("worker", sa.String(64), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)


class QueueFailed(StoryboardError):
    """The queue's database does not do its work. `passing`: it may by itself do so again."""

    exit_code = 7

    def __init__(self, message: str, *, passing: bool = False) -> None:
        self.passing = passing
        super().__init__(message)


def database_url(root: Path, given: str = "") -> str:
    """The queue's address: what is given, else a file in `root`, where the films go.

    Raises:
        UsageError: neither SQLite nor PostgreSQL, or the folder cannot be made.
    """
    if not given:
        folder = Directory(root.absolute(), (".batch",))
        try:
            folder.make()
            # SQLite opens by path, and would follow a link.
            folder.check(*(_NAME + part for part in ("", "-wal", "-shm", "-journal", ".lock")))
        except OSError as error:
            raise UsageError(f"--runs: {folder.at()} cannot be made: {error.strerror}") from None
        return default_url(root)
    if not given.startswith(
        ("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")
    ):
        raise UsageError(
            f"--db: '{given.split('@')[-1]}' is no address of a queue: "
            "sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
        )
    return given


def default_url(root: Path) -> str:
    """The queue of the films in `root`, where no other is named."""
    return f"sqlite:///{root.absolute() / '.batch' / _NAME}"


def open_engine(url: str, *, busy: float = _BUSY_S) -> sa.Engine:
    """An engine that keeps no connection: what became of the file since is always seen."""
    address = sa.make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    wait = {"timeout": busy} if _file(url) else {"connect_timeout": 10}
    return sa.create_engine(address, poolclass=sa.NullPool, connect_args=wait)


if sqlite3.sqlite_version_info < (3, 42):

    @sqlalchemy.event.listens_for(sa.Engine, "connect")
    def _milliseconds(connection: object, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        """Gives an older SQLite `unixepoch('subsec')`: DBOS asks for it on Python 3.12 and newer,
        whatever SQLite there is (Debian 12 has 3.40), and no film could be queued."""
        if isinstance(connection, sqlite3.Connection):
            connection.create_function("unixepoch", 1, _unixepoch)


def _unixepoch(_modifier: str) -> float:
    return time.time()


@contextmanager
def database_errors(url: str) -> Generator[None]:
    """Errors of the database as one clear paragraph.

    Raises:
        QueueFailed: instead of SQLAlchemy's and the driver's own.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise _failed(url, error) from error


class HealthCheck:
    """Whether the queue's database is still the one that was opened, and takes what is written.

    Use as a context manager.

    Raises:
        QueueFailed: it is of no use from the beginning.
    """

    def __init__(self, url: str, worker: str, patience: float = PATIENCE_S) -> None:
        self._url, self._worker, self._patience = url, worker, patience
        self._engine = open_engine(url, busy=1.0)
        self._well = time.monotonic()
        with database_errors(url):
            _checks.create(self._engine, checkfirst=True)
        self._born = self._identity()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def passes(self) -> bool:
        """Whether it works now.

        Raises:
            QueueFailed: it never will again, or did not for longer than there is patience.
        """
        try:
            if self._identity() != self._born:
                raise QueueFailed(
                    f"the queue's database {_file(self._url)} was deleted or replaced while the "
                    f"batch ran. {_KEPT}"
                )
            with database_errors(self._url), self._engine.begin() as connection:
                self._write(connection)
        except QueueFailed as failed:
            if not failed.passing or time.monotonic() - self._well >= self._patience:
                raise
            return False
        self._well = time.monotonic()
        return True

    def _write(self, connection: sa.Connection) -> None:
        mine = _checks.c.worker == self._worker
        if not connection.execute(sa.update(_checks).where(mine).values(at=time.time())).rowcount:
            connection.execute(sa.insert(_checks).values(worker=self._worker, at=time.time()))

    def _identity(self) -> tuple[int, int] | None:
        """Which file it is; None: none, or no file at all."""
        file = _file(self._url)
        try:
            stat = file.stat() if file is not None else None
        except OSError:
            return None
        return (stat.st_dev, stat.st_ino) if stat is not None else None


@contextmanager
def only_worker(url: str) -> Generator[None]:
    """Be the only batch that works at the queue, wherever its films go. The lock is the
    kernel's or the server's: whoever dies leaves none behind.

    Raises:
        Busy: another one does. QueueFailed: the database does not answer.
    """
    busy = (
        "another batch works at this queue already; films that are added join it by "
        "themselves. For another one beside it, give another --db."
    )
    with ExitStack() as held:
        file = _file(url)
        if file is not None:
            try:
                held.enter_context(Directory(file.parent).locked(f"{file.name}.lock", busy))
            except OSError as error:
                raise QueueFailed(
                    f"the queue's folder cannot be written: {file}.lock: {error.strerror}"
                ) from None
        else:
            engine = open_engine(url)
            held.callback(engine.dispose)
            with database_errors(url):
                connection = held.enter_context(engine.connect())
                lock = sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_LOCK))
                free = bool(connection.execute(lock).scalar())
                # The lock is the session's, not the transaction's, which must not stay open.
                connection.commit()
            if not free:
                raise Busy(busy)
        yield


def _file(url: str) -> Path | None:
    """The file of a database of SQLite."""
    address = sa.make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


_FAILURES = (
    ("no such table", "{where} is no queue, or was deleted while it was in use. " + _KEPT, False),
    (
        "readonly",
        "{where} can only be read: give this user the right to write the file and its folder.",
        False,
    ),
    (
        "unable to open",
        "{where} cannot be opened: its folder must be there, and this user may write in it.",
        False,
    ),
    (
        "not a database",
        "{where} is damaged, or no database: move it away, or restore it. " + _KEPT,
        False,
    ),
    (
        "malformed",
        "{where} is damaged: move it away, or restore it (`sqlite3 FILE .recover`). " + _KEPT,
        False,
    ),
    (
        "locked",
        "{where} is held by another program for too long: a database browser, a backup?",
        True,
    ),
    ("full", "{where} cannot grow: the disk is full. Free some space and run it again.", True),
    ("disk i/o", "{where} cannot be read or written: the disk fails, or it is full.", True),
)
"""What SQLite says, what that means, and whether it may pass."""


def _failed(url: str, error: SQLAlchemyError) -> QueueFailed:
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    file = _file(url)
    if file is None:
        where = sa.make_url(url).render_as_string(hide_password=True)
        told = (said.splitlines() or [type(error).__name__])[0]
        if not isinstance(error, OperationalError | InterfaceError | TimeoutError):
            return QueueFailed(f"the queue at {where} failed: {told}")
        hint = "is the server running, and is the address right?"
        return QueueFailed(f"the queue at {where} does not answer: {hint} ({told})", passing=True)
    for sign, meaning, passing in _FAILURES:
        if sign in said.lower():
            where = f"the queue's database {file}"
            return QueueFailed(f"{meaning.format(where=where)} ({said})", passing=passing)
    return QueueFailed(f"the queue's database {file} failed: {said}")
