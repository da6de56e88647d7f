"""What has to be heard of a line is read from the line, not from a voice's own front end."""

from __future__ import annotations

import pytest

from storyboard.media.audio.hearing import spelt_otherwise, unheard
from storyboard.media.audio.wording import sounds_like


@pytest.mark.parametrize(
    ("line", "heard"),
    [
        ("Only 3-5 people came.", "only three to five people came"),
        ("Only 3-5 people came.", "Only 3 to 5 people came."),
        ("3～5人来ます。", "3から5人来ます"),
        ("-5℃です", "マイナス5度です"),
        ("$20です", "20ドルです"),
        ("The room is 10m long", "the room is 10 meters long"),
        ("The room is 10m long", "The room is 10m long."),
        ("In 2026 and 1905", "in twenty twenty six and nineteen oh five"),
        ("In 2026 we", "In two thousand twenty six we"),
        ("Call 416-555-0192 now.", "Call 4165550192 now"),
        ("Call 416-555-0192 now.", "call four one six five five five oh one nine two now"),
        ("10:30に来て", "10時半に来て"),
        ("彼に10:30に聞いた", "彼20時30分に聞いた"),
        ("1stシングル", "ファーストシングル"),
        ("①3人、❷", "一、三人、二"),
        ("①3人", "1番3人"),
        ("She ran 2h30m and 10m 5s", "she ran two hours 30 minutes and ten minutes five seconds"),
        ("It's 10:00 now", "it's ten o'clock now"),
        ("½ a cup, 1/2のケーキ", "half a cup 二分の一のケーキ"),
        ("Henry VIII had six", "Henry the 8th had six"),
        ("$1.5M", "one point five million dollars"),
        ("1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"),
        ("100万円", "百万円"),
        ("2.5 liters", "two and a half liters"),
        ("the 1990s, the 23rd", "the nineteen nineties, the twenty third"),
        ("2 cups", "to cups"),
        ("version 2.5.1", "version two point five point one"),
        ("On 2026-11-28", "on November 28th 2026"),
        ("No number here, honestly.", "nonsense"),
        ("See https://a.com/2026/5 now", "see a dot com"),
        ("Go to a.com/x?size=42&c=-5%&w=10m now", "Go to a.com slash x size equals 42 in c now"),
    ],
)
def test_numbers_count_by_their_value_however_they_are_written(line: str, heard: str) -> None:
    assert unheard(line, heard) == ()


@pytest.mark.parametrize(
    ("line", "heard", "lacking"),
    [
        ("3～5人来ます。", "三十五人来ます", ("3", "5")),
        ("Only 3-5 people came.", "Only thirty five people came", ("3", "5")),
        ("-5℃です", "五度です", ("-",)),
        ("彼は10:30に聞いた", "彼は20時30分に聞いた", ("10",)),
        ("$20です", "20です", ("$",)),
        ("The room is 10m long", "the room is ten minutes long", ("m",)),
        ("Henry VIII had six", "Henry via had six", ("VIII",)),
        ("Call 416-555-0192 now.", "Call 416-555-0193 now", ("0192",)),
        ("It costs 50% more", "it costs fifty more", ("%",)),
        ("I have 12 cups", "I have cups", ("12",)),
        ("①番、②番", "二番", ("1",)),
        ("①3人", "13人", ("1", "3")),
    ],
)
def test_what_is_said_otherwise_than_written_is_named(
    line: str, heard: str, lacking: tuple[str, ...]
) -> None:
    assert unheard(line, heard) == lacking


def test_two_texts_are_compared_by_their_sounds() -> None:
    assert sounds_like("The night was right.", "the knight was write", "en") == 1.0
    assert sounds_like("It is a mint.", "It is a mind.", "en") < 0.9
    assert sounds_like("We are out of oat milk.", "Weird auto mill", "en") < 0.9
    assert sounds_like("詩を聞く", "しをきく", "ja") == 1.0
    assert sounds_like("いい方の赤ですか", "良い方の赤ですか", "ja") == 1.0
    # What an ear wrote of lines that were said as written, and of one that was not.
    assert (
        sounds_like(
            "それは穴ではない。吸い込みもしない。", "それは穴ではない、水込みもしない", "ja"
        )
        >= 0.9
    )
    assert sounds_like("…役員です。好かれたいだけです。", "役員です 疲れたいだけです", "ja") >= 0.9
    assert sounds_like("…で、メーターは？", "で、見たわ", "ja") < 0.9
    assert sounds_like("月曜のあなたは断る。", "月用のあなたは言わる", "ja") < 0.9


def test_addresses_and_foreign_words_are_spelt_by_an_ear_in_its_own_way() -> None:
    foreign = [("Go to example.com.", "en"), ("Bjørn met Søren.", "en"), ("ChatGPTに聞く", "ja")]
    assert all(spelt_otherwise(line, language) for line, language in foreign)
    plain = [("It is five.", "en"), ("AIに聞く", "ja"), ("Fünf Äpfel", "de")]
    assert not any(spelt_otherwise(line, language) for line, language in plain)
