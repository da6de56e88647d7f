"""A batch opens what is expensive once, however many films go through it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered, tiny_entry
from tiny_films import TONES
from weighty_voices import loads, weighty

from storyboard.batch.queue import open_queue


def test_the_films_of_a_batch_load_each_model_once(tmp_path: Path) -> None:
    profile = str(weighty(tmp_path, TONES))
    root = tmp_path / "runs"
    films = [tiny_entry(f"A baker who counts to {n}", profile=profile) for n in range(3)]
    with open_queue(root) as queue:
        queue.add(films, root)
    code, said = Worker.start(root).end()
    assert code == 0, said
    with open_queue(root) as queue:
        made = queue.films()
    assert {film.state for film in made} == {"done"}
    steps = [step for film in made for step in rendered(film.folder)]
    assert sum(step.startswith("speech/") for step in steps) == 3
    assert sum(step.startswith("checks/listen") for step in steps) > 1
    assert sorted(loads(tmp_path / "loads.txt")) == ["ear", "voice"]
