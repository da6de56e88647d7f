"""What a line speaks of is seen: nouns find drawings, and insets show them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import skia

from renderers.animatic.compose import Tableau
from renderers.animatic.inset import inset_area
from renderers.animatic.inset_view import known_place
from renderers.animatic.looks import look_for
from renderers.animatic.motion import Shooting, shoot, still
from renderers.animatic.nouns import find_noun, find_nouns, works_with
from renderers.animatic.pictograph import pictograph
from renderers.animatic.props import find_prop
from renderers.scene import Figure, Inset, InsetKind, Scene, Shot

KINDS: tuple[InsetKind, ...] = ("thought", "television", "poster", "phone")


@pytest.mark.parametrize(
    ("idea", "shown"),
    [
        ("My neighbour's dog keeps ordering pizza", "🐶🍕"),
        ("A penguin applies for a job as a waiter", "🐧💼🛎"),
        ("A fortune cookie factory worker", "🥠🏭"),
        ("Two mountain climbers and one sandwich", "🏔🏔🥪"),
        ("A hotel for lost socks", "🏨🧦"),
        ("The librarian who whispers at rock concerts", "🎸"),
        ("宇宙人が回転寿司に来る", "👽🍣"),
        ("温泉で眼鏡を失くした探偵", "♨👓🕵"),
        ("🐙💔🎻", "🐙💔🎻"),
        ("Two teenagers at prom", ""),
        ("日本語の本文", ""),
    ],
)
def test_the_nouns_of_an_idea_find_their_drawings(idea: str, shown: str) -> None:
    assert "".join(noun.emoji for noun in find_nouns(idea)) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [("my neighbour's dog", "🐶"), ("a slice of pizza", "🍕"), ("a man with a parrot", "🦜")],
)
def test_a_phrase_is_drawn_by_the_noun_it_is_about(words: str, shown: str) -> None:
    assert find_noun(words) == shown


@pytest.mark.parametrize("words", ["pizza", "bicycle", "a lost sock", "snowman", "parrot", "靴下"])
def test_a_prop_that_is_not_drawn_by_hand_has_a_pictograph(words: str) -> None:
    name = find_prop(words)
    assert name is not None and name.startswith("emoji:")


def test_a_pictograph_has_ink_and_the_colours_of_its_thing() -> None:
    drawing = pictograph("🍕")
    surface = skia.Surface(200, 200)
    surface.getCanvas().translate(100, 100)
    surface.getCanvas().scale(190, 190)
    drawing.draw(surface.getCanvas())
    pixels = surface.makeImageSnapshot().toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)
    seen = pixels[pixels[:, :, 3] > 200][:, :3].astype(int)
    ink = (seen.max(axis=1) < 60).mean()
    yellow = ((seen[:, 0] > 180) & (seen[:, 1] > 130) & (seen[:, 2] < 120)).mean()
    assert ink > 0.1 and yellow > 0.2


def scene(kind: InsetKind, people: int = 1, scale: str = "medium shot") -> Scene:
    looks = [look_for("red hoodie", "adult", "feminine", 3, ())]
    looks.append(look_for("blue suit", "adult", "masculine", 5, looks))
    figures = tuple(Figure(f"p{i}", f"P{i}", looks[i], "happy") for i in range(people))
    return Scene(
        place="office", figures=figures, focus="p0" if people else None, shot=Shot(scale),
        inset=Inset(kind, "penguin", "pizza", "the moon", "It is back"), seed=4,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(360, 640), (640, 360), (480, 480)])
def test_no_head_lies_over_what_an_inset_shows(kind: InsetKind, size: tuple[int, int]) -> None:
    shown = scene(kind, people=2, scale="medium close-up")
    area = inset_area(shown, *size)
    for placement in Tableau(shown, *size).placements:
        assert not placement.head.meets(area)


def test_an_inset_appears_during_the_shot_and_lives_on() -> None:
    shown = scene("television")
    drawn = [
        np.frombuffer(frame, dtype=np.uint8).reshape(640, 360, 4)[:220].astype(int).copy()
        for frame in shoot(shown, Shooting(360, 640, 24, 48, None, "static", 1))
    ]

    def changed(one: int, other: int) -> float:
        return float((np.abs(drawn[one] - drawn[other]).max(axis=2) > 40).mean())

    assert changed(0, 24) > 0.3
    assert changed(30, 42) > 0.005


def test_what_nobody_can_draw_is_written() -> None:
    def seen(thing: str) -> np.ndarray:
        shown = replace(scene("poster", people=0), inset=Inset("poster", thing=thing))
        return still(shown, 360, 640)[0].toarray().astype(int)

    assert (np.abs(seen("quibbleflax") - seen("zorblatt")).max(axis=2) > 60).sum() > 200


def test_words_alone_fill_a_poster() -> None:
    def lettered(inset: Inset) -> int:
        seen = still(replace(scene("poster", people=0), inset=inset), 360, 640)[0].toarray()
        near = np.abs(seen[100:430, :, :3].astype(int) - (0x2C, 0x34, 0xB8)).max(axis=2)
        near = np.minimum(
            near, np.abs(seen[100:430, :, :3].astype(int) - (0xB8, 0x34, 0x2C)).max(axis=2)
        )
        return int((near < 40).sum())

    beside = lettered(Inset("poster", thing="pizza", words="Two comedians stuck in a lift"))
    alone = lettered(Inset("poster", words="Two comedians stuck in a lift"))
    assert alone > 2 * beside


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("a taxi", "taxi"),
        ("銭湯", "bathhouse"),
        ("a wedding", "wedding"),
        ("the news studio", "studio"),
        ("a hospital", "clinic"),
        ("the office", "office"),
        ("a bank", "bank"),
        ("郵便局", "post office"),
        ("city hall", "town hall"),
        ("the barbershop", "salon"),
        ("コールセンター", "call centre"),
    ],
)
def test_words_for_places_find_their_sets(words: str, place: str) -> None:
    assert known_place(words) == place


def test_who_is_known_by_a_thing_is_a_person_with_it_and_no_thing() -> None:
    assert works_with("taxi driver") and works_with("lighthouse keeper")
    assert works_with("タクシー運転士")
    assert not any(map(works_with, ("office printer", "taxi", "penguin", "dentist")))
