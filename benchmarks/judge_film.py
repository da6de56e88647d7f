"""The small film that the labelled set is drawn from: four people who cannot be mixed up.

Knows: one plan. Does not know: what is planted in its pictures.
"""

from __future__ import annotations

from typing import Any

from renderers.scene import AgeGroup, Presentation
from storyboard.plan import AvatarLook, Plan, parse_plan

CAST = ("ida", "tom", "mei", "sam")
_PEOPLE: dict[str, tuple[AgeGroup, Presentation, str, str]] = {
    "ida": ("elder", "feminine", "grey hair in a bun, round glasses, pale skin", "a black robe"),
    "tom": ("adult", "masculine", "a full red beard, short red hair", "a purple shirt"),
    "mei": ("adult", "feminine", "straight black hair", "a cream apron over a grey shirt"),
    "sam": ("adult", "masculine", "a bald head, dark skin", "a blue suit, a purple tie"),
}
# As described: a casting by words would leave the labels to chance.
_LOOKS = {
    "ida": AvatarLook(
        head="grayBun",
        skin="#f3cfb0",
        hair="#a8a6ae",
        top="#37343f",
        bottom="#35405a",
        accent="#b5483f",
        accessory="glasses2",
        garment="robe",
    ),
    "tom": AvatarLook(
        head="short2",
        skin="#ffdfc4",
        hair="#cf7030",
        top="#8a62b4",
        bottom="#35405a",
        accent="#5bb5b8",
        facial_hair="full2",
    ),
    "mei": AvatarLook(
        head="mediumStraight",
        skin="#e2ab7f",
        hair="#2a2631",
        top="#56565f",
        bottom="#7d7f8c",
        accent="#f4f0e8",
        garment="apron",
    ),
    "sam": AvatarLook(
        head="noHair1",
        skin="#714a38",
        hair="#74462f",
        top="#3f7fc1",
        bottom="#4a4350",
        accent="#8a62b4",
        garment="suit",
        build=1.04,
    ),
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
    (("sam",), "court", "medium close-up", "sad", None),
)


def stub_plan() -> Plan:
    """Twelve beats, eight of them silent, in four places, with a hook, everybody with a look."""
    cast: list[dict[str, Any]] = [
        {
            "id": id,
            "name": id.title(),
            "age": age,
            "presentation": presentation,
            "appearance": looks,
            "wardrobe": clothes,
            "avatar": _LOOKS[id].model_dump(),
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
    return parse_plan(
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
            "hook": {
                "title": "The Cup",
                "setting": "cafe",
                "cast": ["tom"],
                "expression": "suspicious",
            },
            "beats": beats,
        }
    )
