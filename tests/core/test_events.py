"""The event log survives being torn, and tells listeners what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

from storyboard.core import events
from storyboard.gpu.events import Evicted, Granted, Started, Waiting
from storyboard.gpu.log import trace
from storyboard.judge.verdict import AskedAgain, Attempted, PictureFinding
from storyboard.media.lips import LipsSeen
from storyboard.media.text.word_times import WordsTimed
from storyboard.profile.metering import Call, calls_in
from storyboard.review.review_history import CutJudged, Found
from storyboard.stages.sound import Mastered

RECORDED = Path(__file__).with_name("recorded") / "events.jsonl"
"""A line of every kind as commit 8bde646 wrote them, when all figures were of one kind."""


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    heard: list[events.Event] = []
    log = events.EventLog(tmp_path / "events.jsonl", heard.append)
    sent = [
        events.StepStarted("speech/beat_01", "speech", "line: 'a' → 'b'"),
        Call("gemma", "verdict", 2, 700, 50, 1.5, 0.25, step="speech/beat_01"),
        Granted("images", ["images", "planner"], 71.0, 96.0, external=["blender"]),
        events.StepFinished("speech/beat_01", "speech", False, 1.25),
    ]
    for event in sent:
        log.emit(event)
    assert heard == sent
    assert list(events.events_in(log.path)) == sent


def test_a_log_keeps_the_names_of_its_first_days(tmp_path: Path) -> None:
    log = events.EventLog(tmp_path / "events.jsonl")
    log.emit(Granted("images", external_gib=2.5, external=["blender"]))
    log.emit(Evicted("planner", "sleep"))
    granted, evicted = (json.loads(line) for line in log.path.read_text().splitlines())
    assert (granted["foreign_gib"], granted["foreign"]) == (2.5, ["blender"])
    assert (evicted["kind"], evicted["rung"]) == ("vram.let_go", "sleep")
    (lease,) = trace(log.path)
    assert lease.as_json()["foreign_gib"] == lease.external_gib == 2.5


def test_a_line_torn_by_a_kill_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    events.EventLog(path).emit(events.Warned("a", "one"))
    with path.open("a") as file:
        file.write('{"t": 1, "kind": "warned", "st')
    events.EventLog(path).emit(events.Warned("b", "two"))
    assert [e.step for e in events.events_in(path) if isinstance(e, events.Warned)] == [
        "a",
        "b",
    ]


def test_unknown_kinds_and_fields_of_other_versions_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(
        '{"t": 1, "kind": "from_the_future"}\n'
        '{"t": 2, "kind": "warned", "step": "a", "message": "m", "more": 1}\n'
        '{"t": 3, "kind": "warned", "v": 99, "step": "a", "message": {"en": "m"}}\n'
        '{"t": 4, "kind": "measured", "step": "a", "what": "forgotten", "values": {}}\n'
        '{"t": 5, "kind": "measured", "step": "a", "what": "chat", "values": 7}\n'
    )
    assert list(events.events_in(path)) == [events.Warned("a", "m")]


def test_a_log_of_before_is_read_whole() -> None:
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    found = list(events.events_in(RECORDED))
    assert len(found) == len(lines)
    for expected in (
        Evicted("planner", "sleep"),
        Started("planner", "", 4.21),
        Waiting("images", "another run"),
        WordsTimed("ear", 12, step="speech/beat_01_reversal"),
        Mastered(-14.0, -5.7, step="assemble/sound"),
        LipsSeen(
            "ditto", 1393568694, True, 0.669, 13.6, 2.79, step="clips/takes/01_reversal_1_ditto"
        ),
        CutJudged(1, True, "the film as it was made", 1, 0, 50.0, [], step="review"),
        AskedAgain(["mouth_closed"], "", "frontier", [], True, step="images/beat_01/again"),
    ):
        assert expected in found
    assert [call.cost for call in calls_in(RECORDED)] == [0.0, 0.25]
    rejected, kept = (event for event in found if isinstance(event, Attempted))
    assert PictureFinding.model_validate(rejected.checks[0]).evidence == "Her mouth is open."
    assert kept.kept and kept.escalated is not None
    (finding,) = (event for event in found if isinstance(event, Found))
    assert (finding.beat, finding.fate) == (2, "open")
    (lease,) = trace(RECORDED)
    assert (lease.services, lease.measured_gib, lease.held) == (
        ("planner",),
        38.0,
        {"planner": 38.0},
    )
