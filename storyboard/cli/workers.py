"""`storyboard worker`: the servers and workers of heavy models, each in an environment of its own.

Knows: commands, which interpreter runs a worker. Does not know: how an environment is made,
models, HTTP.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from renderers.workers.catalog import ENTRIES
from renderers.workers.runner import LAUNCH
from storyboard.core.console import border, out
from storyboard.core.errors import UsageError
from storyboard.profile.installed import environment_of, made, program_of, python_of
from storyboard.profile.provision import environments
from storyboard.setup.environments import Choices, environment_named, make_environment
from storyboard.setup.hub import direct_to_here
from storyboard.setup.readiness import serving, state_of_worker

app = typer.Typer(help="Install, list, update and run the servers and workers of heavy models.")
_PASSED_ON: dict[str, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    # --help is the worker's own.
    "help_option_names": [],
}
_GGUF = "llama-cpp"
Torch = Annotated[
    str, typer.Option(help="A build of PyTorch's own index (cpu, cu130, …), or a version (2.13.0).")
]
FindLinks = Annotated[str, typer.Option(help="A folder or page of wheels that are looked at too.")]


@app.command("run", context_settings=_PASSED_ON)
def run_worker(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Which worker, or environment.")],
) -> None:
    """Serve a model until it is stopped. `storyboard worker run NAME --help` has its options.

    A worker starts without its weights and packages too, and says in one line what is missing.
    """
    with border():
        command = command_of(name, context.args)
        checkout = environments()[name].checkout if name in environments() else None
        if checkout is not None and name not in ENTRIES:
            os.chdir(Path(checkout.folder).expanduser())
        # Replaced, not spawned: who started this command watches, and ends, the server itself.
        os.execv(command[0], command)


def command_of(name: str, options: Sequence[str] = ()) -> list[str]:
    """The command that serves a worker, or the program of an environment.

    Raises:
        UsageError: there is no such one, or it is not installed.
    """
    if name in ("--help", "-h"):
        name, options = next(iter(ENTRIES)), ["--help"]
    if name in ENTRIES:
        return serving(ENTRIES[name], options)
    if name not in environments():
        raise UsageError(f"worker {name}: is not one of: {', '.join([*ENTRIES, *environments()])}")
    environment = environment_named(name)
    if name == _GGUF:
        inside = python_of(environment_of(name))
        python = str(inside) if inside.is_file() else sys.executable
        return [python, str(LAUNCH), "gguf", *options]
    program, *fixed = environment.run or [environment.program]
    if environment.extra or not program:
        raise UsageError(f"{name} is run by its services: storyboard up --profile …")
    found = program_of(name, environment, program)
    if found is None:
        raise UsageError(f"{name} is not installed: storyboard worker install {name}")
    return [found, *fixed, *options]


@app.command("install")
def install_worker(
    name: Annotated[str, typer.Argument(help="Which environment, or a worker that runs in one.")],
    torch: Torch = "",
    find_links: FindLinks = "",
) -> None:
    """Make an environment, with packages in versions that fit together."""
    with border(), direct_to_here():
        _install(name, Choices(torch, find_links))


@app.command("update")
def update_worker(
    name: Annotated[str, typer.Argument(help="Which environment, or a worker that runs in one.")],
    torch: Torch = "",
    find_links: FindLinks = "",
) -> None:
    """Bring an environment to what this release names, and its packages to the newest allowed."""
    with border(), direct_to_here():
        _install(name, Choices(torch, find_links, update=True))


def _install(name: str, choices: Choices) -> None:
    entry = ENTRIES.get(name)
    of = entry.environment if entry else name
    place = make_environment(of, environment_named(of), choices)
    out.print(f"{of} is installed in {place}", soft_wrap=True)
    for worker in (e for e in ENTRIES.values() if e.environment == of):
        out.print(state_of_worker(worker), soft_wrap=True)


@app.command("list")
def list_workers() -> None:
    """Show the environments, whether each is made, and what the workers in them lack to be run."""
    with border():
        for name, environment in environments().items():
            out.print(f"{name}  {environment.about}", soft_wrap=True)
            out.print(f"    {_made(name)}", soft_wrap=True)
            for entry in (e for e in ENTRIES.values() if e.environment == name):
                said = state_of_worker(entry)
                out.print(f"    {entry.name}, port {entry.port}: {said}", soft_wrap=True)


def _made(name: str) -> str:
    environment = environments()[name]
    if environment.extra:
        fix = f"pip install 'storyboard[{environment.extra}]'"
        return "here" if made(name, environment) == "whole" else f"not here: {fix}"
    if environment.program:
        found = program_of(name, environment)
        return found or f"not here: {environment.program_fetch} ({environment.page})"
    return {
        "whole": f"made: {environment_of(name)}",
        "changed": f"out of date: storyboard worker update {name}",
        "cut off": f"its making was cut off: storyboard worker install {name}",
    }.get(made(name, environment), f"not made: storyboard worker install {name}")
