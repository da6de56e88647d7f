"""What a command says at its end, and what it has said before."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from tiny_films import tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.result import finish
from storyboard.core import events
from storyboard.graph.folder import RunFolder
from storyboard.stages.film import Film, dry_run


def test_a_warning_of_the_plan_is_printed_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # On the same stream as the summary.
    shown = Console(width=200)
    run = tiny_run(tmp_path / "film", tiny_plan("A cat that pays rent", 1))
    display = ConsoleDisplay(shown)
    log = events.EventLog(run / "events.jsonl", display)
    for _ in range(2):
        # Every cut of a film warns of its plan anew.
        log.emit(events.Warned("plan", "cannot draw 'striped'"))
    log.emit(events.Warned("clips/hook", "too short"))
    told = dry_run(tones(run))
    film = Film(RunFolder(run), told.plan, told.graph, 1.0)
    finish(film, display)
    text = capsys.readouterr().out
    assert text.count("cannot draw 'striped'") == 1
    assert text.count("too short") == 2, "at its time, and in the summary"
    finish(film, ConsoleDisplay(shown))
    assert "cannot draw 'striped'" in capsys.readouterr().out, "by another command: it stands"


def test_a_new_films_folder_is_not_asked_for_with_dir(tmp_path: Path) -> None:
    new = tmp_path / "new"
    said = CliRunner().invoke(app, ["run", "--idea", "A cat", "--dir", str(new)])
    assert said.exit_code == 2 and f"for a new film use --out {new}" in said.output
