"""A night in which the batch is killed again and again: the same films, nothing twice, no litter."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, made_again, rendered, tiny_entry

from storyboard.batch.database import database_url
from storyboard.batch.queue import FilmQueue, QueuedFilm
from storyboard.core.files import digest_file

KILLS, FILMS = 22, 4
IDEAS = [f"A baker who counts to {n}" for n in range(FILMS)]


def queue(root: Path, listening: str) -> list[str]:
    """The films; one of them is heard by a real ear, which unpacks its weights."""
    own = {1: {"profile": listening}}
    entries = [tiny_entry(idea, **own.get(n, {})) for n, idea in enumerate(IDEAS)]
    for entry in entries:
        # A line that two films share is spoken for one of them, or for both at once.
        entry.plan["beats"][0]["line"] = f"{entry.idea}."  # type: ignore[index, call-overload]
    with FilmQueue(database_url(root)) as waiting:
        new, _ = waiting.add(entries, root)
    return new


def films(root: Path) -> list[QueuedFilm]:
    with FilmQueue(database_url(root)) as waiting:
        return waiting.films()


def steps(root: Path) -> int:
    return sum(sum(rendered(log.parent).values()) for log in root.glob("*/events.jsonl"))


def pictures(root: Path) -> dict[str, str]:
    return {film.entry.idea: digest_file(film.folder / "final.mp4") for film in films(root)}


def killed(root: Path, least: int, pause: float) -> bool:
    """Start the worker, and kill it a moment after it has made something; False: it was through."""
    worker = Worker.start(root)
    end = time.monotonic() + 300
    while steps(root) <= least:
        if worker.process.poll() is not None:
            worker.process.communicate()
            return False
        assert time.monotonic() < end, "it makes nothing"
        time.sleep(0.02)
    time.sleep(pause)
    worker.kill()
    return True


@pytest.mark.slow
def test_a_night_of_kills_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm, rough, litter = tmp_path / "calm", tmp_path / "rough", tmp_path / "tmp"
    litter.mkdir()
    monkeypatch.setenv("TMPDIR", str(litter))
    listening = tmp_path / "listening.toml"
    listening.write_text('extends = "embedded"\n[speech]\nbackend = "tones"\n', encoding="utf-8")
    queue(calm, str(listening))
    code, told = Worker.start(calm).end(1800)
    assert code == 0, told
    assert not list(litter.glob("storyboard-scratch-*"))

    ids = queue(rough, str(listening))
    chance, kills, left = random.Random(14), 0, 0
    while kills < KILLS and killed(rough, steps(rough), chance.uniform(0.0, 1.0)):
        kills += 1
        left += bool(list(litter.glob("storyboard-scratch-*")))
        assert not [film for film in films(rough) if film.state == "parked"], "no film did it"
    code, told = Worker.start(rough).end(1800)
    assert code == 0, told
    made = films(rough)
    assert sorted(film.id for film in made) == sorted(ids)
    assert {film.state for film in made} == {"done"}
    for film in made:
        # No more than in a quiet night: a reviewer may ask for another cut in either.
        assert not made_again(film.folder, calm / film.folder.name), film.id
    assert pictures(rough) == pictures(calm), "not the same bytes"
    assert not list(litter.glob("storyboard-scratch-*"))
    sys.stderr.write(f"\n{FILMS} films, {kills} kills, {left} of which left unpacked weights\n")
    assert kills >= 20
