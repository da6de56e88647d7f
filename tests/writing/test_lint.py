"""Lines that nobody could say, as models write them, and good lines beside them."""

from __future__ import annotations

import pytest

from renderers.scene import AgeGroup, Presentation
from storyboard.plan import Language
from storyboard.plan.format_files import load_format
from storyboard.writing.planning.lint import (
    is_copied,
    line_faults,
    nearly_alike,
    other_language,
    plain_line,
    repeats,
)
from storyboard.writing.planning.looks import look_faults
from storyboard.writing.planning.schema import parts_in_order, script_schema
from storyboard.writing.planning.strength import designs
from storyboard.writing.planning.tidy import reads, tidied

NAMES = ("lead", "foil", "Greg", "Ana Ruiz", "黒崎")


def faults(line: str, language: Language = "en", speaker: str = "Greg", limit: int = 84) -> str:
    return " ".join(line_faults(line, language, speaker, NAMES, limit))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Line 1 goes here.", "never written"),
        ("Lorem ipsum dolor sit amet.", "never written"),
        ("string", "never written"),
        ("As an AI, I have no taste for coffee.", "a machine says"),
        ("I'm sorry, but I can't assist with that.", "a machine says"),
        ('Greg: "Steam rises."', "names who speaks"),
        ("What a coffee! Greg: How much is it?", "has 'Greg' speak as well"),
        ("Greg looks at the cup and sighs.", "tells what is done"),
        ('"Well," she said.', "tells what is done"),
        ("The coffee is ready and the", "ends too early"),
        ("The coffee tastesjust like rain.", "two words in one: 'tastesjust'"),
        ("Je voudrais un café, monsieur.", "not English but another language (fr)"),
        ("Ich liebe dich.", "not English but another language (de)"),
        ("これは日本語のせりふです。", "not English but in Hiragana letters"),
        ("Это русский текст.", "not English but in Cyrillic letters"),
        ("今天天气很好，我们走吧。", "not English but in Chinese letters"),
        ("Find it all at https://x.example now.", "has an address"),
    ],
)
def test_what_is_no_line_is_found(line: str, fault: str) -> None:
    assert fault in faults(line)


def test_a_line_that_a_grammar_cut_is_found() -> None:
    assert "ends too early" in faults("A barista may only speak in verse. The barb", limit=44)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("ここに台詞を入れる", "never written"),
        ("言語モデルなので答えられません。", "a machine says"),
        ("黒崎：「おい、待て。」", "names who speaks"),
        ("我们明天去看电影吧。", "not Japanese but Chinese"),
        ("我爱你。", "not Japanese but Chinese"),
        ("안녕하세요", "not Japanese but Korean"),
        ("それから、", "ends too early"),
    ],
)
def test_what_is_no_japanese_line_is_found(line: str, fault: str) -> None:
    assert fault in faults(line, "ja", "黒崎")


@pytest.mark.parametrize(
    "line",
    [
        "One latte, please.",
        "Steam. Patience. Cream.",
        "Guilty, your honour!",
        "Nope.",
        "Ciao!",
        "I said: no.",
        "Two things: rain and rent.",
        "It is unlike him to be herewith dismissed.",
        "He says he is fine.",
        "Greg. My name is Greg.",
        "Mon dieu, the croissants!",
        "Café au lait for Émile.",
        "My cat says you owe him three tins",
        "Sushi, ramen, tempura.",
        "Somewhat likely. Therewith, goodbye.",
    ],
)
def test_what_one_would_say_is_left_alone(line: str) -> None:
    assert faults(line) == ""


@pytest.mark.parametrize(
    "line",
    ["大丈夫。", "了解。", "本日休業。", "完全無罪！", "東京駅前。", "もう終電だよ", "何だって？"],
)
def test_what_one_would_say_in_japanese_is_left_alone(line: str) -> None:
    assert faults(line, "ja", "黒崎") == ""


def test_a_copied_brief_is_found_and_an_echo_of_it_is_not() -> None:
    briefs = ("Say what the viewer is thinking, drily and in few words.", "A barista in haiku")
    assert is_copied("Say what the viewer is thinking, drily.", briefs)
    assert not is_copied("What is the viewer thinking, you ask?", briefs)
    assert not is_copied("A barista.", briefs)


def test_lines_that_say_the_same_are_found() -> None:
    assert nearly_alike("You must not board that train.", "You must not board this train!")
    assert not nearly_alike("You must not board that train.", "The train must not leave yet.")
    assert nearly_alike("電車は消えた。", "電車は、消えた！")


@pytest.mark.parametrize(
    ("line", "other", "repeated"),
    [
        (
            "Haha! You're finally a friend. That will be four ninety-five. Tips are syllables.",
            "Finally, a friend. That will be four ninety-five. Tips are syllables.",
            True,
        ),
        ("空は青いの。太陽は白い。空は誰が塗った？", "太陽は白い。では空は誰が塗った？", True),
        ("Excited. I am excited.", "...Excited. I am excited. ...Four hundred?", True),
        ("He orders butter. He gets a donkey.", "A tourist orders butter in Rome.", False),
        (
            "空はなぜ青く見えるのか、目で確かめよう。",
            "太陽は白、宇宙は黒。なぜ空だけ青いの？",
            False,
        ),
    ],
)
def test_a_line_with_something_around_it_is_that_line(
    line: str, other: str, repeated: bool
) -> None:
    assert repeats(line, other) is repeated


def test_labels_and_quotes_around_a_line_are_taken_off() -> None:
    assert plain_line('Greg: "Steam rises."', NAMES) == "Steam rises."
    assert plain_line("「おい、待て。」", NAMES) == "おい、待て。"
    assert plain_line("Remember: no milk.", NAMES) == "Remember: no milk."
    assert plain_line('"Yes" and "no".', NAMES) == '"Yes" and "no".'


def test_a_reading_is_kept_only_where_it_reads_the_line() -> None:
    assert reads("くろさきは、かえらない。", "黒崎は、帰らない。", "ja")
    assert not reads("none", "黒崎は、帰らない。", "ja")
    assert not reads("おはようございます", "黒崎は、帰らない。", "ja")
    assert not reads("Grek", "Greg is late.", "en")
    assert other_language("Tokyo", "en") == ""
    assert other_language("Strawberry is いちご, Mia.", "en") == ""
    assert other_language("Wi-FiのパスワードはABC123です", "ja") == ""
    assert other_language("佐々木ーラーメン", "ja") == ""


def test_what_is_left_out_of_a_script_is_told() -> None:
    from storyboard.plan.format_files import load_format

    told: list[str] = []
    beat = {"line": 'Mia: "Well."', "reading": "none"}
    script = {"cast": {"lead": {"name": "Mia"}}, "beats": {"1_setup": beat}}
    mended = tidied(script, load_format("comedy_5"), "en", told.append)  # type: ignore[arg-type]
    assert mended == {**script, "beats": {"1_setup": {"line": "Well.", "reading": ""}}}
    assert told == ["beats.1_setup.reading was left out: 'none' does not read the line."]


@pytest.mark.parametrize(
    ("age", "presentation", "looks", "fault"),
    [
        ("adult", "feminine", "a bearded man in his forties", "presentation is feminine"),
        ("young", "masculine", "a woman with a black bob", "presentation is masculine"),
        ("adult", "masculine", "a boy of nine with freckles", "the age is adult"),
        ("young", "feminine", "a woman in her seventies, grey bun", "the age is young"),
        ("elder", "neutral", "aged 32, tall", "the age is elder"),
        ("child", "neutral", "an elderly person with a stick", "the age is child"),
        ("adult", "feminine", "a red lingerie set", "not to be shown"),
        ("child", "feminine", "a bikini with stars", "not to be shown"),
    ],
)
def test_looks_that_contradict_who_somebody_is_are_found(
    age: AgeGroup, presentation: Presentation, looks: str, fault: str
) -> None:
    assert any(fault in found for found in look_faults(age, presentation, looks))


@pytest.mark.parametrize(
    ("age", "presentation", "looks"),
    [
        ("adult", "feminine", "a woman in her thirties, her hair in a bun"),
        ("young", "masculine", "a teenage boy with braces"),
        ("young", "feminine", "a woman of about twenty"),
        ("adult", "feminine", "a girl of thirty with dimples"),
        ("elder", "masculine", "an old man, bald"),
        ("adult", "neutral", "a tall person in his father's coat"),
        ("child", "masculine", "a 9-year-old, ginger hair"),
        ("adult", "feminine", "a woman in a man's jacket"),
    ],
)
def test_looks_that_agree_are_no_fault(
    age: AgeGroup, presentation: Presentation, looks: str
) -> None:
    assert not list(look_faults(age, presentation, looks))


def test_a_film_of_adults_has_nobody_younger() -> None:
    assert list(look_faults("young", "masculine", "a 16-year-old in a hoodie", adults_only=True))
    assert not list(look_faults("young", "masculine", "a man of twenty", adults_only=True))


def test_style_and_lettering_are_asked_only_of_models_that_can() -> None:
    format = load_format("comedy_5")
    whole = script_schema(format, "en")
    small = script_schema(format, "en", designs=designs("qwen3-14b"))
    assert "style" in whole["required"] and "style" not in small["properties"]
    assert "lettering" not in small["$defs"]["ScriptSetting"]["required"]
    assert "style" not in " ".join(parts_in_order(small))
    assert designs("gemma-4-31b") and designs("gpt-6") and not designs("llama-3-8b")
