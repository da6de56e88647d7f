"""Props: each drawn, each its own, found by the words people use."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest
import skia

from renderers.animatic.palette import palette
from renderers.animatic.props import PROPS, draw_prop, find_prop, prop_grip, prop_metres

SIDE = 96


def drawn(name: str, number: int = 0) -> npt.NDArray[np.int16]:
    """The prop on white, at half the side of its canvas."""
    surface = skia.Surface(SIDE, SIDE)
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorWHITE)
    draw_prop(canvas, name, SIDE / 2, SIDE / 2, SIDE / 2, palette(number, "day"))
    image = surface.makeImageSnapshot()
    return image.toarray(colorType=skia.kRGBA_8888_ColorType)[:, :, :3].astype(np.int16)


def test_there_are_many_props_and_none_looks_like_another() -> None:
    assert len(PROPS) >= 30
    pictures = {name: drawn(name) for name in PROPS}
    for one, other in combinations(PROPS, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 3, (one, other)


@pytest.mark.parametrize("name", PROPS)
def test_a_prop_fills_its_size_and_stays_inside_it(name: str) -> None:
    rows, columns = np.nonzero((drawn(name) < 250).any(axis=2))
    tall, wide = np.ptp(rows), np.ptp(columns)
    assert 0.8 * SIDE / 2 < max(tall, wide) < 1.22 * SIDE / 2
    # Centred well enough to be placed by its middle.
    assert abs((rows.min() + rows.max()) / 2 - SIDE / 2) < 0.1 * SIDE
    assert abs((columns.min() + columns.max()) / 2 - SIDE / 2) < 0.1 * SIDE


@pytest.mark.parametrize("name", PROPS)
def test_a_hand_takes_hold_of_the_prop_and_not_of_air(name: str) -> None:
    x, y = prop_grip(name)
    at = (round(SIDE / 2 + y * SIDE / 2), round(SIDE / 2 + x * SIDE / 2))
    near = drawn(name)[max(0, at[0] - 5) : at[0] + 6, max(0, at[1] - 5) : at[1] + 6]
    assert (near < 250).any()
    assert 0.1 < prop_metres(name) < 1.2


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("coffee", "coffee cup"),
        ("a steaming cup of tea", "coffee cup"),
        ("CUP", "coffee cup"),
        ("document", "document"),
        ("the contract", "document"),
        ("menu", "document"),
        ("flowers", "flowers"),
        ("a single rose", "rose"),
        ("box", "box"),
        ("laptop", "laptop"),
        ("smartphone", "phone"),
        ("pair of headphones", "headphones"),
        ("a train ticket", "ticket"),
        ("gavel", "gavel"),
        ("suitcase", "suitcase"),
        ("paper_bag", "bag"),
        ("スマホを見る", "phone"),
        ("ノートパソコン", "laptop"),
        ("木槌", "gavel"),
        ("傘", "umbrella"),
        ("おにぎり", "onigiri"),
        ("猫がいる", "cat"),
        ("花束", "flowers"),
        ("切符", "ticket"),
    ],
)
def test_words_find_the_prop(words: str, name: str) -> None:
    assert find_prop(words) == name


@pytest.mark.parametrize("name", PROPS)
def test_every_prop_is_found_by_its_own_name(name: str) -> None:
    assert find_prop(name) == name
    assert find_prop(f"an old {name}, broken") == name


@pytest.mark.parametrize(
    "words",
    ["", "   ", "happen", "catalog", "carpet", "doggerel", "waves at the crowd", "🙂", "何もない"],
)
def test_words_that_only_contain_a_prop_find_none(words: str) -> None:
    assert find_prop(words) is None


def test_the_prop_that_is_named_first_is_meant() -> None:
    assert find_prop("a book beside the lamp") == "book"
    assert find_prop("a lamp beside the book") == "lamp"


def test_a_film_has_its_own_colours() -> None:
    assert np.abs(drawn("umbrella", number=0) - drawn("umbrella", number=1)).mean() > 0.5


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        drawn("sword of destiny")
