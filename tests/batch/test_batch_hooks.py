"""A batch makes each film with as many first seconds as its entry says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered
from tiny_films import TINY, TONES
from typer.testing import CliRunner

from storyboard.batch.queue import open_queue
from storyboard.cli.batch import app
from storyboard.plan import load_plan

IDEA = "A cat misses the last train"


def add(runs: Path, *words: str) -> str:
    """What is queued by a command, one film."""
    queued = CliRunner().invoke(app, ["add", *words, "--runs", str(runs)])
    assert queued.exit_code == 0, queued.output
    (name,) = queued.stdout.split()
    return name


def listed(folder: Path, **fields: object) -> Path:
    """A list of one small film, whose plan is an offline draft's."""
    canvas = {"aspect": "9:16", "width": TINY.width, "height": TINY.height, "fps": TINY.fps}
    entry = {"idea": IDEA, "profile": str(TONES), "seed": 7, "plan": {"canvas": canvas}, **fields}
    ideas = folder / "ideas.jsonl"
    ideas.write_text(json.dumps(entry), encoding="utf-8")
    return ideas


def test_three_first_seconds_of_one_film_in_a_night(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    name = add(runs, "--from", str(listed(tmp_path, hooks=3)))
    code, said = Worker.start(runs, "--max-rounds", "0").end()
    assert code == 0, said
    folders = [runs / f"{name}{which}" for which in ("", "-hook2", "-hook3")]
    plans = [load_plan(folder / "plan.json") for folder in folders]
    openings = [(plan.hook.title, plan.hook.line) for plan in plans if plan.hook]
    assert len(set(openings)) == 3
    assert len({(folder / "images" / "hook.png").read_bytes() for folder in folders}) == 3
    for folder, plan in zip(folders, plans, strict=True):
        assert (folder / "final.mp4").is_file() and (folder / "upload/metadata.json").is_file()
        assert plan.beats == plans[0].beats
    own, *beside = (set(rendered(folder)) for folder in folders)
    assert any(step.startswith("images/beat_") for step in own)
    for made in beside:
        assert "images/hook" in made and "speech/hook" in made
        assert not any("beat_" in step for step in made), "what they share is made once"
    (page,) = runs.glob(".batch/sheet-*.html")
    assert all(f"{folder.name}/final.mp4" in page.read_text("utf-8") for folder in folders)
    with open_queue(runs) as queue:
        (film,) = queue.films()
    assert film.state == "done", "it is one film of the queue"


def test_a_film_that_nobody_writes_hooks_for_is_made_all_the_same(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    canvas = {"aspect": "9:16", "width": TINY.width, "height": TINY.height, "fps": TINY.fps}
    plan = {"canvas": canvas, "hook": None}
    name = add(runs, "--from", str(listed(tmp_path, plan=plan)), "--hooks", "3")
    code, said = Worker.start(runs, "--max-rounds", "0").end()
    assert code == 0, said
    assert (runs / name / "final.mp4").is_file()
    with open_queue(runs) as queue:
        (film,) = queue.films()
    assert film.state == "done" and "give its plan.json a hook first" in film.reason
    assert sorted(path.name for path in runs.iterdir() if not path.name.startswith(".")) == [name]


def test_hooks_stand_in_lists_and_make_another_film(tmp_path: Path) -> None:
    table = tmp_path / "ideas.csv"
    table.write_text(f"idea,hooks\n{IDEA},3\n", encoding="utf-8")
    three = add(tmp_path, "--from", str(table))
    again = CliRunner().invoke(app, ["add", IDEA, "--hooks", "3", "--runs", str(tmp_path)])
    assert f"{three} is in the queue already" in again.stderr.replace("\n", " ")
    assert add(tmp_path, IDEA) != three
    table.write_text(f"idea,hooks\n{IDEA},many\n", encoding="utf-8")
    wrong = CliRunner().invoke(app, ["add", "--from", str(table), "--runs", str(tmp_path)])
    assert wrong.exit_code == 2 and ":2: hooks:" in wrong.stderr.replace("\n", "")
