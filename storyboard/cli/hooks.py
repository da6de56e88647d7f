"""`storyboard hooks`: one film with several first seconds.

Knows: options, the table of what would run. Does not know: how a hook is written.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.versions import explain_each, make_each, means_of, session_for
from storyboard.core import console
from storyboard.core.options import Allow, Explain, Jobs, MadeWith, Overrides, Quiet, Verbose
from storyboard.stages import hooks as hooking


def hooks(
    run: Annotated[Path, typer.Argument(help="The run folder of the film.")],
    make: Annotated[
        int, typer.Option(min=2, max=9, help="First seconds in all, the film's own among them.")
    ] = 3,
    hook: Annotated[
        list[str] | None,
        typer.Option(help="'TITLE | LINE' or 'TITLE | LINE | PICTURE', yours; repeatable."),
    ] = None,
    profile: MadeWith = None,
    overrides: Overrides = None,
    allow: Allow = None,
    explain_only: Explain = False,
    jobs: Jobs = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make the same film with other first seconds, each in a folder beside it (RUN-hook2 …).

    Title, line and picture are new: by the profile's language model, else of the film's own
    hand-written frame, or yours. All else is used again, and follows the film when it is changed.
    """
    with console.border(verbose):
        request = means_of(run, profile, overrides, allow, jobs)
        wanted = hooking.begin(run, make, hook or (), request)
        if explain_only:
            explain_each(hooking.explained(wanted))
            return
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        with session_for(run) as session:
            made = hooking.written(wanted, display, session=session)
            make_each(made, display, session)
