"""`storyboard export`: a film for an editor, a player or a sound desk.

Knows: options. Does not know: what a project file holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer
from rich.text import Text

from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.options import Verbose
from storyboard.publish.export import TARGETS, Target
from storyboard.publish.export import export as write


def export(
    run: Annotated[Path, typer.Argument(help="The run folder.")],
    to: Annotated[
        str, typer.Option(help=f"What for, with commas between: {', '.join(TARGETS)}.")
    ] = "otio",
    out: Annotated[
        Path | None, typer.Option(help="The folder (default: export/ in the run folder).")
    ] = None,
    verbose: Verbose = 0,
) -> None:
    """Gather a film's media with a project file that editors open, or as captions and stems.

    otio opens in DaVinci Resolve (18.5 and newer), fcpxml in Final Cut Pro and Premiere, edl nearly
    anywhere, capcut in CapCut. Clips come without captions and title; these are in srt and vtt, and
    the captions in a track of the draft.
    """
    with console.border(verbose):
        names = [name.strip() for name in to.split(",") if name.strip()]
        unknown = [name for name in names if name not in TARGETS]
        if unknown or not names:
            told = unknown[0] if unknown else ""
            raise UsageError(f"--to: '{told}' is not one of {', '.join(TARGETS)}")
        for path in write(run, out or run / "export", cast("list[Target]", names)):
            console.out.print(Text(str(path)), soft_wrap=True)
