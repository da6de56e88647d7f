"""What a person is told of a film at the end of a command.

Knows: what to print, and which failures end a command. Does not know: how a film is made.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from storyboard.cli.display import ConsoleDisplay
from storyboard.core import console, events
from storyboard.core.errors import ChecksFailed
from storyboard.graph.folder import RunFolder
from storyboard.judge.outcome import open_pictures
from storyboard.profile import metering
from storyboard.review.markdown import in_a_line, summary
from storyboard.review.review_history import ReviewHistory
from storyboard.stages.film import Film
from storyboard.stages.gates import read_gates

SHOWN = 8
"""Most findings that are printed; the rest stand in review.md."""


def finish(film: Film, display: ConsoleDisplay, review: ReviewHistory | None = None) -> None:
    """Print where everything is, and what a review still holds against it.

    Raises:
        ChecksFailed: a check of the final file does not hold; each is named.
    """
    _print_result(film, review, display)
    for line in open_pictures(film.folder.path, film.graph):
        console.err.print(Text(f"open: {line}", style="yellow"), soft_wrap=True)
    if failed := failed_checks(film):
        raise ChecksFailed(
            "the film was made, but does not hold up:\n" + "\n".join(f"  {line}" for line in failed)
        )


def finish_each(films: Iterable[Film], display: ConsoleDisplay) -> None:
    """As `finish`, of each film as it is made; one that does not hold up stops no other.

    Raises:
        ChecksFailed: of those whose checks do not hold, each by its folder.
    """
    failed: list[str] = []
    for film in films:
        try:
            finish(film, display)
        except ChecksFailed as error:
            failed.append(f"{film.folder.path}: {error}")
    if failed:
        raise ChecksFailed("\n".join(failed))


def failed_checks(film: Film) -> list[str]:
    checks: list[dict[str, Any]] = film.checks.get("checks", [])
    return [_told(check) for check in checks if not check["ok"]]


def _told(check: dict[str, Any]) -> str:
    """A failed check in a line, with the step that made what fails."""
    return str(check["message"]) + (f" (made by {check['step']})" if check["step"] else "")


def _print_result(film: Film, review: ReviewHistory | None, display: ConsoleDisplay) -> None:
    folder = film.folder
    if display.quiet:
        console.out.print(str(folder.film if film.complete else folder.path), soft_wrap=True)
        return
    table = Table.grid(padding=(0, 2))
    label = f"{film.plan.title}" + (f"  ({film.plan.author})" if film.plan.author else "")
    table.add_row("title", Text(label))
    for name, path in _results(folder):
        if path.exists():
            table.add_row(name, Text(str(path)))
    if film.checks:
        good = sum(bool(c["ok"]) for c in film.checks["checks"])
        table.add_row("checks", f"{good} of {len(film.checks['checks'])} hold")
    if review is not None:
        table.add_row("review", Text(summary(review)))
        for judged in review.open()[:SHOWN]:
            table.add_row("", Text(in_a_line(judged)))
    for number, warning in enumerate(told := _warnings(folder, display)):
        if number == SHOWN:
            table.add_row(
                "", Text(f"and {len(told) - SHOWN} more: storyboard report {folder.path}")
            )
            break
        table.add_row("" if number else "warnings", Text(f"{warning.step}: {warning.message}"))
    if asked := spent(folder):
        table.add_row("models", asked)
    if waits := read_gates(folder).waits:
        on = f"storyboard run --dir {shlex.quote(str(folder.path))}"
        table.add_row("waits", Text(f"for you to look at the {waits}; then: {on}"))
    table.add_row("took", f"{film.seconds:.1f} s")
    console.out.print(table)


def _warnings(folder: RunFolder, display: ConsoleDisplay) -> list[events.Warned]:
    """What is not as it was asked for, and stays so in the film. Of the plan, only what was not
    said at the beginning."""
    standing = events.standing(events.events_in(folder.events))
    return [each for each in standing if each.step != "plan" or each not in display.warned]


def spent(folder: RunFolder) -> str:
    """What the run has asked of language models so far; "" where it needed none."""
    calls = metering.calls_in(folder.events)
    if not calls:
        return ""
    tokens, cost = sum(call.tokens for call in calls), sum(call.cost for call in calls)
    said = f"{sum(call.calls for call in calls)} calls, {tokens} tokens"
    return f"{said}, ${cost:.4f}" if cost else said


def _results(folder: RunFolder) -> list[tuple[str, Path]]:
    return [
        ("film", folder.film),
        ("poster", folder.path / "poster.jpg"),
        ("sheet", folder.path / "contact_sheet.png"),
        ("captions", folder.path / "subs.srt"),
        ("plan", folder.plan),
    ]
