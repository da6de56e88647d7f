"""One film with several first seconds: title, line and picture anew, all else as it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny_films import TONES, made, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from renderers.base import ChatRequest, ChatResult
from storyboard.batch.jobs import Job
from storyboard.batch.run_job import do
from storyboard.cli import app
from storyboard.core.errors import PlanError, UsageError
from storyboard.core.events import StepFinished, events_in
from storyboard.edit.preview import explain
from storyboard.graph.session import Session
from storyboard.media.text.subtitles import read_srt
from storyboard.plan import Hook, Plan, load_plan
from storyboard.plan.casting import with_looks
from storyboard.plan.staging import stage_hook
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.hooks import Opening, drafted, parse_opening, with_opening, written

IDEA = "A cat misses the last train"


def hook_of(plan: Plan) -> Hook:
    assert plan.hook is not None
    return plan.hook


@pytest.fixture
def film(tmp_path: Path) -> Path:
    run = tiny_run(tmp_path / "film", tiny_plan(IDEA, 2))
    made(tones(run))
    return run


def hooks(film: Path, *more: str) -> Any:
    command = ["hooks", str(film), "--profile", str(TONES), "--quiet", *more]
    return CliRunner().invoke(app, command)


def test_a_film_gets_two_other_hooks_and_shares_the_rest(film: Path) -> None:
    explained = hooks(film, "--explain")
    assert explained.exit_code == 0, explained.output
    assert not film.with_name("film-hook2").exists()
    done = hooks(film)
    assert done.exit_code in (0, 3), done.output
    folders = [film, film.with_name("film-hook2"), film.with_name("film-hook3")]
    plans = [load_plan(folder / "plan.json") for folder in folders]
    assert len({hook_of(plan).title for plan in plans}) == 3
    assert len({hook_of(plan).line for plan in plans}) == 3
    assert len({(folder / "images" / "hook.png").read_bytes() for folder in folders}) == 3
    for folder, plan in zip(folders[1:], plans[1:], strict=True):
        assert plan.beats == plans[0].beats and plan.cast == plans[0].cast
        shown = [c.text for c in read_srt((folder / "subs.srt").read_text("utf-8"))]
        assert hook_of(plan).line in " ".join(shown).replace("\n", " ")
        took = {
            e.step: e.cached
            for e in events_in(folder / "events.jsonl")
            if isinstance(e, StepFinished)
        }
        anew = [step for step, cached in took.items() if not cached]
        assert not any("beat_" in step for step in anew), anew
        assert "speech/hook" in anew and "images/hook" in anew


def test_once_more_each_keeps_its_hook_and_follows_the_film(film: Path) -> None:
    mine = ("--hook", "Too Late? | The cat is late again. | a clock")
    assert hooks(film, *mine).exit_code in (0, 3)
    text = (film / "plan.json").read_text(encoding="utf-8")
    line = load_plan(film / "plan.json").beats[-1].line
    (film / "plan.json").write_text(
        text.replace(json.dumps(line, ensure_ascii=False)[1:-1], "I will walk, then."), "utf-8"
    )
    assert hooks(film, "--make", "2").exit_code in (0, 3)
    second = load_plan(film.with_name("film-hook2") / "plan.json")
    assert hook_of(second).title == second.title == "Too Late?"
    assert hook_of(second).image_prompt == "a clock"
    assert second.beats[-1].line == "I will walk, then."


def test_a_film_that_waits_gets_its_hooks_once_it_is_through(tmp_path: Path) -> None:
    film = tiny_run(tmp_path / "film", tiny_plan(IDEA, 2))
    go_on = ["run", "--dir", str(film), "--profile", str(TONES), "--quiet", "--skip-review"]
    wanted = CliRunner().invoke(app, [*go_on, "--gate", "images", "--hooks", "2"])
    assert wanted.exit_code == 0, wanted.output
    assert not (film / "final.mp4").exists() and not film.with_name("film-hook2").exists()
    through = CliRunner().invoke(app, go_on)
    assert through.exit_code in (0, 3), through.output
    other = film.with_name("film-hook2")
    assert (film / "final.mp4").is_file() and (other / "final.mp4").is_file()
    before = (other / "final.mp4").stat().st_mtime_ns
    assert CliRunner().invoke(app, go_on).exit_code in (0, 3)
    assert (other / "final.mp4").stat().st_mtime_ns == before, "they were wanted once"


def test_what_hooks_take_is_told_before_anything_is_made(tmp_path: Path) -> None:
    film = tiny_run(tmp_path / "film", tiny_plan(IDEA, 2))
    one, three = (explain(tones(film, hooks=count)) for count in (1, 3))
    assert one.cost.steps < three.cost.steps < 3 * one.cost.steps
    found = [(folder.path.name, steps) for folder, _, steps in three.run.beside]
    assert [name for name, _ in found] == ["film-hook2", "film-hook3"]
    for _, steps in found:
        anew = [step.step for step in steps if not step.cached]
        assert "speech/hook" in anew and not any("beat_" in step for step in anew)
    asked = ["run", "--dir", str(film), "--profile", str(TONES), "--hooks", "3", "--explain"]
    told = CliRunner().invoke(app, asked).output.replace("\n", "")
    assert "film-hook2" in told and "film-hook3" in told
    assert not film.with_name("film-hook2").exists()


def test_a_job_makes_the_hooks_that_it_was_asked_for(tmp_path: Path) -> None:
    film = tiny_run(tmp_path / "film", tiny_plan(IDEA, 2))
    job = Job(film="film", idea=IDEA, profile=str(TONES), hooks=3)
    with Session() as session:
        done = do(job, film, session, threading.Event())
    assert (done.state, done.reason) == ("made", "")
    assert all(
        (film.with_name(f"film{n}") / "final.mp4").is_file() for n in ("", "-hook2", "-hook3")
    )


def test_a_series_says_with_how_many_hooks_its_episodes_are_made(tmp_path: Path) -> None:
    (tmp_path / "series.yaml").write_text("title: Tram 12\nhooks: 3\n", encoding="utf-8")
    assert RenderRequest(idea=IDEA, out=tmp_path / "one").hooks == 3
    assert RenderRequest(idea=IDEA, out=tmp_path / "one", hooks=1).hooks == 1


def test_a_film_that_is_nobodys_draft_is_told_how_to_name_hooks(tmp_path: Path) -> None:
    film = tiny_run(tmp_path / "film", tiny_plan(IDEA, 2, author="me"))
    done = hooks(film)
    assert done.exit_code == 2 and "--hook 'TITLE | LINE'" in " ".join(done.output.split())
    assert not film.with_name("film-hook2").exists()
    without = tiny_run(tmp_path / "without", tiny_plan(IDEA, 2, hook=None))
    done = hooks(without)
    assert done.exit_code == 2 and "plan.json a hook first" in " ".join(done.output.split())


def test_a_hook_that_is_none_is_refused_before_a_folder_is_made(tmp_path: Path) -> None:
    plan = tiny_plan(IDEA, 2)
    for wrong in ("only a title", " | a line", "a | b | c | d"):
        with pytest.raises(UsageError, match=r"write TITLE \| LINE"):
            parse_opening(wrong, plan)
    with pytest.raises(PlanError, match=r"hook\.title"):
        parse_opening("x" * 90 + " | a line", plan)


@pytest.mark.parametrize("idea", [IDEA, "A barista who can only speak in haiku"])
def test_a_draft_has_other_hooks_of_its_own_story(idea: str) -> None:
    plan = tiny_plan(idea, 5)
    found = drafted(plan, 2)
    assert found, "a frame or story has more than one hook"
    lines = [hook_of(plan).line, *(opening.line for opening in found)]
    assert len(set(lines)) == len(lines)
    films = [plan]
    for opening in found:
        films.append(with_opening(plan, opening, films))
    scenes = [stage_hook(with_looks(film), hook_of(film)) for film in films]
    shown = {(bool(s.event), s.subject, s.shot, s.inset, len(s.figures)) for s in scenes}
    assert len(shown) == len(films), "each begins with another picture"


class Writer:
    """Answers with scripted hooks, one answer after the other."""

    def __init__(self, *answers: Sequence[Mapping[str, str]]) -> None:
        self.answers = list(answers)
        self.asked: list[ChatRequest] = []

    def ask(self, request: ChatRequest) -> ChatResult:
        self.asked.append(request)
        data: Any = {"hooks": list(self.answers[min(len(self.asked), len(self.answers)) - 1])}
        return ChatResult(json.dumps(data), data, "", "scripted", 1, 1, 0.1)


def opening(title: str, line: str) -> dict[str, str]:
    return {"title": title, "line": line, "picture": "a clock that shows one minute to twelve"}


def test_a_models_hooks_are_looked_at_one_by_one() -> None:
    plan = tiny_plan(IDEA, 2)
    there = [Opening.of(hook_of(plan))]
    copied = opening(hook_of(plan).title, "Nobody told the cat about winter time.")
    long = opening("Nine Lives", "The cat ran and ran " * 4)
    good = opening("The 11:59", "One minute is a lot, unless you are a cat.")
    other = opening("Who Waits?", "Somebody at this station can't tell the time.")
    model = Writer([copied, long], [good, other])
    told: list[str] = []
    found = written(plan, 2, there, model, told.append)  # pyright: ignore[reportArgumentType]
    assert [o.title for o in found] == ["The 11:59", "Who Waits?"]
    again = model.asked[1].messages[1].text
    assert "there already" in again and "at most 58" in again and "2 hooks go back" in told[0]
    assert all(beat.line in again for beat in plan.beats if beat.line)
    with pytest.raises(UsageError, match=r"0 of 2 hooks.*--hook 'TITLE \| LINE'"):
        written(plan, 2, there, Writer([copied, long]), str)  # pyright: ignore[reportArgumentType]
