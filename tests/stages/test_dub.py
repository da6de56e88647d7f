"""The same film in another language: words anew, pictures as they are."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tiny_films import TONES, made, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from renderers.base import ChatRequest, ChatResult
from storyboard.cli import app
from storyboard.cli.display import ConsoleDisplay
from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.media.text.subtitles import read_srt
from storyboard.plan import load_plan, parse_plan
from storyboard.stages import dub as dubbing
from storyboard.stages.film import make_film
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.dubbing import Row, faults, read_table, table_of, translated

ORDER = RenderRequest(profile=str(TONES))


def a_film(folder: Path) -> Path:
    plan = tiny_plan("A cat misses the last train", 2)
    assert plan.hook is not None
    data = plan.model_dump(mode="json")
    data["hook"] |= {"title": "Too late", "line": "The cat was late.", "duration": 1.0}
    data["beats"][0] |= {"line": "One minute, please.", "reading": ""}
    data["beats"][1] |= {"line": "また明日。", "reading": "", "language": "ja"}
    return tiny_run(folder, parse_plan(data))


def table(film: Path, words: Mapping[str, str]) -> Path:
    """The exported table, filled by hand, as a spreadsheet of another country saves it."""
    exported = film.parent / "lines.csv"
    done = CliRunner().invoke(
        app, ["dub", str(film), "--to", "ja", "--export", str(exported), "--profile", str(TONES)]
    )
    assert done.exit_code == 0, done.output
    with exported.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == list(words)
    for row in rows[1:]:
        row[4] = words[row[0]]
    with exported.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return exported


def test_a_dub_says_the_table_and_draws_no_picture(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film")
    made(tones(film))
    words = {
        "title": "遅れた猫",
        "hook.title": "遅すぎた",
        "hook.line": "猫は 遅刻した。",
        "1": "一分 待って。",
    }
    dub = dubbing.begin(film, "ja", ORDER, None, table(film, words))
    ((_, _, steps),) = dubbing.explained(dub)
    assert [s.status for s in steps if s.step.startswith("images/")] == ["cached"] * 3
    display = ConsoleDisplay(Console(quiet=True), quiet=True)
    new = make_film(dubbing.written(dub, display), display)
    assert new.folder.path == tmp_path / "film-ja" and new.complete
    plan = load_plan(new.folder.plan)
    assert plan.language == "ja" and plan.title == "遅れた猫"
    # What was Japanese before is so still; who spoke speaks with the same voice.
    assert plan.beats[1].line == "また明日。"
    assert all(character.voice is not None for character in plan.cast)
    steps = {
        event.step: event.cached
        for event in events.events_in(new.folder.events)
        if isinstance(event, events.StepFinished)
    }
    drawn = [name for name, cached in steps.items() if name.startswith("images/") and not cached]
    assert drawn == [] and steps["speech/beat_01_" + plan.beats[0].type] is False
    assert steps["speech/beat_02_" + plan.beats[1].type] is True, "the same line in the same voice"
    shown = [c.text for c in read_srt((new.folder.path / "subs.srt").read_text("utf-8"))]
    assert "".join("".join(shown).split()) == "猫は遅刻した。一分待って。また明日。"
    assert all(check["ok"] for check in new.checks["checks"] if check["name"] == "words")


def test_what_a_table_lacks_is_told_by_row_before_a_folder_is_made(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film")
    lines = table(film, {"title": "遅", "hook.title": "遅", "hook.line": "", "1": "あ"})
    dub = dubbing.begin(film, "ja", ORDER, None, lines)
    with pytest.raises(UsageError, match=r"hook\.line is empty"):
        dubbing.written(dub, ConsoleDisplay(Console(quiet=True), quiet=True))
    assert not (tmp_path / "film-ja").exists()


def test_without_a_table_or_a_model_the_way_on_is_told(tmp_path: Path) -> None:
    film = a_film(tmp_path / "film")
    done = CliRunner().invoke(app, ["dub", str(film), "--to", "ja", "--profile", str(TONES)])
    assert done.exit_code == 2 and "--export FILE.csv" in " ".join(done.output.split())
    done = CliRunner().invoke(app, ["dub", str(film), "--to", "xx"])
    assert done.exit_code == 2 and "is not one of: en, ja" in " ".join(done.output.split())
    said = CliRunner().invoke(app, ["dub", str(film), "--to", "ja", "--export", str(tmp_path)])
    assert said.exit_code == 2 and f"--export: {tmp_path} is a folder" in said.output


class Translator:
    """Answers with scripted translations, one answer after the other."""

    def __init__(self, *answers: Mapping[str, str]) -> None:
        self.answers = list(answers)
        self.asked: list[ChatRequest] = []

    def ask(self, request: ChatRequest) -> ChatResult:
        self.asked.append(request)
        data: Any = dict(self.answers[min(len(self.asked), len(self.answers)) - 1])
        return ChatResult(json.dumps(data), data, "", "scripted", 1, 1, 0.1)


ROWS = (
    Row("title", "", "The last train", 30),
    Row("1", "Ann", "You mean {ja:いちご}, don't you?", 40),
)


def test_faulty_lines_go_back_to_the_model_with_what_is_wrong() -> None:
    model = Translator(
        {"title": "El último tren", "1": "¿Quieres decir fresa, verdad?"},
        {"1": "Quieres decir {ja:いちご}, ¿no?"},
    )
    told: list[str] = []
    said = translated(ROWS, "es", model, told.append)  # pyright: ignore[reportArgumentType]
    assert said == {"title": "El último tren", "1": "Quieres decir {ja:いちご}, ¿no?"}
    assert model.asked[1].schema is not None
    assert list(model.asked[1].schema["properties"]) == ["1"]  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue]
    assert "lacks {ja:いちご}" in model.asked[1].messages[1].text and "1 of 2" in told[0]


def test_a_translation_that_stays_wrong_is_refused_and_a_long_one_is_kept() -> None:
    long = Translator({"title": "El tren", "1": "Quieres decir {ja:いちご}, " + "claro " * 6})
    assert translated(ROWS, "es", long, str)["1"].startswith("Quieres")  # pyright: ignore[reportArgumentType]
    with pytest.raises(UsageError, match=r"--table FILE\.csv"):
        translated(ROWS, "es", Translator({"title": "El tren", "1": ""}), str)  # pyright: ignore[reportArgumentType]


def test_a_table_comes_back_as_it_was_written() -> None:
    text = table_of(ROWS, "en", "es")
    assert text.startswith("\ufeffkey,who,most characters,en,es")
    with pytest.raises(UsageError, match="title is empty; 1 is empty"):
        read_table(text, ROWS, "es", "t.csv")
    with pytest.raises(UsageError, match="needs the columns key and fr"):
        read_table(text, ROWS, "fr", "t.csv")
    assert faults(ROWS, {"title": "x" * 31, "1": "{ja:いちご}, eh"}, "es") == {
        "title": "has 31 characters; at most 30 can be spoken in time"
    }
