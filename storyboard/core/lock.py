"""One process a run folder: the second is told who is there, instead of racing it.

The lock is the kernel's (`flock`), so a killed process never leaves one behind. Who holds it
may take it again: a review holds the folder while it has the film made anew.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from storyboard.core.directory import Directory
from storyboard.core.errors import Busy
from storyboard.core.files import disk_errors

_held: ContextVar[frozenset[Path]] = ContextVar("held", default=frozenset())
"""Folders that this thread holds."""


@contextmanager
def exclusive(directory: Path | Directory) -> Generator[None]:
    """Hold `directory` for this thread of this process.

    Raises:
        Busy: another process holds it; the message names its process id.
        Linked: the lock is a link to somewhere else.
    """
    folder = directory if isinstance(directory, Directory) else Directory(directory)
    with disk_errors(f"locking {folder.at()}"):
        folder.make()
    own = folder.at().resolve()
    if own in _held.get():
        yield
        return
    with disk_errors(f"locking {folder.at()}"):
        handle = folder.open_lock(".lock")
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 64).decode(errors="replace").strip() or "unknown"
            raise Busy(
                f"{folder.at()} is being worked on by process {holder}. "
                "Wait for it to finish, stop it, or choose another folder with --out."
            ) from None
        with disk_errors(f"locking {folder.at()}"):
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        token = _held.set(_held.get() | {own})
        try:
            yield
        finally:
            _held.reset(token)
    finally:
        os.close(handle)


def holder(directory: Path) -> int | None:
    """The process that holds `directory`; None if nobody does.

    Looks at the kernel's table and takes nothing, so that whoever is about to lock it is not in
    the way. 0 stands for a process that cannot be seen from here.
    """
    lock = directory / ".lock"
    try:
        number = lock.stat(follow_symlinks=False).st_ino
        table = Path("/proc/locks").read_text(encoding="ascii", errors="replace")
        told = lock.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return None
    # Not by device as well: some file systems show another one there than they tell.
    held = re.findall(rf"FLOCK\s+ADVISORY\s+WRITE\s+(-?\d+)\s+\w+:\w+:{number}\s", table)
    if told in held:
        return int(told)
    return 0 if any(int(pid) <= 0 for pid in held) else None
