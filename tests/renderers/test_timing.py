"""Times of words as models tell them: what cannot be is left out, what can is kept."""

from __future__ import annotations

import math

import pytest

from renderers.base import Word
from renderers.errors import BadOutput
from renderers.timing import Sound, possible, words_of


def times(words: tuple[Word, ...]) -> list[tuple[str, float, float]]:
    return [(word.text, word.start, word.end) for word in words]


def test_times_that_rise_inside_the_sound_are_kept_as_they_are() -> None:
    told = [Word("two", 0.1, 0.4), Word("coffees", 0.4, 0.9), Word("please", 1.2, 1.2)]
    assert times(possible(told, 2.0)) == times(tuple(told))
    assert possible([], 2.0) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        Word("x", 0.9, 0.5),
        Word("x", 5.0, 5.5),
        Word("x", -1.0, 0.2),
        Word("x", math.nan, 0.5),
        Word("x", 0.1, math.inf),
        Word(" ", 0.4, 0.5),
    ],
    ids=[
        "ends before it begins",
        "after the sound",
        "before it",
        "no number",
        "endless",
        "no word",
    ],
)
def test_a_word_that_cannot_be_there_goes_alone(wrong: Word) -> None:
    told = [Word("a", 0.0, 0.2), Word("b", 0.3, 0.5), wrong, Word("c", 0.6, 0.8)]
    assert [word.text for word in possible(told, 1.0)] == ["a", "b", "c"]


def test_the_word_that_jumps_goes_not_those_after_it() -> None:
    told = [Word("a", 0.0, 0.1), Word("b", 1.5, 1.6), Word("c", 0.4, 0.5), Word("d", 0.6, 0.7)]
    assert [word.text for word in possible(told, 2.0)] == ["a", "c", "d"]


def test_a_word_ends_where_the_next_begins_and_where_the_sound_does() -> None:
    told = [Word("a", -0.05, 0.7), Word("b", 0.5, 1.4)]
    assert times(possible(told, 1.0)) == [("a", 0.0, 0.5), ("b", 0.5, 1.0)]


def test_when_most_cannot_be_nothing_is_believed() -> None:
    falling = [Word("abcd"[n], 0.9 - 0.3 * n, 1.0 - 0.3 * n) for n in range(4)]
    with pytest.raises(BadOutput, match="3 of 4 words cannot be"):
        possible(falling, 1.0)


def sounds(text: str, step: float = 0.1) -> list[Sound]:
    return [Sound(symbol, i * step, (i + 1) * step) for i, symbol in enumerate(text)]


def test_a_word_is_said_from_its_first_sound_to_its_last() -> None:
    pieces = [("Two", "tˈu"), ("coffees,", "kˈɔfiz,"), ("please.", "plˈiz.")]
    found = words_of(pieces, sounds("tˈu kˈɔfiz, plˈiz."))
    assert [word.text for word in found] == ["Two", "coffees,", "please."]
    assert [word.start for word in found] == pytest.approx([0.0, 0.35, 1.15])
    assert [word.end for word in found] == pytest.approx([0.3, 1.0, 1.7])


def test_a_word_that_begins_with_its_stress_begins_there() -> None:
    found = words_of([("he", "hi"), ("equals", "ˈikwəlz")], sounds("hi ˈikwəlz"))
    assert found[1].start == pytest.approx(0.25)


def test_a_word_is_found_although_it_is_said_otherwise_in_its_line() -> None:
    pieces = [("the", "ðə"), ("end", "ˈɛnd")]
    found = words_of(pieces, sounds("ði ˈɛnd"))
    assert [(w.text, round(w.start, 2)) for w in found] == [("the", 0.0), ("end", 0.25)]
    assert [w.text for w in words_of([("zzz", "zzz"), *pieces], sounds("ði ˈɛnd"))] == [
        "the",
        "end",
    ]
