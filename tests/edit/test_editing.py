"""A film that is edited: shown first, done then, taken back; locks, takes, findings."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tiny_films import TONES, made, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.main import app
from storyboard.core.errors import UsageError
from storyboard.edit import beat_patches, findings, preview, takes
from storyboard.edit.board import open_board
from storyboard.edit.patch import parse_patch, patched
from storyboard.graph.folder import RunFolder
from storyboard.plan import load_plan
from storyboard.plan.regen import Regen
from storyboard.review.finding import Finding
from storyboard.review.plan_patch import plan_digest
from storyboard.review.review_history import (
    Judged,
    ReviewHistory,
    Round,
    load_history,
    save_history,
)

SILENT = ConsoleDisplay(Console(quiet=True), quiet=True)
LINE = [{"op": "replace", "path": "/beats/1/line", "value": "I would rather not."}]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tiny_run(tmp_path_factory.mktemp("edited") / "film", tiny_plan("A cat that pays rent"))
    made(tones(folder))
    return folder


@pytest.fixture
def film(finished: Path, tmp_path: Path) -> Path:
    """A copy, with its store: each test edits its own."""
    shutil.copytree(finished.parent / ".store", tmp_path / ".store")
    return Path(shutil.copytree(finished, tmp_path / "film"))


def remade(folder: Path) -> set[str]:
    """The pictures, takes and clips that a run would make anew."""
    steps = preview.explain(tones(folder)).redone
    return {step.step for step in steps if step.stage in ("images", "speech", "clips")}


def test_a_board_shows_what_lies_in_the_folder(film: Path) -> None:
    board = open_board(film)
    assert board.state == "done" and board.film and board.seconds > 1
    assert [card.number for card in board.cards] == [0, 1, 2]
    for card in board.cards:
        assert (film / card.picture).is_file() and (film / card.clip).is_file()
        assert not card.line or ((film / card.take).is_file() and card.spoken > 0)
    json.dumps(board.as_json())


def test_a_change_is_shown_first_and_does_only_what_it_says(film: Path) -> None:
    before = (film / "plan.json").read_bytes()
    proposal = preview.propose(tones(film), parse_patch(LINE))
    assert (film / "plan.json").read_bytes() == before
    assert [(c.path, c.after) for c in proposal.changes] == [
        ("/beats/1/line", "I would rather not.")
    ]
    assert proposal.beats == [1]
    assert proposal.cost.seconds > 0 and proposal.cost.dollars == 0 and not proposal.cost.untimed
    assert "$0.0000" in str(proposal.cost) and "steps to make" in str(proposal.cost)

    preview.apply(tones(film), parse_patch(LINE))
    assert load_plan(film / "plan.json").beat(1).line == "I would rather not."
    told = {step.step for step in proposal.redone}
    log = film / "events.jsonl"
    log.unlink()
    made(tones(film))
    done = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    ran = {e["step"] for e in done if e["kind"] == "step_finished" and not e["cached"]}
    assert ran <= told, "what its inputs turn out to leave as it was is not made"
    assert {name for name in told if name.startswith(("speech/", "clips/", "assemble/"))} <= ran

    back = preview.undo(tones(film))
    assert (film / "plan.json").read_bytes() == before
    assert back.cost.steps == 0, "what was made of the old plan is still in the store"
    assert preview.undo(tones(film), again=True).plan.beat(1).line == "I would rather not."
    with pytest.raises(UsageError, match="nothing was undone"):
        preview.undo(tones(film), again=True)


def test_moving_and_deleting_beats_makes_no_picture_take_or_clip_anew(film: Path) -> None:
    order, plan = tones(film), load_plan(film / "plan.json")
    middle, _ = patched(plan, beat_patches.insert(plan, 2, {"action": "nods", "duration": 0.5}))
    assert preview.propose_plan(order, middle).beats == [3]
    preview.apply(order, beat_patches.delete(1))
    # The last beat's clip ends a breath later, and it still is the last.
    assert remade(film) == set()


def test_what_is_locked_is_made_again_by_nothing(film: Path) -> None:
    order = tones(film)
    preview.apply(order, beat_patches.lock(1))
    assert remade(film) == set()
    # Another palette would draw every picture anew.
    preview.apply(order, parse_patch([{"op": "replace", "path": "/style/palette", "value": 5}]))
    told = preview.explain(order)
    assert told.beats == [0, 2]
    assert any(name.startswith("images/beat_01") for name in told.kept)
    picture = film / open_board(film).card(1).picture
    before = picture.read_bytes()
    assert made(order).complete
    assert picture.read_bytes() == before
    with pytest.raises(UsageError, match="1 is locked"):
        made(tones(film, regen=Regen((1,))))
    made(tones(film, regen=Regen("all", seed=5), stages=("images",)))
    assert picture.read_bytes() == before


def test_takes_are_made_beside_each_other_and_the_chosen_one_costs_nothing(film: Path) -> None:
    order, plan = tones(film), (film / "plan.json").read_bytes()
    picture = film / open_board(film).card(2).picture
    own = picture.read_bytes()
    found = takes.make_takes(order, 2, "picture", 2, display=SILENT)
    assert len(found) == 3 and sum(take.chosen for take in found) == 1
    assert (film / "plan.json").read_bytes() == plan and picture.read_bytes() == own
    assert not list(film.parent.glob(".takes-*"))
    other = next(take for take in found if not take.chosen)
    _, proposal = takes.choose(order, other)
    assert not [s for s in proposal.redone if s.stage in ("images", "speech")]
    preview.keep(order, proposal)
    made(order)
    assert picture.read_bytes() == (film / other.file).read_bytes() != own
    assert next(t for t in takes.takes_of(RunFolder(film), 2) if t.chosen).seed == other.seed
    takes.drop(RunFolder(film), 2)
    assert takes.takes_of(RunFolder(film)) == []


def story(folder: Path, *found: Finding) -> None:
    plan = load_plan(folder / "plan.json")
    judged = tuple(Judged(each, "measured") for each in found)
    save_history(
        folder,
        ReviewHistory(
            0.0, {}, rounds=[Round(1, plan_digest(plan), "", findings=judged, kept=True)]
        ),
    )


def test_a_finding_is_applied_or_dismissed(film: Path) -> None:
    patch: dict[str, Any] = {"op": "replace", "path": "/beats/1/pause", "value": 1.5}
    told = Finding("technical", "cut_short", "severe", "too soon", beat=1, patch=(patch,))
    story(film, told, Finding("technical", "dark", "minor", "dark", beat=2))
    assert open_board(film).card(1).findings == (0,)
    proposal = findings.propose_mending(tones(film), 0)
    assert proposal.plan.beat(1).pause == 1.5 and 1 in proposal.beats
    with pytest.raises(UsageError, match="finding 1 asks for no edit"):
        findings.propose_mending(tones(film), 1)
    with pytest.raises(UsageError, match="no finding 7: it has 0 to 1"):
        findings.dismiss(RunFolder(film), 7)
    findings.dismiss(RunFolder(film), 1, "meant so")
    after = load_history(film)
    assert after is not None and [j.fate for j in after.film.findings] == ["open", "dismissed"]
    assert [judged.finding.beat for judged in after.open()] == [1]


def test_the_command_shows_and_with_apply_writes(film: Path, tmp_path: Path) -> None:
    file = tmp_path / "patch.json"
    file.write_text(json.dumps(LINE), encoding="utf-8")
    means = ["--profile", str(TONES)]
    runner = CliRunner()
    shown = runner.invoke(app, ["edit", str(film), "--patch", str(file), *means])
    assert shown.exit_code == 0, shown.output
    assert "I would rather not." in shown.output and "nothing is written" in shown.output
    assert load_plan(film / "plan.json").beat(1).line != "I would rather not."
    runner.invoke(app, ["edit", str(film), "--patch", str(file), "--apply", *means])
    assert load_plan(film / "plan.json").beat(1).line == "I would rather not."
    locked = runner.invoke(app, ["edit", str(film), "--lock", "1", "--apply", *means])
    assert locked.exit_code == 0 and load_plan(film / "plan.json").locked == {1}
    file.write_text(json.dumps([LINE[0] | {"value": "Or would I?"}]), encoding="utf-8")
    refused = runner.invoke(app, ["edit", str(film), "--patch", str(file), "--apply", *means])
    assert refused.exit_code == 2 and "beat 1 is locked" in refused.output
    seen = runner.invoke(app, ["edit", str(film), "--undo", *means])
    assert "nothing is written" in seen.output and load_plan(film / "plan.json").locked == {1}
    undone = runner.invoke(app, ["edit", str(film), "--undo", "--apply", *means])
    assert undone.exit_code == 0 and load_plan(film / "plan.json").locked == set()
    seen = runner.invoke(app, ["edit", str(film), "--redo", *means])
    assert "nothing is written" in seen.output and load_plan(film / "plan.json").locked == set()
    for beside, told in (
        (["--undo", "--redo"], "opposite"),
        (["--undo", "--patch", str(file)], "--undo takes one step by itself"),
        (["--redo", "--lock", "2"], "--redo takes one step by itself"),
    ):
        refused = runner.invoke(app, ["edit", str(film), *beside, "--apply", *means])
        assert refused.exit_code == 2 and told in refused.output
    none = runner.invoke(app, ["takes", str(film), "2", *means])
    assert none.exit_code == 0 and "none yet: --make 2" in none.output
    for beat, told in (("99", "no beat 99: it has 1, 2"), ("x", "BEAT: 'x' is no beat")):
        refused = runner.invoke(app, ["takes", str(film), beat, *means])
        assert refused.exit_code == 2 and told in refused.output
    listed = runner.invoke(app, ["takes", str(film), "2", "--make", "1", *means])
    assert listed.exit_code == 0 and "the film's" in listed.output, listed.output
    assert f"{film}/takes/02/" in listed.output, "paths are whole"
