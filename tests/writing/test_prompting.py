"""Image prompts of the records: they read well, say everything, and stay within bounds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drafts import drafted

from renderers.scene import EXPRESSIONS, PLACES, SHOT_SCALES
from storyboard.plan import Beat, Plan, parse_plan
from storyboard.plan.formats import list_formats
from storyboard.plan.naming import indefinite, join, romanised
from storyboard.writing.prompting.references import choose, choose_for_hook
from storyboard.writing.prompting.template import (
    MAX_WORDS,
    MIN_WORDS,
    beat_prompt,
    character_prompt,
    hook_prompt,
    setting_prompt,
    shot_terms,
    words,
)
from storyboard.writing.prompting.terms import terms

FORMATS = [format.name for format in list_formats()]


def prompts(plan: Plan) -> dict[str, str]:
    found = {f"beat {b.index}": text(plan, b) for b in plan.beats}
    found |= {f"setting {s.id}": setting_prompt(plan, s) for s in plan.settings}
    found |= {f"character {c.id}": character_prompt(plan, c) for c in plan.cast}
    if plan.hook:
        references = choose_for_hook(plan.hook).references
        found["hook"] = hook_prompt(plan, plan.hook, references)
    return found


def text(plan: Plan, beat: Beat) -> str:
    return beat_prompt(plan, beat, choose(plan, beat).references)


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
        assert "Nobody speaks" in by_beat[silent] and "mouth open" not in by_beat[silent]
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
    assert "Image" not in beat_prompt(a_plan({}), a_plan({}).beats[0])


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


def test_an_empty_place_says_so() -> None:
    prompt = only({"setting": "room"})
    assert "The place is empty of people." in prompt and "five fingers" not in prompt
    assert "a bedroom at night" in prompt and words(prompt) >= MIN_WORDS


def test_long_records_push_out_what_matters_least_and_never_themselves() -> None:
    looks = "a man with " + ", ".join(f"a mark number {i}" for i in range(60))
    prompt = only({"cast": ["kenta"]}, cast=[{"id": "kenta", "name": "Kenta", "appearance": looks}])
    assert looks in prompt and "subtitles" not in prompt and "Only Kenta" in prompt


def test_quotes_inside_lettering_cannot_end_it() -> None:
    plan = a_plan({})
    sign = plan.settings[0].model_copy(update={"lettering": 'THE "END"'})
    assert "\"THE 'END'\"" in setting_prompt(plan, sign)


def test_the_terms_cover_their_vocabularies() -> None:
    assert set(terms().expressions) == set(EXPRESSIONS)
    assert set(terms().places) == set(PLACES)
    assert set(terms().scales) == set(SHOT_SCALES)
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
