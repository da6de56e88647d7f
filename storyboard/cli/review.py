"""`python -m storyboard.review` and `storyboard review run`: look at a finished film, mend it.

Knows: options, what to print. Does not know: how a film is reviewed (`storyboard.review.loop`).
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.result import finish
from storyboard.core import console, terminal
from storyboard.core.errors import UsageError
from storyboard.core.options import Allow, Jobs, Overrides, ProfileName, Quiet, Verbose
from storyboard.graph.folder import existing
from storyboard.review.bounds import Bounds, MaxRounds, MendOption, ReviewCost, ReviewMinutes
from storyboard.review.reviewed_film import make
from storyboard.stages.render_request import RenderRequest

app = typer.Typer(no_args_is_help=True)


@app.callback()
def reviews() -> None:
    """Review finished films."""


@app.command("run")
def review(
    directory: Annotated[Path, typer.Option("--dir", help="The run folder.")],
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    max_rounds: MaxRounds = 2,
    review_minutes: ReviewMinutes = 30.0,
    review_cost: ReviewCost = None,
    mend: MendOption = "severe",
    again: Annotated[
        bool, typer.Option("--again", help="Look anew at a film that was reviewed already.")
    ] = False,
    jobs: Jobs = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Review a film, mend what is severe, and keep each new cut only if it is better.

    The history is in review.md and review.json beside the film, every cut in cuts/. Exit codes
    are those of `run`.
    """
    with console.border(verbose):
        if not existing(directory).film.is_file():
            raise UsageError(
                f"{directory} holds no final.mp4: finish it with run --dir {directory}"
            )
        request = RenderRequest(
            directory=directory,
            profile=profile,
            overrides=tuple(overrides or ()),
            jobs=jobs,
            allow=tuple(allow or ()),
        )
        bounds = Bounds(max_rounds, review_minutes, review_cost, mend)
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        done = make(request, display, bounds, shlex.join(sys.argv), again=again, thorough=True)
        finish(done.film, display, done.history)


def main() -> None:
    terminal.read_as_utf8()
    typer.run(review)
