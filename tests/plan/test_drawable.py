"""What the animatic cannot draw of a plan is told, and nothing else."""

from __future__ import annotations

from storyboard.plan import Plan, parse_plan
from storyboard.plan.casting import with_looks
from storyboard.plan.drawable import undrawable


def plan(wardrobe: str, line: str) -> Plan:
    data = {
        "idea": "x", "format": "comedy_5", "title": "T",
        "cast": [{"id": "ann", "name": "Ann", "appearance": "black bob", "wardrobe": wardrobe}],
        "settings": [{"id": "here", "name": "Here", "place": "cafe"}],
        "beats": [{"index": 1, "type": "setup", "setting": "here", "cast": ["ann"], "speaker": "ann", "line": line}],
    }  # fmt: skip
    return with_looks(parse_plan(data))


def test_clothes_and_states_that_are_not_drawn_are_told() -> None:
    notes = list(undrawable(plan("a cape over a checked shirt", "My guitar is empty.")))
    assert len(notes) == 2
    assert notes[0].startswith(
        "cast[0].wardrobe: the animatic cannot draw 'cape' or 'checked' (of Ann's wardrobe)"
    )
    assert notes[1].startswith("beats[0]: the animatic cannot draw 'guitar' empty")


def test_what_is_drawn_is_not_talked_about() -> None:
    assert list(undrawable(plan("a red apron", "My cup is empty, my guitar is broken."))) == []
