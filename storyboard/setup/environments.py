"""Environments: made, completed after an interruption, and why one could not be.

An environment that is being made is marked as unfinished beside it. A marked one is made anew
(packages that were downloaded are taken from the cache), because an installer that is killed
may leave half a package behind that passes for a whole one. What it was made from is kept beside
it too, so that a later release of this package can tell that it is out of date.

Knows: uv, pip, git, disks. Does not know: what an environment is for.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import SpecifierSet

from renderers.errors import Unavailable
from renderers.workers.catalog import UNFINISHED
from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.core.files import free_bytes
from storyboard.profile.installed import environment_of, filled, made, python_of, recipe
from storyboard.profile.provision import Checkout, Environment, environments

_BACKEND = re.compile(r"cpu|cu\d{2,3}|rocm[\d.]+|xpu")
_VERSION = re.compile(r"\d+(\.\d+)+(\+[\w.]+)?")
_GIT = re.compile(r"^\s*(?P<name>[\w.-]+)\s*@\s*git\+(?P<url>[^@\s]+)@(?P<tag>[^#\s]+)")
_TORCH_INDEX = "https://download.pytorch.org/whl"
_FULL_GIB = 0.5
"""With less than this left on it, a disk is taken for the reason of a failure."""
_LATEST_MINOR = 14


@dataclass(frozen=True, slots=True)
class Choices:
    """How an environment's packages are chosen beyond its list."""

    torch: str = ""
    """A build of PyTorch's own index (`cpu`, `cu130`, …) or a version (`2.13.0`)."""
    find_links: str = ""
    """A folder or page of wheels that are looked at too."""
    update: bool = False
    """Take the newest that the list allows, instead of what is there."""

    def __post_init__(self) -> None:
        if self.torch and not (_BACKEND.fullmatch(self.torch) or _VERSION.fullmatch(self.torch)):
            raise UsageError(
                f"--torch {self.torch}: is neither a build (cpu, cu128, cu130, rocm6.4, xpu) "
                "nor a version (2.13.0)"
            )

    def options(self, uv: bool) -> list[str]:
        """As arguments of uv or pip."""
        found = ["--find-links", self.find_links] if self.find_links else []
        if self.update:
            found.append("--upgrade")
        if _VERSION.fullmatch(self.torch):
            found.append(f"torch=={self.torch}")
        elif self.torch and uv:
            found += ["--torch-backend", self.torch]
        elif self.torch:
            found += ["--extra-index-url", f"{_TORCH_INDEX}/{self.torch}"]
        return found


def environment_named(name: str) -> Environment:
    """The environment of that name that comes with the package.

    Raises:
        UsageError: there is none.
    """
    known = environments()
    if name not in known:
        raise UsageError(f"environment {name}: is not one of: {', '.join(known)}")
    return known[name]


def make_environment(name: str, environment: Environment, choices: Choices | None = None) -> Path:
    """Make or complete an environment, with uv where it is at hand.

    Raises:
        Unavailable: a package could not be had; the message says why and what helps.
        Busy: it is being made.
    """
    if not environment.ours:
        return _not_ours(name, environment)
    place = environment_of(name)
    busy = f"{name} is being installed already: wait until that has ended, or end it"
    # The installer holds the lock too: it lives on when only we are killed, and nobody may clear
    # the environment beneath it.
    with Directory(place.parent).locked("lock", busy) as held:
        lines = requirements_of(name, environment)
        check_git(name, "\n".join(environment.requirements))
        mark = place.parent / UNFINISHED
        fresh = mark.exists() or not python_of(place).is_file()
        mark.touch()
        try:
            if environment.checkout is not None:
                check_out(name, environment.checkout, held)
            for command in _commands(name, environment, lines, choices or Choices(), fresh):
                subprocess.run(command, check=True, pass_fds=(held,))
        except (subprocess.CalledProcessError, OSError) as error:
            raise Unavailable(_failure(name, place, error)) from None
        Directory(place.parent).write("recipe", recipe(environment))
        mark.unlink()
    return place


def _not_ours(name: str, environment: Environment) -> Path:
    if made(name, environment) == "whole":
        return Path(environment.program or sys.prefix).expanduser()
    if environment.extra:
        raise Unavailable(
            f"{name} is a part of storyboard's own environment: "
            f"pip install 'storyboard[{environment.extra}]'"
        )
    raise Unavailable(
        f"{name}: {environment.program} is not there, and it is a program of its own: "
        f"{environment.program_fetch or 'install it'} ({environment.page})"
    )


def requirements_of(name: str, environment: Environment) -> list[str]:
    """The list with the checkout's place filled in."""
    folder = environment.checkout.folder if environment.checkout else ""
    places: Mapping[str, str] = {name: str(Path(folder).expanduser())} if folder else {}
    return [str(filled(line, places)) for line in environment.requirements]


def _commands(
    name: str, environment: Environment, lines: list[str], choices: Choices, fresh: bool
) -> Iterator[Sequence[str]]:
    place, uv = environment_of(name), shutil.which("uv")
    python = str(python_of(place))
    index = ["--extra-index-url", environment.index] if environment.index else []
    if uv is not None:
        if fresh:
            wanted = _interpreter(environment) or environment.python.replace(" ", "")
            yield [uv, "venv", "--quiet", "--clear", "--python", wanted, str(place)]
        # Sources that a package's own developers use (nightly indexes) are not for us, and pip
        # does not know them: both installers take what the index has.
        command = [uv, "pip", "install", "--python", python, "--no-sources"]
        # As pip does: the index of one package's wheels is not that of all others.
        index += ["--index-strategy", "unsafe-best-match"] if index else []
    else:
        if fresh:
            _venv(name, environment, place)
        command = [python, "-m", "pip", "install"]
    listed = place.parent / "requirements.txt"
    Directory(place.parent).write(listed.name, "\n".join([*lines, ""]))
    yield [*command, "-r", str(listed), *index, *choices.options(uv is not None)]


def _interpreter(environment: Environment) -> str | None:
    """A Python of this machine that the environment takes, the one of this process first."""
    allowed = SpecifierSet(environment.python)
    if ".".join(map(str, sys.version_info[:3])) in allowed:
        return sys.executable
    for minor in range(_LATEST_MINOR, 9, -1):
        if f"3.{minor}.99" in allowed and (found := shutil.which(f"python3.{minor}")):
            return found
    return None


def _venv(name: str, environment: Environment, place: Path) -> None:
    python = _interpreter(environment)
    if python is None:
        raise Unavailable(
            f"{name} needs Python {environment.python}, and there is none here: `pip install uv` "
            "(it brings one), then run the same command again"
        )
    if python == sys.executable:
        venv.create(place, with_pip=True, clear=True)
    else:
        subprocess.run([python, "-m", "venv", "--clear", str(place)], check=True)


# --- git --------------------------------------------------------------------


def check_out(name: str, checkout: Checkout, held: int | None = None) -> Path:
    """A clone at its commit; one that has changes of the user's is left as it is.

    Raises:
        Unavailable: there is no git, or it cannot get it.
    """
    folder = Path(checkout.folder).expanduser()
    if shutil.which("git") is None:
        raise Unavailable(f"{name} is a clone of {checkout.repository}: apt-get install git")
    if folder.is_dir() and not (folder / ".git").exists() and any(folder.iterdir()):
        raise Unavailable(
            f"{name}: {folder} is in the way: it is no clone of {checkout.repository}; move it "
            "away, and run the same command again"
        )
    if (folder / ".git").exists() and _git(folder, "rev-parse", "HEAD") == checkout.revision:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    steps = [
        ["init", "--quiet"],
        ["fetch", "--quiet", "--depth", "1", checkout.repository, checkout.revision],
        ["checkout", "--quiet", "FETCH_HEAD"],
    ]
    for step in steps:
        command = ["git", "-C", str(folder), *step]
        fds = (held,) if held is not None else ()
        quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
        done = subprocess.run(
            command, env=quiet, pass_fds=fds, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise Unavailable(
                f"{name}: git cannot get {checkout.revision[:12]} of {checkout.repository} "
                f"({said.removeprefix('fatal: ')}). Behind a proxy, set https_proxy. What is in "
                f"{folder} is kept; run the same command again."
            )
    return folder


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


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


# --- faults -----------------------------------------------------------------


def _failure(name: str, place: Path, error: Exception) -> str:
    caches = [place.parent, Path(os.environ.get("UV_CACHE_DIR") or "~/.cache").expanduser()]
    full = [str(p) for p in caches if p.exists() and free_bytes(p) / 2**30 < _FULL_GIB]
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
        f"{name} could not be installed into {place}: {what}. {help} What was downloaded "
        f"is kept: storyboard worker install {name} goes on with it."
    )
