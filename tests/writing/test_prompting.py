"""Image prompts of the records: they read well, say everything, and stay within bounds."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from drafts import drafted

from renderers.scene import EXPRESSIONS, PLACES, ShotScale
from storyboard.plan import Beat, Plan, parse_plan
from storyboard.plan.format_files import list_formats
from storyboard.plan.naming import indefinite, join, romanised
from storyboard.writing.prompting.prompter import pictures, template
from storyboard.writing.prompting.template import prompt as prompt_for
from storyboard.writing.prompting.terms import terms
from storyboard.writing.prompting.wording import MAX_WORDS, MIN_WORDS, shot_terms, words

FORMATS = [format.name for format in list_formats()]


def prompts(plan: Plan) -> dict[str, str]:
    return {called: template(plan, picture).text for called, picture in pictures(plan)}


def text(plan: Plan, beat: Beat) -> str:
    return template(plan, beat).text


def a_plan(beat: dict[str, Any], *, cast: list[dict[str, Any]] | None = None) -> Plan:
    people = [
        {
            "id": "kenta",
            "name": "健太",
            "presentation": "masculine",
            "appearance": "a tall man with a scar on his chin",
            "wardrobe": "a yellow raincoat",
        },
        {"id": "mia", "name": "Mia", "presentation": "feminine", "appearance": "grey bun, thin"},
    ]
    return parse_plan(
        {
            "idea": "x",
            "format": "comedy_5",
            "title": "x",
            "cast": cast or people,
            "settings": [
                {"id": "bar", "name": "Blue Note", "place": "cafe", "lettering": "CLOSED"},
                {"id": "room", "name": "部屋", "place": "bedroom", "time_of_day": "night"},
            ],
            "beats": [{"index": 1, "type": "beat", "setting": "bar", **beat}],
        }
    )


def only(beat: dict[str, Any], **options: Any) -> str:
    plan = a_plan(beat, **options)
    return text(plan, plan.beats[0])


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("format", FORMATS)
def test_every_prompt_of_every_format_is_one_english_paragraph_of_80_to_220_words(
    format: str, language: str
) -> None:
    plan = drafted(format, language)
    signs = [setting.lettering for setting in plan.settings if setting.lettering]
    for name, prompt in prompts(plan).items():
        assert MIN_WORDS <= words(prompt) <= MAX_WORDS, name
        assert "\n" not in prompt and "  " not in prompt and ".." not in prompt, name
        for sign in signs:
            prompt = prompt.replace(f'"{sign}"', "")
        assert not re.search("[぀-ヿ一-鿿]", prompt), f"{name} is not English: {prompt}"


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("format", FORMATS)
def test_everybody_in_frame_is_described_in_full_and_nobody_else(
    format: str, language: str
) -> None:
    plan = drafted(format, language)
    for beat in plan.beats:
        prompt = text(plan, beat)
        assert prompt.startswith(f"{shot_terms(beat.shot)}. ")
        for character in plan.cast:
            seen = character.id in beat.cast
            assert (character.appearance in prompt) == seen
            assert (character.wardrobe in prompt) == seen


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_consent_dilemma_keeps_the_rules_of_its_ten_beats(language: str) -> None:
    plan = drafted("consent_dilemma", language)
    by_beat = {beat.index: text(plan, beat) for beat in plan.beats}
    for silent in (4, 6, 9, 10):
        assert "stays closed" in by_beat[silent] and "mouth open" not in by_beat[silent]
    assert "lips meet exactly at the centre of the frame" in by_beat[7]
    assert by_beat[7].count("lips meet") == 1
    assert "grown adults, fully clothed" in by_beat[7]
    for spoken in (1, 2, 3, 5, 8):
        assert by_beat[spoken].count("mouth open in mid-word") == 1
    assert "courtroom" in by_beat[8] and "cinema" not in by_beat[8] + by_beat[9]
    sign = plan.setting("court").lettering
    assert f'reads exactly "{sign}"' in by_beat[8] and f'"{sign}"' in by_beat[9]
    assert "gavel" in by_beat[9] and "iron bars" in by_beat[10]


def test_references_get_their_meaning_by_number() -> None:
    prompt = only({"cast": ["kenta", "mia"], "action": "waves"})
    assert "Image 1 is the empty Blue Note, image 2 is Kenta and image 3 is Mia." in prompt
    assert "Image" not in prompt_for(a_plan({}), a_plan({}).beats[0])


def test_only_the_speaker_has_an_open_mouth() -> None:
    prompt = only({"cast": ["kenta", "mia"], "speaker": "mia", "line": "Hello."})
    him, her = prompt.index("yellow raincoat"), prompt.index("grey bun")
    assert "mouth closed" in prompt[him:her] and "mouth open" not in prompt[him:her]
    assert "mouth open in mid-word" in prompt[her:]


def test_a_narrated_beat_shows_closed_mouths() -> None:
    prompt = only({"cast": ["kenta"], "speaker": "narrator", "line": "He never spoke."})
    assert "mouth closed" in prompt and "mouth open" not in prompt


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("turns to the window, mouth closed", "He turns to the window."),
        ("pushes the door open", "He pushes the door open."),
        ("two hands on the bar", "Two hands on the bar."),
        ("健太 bows", "Kenta bows."),
    ],
)
def test_an_action_becomes_a_sentence(action: str, said: str) -> None:
    assert said in only({"cast": ["kenta"], "action": action})


@pytest.mark.parametrize(
    ("type", "action", "kiss"),
    [
        ("kiss", "leans in", True),
        ("beat", "kisses her", True),
        ("beat", "kisses her on the cheek", False),
        ("beat", "asks for nothing", False),
    ],
)
def test_lips_are_mentioned_when_two_people_kiss(type: str, action: str, kiss: bool) -> None:
    prompt = only({"type": type, "cast": ["kenta", "mia"], "action": action})
    assert ("lips meet exactly at the centre" in prompt) == kiss


def test_a_prop_is_held_unless_the_action_says_what_becomes_of_it() -> None:
    held = only({"cast": ["mia"], "props": ["umbrella", "map"], "action": "waits"})
    assert "She holds an umbrella in one hand." in held and "In plain view: a map." in held
    assert "holds" not in only({"cast": ["mia"], "props": ["map"], "action": "tears the map"})


def test_a_film_says_what_is_there_and_contradicts_itself_nowhere() -> None:
    denied = r"(?i)\b(nobody|no one|no |without|never|nothing)\b"
    for format in FORMATS:
        for language in ("en", "ja"):
            for name, prompt in prompts(drafted(format, language)).items():
                assert not re.search(denied, prompt), f"{name}: {prompt}"
                assert ("subtitles" in prompt) <= name.startswith(("beat", "the hook"))


def test_the_hook_leaves_room_for_its_title_and_looks_one_way() -> None:
    plan = drafted("comedy_5", "en")
    assert plan.hook is not None
    hook = plan.hook.model_copy(update={"expression": "suspicious"})
    name = plan.character(hook.cast[0]).name
    hook = hook.model_copy(
        update={"image_prompt": f"{name} looks suspicious, straight at the viewer"}
    )
    said = prompt_for(plan, hook)
    assert "edge to edge" not in said and "fills the lower three quarters" in said
    assert f"{name} looks straight at the viewer" in said and "corner" not in said


@pytest.mark.parametrize(
    ("orientation", "said"),
    [
        ("front view", "half turned to each other, both faces open to the camera"),
        ("three-quarter view", "They face each other, each turned a quarter from the camera"),
        ("side view", "stand face to face, both in exact profile"),
    ],
)
def test_two_in_a_talk_face_each_other(orientation: str, said: str) -> None:
    shot = {"orientation": orientation}
    talk = {"cast": ["kenta", "mia"], "speaker": "mia", "line": "Hello.", "shot": shot}
    told = only(talk)
    assert said in told and "facing the camera" not in told
    assert "Their eyes meet" in told
    lowered = only({**talk, "expression": "sad"})
    assert "Their eyes meet" not in lowered and "Kenta looks at Mia" in lowered


def test_somebody_alone_looks_to_where_the_other_one_stands() -> None:
    plan = a_plan({"cast": ["kenta", "mia"]})
    alone = {"index": 2, "type": "beat", "setting": "room", "transition": "crossfade"}
    shot = {"orientation": "three-quarter view"}
    data = plan.model_dump(mode="json")
    data["beats"] += [{**alone, "cast": ["kenta"], "shot": shot}]
    data["beats"] += [{**alone, "index": 3, "cast": ["mia"], "shot": shot}]
    film = parse_plan(data)
    assert "just past the right of the camera" in text(film, film.beat(2))
    assert "just past the left of the camera" in text(film, film.beat(3))


def test_specs_follow_the_style_and_the_distance() -> None:
    plan = a_plan({"cast": ["mia"], "shot": {"scale": "close-up"}})
    assert "Taken with an 85 mm lens at f/1.8" in text(plan, plan.beats[0])
    drawn = plan.model_copy(
        update={"style": plan.style.model_copy(update={"description": "ink drawing on paper"})}
    )
    assert " lens" not in text(drawn, drawn.beats[0]) and "Drawn in " in text(drawn, drawn.beats[0])
    own = plan.style.model_copy(update={"description": "photograph, 35 mm lens"})
    said = text(plan.model_copy(update={"style": own}), plan.beats[0])
    assert "85 mm" not in said and "Natural skin texture" in said


def test_lettering_has_a_place_a_material_and_a_hand() -> None:
    prompt = only({"cast": ["mia"]})
    assert (
        'Above the counter is a black chalkboard that reads exactly "CLOSED" in white hand-chalked '
        "letters" in prompt
    )
    poster = only({"cast": ["mia"], "props": ['poster "HAIKU NIGHT"', "letter"]})
    assert 'The poster reads exactly "HAIKU NIGHT"' in poster
    assert "written side of the letter is turned away" in poster


def test_a_verb_of_face_and_action_is_said_once() -> None:
    prompt = only(
        {"cast": ["mia"], "expression": "shocked", "action": "freezes, one hand in the air"}
    )
    assert "She freezes, one hand in the air, eyes wide open" in prompt
    assert prompt.count("freezes") == 1


def test_a_face_looks_where_the_action_looks() -> None:
    up = only({"cast": ["mia"], "expression": "embarrassed", "action": "looks up, hands folded"})
    assert "She blushes, chin lowered and eyebrows raised. She looks up, hands folded" in up
    aside = only({"cast": ["mia"], "expression": "embarrassed", "action": "folds the hands"})
    assert "She blushes and glances aside with the chin lowered" in aside


def test_an_empty_place_says_so() -> None:
    prompt = only({"setting": "room"})
    assert "The place is deserted" in prompt and "five fingers" not in prompt
    assert "a bedroom at night" in prompt and words(prompt) >= MIN_WORDS


def test_long_records_push_out_what_matters_least_and_never_themselves() -> None:
    looks = "a man with " + ", ".join(f"a mark number {i}" for i in range(60))
    prompt = only({"cast": ["kenta"]}, cast=[{"id": "kenta", "name": "Kenta", "appearance": looks}])
    assert looks in prompt and "subtitles" not in prompt and "Only Kenta" in prompt


def test_quotes_inside_lettering_cannot_end_it() -> None:
    plan = a_plan({})
    sign = plan.settings[0].model_copy(update={"lettering": 'THE "END"'})
    assert "\"THE 'END'\"" in prompt_for(plan, sign)


def test_the_terms_cover_their_vocabularies() -> None:
    assert set(terms().expressions) == set(EXPRESSIONS)
    assert set(terms().places) == set(PLACES)
    assert set(terms().scales) == set(get_args(ShotScale))
    assert len(terms().angles) == len(terms().orientations) == len(terms().light) == 4


@pytest.mark.parametrize(
    ("name", "latin"),
    [("カイト", "Kaito"), ("佐藤 美咲", "Sato Misaki"), ("Zoë", "Zoë"), ("リョーコ", "Ryoko")],
)
def test_names_are_written_in_latin_letters(name: str, latin: str) -> None:
    assert romanised(name) == latin


def test_small_grammar() -> None:
    assert indefinite("old map") == "an old map" and indefinite("glasses") == "glasses"
    assert indefinite("Blue Note") == "Blue Note" and indefinite("two cups") == "two cups"
    assert join(["a", "b", "c"]) == "a, b and c" and join([]) == ""


def test_another_name_rewords_the_pictures_of_who_bears_it_and_no_others() -> None:
    plan = drafted("comedy_5", "en")
    bearer = plan.beats[0].cast[0]
    cast = [c.model_copy(update={"name": "Zelda"}) if c.id == bearer else c for c in plan.cast]
    renamed = prompts(plan.model_copy(update={"cast": cast}))
    apart = [f"beat {b.index}" for b in plan.beats if bearer not in b.cast]
    apart += [f"the place {setting.name}" for setting in plan.settings]
    before = prompts(plan)
    # A beat that names somebody who is not in it has its action reworded by whoever renames.
    assert {name: before[name] for name in apart} == {name: renamed[name] for name in apart}
    assert before["beat 1"] != renamed["beat 1"]
