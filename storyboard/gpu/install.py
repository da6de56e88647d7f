"""Environments of workers: made, completed after an interruption, and why one could not be.

An environment that is being made is marked as unfinished beside it. A marked one is made anew
(packages that were downloaded are taken from the cache), because an installer that is killed
may leave half a package behind that passes for a whole one.

Knows: uv, pip, git, disks. Does not know: what a worker does.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from renderers.errors import Unavailable
from renderers.workers.catalog import REQUIREMENTS, UNFINISHED, Entry
from storyboard.core.directory import Directory
from storyboard.core.errors import Busy, UsageError

_BACKEND = re.compile(r"cpu|cu\d{2,3}|rocm[\d.]+|xpu")
_VERSION = re.compile(r"\d+(\.\d+)+(\+[\w.]+)?")
_GIT = re.compile(r"^\s*(?P<name>[\w.-]+)\s*@\s*git\+(?P<url>[^@\s]+)@(?P<tag>[^#\s]+)")
_TORCH_INDEX = "https://download.pytorch.org/whl"
_FULL_GIB = 0.5
"""With less than this left on it, a disk is taken for the reason of a failure."""


@dataclass(frozen=True, slots=True)
class Choices:
    """How a worker's packages are chosen beyond its list."""

    torch: str = ""
    """A build of PyTorch's own index (`cpu`, `cu130`, …) or a version (`2.13.0`)."""
    find_links: str = ""
    """A folder or page of wheels that are looked at too."""

    def __post_init__(self) -> None:
        if self.torch and not (_BACKEND.fullmatch(self.torch) or _VERSION.fullmatch(self.torch)):
            raise UsageError(
                f"--torch {self.torch}: is neither a build (cpu, cu128, cu130, rocm6.4, xpu) "
                "nor a version (2.13.0)"
            )

    def options(self, uv: bool) -> list[str]:
        """As arguments of uv or pip."""
        found = ["--find-links", self.find_links] if self.find_links else []
        if _VERSION.fullmatch(self.torch):
            found.append(f"torch=={self.torch}")
        elif self.torch and uv:
            found += ["--torch-backend", self.torch]
        elif self.torch:
            found += ["--extra-index-url", f"{_TORCH_INDEX}/{self.torch}"]
        return found


def environment_of(entry: Entry) -> Path:
    """Where a worker's environment is, made or not: below $XDG_DATA_HOME."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification tells programs to ignore relative paths.
    base = given if given.is_absolute() else Path("~/.local/share").expanduser()
    return base / "storyboard" / "workers" / entry.name / "venv"


def python_of(place: Path) -> Path:
    """The interpreter of an environment."""
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def install(entry: Entry, choices: Choices | None = None) -> Path:
    """Make or complete the environment of a worker, with uv where it is at hand.

    Raises:
        Unavailable: a package could not be had; the message says why and what helps.
        Busy: it is being installed.
    """
    place = environment_of(entry)
    with _alone(entry, place) as held:
        requirements = REQUIREMENTS / entry.requirements
        check_git(entry.name, requirements.read_text(encoding="utf-8"))
        mark = place.parent / UNFINISHED
        fresh = mark.exists() or not python_of(place).is_file()
        mark.touch()
        try:
            for command in _commands(place, requirements, choices or Choices(), fresh):
                subprocess.run(command, check=True, pass_fds=(held,))
        except (subprocess.CalledProcessError, OSError) as error:
            raise Unavailable(_failure(entry, place, error)) from None
        mark.unlink()
    return place


def _commands(
    place: Path, requirements: Path, choices: Choices, fresh: bool
) -> Iterator[Sequence[str]]:
    python, uv = str(python_of(place)), shutil.which("uv")
    if uv is not None:
        if fresh:
            yield [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)]
        # Sources that a package's own developers use (nightly indexes) are not for us, and pip
        # does not know them: both installers take what the index has.
        command = [uv, "pip", "install", "--python", python, "--no-sources"]
    else:
        if fresh:
            venv.create(place, with_pip=True, clear=True)
        command = [python, "-m", "pip", "install"]
    yield [*command, "-r", str(requirements), *choices.options(uv is not None)]


def check_git(name: str, requirements: str) -> None:
    """Ask each git repository of a list for its tag, before gigabytes are fetched.

    Raises:
        Unavailable: there is no git, no such tag, or no way to the host.
    """
    found = {m["url"]: m for line in requirements.splitlines() if (m := _GIT.match(line))}
    if found and shutil.which("git") is None:
        raise Unavailable(f"{name} is installed from git: install git (apt-get install git)")
    for url, match in found.items():
        said = _ask_git(url, match["tag"])
        if said is None:
            continue
        folder = url.rstrip("/").rpartition("/")[2]
        raise Unavailable(
            f"{name} cannot be installed: {match['name']} is published at {url} alone, and git "
            f"cannot get the tag {match['tag']} from there ({said}). Behind a proxy, set "
            "https_proxy. Without a network, fetch it where there is one (git clone --branch "
            f"{match['tag']} {url}), bring the folder here, and have git take it from there: git "
            f'config --global url."file:///PATH/TO/{folder}".insteadOf {url}. Nothing was '
            "changed; run the same command again then."
        )


def _ask_git(url: str, tag: str) -> str | None:
    """None when the repository has the tag; else what git says, in one line."""
    # No prompt for a password: nobody may be there to answer.
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "ls-remote", "--exit-code", "--tags", url, tag]
    try:
        asked = subprocess.run(command, env=quiet, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "no answer within a minute"
    if asked.returncode == 0:
        return None
    lines = asked.stderr.strip().splitlines()
    return lines[-1].removeprefix("fatal: ") if lines else "it has no such tag"


def _failure(entry: Entry, place: Path, error: Exception) -> str:
    caches = [place.parent, Path(os.environ.get("UV_CACHE_DIR") or "~/.cache").expanduser()]
    full = [str(p) for p in caches if p.exists() and _free_gib(p) < _FULL_GIB]
    if isinstance(error, subprocess.CalledProcessError):
        what = f"its installer ended with {error.returncode} and says why above"
    else:
        what = str(error)
    help = "Without a network, --find-links names a folder of wheels."
    if full:
        help = (
            f"The disk of {' and of '.join(full)} is full: make room, or put XDG_DATA_HOME and "
            "UV_CACHE_DIR on another disk."
        )
    return (
        f"{entry.name} could not be installed into {place}: {what}. {help} What was downloaded "
        f"is kept: storyboard worker install {entry.name} goes on with it."
    )


def _free_gib(path: Path) -> float:
    return shutil.disk_usage(path).free / 2**30


@contextmanager
def _alone(entry: Entry, place: Path) -> Generator[int]:
    """One installation a worker. Yields the lock, for the installer to hold too: it lives on
    when only we are killed, and nobody may clear the environment beneath it."""
    lock = Directory(place.parent).open_lock("lock")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield lock
    except BlockingIOError:
        raise Busy(
            f"{entry.name} is being installed already: wait until that has ended, or end it"
        ) from None
    finally:
        os.close(lock)
