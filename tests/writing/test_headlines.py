"""A headline is told as the sentence it stands for; what is none stays as it is."""

from __future__ import annotations

import pytest

from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.sentence import sentence


@pytest.mark.parametrize(
    ("headline", "told", "who", "did"),
    [
        (
            "Retired pirate joins book club",
            "A retired pirate joins a book club",
            "the retired pirate",
            "joined a book club",
        ),
        (
            "Unemployed superhero delivers groceries",
            "An unemployed superhero delivers groceries",
            "the unemployed superhero",
            "delivered groceries",
        ),
        (
            "Local man loses argument with toaster",
            "A local man loses an argument with a toaster",
            "the local man",
            "lost an argument with a toaster",
        ),
        (
            "Hired clown crashes wrong funeral",
            "A hired clown crashes the wrong funeral",
            "the hired clown",
            "crashed the wrong funeral",
        ),
        (
            "Lost tourist becomes mayor",
            "A lost tourist becomes mayor",
            "the lost tourist",
            "became mayor",
        ),
        (
            "Ghost applies for mortgage",
            "A ghost applies for a mortgage",
            "the ghost",
            "applied for a mortgage",
        ),
        ("Two ghosts rent flat", "Two ghosts rent a flat", "the ghosts", "rented a flat"),
        (
            "Retired spies run bakery",
            "Retired spies run a bakery",
            "retired spies",
            "ran a bakery",
        ),
        (
            "Neighbours fight over inflatable pool",
            "The neighbours fight over an inflatable pool",
            "the neighbours",
            "fought over an inflatable pool",
        ),
        (
            "Dating app matches man with own boss",
            "A dating app matches a man with his own boss",
            "the dating app",
            "matched a man with his own boss",
        ),
        (
            "Villagers build wall around moon",
            "Villagers build a wall around the moon",
            "villagers",
            "built a wall around the moon",
        ),
    ],
)
def test_a_headline_is_told_with_its_articles(headline: str, told: str, who: str, did: str) -> None:
    reading = read(headline, "en")
    assert sentence(headline) == told
    assert reading.text == headline, "it is quoted as it was typed"
    assert reading.who is not None and reading.who.definite == who
    assert reading.act is not None and reading.act.did == did


@pytest.mark.parametrize(
    "idea",
    [
        "Love takes a break",
        "Monday calls in sick",
        "Death takes a sick day",
        "Grandpa learns breakdancing",
        "Kevin opens a bakery",
        "Cats ignore Mondays",
        "Neighbours argue about a hedge",
        "Coffee runs out at the office",
        "Sunday roast with the in-laws",
        "My cat sues the vacuum cleaner",
        "Losing my keys again",
        "Why do cats purr?",
        "Romeo and Juliet open a bakery",
    ],
)
def test_what_is_no_headline_stays_as_it_is(idea: str) -> None:
    assert sentence(idea) == idea


def test_nobody_in_the_film_speaks_in_headlines() -> None:
    plan = write_plan("Old wizard joins gym", load_format("comedy_5"))
    assert "Old wizard joins gym" in plan.hook.line if plan.hook else False
    spoken = " ".join(beat.line for beat in plan.beats).lower()
    assert "a gym" in spoken and "joined gym" not in spoken and "joining gym" not in spoken
