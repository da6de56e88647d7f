"""A language per line: marks inside a line, speakers with a language, scripts that tell."""

from __future__ import annotations

import json

import pytest
from small_plans import a_plan

from storyboard.core.errors import PlanError
from storyboard.plan import dump_plan, parse_plan
from storyboard.plan.languages import LANGUAGES, language_of, plain, spans_of
from storyboard.plan.spoken import said_of
from storyboard.plan.timeline import segment_plans


def parts(line: str, language: str = "en") -> list[tuple[str, str]]:
    return [(s.language, s.text) for s in spans_of(line, language)]  # pyright: ignore[reportArgumentType]


def test_marks_are_shown_without_themselves_letter_for_letter() -> None:
    line = "How do you say {ja:マンゴー}, or {es:mango}?"
    assert plain(line) == "How do you say マンゴー, or mango?"
    assert parts(line) == [
        ("en", "How do you say "),
        ("ja", "マンゴー"),
        ("en", ", or "),
        ("es", "mango?"),
    ]
    assert "".join(text for _, text in parts(line)) == plain(line)


def test_an_unmarked_word_goes_by_its_script() -> None:
    assert parts("You mean 果物を食べます, dear.") == [
        ("en", "You mean "),
        ("ja", "果物を食べます"),
        ("en", ", dear."),
    ]
    # One that no mark names is said as its letters sound: no ear is asked for its language.
    assert parts("She said привет and left.") == [("en", "She said привет and left.")]
    # What a Japanese line says with Latin letters (AI, SNS) it says in Japanese.
    assert parts("AIは便利だ。", "ja") == [("ja", "AIは便利だ。")]


@pytest.mark.parametrize(
    ("line", "film", "spoken"),
    [
        ("Stop right there!", "ja", "en"),
        ("OK", "ja", "ja"),
        ("マンゴー！", "en", "ja"),
        ("Привет!", "en", "ru"),
        ("3-5", "ja", "ja"),
        ("Hola, amigo", "es", "es"),
    ],
)
def test_a_whole_line_of_another_script_is_in_its_language(
    line: str, film: str, spoken: str
) -> None:
    assert language_of(line, film) == spoken  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Say {xx:foo} now.", "'xx' is not one of " + ", ".join(LANGUAGES)),
        ("Say {ja:マンゴー now.", "is not closed"),
        ("Say {ja:…} now.", "holds no word"),
    ],
)
def test_a_mark_that_is_amiss_is_told_by_path(line: str, told: str) -> None:
    data = json.loads(dump_plan(a_plan()))
    data["beats"][0] |= {"line": line, "speaker": "ann"}
    with pytest.raises(PlanError) as error:
        parse_plan(data)
    assert "beats[0]" in str(error.value) and told in str(error.value)


def test_a_line_has_its_speakers_language_and_its_own_before_that() -> None:
    data = json.loads(dump_plan(a_plan()))
    data["cast"][0]["language"] = "es"
    for beat, speaker, line in zip(
        data["beats"], ("ann", "ann", "bob"), ("Bonjour", "Hola", "Hello"), strict=True
    ):
        beat |= {"speaker": speaker, "line": line}
    data["beats"][0]["language"] = "fr"
    plan = parse_plan(data)
    assert [said_of(plan, n).languages for n in (1, 2, 3)] == [("fr",), ("es",), ("en",)]
    # The segment that captions, checks and sheet are made from has no mark in it.
    data["beats"][0] |= {"line": "Dites {ja:はい} !"}
    marked = parse_plan(data)
    assert next(s.line for s in segment_plans(marked) if s.index == 1) == "Dites はい !"
    assert said_of(marked, 1).languages == ("fr", "ja")


def test_a_plan_of_today_has_no_new_field() -> None:
    data = json.loads(dump_plan(a_plan()))
    records = [*data["cast"], *data["beats"], *([data["hook"]] if data["hook"] else [])]
    assert not any("language" in record for record in records)
