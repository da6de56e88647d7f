"""A second opinion: what the local judge doubts after its last try goes to a frontier model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from fake_chat import FakeChatServer
from fake_images import FakeImageServer
from scripted_judge import ScriptedJudge, doubt, fault
from small_plans import a_plan

from storyboard.core import events
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import Graph
from storyboard.graph.store import Store
from storyboard.judge.escalation import Escalated
from storyboard.judge.judge_loop import JudgeConfig
from storyboard.judge.outcome import attempts, open_pictures
from storyboard.plan.staging import scenes_of
from storyboard.profile import ProfileError, load_profile
from storyboard.profile.backends import SECOND, Backends
from storyboard.stages.images import PictureOptions, image_steps

BEAT = "images/beat_01_beat"


class Court:
    def __init__(
        self, folder: Path, images: FakeImageServer, local: FakeChatServer, second: FakeChatServer
    ) -> None:
        self.folder = folder
        self.sets = [
            *("image.backend=openai", f"image.base_url={images.url}", "image.model=fake-image"),
            *("image.dialect=sglang", "image.options.max_references=4"),
            *("judge.backend=openai", f"judge.base_url={local.url}", "judge.model=local"),
            *("judge.escalation.backend=openai", f"judge.escalation.base_url={second.url}"),
            *("judge.escalation.model=frontier", "judge.escalation.output_price=1000"),
        ]
        self.warned: list[str] = []
        self.graph = Graph(())

    def draw(self, *sets: str) -> None:
        def listen(event: events.Event) -> None:
            if isinstance(event, events.Warned):
                self.warned.append(event.message)

        self.folder.mkdir(exist_ok=True)
        log = events.EventLog(self.folder / "events.jsonl", listen)
        profile = load_profile("embedded", [*self.sets, *sets])
        with Backends(profile) as backends:
            backends.attach(log)
            judge, second, escalation = backends.judge, backends.second_judge, profile.escalating
            assert judge and second and escalation
            again = Escalated(escalation.threshold, second.fingerprint())
            judging = JudgeConfig(1, 1, judge.fingerprint(), again)
            beat = {"index": 1, "type": "beat", "setting": "bar", "cast": ["ann"]}
            plan = a_plan(hook=None, beats=[{**beat, "action": "pours tea"}])
            steps = image_steps(
                plan, backends.image, PictureOptions(judging=judging), scenes_of(plan)
            )
            self.graph = Graph.of(steps, profile)
            store = Store(self.folder.parent / ".store")
            run_graph(self.graph, RunContext(self.folder, store, log, backends))

    @property
    def kept(self) -> dict[str, Any]:
        (found,) = [a for a in attempts(self.folder / f"{BEAT}.verdicts.json") if a["kept"]]
        return found

    def measured(self, what: str) -> list[dict[str, Any]]:
        log = events.read_events(self.folder / "events.jsonl")
        return [asdict(event) for _, event in log if event.kind == what]


@contextmanager
def court(folder: Path, local: Any, second: Any) -> Iterator[tuple[Court, ScriptedJudge]]:
    again = ScriptedJudge(second)
    with (
        FakeImageServer("sglang") as images,
        FakeChatServer(ScriptedJudge(local)) as first,
        FakeChatServer(again) as frontier,
    ):
        yield Court(folder / "film", images, first, frontier), again


WOLF = {"pours tea": [{"mouth_closed": fault("reroll")}]}


def test_a_cry_of_wolf_is_overruled_and_recorded(tmp_path: Path) -> None:
    with court(tmp_path, WOLF, {}) as (room, again):
        room.draw()
        assert len(again.asked) == 1, "one picture, after its last try, and no other one"
        assert not [c for c in room.kept["checks"] if c["verdict"] == "fail"]
        assert room.kept["escalated"] == {
            "judge": "fake",
            "why_not": "",
            "doubts": ["mouth_closed"],
        }
        assert open_pictures(room.folder, room.graph) == []
        (told,) = room.measured("escalation")
        assert (told["passed"], told["upheld"]) == (True, [])
        assert [c["purpose"] for c in room.measured("chat")].count(SECOND) == 1
        room.draw()
        assert len(again.asked) == 1, "what was judged once is in the store"


def test_what_the_second_judge_sees_too_stays_open(tmp_path: Path) -> None:
    seen = {"pours tea": [{"mouth_closed": fault(evidence="teeth show")}]}
    with court(tmp_path, WOLF, seen) as (room, _):
        room.draw()
        (line,) = open_pictures(room.folder, room.graph)
        assert line.endswith("kept although mouth_closed failed: teeth show")


def test_below_the_threshold_nobody_is_asked(tmp_path: Path) -> None:
    local = {"pours tea": [{"mouth_closed": doubt()}]}
    with court(tmp_path, local, {}) as (room, again):
        room.draw("judge.escalation.threshold=2")
        assert again.asked == []
        assert "escalated" not in room.kept
        room.draw("judge.escalation.threshold=1")
        assert len(again.asked) == 1


def test_a_cap_keeps_the_local_verdict_and_says_so(tmp_path: Path) -> None:
    with court(tmp_path, WOLF, {}) as (room, again):
        room.draw("judge.escalation.max_cost=0.5")
        assert again.asked == []
        assert [c["id"] for c in room.kept["checks"] if c["verdict"] == "fail"] == ["mouth_closed"]
        assert "max_cost is $0.5" in room.kept["escalated"]["why_not"]
        assert any("and no second opinion" in line for line in room.warned)


def test_a_second_judge_that_is_away_ends_no_film(tmp_path: Path) -> None:
    with court(tmp_path, WOLF, {}) as (room, _):
        room.draw("judge.escalation.base_url=http://127.0.0.1:9/v1")
        assert "no answer from" in room.kept["escalated"]["why_not"]
        found = json.loads((room.folder / f"{BEAT}.verdicts.json").read_text())
        assert len(found["attempts"]) >= 1


def test_a_cap_without_prices_is_a_fault() -> None:
    told = ["judge.backend=openai", "judge.base_url=http://127.0.0.1:9/v1", "judge.model=m"]
    told += ["judge.escalation.backend=gemini", "judge.escalation.model=g"]
    with pytest.raises(ProfileError, match=r"judge\.escalation: max_cost is counted by"):
        load_profile("embedded", [*told, "judge.escalation.max_cost=1"])
