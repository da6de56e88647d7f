"""English lines as they are said: what is not a word becomes one."""

from __future__ import annotations

import json

import pytest

from renderers import weights
from renderers.tts.english import phonemes, spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("It's 10 o'clock.", "It's ten o'clock."),
        (
            "Dr. Smith paid $1,500.50.",
            "doctor Smith paid one thousand five hundred dollars and fifty cents.",
        ),
        (
            "It cost $1.5 million, or €0.99.",
            "It cost one point five million dollars, or ninety nine cents.",
        ),
        ("£5 & ¥300", "five pounds and three hundred yen"),
        ("Meet me at 7:05 a.m. or 5pm", "Meet me at seven oh five ay em or five pee em"),
        ("10:00", "ten o'clock"),
        (
            "The 1990s, 1905 and 2026",
            "The nineteen nineties, nineteen oh five and twenty twenty six",
        ),
        ("the 1st, 2nd, 23rd", "the first, second, twenty third"),
        (
            "50% of 3.14, -5 and 1/2",
            "fifty percent of three point one four, minus five and one half",
        ),
        ("#1 of 1,234", "number one of one thousand two hundred and thirty four"),
        ("STOP RIGHT THERE! You are INSANE.", "stop right there! You are insane."),
        ("The FBI and NASA use AI on TV.", "The FBI and nasa use AI on TV."),
        ("We told the US about it. IT WAS US!", "We told the US about it. it was us!"),
        ("See https://www.example.com/a?b=1 now", "See example dot com now"),
        ("bob.smith@mail.com", "bob dot smith at mail dot com"),
        ("Café 😀🔥 naïve", "Cafe naive"),
        ("e.g. this, i.e. that", "for example this, that is that"),
        (
            "12345678901234567",
            "one two three four five six seven eight nine zero one two three four five six seven",
        ),
    ],
)
def test_spoken(written: str, said: str) -> None:
    assert spoken(written).lower() == said.lower()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Hello, world!", "hɛlˈO, wˈɜɹld!"),
        ("The apple and the book.", "ði ˈæpəl ænd ðə bˈʊk."),
        ("What?! No... wait—really?", "wˈʌt? nˈO… wˈAt— ɹˈɪli?"),
        ("The FBI", "ðə ˈɛf bˈi ˈI"),
        ("'Fine,' she said.", "fˈIn, ʃi sˈɛd."),
    ],
)
def test_phonemes(line: str, expected: str) -> None:
    assert phonemes(line) == expected


def test_context_decides_between_two_pronunciations() -> None:
    assert phonemes("I will record a record.").count("ɹɛkəɹd".replace("ɛ", "ˈɛ")) == 1


@pytest.mark.parametrize("line", ["", " ", "😀🔥", "...", "?!", "<>", "'"])
def test_nothing_to_say(line: str) -> None:
    assert phonemes(line) == ""


def test_every_symbol_is_one_that_kokoro_knows() -> None:
    vocabulary = json.loads(weights.read(weights.KOKORO, "vocab.json"))["vocab"]
    line = (
        "The quick brown fox jumps over 13 lazy dogs; joy, choice, vision, thirst, bathe, "
        "hour — \"unhurried\" (zoology) QWERTY XYZ: ugh! Brrr? Zzz… don't y'all's rock 'n' roll"
    )
    assert set(phonemes(line)) <= set(vocabulary)
