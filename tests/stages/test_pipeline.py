"""Orders and run folders, with real pictures: what is made, what is kept, what is refused.

Only the picture stage runs here; it is the fastest that is real from end to end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.cli.display import ConsoleDisplay
from storyboard.core import events
from storyboard.core.errors import PlanError, UsageError
from storyboard.plan import dump_plan, parse_plan
from storyboard.plan.regen import Regen
from storyboard.stages.film import dry_run, make_film
from storyboard.stages.locate import locate
from storyboard.stages.render_request import RenderRequest

IDEA = "A cat misses the last train"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with a small plan of three beats and two people, under an awkward path."""
    folder = tmp_path / "my 'films': 100% 🎬" / "cat"
    folder.mkdir(parents=True)
    beats = [
        {
            "index": 1,
            "type": "setup",
            "setting": "home",
            "cast": ["ann"],
            "line": "Hi.",
            "speaker": "ann",
        },
        {
            "index": 2,
            "type": "turn",
            "setting": "home",
            "cast": ["bob"],
            "line": "No.",
            "speaker": "bob",
        },
        {"index": 3, "type": "payoff", "setting": "home", "cast": ["ann", "bob"]},
    ]
    plan = {
        "idea": IDEA,
        "format": "test",
        "title": "Cat",
        "canvas": {"aspect": "9:16", "width": 180, "height": 320, "fps": 24},
        "cast": [
            {"id": "ann", "name": "Ann", "appearance": "black bob", "wardrobe": "green dress"},
            {"id": "bob", "name": "Bob", "appearance": "red beard", "wardrobe": "blue suit"},
        ],
        "settings": [{"id": "home", "name": "Home", "place": "kitchen"}],
        "beats": beats,
    }
    (folder / "plan.json").write_text(dump_plan(parse_plan(plan)), encoding="utf-8")
    return folder


def draw(folder: Path, **options: Any) -> list[str]:
    """Run the picture stage; the names of the steps that really ran."""
    log = folder / "events.jsonl"
    before = len(list(events.read_events(log)))
    request = RenderRequest(directory=folder, stages=("images",), jobs=1, **options)
    make_film(request, ConsoleDisplay(Console(quiet=True), quiet=True))
    seen = list(events.events_in(log))[before:]
    return [event.step for event in seen if isinstance(event, events.StepStarted)]


def edit(folder: Path, **changes: str) -> None:
    """Change the first character's record by hand."""
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    plan["cast"][0].update(changes)
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def test_pictures_are_drawn_once(run: Path) -> None:
    names = ["images/beat_01_setup", "images/beat_02_turn", "images/beat_03_payoff"]
    assert draw(run) == names
    assert all((run / f"{name}.png").stat().st_size > 1000 for name in names)
    assert draw(run) == []


def test_a_new_wardrobe_redraws_who_wears_it_and_explain_says_so_first(run: Path) -> None:
    draw(run)
    edit(run, wardrobe="bright red raincoat")
    steps = dry_run(RenderRequest(directory=run, stages=("images",))).steps
    said = [step.step for step in steps if not step.cached]
    assert said == ["images/beat_01_setup", "images/beat_03_payoff"]
    assert draw(run) == said


def test_redoing_one_beat_redoes_that_beat(run: Path) -> None:
    draw(run)
    before = (run / "images/beat_02_turn.png").read_bytes()
    assert draw(run, regen=Regen((2,))) == ["images/beat_02_turn"]
    assert json.loads((run / "plan.json").read_text())["beats"][1]["seed"] is not None
    assert (run / "images/beat_02_turn.png").read_bytes() != before


def test_a_picture_deleted_or_damaged_comes_back(run: Path) -> None:
    draw(run)
    picture = run / "images/beat_01_setup.png"
    good = picture.read_bytes()
    picture.unlink()
    assert draw(run) == []
    assert picture.read_bytes() == good


def test_a_bad_plan_is_refused_whole_before_anything_is_made(run: Path) -> None:
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    plan["beats"][0]["speaker"] = "carl"
    plan["beats"][1]["setting"] = "moon"
    (run / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        draw(run)
    assert "beats[0].speaker: 'carl' is not in cast: ann, bob" in str(caught.value)
    assert "beats[1].setting: 'moon' is not in settings: home" in str(caught.value)
    assert not (run / "images").exists()


def test_explaining_a_new_film_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = dry_run(RenderRequest(idea=IDEA))
    folder, steps = told.folder, told.steps
    assert {step.status for step in steps} == {"new"}
    assert any(step.step == "checks/film" for step in steps)
    assert not folder.path.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (RenderRequest(), "give --idea"),
        (RenderRequest(idea="  "), "--idea is empty"),
        (RenderRequest(directory=Path("nowhere")), "is not a folder"),
        (RenderRequest(directory=Path("a"), out=Path("b")), "both name the run folder"),
    ],
)
def test_an_order_that_names_no_film_is_refused(asked: RenderRequest, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        locate(asked)


def test_another_idea_never_lands_in_a_film(run: Path) -> None:
    with pytest.raises(UsageError, match="a film of another idea"):
        locate(RenderRequest(directory=run, idea="A dog"))
    assert locate(RenderRequest(directory=run, idea=IDEA)).path == run


def test_json_without_explain_makes_no_film(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", "--idea", "A cat", "--json", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "add --explain" in result.output
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "told"), [([], "will be in English"), (["--language", "en"], "")]
)
def test_an_idea_in_another_language_is_told_which_the_film_has(
    tmp_path: Path, given: list[str], told: str
) -> None:
    idea = "Un fantôme qui a peur des humains"
    command = ["run", "--idea", idea, "--only", "plan", "--out", str(tmp_path / "film"), *given]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0
    said = " ".join(result.output.split())
    assert told in said
    assert ("will be in" in said) == bool(told)
