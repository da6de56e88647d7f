"""Mending in waves: the cuts of a batch's films are made together, and judged one by one."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import soon

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import rendered
from faked_batch import HEAVY, FakedBatch, assert_left_nothing, reviewed_batch

from storyboard.core.files import digest_file
from storyboard.plan.stages import CHECKPOINTS
from storyboard.review.review_history import ReviewHistory, load_history


def assert_whole(film: Path, story: ReviewHistory) -> None:
    assert story.trial is None
    assert digest_file(film / "final.mp4") == story.film.film


@contextmanager
def batch(folder: Path, slow: tuple[str, ...] = ()) -> Generator[tuple[FakedBatch, list[str]]]:
    """Three films on one card, of which two are held to be mendable by a reviewer elsewhere."""
    with reviewed_batch(folder, slow) as found:
        ideas = ("A barista", "A glass blower", "A lighthouse keeper")
        profile = str(found.card.folder / "reviewed.toml")
        yield found, [name for idea in ideas for name in found.add(idea, profile=profile)]


def assert_mended(found: FakedBatch, *, cuts: tuple[int, ...]) -> None:
    films = {film.entry.idea: film for film in found.films()}
    assert {film.state for film in films.values()} == {"done"}
    assert all(film.made == CHECKPOINTS for film in films.values())
    ideas = ("A barista", "A glass blower", "A lighthouse keeper")
    for idea, best in zip(ideas, cuts, strict=True):
        story = load_history(films[idea].folder)
        assert story is not None, idea
        assert_whole(films[idea].folder, story)
        assert story.best == best, (idea, story.stopped)
        assert (films[idea].folder / "upload" / "metadata.json").is_file()


@pytest.mark.slow
def test_a_wave_loads_each_model_once_for_all_films(tmp_path: Path) -> None:
    with batch(tmp_path) as (found, _):
        code, said = found.finish(seconds=900)
        assert code == 0, said
    assert_mended(found, cuts=(2, 2, 1))
    starts = found.starts()
    assert {name: starts[name] <= 2 for name in HEAVY} == dict.fromkeys(HEAVY, True), starts
    assert starts["images"] + sum(e == ("woken", "images") for e in found.log()) == 2
    assert starts["speech"] == starts["planner"] == 1, "no line and no prompt was touched"
    for film in found.films():
        again = {step for step, times in rendered(film.folder).items() if times > 1}
        changed = set[str]() if "lighthouse" in film.id else {"images/beat_02_payoff"}
        assert {step for step in again if step.startswith(("images/", "speech/"))} == changed
    assert_left_nothing(found)


@pytest.mark.slow
def test_a_worker_killed_in_a_wave_goes_on_in_it(tmp_path: Path) -> None:
    with batch(tmp_path, slow=("images", "i2v")) as (found, _):
        with found.running() as worker:
            soon(lambda: drawn_again(found), 900)
            worker.kill()
        soon(lambda: not found.card.servers())
        code, said = found.finish(seconds=900)
        assert code == 0, said
    assert_mended(found, cuts=(2, 2, 1))
    assert_left_nothing(found)


def on_trial(found: FakedBatch) -> bool:
    """Whether the cut of any film waits for its parts."""
    stories = [load_history(path.parent) for path in found.runs.glob("*/review.json")]
    return any(story is not None and story.trial is not None for story in stories)


def drawn_again(found: FakedBatch) -> bool:
    """Whether the picture of a cut on trial is made."""
    return any(
        rendered(path.parent)["images/beat_02_payoff"] > 1
        for path in found.runs.glob("*/events.jsonl")
        if path.parent.name != ".batch"
    )


@pytest.mark.slow
def test_a_night_without_minutes_left_mends_nothing_and_says_so(tmp_path: Path) -> None:
    with batch(tmp_path) as (found, _):
        with found.running() as worker:
            soon(lambda: on_trial(found), 900)
            worker.kill()
        soon(lambda: not found.card.servers())
        code, said = found.finish("--gpu-minutes", "0.01", seconds=900)
        assert code == 0, said
    assert_mended(found, cuts=(1, 1, 1))
    stories = [load_history(film.folder) for film in found.films()]
    ended = [story.stopped for story in stories if story]
    assert sum("the budget was reached" in why for why in ended) == 2, ended
