"""The event log survives being torn, and tells listeners what it wrote."""

from __future__ import annotations

from pathlib import Path

from storyboard.core import events


def test_events_come_back_as_they_were(tmp_path: Path) -> None:
    heard: list[events.Event] = []
    log = events.EventLog(tmp_path / "events.jsonl", heard.append)
    sent = [
        events.StepStarted("speech/beat_01", "speech", "line: 'a' → 'b'"),
        events.Measured("speech/beat_01", "take", {"similarity": 0.97}),
        events.StepFinished("speech/beat_01", "speech", False, 1.25),
    ]
    for event in sent:
        log.emit(event)
    assert heard == sent
    assert [event for _, event in events.read_events(log.path)] == sent


def test_a_line_torn_by_a_kill_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    events.EventLog(path).emit(events.Warned("a", "one"))
    with path.open("a") as file:
        file.write('{"t": 1, "kind": "warned", "st')
    events.EventLog(path).emit(events.Warned("b", "two"))
    assert [e.step for _, e in events.read_events(path) if isinstance(e, events.Warned)] == [
        "a",
        "b",
    ]


def test_unknown_kinds_and_fields_of_other_versions_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(
        '{"t": 1, "kind": "from_the_future"}\n'
        '{"t": 2, "kind": "warned", "step": "a", "message": "m", "more": 1}\n'
    )
    assert [e for _, e in events.read_events(path)] == [events.Warned("a", "m")]
