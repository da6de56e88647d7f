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
        (
            "See https://www.example.com/a?b=1 now",
            "See example dot com slash a question mark b equals one now",
        ),
        ("The room is 10m long, 5kg", "The room is ten meters long, five kilograms"),
        ("He walked 60 km/h for 1 km", "He walked sixty kilometers per hour for one kilometer"),
        (
            "3 L at -5°C and 98.6°F",
            "three liters at minus five degrees Celsius and ninety eight "
            "point six degrees Fahrenheit",
        ),
        ("10m² and x²", "ten square meters and x squared"),
        (
            "Only 3-5 people, 9–5, 10-15%",
            "Only three to five people, nine to five, ten to fifteen percent",
        ),
        ("9am-5pm, 10:00-11:30", "nine ay em to five pee em, ten o'clock to eleven thirty"),
        (
            "Half ½, 1½ cups, ¾, 2/3, 8/10",
            "Half one half, one and a half cups, three quarters, two thirds, eight out of ten",
        ),
        ("Baker St. in London, St. Mary", "Baker street in London, saint Mary"),
        ("He lives on Elm St.", "He lives on Elm street."),
        ("Henry VIII, World War II, Chapter IV", "Henry the eighth, World War two, Chapter four"),
        ("I am Ivy. MIX it, Louis XIV", "I am Ivy. MIX it, Louis the fourteenth"),
        (
            "US$20, €5,50 and 20 USD",
            "twenty US dollars, five euros and fifty cents and twenty dollars",
        ),
        ("$5-10, ¥500, £0.50", "five to ten dollars, five hundred yen, fifty pence"),
        ("Call 416-555-0192", "Call four one six, five five five, zero one nine two"),
        ("+1 (416) 555-0192", "plus one, four one six, five five five, zero one nine two"),
        ("Version 2.5.1 or v2.0", "version two point five point one or version two point zero"),
        ("Go to example.ai/fun today", "Go to example dot AI slash fun today"),
        ("joe@mail.co.uk", "joe at mail dot co dot UK"),
        ("No. 5? No. See note [1].", "number five? No. See note one."),
        (
            "2026-11-28 or Nov 3, 2025",
            "November twenty eighth, twenty twenty six or November third, twenty twenty five",
        ),
        ("odds of 3:1, 16:9", "odds of three to one, sixteen to nine"),
        ("Bjørn, Łukasz, Straße, Æsop, þorn", "Bjorn, Lukasz, Strasse, Aesop, thorn"),
        ("She said Привет", "She said Privet"),
        ("3D, BA2490, COVID-19", "three D, BA two four nine zero, covid nineteen"),
        ("the '90s, 24/7, 007", "the nineties, twenty four seven, zero zero seven"),
        (
            "2 × 3 = 6 < 7 ± 1 → ∞",
            "two by three equals six less than seven plus or minus one to infinity",
        ),
        (
            "10M views, $1.5M, 3 in a row",
            "ten million views, one point five million dollars, three in a row",
        ),
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
