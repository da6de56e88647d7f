"""`storyboard judge`: calibration on labels, with a model and without."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_chat import FakeChatServer
from faked_card import FakedCard
from scripted_judge import ScriptedJudge, doubt, fault
from small_plans import a_plan
from typer.testing import CliRunner

from benchmarks.judge_set import plant
from renderers.base import ImageRequest
from renderers.image.animatic import AnimaticImages
from renderers.image.png import decode
from storyboard.cli import app
from storyboard.judge.brief import beat_brief
from storyboard.judge.labelled_set import LABELS, Labelled, load_labels, shipped
from storyboard.plan import staging


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Three pictures of a beat: a sound one, one with another person too many, a blank one."""
    plan = a_plan(canvas={"width": 180, "height": 320})
    folder, pictures = tmp_path / "set", list[dict[str, Any]]()
    folder.mkdir()
    faults = ((), ("people_count",), ("blank",))
    for number, (beat, injected) in enumerate(zip(plan.beats, faults, strict=True), 1):
        scene = staging.scenes_of(plan)[beat.index]
        AnimaticImages().render(
            ImageRequest("", 180, 320, 1, scene=scene), folder / f"{number}.png"
        )
        label = Labelled(f"{number}.png", beat_brief(plan, beat), injected, note=f"{injected}")
        pictures.append(
            {
                "picture": label.picture,
                "brief": label.brief.document(),
                "faults": list(injected),
                "note": label.note,
            }
        )
    (folder / LABELS).write_text(json.dumps({"pictures": pictures}), encoding="utf-8")
    return folder


def calibrate(folder: Path, *options: str, env: Mapping[str, str] | None = None) -> Any:
    return CliRunner().invoke(
        app, ["judge", "calibrate", str(folder), *options], env={"COLUMNS": "120", **(env or {})}
    )


def row(output: str, check: str) -> list[str]:
    return next(line.split() for line in output.splitlines() if line.startswith(check))


def test_without_a_model_the_measures_stand_alone(labelled: Path) -> None:
    done = calibrate(labelled, "--table", str(labelled / "judge.md"))
    assert done.exit_code == 0, done.stderr
    # faulty, found, missed, unsure; sound, false alarms, unsure. The third is not blank at all.
    assert row(done.stdout, "blank") == ["blank", "1", "0", "1", "0", "2", "0", "0"]
    assert "not looked at without a model: people_count" in done.stdout
    assert "measures alone" in (labelled / "judge.md").read_text()
    sheet = decode((labelled / "wrong.png").read_bytes())
    assert sheet.width() > 500


def test_misses_alarms_and_doubts_are_counted_by_check(labelled: Path) -> None:
    script = {
        "Ann and Bob": [{"identity": doubt()}],
        "one person, Ann": [{"hands": fault(evidence="six fingers")}],
    }
    with FakeChatServer(ScriptedJudge(script)) as server:
        sets = ["judge.backend=openai", f"judge.base_url={server.url}", "judge.model=fake"]
        done = calibrate(labelled, *(part for value in sets for part in ("--set", value)))
    assert done.exit_code == 0, done.stderr
    assert row(done.stdout, "people_count") == ["people_count", "1", "0", "1", "0", "1", "0", "0"]
    assert row(done.stdout, "identity")[-1] == "1"
    assert row(done.stdout, "hands")[-2] == "1"
    assert not any(line.startswith("light") for line in done.stdout.splitlines())


def test_a_judge_on_the_card_is_woken_asked_within_a_lease_and_stopped(
    labelled: Path, tmp_path: Path
) -> None:
    card = FakedCard(tmp_path)
    card.write()
    done = calibrate(labelled, "--profile", str(card.profile), "-v", env=card.environment)
    assert done.exit_code == 0, done.stderr
    assert row(done.stdout, "people_count")[1] == "1"
    assert "no usable answer" not in done.stdout
    assert "planner" in done.stderr, "what is started on the card is told"
    assert {booking.name for booking in card.ledger.history()} == {"planner"}
    assert card.servers() == []


def test_a_folder_without_labels_is_refused_with_the_way_on(tmp_path: Path) -> None:
    refused = calibrate(tmp_path)
    assert refused.exit_code == 2 and "comes with the package" in refused.stderr
    (tmp_path / LABELS).write_text('{"pictures": [{"picture": 3}]}', encoding="utf-8")
    assert calibrate(tmp_path).exit_code == 2


@pytest.mark.slow
def test_the_shipped_set_is_drawn_again_from_the_same_scenes(tmp_path: Path) -> None:
    plant(tmp_path / "x", compact=True)
    assert load_labels(tmp_path / "x") == load_labels(shipped())
    done = CliRunner().invoke(app, ["judge", "calibrate", "--sheet", str(tmp_path / "wrong.png")])
    assert done.exit_code == 0
    assert not (tmp_path / "wrong.png").exists(), "the measures are right on every frame"
