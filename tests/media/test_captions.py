"""Captions: short, whole, broken where one breathes, and never outside their speech."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from split_captions import split_captions

from renderers.base import Word
from renderers.tts.japanese import bound_places
from storyboard.media.text.breaks import characters, cost, phrases_of
from storyboard.media.text.captions import SHORTEST, Caption, lacking, time_captions

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
    assert lacking(line, captions) == ""
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
        assert lacking(line, captions) == ""
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


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("A magician hides in the attic of the old house.", "A magician"),
        ("Could you say 'the sloth' as if you had ever been happy?", "'the sloth'"),
        ("It's called 'Bus passes'. We don't get on.", "'Bus passes'"),
        ("I have a robe, a hammer and eleven minutes for the town.", "eleven minutes"),
        ("Six million people come to see it.", "million people"),
        ("That was Mrs Brown in Hull. She has no hall any more!", "Mrs Brown"),
        ("「うちの祖父がVRで若返る」。ただいま募集中。", "ただいま"),
        ("同窓会って、あの歯のきれいな人？", "同窓会"),
        ("ハトは、誰が追い払うんですか。", "追い払う"),
        ("もう少しゆっくり。「課長」で芯が折れた。", "もう少し"),
    ],
)
def test_no_break_parts_a_word_a_quotation_or_a_number_and_what_it_counts(
    line: str, whole: str
) -> None:
    assert any(whole in phrase for phrase in phrases_of(line)), phrases_of(line)


def test_spaces_between_japanese_characters_go() -> None:
    assert split_captions("お 待たせ しました。") == ["お待たせしました。"]


def test_characters_of_several_code_points_stay_whole() -> None:
    assert characters("e\u0301🇯🇵👍🏽" + FAMILY) == ["e\u0301", "🇯🇵", "👍🏽", FAMILY]
    captions = split_captions("🇯🇵" * 40 + FAMILY * 9)
    whole = {"🇯🇵", FAMILY}
    assert all(c in whole for caption in captions for c in characters(caption) if c != "\n")


def test_a_line_of_nothing_has_no_captions() -> None:
    assert split_captions("  \n\t ") == []
    assert time_captions(" ", 1.0, 2.0) == []
    assert phrases_of("") == []


def assert_in_speech(captions: list[Caption], start: float, seconds: float) -> None:
    assert captions[0].start == pytest.approx(start)
    assert captions[-1].end == pytest.approx(start + seconds)
    assert all(a.end == b.start for a, b in pairwise(captions))
    assert all(c.end > c.start for c in captions)


@pytest.mark.parametrize("line", ODD_LINES)
def test_captions_fill_the_speech_and_never_leave_it(line: str) -> None:
    captions = time_captions(line, 15.16, 8.94)
    assert_in_speech(captions, 15.16, 8.94)
    assert lacking(line, [caption.text for caption in captions]) == ""


@pytest.mark.parametrize("line", ODD_LINES)
@pytest.mark.parametrize("seconds", [0.4, 3.0, 9.0])
def test_one_time_for_the_whole_line_loses_no_caption(line: str, seconds: float) -> None:
    """A long link is one word to a voice: it has one time for many captions."""
    for told in (
        [Word(line, 0.1, seconds)],
        [Word(line, 0.0, 0.0)],
        [Word(line, seconds, seconds)],
    ):
        captions = time_captions(line, 2.0, seconds, told, seconds)
        assert_in_speech(captions, 2.0, seconds)
        assert lacking(line, [caption.text for caption in captions]) == ""


def test_captions_put_together_again_have_no_new_spaces() -> None:
    link = "https://www.example.com/shop/spring-sale/2026/red-shoes?size=42&colour=dark-red"
    for seconds in (1.0, 2.0, 4.0):
        captions = time_captions(f"Go to {link} now.", 0.0, seconds)
        assert link in "".join(c.text.replace("\n", "") for c in captions)
        assert " " not in "".join(c.text for c in captions).partition("https")[2].replace(
            " now", ""
        )


def test_a_word_too_long_for_a_line_is_hyphenated_and_a_link_is_not() -> None:
    word = "pneumonoultramicroscopicsilicovolcanoconiosis"
    rows = "\n".join(split_captions(f"She has {word}.")).split("\n")
    cut = [row for row in rows if row.endswith("-")]
    assert len(cut) == 2
    assert "".join(row.removesuffix("-") for row in rows).endswith(word + ".")
    assert not any(row.endswith("-") for row in split_captions("え" * 60))
    link = "example.com/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
    assert "-" not in "".join(split_captions(link))


def test_what_captions_lack_is_told() -> None:
    assert lacking("Two cups, please.", ["Two cups,\nplease."]) == ""
    assert lacking("Two cups, please.", ["Two cups,"]) == "please."
    assert lacking("Two cups.", ["Two cups.", "Three."]) == "Three."
    assert lacking("A well-known cup.", ["A well-\nknown cup."]) == ""
    assert lacking("A wellknown cup.", ["A well-\nknown cup."]) == ""
    assert lacking("A well-known cup.", ["A well\nknown cup."]) == "-"


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("Nobody at the party had ever met Mary Jane Watson before that day.", "Mary Jane Watson"),
        ("He said it was “a mint condition” and the whole room went quiet.", "“a mint condition”"),
        ("The dentist who was afraid of it lives 10 km away from the factory.", "10 km"),
        ("Everybody knows that the very famous Dr. Strange paid for all of it.", "Dr. Strange"),
        ("愛情をひとつまみ入れたら、やっぱり母の味と同じになりました。", "母の味と"),
        ("ずっと前から、あの店の中にゆっくりと香りが広がっていました。", "店の中に"),
        ("もう十年も前のことだけど、猫の手も借りたいほど忙しかった。", "猫の手も"),
        ("荷物はもうとっくに届いているはずなんだよ。…猫が食べたのかな。", "…猫が食べた"),
        ("賭けは知らない。……手をつないでいい？……キスしていい？", "……キスしていい？"),
    ],
)
def test_what_belongs_together_stays_on_a_row(line: str, whole: str) -> None:
    rows = [row for caption in split_captions(line) for row in caption.split("\n")]
    assert any(whole in row for row in rows), rows


@pytest.mark.parametrize(
    "line",
    [
        "温かい朝。コーヒーの香りが、店の中にゆっくりと広がっていきます。",
        "俺は東京都の新宿区に住んでいる田中太郎で、もうすぐ三十歳になるところだ。",
        "この電車は、二十年前に消えた駅に向かって、静かに走り続けているのだった。",
    ],
)
def test_japanese_never_begins_a_row_with_what_leans_back(line: str) -> None:
    bound = bound_places(line)
    place = 0
    for row in "\n".join(split_captions(line)).split("\n"):
        assert place not in bound, row
        place += len(row)


def test_time_goes_by_how_much_is_said() -> None:
    line = "Stop. " + "This sentence takes very much longer to say than that one did, of course."
    captions = time_captions(line, 0.0, 6.0)
    share = len(said(captions[0].text)) / len(said(line))
    assert captions[0].end / 6.0 == pytest.approx(share, abs=0.1)


def test_a_caption_too_short_to_read_joins_its_neighbour() -> None:
    texts = split_captions("Rain falls on the empty town. Nobody comes out. No.")
    captions = time_captions("No. " + " ".join(texts), 0.0, 3.0)
    assert all(c.end - c.start >= SHORTEST for c in captions)
    assert said("".join(c.text for c in captions)) == said("No." + "".join(texts))


def test_captions_begin_with_their_first_word_where_words_are_known() -> None:
    line = "I waited all night long. Then the train came at last."
    words = [
        Word("I", 0.1, 0.3),
        Word("waited", 0.3, 0.8),
        Word("Then", 2.1, 2.3),
        Word("the", 2.3, 2.4),
        Word("train", 2.4, 2.8),
        Word("came", 2.8, 3.2),
    ]
    captions = time_captions(line, 10.0, 3.3, words)
    assert captions[1].start == pytest.approx(12.1)
    assert_in_speech(captions, 10.0, 3.3)


def test_japanese_words_snap_though_they_are_spelt_otherwise() -> None:
    words = [Word("朝", 0.0, 1.6), Word("雨が", 2.0, 2.4), Word("振っている", 2.4, 3.5)]
    line = "とても静かな、静かな朝。雨が降っている、ずっと降っている。"
    captions = time_captions(line, 0.0, 3.5, words)
    assert captions[1].start == pytest.approx(2.0)


def test_words_that_make_no_sense_change_nothing() -> None:
    line = "I waited all night long. Then the train came at last."
    plain = time_captions(line, 0.0, 3.0)
    wild = [Word("then", 0.0, 0.1), Word("banana", 2.9, 3.0)]
    assert time_captions(line, 0.0, 3.0, wild) == plain
