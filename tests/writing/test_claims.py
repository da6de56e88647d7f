"""Claims of a prompt against the records: the labelled set, and how a text is read."""

from __future__ import annotations

import pytest

from benchmarks.prompts import RESULT, counted, table
from storyboard.writing.prompting.claims import Facts, contradictions
from storyboard.writing.prompting.reader import Person

ANN = Person("Ann", "feminine", "a woman with short red hair, a green coat", speaks=True)
BOB = Person("Bob", "masculine", "a man with a black beard, a blue suit")
PAIR = Facts((ANN, BOB), ("", "Ann", "Bob"))


@pytest.mark.parametrize(("held", "least"), [(False, 30), (True, 29)])
def test_planted_faults_are_found_and_sound_texts_are_not_refused(held: bool, least: int) -> None:
    hits, planted, refused, _ = counted(held)
    assert planted.total() == 30 and hits.total() >= least and refused == 0


def test_the_published_figures_are_those_of_today() -> None:
    page = RESULT.read_text(encoding="utf-8").splitlines()
    assert [row for row in table() if row not in page] == []


@pytest.mark.parametrize(
    "text",
    [
        "Ann waves with her left hand; Bob looks to the lamp on the left of the door.",
        "The light from the right falls on Bob's blue suit.",
        "Ann's mouth is open, and Bob listens to her, lips closed.",
        "Both of them stand still. The two people look at each other.",
        "A coat hangs on a hook behind Bob.",
        "Ann, a woman with short red hair, leans on the bar on the left.",
        "Their shadows meet in the middle of the floor.",
        "Bob's eyes are on her green coat.",
        "The viewer looks down on the table between them.",
    ],
)
def test_what_contradicts_nothing_is_no_fault(text: str) -> None:
    assert contradictions(text, PAIR) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Bob leans in from the left edge.", "Bob is on the right"),
        ("To the right of Bob stands Ann.", "Ann is to the left of Bob"),
        ("He wears her green coat; his coat is green.", "Bob has no coat; that is Ann"),
        ("Ann's coat is now scarlet.", "coat is green, and not red"),
        ("She has black hair.", "hair is red, and not black"),
        ("Bob is shouting at her.", "Bob is silent here"),
        ("Ann, lips sealed, looks at him.", "Ann speaks here"),
        ("Three people stand at the bar.", "people: only"),
        ("A child watches from the stairs.", "child: only"),
        ("Ann is in image 3.", "image 3 is Bob, and not Ann"),
    ],
)
def test_what_contradicts_the_records_is_named(text: str, fault: str) -> None:
    assert any(fault in found for found in contradictions(text, PAIR))


def test_an_empty_place_has_nobody_in_it() -> None:
    assert contradictions("A waiter crosses the floor.", Facts(()))
    assert contradictions("Chairs stand on the tables.", Facts(())) == []


def test_unseen_mouths_claim_nothing() -> None:
    hidden = Facts((ANN, BOB), (), mouths=False)
    assert contradictions("Ann, lips sealed, turns away.", hidden) == []
