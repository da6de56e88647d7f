"""Options that several commands share, worded once.

Knows: the command line. Does not know: what a command does with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProfileName = Annotated[
    str,
    typer.Option(
        "--profile", help="Which models make it: a shipped profile's name or a TOML file."
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
Jobs = Annotated[
    int | None, typer.Option(min=1, max=64, help="Worker processes (default: the cores).")
]
Verbose = Annotated[
    int,
    typer.Option("-v", "--verbose", count=True, help="Say more; -vv: with an error's traceback."),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="Print warnings, errors and the result only.")
]
