"""Casting by words: what is asked for is worn, and nobody can be mistaken for another."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import skia

from renderers.animatic import peeps
from renderers.animatic.compose import Tableau
from renderers.animatic.face import FACES
from renderers.animatic.figure import Acting, Puppet
from renderers.animatic.head import head_bounds, outline
from renderers.animatic.head_words import HEADS
from renderers.animatic.ink import Brush
from renderers.animatic.looks import look_for
from renderers.animatic.view import View
from renderers.animatic.wardrobe import GARMENTS, undrawn
from renderers.scene import EXPRESSIONS, Avatar, Figure, Scene, Shot, ShotScale


def test_every_head_and_every_face_is_in_the_artwork() -> None:
    assert set(HEADS) <= set(peeps.names("head"))
    assert set(FACES) == set(EXPRESSIONS)
    drawn = {*peeps.names("expression"), "surprised"}
    assert all(face.upper in drawn and face.mouth in drawn for face in FACES.values())


@pytest.mark.parametrize(
    ("words", "field", "wanted"),
    [
        ("black bob, red apron", "garment", "apron"),
        ("full beard, round glasses, grey suit", "facial_hair", "full3"),
        ("full beard, round glasses, grey suit", "accessory", "glasses2"),
        ("a bald man in sunglasses", "accessory", "sunglasses"),
        ("judge in a black robe", "garment", "robe"),
        ("orange prison jumpsuit", "garment", "stripes"),
        ("紺のスーツ、眼鏡", "garment", "suit"),
        ("紺のスーツ、眼鏡", "accessory", "glasses"),
        ("青い着物の女性", "garment", "kimono"),
        ("long curly blond hair", "hair", "#dba94e"),
        ("白髪のおじいさん", "hair", "#e6e2de"),
        ("a wine-red shirt", "top", "#7c2338"),
        ("a denim jacket with one pin", "garment", "jacket"),
        ("a jacket in black", "top", "#37343f"),
        ("dressed in red", "top", "#e0473f"),
        ("a grey waistcoat", "accent", "#868a96"),
        ("a green tee and blue jeans", "bottom", "#3f7fc1"),
        ("ベージュのズボン", "bottom", "#d9c3a0"),
    ],
)
def test_words_are_worn(words: str, field: str, wanted: str) -> None:
    for seed in range(5):
        assert getattr(look_for(words, "adult", "masculine", seed, []), field) == wanted


@pytest.mark.parametrize(
    ("words", "lacking"),
    [
        ("a leopard coat and boots", ["boots", "leopard"]),
        ("赤い手袋と青いジャケット", ["手袋"]),
        ("a checked shirt and a scarf", []),
        ("striped pyjamas", []),
        ("a red apron over a white shirt, black hair", []),
        ("striped prison jumpsuit", []),
    ],
)
def test_clothes_that_are_not_drawn_are_named(words: str, lacking: list[str]) -> None:
    assert undrawn(words) == lacking


@pytest.mark.parametrize(
    ("words", "heads"),
    [
        ("black bob", {"bangs2", "medium1", "mediumBangs3"}),
        ("short brown hair", {"short1", "short2", "short3", "short5", "medium1", "grayShort"}),
        ("bald", {"noHair1", "noHair2", "noHair3"}),
        ("a woman in a hijab", {"hijab"}),
        ("ポニーテール", {"cornrows", "mediumBangs2"}),
    ],
)
def test_hair_words_choose_the_head(words: str, heads: set[str]) -> None:
    for seed in range(8):
        assert look_for(words, "young", "feminine", seed, []).head in heads


def test_covered_heads_are_never_drawn_unasked() -> None:
    covered = {"hijab", "turban", "hatHip", "hatBeanie"}
    heads = {look_for("", "adult", "feminine", seed, []).head for seed in range(60)}
    assert not heads & covered


@pytest.mark.parametrize("words", ["", "black bob, red apron", "黒髪、赤いエプロン"])
def test_a_cast_of_six_is_told_apart(words: str) -> None:
    for seed in range(12):
        cast: list[Avatar] = []
        for number in range(6):
            cast.append(look_for(words, "young", "feminine", seed * 6 + number, cast))
        for one, other in combinations(cast, 2):
            assert one.head != other.head
            assert one.top != other.top


def test_two_free_looks_differ_in_skin_or_hair() -> None:
    for seed in range(20):
        first = look_for("", "adult", "masculine", seed, [])
        second = look_for("", "adult", "masculine", seed + 100, [first])
        assert first.skin != second.skin
        assert first.hair != second.hair


def test_the_same_words_and_seed_give_the_same_look() -> None:
    one = look_for("green hoodie", "child", "neutral", 4, [])
    assert one == look_for("green hoodie", "child", "neutral", 4, [])
    assert one.garment == "hoodie"
    assert one.facial_hair == ""


def test_all_garments_can_be_asked_for() -> None:
    asked = {
        look_for(word, "adult", "neutral", 1, []).garment
        for word in [
            "robe",
            "prisoner",
            "apron",
            "suit",
            "kimono",
            "uniform",
            "coat",
            "hoodie",
            "dress",
            "sweater",
            "t-shirt",
            "shirt",
            "jacket",
            "waistcoat",
        ]
    }
    assert asked == set(GARMENTS)


def test_a_hat_is_in_the_picture_whole() -> None:
    for words in ("a flat cap", "a beret", "a straw hat"):
        look = look_for(f"{words} and a red jacket", "adult", "feminine", 3, ())
        figure = Figure("a", "A", look, "happy")
        scales: tuple[ShotScale, ...] = ("close-up", "medium close-up", "medium shot")
        for scale in scales:
            shown = Scene("office", figures=(figure,), focus="a", shot=Shot(scale))
            (placed,) = Tableau(shown, 360, 640).placements
            assert placed.head.top >= 0 and outline(look)[1] < head_bounds(look.head)[1]


@pytest.mark.parametrize("hair", ["grayBun", "bun", "longAfro", "hatBeanie"])
def test_hair_seen_from_behind_is_whole(hair: str) -> None:
    avatar = replace(look_for("short grey hair", "elder", "feminine", 3, []), head=hair)
    puppet = Puppet(Figure("ann", "Ann", avatar), Brush(), View(0.3, back=True))
    surface = skia.Surface(400, 600)
    canvas = surface.getCanvas()
    canvas.translate(200, 300)
    canvas.scale(0.3, 0.3)
    puppet.draw(canvas, Acting("neutral"))
    drawn = surface.makeImageSnapshot().toarray()[:280, :, 3] > 0
    columns = drawn.sum(axis=0)
    edges = np.flatnonzero(columns)[[0, -1]]
    # What is cut off ends in a straight line from top to bottom.
    assert columns[edges].max() < 0.3 * columns.max()
