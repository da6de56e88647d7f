"""Writing files so that a kill, a full disk or a second reader never sees half of one.

Knows: temporary names, renames, digests, safe names. Does not know: what is in a file.
"""

from __future__ import annotations

import codecs
import errno
import hashlib
import json
import math
import os
import re
import shutil
import stat
import tomllib
import unicodedata
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from io import BufferedReader
from pathlib import Path
from tempfile import gettempdir
from typing import Any, cast

from renderers.loose import record_of
from storyboard.core.directory import Directory
from storyboard.core.errors import StoryboardError, UsageError

_DEEPEST = 100
"""Levels of a value: nothing of ours has a tenth."""
_LONGEST_NUMBER = 1000
"""Bits of an integer: one of thousands of digits cannot even be told."""
_NESTED = f"is nested deeper than {_DEEPEST} levels"
_DIGITS = "holds a number of thousands of digits"
_LONGEST = 64 << 20
"""Bytes of a text that people write."""
_LONGEST_TOML = 64 << 10


def digest(file: BufferedReader) -> str:
    """SHA-256 of all that is left to read, in hex."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def digest_file(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return digest(file)


def canonical(data: object) -> str:
    """One text for one value: the form that keys are digests of."""
    return json.dumps(
        data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def digest_json(data: object) -> str:
    return hashlib.sha256(canonical(data).encode()).hexdigest()


@contextmanager
def atomic(path: Path) -> Generator[Path]:
    """Yield a temporary path beside `path`; rename it there when the block succeeds.

    For pages and for what a step makes. What counts after a power cut, and what lies in a
    folder that may be a stranger's, is written by its `Directory`.
    """
    with Directory(path.parent).replacing(path.name, sync=False) as temporary:
        yield temporary


def write_text(path: Path, text: str) -> None:
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def open_regular(path: Path) -> BufferedReader:
    """A file to read from: in a folder of a stranger's a pipe has nobody at its other end, and a
    device no end.

    Raises:
        OSError: it is none, or cannot be read.
    """
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError(errno.EINVAL, "is no plain file", str(path))


def read_written(path: Path | Traversable) -> str:
    """Text that people wrote: UTF-8, with or without a mark at its beginning, or marked UTF-16.

    Raises:
        OSError: it cannot be read. UnicodeDecodeError: it is in another encoding.
    """
    with path.open("rb") as file:
        # A device never ends, and a file may be as long as it likes.
        data = file.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise OSError(errno.E2BIG, f"it has more than {_LONGEST >> 20} MiB, no text of ours has")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16").removeprefix("\ufeff")
    # Editors on Windows mark UTF-8; Python would take the mark for a letter.
    return data.decode("utf-8-sig").removeprefix("\ufeff").replace("\r\n", "\n")


def read_told(path: Path | Traversable, refuse: Callable[[str], Exception]) -> str:
    """As `read_written`; what is wrong with the file becomes an error by `refuse`."""
    try:
        return read_written(path)
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise refuse("is not UTF-8 text") from None


def read_given(path: Path, option: str = "") -> str:
    """The text of a file that a user names, with that option.

    Raises:
        UsageError: it cannot be read.
    """
    given = f"{option}: {path}" if option else str(path)
    return read_told(path, lambda told: UsageError(f"{given} {told}"))


def dump_json(data: object) -> str:
    """JSON as people read it; what is no number (the loudness of silence) is null."""
    return json.dumps(finite(data), ensure_ascii=False, indent=2) + "\n"


def finite(data: Any) -> Any:
    """The same data with null for numbers that JSON has not: NaN and the infinities."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {key: finite(value) for key, value in cast("Mapping[Any, Any]", data).items()}
    if isinstance(data, list | tuple):
        return [finite(value) for value in cast("list[Any]", data)]
    return data


def write_json(path: Path, data: object) -> None:
    write_text(path, dump_json(data))


def parse_json(text: str | bytes, constant: Callable[[str], Any] | None = None) -> Any:
    """The value of a JSON text, whoever wrote it. `constant` says what NaN and Infinity are.

    Raises:
        ValueError: it is none (`json.JSONDecodeError`, with the place), or one that only Python
            reads: NaN, endless numbers and digits, brackets without end.
    """
    try:
        value: Any = json.loads(text, parse_constant=constant or _no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError(_NESTED) from None
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise ValueError(_DIGITS if "digits" in str(error) else error) from None
    within_limits(value)
    return value


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text, whoever wrote it.

    Raises:
        ValueError: it is none, or longer or deeper than any of ours.
    """
    # What a key of ten thousand parts takes grows by the square.
    if len(text) > _LONGEST_TOML:
        raise ValueError(f"has more than {_LONGEST_TOML >> 10} kB")
    try:
        value = tomllib.loads(text)
    except RecursionError:
        raise ValueError(_NESTED) from None
    except ValueError as error:
        raise ValueError(f"is not TOML: {str(error)[:200]}") from None
    within_limits(value)
    return value


def read_json(path: Path) -> Any:
    """What a file of ours holds. Earlier releases wrote the loudness of silence as -Infinity.

    Raises:
        OSError: it cannot be read. ValueError: it is no JSON.
    """
    with open_regular(path) as file:
        return parse_json(file.read(), lambda constant: None)


def read_record(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds; an empty one where there is none."""
    try:
        return record_of(read_json(path))
    except (OSError, ValueError):
        return {}


def _no_number(text: str) -> float:
    raise ValueError(f"holds {text}, which is no number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text[:40])


def within_limits(value: object) -> None:
    """
    Raises:
        ValueError: the value is nested deeper, or holds a longer number, than any of ours.
    """
    depth, level = 0, [value]
    while level:
        depth += 1
        if depth > _DEEPEST:
            raise ValueError(_NESTED)
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner += cast("dict[str, object]", each).values()
            elif isinstance(each, list):
                inner += cast("list[object]", each)
            elif isinstance(each, int) and each.bit_length() > _LONGEST_NUMBER:
                raise ValueError(_DIGITS)
        level = inner


def copy(source: Path, target: Path) -> None:
    with atomic(target) as temporary:
        shutil.copyfile(source, temporary)


def link(source: str | Path, target: str | Path) -> None:
    """The same file under another name where the disk can do that, else a copy.

    Files of a run are only ever replaced by a rename, so a link never changes.
    """
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def state_directory() -> Path:
    """Where figures, records of services and logs live: $XDG_STATE_HOME/storyboard."""
    base = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(base).expanduser() / "storyboard"


def slugify(text: str, limit: int = 40) -> str:
    """A readable folder name for any text: letters and digits of any script, and hyphens.

    Never empty, never a dot name, at most `limit` characters and 120 bytes.
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).lower().replace("_", " "))
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > limit:
            break
        slug = longer
    slug = slug or "".join(words)[:limit]
    while len(slug.encode()) > 120:
        slug = slug[:-1]
    return slug or "film-" + hashlib.sha256(text.encode()).hexdigest()[:6]


FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says of a disk that takes no more."""
_ROOM = 1 << 20
"""With fewer bytes left, a disk is full whatever failed on it."""
_REFUSED = frozenset({errno.EACCES, errno.EROFS, errno.EPERM})
_SCARCE = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ELOOP, errno.ENAMETOOLONG})
_IN_THE_WAY = frozenset({errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG})


@contextmanager
def disk_errors(what: str, *places: Path) -> Generator[None]:
    """Turn the operating system's refusals into one clear paragraph with the fix.

    `places` are the folders that are written to: a full one is named, whichever file it was.
    """
    try:
        yield
    except (ConnectionError, TimeoutError, ChildProcessError, ProcessLookupError):
        # Of the network and of processes, whose callers know better.
        raise
    except OSError as error:
        raise StoryboardError(_told(what, error, *places)) from error


def _told(what: str, error: OSError, *places: Path) -> str:
    where = error.filename or what
    if error.errno in FULL:
        return (
            f"{what}: the disk is full ({_full(error, places)}). Everything finished so far is kept: "
            "free some space and run the same command again."
        )
    if error.errno in _REFUSED:
        return (
            f"{what}: no permission to write {where}. Choose a folder you can write to with --out."
        )
    if error.errno in _IN_THE_WAY:
        return f"{what}: {where} cannot be written ({error.strerror}). Choose another with --out."
    if error.errno == errno.EIO:
        return (
            f"{what}: the disk fails (at {where}). Everything finished so far is kept; look at "
            "the disk before you run the same command again."
        )
    return f"{what}: {where}: {error.strerror or error}. Mend that and run the same command again."


def _full(error: OSError, places: tuple[Path, ...]) -> str:
    """The folder that takes no more: a copy that fails is told by the name of its source."""
    named = [Path(os.fsdecode(n)).parent for n in (error.filename2, error.filename) if n]
    folders = [*places, *named, Path(gettempdir())]
    full = next((f for f in folders if free_bytes(f) <= _ROOM), next(iter(folders)))
    return f"no room in {full.absolute()}"


def os_refusal(error: OSError | MemoryError) -> str | None:
    """What the system refuses, as a paragraph; None for an error that is ours."""
    if isinstance(error, MemoryError):
        return "The memory ran out. Close other programs, or use --jobs 1, and run it again."
    if error.errno not in FULL | _REFUSED | _SCARCE or isinstance(error, ConnectionError):
        return None
    where = str(error.filename or "a file")
    if error.errno == errno.ENAMETOOLONG:
        return f"{where[:80]}…: the name is too long for the disk: use a shorter one"
    if error.errno in _REFUSED:
        return f"{where}: no permission: see that this user may read and write it"
    return _told("this command", error)


def disk_full(what: str, error: Exception, place: Path) -> StoryboardError | None:
    """The failure as that of a full disk; None where it is none.

    Encoders and libraries tell it in words of their own ("System error"), or not at all.
    """
    if isinstance(error, StoryboardError):
        return None
    room = min(free_bytes(place), free_bytes(Path(gettempdir())))
    if room > _ROOM and os.strerror(errno.ENOSPC) not in str(error):
        return None
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place))
    told = StoryboardError(_told(what, full))
    told.__cause__ = full
    return told


def free_bytes(path: Path) -> int:
    """Free space of the file system that holds `path` or its nearest existing parent."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    stat = os.statvfs(path)
    return stat.f_bavail * stat.f_frsize
