"""Any line: its captions are the line, and nothing that is written is lost on its way to a voice."""

from __future__ import annotations

import re

import pytest
from split_captions import split_captions

from renderers.tts import english, japanese
from renderers.tts.written.scripts import unreadable
from storyboard.media.text.captions import lacking, time_captions

hypothesis = pytest.importorskip("hypothesis")
from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs")), max_size=40
)
NUMBERS = st.from_regex(r"\A(?:US)?[$€¥-]?\d{1,4}(?:[-–～:./,]\d{1,3})?(?:%|kg|m|km/h|℃|人)?\Z")
LINES = st.lists(
    st.one_of(
        WORDS,
        NUMBERS,
        st.sampled_from(
            [
                "https://a.example.com/x-y?z=1",
                "Henry VIII",
                "St. Mary",
                "母の味と",
                "『え？』",
                "Bjørn",
                "Привет",
                "[1]",
            ]
        ),
    ),
    max_size=12,
).map(" ".join)
MANY = settings(max_examples=10_000, deadline=None)


@pytest.mark.slow
@MANY
@given(LINES, st.floats(0.05, 20))
def test_captions_of_any_line_are_the_line(line: str, seconds: float) -> None:
    assert lacking(line, split_captions(line)) == ""
    captions = time_captions(line, 0.0, seconds)
    assert lacking(line, [caption.text for caption in captions]) == ""
    assert all(caption.end > caption.start for caption in captions)


@pytest.mark.slow
@MANY
@given(LINES)
def test_every_written_word_is_in_what_is_said(line: str) -> None:
    if unreadable(line):
        return
    said = english.spoken(line).lower()
    for word in re.findall(r"(?<![\w.@/:-])[a-z]{4,}(?![\w.@/:-])", line):
        assert word in said, (line, said)
    assert not any(c.isdigit() and c.isascii() for c in said), (line, said)


@pytest.mark.slow
@MANY
@given(LINES)
def test_japanese_takes_any_line(line: str) -> None:
    japanese.phonemes(line)
    japanese.reading(line)
