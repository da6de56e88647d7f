"""`storyboard reshape`: the same film in other shapes.

Knows: options, the table of what would run. Does not know: how a film is recomposed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.text import Text

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.versions import explain_each, make_each, means_of, session_for
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.options import Allow, Explain, Jobs, MadeWith, Overrides, Quiet, Verbose
from storyboard.plan import Aspect
from storyboard.stages import reshape as shaping


def reshape(
    run: Annotated[Path, typer.Argument(help="The run folder of the film.")],
    to: Annotated[str, typer.Option(help=f"Of {', '.join(get_args(Aspect))}; several: 1:1,16:9.")],
    profile: MadeWith = None,
    overrides: Overrides = None,
    allow: Allow = None,
    explain_only: Explain = False,
    jobs: Jobs = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make the same film in other shapes, each in a folder beside it (RUN-16x9).

    Words, voices and cast stay; every picture is composed for its canvas, never cut from another:
    what an image model drew is edited, with the same people, clothes, place and light.
    """
    with console.border(verbose):
        request = means_of(run, profile, overrides, allow, jobs)
        shapes = [shaping.begin(run, aspect, request) for aspect in _parse(to)]
        if explain_only:
            for each in shapes:
                explain_each(shaping.explained(each))
            return
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        with session_for(run) as session:

            def tell(text: str) -> None:
                console.err.print(Text(text, style="yellow"), soft_wrap=True)

            made = (shaping.written(each, tell) for each in shapes)
            make_each(made, display, session)


def _parse(to: str) -> list[Aspect]:
    known: dict[str, Aspect] = {aspect: aspect for aspect in get_args(Aspect)}
    names = dict.fromkeys(name.strip() for name in to.split(","))
    for name in names:
        if name not in known:
            raise UsageError(f"--to {name[:20]}: is not one of: {', '.join(known)}")
    return [known[name] for name in names]
