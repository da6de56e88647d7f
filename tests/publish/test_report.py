"""`storyboard report` of a run that has come to nothing yet, and of none."""

from __future__ import annotations

from pathlib import Path

from tiny_films import tiny_plan
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.plan import dump_plan


def test_a_run_that_is_only_planned_has_a_page(tmp_path: Path) -> None:
    plan = tiny_plan("A barista who rhymes", title="<b>Tea & rhyme</b>")
    (tmp_path / "plan.json").write_text(dump_plan(plan), encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert result.exit_code == 0, result.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;Tea &amp; rhyme&lt;/b&gt;" in page
    assert "<b>Tea" not in page


def test_what_cannot_be_read_or_written_is_said_by_its_name(tmp_path: Path) -> None:
    missing = CliRunner().invoke(app, ["report", str(tmp_path / "none")])
    assert missing.exit_code == 2
    assert missing.stderr.startswith("RUN: ")
    assert "is not a folder" in missing.stderr
    (tmp_path / "plan.json").write_text(dump_plan(tiny_plan("A cat")), encoding="utf-8")
    page = tmp_path / "plan.json" / "page.html"
    blocked = CliRunner().invoke(app, ["report", str(tmp_path), "--out", str(page)])
    assert blocked.exit_code == 1
    assert "writing the report" in blocked.stderr
    assert "Traceback" not in blocked.output
