"""`python -m benchmarks.review_set plant` and `calibrate`: how far to trust a reviewer.

Knows: options, what to print. Does not know: how defects are planted or found.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.review_set import Label, plant_all
from benchmarks.review_set.calibration import calibrate
from storyboard.core import console
from storyboard.core.files import write_json, write_text
from storyboard.core.options import ProfileName
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.review.technical import reviewer as technical

app = typer.Typer(help="Films with planted defects, and what a reviewer finds of them.")


@app.command()
def plant(
    directory: Annotated[Path, typer.Argument(help="Folder for the spoilt films.")],
    runs: Annotated[
        list[Path],
        typer.Option(
            "--from",
            help="A finished run; repeatable.",
            exists=True,
            file_okay=False,
            show_default=False,
        ),
    ],
    kinds: Annotated[
        list[str] | None, typer.Option("--kind", help="Plant only this kind; repeatable.")
    ] = None,
    profile: ProfileName = "embedded",
) -> None:
    """Spoil copies of good films, one defect each, with a label that says which and where.

    The runs themselves are left as they are. A kind that a film has no place for is skipped.
    """
    with console.border(0), Backends(load_profile(profile)) as backends:
        made = 0
        for folder, label in plant_all(runs, directory, kinds or (), backends.speech):
            if isinstance(label, Label):
                made += 1
                console.err.print(f"{folder.name}: {label.kind or 'a good film'}")
            else:
                console.err.print(f"{folder.name}: not planted, {label}", style="dim")
        console.out.print(f"{made} films in {directory}", soft_wrap=True)


@app.command("calibrate")
def calibrate_reviewer(
    directory: Annotated[Path, typer.Argument(help="Folder of labelled films.")],
    profile: ProfileName = "embedded",
    out: Annotated[
        Path | None, typer.Option(help="Write the table here; as JSON beside it.")
    ] = None,
) -> None:
    """Count what the technical reviewer finds, misses and imagines in spoilt films."""
    with console.border(0), Backends(load_profile(profile)) as backends:
        ear = backends.transcription
        table = calibrate(directory, lambda cut: technical.review(cut, ear), technical.REVIEWER)
    text = table.to_markdown()
    if out is not None:
        write_text(out, text)
        write_json(out.with_suffix(".json"), table.to_json())
    console.out.print(text, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    app()
