"""Planning is made of steps: stored, told, reused, and never over what somebody wrote."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import scripted_model
from fake_chat import FakeChatServer
from rich.console import Console

from storyboard.cli.display import ConsoleDisplay
from storyboard.core.errors import StepFailed
from storyboard.core.events import (
    Event,
    GraphGrew,
    RunFinished,
    RunStarted,
    StepFinished,
    events_in,
)
from storyboard.graph.explain import StepForecast
from storyboard.graph.folder import RunFolder
from storyboard.stages.film import DryRun, dry_run, make_film
from storyboard.stages.render_request import RenderRequest

IDEA = "A barista who can only speak in haiku"
BEATS = 5


def request(folder: Path, profile: str = "embedded") -> RenderRequest:
    return RenderRequest(idea=IDEA, out=folder, profile=profile, stages=("plan",), jobs=1, seed=7)


def make(asked: RenderRequest) -> list[Event]:
    """Make it; the events of that run."""
    film = make_film(asked, ConsoleDisplay(Console(quiet=True), quiet=True))
    return last_run(film.folder.path)


def last_run(folder: Path) -> list[Event]:
    log = list(events_in(folder / "events.jsonl"))
    return log[max(n for n, event in enumerate(log) if isinstance(event, RunStarted)) :]


def made(log: list[Event]) -> dict[str, bool]:
    """By step, whether it was made in that run."""
    return {e.step: not e.cached for e in log if isinstance(e, StepFinished)}


def rows(asked: RenderRequest) -> dict[str, StepForecast]:
    return {row.step: row for row in dry_run(asked).steps}


def modelled(folder: Path, url: str) -> str:
    """A profile with a planner, and a painter whose prompts are worded."""
    path = folder / "modelled.toml"
    path.write_text(
        f"""
extends = "embedded"
[chat]
backend = "openai"
base_url = "{url}"
model = "tiny"
strength = "script"
[judge]
backend = "none"
[image]
backend = "openai"
base_url = "{url}"
model = "painter"
""",
        encoding="utf-8",
    )
    return str(path)


def test_an_idea_is_planned_once(tmp_path: Path) -> None:
    asked = request(tmp_path / "one")
    assert rows(asked)["plan"].status == "new"
    log = make(asked)
    assert made(log) == {"plan": True}
    written = (tmp_path / "one" / "plan.json").read_bytes()
    assert rows(asked)["plan"].cached
    assert made(make(asked)) == {"plan": False}
    # Without its plan, and in another folder, it is what was written before.
    (tmp_path / "one" / "plan.json").unlink()
    assert rows(asked)["plan"].cached
    assert made(make(asked)) == {"plan": False}
    assert (tmp_path / "one" / "plan.json").read_bytes() == written
    assert made(make(request(tmp_path / "two"))) == {"plan": False}


def test_a_plan_that_somebody_wrote_is_nobodys_to_write(tmp_path: Path) -> None:
    asked = request(tmp_path / "one")
    make(asked)
    path = tmp_path / "one" / "plan.json"
    own = json.loads(path.read_text("utf-8")) | {"title": "My own title"}
    path.write_text(json.dumps(own), encoding="utf-8")
    # As a folder of before there were such steps has it.
    (tmp_path / "one" / ".steps.json").unlink()
    shutil.rmtree(tmp_path / ".store")
    assert rows(asked)["plan"].cached
    assert made(make(asked)) == {"plan": False}
    assert json.loads(path.read_text("utf-8"))["title"] == "My own title"


def test_what_is_planned_says_what_else_is_to_be_made(tmp_path: Path) -> None:
    with FakeChatServer(scripted_model.answer) as server:
        asked = request(tmp_path / "one", modelled(tmp_path, server.url))
        foreseen = rows(asked)
        assert not server.requests, "to ask would be to make it"
        log = make(asked)
        asked_for = len(server.requests)
        assert asked_for == 2 + len(foreseen), "thought, written and read; and each picture"
        assert (tmp_path / "one" / "planning.md").read_text("utf-8").startswith("# Planning")
        # In another folder, not a word is paid for again.
        assert not any(made(make(request(tmp_path / "two", asked.profile))).values())
        assert len(server.requests) == asked_for
        assert all(row.cached for row in rows(asked).values())
    assert made(log) == dict.fromkeys(foreseen, True)
    assert {row.status for row in foreseen.values()} == {"new"}
    kinds = Counter(name.partition("_")[0] for name in foreseen)
    assert (kinds["plan"], kinds["prompts/beat"], kinds["prompts/hook"]) == (1, BEATS, 1)
    steps = [e.steps for e in log if isinstance(e, RunStarted | GraphGrew)]
    assert steps == [1, len(foreseen), len(foreseen)]


def test_a_forecast_has_what_is_in_the_store(tmp_path: Path) -> None:
    with FakeChatServer(scripted_model.answer) as server:
        asked = request(tmp_path / "one", modelled(tmp_path, server.url))
        make(asked)
        planned = RunFolder(tmp_path / "one").plan
        before: DryRun = dry_run(asked)
        planned.unlink()
        after = dry_run(asked)
    assert [row.cached for row in after.steps] == [True] * len(before.steps)
    assert after.plan == before.plan


def test_who_cannot_plan_says_so_in_words_of_its_own(tmp_path: Path) -> None:
    with FakeChatServer([{"text": "Hello."}]) as server:
        asked = request(tmp_path / "one", modelled(tmp_path, server.url))
        with pytest.raises(Exception) as told:
            make(asked)
    assert not isinstance(told.value, StepFailed), "it is no step to whoever asked"
    (end,) = (e for e in last_run(tmp_path / "one") if isinstance(e, RunFinished))
    assert (end.status, end.message) == ("failed", str(told.value))


def test_a_question_under_way_ends_with_ctrl_c(tmp_path: Path) -> None:
    long = " ".join(f"word{number}" for number in range(20_000))
    with FakeChatServer([{"text": long, "pause": 0.1}]) as server:
        profile = tmp_path / "slow.toml"
        profile.write_text(
            'extends = "embedded"\n[chat]\nbackend = "openai"\n'
            f'base_url = "{server.url}"\nmodel = "slow"\nstrength = "script"\n'
        )
        command = [sys.executable, "-m", "storyboard.run", "--idea", IDEA, "--only", "plan"]
        command += ["--profile", str(profile), "--out", str(tmp_path / "film")]
        with subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            while server.pieces < 5:
                assert process.poll() is None
                time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=60)
        assert process.returncode == 130 and "the same command goes on from here" in said
        time.sleep(0.5)
        sent = server.pieces
        time.sleep(0.5)
        assert server.pieces == sent < 1000, "the server was not told that nobody listens"
    assert not (tmp_path / "film" / "plan.json").exists()
