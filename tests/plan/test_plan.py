"""A plan is taken whole or refused with every fault by its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storyboard.core.errors import PlanError
from storyboard.plan import Canvas, Plan, dump_plan, load_plan, parse_plan, schema


def plan_data(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "idea": "two people at a station",
        "format": "comedy_5",
        "title": "The Last Train",
        "cast": [{"id": "kenta", "name": "Kenta"}, {"id": "misaki", "name": "Misaki"}],
        "settings": [{"id": "platform", "name": "Platform 2", "place": "station"}],
        "hook": {"title": "The Last Train", "setting": "platform", "cast": ["kenta"]},
        "beats": [
            {
                "index": 1,
                "type": "setup",
                "speaker": "kenta",
                "line": "It left.",
                "setting": "platform",
                "cast": ["kenta", "misaki"],
                "reactions": {"misaki": "shocked"},
            },
            {"index": 2, "type": "payoff", "setting": "platform", "cast": ["misaki"]},
        ],
    }
    return data | changes


def faults_of(data: object) -> tuple[str, ...]:
    with pytest.raises(PlanError) as refused:
        parse_plan(data)
    return refused.value.faults


def test_a_plan_survives_being_written_and_read(tmp_path: Path) -> None:
    plan = parse_plan(plan_data())
    file = tmp_path / "plan.json"
    file.write_text(dump_plan(plan), encoding="utf-8")
    assert load_plan(file) == plan


def test_every_fault_is_named_by_path_with_what_is_allowed() -> None:
    data = plan_data()
    data["beats"][0] |= {"speaker": "bob", "setting": "moon", "cast": ["kenta", "eve"]}
    data["beats"][1]["index"] = 1
    data["hook"]["cast"] = ["zoe"]
    assert set(faults_of(data)) == {
        "beats[0].speaker: 'bob' is not in cast: kenta, misaki (or narrator, or null)",
        "beats[0].setting: 'moon' is not in settings: platform",
        "beats[0].cast[1]: 'eve' is not in cast: kenta, misaki",
        "beats[0].reactions.misaki: is not in this beat's cast: kenta, eve",
        "beats[1].index: 1 is used twice: 2 is free",
        "hook.cast[0]: 'zoe' is not in cast: kenta, misaki",
    }


def test_a_wrong_value_does_not_hide_a_name_that_is_not_there() -> None:
    data = plan_data()
    data["beats"][0] |= {"speaker": "bob", "duration": 99}
    data["beats"][1]["setting"] = "moon"
    data["beats"].append("no beat")
    found = faults_of(data)
    assert any(fault.startswith("beats[0].duration: ") for fault in found)
    assert "beats[0].speaker: 'bob' is not in cast: kenta, misaki (or narrator, or null)" in found
    assert "beats[1].setting: 'moon' is not in settings: platform" in found


@pytest.mark.parametrize(
    ("where", "value", "fault"),
    [
        ("expression", "ecstatic", "beats[0].expression: Input should be 'neutral'"),
        ("lines", "typo", "beats[0].lines: unknown field"),
        ("line", "", "beats[0]: a beat with a speaker needs a line"),
        ("line", "💥💥", "beats[0]: '💥💥' holds no word to say (write one, or leave it silent)"),
        ("line", "…!?", "beats[0]: '…!?' holds no word to say"),
        ("duration", 99, "beats[0].duration: Input should be less than or equal to 20 (is '99')"),
        ("shot", {"scale": "wide"}, "beats[0].shot.scale: Input should be 'extreme full shot'"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path(where: str, value: object, fault: str) -> None:
    data = plan_data()
    data["beats"][0][where] = value
    found = faults_of(data)
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_a_sign_with_a_reading_can_be_said() -> None:
    data = plan_data()
    data["beats"][0] |= {"line": "♡", "reading": "ハート"}
    assert parse_plan(data).beats[0].line == "♡"


def test_a_line_without_a_speaker_and_a_used_id_are_refused() -> None:
    data = plan_data()
    data["beats"][1]["line"] = "Who says this?"
    assert faults_of(data) == ("beats[1]: a line needs a speaker (or remove the line)",)
    twins = plan_data(cast=[{"id": "kenta", "name": "A"}, {"id": "kenta", "name": "B"}])
    assert "cast[1].id: 'kenta' is used twice" in faults_of(twins)


def test_the_narrator_is_no_character() -> None:
    found = faults_of(plan_data(cast=[{"id": "narrator", "name": "N"}]))
    assert "cast[0].id: 'narrator' is reserved for the narration" in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "line 1, column 2: is not JSON"),
        ("[]", "plan: Input should be a valid dictionary"),
        ("\udcff", "is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_plan_says_why(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PlanError, match=fault.replace("[", r"\[")):
        load_plan(file)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="cannot be read: No such file"):
        load_plan(tmp_path / "none.json")


def test_a_canvas_keeps_its_aspect() -> None:
    assert Canvas.of("16:9").width == 1280
    with pytest.raises(ValueError, match="640×640 is not 9:16"):
        Canvas(aspect="9:16", width=640, height=640)


def test_a_clone_needs_consent() -> None:
    voice = {"kind": "clone", "reference_audio": "me.wav"}
    assert faults_of(plan_data(narrator=voice)) == (
        "narrator: a clone needs reference_audio and a consent line",
    )


def test_the_exported_schema_is_current() -> None:
    path = schema.SCHEMA
    assert schema.is_current(path), "run `python -m storyboard.plan.schema`"
    assert json.loads(path.read_text(encoding="utf-8"))["title"] == Plan.__name__


def test_the_exporter_writes_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.schema.json"
    assert schema.main(["--check", "--out", str(file)]) == 1
    assert "python -m storyboard.plan.schema" in capsys.readouterr().err
    assert schema.main(["--out", str(file)]) == 0
    assert schema.main(["--check", "--out", str(file)]) == 0


def test_an_inset_shows_something_or_is_refused_by_its_path() -> None:
    data = plan_data()
    data["beats"][0]["inset"] = {"kind": "television", "who": "penguin", "place": "the moon"}
    inset = parse_plan(data).beats[0].inset
    assert inset is not None and inset.who == "penguin"
    data["beats"][0]["inset"] = {"kind": "thought"}
    (fault,) = faults_of(data)
    assert fault.startswith("beats[0].inset") and "who, thing, place, words" in fault
