"""What a service is started with: its command, its environment, and what it said last.

Knows: argument lists, variables, logs. Does not know: processes that run, health, records.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from renderers.errors import Unavailable
from storyboard.core.directory import Directory
from storyboard.profile import Service, Variant
from storyboard.profile.installed import environment_of, python_of


def digest(service: Service, variant: str) -> str:
    """Of what is started: a changed command must not adopt the old server."""
    launch = _launch(service, variant)
    return hashlib.sha256("\0".join([*launch, service.health]).encode()).hexdigest()[:16]


def begin(
    name: str, service: Service, variant: str, given: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, its words in `log`; `given` is what its
    environment has beside ours: which card it may see, by which mark it is known.

    Raises:
        Unavailable: there is no such program, or no such folder to start it in.
    """
    argv = _command(service, variant)
    lighter = _variant(service, variant)
    env = {**os.environ, **given, **service.env, **(lighter.env if lighter else {})}
    try:
        with os.fdopen(Directory(log.parent).open_append(log.name), "ab") as output:
            return subprocess.Popen(
                argv,
                cwd=Path(service.cwd).expanduser() if service.cwd else None,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise Unavailable(
            f"{name} cannot be started: {error.filename or argv[0]}: {error.strerror}. "
            f"Install it, or change services.{name}.launch in the profile"
        ) from None


def last_words(log: Path, lines: int = 4) -> str:
    """The end of a log, for an error message."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4000))
            text = file.read().decode(errors="replace")
    except OSError:
        return f"no log at {log}"
    last = [line.strip() for line in text.splitlines() if line.strip()][-lines:]
    return " | ".join(last) + f" (log: {log})" if last else f"it said nothing (log: {log})"


def _variant(service: Service, name: str) -> Variant | None:
    return next((v for v in service.variants if v.name == name), None)


def _launch(service: Service, variant: str) -> list[str]:
    lighter = _variant(service, variant)
    return (lighter.launch if lighter else []) or service.launch


def _command(service: Service, variant: str) -> list[str]:
    """The argument list with `~` expanded; `python` and `storyboard` are those of this process."""
    argv = [
        str(Path(a).expanduser()) if a.startswith("~/") else a for a in _launch(service, variant)
    ]
    return [found_program(service, argv[0]) or argv[0], *argv[1:]]


def found_program(service: Service, name: str) -> str | None:
    """Where the program of that name is, as `begin` looks for it; None: nowhere.

    `python` and `storyboard` are those of this process. Any other is looked for in the service's
    own environment, then on its own PATH: a `uvicorn` beside this process has not the packages of another server.
    """
    ours = str(Path(sys.executable).parent)
    if name == "python":
        return sys.executable
    path = service.env.get("PATH", os.environ.get("PATH", os.defpath))
    if service.environment is not None:
        path = f"{python_of(environment_of(service.environment)).parent}{os.pathsep}{path}"
    places = [ours, path] if name == "storyboard" else [path, ours]
    return next((found for place in places if (found := shutil.which(name, path=place))), None)
