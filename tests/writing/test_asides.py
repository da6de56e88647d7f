"""What a listener says of his own: data that fits a beat, found by what an idea names."""

from __future__ import annotations

import pytest

from storyboard.plan import Language, Plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan
from storyboard.writing.offline.asides import asides, subjects

COMEDY = load_format("comedy_5")


def film(idea: str, language: Language, seed: int = 42) -> Plan:
    return write_plan(idea, COMEDY, language, seed=seed)


def known(idea: str, language: Language) -> set[str]:
    return {line for lines in asides(idea, language) for line in lines}


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_line_fits_the_beat_that_it_may_be_said_in(language: Language) -> None:
    most = next(b.max_chars for b in COMEDY.beats if b.type == "reaction")[language]
    lines = [line for subject in subjects(language) for line in subject.lines]
    assert len(lines) == len(set(lines)) > 300
    assert [line for line in lines if len(line) > most] == []


@pytest.mark.parametrize(
    ("idea", "language", "word", "other"),
    [
        ("Grandma joins a gym", "en", "gym", "train"),
        ("Two rival ice cream trucks", "en", "ice cream", "snow"),
        ("He sings to his plants", "en", "karaoke", "gym"),
        ("A runner trains for a marathon", "en", "marathon", "train"),
        ("The post office on the corner", "en", "post office", "meeting"),
        ("寝坊した目覚まし時計", "ja", "目覚まし時計", "犬"),
        ("犬井さんの電子レンジ", "ja", "電子レンジ", "犬"),
        ("毎日泳ぐ部長", "ja", "プール", "馬"),
    ],
)
def test_an_idea_is_met_by_its_nouns_and_verbs(
    idea: str, language: Language, word: str, other: str
) -> None:
    lines = {s.lines for s in subjects(language) if word in s.words}
    others = {s.lines for s in subjects(language) if other in s.words}
    found = set(asides(idea, language))
    assert lines <= found and others.isdisjoint(found)


@pytest.mark.parametrize(
    ("idea", "language"),
    [
        ("A robot vacuum falls in love with a stapler", "en"),
        ("The day the WiFi went out in the retirement home", "en"),
        ("My roommate talks to the plants and they answer", "en"),
        ("寝坊した目覚まし時計", "ja"),
        ("ダイエット中のパン屋", "ja"),
    ],
)
def test_a_listener_answers_with_what_he_knows_of_it(idea: str, language: Language) -> None:
    for seed in range(40, 46):
        said = [beat.line for beat in film(idea, language, seed).beats]
        heard = known(idea, language)
        assert any(line.startswith(tuple(heard)) or line in heard for line in said), said


def test_nothing_is_said_to_somebody_of_himself() -> None:
    """A goldfish that speaks for itself is not told how dull goldfish are."""
    goldfish = known("A goldfish", "en")
    for seed in range(40, 60):
        plan = film("A goldfish with a great memory", "en", seed)
        if plan.cast[0].role == "goldfish":
            assert goldfish.isdisjoint(beat.line for beat in plan.beats)


@pytest.mark.parametrize("idea", ["My grandmother's funeral", "A lonely widower learns to bake"])
def test_nobody_speaks_of_himself_where_nobody_jokes(idea: str) -> None:
    plan = film(idea, "en")
    assert known(idea, "en").isdisjoint(beat.line for beat in plan.beats)
