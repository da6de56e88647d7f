"""`storyboard hooks`: one film with several first seconds.

Knows: options, the table of what would run. Does not know: how a hook is written.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from storyboard.cli.display import Display
from storyboard.cli.forecast import print_forecast
from storyboard.cli.result import finish_each
from storyboard.core import console
from storyboard.core.options import Allow, Explain, Jobs, Overrides, ProfileName, Quiet, Verbose
from storyboard.graph.session import Session
from storyboard.stages import hooks as hooking
from storyboard.stages.render_request import RenderRequest


def hooks(
    run: Annotated[Path, typer.Argument(help="The run folder of the film.")],
    make: Annotated[
        int, typer.Option(min=2, max=9, help="First seconds in all, the film's own among them.")
    ] = 3,
    hook: Annotated[
        list[str] | None,
        typer.Option(help="'TITLE | LINE' or 'TITLE | LINE | PICTURE', yours; repeatable."),
    ] = None,
    profile: ProfileName = "embedded",
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
        request = RenderRequest(
            profile=profile, overrides=tuple(overrides or ()), allow=tuple(allow or ()), jobs=jobs
        )
        wanted = hooking.begin(run, make, hook or (), request)
        if explain_only:
            for folder, steps in hooking.explained(wanted):
                print_forecast(folder, steps, as_json=False)
            return
        display = Display(console.err, quiet=quiet, verbose=verbose > 0)
        with Session() as session:
            make_all(wanted, display, session)


def make_all(wanted: hooking.Hooks, display: Display, session: Session) -> None:
    """
    Raises:
        ChecksFailed: of films whose checks do not hold, each by its folder.
    """
    made = hooking.written(wanted, display, session=session)
    versions = [(str(request.directory), partial(replace, request)) for request in made]
    finish_each(versions, display, "hooks", session)
