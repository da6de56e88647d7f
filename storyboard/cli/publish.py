"""`storyboard publish`: a film to a place of the profile; `publish-login`: the way into YouTube.

Knows: options, what is asked before. Does not know: how anything is sent.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from storyboard.core import console
from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.core.options import Overrides, ProfileName, Verbose
from storyboard.graph.folder import existing
from storyboard.plan import load_plan
from storyboard.profile import load_profile
from storyboard.publish.sending import Sending, place_of, send
from storyboard.publish.targets import target_of
from storyboard.publish.targets.google_login import log_in
from storyboard.publish.upload import title


def publish(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    to: Annotated[str, typer.Option(help="A [publish.NAME] of the profile.")],
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    at: Annotated[str, typer.Option(help="When it is to be seen: 2026-12-24T18:00+01:00.")] = "",
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Send it; without, it is only told what would be.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="As another video, though an earlier cut is there.")
    ] = False,
    verbose: Verbose = 0,
) -> None:
    """Send a finished film to a channel or a folder: once, and only when that is confirmed."""
    with console.border(verbose):
        folder = existing(run, "RUN")
        place = place_of(load_profile(profile, tuple(overrides or ())), to)
        sending = Sending(to, place, _when(at), again)
        told = f"'{title(load_plan(folder.plan))}' {target_of(place).describe()}"
        if not (confirm or place.confirmed):
            console.out.print(Text(f"would go {told}; --confirm sends it"), soft_wrap=True)
            return
        sent = send(folder, sending)
        said = "is there already" if sent.before else "sent"
        console.out.print(Text(f"{said}: {sent.receipt.where}"), soft_wrap=True)
        for warning in sent.receipt.warnings:
            console.err.print(Text(warning, "yellow"), soft_wrap=True)


def login(
    client_secret: Annotated[
        Path, typer.Option(help="JSON of an OAuth client ('desktop app') of your Google project.")
    ],
    out: Annotated[Path, typer.Option(help="The file that the login is kept in.")],
    verbose: Verbose = 0,
) -> None:
    """Log in to YouTube by browser, once; the profile's `account` names the file."""
    with console.border(verbose):
        told = log_in(client_secret)
        out = out.expanduser()
        files = Directory(out.parent.absolute())
        files.make()
        files.write(out.name, told, secret=True)
        console.out.print(Text(f"{out}: name it as account in [publish.…]"), soft_wrap=True)


def _when(at: str) -> datetime | None:
    if not at:
        return None
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise UsageError(f"--at: '{at}' is no time: 2026-12-24T18:00+01:00") from None
    when = when if when.tzinfo else when.astimezone()
    if when <= datetime.now(UTC):
        raise UsageError(f"--at: {at} is past")
    return when
