"""`storyboard worker`: the servers of heavy video models, each in an environment of its own.

Knows: environments, which interpreter runs a worker. Does not know: models, HTTP.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from renderers.errors import Unavailable
from renderers.workers.catalog import ENTRIES, REQUIREMENTS, Entry
from renderers.workers.runner import LAUNCH
from storyboard.console import border, out
from storyboard.errors import UsageError

app = typer.Typer(help="Run, install and list the workers of heavy video models.")
_PASSED_ON: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    # --help is the worker's own.
    "help_option_names": [],
}


def environment_of(entry: Entry) -> Path:
    """Where a worker's environment is, made or not: below $XDG_DATA_HOME."""
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification tells programs to ignore relative paths.
    base = given if given.is_absolute() else Path("~/.local/share").expanduser()
    return base / "storyboard" / "workers" / entry.name / "venv"


def interpreter_of(entry: Entry) -> Path:
    """The Python that runs the worker: its environment's, else this one."""
    inside = _python(environment_of(entry))
    return inside if inside.is_file() else Path(sys.executable)


@app.command("run", context_settings=_PASSED_ON)
def run_worker(
    context: typer.Context, name: Annotated[str, typer.Argument(help="Which worker.")]
) -> None:
    """Serve a model until it is stopped. `storyboard worker run NAME --help` has its options.

    It starts without its weights and packages too, and says in one line what is missing.
    """
    with border():
        command = command_of(name, context.args)
        # Replaced, not spawned: who started this command watches, and ends, the server itself.
        os.execv(command[0], command)


def command_of(name: str, options: Sequence[str] = ()) -> list[str]:
    """The command that serves a worker.

    Raises:
        UsageError: there is no such worker.
    """
    if name in ("--help", "-h"):
        name, options = next(iter(ENTRIES)), ["--help"]
    entry = _entry(name)
    return [str(interpreter_of(entry)), str(LAUNCH), "serve", entry.name, *options]


@app.command("install")
def install_worker(name: Annotated[str, typer.Argument(help="Which worker.")]) -> None:
    """Make the worker's own environment, with what its requirements file names."""
    with border():
        entry = _entry(name)
        place = install(entry)
        out.print(f"{entry.name} is installed in {place}", soft_wrap=True)
        out.print(f"its weights: {entry.fetch}", soft_wrap=True)
        if entry.source_fetch:
            out.print(f"its code: {entry.source_fetch}", soft_wrap=True)


def install(entry: Entry) -> Path:
    """Make or complete the environment of a worker, with uv where it is at hand.

    Raises:
        Unavailable: a package could not be had.
    """
    place = environment_of(entry)
    requirements = str(REQUIREMENTS / entry.requirements)
    uv = shutil.which("uv")
    try:
        if uv is not None:
            if not _python(place).is_file():
                _run([uv, "venv", "--quiet", "--python", sys.executable, str(place)])
            _run([uv, "pip", "install", "--python", str(_python(place)), "-r", requirements])
        else:
            if not _python(place).is_file():
                venv.create(place, with_pip=True)
            _run([str(_python(place)), "-m", "pip", "install", "-r", requirements])
    except (subprocess.CalledProcessError, OSError) as error:
        raise Unavailable(
            f"{entry.name} could not be installed into {place}: {error}; "
            "what is there already is kept, run the same command again"
        ) from None
    return place


@app.command("list")
def list_workers() -> None:
    """Show the workers, and what each lacks to be run."""
    with border():
        for entry in ENTRIES.values():
            out.print(f"{entry.name}  port {entry.port}  {entry.about}", soft_wrap=True)
            out.print(f"    {state_of(entry)}", soft_wrap=True)


def state_of(entry: Entry) -> str:
    """`ready`, or in one line what the worker lacks in the environment that would run it."""
    asked = subprocess.run(
        command_of(entry.name, ["--check"]), capture_output=True, text=True, check=False
    )
    return "ready" if asked.returncode == 0 else (asked.stdout or asked.stderr).strip()


def _entry(name: str) -> Entry:
    if name not in ENTRIES:
        raise UsageError(f"worker {name}: is not one of: {', '.join(ENTRIES)}")
    return ENTRIES[name]


def _python(place: Path) -> Path:
    return place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)
