"""What `storyboard visual` refuses before it draws, as a user reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_films import tiny_plan
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.plan import dump_plan


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--seed", "3"], "--seed: it is the seed of a beat that is drawn anew, with --redo"),
        (["--redo"], "--redo: name the beat with --only-beat"),
        (["--only-beat", "9"], "the plan has no beat 9"),
        (["--preset", "fastest"], "--preset: 'fastest' is none of preview, standard"),
        (["--steps", "0"], "Invalid value for '--steps'"),
        (["--no-judge", "--best-of", "2"], "--no-judge"),
    ],
)
def test_what_makes_no_sense_draws_nothing(tmp_path: Path, options: list[str], told: str) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(dump_plan(tiny_plan("A barista who rhymes")), encoding="utf-8")
    result = CliRunner().invoke(app, ["visual", "--plan", str(plan), *options])
    assert result.exit_code == 2
    assert told in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "images").exists()


def test_options_that_an_animatic_has_no_use_for_are_said_to_have_none(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(dump_plan(tiny_plan("A barista who rhymes")), encoding="utf-8")
    options = ["--plan", str(plan), "--only-beat", "1", "--steps", "20", "--grid"]
    result = CliRunner().invoke(app, ["visual", *options])
    assert result.exit_code == 0, result.stderr
    assert "note: --steps, --grid is for image models" in " ".join(result.stderr.split())
    assert "beat_01" in result.stdout
