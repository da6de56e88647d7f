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
        ("A𘠀7", "A one seven"),
        ("3D, BA2490, COVID-19", "three D, B ay two four nine zero, covid nineteen"),
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
        ("221B Baker St., room 101A", "two two one B Baker street, room one zero one ay"),
        ("Seat 12B of 8B people, 3M™", "Seat twelve B of eight billion people, three M trademark"),
        (
            "1/2 tsp, 2 1/2 tsp, ½ lb.",
            "one half teaspoon, two and a half teaspoons, one half pound.",
        ),
        (
            "the 4th of July, 12 March 1999",
            "the fourth of July, the twelfth of March, nineteen ninety nine",
        ),
        ("11-29-2026", "November twenty ninth, twenty twenty six"),
        (
            "Call 911 or 1-800-555-0199",
            "Call nine one one or one, eight zero zero, five five five, zero one nine nine",
        ),
        ("call 1-800-FLOWERS", "call one, eight hundred, flowers"),
        ("in L.A., J.R.R. Tolkien, the U.S.A.", "in L ay, J R R Tolkien, the U S ay."),
        ("node.js, README.md, .NET", "node dot JS, readme dot MD, dot net"),
        ("CO2, MP3, A380, C#", "C O two, M P three, ay three eight zero, C sharp"),
        ("R&D, AT&T, Q&A", "R and D, ay T and T, Q and ay"),
        ("a 50/50 chance", "a fifty fifty chance"),
        (
            "in the 80s, his 30s, mid-20s, '68",
            "in the eighties, his thirties, mid-twenties, sixty eight",
        ),
        ("1.5:1", "one point five to one"),
        (
            "ISBN 978-3-16-148410-0, 3-2-1",
            "ISBN nine seven eight, three, sixteen, one four eight four one zero, zero, "
            "three, two, one",
        ),
        (
            "100 000, 1.000.000, €1.000, 1.234,50",
            "one hundred thousand, one million, one thousand euros, "
            "one thousand two hundred and thirty four point five zero",
        ),
        ("6.02e23", "six point zero two times ten to the power of twenty three"),
        ("10⁻³ and 2⁴", "ten to the power of minus three and two to the power of four"),
        (
            "2h30m, 1h05, 10m 5s",
            "two hours thirty minutes, one hour five minutes, ten minutes five seconds",
        ),
        ("$20/hr, €3/kg", "twenty dollars per hour, three euros per kilogram"),
        ("①3, 2㎡, ❶❷", "one, three, two square meters, one, two"),
        ("ChatGPT on iOS", "Chat GPT on i OS"),
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
        ("At 7 a.m. in L.A.", "æt sˈɛvən ˈA ˈɛm ɪn ˈɛl ˈA."),
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
