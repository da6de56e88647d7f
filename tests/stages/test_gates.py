"""A run waits where it was told to, and the next one goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_films import made, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.graph.folder import RunFolder
from storyboard.stages.gates import parse_gates, read_gates


def ends(run: Path) -> list[str]:
    found = events.events_in(run / "events.jsonl")
    return [event.status for event in found if isinstance(event, events.RunFinished)]


def test_a_run_waits_at_each_gate_and_the_next_goes_on(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat opens a bank", 1))
    made(tones(run, gates=("plan", "images")))
    assert read_gates(RunFolder(run)).waits == "plan"
    assert not (run / "images").exists()
    made(tones(run))
    assert read_gates(RunFolder(run)).waits == "images"
    assert (run / "images" / "hook.png").is_file() and not (run / "audio").exists()
    film = made(tones(run))
    assert film.complete and read_gates(RunFolder(run)).waits is None
    assert ends(run) == ["waiting", "waiting", "done"]
    # A film that is through waits no more.
    made(tones(run))
    assert ends(run)[-1] == "done"


def test_a_stage_asked_for_by_itself_passes_no_gate(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat opens a bank", 1))
    made(tones(run, gates=("plan",)))
    made(tones(run, stages=("images",)))
    assert read_gates(RunFolder(run)).waits == "plan"


def test_the_command_says_how_to_go_on(tmp_path: Path) -> None:
    run = tmp_path / "film"
    asked = [
        "run",
        "--idea",
        "A cat opens a bank",
        "--out",
        str(run),
        "--gate",
        "plan",
        "--offline",
    ]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    told = " ".join(answer.output.split())
    assert "for you to look at the plan" in told and "storyboard run --dir" in told
    assert (run / "plan.json").is_file() and not (run / "images").exists()


def test_gates_are_named_in_any_order_and_nothing_else() -> None:
    assert parse_gates(" images, PLAN ") == ("plan", "images")
    with pytest.raises(UsageError, match=r"'checks' is no gate: use plan, images, clips"):
        parse_gates("plan,checks")
    answer = CliRunner().invoke(app, ["run", "--idea", "x", "--gate", "plan", "--only", "images"])
    assert answer.exit_code == 2
