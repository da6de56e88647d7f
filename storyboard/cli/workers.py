"""`storyboard worker`: the servers of heavy video models, each in an environment of its own.

Knows: commands, which interpreter runs a worker. Does not know: how an environment is made,
models, HTTP.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from renderers.workers.catalog import ENTRIES, Entry
from renderers.workers.runner import LAUNCH
from storyboard.core.console import border, out
from storyboard.core.errors import UsageError
from storyboard.gpu.install import Choices, environment_of, install, python_of

app = typer.Typer(help="Run, install and list the workers of heavy video models.")
_PASSED_ON: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    # --help is the worker's own.
    "help_option_names": [],
}


def interpreter_of(entry: Entry) -> Path:
    """The Python that runs the worker: its environment's, else this one."""
    inside = python_of(environment_of(entry))
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
def install_worker(
    name: Annotated[str, typer.Argument(help="Which worker.")],
    torch: Annotated[
        str,
        typer.Option(help="A build of PyTorch's own index (cpu, cu130, …), or a version (2.13.0)."),
    ] = "",
    find_links: Annotated[
        str, typer.Option(help="A folder or page of wheels that are looked at too.")
    ] = "",
) -> None:
    """Make the worker's own environment, with what its requirements file names."""
    with border():
        entry = _entry(name)
        place = install(entry, Choices(torch, find_links))
        out.print(f"{entry.name} is installed in {place}", soft_wrap=True)
        out.print(state_of(entry), soft_wrap=True)


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
