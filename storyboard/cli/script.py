"""`storyboard script`: a chapter of prose as a script, to be read and then filmed.

Knows: options, files. Does not know: how prose is read.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from storyboard.cli.asking import asking
from storyboard.cli.display import ConsoleDisplay
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors, read_given, write_text
from storyboard.core.options import Overrides, ProfileName, Quiet, Verbose
from storyboard.plan import Language
from storyboard.profile import load_profile
from storyboard.writing.offline.idea import detect_language
from storyboard.writing.script.prose import script_of


def script(
    chapter: Annotated[Path, typer.Argument(help="A chapter of prose, as text.")],
    out: Annotated[
        Path | None, typer.Option(help="The script (default: CHAPTER.fountain, beside it).")
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Language of the chapter (default: by its words).")
    ] = None,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Write a chapter of prose as a script, word for word.

    The profile's language model says who speaks and what is seen; it writes no word of it. Read the
    script, mend it, then film it: `storyboard run --script CHAPTER.fountain`.
    """
    with console.border(verbose):
        target = out or chapter.with_suffix(".fountain")
        if target.exists():
            raise UsageError(f"--out: {target} is there already: name another, or delete it")
        text = read_given(chapter)
        found = load_profile(profile, tuple(overrides or ()))
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        with asking(found, display, "script") as asked:
            chat = asked.backends.chat
            if chat is None:
                raise UsageError(
                    "prose needs a language model, to say who speaks: choose a --profile with a "
                    "[chat], or write the script by hand (`NAME: line`)"
                )
            work = partial(
                script_of,
                text,
                chapter.stem,
                language or detect_language(text),
                chat,
                asked.note,
            )
            written = asked.perform("chat", work)
        with disk_errors(f"writing {target}"):
            write_text(target, written)
        console.out.print(
            f"{target}: read it, then: storyboard run --script {target}", soft_wrap=True
        )
