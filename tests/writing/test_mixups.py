"""Learners get a word of their own idea wrong, couples stand where their idea is, questions are
asked in whole sentences."""

from __future__ import annotations

import re

import pytest

from storyboard.plan import Plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline.draft import write_plan
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.soundalikes import known, mixed_up
from storyboard.writing.offline.taste import judge

SEEDS = range(40, 44)


def films(idea: str, format: str) -> list[Plan]:
    return [write_plan(idea, load_format(format), seed=seed) for seed in SEEDS]


def spoken(plan: Plan) -> str:
    return "\n".join(beat.line for beat in plan.beats)


@pytest.mark.parametrize(
    ("idea", "right", "wrong"),
    [
        ("A tourist in Paris orders a duck by mistake", "duck", "truck"),
        ("A new employee asks for the key to the bathroom", "key", "bee"),
        ("Buying a wedding ring", "ring", "king"),
        ("カナダ人の旅行者が弁当を注文する", "弁当", "弁護士"),
        ("落とした財布を交番で説明する", "財布", "台風"),
    ],
)
def test_the_word_that_goes_wrong_is_one_of_the_idea(idea: str, right: str, wrong: str) -> None:
    for plan in films(idea, "language_mishap"):
        lines = [beat.line.lower() for beat in plan.beats if beat.line]
        assert wrong in lines[0] + lines[1], spoken(plan)
        assert right in lines[-1], spoken(plan)
        assert "{" not in spoken(plan)


@pytest.mark.parametrize(
    ("idea", "right", "wrong"),
    [
        ("An exchange student mixes up 'chicken' and 'kitchen' at dinner", "chicken", "kitchen"),
        ('A man says "pregnant" instead of "embarrassed" at the office', "embarrassed", "pregnant"),
        ("留学生が「かわいい」と「こわい」を言い間違える", "かわいい", "こわい"),
        ("「おいしい」の代わりに「むずかしい」と言ってしまう", "おいしい", "むずかしい"),
    ],
)
def test_an_idea_that_names_both_words_is_taken_at_its_word(
    idea: str, right: str, wrong: str
) -> None:
    for plan in films(idea, "language_mishap"):
        lines = [beat.line.lower() for beat in plan.beats if beat.line]
        assert any(wrong in line for line in lines[:3]), spoken(plan)
        assert right in lines[-1], spoken(plan)
        assert right not in "".join(lines[1:-1]), "it is not given away"


def test_who_orders_a_duck_is_none() -> None:
    for plan in films("A tourist in Paris orders a duck by mistake", "language_mishap"):
        assert "duck" not in plan.cast[0].role
    for plan in films("A nurse asks for a pillow", "language_mishap"):
        assert plan.cast[0].role == "nurse"


def test_what_sounds_like_nothing_else_is_told_in_another_frame() -> None:
    idea = "A footballer gives his first interview"
    assert mixed_up(idea, read(idea, "en"), "en") is None
    assert len({plan.title for plan in films(idea, "language_mishap")}) > 1


def test_a_word_that_the_idea_names_too_is_no_slip() -> None:
    idea = "祖母がスマホで相撲を予約する"
    assert mixed_up(idea, read(idea, "ja"), "ja") is None


def test_every_word_sounds_like_another_one() -> None:
    for alike in (known().en, known().ja):
        for words in (alike.dishes, alike.things):
            assert all(right != wrong and wrong for right, wrong in words.items())
    ours = {**known().en.dishes, **known().en.things}
    assert all(re.fullmatch("[a-z]+", word) for pair in ours.items() for word in pair)


@pytest.mark.parametrize(
    ("idea", "place", "asked"),
    [
        ("Two coworkers almost kiss at the office party", "office", "kiss you"),
        ("Two strangers share a taxi and hold hands", "taxi", "hold your hand"),
        ("図書館で毎日隣に座る二人", "classroom", "キスして"),
        ("駅で手をつなぎたい二人", "station", "手をつないで"),
    ],
)
def test_two_people_meet_where_their_idea_is(idea: str, place: str, asked: str) -> None:
    for plan in films(idea, "consent_dilemma"):
        assert plan.settings[0].place == place
        assert asked in plan.beats[1].line
        assert plan.hook is not None and idea.rstrip("。").lower() in plan.hook.line.lower()


@pytest.mark.parametrize(
    ("idea", "never"),
    [
        ("なぜこの町の橋は七色なのか", "七色な？|七色な。|七色なか|七色なわけ"),
        ("渡り鳥が迷うのはなぜ？", "のはか|のはわけ|のはの"),
        ("味噌と醤油はどう違う？", "なぜ"),
        ("なぜか月曜日は雨が降る", "(?:^|、)か月曜|もか月曜"),
        ("なぜ隣人は歌うのか", "隣人は歌うわけ|隣人は歌うのを"),
    ],
)
def test_a_question_is_asked_in_whole_sentences(idea: str, never: str) -> None:
    for plan in films(idea, "explainer"):
        said = spoken(plan)
        assert not re.search(never, said, re.MULTILINE), said
        assert "何のこと" not in said


@pytest.mark.parametrize(
    ("idea", "who", "does"),
    [
        ("A nurse from Spain tries to ask for a pillow", "a nurse", "tries to ask for a pillow"),
        ("A tourist from Rome learns to surf", "a tourist", "learns to surf"),
    ],
)
def test_what_is_tried_is_a_verb(idea: str, who: str, does: str) -> None:
    reading = read(idea, "en")
    assert reading.who is not None and reading.who.phrase == who
    assert reading.act is not None and reading.act.does == does


@pytest.mark.parametrize(
    ("idea", "titles"),
    [
        ("Why do rainbows have seven colors?", {"Seven? Says Who?"}),
        ("Why do I have to pay taxes", {"The Price of a Street"}),
        ("How does ChatGPT work?", {"How a Chatbot Thinks", "One Word at a Time", "The Next Word"}),
        ("飛行機はどうやって飛ぶの？", {"飛行機はなぜ飛ぶ", "空気を下へ"}),
        ("温泉に入ると眠くなるのはなぜ？", {"冷めると眠る"}),
    ],
)
def test_what_is_known_is_explained(idea: str, titles: set[str]) -> None:
    assert {plan.title for plan in films(idea, "explainer")} <= titles


@pytest.mark.parametrize(
    "idea",
    [
        "My cat keeps him awake",
        "A wizard follows her when she shops",
        "A barista tells him it is closed",
    ],
)
def test_what_is_done_to_another_is_not_told_as_done_to_oneself(idea: str) -> None:
    for plan in films(idea, "comedy_5"):
        assert not re.search(r"\bI \w+ (?:me|my when)\b", spoken(plan)), spoken(plan)


@pytest.mark.parametrize(
    "idea",
    [
        "Her husband hits her when he drinks",
        "The day the planes hit the towers",
        "My dog was put to sleep today",
        "A hostage whispers to her phone",
        "A depressed comedian on stage",
        "The doctor tells him it has spread",
    ],
)
def test_no_joke_is_made_of_it(idea: str) -> None:
    assert judge(idea, "en").kind == "sober"
