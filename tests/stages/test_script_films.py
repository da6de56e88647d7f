"""Films of scripts, as the command makes them: requests, folders, one tiny film."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ten_pages import TEN_PAGES
from tiny_films import TINY, TONES, made, tones
from typer.testing import CliRunner, Result

from storyboard.cli.main import app
from storyboard.plan import dump_plan, load_plan

SHORT = "Title: Two words\n\nINT. CAFE - NIGHT\n\nANNA\n(happy)\nHello there.\n\nBOB\nAt last!\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("short.fountain").write_text(SHORT, encoding="utf-8")
    Path("door.fountain").write_text(TEN_PAGES, encoding="utf-8")
    return tmp_path


def run(*options: str) -> Result:
    return CliRunner().invoke(app, ["run", "--profile", str(TONES), "--skip-review", *options])


def test_a_tiny_film_says_the_script(here: Path) -> None:
    assert run("--script", "short.fountain", "--only", "plan").exit_code == 0
    folder = here / "runs" / "two-words"
    plan = load_plan(folder / "plan.json")
    (folder / "plan.json").write_text(dump_plan(plan.model_copy(update={"canvas": TINY})))
    film = made(tones(folder))
    assert film.complete
    assert [check for check in film.checks["checks"] if not check["ok"]] == []
    captions = (folder / "subs.srt").read_text(encoding="utf-8")
    assert all(words in captions for words in ("Hello there.", "At last!"))


def test_the_request_keeps_the_script_and_goes_on_without_the_file(here: Path) -> None:
    told = run("--script", "short.fountain", "--explain", "--json")
    assert told.exit_code == 0
    assert not (here / "runs").exists()
    assert "speech" in {step["stage"] for step in json.loads(told.stdout)["steps"]}
    assert run("--script", "short.fountain", "--only", "plan").exit_code == 0
    folder = here / "runs" / "two-words"
    written = (folder / "plan.json").read_bytes()
    (folder / "plan.json").unlink()
    Path("short.fountain").unlink()
    assert run("--dir", str(folder), "--only", "plan").exit_code == 0
    assert (folder / "plan.json").read_bytes() == written


def test_another_script_of_the_same_title_has_a_folder_of_its_own(here: Path) -> None:
    run("--script", "short.fountain", "--only", "plan")
    run("--script", "short.fountain", "--only", "plan")
    assert [path.name for path in (here / "runs").glob("[!.]*")] == ["two-words"]
    Path("short.fountain").write_text(SHORT + "\nANNA\nNo.\n", encoding="utf-8")
    run("--script", "short.fountain", "--only", "plan")
    assert {path.name for path in (here / "runs").glob("[!.]*")} == {"two-words", "two-words-2"}


def test_episodes_lie_beside_each_other_with_one_cast(here: Path) -> None:
    done = run("--script", "door.fountain", "--episodes", "--out", "door", "--only", "plan")
    assert done.exit_code == 0, done.output
    assert {path.name for path in here.glob("door-*")} == {"door-1", "door-2", "door-3"}
    plans = [load_plan(here / f"door-{n}" / "plan.json") for n in (1, 2, 3)]
    for person in plans[0].cast:
        for other in plans[1:]:
            for same in (c for c in other.cast if c.id == person.id):
                assert same == person
                assert same.voice is not None
                assert same.avatar is not None
    assert len({plan.narrator.preset for plan in plans}) == 1
    looks = {(c.id, c.avatar.model_dump_json()) for p in plans for c in p.cast if c.avatar}
    assert len({look for _, look in looks}) == len(looks) == 7
    again = run("--script", "door.fountain", "--episodes", "--out", "door", "--only", "plan")
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--script", "door.fountain"], "--episodes cuts it into 3"),
        (["--script", "short.fountain", "--idea", "A cat"], "leave --idea and --idea-file away"),
        (["--script", "short.fountain", "--format", "explainer"], "--format shapes an idea"),
        (["--script", "short.fountain", "--dir", "."], "leave --script away"),
        (["--idea", "A cat", "--episodes"], "name it with --script"),
        (["--script", "none.txt"], "cannot be read: No such file"),
    ],
)
def test_what_does_not_go_together_is_refused(options: list[str], told: str) -> None:
    refused = run(*options)
    assert refused.exit_code == 2
    assert told in " ".join(refused.output.split())
