"""The judge's loop on real graphs: a scripted judge, fake image servers, the tiny engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fake_chat import FakeChatServer, Reply
from fake_images import FakeImageServer
from scripted_judge import Findings, ScriptedJudge, doubt, fault
from simulated_card import SimulatedCard, SimulatedServices, VirtualClock
from small_plans import a_plan, dressed, uncast
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.core import events
from storyboard.core.errors import StepFailed
from storyboard.gpu.broker import Broker, EvictionTerms
from storyboard.gpu.events import Granted
from storyboard.gpu.forecast import profile_scale
from storyboard.gpu.log import log_to
from storyboard.graph.explain import load_state, step_forecasts
from storyboard.graph.leases import Leases
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import Graph
from storyboard.graph.store import Store
from storyboard.judge.judge_loop import JudgeConfig
from storyboard.judge.outcome import attempts, open_pictures
from storyboard.judge.verdict import Attempted
from storyboard.plan import Plan
from storyboard.plan.staging import scenes_of
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.images import PictureOptions, image_steps

BEAT = "images/beat_01_beat"


def film(**changes: Any) -> Plan:
    """Three silent beats that a question tells apart by what is done in them, and no hook."""
    beats = [
        {"index": i, "type": "beat", "setting": "bar", "cast": cast, "action": action}
        for i, (cast, action) in enumerate(
            ((["ann"], "pours tea"), (["ann", "bob"], "shakes hands"), (["bob"], "waits")), 1
        )
    ]
    canvas = {"width": 270, "height": 480}
    return a_plan(**{"hook": None, "beats": beats, "canvas": canvas, **changes})


class Court:
    """A run folder, an image server and a judge."""

    def __init__(self, folder: Path, images: FakeImageServer, chat: FakeChatServer) -> None:
        self.folder, self.images, self.chat = folder, images, chat
        self.sets = [
            "image.backend=openai",
            f"image.base_url={images.url}",
            "image.model=fake-image",
            "image.dialect=sglang",
            "image.options.max_references=4",
            "judge.backend=openai",
            f"judge.base_url={chat.url}",
            "judge.model=fake",
            "judge.options.retries=0",
        ]
        self.warned: list[str] = []
        self.graph = Graph(())
        self.leases: Leases | None = None
        self.weighed = load_profile("embedded")
        """Whose services the steps require."""

    def draw(
        self, plan: Plan, retries: int = 2, best_of: int = 1, *, draft: bool = False
    ) -> list[str]:
        """Make all pictures; the steps that really ran."""
        ran: list[str] = []
        self.warned.clear()

        def listen(event: events.Event) -> None:
            if isinstance(event, events.StepFinished) and not event.cached:
                ran.append(event.step.removeprefix("images/"))
            if isinstance(event, events.Warned):
                self.warned.append(f"{event.step}: {event.message}")

        self.folder.mkdir(exist_ok=True)
        log = events.EventLog(self.folder / "events.jsonl", listen)
        with Backends(load_profile("embedded", self.sets)) as backends:
            self.graph = self._graph(plan, backends, retries, best_of, draft)
            store = Store(self.folder.parent / ".store")
            run_graph(self.graph, RunContext(self.folder, store, log, backends, leases=self.leases))
        return ran

    def _graph(
        self, plan: Plan, backends: Backends, retries: int, best_of: int, draft: bool
    ) -> Graph:
        judge = backends.judge
        assert judge is not None
        judging = JudgeConfig(retries, best_of, judge.fingerprint())
        options = PictureOptions(draft=draft, judging=judging)
        return Graph.of(image_steps(plan, backends.image, options, scenes_of(plan)), self.weighed)

    def stale(self, plan: Plan) -> list[str]:
        with Backends(load_profile("embedded", self.sets)) as backends:
            graph = self._graph(plan, backends, 2, 1, False)
        found = step_forecasts(graph, Store(self.folder.parent / ".store"), load_state(self.folder))
        return [f.step.removeprefix("images/") for f in found if not f.cached]

    def attempts(self, name: str = BEAT) -> list[dict[str, Any]]:
        return list(attempts(self.folder / f"{name}.verdicts.json"))

    def picture(self, name: str) -> bytes:
        return (self.folder / f"{name}.png").read_bytes()

    def prompts(self) -> list[str]:
        return [str(asked.fields["prompt"]) for asked in self.images.requests]


@contextmanager
def court(
    tmp_path: Path, script: dict[str, Sequence[Findings | str]] | None = None
) -> Iterator[tuple[Court, ScriptedJudge]]:
    judge = ScriptedJudge(script)
    with FakeImageServer("sglang") as images, FakeChatServer(judge) as chat:
        yield Court(tmp_path / "film", images, chat), judge


def test_a_failure_is_edited_and_what_passes_is_left_alone(tmp_path: Path) -> None:
    closed = fault("edit", "Close Ann's mouth, lips together")
    with court(tmp_path, {"pours tea": [{"mouth_closed": closed}, {}]}) as (room, judge):
        room.draw(film())
        first, second = room.attempts()
        assert [first["kept"], second["kept"]] == [False, True]
        assert second["mending"]["kind"] == "edit" and second["mending"]["of"] == "1"
        # The engine edits that very image, and is told to leave the rest alone.
        edit = next(a for a in room.images.requests if "Close Ann's mouth" in a.fields["prompt"])
        rejected = room.picture("images/rejected/beat_01_beat.try-1")
        assert edit.files == (rejected,) and rejected != room.picture(BEAT)
        assert "Keep everything else in image 1 exactly as it is" in edit.fields["prompt"]
        # Place, two sheets, three beats, one edit; each looked at once.
        assert len(room.images.requests) == 7 and len(judge.asked) == 7
        assert room.warned == [] and open_pictures(room.folder, room.graph) == []
        assert [p.name for p in (room.folder / "images/rejected").iterdir()] == [
            "beat_01_beat.try-1.png"
        ]
        # The picture and its references, numbered as they are shown.
        of_beat = next(i for i, q in enumerate(judge.asked) if "shakes hands" in q)
        assert judge.shown[of_beat] == 4
        assert "Image 3 is Ann, on a reference sheet." in judge.asked[of_beat]
        assert room.draw(film()) == []


def test_the_least_bad_of_three_is_kept_and_listed(tmp_path: Path) -> None:
    bad: Findings = {"people_count": fault("reprompt", "Bob is nowhere"), "place": fault()}
    script: dict[str, Sequence[Findings | str]] = {
        "pours tea": [bad, {"place": fault(evidence="a street")}, bad]
    }
    with court(tmp_path, script) as (room, _):
        room.draw(film())
        assert [a["kept"] for a in room.attempts()] == [False, True, False]
        assert room.warned == [f"{BEAT}: kept although place failed: a street"]
        assert open_pictures(room.folder, room.graph) == [
            f"{BEAT}.png: kept although place failed: a street"
        ]
        # Also when nothing is left to do: the summary reads what was decided.
        assert room.draw(film()) == [] and len(open_pictures(room.folder, room.graph)) == 1
        kept = [p.name for p in sorted((room.folder / "images/rejected").iterdir())]
        assert kept == ["beat_01_beat.try-1.png", "beat_01_beat.try-3.png"]
        verdicts = [
            event
            for event in events.events_in(room.folder / "events.jsonl")
            if isinstance(event, Attempted) and event.step == BEAT
        ]
        assert len(verdicts) == 3
        assert all((room.folder / event.picture).is_file() for event in verdicts)


def test_a_remedy_that_does_not_help_gives_way_to_a_firmer_one(tmp_path: Path) -> None:
    always: list[Findings | str] = [{"mouth_closed": fault("edit", "Close her mouth")}]
    with court(tmp_path, {"pours tea": always}) as (room, _):
        room.draw(film(), retries=3)
        kinds = [a["mending"]["kind"] for a in room.attempts() if a["mending"]]
        assert kinds == ["edit", "reprompt", "reroll"]
        _, _, words, _ = (json.loads(text) for text in _infos(room))
        assert words["prompt"].endswith("Every mouth is firmly closed, lips pressed together.")


def test_a_judge_that_takes_back_what_it_said_ends_with_its_least_bad_picture(
    tmp_path: Path,
) -> None:
    """Each mending is followed by the very opposite complaint."""
    shut, open_ = (fault("edit", f"{what} her mouth") for what in ("Close", "Open"))
    script: dict[str, Sequence[Findings | str]] = {
        "pours tea": [{"mouth_closed": shut}, {"identity": open_}, {"mouth_closed": shut}]
    }
    with court(tmp_path, script) as (room, judge):
        room.draw(film())
        assert [a["kept"] for a in room.attempts()] == [True, False, False]
        assert sum("pours tea" in question for question in judge.asked) == 3
        assert room.warned == [f"{BEAT}: kept although mouth_closed failed: seen"]
        assert room.draw(film()) == []


def _infos(room: Court) -> list[str]:
    """The records of the tries at the first beat, from the store."""
    store = Store(room.folder.parent / ".store")
    texts: list[str] = []
    for path in sorted(store.root.glob("steps/*/*.json"), key=lambda p: p.stat().st_mtime):
        outputs = json.loads(path.read_text())["outputs"]
        if "info" in outputs and "verdicts" not in outputs:
            output = outputs["info"]
            blob = store.root / "blobs" / output["digest"][:2]
            text = (blob / (output["digest"] + output["suffix"])).read_text()
            if json.loads(text).get("mending") or "pours tea" in json.loads(text)["prompt"]:
                texts.append(text)
    return texts


def test_doubts_rank_and_reject_nothing(tmp_path: Path) -> None:
    candidates: list[Findings | str] = [
        {"identity": doubt()},
        {"light": doubt(), "expression": fault()},
        {"expression": doubt()},
    ]
    with court(tmp_path, {"pours tea": candidates}) as (room, judge):
        room.draw(film(), best_of=3)
        assert [a["try"] for a in room.attempts() if a["kept"]] == ["1c"]
        assert [a["try"] for a in room.attempts()] == ["1a", "1b", "1c"], "nothing is mended"
        assert sum("pours tea" in question for question in judge.asked) == 3
        assert room.warned == []


def test_a_doubt_about_the_best_is_said(tmp_path: Path) -> None:
    with court(tmp_path, {"pours tea": [{"hands": doubt()}]}) as (room, _):
        room.draw(film())
        assert room.warned == [f"{BEAT}: could not be told: hands"]


@pytest.mark.parametrize("garbage", ["no JSON at all", '{"place": {"verdict": "pass"}}', "[]"])
def test_garbage_is_asked_for_again_and_then_passes_nothing(tmp_path: Path, garbage: str) -> None:
    with court(tmp_path, {"pours tea": [garbage]}) as (room, judge):
        room.draw(film())
        (only,) = room.attempts()
        looked = [check for check in only["checks"] if check["id"] == "identity"]
        assert looked[0]["verdict"] == "unsure"
        assert {c["verdict"] for c in only["checks"] if c["id"] not in ("blank", "size")} == {
            "pass",
            "unsure",
        }
        asked = [question for question in judge.asked if "pours tea" in question]
        assert len(asked) >= 3
        assert f"{BEAT}: not judged: the judge gave no usable answer in 3 rounds" in room.warned[0]
        assert len(open_pictures(room.folder, room.graph)) == 1


def test_one_bad_answer_costs_one_question(tmp_path: Path) -> None:
    judge = ScriptedJudge({"pours tea": [{"mouth_closed": fault()}, {}]})
    bad: list[Reply] = [{"text": "{}"}, {"text": '{"people_count": 3}'}]

    def reply(body: dict[str, Any]) -> Reply:
        return bad.pop() if bad and "pours tea" in str(body) else judge(body)

    with FakeImageServer("sglang") as images, FakeChatServer(reply) as chat:
        room = Court(tmp_path / "film", images, chat)
        room.draw(film())
        assert [a["kept"] for a in room.attempts()] == [False, True] and room.warned == []
        # Two pictures were judged, and two answers were no verdict.
        assert sum("pours tea" in str(request) for request in chat.requests) == 4


def test_a_blank_picture_is_drawn_again_without_asking(tmp_path: Path) -> None:
    with court(tmp_path) as (room, judge):
        room.images.blanks = 1
        room.draw(film())
        first, second = room.attempts("images/set_bar")
        blank = next(check for check in first["checks"] if check["id"] == "blank")
        assert blank["verdict"] == "fail" and first["judge"] == ""
        assert second["mending"] == {"of": "1", "kind": "reroll", "checks": ["blank"], "text": ""}
        assert len(room.images.requests) == 7 and len(judge.asked) == 6


def test_a_broken_judge_stops_the_run_and_no_picture_is_drawn_twice(tmp_path: Path) -> None:
    judge, down = ScriptedJudge({"waits": [{"mouth_closed": fault("edit", "Close it")}, {}]}), [5]

    def reply(body: dict[str, Any]) -> Reply:
        down[0] -= 1
        return {"status": 503, "error": "loading"} if down[0] < 0 else judge(body)

    with FakeImageServer("sglang") as images, FakeChatServer(reply) as chat:
        room = Court(tmp_path / "film", images, chat)
        with pytest.raises(StepFailed, match="keeps answering 503"):
            room.draw(film())
        drawn, down[0] = len(images.requests), 10**6
        room.draw(film())
        assert len(judge.asked) == 7, "no verdict is asked for twice"
        assert len(images.requests) == 7 and drawn == 6, "no picture is drawn twice"


@pytest.mark.slow
def test_killed_between_attempts_it_goes_on_where_it_was(tmp_path: Path) -> None:
    judge = ScriptedJudge({"pours tea": [{"mouth_closed": fault("edit", "Close it")}, {}]})
    patience = [True]

    def reply(body: dict[str, Any]) -> Reply:
        answer = judge(body)
        # The edited picture is being looked at when the process is killed.
        return {**answer, "wait": 20.0} if patience[0] and _edits(images) else answer

    with FakeImageServer("sglang") as images, FakeChatServer(reply) as chat:
        room = Court(tmp_path / "film", images, chat)
        room.folder.mkdir()
        plan = room.folder / "plan.json"
        plan.write_text(uncast(film()), encoding="utf-8")
        given = [part for value in room.sets for part in ("--set", value)]
        command = ["visual", "--plan", str(plan), "-q", "--judge", *given]
        process = subprocess.Popen(
            [sys.executable, "-m", "storyboard.cli", *command], start_new_session=True
        )
        try:
            end = time.monotonic() + 180
            while not (_edits(images) and len(judge.asked) >= 7):
                assert process.poll() is None and time.monotonic() < end
                time.sleep(0.05)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        drawn, patience[0] = list(images.requests), False
        again = CliRunner().invoke(app, command)
        assert again.exit_code == 0, again.stderr
        assert images.requests == drawn, "every attempt was kept"
        assert [a["kept"] for a in room.attempts()] == [False, True]


def _edits(images: FakeImageServer) -> bool:
    return any("Close it" in str(asked.fields["prompt"]) for asked in images.requests)


def test_another_wardrobe_touches_just_the_pictures_that_show_it(tmp_path: Path) -> None:
    script: dict[str, Sequence[Findings | str]] = {
        "pours tea": [{"mouth_closed": fault("edit", "Close it")}, {}]
    }
    with court(tmp_path, script) as (room, _):
        room.draw(film())
        edited = dressed(film(), "bob", "a yellow raincoat")
        pictures = {name.partition("/")[0] for name in room.stale(edited)}
        assert pictures == {"cast_bob", "beat_02_beat", "beat_03_beat", "compare"}
        before = len(room.images.requests)
        ran = {name.partition("/")[0] for name in room.draw(edited)}
        assert ran == pictures
        assert len(room.images.requests) == before + 3
        assert room.draw(film()) == []


def test_drafts_are_judged_and_an_edited_one_is_what_its_final_is_drawn_from(
    tmp_path: Path,
) -> None:
    script: dict[str, Sequence[Findings | str]] = {
        "pours tea": [{"hands": fault("edit", "Draw five fingers")}, {}],
        "waits": [{"place": fault("reprompt", "Bottles stand behind him")}, {}],
    }
    with court(tmp_path, script) as (room, judge):
        room.draw(film(), draft=True)
        final = next(a for a in room.images.requests if "small draft" in a.fields["prompt"])
        draft = room.picture("images/drafts/beat_01_beat")
        assert final.files == (draft,)
        assert json.loads((room.folder / f"{BEAT}.json").read_text())["options"]["shift"] == 1.0
        # New words reach the final by themselves, with its own references.
        said = [p for p in room.prompts() if p.endswith("Bottles stand behind him.")]
        assert len(said) == 2
        assert len(judge.asked) == 3 + 3 + 2, "finals are not shown to the judge"


def test_two_beats_with_one_picture_are_found(tmp_path: Path) -> None:
    with court(tmp_path) as (room, _):
        prompt = {"text": "The same words.", "references": ["setting:bar"], "edited": True}
        beats = [{**b.model_dump(), "prompt": prompt, "seed": 7} for b in film().beats]
        room.draw(film(beats=beats))
        assert len(open_pictures(room.folder, room.graph)) == 3
        assert "beat_02_beat: duplicate: is the same picture as beat_01_beat" in room.warned[0]


def test_engine_and_judge_take_turns_where_only_one_of_them_fits(tmp_path: Path) -> None:
    profile = load_profile("rtx4090-24gb")
    clock = VirtualClock()
    card = SimulatedCard(24.0, clock)
    services = SimulatedServices(profile, card, profile_scale(profile))
    told: list[events.Event] = []
    log = events.EventLog(tmp_path / "card.jsonl", told.append)
    broker = Broker(
        profile,
        card,
        services,
        terms=EvictionTerms(clock=clock, sample_every_s=0.0),
        emit=log_to(log),
    )
    script: dict[str, Sequence[Findings | str]] = {
        "pours tea": [{"mouth_closed": fault("edit", "Close it")}, {}]
    }
    with court(tmp_path, script) as (room, _):
        room.leases, room.weighed = Leases(profile, lambda: broker), profile
        room.draw(film())
        assert [a["kept"] for a in room.attempts()] == [False, True]
    granted = ["".join(event.services) for event in told if isinstance(event, Granted)]
    # Place and sheets, looked at; beats, looked at; the one that failed, looked at.
    assert granted == ["images", "planner"] * 3
    assert card.highest <= 24
