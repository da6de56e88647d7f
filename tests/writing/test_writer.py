"""The offline writer: any idea becomes a valid plan of its own, and tells a whole story."""

from __future__ import annotations

import itertools
import re

import pytest
from drafts import SharedWords

from storyboard.core.errors import UsageError
from storyboard.plan import Plan, dump_plan, parse_plan
from storyboard.plan.format_files import list_formats, load_format
from storyboard.plan.formats import Format
from storyboard.writing.offline import (
    IdeaRefused,
    detect_language,
    language_note,
    stand_in,
    write_plan,
)
from storyboard.writing.offline.idea import clean, read_idea

COMEDY = load_format("comedy_5")
IDEAS = {
    "plain": "A barista who can only speak in haiku",
    "plain ja": "俳句でしか話せないバリスタ",
    "one word": "Tax",
    "one kanji": "猫",
    "one letter": "x",
    "one mark": "。",
    "emoji": "🍕🍕🍕",
    "other emoji": "👻🚀",
    "quotes": "She said \"no: 100%\" and 'left' — {really}",
    "address": "https://example.com/blog/2024/penguins-on-ice.html?utm=1",
    "insult": "You are a stupid idiot and I hate you",
    "insult ja": "お前は本当に馬鹿だな",
    "recipe": "Pancakes\nIngredients: 2 eggs, 200 g flour\n1. Mix. 2. Fry. 3. Serve.",
    "recipe ja": "肉じゃがの作り方：じゃがいも4個、玉ねぎ1個、牛肉200g、しょうゆ大さじ3",
    "arabic": "قطة تتكلم مع القمر",
    "hebrew": "שלום עולם",
    "controls": "a\x00b\x07 robot\u200b who <b>takes</b> everything **literally**",
    "mixed": "Kenta と Misaki の first date in 東京",
    "long": ("A long tale of a village baker. " * 70)[:2000],
    "ghost ja": "終電を逃したサラリーマンが幽霊と出会う",
    "machine ja": "自動販売機が恋をした",
    "keeper": "A lonely lighthouse keeper who befriends a seagull",
    "child": "A little girl who is afraid of the dark",
    "loop": "The same Monday, again and again",
    "physics": "quantum physics",
    "hall": "A penguin who works at city hall",
    "chess": "An old man teaches his grandson chess",
}


@pytest.fixture(scope="module", params=list_formats(), ids=lambda f: f.name)
def drafts(request: pytest.FixtureRequest) -> tuple[Format, dict[str, Plan]]:
    format: Format = request.param
    ideas = dict(IDEAS)
    if format.name == "consent_dilemma":
        # Nobody young gets into a film about a kiss, not even by name.
        del ideas["child"], ideas["chess"]
    return format, {name: write_plan(idea, format) for name, idea in ideas.items()}


Drafts = tuple[Format, dict[str, Plan]]


def said(plan: Plan) -> list[str]:
    hook = [plan.hook.title, plan.hook.line] if plan.hook else []
    return [plan.title, *hook, *(beat.line for beat in plan.beats if beat.speaker)]


def test_every_plan_holds_and_says_who_wrote_it(drafts: Drafts) -> None:
    for plan in drafts[1].values():
        assert parse_plan(plan.model_dump(mode="json")) == plan
        assert plan.author == "offline draft"


def test_lines_are_clean_and_short_enough_to_say(drafts: Drafts) -> None:
    format, plans = drafts
    for name, plan in plans.items():
        for line in said(plan):
            assert line.strip(), name
            assert not re.search(r"[{}<>*_#\x00-\x1f]|https?:|www\.|example\.", line), line
            assert not re.search("idiot|stupid|馬鹿", line), line
        for spec, beat in zip(format.beats, plan.beats, strict=True):
            assert len(beat.line) <= spec.max_chars[plan.language], beat.line


def test_lines_are_in_the_films_language(drafts: Drafts) -> None:
    for name, plan in drafts[1].items():
        expected = "ja" if re.search("[ぁ-んァ-ヴ]", IDEAS[name]) or name == "one kanji" else "en"
        assert plan.language == expected, name
        for line in said(plan)[2:]:
            assert bool(re.search("[ぁ-んァ-ヴ一-龠]", line)) == (expected == "ja"), line


def test_ideas_give_different_films(drafts: Drafts) -> None:
    plans = drafts[1]
    for (one, a), (other, b) in itertools.combinations(plans.items(), 2):
        assert [x.line for x in a.beats] != [x.line for x in b.beats], f"{one} and {other}"
        look_a = (a.style, a.cast, a.settings)
        assert look_a != (b.style, b.cast, b.settings), f"{one} and {other}"


def test_films_have_the_length_of_a_short(drafts: Drafts) -> None:
    for plan in drafts[1].values():
        hook = plan.hook.duration if plan.hook else 0
        assert 18 <= hook + sum(beat.duration for beat in plan.beats) <= 42


def test_nobody_young_is_in_the_consent_dilemma() -> None:
    format = load_format("consent_dilemma")
    for idea in ("A little girl at school", "高校生の恋", "two kids and a student"):
        with pytest.raises(IdeaRefused, match=r"name adults|say that they are adults"):
            write_plan(idea, format)
    assert {c.age for c in write_plan("A night nurse", format).cast} <= {"adult", "elder"}


def test_the_same_idea_and_seed_give_the_same_plan() -> None:
    idea = IDEAS["keeper"]
    assert dump_plan(write_plan(idea, COMEDY)) == dump_plan(write_plan(idea, COMEDY))
    assert write_plan(idea, COMEDY) != write_plan(idea, COMEDY, seed=7)


def test_the_readme_idea_is_told_in_haiku_by_a_barista() -> None:
    plan = write_plan(IDEAS["plain"], COMEDY)
    assert plan.settings[0].place == "cafe"
    assert plan.cast[0].role == "barista"
    assert "apron" in plan.cast[0].wardrobe
    assert plan.beats[0].line == (
        "Morning. Rain outside. What small warmth may I pour you? Oat milk costs extra."
    )
    assert plan.beats[0].props == ["cup"]


@pytest.mark.parametrize(
    ("idea", "word"),
    [
        ("A penguin who works at city hall", "penguin"),
        ("An old man teaches his grandson chess", "chess"),
        ("https://example.com/penguins-on-ice.html", "penguin"),
        ("Pancakes\nIngredients: 2 eggs", "pancakes"),
        ("肉じゃがの作り方", "肉じゃが"),
    ],
)
def test_a_film_names_what_its_idea_is_about(idea: str, word: str) -> None:
    assert word in " ".join(said(write_plan(idea, COMEDY))).lower()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("A cat", "en"),
        ("猫", "ja"),
        ("ねこ", "ja"),
        ("Kenta の話", "ja"),
        ("🍕", "en"),
        ("", "en"),
        ("قطة", "en"),
        ("the kanji 猫 means cat", "en"),
    ],
)
def test_the_language_of_an_idea_is_detected(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_language_and_aspect_can_be_chosen() -> None:
    plan = write_plan("猫の面接", COMEDY, language="en", aspect="16:9")
    assert plan.language == "en"
    assert (plan.canvas.width, plan.canvas.height) == (1280, 720)
    assert "cat" in " ".join(said(plan)).lower()


def test_an_idea_is_understood() -> None:
    idea = read_idea("A nurse named Rosa meets a ghost at the station at midnight", "en")
    assert (idea.role, idea.place, idea.place_kind) == ("nurse", "station", "station")
    assert idea.names == ("Rosa",)
    assert idea.time_of_day == "night"
    assert {"nurse", "ghost", "station"} <= idea.facts
    japanese = read_idea("図書館の司書とパンダと日本の本当の話", "ja")
    assert (japanese.role, japanese.place) == ("司書", "図書館")
    # Neither パン in パンダ nor 本 in 日本 and 本当.
    assert not {"food", "book"} & japanese.facts


def test_addresses_and_markup_leave_only_words() -> None:
    assert clean("<b>see</b> https://a.example/my-cat_story.html\x00 **now**") == (
        "see my cat story now"
    )


def test_an_empty_or_endless_idea_is_refused() -> None:
    with pytest.raises(UsageError, match="the idea is empty"):
        write_plan(" \n", COMEDY)
    with pytest.raises(UsageError, match="5000 characters; 4000 are allowed"):
        write_plan("a" * 5000, COMEDY)


def test_a_format_without_stories_in_a_language_says_so() -> None:
    english = COMEDY.model_copy(update={"threads": COMEDY.threads_in("en")})
    with pytest.raises(UsageError, match="no hand-written threads in 'ja' \\(it has: en\\)"):
        write_plan("猫", english)


def test_it_also_writes_without_the_embedding_model() -> None:
    plan = write_plan(IDEAS["plain"], COMEDY, nearness=SharedWords())
    assert plan.title
    assert len(plan.beats) == 5


def test_no_two_of_a_cast_have_hair_of_one_colour() -> None:
    for seed in range(12):
        plan = write_plan(
            "A tourist orders lunch", load_format("language_mishap"), "en", None, seed
        )
        colours = [c.appearance.partition(" hair")[0].split(" with ")[1] for c in plan.cast]
        colours = [" ".join(colour.split()[1:]) for colour in colours if "grey" not in colour]
        assert len(set(colours)) == len(colours)


@pytest.mark.parametrize(
    ("idea", "language"),
    [
        ("A samurai goes to スターバックス and orders a latte ☕", "en"),
        ("コーヒー", "ja"),
        ("Netflixを見る猫", "ja"),
        ("終電", "ja"),
        ("2+2=5", "en"),
    ],
)
def test_the_language_is_that_of_the_sentence_not_of_a_name_in_it(idea: str, language: str) -> None:
    assert detect_language(idea) == language


@pytest.mark.parametrize(
    ("idea", "role"),
    [
        ("김치를 무서워하는 요리사", "chef"),  # a chef who is afraid of kimchi
        ("Робот, который боится темноты", "robot"),  # a robot who is afraid of the dark
        ("un perro que vende seguros", "dog"),  # a dog who sells insurance
        ("แมวเป็นประธานบริษัท", "cat"),  # a cat is head of the company
    ],
)
def test_an_idea_in_another_language_is_understood_by_its_meaning(idea: str, role: str) -> None:
    plan = write_plan(idea, COMEDY, "en")
    assert role in " ".join(said(plan)).lower()
    assert "stand-in" in stand_in(plan)
    assert all(beat.line.isascii() for beat in plan.beats)


def test_a_name_inside_an_idea_is_its_topic() -> None:
    assert read_idea("My grandmother discovers TikTok", "en").topic == "TikTok"
    assert read_idea("Two dentists named Ann meet on Monday", "en").topic != "Monday"


@pytest.mark.parametrize(
    ("idea", "word"),
    [
        ("A dragon who collects teapots", "dragon"),
        ("Your videos are terrible", "videos"),
        ("A beekeeper and her hives", "beekeeper"),
        ("図書館司書の佐藤さん", "司書"),
        ("養蜂家の引っ越し", "養蜂家"),
    ],
)
def test_the_consent_dilemma_takes_up_the_idea_and_quotes_the_refusal(idea: str, word: str) -> None:
    plan = write_plan(idea, load_format("consent_dilemma"))
    assert sum(word in line.lower() for line in said(plan)) >= 3
    refusal, verdict = plan.beats[2].line, plan.beats[7].line
    assert "…" in refusal or "..." in refusal
    assert re.search(r"[『'].+[』']", verdict)


def test_contractions_and_the_word_recipe_are_no_topics() -> None:
    assert "didn" not in read_idea("the {name} didn't work", "en").topic
    recipe = read_idea("Recipe: 200 g spaghetti, 2 eggs, pepper", "en")
    assert (recipe.thing, recipe.place_kind) == ("spaghetti", "kitchen")
    assert read_idea("A recipe for disaster", "en").thing == ""


def test_a_single_kanji_is_a_topic_where_a_particle_says_that_it_is_a_word() -> None:
    assert read_idea("なぜ空は青いのですか？", "ja").topic == "空"
    assert read_idea("私は眠い", "ja").topic == ""


def test_an_explainer_about_an_animal_has_a_person_for_a_host() -> None:
    plan = write_plan("Why do cats always land on their feet?", load_format("explainer"))
    assert "ears" not in plan.cast[0].wardrobe
    assert "cat" in plan.beats[0].props


@pytest.mark.parametrize(
    ("idea", "film"),
    [
        ("一个害怕黑暗的夜班保安", "Japanese"),  # a watchman who is afraid of the dark
        ("这是猫", "Japanese"),
        ("Un fantôme qui cherche un appartement à Lyon", "English"),
        ("ein roboter der nicht mit dem staubsauger redet", "English"),
        ("밤마다 빵을 굽는 우주비행사", "English"),
    ],
)
def test_somebody_with_another_language_is_told_which_the_film_will_have(
    idea: str, film: str
) -> None:
    assert f"will be in {film}" in language_note(idea, detect_language(idea))


@pytest.mark.parametrize(
    "idea", ["Umbrella", "夜行列車殺人事件", "傘", "🐙🎻", "pancakes: flour, milk, eggs", "Le Mans"]
)
def test_few_words_are_not_taken_for_another_language(idea: str) -> None:
    assert language_note(idea, detect_language(idea)) == ""


@pytest.mark.parametrize("idea", ["Umbrella", "傘"])
def test_nobody_holds_the_umbrella_that_was_left_at_home(idea: str) -> None:
    beats = write_plan(idea, COMEDY).beats
    assert beats[0].props == []
    assert beats[1].props == ["umbrella"]
