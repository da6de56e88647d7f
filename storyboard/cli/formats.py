"""`storyboard formats`: which there are, what one asks for, whether a file of yours holds, and one
from a video.

Knows: options, tables. Does not know: how a format is checked, what is learned from a video.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.markup import escape
from rich.table import Table

from storyboard.cli.asking import asking
from storyboard.cli.display import ConsoleDisplay
from storyboard.core.console import border, err, out
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors, write_text
from storyboard.core.options import Overrides, ProfileName
from storyboard.plan import Language
from storyboard.plan.format_files import DEFAULT_FORMAT, list_formats, load_format
from storyboard.plan.formats import BeatSpec, Format

app = typer.Typer(
    help="List, show and check film formats, and learn one from a video.",
    invoke_without_command=True,
)


@app.callback()
def formats(context: typer.Context) -> None:
    """List, show and check film formats, and learn one from a video."""
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


@app.command()
def learn(
    video: Annotated[Path, typer.Argument(help="A short video whose form you want.")],
    target: Annotated[
        Path | None, typer.Option("--out", help="The format (default: VIDEO's name, .yaml).")
    ] = None,
    language: Annotated[Language, typer.Option(help="What is spoken in it.")] = "en",
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
) -> None:
    """Make a format of a video's form: its shots, lengths and speech, without its words.

    What each part is for says the profile's reviewer, which watches it; without one the places are
    marked where you say it.
    """
    with border():
        if not video.is_file():
            raise UsageError(f"{video} is no file: give a video")
        name = re.sub(r"[^a-z0-9]+", "_", video.stem.lower()).strip("_")[:32]
        name = name if name[:1].isalpha() else "mine"
        path = target or Path(f"{name}.yaml")
        if path.exists():
            raise UsageError(f"--out: {path} is there already: name another, or delete it")
        data = _learned(video, name, language, profile, tuple(overrides or ()))
        with disk_errors(f"writing {path}"):
            write_text(path, yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100))
        out.print(formats_table([load_format(path.absolute())]))
        out.print(
            f"{path}: read it, then: storyboard run --format {path} --profile … --idea … "
            "(a language model writes stories of it)",
            soft_wrap=True,
            markup=False,
        )


def _learned(
    video: Path, name: str, language: Language, profile: str, overrides: tuple[str, ...]
) -> dict[str, object]:
    # Loads what reads video, which a list of formats does not wait for.
    from storyboard.profile import load_profile
    from storyboard.review.learned_format import learned, measured, words_of

    found = load_profile(profile, overrides)
    with asking(found, ConsoleDisplay(err, quiet=True), "learn") as asked:
        listen = partial(words_of, video, language, asked.backends.transcription)
        watched = measured(video, language, asked.perform("transcription", listen))
        work = partial(learned, watched, name, asked.backends.review, asked.note)
        return asked.perform("review", work)


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
