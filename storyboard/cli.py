"""The console script `storyboard`: every command under one roof.

Knows: which command lives where. Does not know: what any of them does.
"""

from __future__ import annotations

from typing import Annotated

import typer

from storyboard import __version__, console
from storyboard.batch.door import batch
from storyboard.doctor import doctor
from storyboard.formats_cli import app as formats
from storyboard.judge.cli import app as judge
from storyboard.prompt import prompt
from storyboard.publish.sheet import sheet
from storyboard.publish.upload import upload
from storyboard.report import report
from storyboard.review.cli import app as review
from storyboard.run import run
from storyboard.services.cli import down, status, up
from storyboard.video import video
from storyboard.visual import visual
from storyboard.voices import app as voices
from storyboard.vram.cli import app as vram
from storyboard.worker_cli import app as worker

app = typer.Typer(
    name="storyboard",
    help="One line of text in, a finished short video out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def _version(asked: bool) -> None:
    if asked:
        console.out.print(f"storyboard {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One line of text in, a finished short video out."""


app.command()(run)
app.command()(visual)
app.command()(prompt)
app.command()(video)
app.command()(report)
app.command()(sheet)
app.command()(upload)
app.command()(doctor)
app.command()(up)
app.command()(down)
app.command()(status)
# Its options are its own: whatever follows the word is passed on.
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)(batch)
app.add_typer(formats, name="formats")
app.add_typer(judge, name="judge")
app.add_typer(review, name="review")
app.add_typer(voices, name="voices")
app.add_typer(vram, name="vram")
app.add_typer(worker, name="worker")


def main() -> None:
    app()


if __name__ == "__main__":
    main()
