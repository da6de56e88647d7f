"""`storyboard judge`: how far a judge can be trusted, on a labelled set.

Knows: options, tables. Does not know: how a picture is judged.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from storyboard.cli.asking import asking
from storyboard.cli.display import ConsoleDisplay
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.files import write_text
from storyboard.core.options import Overrides, Verbose
from storyboard.judge.calibrate import Calibration, Tally, calibrate, draw_wrong, without_model
from storyboard.judge.labelled_set import LABELS, Labelled, load_labels, shipped
from storyboard.judge.rubric import rubric
from storyboard.profile import load_profile

app = typer.Typer(help="See how far the judge of the pictures can be trusted.")
_HEADINGS = ("check", "faulty", "found", "missed", "unsure", "sound", "false alarms", "unsure")


@app.callback()
def judge() -> None:
    """See how far the judge of the pictures can be trusted."""


@app.command("calibrate")
def calibrate_judge(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help=f"A set of pictures with their {LABELS} (default: the set that is shipped).",
            show_default=False,
        ),
    ] = None,
    profile: Annotated[
        str, typer.Option(help="Whose judge; without a model the measures stand alone.")
    ] = "embedded",
    overrides: Overrides = None,
    table: Annotated[Path | None, typer.Option(help="Write the table as Markdown too.")] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(help="Where pictures judged against their labels are shown (DIR/wrong.png)."),
    ] = None,
    verbose: Verbose = 0,
) -> None:
    """Judge a labelled set: misses, false alarms and doubts of every check."""
    with console.border(verbose):
        sheet = sheet or (Path("wrong.png") if folder is None else folder / "wrong.png")
        folder = folder or shipped()
        labels = _labels(folder)
        display = ConsoleDisplay(console.err, verbose=verbose)
        with (
            asking(load_profile(profile, overrides or ()), display, "judge") as asked,
            Progress(console=console.err, transient=True) as progress,
        ):
            task = progress.add_task("judging", total=len(labels))
            judge = asked.backends.judge
            work = partial(
                calibrate,
                folder,
                labels,
                judge,
                lambda number: progress.update(task, completed=number),
            )
            done = asked.perform("" if judge is None else "judge", work)
        console.out.print(_shown(done))
        for line in _notes(done):
            console.out.print(Text(line), soft_wrap=True)
        sheet.unlink(missing_ok=True)
        if done.wrong:
            draw_wrong(done, sheet)
            console.out.print(Text(f"judged against their labels: {sheet}"), soft_wrap=True)
        if table is not None:
            write_text(table, markdown(done, len(labels)))


def _labels(folder: Path) -> list[Labelled]:
    try:
        return load_labels(folder)
    except OSError as error:
        raise UsageError(
            f"{folder / LABELS} cannot be read ({error.strerror}); without a folder, the set that "
            "comes with the package is judged"
        ) from None
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder / LABELS} is no set of labels: {error}") from None


def _row(tally: Tally) -> tuple[str, ...]:
    figures = (tally.faulty, tally.found, tally.missed, tally.doubted)
    return (tally.id, *map(str, (*figures, tally.sound, tally.alarms, tally.shy)))


def _shown(done: Calibration) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading == "check" else "right")
    for tally in done.tallies.values():
        table.add_row(*_row(tally), style="yellow" if tally.missed or tally.alarms else "")
    return table


def _notes(done: Calibration) -> list[str]:
    lines: list[str] = []
    if silent := without_model(rubric().checks, done.tallies):
        lines.append(f"not looked at without a model: {', '.join(silent)}")
    if done.unanswered:
        lines.append(f"no usable answer on {done.unanswered} of {done.pictures} pictures")
    return lines


def markdown(done: Calibration, pictures: int) -> str:
    """The table as a page of its own."""
    who = f"the measures and {done.judge}" if done.judge else "the measures alone, without a model"
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *map(_row, done.tallies.values())]
    lines = [
        "# The judge on a labelled set",
        "",
        f"{pictures} labelled frames of the animatic, judged by {who}. A miss is a fault "
        "that passed, a false alarm a sound picture that failed. The first *unsure* is of faulty "
        "pictures, the second of sound ones.",
        "",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        *(f"{line[:1].upper()}{line[1:]}." for line in _notes(done)),
        "",
        "The limits of the measures were chosen on frames like these: the table says that they part "
        "the faulty from the sound, not how they fare on photographs.",
        "",
        "Made with `storyboard judge calibrate --table benchmarks/results/judge.md` on the set that "
        "is shipped, which `python -m benchmarks.judge_set DIR --compact` drew; there is no chance in it.",
    ]
    return "\n".join(lines) + "\n"
