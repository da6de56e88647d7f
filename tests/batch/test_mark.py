"""Whose stage the worker died of: only of the film that was worked on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from storyboard.batch.budget import Budget
from storyboard.batch.gate import Night
from storyboard.batch.mark import DEATHS, Deadly, mark, unmark
from storyboard.core.events import EventLog, StepFinished


def film(root: Path) -> Path:
    folder = root / "film"
    folder.mkdir()
    return folder


def test_a_film_of_which_the_worker_dies_three_times_is_not_tried_again(tmp_path: Path) -> None:
    folder = film(tmp_path)
    for _ in range(DEATHS):
        mark(folder, "images")
    with pytest.raises(Deadly, match="died 3 times in the stage images of this film"):
        mark(folder, "images")
    mark(folder, "images")


def test_another_finished_step_or_stage_begins_the_count_anew(tmp_path: Path) -> None:
    folder = film(tmp_path)
    for n in range(2 * DEATHS):
        mark(folder, "images")
        EventLog(folder / "events.jsonl").emit(StepFinished(f"s{n}", "images", False, 1.0))
    for _ in range(DEATHS):
        mark(folder, "speech")
    unmark(folder)
    mark(folder, "speech")


def test_whoever_waits_when_the_worker_dies_is_not_to_blame(tmp_path: Path) -> None:
    """On a small card, all films of a stage wait for the next wave while one is drawn."""
    folder, night = film(tmp_path), Night(tmp_path, Budget(min_free=0))
    for _ in range(2 * DEATHS):
        night.began(str(folder), "images", again=False)
        mark(folder, "images")
        night.ended(str(folder), "images", 1.0, waits=True)
    # Then it is its own turn, and it is to blame as before.
    for _ in range(DEATHS):
        mark(folder, "images")
        night.began(str(folder), "images", again=True)
    assert json.loads((folder / ".batch.json").read_text())["deaths"] == DEATHS - 1
    with pytest.raises(Deadly):
        mark(folder, "images")
