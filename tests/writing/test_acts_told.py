"""What happens in an idea is what its film is about: said early, said again, by whoever it means."""

from __future__ import annotations

import re

import pytest

from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.persons import in_person
from storyboard.writing.offline.turning import answered

COMEDY = load_format("comedy_5")


@pytest.mark.parametrize(
    ("idea", "act"),
    [
        ("Our office printer only works when someone compliments it", "compliments"),
        ("The last honest mechanic in town refuses to lie about my car", "lie about"),
        ("Two pirates argue about who gets the parrot in the divorce", "parrot in the divorce"),
        ("Two of them want the same window seat on the bus", "window seat"),
        ("My mother-in-law reorganizes our kitchen every time she visits", "every time she visits"),
        ("Whispering an argument so the kids don't wake up", "so the kids don't"),
        ("A hotel for imaginary friends", "for imaginary friends"),
        ("The day the alarm clocks went on strike", "on strike"),
    ],
)
def test_two_lines_take_up_what_happens_and_the_first_of_them_early(idea: str, act: str) -> None:
    for seed in range(5):
        lines = [beat.line for beat in write_plan(idea, COMEDY, seed=seed).beats]
        told = [number for number, line in enumerate(lines, 1) if act in line]
        assert len(told) >= 2 and told[0] <= 2, lines


def test_my_son_is_your_son_to_whoever_answers() -> None:
    answers: list[str] = []
    for seed in range(8):
        plan = write_plan("My son replaced all our clocks with sundials", COMEDY, seed=seed)
        lead = plan.cast[0].id
        for beat in plan.beats:
            theirs = r"\bthe son|your son" if beat.speaker == lead else r"\bthe son|my son|our c"
            assert not re.search(rf"\b(?:{theirs})", beat.line, re.IGNORECASE), beat.line
        answers += [beat.line for beat in plan.beats if beat.speaker != lead]
    assert any("our son" in line for line in answers)


@pytest.mark.parametrize(
    ("idea", "who", "does"),
    [
        ("A retired astronaut applies for a job at a bakery", "astronaut", "applies for a job"),
        ("A wizard whose spells only work on Tuesdays", "wizard", "has spells that only work"),
        ("A tourist who photographs only the backs of people", "tourist", "photographs only"),
        ("Can a squirrel sue a bird feeder?", "squirrel", "sues a bird feeder"),
        ("Why does my toaster burn only one side?", "toaster", "burns only one side"),
        ("My phone autocorrects every apology into a threat", "phone", "autocorrects every"),
        ("My aunt reads the terms and conditions at parties", "aunt", "reads the terms and cond"),
        ("Grandma wins at poker and won't say how", "Grandma", "wins at poker and won't say"),
        ("When your GPS says turn left and there is a lake", "gps", "says turn left"),
    ],
)
def test_what_somebody_does_is_read_whole(idea: str, who: str, does: str) -> None:
    reading = read(idea, "en")
    assert reading.who is not None and reading.act is not None
    assert reading.who.head == who
    assert reading.act.does.startswith(does)


@pytest.mark.parametrize(
    ("idea", "mine", "yours"),
    [
        (
            "Our office printer only works when someone compliments it",
            "only work when someone compliments me",
            "only work when someone compliments you",
        ),
        (
            "Someone who apologizes to every door they walk through",
            "apologize to every door I walk through",
            "apologize to every door you walk through",
        ),
        (
            "A knight returns his sword because it is too heavy",
            "returned my sword because it is too heavy",
            "returned your sword because it is too heavy",
        ),
        (
            "POV: you are the last cookie in the jar",
            "am the last cookie in the jar",
            "are the last cookie in the jar",
        ),
        (
            "When you wave back at someone who wasn't waving at you",
            "wave back at someone who wasn't waving at me",
            "wave back at someone who wasn't waving at you",
        ),
        (
            "A retired magician can't stop pulling things out of his sleeves",
            "can't stop pulling things out of my sleeves",
            "can't stop pulling things out of your sleeves",
        ),
        # "It" and "he" may be somebody else: nothing is said for them.
        ("My vacuum cleaner ate a sock because it was hungry", "", ""),
        ("A chef fires the waiter because he is hungry", "", ""),
        ("My son replaced all our clocks with sundials", "", ""),
    ],
)
def test_who_does_it_says_so_and_is_told_so(idea: str, mine: str, yours: str) -> None:
    told = in_person(read(idea, "en"), "en")
    assert (told.get("i_do", ""), told.get("you_do", "")) == (mine, yours)


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("my son hid our clocks", "your son hid your clocks"),
        ("I was late because we're slow", "you were late because you're slow"),
        ("My neighbour and I am tired", "Your neighbour and you are tired"),
        ("only stop at the floor you don't want", ""),
    ],
)
def test_what_is_said_is_said_back(said: str, back: str) -> None:
    assert answered(said) == back


def test_a_creature_that_is_no_person_is_named_as_a_thing_would_be() -> None:
    said = " ".join(
        beat.line
        for seed in range(12)
        for beat in write_plan("A bank lends out a dragon to tourists", COMEDY, seed=seed).beats
    )
    assert "dragon" in said


@pytest.mark.parametrize(
    ("idea", "mine"),
    [
        ("We adopted a cat and now the cat runs the household", "adopted a cat and now the cat"),
        ("I have been pretending to like cilantro", "have been pretending to like"),
        ("Two rival bakers secretly date", "secretly dated"),
        ("The robots finally rise up, but only to dance", "rise up, but only to dance"),
        ("A therapist for villains", "am a therapist for villains"),
        ("Grandma wins at poker every Thursday and won't say how", "every Thursday and won't say"),
    ],
)
def test_nothing_of_what_somebody_does_is_left_out(idea: str, mine: str) -> None:
    assert mine in in_person(read(idea, "en"), "en")["i_do"]
