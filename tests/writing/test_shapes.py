"""A Japanese idea is told in the shape of its sentence: its turn, its もし, its あるある."""

from __future__ import annotations

import pytest

from storyboard.plan.format_files import load_format
from storyboard.writing.offline import carries, write_plan
from storyboard.writing.offline.checked import faults
from storyboard.writing.offline.frames import read
from storyboard.writing.offline.halves import condition, halves, plain
from storyboard.writing.offline.persons import two_told
from storyboard.writing.offline.sorts import sort_of

COMEDY = load_format("comedy_5")


@pytest.mark.parametrize(
    ("idea", "first", "then"),
    [
        ("机を動かしたら床に扉があった", "机を動かした", "床に扉があった"),
        ("猫舌なのに夫がラーメン屋", "猫舌な", "夫がラーメン屋な"),
        ("泳げないのに海の近くに住んでいます", "泳げない", "海の近くに住んでいる"),
        ("毎朝早く起きるが、会社はいつも休みだ", "毎朝早く起きる", "会社はいつも休みな"),
        ("飽きっぽい私が編み物を百日続けてみた結果", "飽きっぽい", "編み物を百日続けてみた"),
        ("床屋なのに寝癖だらけ", "床屋な", "寝癖だらけな"),
        ("几帳面な兄と大雑把な弟", "兄が几帳面な", "弟が大雑把な"),
        ("よく笑う医者とすぐ泣く看護師", "医者がよく笑う", "看護師がすぐ泣く"),
    ],
)
def test_an_idea_is_parted_where_it_turns(idea: str, first: str, then: str) -> None:
    assert halves(read(idea, "ja").text) == (first, then)
    assert sort_of(idea, read(idea, "ja"), "ja") == "turn"
    for seed in range(6):
        plan = write_plan(idea, COMEDY, seed=seed)
        lines = [beat.line for beat in plan.beats]
        assert carries(plan) and not faults(plan)
        assert first in lines[0] and then in lines[2], lines


@pytest.mark.parametrize(
    ("idea", "two"),
    [
        ("引退した力士が花屋で働いている", ("引退した", "花屋で働いている")),
        # Somebody else did the first thing.
        ("私が拾った猫が店長になった", None),
        ("母が作った弁当が賞をとった", None),
    ],
)
def test_two_things_are_told_of_whoever_does_both(idea: str, two: tuple[str, str] | None) -> None:
    assert two_told(read(idea, "ja")) == two


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("犬が鍵を飲み込んだ", "犬が鍵を飲み込んだ"),
        ("父は町内会長だ", "父は町内会長な"),
        ("職場が工場", "職場が工場な"),
        ("猫を飼っています", "猫を飼っている"),
    ],
)
def test_a_clause_stands_before_what_explains_it(said: str, told: str) -> None:
    assert plain(said) == told


def test_a_condition_is_told_from_what_is_asked_of_it() -> None:
    assert condition("もし鳥と話せたら何を聞くか") == ("鳥と話せたら", "何を聞く")
    assert condition("雪がやんだら") == ("雪がやんだら", "")
    assert condition("父が雪かきをした") is None


@pytest.mark.parametrize(
    ("idea", "sort"),
    [
        ("もし雲に乗れたら", "if"),
        ("猫派と犬派が一緒に住んだら", "if"),
        ("図書館司書あるある", "aruaru"),
        ("もっと歩こう", "call"),
        ("朝に強い人の五つの習慣", "counted"),
        ("POV：会議中にお腹が鳴る", "pov"),
        ("妹が初めて自転車に乗った日", "day"),
        ("祖父の古い万年筆", "keepsake"),
        ("雨上がりの古本屋", "site"),
        ("湖のそばの一軒家", "site"),
        ("なぜ猫は箱に入るのか", "question"),
        ("河童が水泳教室の先生になる", "event"),
        ("いつも傘を忘れる探偵", "habit"),
        ("家族の問題はいつもテレビの音量", "habit"),
        ("母が編んでくれた手袋", "keepsake"),
        ("POV：会議室で名前を忘れた上司と二人きり", "pov"),
        ("動物の言葉がわかる花屋", "habit"),
    ],
)
def test_an_idea_is_told_in_a_frame_of_its_own_shape(idea: str, sort: str) -> None:
    assert sort_of(idea, read(idea, "ja"), "ja") == sort
    suited = {t.id for t in COMEDY.threads_in("ja") if {sort, "aside"} & set(t.suits)}
    titles = {
        hook.text.partition("」")[2]
        for t in COMEDY.threads_in("ja")
        if t.id in suited
        for hook in t.hooks
    }
    for seed in range(6):
        plan = write_plan(idea, COMEDY, seed=seed)
        assert plan.hook is not None and not faults(plan)
        assert plan.hook.line.partition("」")[2] in titles, plan.hook.line


@pytest.mark.parametrize(
    "idea",
    [
        "うちの犬が私より早く起きる",
        "妹が勝手に僕の靴をはいて出かける",
        "隣の席の人は宇宙人だった",
        "ポストに知らない手紙が届いた",
        "部長が歌手だと知らなかった",
        "褒められたくて焼いたパンが町の名物になった",
    ],
)
def test_what_its_writer_saw_is_told_by_nobody_else(idea: str) -> None:
    reading = read(idea, "ja")
    assert reading.who is None
    for seed in range(6):
        said = " ".join(beat.line for beat in write_plan(idea, COMEDY, seed=seed).beats)
        assert "私、" not in said, said


def test_a_place_is_where_its_film_plays() -> None:
    for idea, place in (("深夜の喫茶店", "cafe"), ("海辺の郵便局", "post office")):
        plan = write_plan(idea, COMEDY)
        assert (plan.settings[0].place, plan.settings[0].name) == (place, idea)


def test_a_sign_that_repeats_the_one_before_is_read_aloud() -> None:
    plan = write_plan("時々電気が消える", COMEDY)
    assert plan.hook is not None and "時々" in plan.hook.line


def test_a_request_of_several_things_is_about_them() -> None:
    who = read("友人に好かれる人の三つの癖", "ja").who
    assert who is not None and who.noun == "三つの癖"
