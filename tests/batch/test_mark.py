"""Whose stage the worker died of: only of the film that was worked on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from storyboard.batch.budget import Budget
from storyboard.batch.gate import Night
from storyboard.batch.mark import DEATHS, ENDS, WORKER, Deadly, attest, mark, unmark
from storyboard.core.events import EventLog, StepFinished


def film(root: Path) -> Path:
    folder = root / "film"
    folder.mkdir()
    return folder


def died_at(folder: Path) -> None:
    """The worker begins the film's pictures and dies of them, as its witness sees."""
    mark(folder, "images")
    attest(folder.parent, WORKER)


def test_a_film_of_which_the_worker_dies_three_times_is_not_tried_again(tmp_path: Path) -> None:
    folder = film(tmp_path)
    for _ in range(DEATHS):
        died_at(folder)
    with pytest.raises(Deadly, match="died 3 times in the stage images of this film"):
        mark(folder, "images")
    mark(folder, "images")


def test_a_power_cut_is_no_films_fault(tmp_path: Path) -> None:
    """Nobody was left to see the worker die. But what ends a machine each time is parked, too."""
    folder = film(tmp_path)
    for _ in range(ENDS):
        mark(folder, "images")
    with pytest.raises(Deadly, match="all processes ended 12 times"):
        mark(folder, "images")


WORK = """
import os, signal, sys, time
from pathlib import Path
from storyboard.batch.mark import mark
from storyboard.batch.worker_watchdog import witnessed
root, how = Path(sys.argv[1]), sys.argv[2]
with witnessed(root):
    mark(root / "film", "images")
    if how != "ends":
        (os.killpg if how == "all" else os.kill)(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("how", "alone"), [("alone", True), ("all", False), ("ends", False)])
def test_only_a_worker_that_dies_alone_is_attested(tmp_path: Path, how: str, alone: bool) -> None:
    left = film(tmp_path) / ".batch.json"
    command = [sys.executable, "-c", WORK, str(tmp_path), how]
    # Whoever holds the pipe ends last: the witness.
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as work:
        work.communicate(timeout=60)
    assert json.loads(left.read_text()).get("alone", False) == alone


def test_another_finished_step_or_stage_begins_the_count_anew(tmp_path: Path) -> None:
    folder = film(tmp_path)
    for n in range(2 * DEATHS):
        died_at(folder)
        EventLog(folder / "events.jsonl").emit(StepFinished(f"s{n}", "images", False, 1.0))
    for _ in range(DEATHS):
        mark(folder, "speech")
        attest(tmp_path, WORKER)
    unmark(folder)
    mark(folder, "speech")


def test_whoever_waits_when_the_worker_dies_is_not_to_blame(tmp_path: Path) -> None:
    """On a small card, all films of a stage wait for the next wave while one is drawn."""
    folder, night = film(tmp_path), Night(tmp_path, Budget(min_free=0))
    for _ in range(2 * DEATHS):
        night.began(str(folder), "images", again=False)
        died_at(folder)
        night.ended(str(folder), "images", 1.0, waits=True)
    # Then it is its own turn, and it is to blame as before.
    for _ in range(DEATHS):
        mark(folder, "images")
        night.began(str(folder), "images", again=True)
        attest(tmp_path, WORKER)
    assert json.loads((folder / ".batch.json").read_text())["deaths"] == DEATHS - 1
    with pytest.raises(Deadly):
        mark(folder, "images")
