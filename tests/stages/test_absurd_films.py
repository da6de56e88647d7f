"""Plans that are valid and absurd, filmed to the end: a film that holds up, or a clear refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from tiny_films import tiny_plan, tiny_run, tones

from storyboard.cli.display import ConsoleDisplay
from storyboard.plan import Beat, Plan
from storyboard.stages.film import make_film

LONG = "the cup is on the table and the table is on the moon, " * 5 + "and so is all of the tea"
LINES = ("a", "💥 boom 💥", LONG, "17", "Line\x00with\x07control\u202e and {\\an8}<b>%n 語")


def _beats(plan: Plan, change: Callable[[int, Beat], Beat]) -> list[Beat]:
    return [change(number, beat) for number, beat in enumerate(plan.beats)]


def odd_words(plan: Plan) -> Plan:
    """One-letter, emoji and endless lines; names and titles full of markup."""
    lead, foil = plan.cast
    assert plan.hook is not None
    return plan.model_copy(
        update={
            "title": "<b>%{x}</b> \\N {\\an8}",
            "hook": plan.hook.model_copy(update={"title": "\u202e\u200b{\\b1}%s"}),
            "cast": [
                lead.model_copy(update={"name": "💥"}),
                foil.model_copy(update={"name": "'; rm -rf / #{}", "appearance": "x"}),
            ],
            "beats": _beats(plan, lambda i, beat: beat.model_copy(update={"line": LINES[i]})),
        }
    )


def nameless(plan: Plan) -> Plan:
    """Nobody has a name that shows, looks or clothes; nobody opens the film."""
    blank = {"name": "\u200b", "appearance": "x", "wardrobe": ""}
    return plan.model_copy(
        update={"hook": None, "cast": [one.model_copy(update=blank) for one in plan.cast]}
    )


@pytest.mark.slow
@pytest.mark.parametrize("absurd", [odd_words, nameless])
def test_an_absurd_plan_is_a_film_that_holds_up(
    tmp_path: Path, absurd: Callable[[Plan], Plan]
) -> None:
    plan = absurd(tiny_plan("A barista who can only speak in haiku", beats=5))
    order = tones(tiny_run(tmp_path / "run", plan), jobs=1)
    film = make_film(order, ConsoleDisplay(Console(quiet=True), quiet=True))
    assert film.complete
    assert [check["message"] for check in film.checks["checks"] if not check["ok"]] == []
