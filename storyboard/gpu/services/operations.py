"""`storyboard up`, `down` and `status`: the servers of a profile, each started or stopped when asked.

Knows: what a person asks of a service manager. Does not know: processes, tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from renderers.errors import RendererError, Unavailable
from storyboard.gpu import control
from storyboard.gpu.services.manager import ServiceManager
from storyboard.gpu.services.processes import Ident

Told = Callable[[str, str], None]
"""Hears of a service what becomes of it."""


@dataclass(frozen=True, slots=True)
class Status:
    """One line of `storyboard status`."""

    name: str
    state: str
    pid: int | None
    variant: str
    address: str
    healthy: bool
    log: Path
    other: bool = False
    """It runs, started with another command than the profile's."""


def up(manager: ServiceManager, names: Sequence[str], told: Told) -> list[str]:
    """Start servers one after the other (they read their weights from one disk).

    Returns the names of those that did not come up.
    """
    failed: list[str] = []
    for name in names:
        if manager.state(name) == "stopped":
            told(name, f"starts (log: {manager.log(name)})")
        try:
            manager.start(name, manager.variant(name))
            told(name, "up")
        except RendererError as error:
            failed.append(name)
            told(name, str(error))
    return failed


def down(manager: ServiceManager, told: Told) -> tuple[list[str], list[str]]:
    """Stop the servers recorded for the profile, whatever command they were started with.

    Returns the names of those that stopped, and of those that did not: a run that goes on works
    with them, or they do not end; `told` hears why.
    """
    me, stopped, left = Ident.of(os.getpid()), list[str](), list[str]()
    for name, record in manager.records().items():
        if (owner := record.owner) and owner != me and owner.alive:
            told(name, f"is in use by a run that goes on (pid {owner.pid}): end that first")
            left.append(name)
            continue
        try:
            manager.end(name)
            stopped.append(name)
        except Unavailable as error:
            told(name, str(error))
            left.append(name)
    return stopped, left


def status(manager: ServiceManager) -> list[Status]:
    """Every service of the profile, as it is now."""
    records, found = manager.records(), list[Status]()
    for name, service in manager.profile.services.items():
        record = records.get(name)
        found.append(
            Status(
                name,
                manager.state(name),
                record.ident.pid if record else None,
                manager.variant(name),
                service.root_url,
                bool(service.health) and control.healthy(service),
                manager.log(name),
                manager.is_other(name),
            )
        )
    return found
