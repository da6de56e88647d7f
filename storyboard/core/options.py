"""Options that several commands share, worded once.

Knows: the command line. Does not know: what a command does with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from renderers.options import given
from storyboard.core.errors import UsageError

ProfileName = Annotated[
    str,
    typer.Option(
        "--profile", help="Which models make it: a shipped profile's name or a TOML file."
    ),
]
MadeWith = Annotated[
    str | None,
    typer.Option(
        "--profile",
        help="Which models make it: a shipped profile's name or a TOML file (default: those that "
        "RUN was made with).",
        show_default=False,
    ),
]
Speed = Annotated[
    str | None,
    typer.Option(
        help="How fast: one of the profile's speeds (draft, standard, best); default: as it is.",
        show_default=False,
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="One value of the profile, as chat.model=…; repeatable."),
]
Allow = Annotated[
    list[Path] | None,
    typer.Option(
        help="Folder whose pictures and sounds a plan may use, besides the film's own; repeatable."
    ),
]
CastLibrary = Annotated[
    Path | None, typer.Option(help="Folder in which a series keeps the faces of its characters.")
]
Judge = Annotated[
    bool | None,
    typer.Option(
        "--judge/--no-judge", help="Check every picture and mend what fails; kept in the plan."
    ),
]
MaxRetries = Annotated[
    int | None, typer.Option(min=0, max=6, help="How often a picture that fails is mended (2).")
]
BestOf = Annotated[
    int | None, typer.Option(min=1, max=6, help="Candidates to choose each picture from (1).")
]
Explain = Annotated[
    bool, typer.Option("--explain", help="Say what would run and why; run nothing.")
]
Jobs = Annotated[
    int | None, typer.Option(min=1, max=64, help="Processes that work (default: the cores).")
]
Verbose = Annotated[
    int,
    typer.Option("-v", "--verbose", count=True, help="Say more; -vv: with an error's traceback."),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="Print warnings, errors and the result only.")
]

Runs = Annotated[Path, typer.Option("--runs", help="Folder in which the films go.")]
Database = Annotated[
    str,
    typer.Option(
        envvar="STORYBOARD_BATCH_DB",
        help="Where the queue is: sqlite:///FILE or postgresql://… (default: a file in --runs).",
        show_default=False,
    ),
]


def judging_of(judge: bool | None, max_retries: int | None, best_of: int | None) -> dict[str, int]:
    """The judge's options as fields of the plan's `judging`."""
    fields = given(retries=max_retries, best_of=best_of)
    if judge is False and fields:
        raise UsageError("--no-judge: nothing is judged, so leave --max-retries and --best-of away")
    return fields
