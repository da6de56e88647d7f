"""What counts as the answer in the text that a language model wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderers.base import JSON
from renderers.chat.answer import parse_json, split_reasoning
from renderers.chat.shape import lacks, shaped
from renderers.errors import BadOutput

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "title": {"type": "string"},
        "mood": {"enum": ["playful", "dark"]},
        "beats": {"type": "array", "items": {"$ref": "#/$defs/beat"}},
    },
    "required": ["title", "beats"],
    "$defs": {
        "beat": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"line": {"type": "string"}, "seconds": {"type": "integer"}},
        }
    },
}
FINAL = {"title": "The Last Train", "beats": [{"line": "It is [not] {here}.", "seconds": 4}]}
DRAFT = {"title": "A Draft", "beats": []}
F, D = json.dumps(FINAL), json.dumps(DRAFT)


def read(text: str) -> JSON:
    answer, _ = split_reasoning(text)
    return shaped(parse_json(answer, lambda value: lacks(value, SCHEMA)), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        F,
        f"Let me try {D} Hmm, flat.\n</think>\n\n{F}",
        f"<think>{D}</think>{F}",
        f"Hm.</think>\n<think>{D}</think>\n{F}",
        f"```json\n{D}\n```\nOn reflection:\n```json\n{F}\n```",
        f"{F}\nThat is [1] my answer {{really}}.",
        f'{F}\n\n{{"title": "The La',
        f"Following notes [1] and [2], {{a, b}}:\n{F}",
        F[:-1] + ",}",
        F.replace('"beats"', '/* four of them */ "beats"').replace(", ", ", // so\n", 1),
        str(FINAL),
        F.replace(": ", " : ").replace('"title"', "title"),
        F.replace('"title"', "“title”"),
        '{"script": ' + F + "}",
        "[" + F + "]",
        '{"note": ["a"], "script": ' + F + "}",
        json.dumps({**FINAL, "why": "x"}),
        json.dumps(
            {"Title": FINAL["title"], "BEATS": [{"Line": "It is [not] {here}.", "seconds": "4"}]}
        ),
    ],
)
def test_the_last_whole_answer_is_taken(text: str) -> None:
    assert read(text) == FINAL


def test_choices_are_matched_whatever_their_case() -> None:
    assert read(json.dumps({**DRAFT, "mood": "Playful"})) == {**DRAFT, "mood": "playful"}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("I cannot.", "holds no JSON object"),
        (F[:60], "Unterminated|Expecting"),
        (f"{F[:60]} [1]", "Unterminated|Expecting"),
        ('{"title": "x" "y", "beats": []}', "Expecting ',' delimiter near"),
        ('{"title": , "beats": []}', "Expecting value near"),
        ('{"name": "x"} [1]', "lacks title, beats"),
        ('{"title": "x", "beats": "none"}', "lacks a sound beats"),
        (f"<think>Let me see. {D}", "holds no JSON object"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_guessed(text: str, fault: str) -> None:
    with pytest.raises(BadOutput, match=fault):
        read(text)


def test_a_tag_that_somebody_says_is_no_end_of_thoughts() -> None:
    said = {**DRAFT, "title": "a </think> b"}
    assert read(json.dumps(said)) == said


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.text(),
    st.text(alphabet="{}[]\"',: a1\\\n</think>"),
)
def test_whatever_is_written_there_is_an_answer_or_a_fault(
    value: JSON, before: str, after: str
) -> None:
    whole: JSON = {"title": "x", "beats": [], "more": value}
    for text in (f"{before}{json.dumps(whole)}{after}", before + after, f"{after}{before}"):
        try:
            parse_json(text, lambda value: lacks(value, SCHEMA))
        except BadOutput as error:
            assert str(error)
