"""`storyboard dub`: the same film in another language.

Knows: options, the table of what would run. Does not know: how lines are translated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.versions import explain_each, make_each, means_of, session_for
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors, write_text
from storyboard.core.options import Allow, Explain, Jobs, MadeWith, Overrides, Quiet, Verbose
from storyboard.plan import Language, load_plan
from storyboard.plan.languages import ABOUT, known
from storyboard.stages import dub as dubbing
from storyboard.writing.dubbing import lettering, table_of


def dub(
    run: Annotated[Path, typer.Argument(help="The run folder of the film.")],
    to: Annotated[str, typer.Option(help="Language of the new film; several: es,fr.")],
    table: Annotated[
        Path | None, typer.Option(help="Take the lines from this CSV, filled by hand.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the lines to this CSV, to be filled; make nothing.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the new film (default: RUN-LANGUAGE).")
    ] = None,
    profile: MadeWith = None,
    overrides: Overrides = None,
    allow: Allow = None,
    explain_only: Explain = False,
    jobs: Jobs = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make the same film in another language, in a folder beside it.

    Its lines are translated by the profile's language model, each within the time that it has, or
    taken from a table. Pictures stay, whatever is not touched by the words is used again.
    """
    with console.border(verbose):
        languages = _parse(to)
        if len(languages) > 1 and (table or export or out):
            raise UsageError("--table, --export and --out are for one language: give --to one")
        if export is not None and export.is_dir():
            raise UsageError(f"--export: {export} is a folder: name a CSV file")
        request = means_of(run, profile, overrides, allow, jobs)
        dubs = [dubbing.begin(run, language, request, out, table) for language in languages]
        if export is not None:
            source = load_plan(dubs[0].source.plan).language
            with disk_errors(f"writing {export}"):
                write_text(export, table_of(dubbing.rows(dubs[0]), source, languages[0]))
            console.out.print(
                f"fill the column {to} of {export}, then: storyboard dub {run} --to {to} "
                f"--table {export}",
                soft_wrap=True,
            )
            return
        if explain_only:
            for each in dubs:
                _explain(each)
            return
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        with session_for(run) as session:
            made = (dubbing.written(each, display, session=session) for each in dubs)
            make_each(made, display, session)


def _parse(to: str) -> list[Language]:
    codes = [code.strip() for code in to.split(",")]
    for code in codes:
        if code not in ABOUT:
            raise UsageError(f"--to {code[:20]}: is not one of: {', '.join(ABOUT)}")
    return [known(code) for code in dict.fromkeys(codes)]


def _explain(dub: dubbing.Dub) -> None:
    count = len(dubbing.rows(dub))
    by = "taken from the table" if dub.table else "translated by the language model first"
    console.out.print(f"{ABOUT[dub.to].name}: {count} texts are {by}", soft_wrap=True)
    for words in lettering(load_plan(dub.source.plan)):
        console.out.print(f"stays as it is drawn: {words}", soft_wrap=True)
    explain_each(dubbing.explained(dub))
