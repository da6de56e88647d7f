"""`python -m storyboard.video`: speech, clips and assembly over pictures that are there.

Knows: options. Does not know: how clips are made (`storyboard.stages.clips`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.result import finish
from storyboard.core import console, terminal
from storyboard.core.options import Allow, Jobs, Overrides, ProfileName, Quiet, Verbose
from storyboard.plan.regen import Regen, parse_beats
from storyboard.review.bounds import (
    Bounds,
    MaxRounds,
    MendOption,
    ReviewCost,
    ReviewMinutes,
    SkipReview,
)
from storyboard.review.reviewed_film import make
from storyboard.stages.render_request import RenderRequest


def video(
    directory: Annotated[Path, typer.Option("--dir", help="The run folder.")],
    regen_beats: Annotated[
        str,
        typer.Option(
            help="Beats to give another take (speech and clip; pictures stay): 5,6,7 or 2-4, "
            "hook, all, none."
        ),
    ] = "none",
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    skip_review: SkipReview = False,
    max_rounds: MaxRounds = 2,
    review_minutes: ReviewMinutes = 30.0,
    review_cost: ReviewCost = None,
    mend: MendOption = "severe",
    jobs: Jobs = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make the film from its pictures; give single beats another take."""
    with console.border(verbose):
        request = RenderRequest(
            directory=directory,
            profile=profile,
            overrides=tuple(overrides or ()),
            regen=Regen(parse_beats(regen_beats), keep_images=True),
            allow=tuple(allow or ()),
            jobs=jobs,
        )
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        bounds = None
        if not skip_review:
            bounds = Bounds(max_rounds, review_minutes, review_cost, mend)
        done = make(request, display, bounds, "video")
        finish(done.film, display, done.history)


def main() -> None:
    terminal.read_as_utf8()
    typer.run(video)


if __name__ == "__main__":
    main()
