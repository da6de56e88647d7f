"""The small film that the labelled set is drawn from: four people who cannot be mixed up.

Knows: one plan. Does not know: what is planted in its pictures.
"""

from __future__ import annotations

from typing import Any

from renderers.base import VoiceInfo
from storyboard.casting import cast_plan
from storyboard.plan import Plan, parse_plan

CAST = ("ida", "tom", "mei", "sam")
_PEOPLE = {
    "ida": ("elder", "feminine", "grey hair in a bun, round glasses", "a black robe"),
    "tom": ("adult", "masculine", "a red beard, short red hair", "a yellow raincoat"),
    "mei": ("young", "feminine", "long straight black hair", "a white chef's jacket"),
    "sam": ("adult", "masculine", "a bald head and dark skin", "a blue suit and tie"),
}
_PLACES = {"cafe": "Corner Café", "court": "Court 2", "park": "Park", "office": "Office"}
_KINDS = {"cafe": "cafe", "court": "courtroom", "park": "park", "office": "office"}
_BEATS: tuple[tuple[tuple[str, ...], str, str, str, str | None], ...] = (
    (("ida",), "court", "medium shot", "neutral", None),
    (("tom",), "cafe", "medium shot", "sad", "tom"),
    (("mei",), "cafe", "medium close-up", "determined", None),
    (("sam",), "office", "medium shot", "suspicious", None),
    (("ida", "tom"), "court", "medium shot", "angry", "ida"),
    (("mei", "sam"), "park", "medium full shot", "neutral", None),
    (("tom",), "park", "full shot", "deadpan", None),
    (("sam", "ida"), "office", "medium shot", "surprised", "sam"),
    (("mei",), "office", "close-up", "tired", None),
    (("tom", "mei"), "cafe", "medium shot", "smug", None),
    (("ida",), "park", "medium full shot", "hopeful", "ida"),
    (("sam",), "court", "medium close-up", "embarrassed", None),
)


def stand_in_plan() -> Plan:
    """Twelve beats, eight of them silent, in four places, with a hook; cast and complete."""
    cast: list[dict[str, Any]] = [
        {
            "id": id,
            "name": id.title(),
            "age": age,
            "presentation": presentation,
            "appearance": looks,
            "wardrobe": clothes,
        }
        for id, (age, presentation, looks, clothes) in _PEOPLE.items()
    ]
    beats: list[dict[str, Any]] = [
        {
            "index": index,
            "type": "beat",
            "cast": people,
            "setting": setting,
            "shot": {"scale": scale},
            "expression": expression,
            "speaker": speaker,
            "line": "This is not my cup." if speaker else "",
        }
        for index, (people, setting, scale, expression, speaker) in enumerate(_BEATS, 1)
    ]
    plan = parse_plan(
        {
            "idea": "Four people and a cup",
            "format": "comedy_5",
            "title": "The Cup",
            "canvas": {"aspect": "9:16", "width": 540, "height": 960},
            "style": {"description": "flat cartoon drawing with clean outlines"},
            "cast": cast,
            "settings": [
                {"id": id, "name": name, "place": _KINDS[id]} for id, name in _PLACES.items()
            ],
            "hook": {"title": "The Cup", "setting": "cafe", "cast": ["tom"]},
            "beats": beats,
        }
    )
    # Nobody is heard: a look each is all that is wanted.
    return cast_plan(plan, [VoiceInfo("nobody", ("en",))])
