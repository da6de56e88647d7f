"""Lines that nobody here can say are refused by their path before anything is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from tiny_films import tiny_plan, tiny_run
from typer.testing import CliRunner

from renderers.tts.written.length import spoken_seconds, too_long
from renderers.tts.written.scripts import approximated, unreadable
from storyboard.cli import app


@pytest.mark.parametrize("line", ["Привет, мир.", "안녕하세요", "שלום", "สวัสดีครับ", "🎉 …", "नमस्ते"])
def test_a_line_in_a_script_without_a_voice_cannot_be_said(line: str) -> None:
    assert unreadable(line)


@pytest.mark.parametrize(
    "line",
    [
        "Hello.",
        "こんにちは。",
        "Bjørn said Привет",
        "100%",
        "俳句, he said",
        "Straße, π = 3",
        "Ｗｏｗ",
    ],
)
def test_lines_with_single_foreign_words_can(line: str) -> None:
    assert unreadable(line) == ""


@pytest.mark.parametrize(
    ("text", "language", "seconds"),
    [
        ("W" * 600, "en", (300, 500)),
        ("1" * 600, "en", (120, 300)),
        ("漢" * 600, "ja", (120, 300)),
        ("The quick brown fox jumps over the lazy dog. " * 13, "en", (25, 45)),
        ("STOP SHOUTING AT ME RIGHT NOW, YOU! " * 16, "en", (25, 45)),
        ("今日はとても天気が良いですね。" * 40, "ja", (80, 120)),
        ("She works for the FBI.", "en", (1, 3)),
    ],
)
def test_how_long_a_line_will_be_spoken_is_told_before(
    text: str, language: Literal["en", "ja"], seconds: tuple[float, float]
) -> None:
    least, most = seconds
    assert least <= spoken_seconds(text, language) <= most
    assert bool(too_long(text, language)) == (least >= 120)


def test_foreign_words_are_told_with_what_is_said() -> None:
    assert approximated("She said Привет and left") == ("Привет (as Privet)",)
    assert approximated("Bjørn, naïve, 俳句") == ()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"line": "Привет, мир."}, "beats[1].line"),
        ({"line": "Hello.", "reading": "Привет"}, "beats[1].reading"),
        # Spelt out, letter by letter: more than six minutes.
        ({"line": "W" * 600}, "beats[1].line: “WW"),
        ({"line": "Hello.", "reading": "W" * 600}, "beats[1].reading: “WW"),
    ],
)
def test_the_refusal_names_its_path_and_the_way_on(
    change: dict[str, str], path: str, tmp_path: Path
) -> None:
    plan = tiny_plan("Two friends and one umbrella")
    beats = [plan.beats[0], plan.beats[1].model_copy(update=change)]
    run = tiny_run(tmp_path / "run", plan.model_copy(update={"beats": beats}))
    done = CliRunner().invoke(app, ["run", "--dir", str(run), "--skip-review"])
    said = " ".join(done.output.split())
    assert done.exit_code == 2
    assert path in said and "beats[1].reading" in said
    assert not list(run.glob("images/*"))
