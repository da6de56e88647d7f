"""Servers that an earlier process started: whose they are now, and which of them are ended.

Knows: records, profiles, identities. Does not know: how servers are started, who asks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import Literal

from storyboard.gpu import control
from storyboard.gpu.services import program
from storyboard.gpu.services.process_records import ProcessRecord, RecordBook
from storyboard.gpu.services.processes import Ident, stop
from storyboard.profile import Profile

STOP_S = 20.0
"""For a server whose service is no longer in the profile."""

Orphans = Literal["adopt", "stop", "leave"]
"""What to do with servers of a run that is gone: answer for them, end them, only know them."""


@dataclass(frozen=True, slots=True)
class Found:
    running: list[ProcessRecord] = field(default_factory=list[ProcessRecord])
    others: list[ProcessRecord] = field(default_factory=list[ProcessRecord])
    """Of the profile's names, started with other commands, and not for us to end now."""


def look_for(profile: Profile, book: RecordBook, policy: Orphans) -> Found:
    """The servers that are recorded and live; what is left of dead ones is ended."""
    me, found = Ident.of(os.getpid()), Found()
    for record in book.all():
        if not record.ident.alive:
            with book.locked(record.service):
                # Somebody may be starting it in this moment.
                record = book.read(record.service) or record
        service = profile.services.get(record.service)
        known = service is not None and record.launch == program.digest(service, record.variant)
        owned = record.owner is not None and record.owner.alive
        orphan = record.owner is not None and not owned
        if record.ident.alive and not known and (owned or policy == "leave"):
            found.others.append(record)
            continue
        if not record.ident.alive or not known or (orphan and policy == "stop"):
            # What came of it may have outlived a dead leader.
            stop(record.started, service.stop_timeout_s if service else STOP_S)
            book.drop(record)
            continue
        if orphan and policy == "adopt":
            record = replace(record, owner=me)
            book.write(record)
        assert service is not None
        told = control.asleep(service)
        if told is not None:
            record = replace(record, state="asleep" if told else "awake")
        found.running.append(record)
    return found
