"""A film's log names the models it goes on with: those that this user has said, no stranger's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_films import TONES, made, tiny_plan, tiny_run, tones

from storyboard.core import events
from storyboard.graph.folder import RunFolder
from storyboard.publish.film_card import read_card
from storyboard.stages.going_on import NobodysWord, request_to_go_on
from storyboard.stages.seal import seal

COMMAND = "storyboard run --idea x"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def film(place: Path, command: str, seal: str = "") -> RunFolder:
    run = RunFolder(tiny_run(place / "film", tiny_plan("A cat")))
    events.EventLog(run.events).emit(events.RunStarted(str(run.path), command, 3, seal))
    return run


@pytest.mark.parametrize(
    "means",
    [
        "--profile ./evil.toml",
        "--profile=/tmp/evil.toml",
        "--profile embedded@draft --set image.base_url=http://evil.example",
        "--allow /",
        "--cast-library /home",
    ],
)
@pytest.mark.parametrize("forged", ["", "0" * 64])
def test_what_nobody_here_has_said_is_not_done(tmp_path: Path, means: str, forged: str) -> None:
    seal("so that there is a key")
    run = film(tmp_path, f"{COMMAND} {means}", forged)
    with pytest.raises(NobodysWord, match="nobody has said here"):
        request_to_go_on(run)
    assert read_card(run.path).command == f"storyboard run --dir {run.path}"


def test_a_seal_is_of_one_command(tmp_path: Path) -> None:
    run = film(tmp_path, f"{COMMAND} --profile evil.toml", seal(f"{COMMAND} --profile my.toml"))
    with pytest.raises(NobodysWord):
        request_to_go_on(run)


@pytest.mark.parametrize("means", ["", "--profile laptop", "--profile rtx6000-96gb --speed draft"])
def test_what_comes_with_storyboard_needs_no_word(tmp_path: Path, means: str) -> None:
    run = film(tmp_path, f"{COMMAND} {means}")
    assert request_to_go_on(run).directory == run.path


def test_a_film_of_one_s_own_goes_on_wherever_it_is_moved(tmp_path: Path) -> None:
    command = f"{COMMAND} --profile {TONES}"
    run = RunFolder(tiny_run(tmp_path / "film", tiny_plan("A cat", 1)))
    made(tones(run.path, stages=("plan",)), command)
    moved = RunFolder(run.path.rename(tmp_path / "elsewhere"))
    assert request_to_go_on(moved).profile == str(TONES)
    assert str(TONES) in read_card(moved.path).command
    key = tmp_path / "state" / "storyboard" / "seal.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.read_bytes().hex() not in json.dumps(moved.events.read_text())


def test_without_a_home_to_write_to_a_film_is_made_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    run = film(tmp_path, f"{COMMAND} --profile my.toml", seal(f"{COMMAND} --profile my.toml"))
    with pytest.raises(NobodysWord):
        request_to_go_on(run)
