"""`storyboard sheet`: the morning sheet, one page that shows what a night has made.

A static page with relative links, and a picture of the same content beside it, for where
there is no browser. Everything that people or models wrote is escaped.

Knows: the page, its links. Does not know: how a film is read, how the picture is drawn.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import jinja2
import typer
from rich.text import Text

from storyboard import __version__
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.files import write_text
from storyboard.core.options import Verbose
from storyboard.graph.folder import DEFAULT_ROOT, existing
from storyboard.publish.film_card import FailedFilm, FilmCard, read_card
from storyboard.publish.sheet_picture import draw_sheet


def write_sheet(
    folders: Sequence[Path], out: Path, title: str, failed: Sequence[FailedFilm] = ()
) -> Path:
    """Write the sheet of these run folders to `out`, and its picture beside it as PNG.

    A folder without a film is shown with the reason its last run gave; `failed` are films that
    have no folder. Returns the page; `.html` is added to a name that lacks it.
    """
    page = out if out.suffix == ".html" else out.with_name(out.name + ".html")
    cards = [read_card(folder) for folder in folders]
    # First what somebody has to look at, else in the order in which they were made.
    made = sorted((card for card in cards if card.film), key=lambda card: card.status != "look")
    broken = [*(_failure(card) for card in cards if not card.film), *failed]
    line = summary(cards, len(failed))
    pages = files("storyboard.publish") / "pages"
    # StrictUndefined: a misspelt name in the template must not print as nothing.
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    filters: dict[str, Callable[..., Any]] = environment.filters
    filters |= {"clock": clock, "link": partial(_link, folder=page.parent)}
    template = environment.from_string((pages / "sheet.html.j2").read_text(encoding="utf-8"))
    css = (pages / "sheet.css").read_text(encoding="utf-8")
    text = template.render(
        version=__version__, css=css, title=title, summary=line, films=made, failed=broken
    )
    write_text(page, text)
    draw_sheet(made, broken, page.with_suffix(".png"), title, line)
    return page


def _link(path: Path, folder: Path) -> str:
    """A relative link to `path` for a page in `folder`."""
    return quote(Path(os.path.relpath(path, folder)).as_posix())


def _failure(card: FilmCard) -> FailedFilm:
    return FailedFilm(card.idea or card.title, card.reason, card.command)


def summary(cards: Sequence[FilmCard], lost: int = 0) -> str:
    """The night in one line; `lost` films have no card."""
    count = Counter(card.status for card in cards)
    lost += count["failed"]
    cost = sum(card.cost for card in cards)
    parts = [
        f"{count['ready']} ready",
        *([f"{count['look']} to look at"] if count["look"] else []),
        *([f"{lost} not made"] if lost else []),
        f"{clock(sum(card.seconds for card in cards))} of film",
        f"{sum(card.minutes for card in cards):.1f} min of work",
        f"${cost:.2f}" if cost else "no cost",
    ]
    return " · ".join(parts)


def clock(seconds: float) -> str:
    """Seconds as `m:ss`."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def sheet(
    runs: Annotated[
        list[Path] | None, typer.Argument(help="Run folders.", show_default=False)
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Every film in {DEFAULT_ROOT}/.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="The page (default: sheet.html beside the run folders).")
    ] = None,
    title: Annotated[str, typer.Option(help="Its heading.")] = "Morning sheet",
    verbose: Verbose = 0,
) -> None:
    """Show films on one page (and a picture of it): to watch, to judge, to redo."""
    with console.border(verbose):
        if bool(runs) == everything:
            raise UsageError("name run folders, or give --all")
        folders = [existing(run, "RUN").path for run in runs or ()] or _all()
        page = write_sheet(folders, out or folders[0].parent / "sheet.html", title)
        console.out.print(Text(str(page)), soft_wrap=True)


def _all() -> list[Path]:
    """Every run, the oldest first."""
    plans = [*DEFAULT_ROOT.glob("*/plan.json"), *DEFAULT_ROOT.glob("*/request.json")]
    found = sorted({path.parent for path in plans}, key=lambda run: run.stat().st_mtime)
    if not found:
        raise UsageError(f"--all: there is no film in {DEFAULT_ROOT}/ yet")
    return found
