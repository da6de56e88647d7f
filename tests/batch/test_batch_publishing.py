"""Which films of a batch go out by themselves, and what is said of those that do not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs DBOS: pip install 'storyboard[batch]'")
pytest.importorskip("fsspec", reason="needs pip install 'storyboard[publish]'")

from tiny_films import finished_run, tiny_plan

from storyboard.batch.entry import Entry
from storyboard.batch.publish_night import publish_done, unasked
from storyboard.batch.queue import QueuedFilm
from storyboard.core.errors import UsageError


def profile(folder: Path, *, confirmed: bool) -> str:
    path = folder / "mine.toml"
    path.write_text(
        f'extends = "embedded"\n[publish.disk]\ntarget = "folder"\nurl = "{folder / "out"}"\n'
        f"confirmed = {json.dumps(confirmed)}\n"
    )
    return str(path)


def test_only_films_that_hold_up_go_out_and_once(tmp_path: Path) -> None:
    mine = profile(tmp_path, confirmed=True)
    films = [
        QueuedFilm(
            name,
            Entry(idea="x", profile=mine),
            finished_run(tmp_path / name, tiny_plan("x")),
            "done",
            why,
        )
        for name, why in (("good", ""), ("broken", "the last word is missing"))
    ]
    told: list[tuple[str, str]] = []
    for _ in range(2):
        publish_done(films, "disk", lambda film, text, style="": told.append((film, text)))
    assert len(list((tmp_path / "out").iterdir())) == 1
    said = [text.partition(":")[0] for film, text in told if film == "good"]
    assert said == ["published"]
    assert ("broken", "not published, as a check does not hold: the last word is missing") in told


def test_a_place_that_did_not_say_so_gets_nothing_unasked(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="confirmed = true"):
        unasked(profile(tmp_path, confirmed=False), "disk")
    with pytest.raises(UsageError, match=r"no \[publish.tube\]"):
        unasked(profile(tmp_path, confirmed=True), "tube")
