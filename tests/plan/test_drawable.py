"""What the animatic cannot draw of a plan is told, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from renderers.animatic.looks import look_for
from renderers.animatic.motion import still
from renderers.animatic.wardrobe import GARMENT_WORDS, WORN_WORDS, named, undrawn
from renderers.scene import Avatar, Figure, Scene, Shot
from storyboard.plan import Plan, parse_plan
from storyboard.plan.casting import with_looks
from storyboard.plan.drawable import undrawable, without_drawing
from storyboard.plan.format_files import load_format
from storyboard.plan.staging import scenes_of
from storyboard.writing.offline.lexicon import lexicon

FORMATS = ("comedy_5", "consent_dilemma", "explainer", "language_mishap")


def plan(wardrobe: str, line: str) -> Plan:
    data = {
        "idea": "x", "format": "comedy_5", "title": "T",
        "cast": [{"id": "ann", "name": "Ann", "appearance": "black bob", "wardrobe": wardrobe}],
        "settings": [{"id": "here", "name": "Here", "place": "cafe"}],
        "beats": [{"index": 1, "type": "setup", "setting": "here", "cast": ["ann"], "speaker": "ann", "line": line}],
    }  # fmt: skip
    return with_looks(parse_plan(data))


def told(plan: Plan) -> list[str]:
    return list(undrawable(plan, scenes_of(plan)))


def test_clothes_and_states_that_are_not_drawn_are_told() -> None:
    notes = told(plan("a leopard tunic", "My guitar is empty."))
    assert len(notes) == 2
    assert notes[0].startswith(
        "cast[0].wardrobe: the animatic cannot draw 'tunic' or 'leopard' (of Ann's wardrobe)"
    )
    assert notes[1].startswith("beats[0]: the animatic cannot draw 'guitar' empty")


def test_a_wardrobe_without_any_garment_that_is_known_is_told() -> None:
    (note,) = told(plan("a beekeeper's outfit", "Hello."))
    assert "cannot draw 'a beekeeper's outfit'" in note


@pytest.mark.parametrize(
    ("wardrobe", "worn", "plain"),
    [
        ("a checked shirt", "checked", "a shirt"),
        ("a grey scarf", "scarf", "a grey shirt"),
        ("a red cape over a suit", "cape", "a suit"),
        ("a blue cardigan and a lanyard", "lanyard", "a blue cardigan"),
        ("a yellow shirt and a headset", "headset", "a yellow shirt"),
        ("a flat cap and a jacket", "cap", "a jacket"),
        ("花柄のワンピース", "flowered", "ワンピース"),
    ],
)
def test_what_is_worn_over_a_garment_is_seen(wardrobe: str, worn: str, plain: str) -> None:
    asked = look_for(wardrobe, "adult", "feminine", 4, ())
    assert asked.worn == worn and look_for(plain, "adult", "feminine", 4, ()).worn == ""

    def drawn(look: Avatar) -> bytes:
        figure = Figure("a", "A", look)
        scene = Scene("office", figures=(figure,), focus="a", shot=Shot("medium full shot"))
        return still(scene, 180, 320)[0].tobytes()

    assert drawn(asked) != drawn(replace(asked, worn=""))


def test_what_is_drawn_is_not_talked_about() -> None:
    assert told(plan("a red apron", "My cup is empty, my guitar is broken.")) == []


def test_no_shipped_wardrobe_asks_for_what_is_not_drawn() -> None:
    asked = {
        words
        for name in FORMATS
        for words in (
            *(w for role in load_format(name).roles for w in role.wardrobe),
            *(r.wardrobe for t in load_format(name).threads for r in t.roles.values()),
        )
    } | {entry.wardrobe for entry in lexicon().roles}
    worded = {words for words in asked if words}
    assert len(worded) > 100
    assert {words: lacking for words in worded if (lacking := undrawn(words))} == {}
    assert [words for words in worded if not named(GARMENT_WORDS | WORN_WORDS, words)] == []


def test_what_carries_an_idea_and_has_no_drawing_is_told() -> None:
    (note,) = without_drawing(["stilts", "lighthouse", "a penguin", "beach", "漬物"])
    assert note == (
        "idea: the animatic has no drawing of 'stilts' or '漬物': it is spoken of, not seen"
    )
    assert without_drawing(["washing machine", "灯台", "wedding cake"]) == []


def test_that_nobody_draws_what_is_no_thing_is_no_lack() -> None:
    assert (
        without_drawing(["the dark", "loneliness", "riddles", "opera", "優しさ", "人生相談"]) == []
    )
