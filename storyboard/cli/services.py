"""`storyboard up`, `down`, `status`: the servers of a profile, by commands.

Knows: options, tables, exit codes. Does not know: how servers are started and stopped.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.options import Overrides, ProfileName
from storyboard.gpu.forecast import workers
from storyboard.gpu.services import operations
from storyboard.gpu.services.manager import ServiceManager
from storyboard.gpu.services.operations import Status
from storyboard.profile import CARD_STAGES, IN_PROCESS, Profile, load_profile
from storyboard.profile.source import shipped_profiles

FAILED = 1


def up(
    names: Annotated[list[str] | None, typer.Argument(help="Services; all in use if none.")] = None,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
) -> None:
    """Start the servers of a profile and leave them running. Exits 1 if one does not come up."""
    with console.border():
        loaded = load_profile(profile, tuple(overrides or ()))
        wanted = _names(loaded, names or [])
        for name in [n for n in wanted if loaded.services[n].dialect == IN_PROCESS]:
            _tell(name, "works inside the run, which loads it when it needs it")
            wanted.remove(name)
            if not wanted:
                return
        if not wanted:
            named = ", ".join(n for n in shipped_profiles() if load_profile(n).services)
            raise UsageError(
                f"profile {loaded.name} has no servers to start: name one that has, "
                f"as storyboard up --profile NAME ({named}, or a TOML file)"
            )
        with ServiceManager(loaded, detached=True) as manager:
            failed = operations.up(manager, wanted, _tell)
        if failed:
            raise typer.Exit(FAILED)


def down(profile: ProfileName = "embedded", overrides: Overrides = None) -> None:
    """Stop the servers that were started for a profile. Others are left alone.

    Exits 1 if one is left because a run works with it, or because it does not end.
    """
    with console.border():
        loaded = load_profile(profile, tuple(overrides or ()))
        with ServiceManager(loaded, orphans="leave") as manager:
            stopped, left = operations.down(manager, _tell)
        if stopped:
            console.out.print(f"Stopped {', '.join(stopped)}.")
        if left:
            raise typer.Exit(FAILED)
        if not stopped:
            console.out.print("Nothing of ours is running.")


def status(
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Which servers of a profile run, where, and since which process."""
    with console.border():
        loaded = load_profile(profile, tuple(overrides or ()))
        with ServiceManager(loaded, orphans="leave") as manager:
            rows = operations.status(manager)
        if as_json:
            typer.echo(json.dumps([{**asdict(r), "log": str(r.log)} for r in rows], indent=2))
        elif not rows:
            console.out.print(f"Profile {loaded.name} has no servers.")
        else:
            console.out.print(_table(rows))


def _names(profile: Profile, names: list[str]) -> list[str]:
    """The named services; without names, those that some stage needs, one of each family."""
    if unknown := [name for name in names if name not in profile.services]:
        raise UsageError(
            f"'{unknown[0]}' is not a service of {profile.name}: "
            f"{', '.join(profile.services) or 'it has none'}"
        )
    if names:
        return names
    wanted: list[str] = []
    families: set[str] = set()
    for name in dict.fromkeys(n for stage in CARD_STAGES for n in workers(profile, stage)):
        service = profile.services[name]
        stays_up = "plan" in (*service.serves, *service.stays)
        if service.launch and stays_up and service.family not in families - {""}:
            wanted.append(name)
            families.add(service.family)
    return wanted


def _tell(name: str, what: str) -> None:
    style = "green" if what == "up" else "dim" if what.startswith("starts") else "red"
    console.out.print(Text.assemble((name, "bold"), ": ", (what, style)), soft_wrap=True)


def _table(rows: list[Status]) -> Table:
    table = Table("service", "state", "pid", "address", "log", box=None)
    for row in rows:
        state = row.state if row.healthy or row.state == "stopped" else f"{row.state}, not healthy"
        if not row.address:
            state = "in the run itself"
        elif row.other:
            state = "up, by another command"
        elif row.state == "stopped" and row.healthy:
            state = "answers, not ours"
        style = {"awake": "green", "asleep": "yellow"}.get(row.state, "dim")
        name = f"{row.name} ({row.variant})" if row.variant else row.name
        table.add_row(name, Text(state, style), str(row.pid or ""), row.address, str(row.log))
    return table
