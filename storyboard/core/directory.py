"""A directory that somebody named: all in it is reached by handle, and never through a link.

A run folder may come from a stranger. A link in it (`images` to a home folder, `events.jsonl`
to a shell's start-up file) would have us write where it points. So every name is opened
relative to the handle of the folder that holds it, with `O_NOFOLLOW`, and only regular files
and real folders are taken. The directory itself may be a link: whoever named it meant it.

What is written appears whole or not at all: a temporary name, `fsync` of the file, a rename,
`fsync` of the folder. So it outlives a power cut as well as a kill.

Knows: handles, links, renames, fsync. Does not know: what a file holds, what a run is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import stat
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePath

from storyboard.core.errors import Busy, UsageError

Name = str | PurePath
"""Of a file in a directory, relative to it: `plan.json`, `images/hook.png`."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK, opening a named pipe would wait for its other end.
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Linked(UsageError):
    """A name that is a link, a pipe or a device where a plain file or folder must be."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory at `path`, or the one `inside` it. Holds nothing open between calls.

    Every method raises `Linked` for a link on the way and `OSError` for what the system
    refuses; names that lead out (`..`, `/etc`) are a `ValueError`.
    """

    path: Path
    inside: tuple[str, ...] = ()

    def sub(self, name: Name) -> Directory:
        """The directory of that name in this one, which need not be there yet."""
        return Directory(self.path, (*self.inside, *_parts(name)))

    def at(self, name: Name = "") -> Path:
        """Where `name` lies, for messages and for readers that take a path."""
        return self.path.joinpath(*self.inside, name)

    def name_of(self, path: Path) -> str:
        """The name under which `path` is known here."""
        return str(path.relative_to(self.at()))

    # --- looking ------------------------------------------------------------

    def holds(self, name: Name) -> bool:
        """Whether a regular file of that name is there."""
        try:
            with self._parent(name) as (folder, leaf):
                return stat.S_ISREG(os.stat(leaf, dir_fd=folder, follow_symlinks=False).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def names(self) -> list[str]:
        """What lies directly in it, sorted; nothing where it is not there."""
        try:
            with self._open() as folder:
                return sorted(os.listdir(folder))  # noqa: PTH208 - by handle
        except FileNotFoundError:
            return []

    def read(self, name: Name) -> bytes:
        with self._parent(name) as (folder, leaf):
            handle = self._file(folder, leaf, os.O_RDONLY, name)
        with os.fdopen(handle, "rb") as file:
            return file.read()

    def check(self, *names: Name) -> None:
        """See that none of `names` is, or lies behind, a link; they may be missing.

        For what another library opens by path.
        """
        for name in names:
            with suppress(FileNotFoundError), self._parent(name) as (folder, leaf):
                mode = os.stat(leaf, dir_fd=folder, follow_symlinks=False).st_mode
                if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                    raise self._refusal(name)

    # --- writing ------------------------------------------------------------

    def make(self) -> None:
        """See that it is there."""
        with self._open(make=True):
            pass

    def write(self, name: Name, data: bytes | str, *, secret: bool = False) -> None:
        """Have `name` hold `data`: all of it, or what it held before. A `secret` nobody else may
        read, not even before it has its name."""
        flags, mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o666
        with (
            self.replacing(name) as temporary,
            os.fdopen(os.open(temporary, flags, mode), "wb") as file,
        ):
            file.write(data if isinstance(data, bytes) else data.encode())

    def copy(self, source: Path, name: Name, *, sync: bool = True) -> None:
        """Have `name` hold what the regular file `source` holds."""
        with (
            plain_file(source) as (file, _),
            self.replacing(name, sync=sync) as temporary,
            temporary.open("xb") as target,
        ):
            shutil.copyfileobj(file, target, 1 << 20)
            target.flush()

    @contextmanager
    def replacing(self, name: Name, *, sync: bool = True) -> Generator[Path]:
        """Yield a temporary path beside `name`, which takes its place when the block succeeds.

        The temporary keeps the suffix, since encoders choose a container by it. Without `sync`
        a power cut may leave an empty file: for what is made again in a moment.
        """
        with self._parent(name, make=True, sync=sync) as (folder, leaf):
            self._plain(folder, leaf, name)
            short = f".{secrets.token_hex(6)}.part{PurePath(leaf).suffix}"
            temporary = self._real(name).with_name(short)
            try:
                yield temporary
                self._settle(folder, short, leaf, name, sync=sync)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(short, dir_fd=folder)

    def take(self, source: Path, name: Name) -> None:
        """Move a file of the same file system in under `name`.

        What it holds is on the disk then; its name is when what tells of it is.
        """
        with self._parent(name, make=True) as (folder, leaf):
            self._plain(folder, leaf, name)
            with plain_file(source) as (file, _):
                os.fsync(file.fileno())
            os.replace(source, leaf, dst_dir_fd=folder)

    def sync(self, names: Iterable[Name]) -> None:
        """See that these files, where they are there, are on the disk under their names."""
        folders: set[tuple[str, ...]] = set()
        for name in names:
            with suppress(FileNotFoundError), self._parent(name) as (folder, leaf):
                handle = self._file(folder, leaf, os.O_RDONLY, name)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
                folders.add(_parts(name)[:-1])
        for inside in folders:
            with Directory(self.path, (*self.inside, *inside))._open() as folder:
                os.fsync(folder)

    def append(self, name: Name, text: str) -> None:
        """Add `text` to the end of `name`. A line that a kill has torn is ended first."""
        data = text.encode()
        with os.fdopen(self.open_append(name), "r+b", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            if size and os.pread(file.fileno(), 1, size - 1) != b"\n":
                data = b"\n" + data
            while data:
                # One write as a rule, so that the lines of several writers do not mix.
                data = data[os.write(file.fileno(), data) :]

    def open_append(self, name: Name) -> int:
        """A handle that adds to the end of `name`, made where it is missing. The caller closes
        it."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        with self._parent(name, make=True) as (folder, leaf):
            handle = self._file(folder, leaf, flags, name)
            if os.fstat(handle).st_nlink > 1:
                # Under its other name it may be anybody's file: go on in a copy.
                os.close(handle)
                self.write(name, self.read(name))
                handle = self._file(folder, leaf, flags, name)
            return handle

    def open_lock(self, name: Name) -> int:
        """A handle of the lock file `name`, made where it is missing. The caller closes it."""
        with self._parent(name, make=True) as (folder, leaf):
            return self._file(folder, leaf, os.O_RDWR | os.O_CREAT, name, alone=True)

    @contextmanager
    def locked(self, name: Name, busy: str = "") -> Generator[int]:
        """Nobody else, of any process, holds the lock file `name` meanwhile; yields its handle.

        Raises:
            Busy: another does, and `busy` is what is told then; without it, the other is waited for.
        """
        handle = self.open_lock(name)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
            except BlockingIOError:
                raise Busy(busy) from None
            yield handle
        finally:
            os.close(handle)

    def rename(self, old: Name, new: Name) -> None:
        with self._parent(old) as (folder, before), self._parent(new, make=True) as (to, after):
            self._plain(folder, before, old)
            self._plain(to, after, new)
            os.replace(before, after, src_dir_fd=folder, dst_dir_fd=to)
            os.fsync(to)

    def remove(self, name: Name) -> None:
        """Have no file or link of that name; what a link points to stays."""
        with suppress(FileNotFoundError), self._parent(name) as (folder, leaf):
            os.unlink(leaf, dir_fd=folder)

    def remove_tree(self, name: Name) -> None:
        """Have no folder of that name, as far as the system lets us."""
        with suppress(FileNotFoundError), self._parent(name) as (folder, leaf):
            shutil.rmtree(leaf, ignore_errors=True, dir_fd=folder)

    def sweep(self) -> None:
        """Remove the temporary files that killed processes left directly in it."""
        for name in self.names():
            if name.startswith(".") and ".part" in name:
                self.remove(name)

    # --- handles ------------------------------------------------------------

    @contextmanager
    def _open(self, *, make: bool = False, sync: bool = False) -> Generator[int]:
        """A handle of this directory; with `sync`, what is made of it is on the disk."""
        if make:
            self.path.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.path, _FOLDER)
        try:
            for depth, part in enumerate(self.inside, 1):
                inner = self._descend(folder, part, depth, make=make, sync=sync)
                os.close(folder)
                folder = inner
            yield folder
        finally:
            os.close(folder)

    def _descend(self, folder: int, part: str, depth: int, *, make: bool, sync: bool) -> int:
        flags = _FOLDER | os.O_NOFOLLOW
        try:
            try:
                return os.open(part, flags, dir_fd=folder)
            except FileNotFoundError:
                if not make:
                    raise
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=folder)
                if sync:
                    os.fsync(folder)
            return os.open(part, flags, dir_fd=folder)
        except OSError as error:
            place = self.path.joinpath(*self.inside[:depth])
            if error.errno in (errno.ELOOP, errno.ENOTDIR) and place.is_symlink():
                raise _refusal(place) from None
            error.filename = str(place)
            raise

    @contextmanager
    def _parent(
        self, name: Name, *, make: bool = False, sync: bool = False
    ) -> Generator[tuple[int, str]]:
        """A handle of the folder that holds `name`, and its last part."""
        *folders, leaf = _parts(name)
        with Directory(self.path, (*self.inside, *folders))._open(make=make, sync=sync) as folder:
            try:
                yield folder, leaf
            except OSError as error:
                # The system names what it was given: a part of a path, a temporary name.
                if isinstance(error.filename, str) and os.sep not in error.filename:
                    error.filename = str(self.at(name))
                raise

    def _file(self, folder: int, leaf: str, flags: int, name: Name, *, alone: bool = False) -> int:
        """A handle of a regular file; with `alone`, of one that has no second name."""
        try:
            handle = os.open(leaf, flags | _FILE, 0o644, dir_fd=folder)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):
                raise self._refusal(name) from None
            raise
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or (alone and found.st_nlink > 1):
            os.close(handle)
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), leaf)
            raise self._refusal(name)
        return handle

    def _plain(self, folder: int, leaf: str, name: Name) -> None:
        """See that what is replaced is a plain file, if it is there."""
        try:
            mode = os.stat(leaf, dir_fd=folder, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), leaf)
        if not stat.S_ISREG(mode):
            raise self._refusal(name)

    def _settle(self, folder: int, temporary: str, leaf: str, name: Name, *, sync: bool) -> None:
        handle = self._file(folder, temporary, os.O_RDONLY, name)
        try:
            if sync:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, leaf, src_dir_fd=folder, dst_dir_fd=folder)
        if sync:
            os.fsync(folder)

    def _real(self, name: Name) -> Path:
        """The path of `name` without a link in it: its folders were just opened."""
        return Path(os.path.realpath(self.path)).joinpath(*self.inside, name)

    def _refusal(self, name: Name) -> Linked:
        return _refusal(self.at(name))


def directory_of(path: Path, root: Path) -> Directory:
    """The directory at the `path` of `--out`: what lies in `root` is reached without links, else it
    is what its user named.

    Raises:
        UsageError: it is a file, or lies in one.
    """
    if in_the_way := next((p for p in (path, *path.parents) if p.is_file()), None):
        raise UsageError(f"--out: {in_the_way} is a file: name a folder")
    if path != root and path.is_relative_to(root):
        return Directory(root).sub(path.relative_to(root))
    return Directory(path)


@contextmanager
def plain_file(path: Path) -> Generator[tuple[BufferedReader, os.stat_result]]:
    """A regular file, opened for reading at once with what it is, never through a link.

    Raises:
        Linked: it is a link, a pipe or a device.
    """
    try:
        handle = os.open(path, os.O_RDONLY | _FILE)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise _refusal(path) from None
        raise
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise _refusal(path)
        yield file, found


def _refusal(path: Path) -> Linked:
    if path.is_symlink():
        what = f"is a link to {path.readlink()}"
    elif path.is_file():
        what = "has a second name elsewhere (a hard link)"
    else:
        what = "is a pipe or a device"
    return Linked(
        f"{path} {what}: nothing is written or read through it. Put a real file or folder in "
        "its place, or remove it; only the folder that you name yourself may be a link."
    )


def _parts(name: Name) -> tuple[str, ...]:
    path = PurePath(name)
    if path.is_absolute() or not path.parts or ".." in path.parts:
        raise ValueError(f"'{name}' is no name inside a folder")
    return path.parts
