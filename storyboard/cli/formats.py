"""`storyboard formats`: which there are, what one asks for, whether a file of yours holds.

Knows: tables. Does not know: how a format is checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from storyboard.core.console import border, out
from storyboard.plan.format_files import DEFAULT_FORMAT, list_formats, load_format
from storyboard.plan.formats import BeatSpec, Format

app = typer.Typer(help="List, show and check film formats.", invoke_without_command=True)


@app.callback()
def formats(context: typer.Context) -> None:
    """List, show and check film formats."""
    if context.invoked_subcommand is None:
        list_all()


@app.command("list")
def list_all() -> None:
    """Show the formats that come with Storyboard."""
    with border():
        out.print(formats_table(list_formats()))


@app.command()
def show(name: Annotated[str, typer.Argument(help="A format's name, or a file.")]) -> None:
    """Show the beats, roles and rules of one format."""
    with border():
        format = load_format(name)
        out.print(f"[bold]{escape(format.title)}[/] ({format.name}) {escape(format.summary)}")
        for role in format.roles:
            out.print(f"  [bold]{role.id}[/]  {escape(role.who)}")
        out.print(beats_table(format))
        for rule in format.constraints:
            out.print(f"  - {escape(rule)}")


@app.command()
def check(file: Annotated[Path, typer.Argument(help="A format file of yours.")]) -> None:
    """Say whether a format file holds, with every fault by its path."""
    with border():
        format = load_format(file.absolute())
        out.print(
            f"{escape(str(file))} holds: {format.name}, {len(format.beats)} beats, "
            f"{len(format.threads)} threads"
        )


def formats_table(formats: list[Format]) -> Table:
    table = Table("format", "beats", "seconds", "stories", "what it is", box=None)
    for format in formats:
        mark = " (default)" if format.name == DEFAULT_FORMAT else ""
        stories = ", ".join(f"{len(format.threads_in(lang))} {lang}" for lang in format.languages)
        table.add_row(
            f"[bold]{format.name}[/]{mark}",
            str(len(format.beats)),
            _range(format),
            stories,
            escape(format.summary),
        )
    return table


def beats_table(format: Format) -> Table:
    table = Table("", "beat", "speaker", "seconds", "what it does", box=None)
    for number, beat in enumerate(format.beats, 1):
        table.add_row(
            str(number), beat.type, beat.speaker or "-", _seconds(beat), escape(beat.direction)
        )
    return table


def _seconds(beat: BeatSpec) -> str:
    least, most = beat.seconds
    return f"{least:g}" if least == most else f"{least:g}-{most:g}"


def _range(format: Format) -> str:
    hook = format.hook.seconds if format.hook else 0.0
    least, most = (hook + sum(beat.seconds[i] for beat in format.beats) for i in (0, 1))
    return f"{least:.0f}-{most:.0f}"
