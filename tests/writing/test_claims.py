"""Claims of a prompt against the records: the labelled set, and how a text is read."""

from __future__ import annotations

import pytest

from benchmarks.prompts import RESULT, counted, parts, table
from storyboard.writing.prompting.claims import Facts, contradictions
from storyboard.writing.prompting.reader import Person

ANN = Person("Ann", "feminine", "a woman with short red hair, a green coat", speaks=True)
BOB = Person("Bob", "masculine", "a man with a black beard, a blue suit")
PAIR = Facts((ANN, BOB), ("", "Ann", "Bob"))


@pytest.mark.parametrize(
    ("part", "least", "of"),
    [("looked at", 30, 30), ("held out", 29, 30), ("written later", 19, 20)],
)
def test_planted_faults_are_found_and_sound_texts_are_not_refused(
    part: str, least: int, of: int
) -> None:
    hits, planted, refused, _ = counted(parts()[part])
    assert planted.total() == of and hits.total() >= least and refused == 0


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
        "Shoulder to shoulder, Ann on the left and Bob on the right, they wait.",
        "The two stand close, with Ann at left and Bob at right.",
        "Ann leans on the bar at the left while Bob waits on the right.",
        "Bob, leaning on the rail at the left of the door, listens in silence.",
        "Ann, talking to Bob on the right, lifts a hand.",
        "Bob waits beside her, her husband by the look of it.",
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
        ("Bob on the left and Ann on the right, they wait.", "Bob is on the right"),
        ("Bob, slumped on a stool at the left edge, listens.", "Bob is on the right"),
        ("Bob yawns, his son on the stool behind him.", "son: only"),
        ("Ann, her jaw clenched, looks at him.", "Ann speaks here"),
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
