"""The same film in another shape: words and voices as they are, pictures composed anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tiny_films import TONES, made, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from renderers.probe import probe
from storyboard.cli import app
from storyboard.core.errors import UsageError
from storyboard.core.events import StepFinished, events_in
from storyboard.plan import load_plan
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.reshape import begin

ORDER = RenderRequest(profile=str(TONES))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat misses the last train", 2))
    made(tones(run))
    return run


def test_a_film_in_another_shape_says_the_same(film: Path) -> None:
    command = ["reshape", str(film), "--to", "16:9", "--profile", str(TONES), "--quiet"]
    explained = CliRunner().invoke(app, [*command, "--explain"])
    assert explained.exit_code == 0, explained.output
    assert not film.with_name("film-16x9").exists()
    done = CliRunner().invoke(app, command)
    assert done.exit_code in (0, 3), done.output
    wide = film.with_name("film-16x9")
    media = probe(wide / "final.mp4")
    assert (media.width, media.height) == (284, 160)
    before, after = load_plan(film / "plan.json"), load_plan(wide / "plan.json")
    assert [b.line for b in after.beats] == [b.line for b in before.beats]
    took = {
        e.step: e.cached for e in events_in(wide / "events.jsonl") if isinstance(e, StepFinished)
    }
    speech = [cached for step, cached in took.items() if step.startswith("speech/")]
    assert speech and all(speech), "voices are not asked again"
    assert not any(cached for step, cached in took.items() if step.startswith("images/beat"))


def test_a_shape_follows_its_film(film: Path) -> None:
    command = ["reshape", str(film), "--to", "1:1", "--profile", str(TONES), "--quiet"]
    CliRunner().invoke(app, command)
    plan = load_plan(film / "plan.json")
    text = (film / "plan.json").read_text(encoding="utf-8")
    (film / "plan.json").write_text(text.replace(plan.title, "Another"), encoding="utf-8")
    CliRunner().invoke(app, command)
    assert load_plan(film.with_name("film-1x1") / "plan.json").title == "Another"


def test_a_shape_that_is_none_or_there_already_is_refused(film: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        begin(film, "9:16", ORDER)
    assert CliRunner().invoke(app, ["reshape", str(film), "--to", "4:3"]).exit_code == 2
    shutil.rmtree(film)
    with pytest.raises(UsageError):
        begin(film, "16:9", ORDER)
