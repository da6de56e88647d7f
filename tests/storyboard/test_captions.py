"""Captions: short, whole, broken where one breathes, and never outside their speech."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from renderers.base import Word
from storyboard.text.captions import (
    SHORTEST,
    Caption,
    characters,
    cost,
    phrases_of,
    split_captions,
    time_captions,
)

CLOSING = set("。、，．！？!?,.:;…」』）)】’”ーっゃゅょッャュョ")
OPENING = set("「『（([【‘“")
FAMILY = "👨‍👩‍👧‍👦"
ODD_LINES = [
    "Large oat latte, extra hot, no foam, and please hurry, I'm late for a very important meeting.",
    'I told you: the total is 100% {wrong}, isn\'t it? C:\\new\\Notes "quoted" \\N <i>x</i>',
    "https://example.com/a/very/long/path?with=query&and=more%20things#frag",
    "Supercalifragilisticexpialidocious antidisestablishmentarianism.",
    "彼は、消えた電車の最後の乗客が自分の父親だったことを、二十年間だれにも言えずに生きてきたのだった。",
    "え" * 42 + "っ！？",
    "「やめて！」と彼女は言った。「お願い（本当に）、もう帰って……」",
    "今日のMTGは3時からZoomで、ID は123-456です。",
    FAMILY * 10,
    "I love it 👍🏽 ❤️ 🇯🇵 🎉 so much — “really”",
    "مرحبا بكم في المقهى، هل تريدون قهوة أم شاي اليوم؟",
    "Yes. No. Yes. No. Yes, no, yes.",
    "W" * 90,
]


def said(text: str) -> str:
    """Letters and marks without any space."""
    return "".join(text.split())


def assert_readable(line: str) -> None:
    captions = split_captions(line)
    assert said("".join(captions)) == said(line)
    for caption in captions:
        rows = caption.split("\n")
        assert len(rows) <= 2
        assert cost("".join(rows)) <= 1 + 1e-6, caption
        for row in rows:
            assert row == row.strip()
            # A full-width stop may hang out at the end of a row.
            assert cost(row.rstrip("。、")) <= 0.5 + 1e-6, row
            assert row[0] not in CLOSING or said(line)[0] in CLOSING, row
            assert row[-1] not in OPENING, row


@pytest.mark.parametrize("line", ODD_LINES)
def test_any_line_is_shown_whole_in_captions_that_fit(line: str) -> None:
    assert_readable(line)


def test_random_lines_are_shown_whole_in_captions_that_fit() -> None:
    rng = random.Random(4)
    pieces = [
        *"、。！？「」っーabc.,'\"(",
        "猫が",
        "電車に",
        "word",
        "hello ",
        "  ",
        FAMILY,
        "é",
        "🇯🇵",
    ]
    for _ in range(60):
        line = "a" + "".join(rng.choices(pieces, k=rng.randint(1, 60)))
        captions = split_captions(line)
        assert said("".join(captions)) == said(line)
        assert all(cost("".join(c.split("\n"))) <= 1 + 1e-6 for c in captions), line


def test_28_full_width_or_42_latin_characters_fill_a_caption() -> None:
    assert cost("猫" * 28) == pytest.approx(1.0)
    assert cost("a" * 42) == pytest.approx(1.0)
    assert cost("猫" * 14 + "a" * 21) == pytest.approx(1.0)


def test_short_sentences_share_a_caption_and_long_ones_end_it() -> None:
    assert split_captions("Yes. I do. Now.") == ["Yes. I do. Now."]
    first, second = split_captions("Rain falls on the empty town. Nobody comes out to look at it.")
    assert said(first) == "Rainfallsontheemptytown."
    assert said(second) == "Nobodycomesouttolookatit."


def test_an_abbreviation_does_not_end_a_sentence() -> None:
    captions = split_captions("You are telling me that the famous Dr. Smith paid for all of that?")
    assert not any(row.endswith("Dr.") for caption in captions for row in caption.split("\n"))


def test_japanese_breaks_between_phrases() -> None:
    assert split_captions("温かい朝。コーヒーの香りが、店の中にゆっくりと広がっていきます。") == [
        "温かい朝。",
        "コーヒーの香りが、店の中に\nゆっくりと広がっていきます。",
    ]


def test_spaces_between_japanese_characters_go() -> None:
    assert split_captions("お 待たせ しました。") == ["お待たせしました。"]


def test_characters_of_several_code_points_stay_whole() -> None:
    assert characters("e\u0301🇯🇵👍🏽" + FAMILY) == ["e\u0301", "🇯🇵", "👍🏽", FAMILY]
    captions = split_captions("🇯🇵" * 40 + FAMILY * 9)
    whole = {"🇯🇵", FAMILY}
    assert all(c in whole for caption in captions for c in characters(caption) if c != "\n")


def test_a_line_of_nothing_has_no_captions() -> None:
    assert split_captions("  \n\t ") == []
    assert time_captions([], 1.0, 2.0) == []
    assert phrases_of("") == []


def assert_in_speech(captions: list[Caption], start: float, seconds: float) -> None:
    assert captions[0].start == pytest.approx(start)
    assert captions[-1].end == pytest.approx(start + seconds)
    assert all(a.end == b.start for a, b in pairwise(captions))
    assert all(c.end > c.start for c in captions)


@pytest.mark.parametrize("line", ODD_LINES)
def test_captions_fill_the_speech_and_never_leave_it(line: str) -> None:
    assert_in_speech(time_captions(split_captions(line), 15.16, 8.94), 15.16, 8.94)


def test_time_goes_by_how_much_is_said() -> None:
    line = "Stop. " + "This sentence takes very much longer to say than that one did, of course."
    captions = time_captions(split_captions(line), 0.0, 6.0)
    share = len(said(captions[0].text)) / len(said(line))
    assert captions[0].end / 6.0 == pytest.approx(share, abs=0.1)


def test_a_caption_too_short_to_read_joins_its_neighbour() -> None:
    texts = split_captions("Rain falls on the empty town. Nobody comes out. No.")
    captions = time_captions(["No.", *texts], 0.0, 3.0)
    assert all(c.end - c.start >= SHORTEST for c in captions)
    assert said("".join(c.text for c in captions)) == said("No." + "".join(texts))


def test_captions_begin_with_their_first_word_where_words_are_known() -> None:
    texts = ["I waited.", "Then the train came."]
    words = [
        Word("I", 0.1, 0.3),
        Word("waited", 0.3, 0.8),
        Word("Then", 2.1, 2.3),
        Word("the", 2.3, 2.4),
        Word("train", 2.4, 2.8),
        Word("came", 2.8, 3.2),
    ]
    captions = time_captions(texts, 10.0, 3.3, words)
    assert captions[1].start == pytest.approx(12.1)
    assert_in_speech(captions, 10.0, 3.3)


def test_japanese_words_snap_though_they_are_spelt_otherwise() -> None:
    words = [Word("朝", 0.0, 1.6), Word("雨が", 2.0, 2.4), Word("振っている", 2.4, 3.5)]
    captions = time_captions(["静かな朝。", "雨が降っている。"], 0.0, 3.5, words)
    assert captions[1].start == pytest.approx(2.0)


def test_words_that_make_no_sense_change_nothing() -> None:
    texts = ["I waited.", "Then the train came."]
    plain = time_captions(texts, 0.0, 3.0)
    wild = [Word("then", 0.0, 0.1), Word("banana", 2.9, 3.0)]
    assert time_captions(texts, 0.0, 3.0, wild) == plain
