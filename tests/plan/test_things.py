"""Things have a state, a place and an owner, as far as action and line tell them."""

from __future__ import annotations

import pytest

from renderers.animatic.compose import Tableau
from renderers.animatic.motion import Shooting, parts_for, still
from renderers.scene import Scene
from storyboard.media.agreement import Drawn, contradictions
from storyboard.plan import parse_plan, staging
from storyboard.plan.casting import with_looks
from storyboard.plan.things import Holder, things_in

ANN, BOB = Holder("ann", "Ann Lee", "feminine"), Holder("bob", "Bob", "masculine")
Told = tuple[str, str, str, str, str]


@pytest.mark.parametrize(
    ("action", "line", "told"),
    [
        ("", "Why is the cup empty?", [("cup", "empty", "", "", "")]),
        ("", "このカップは空っぽだ。", [("カップ", "empty", "", "", "")]),
        ("", "The box isn't open.", []),
        ("", "Open the box!", []),
        ("", "I lost my keys.", []),
        ("", "One wants the dentist on a mug.", []),
        ("", "Case closed. Gift shop open.", []),
        ("", "I could draw the plant with my eyes shut.", []),
        ("", "I have a robe, a hammer and eleven minutes.", [("hammer", "", "", "", "")]),
        ("", "My keys are in Bob's hand.", [("keys", "", "hand", "bob", "")]),
        ("holds the letter in his hand", "", [("letter", "", "hand", "bob", "")]),
        ("picks up the letter", "", [("letter", "", "hand", "ann", "picked up")]),
        ("puts the cup on the chair", "", [("cup", "", "chair", "ann", "put down")]),
        ("drops the plate and it breaks", "", [("plate", "broken", "floor", "ann", "dropped")]),
        ("", "The clock falls off the wall.", [("clock", "", "", "", "falls")]),
        (
            "",
            "The umbrella is broken, and the box is open.",
            [("umbrella", "broken", "", "", ""), ("box", "open", "", "", "")],
        ),
    ],
)
def test_words_tell_of_things(action: str, line: str, told: list[Told]) -> None:
    found = things_in(action, line, (), (ANN, BOB))
    assert [(t.word, t.state, t.place, t.owner, t.move) for t in found] == told


def staged(scale: str = "medium shot", **beat: object) -> Scene:
    data = {
        "idea": "x", "format": "comedy_5", "title": "T",
        "cast": [
            {"id": "ann", "name": "Ann", "presentation": "feminine", "appearance": "black bob"},
            {"id": "bob", "name": "Bob", "presentation": "masculine", "appearance": "blond hair"},
        ],
        "settings": [{"id": "here", "name": "Here", "place": "cafe"}],
        "beats": [
            {"index": 1, "type": "setup", "setting": "here", "cast": ["ann", "bob"], "shot": {"scale": scale}}
            | beat
        ],
    }  # fmt: skip
    plan = with_looks(parse_plan(data))
    return staging.scenes_of(plan)[plan.beats[0].index]


def seen(scene: Scene, width: int = 360, height: int = 640) -> dict[str, tuple[str, str]]:
    return {s.name: (s.state, s.place) for s in Tableau(scene, width, height).seen()}


@pytest.mark.parametrize(
    ("beat", "shown"),
    [
        ({"line": "Why is the cup empty?", "speaker": "ann"}, {"coffee cup": ("empty", "hand")}),
        ({"line": "Here, a cup.", "speaker": "ann", "props": ["cup"]}, {"coffee cup": ("full", "hand")}),
        ({"action": "puts the cup on the chair", "props": ["cup"]}, {"coffee cup": ("full", "chair")}),
        ({"line": "The book is open on the table.", "speaker": "bob"}, {"book": ("open", "table")}),
        ({"line": "My suitcase is on the floor.", "speaker": "ann"}, {"suitcase": ("closed", "floor")}),
        ({"line": "My phone is broken!", "speaker": "bob"}, {"phone": ("broken", "hand")}),
        ({"line": "You stole my cup.", "speaker": "ann"}, {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("scale", ["full shot", "medium shot", "close-up"])
@pytest.mark.parametrize("size", [(360, 640), (640, 360), (480, 480)])
def test_what_a_line_says_of_a_thing_is_what_is_drawn(
    beat: dict[str, object], shown: dict[str, tuple[str, str]], scale: str, size: tuple[int, int]
) -> None:
    scene = staged(scale, **beat)
    found = seen(scene, *size)
    if scale == "full shot" and "hand" in {place for _, place in shown.values()}:
        # There is room for it on a table or the floor as well.
        assert {n: s for n, (s, _) in found.items()} == {n: s for n, (s, _) in shown.items()}
    else:
        assert found == shown
    drawn = [Drawn(n, n, state, place) for n, (state, place) in found.items()]
    assert contradictions(str(beat.get("line", "")), drawn, []) == []


def test_what_is_dropped_leaves_the_hand_and_reaches_the_floor() -> None:
    scene = staged("full shot", action="drops the plate and it breaks", cast=["bob"])
    tableau = Tableau(scene, 360, 640)
    part = parts_for(tableau, Shooting(360, 640, 24, 72, None, "static", 1))[0]
    before, after = part.at(3), part.at(70)
    assert before.holding and before.released is None
    assert not after.holding and after.released is not None and after.released > 0.5
    picture, _ = still(scene, 360, 640)
    plain, _ = still(staged("full shot", cast=["bob"]), 360, 640)
    assert (picture.toarray() != plain.toarray()).any()


@pytest.mark.parametrize(
    ("action", "first"), [("picks up the cup", False), ("puts down the cup", True)]
)
def test_what_is_picked_up_or_put_down_is_in_the_hand_for_a_part_of_the_shot(
    action: str, first: bool
) -> None:
    scene = staged("medium full shot", action=action, cast=["ann"])
    tableau = Tableau(scene, 360, 640)
    part = parts_for(tableau, Shooting(360, 640, 24, 72, None, "static", 1))[0]
    assert part.at(2).holding is first
    assert part.at(70).holding is not first
