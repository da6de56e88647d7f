"""Sets: every place its own, lit by the hour, the same for the same arguments, words readable."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest
import skia

from renderers.animatic.ink import luminance
from renderers.animatic.light import light_for
from renderers.animatic.palette import COUNT, Palette, palette
from renderers.animatic.sets import (
    OVERSCAN,
    ZOOMS,
    SetPlates,
    SetSize,
    paint_ambient,
    paint_grade,
    paint_set,
)
from renderers.animatic.sets.ambient import KINDS
from renderers.animatic.sets.view import view_of
from renderers.scene import PLACES, Place, ShotAngle, ShotOrientation, TimeOfDay

SMALL = SetSize(180, 320)
HOURS: tuple[TimeOfDay, ...] = get_args(TimeOfDay)
Pixels = npt.NDArray[np.int16]


def paint(
    place: Place,
    hour: TimeOfDay = "day",
    size: SetSize = SMALL,
    *,
    lettering: str = "",
    number: int = 0,
    seed: int = 0,
    angle: ShotAngle = "eye-level",
    orientation: ShotOrientation = "front view",
) -> SetPlates:
    light = light_for(hour, place)
    return paint_set(place, palette(number, hour), light, size, lettering, seed, angle, orientation)


def rgb(image: skia.Image) -> Pixels:
    return image.toarray(colorType=skia.kRGBA_8888_ColorType)[:, :, :3].astype(np.int16)


def frame(plates: SetPlates, t: float | None = None) -> Pixels:
    """The frame as a camera at rest sees it, with what moves at `t`."""
    size = plates.size
    surface = skia.Surface(size.width, size.height)
    canvas = surface.getCanvas()
    for layer in (*plates.layers, *([plates.front] if plates.front else [])):
        canvas.drawImage(layer.image, -round(OVERSCAN * size.width), -round(OVERSCAN * size.height))
    if t is not None:
        paint_ambient(canvas, plates, t)
        paint_ambient(canvas, plates, t, front=True)
    return rgb(surface.makeImageSnapshot())


def difference(first: Pixels, second: Pixels) -> float:
    return float(np.abs(first - second).mean())


def test_every_place_looks_different_from_every_other() -> None:
    frames = {place: frame(paint(place)) for place in PLACES}
    for one, other in combinations(PLACES, 2):
        assert difference(frames[one], frames[other]) > 12, (one, other)


@pytest.mark.parametrize("place", PLACES)
def test_every_hour_has_its_own_light(place: Place) -> None:
    frames = {hour: frame(paint(place, hour)) for hour in HOURS}
    # A cinema has no windows: its hours differ least.
    least = 1.5 if place == "cinema" else 4
    for one, other in combinations(HOURS, 2):
        assert difference(frames[one], frames[other]) > least, (one, other)
    assert frames["night"].mean() < frames["day"].mean() - 3 * least
    # Evening is warmer than day: more red than blue.
    warmth = {hour: float((f[:, :, 0] - f[:, :, 2]).mean()) for hour, f in frames.items()}
    assert warmth["evening"] > warmth["day"]


@pytest.mark.parametrize("place", PLACES)
def test_the_farthest_layer_is_opaque_over_the_whole_overscan(place: Place) -> None:
    for width, height in ((180, 320), (320, 180), (240, 240)):
        for angle in get_args(ShotAngle):
            plates = paint(place, size=SetSize(width, height), angle=angle)
            assert plates.back.width() == round(width * (1 + 2 * OVERSCAN))
            assert plates.back.height() == round(height * (1 + 2 * OVERSCAN))
            alpha = plates.back.toarray()[:, :, 3]
            assert alpha.min() == 255, (place, width, angle)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("orientation", get_args(ShotOrientation))
def test_every_shot_of_every_place_shows_something(
    place: Place, orientation: ShotOrientation
) -> None:
    for zoom in ZOOMS.values():
        seen = frame(paint(place, size=SetSize(160, 284, zoom), orientation=orientation))
        assert seen.std() > 9, zoom


def test_equal_arguments_give_equal_pixels_and_another_seed_another_set() -> None:
    one = paint("shop", "evening", lettering="OPEN", seed=5)
    again = paint("shop", "evening", lettering="OPEN", seed=5)
    assert np.array_equal(frame(one, 1.25), frame(again, 1.25))
    assert one.ambient == again.ambient
    assert difference(frame(one), frame(paint("shop", "evening", lettering="OPEN", seed=6))) > 0.5


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ["LAST TRAIN", "終電カフェ"])
def test_lettering_is_written_in_contrast_to_its_board(place: Place, text: str) -> None:
    size = SetSize(540, 960)
    for hour in ("day", "night"):
        lettered = frame(paint(place, hour, size, lettering=text))
        other = frame(
            paint(place, hour, size, lettering="無人駅前" if text[0] == "終" else "MUTE PIANO")
        )
        changed = np.abs(lettered - other).max(axis=2)
        # Strokes of two words of the same length differ where the ink is.
        assert (changed > 40).sum() > 500, hour


def test_words_read_the_right_way_round_when_the_set_is_seen_from_behind() -> None:
    def written(orientation: ShotOrientation) -> npt.NDArray[np.bool_]:
        """Where letters are on the shop's band, cut out and brought to one size."""
        size = SetSize(480, 480)
        seen, blank = (
            frame(paint("shop", size=size, orientation=orientation, lettering=text))
            for text in ("FLEA", " ")
        )
        ink = np.abs(seen - blank).max(axis=2) > 60
        rows, columns = np.nonzero(ink)
        y = np.linspace(rows.min(), rows.max(), 24).astype(int)
        x = np.linspace(columns.min(), columns.max(), 96).astype(int)
        return ink[np.ix_(y, x)]

    front, back = written("front view"), written("back view")
    assert (front == back).mean() > (front == back[:, ::-1]).mean() + 0.1


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "😀🎉", "a" * 40, "W" * 40, "한국어", "<b>&\"'%{}", "\u202eabc", "é́́"]
)
def test_odd_lettering_never_fails(text: str) -> None:
    for place in PLACES:
        paint(place, size=SetSize(90, 160), lettering=text)


def test_a_close_shot_brings_the_actors_nearer_than_the_wall_behind_them() -> None:
    wide, close = view_of(SetSize(720, 1280)), view_of(SetSize(720, 1280, ZOOMS["close-up"]))
    actors = close.scale(0) / wide.scale(0)
    wall = close.scale(3) / wide.scale(3)
    assert actors == pytest.approx(ZOOMS["close-up"])
    assert 1.2 < wall < 0.6 * actors


def test_a_close_shot_blurs_the_set() -> None:
    def detail(zoom: float) -> float:
        image = frame(paint("shop", size=SetSize(720, 1280, zoom))).mean(axis=2)
        return float(np.abs(np.diff(image, axis=1)).max(axis=1).mean())

    assert detail(ZOOMS["close-up"]) < 0.5 * detail(ZOOMS["full shot"])


def test_the_horizon_follows_the_angle() -> None:
    high = paint("park", angle="high angle")
    level = paint("park")
    low = paint("park", angle="low angle")
    assert high.horizon < level.horizon < low.horizon
    assert high.floor == level.floor == low.floor


def test_the_floor_can_be_set_and_otherwise_holds_a_standing_person() -> None:
    assert paint("street", size=SetSize(90, 160, 1.0, 0.8)).floor == 0.8
    plates = paint("street")
    assert 0.85 < plates.floor < 1.0
    assert 0 < plates.floor - 1.72 * plates.metre < 0.3


def test_what_moves_moves_and_is_a_function_of_time_alone() -> None:
    kinds: set[str] = set()
    for place in PLACES:
        for hour in ("day", "night"):
            plates = paint(place, hour)
            kinds |= {item.kind for item in plates.ambient}
            first = frame(plates, 0.4)
            frame(plates, 7.0)
            assert np.array_equal(first, frame(plates, 0.4))
    assert kinds <= set(KINDS)
    assert len(kinds) >= 8
    for place in ("cafe", "street", "beach", "abstract"):
        plates = paint(place, size=SetSize(360, 640))
        assert difference(frame(plates, 0.5), frame(plates, 2.5)) > 0.01


def test_lamps_glow_at_night_inside_the_picture() -> None:
    plates = paint("living room", "night", SetSize(360, 640))
    assert plates.glow
    seen = frame(plates).sum(axis=2)
    lamp = min(plates.glow, key=lambda g: abs(g.x - 0.5) + abs(g.y - 0.5))
    assert 0 < lamp.x < 1
    assert 0 < lamp.y < 1
    assert seen[round(lamp.y * 640), round(lamp.x * 360)] > np.percentile(seen, 80)


def test_the_light_side_turns_with_the_set() -> None:
    assert (
        paint("office", "morning").key == -paint("office", "morning", orientation="back view").key
    )


def test_the_grade_darkens_corners_only() -> None:
    plates = paint("cell", "night")
    surface = skia.Surface(180, 320)
    surface.getCanvas().clear(skia.ColorWHITE)
    paint_grade(surface.getCanvas(), plates)
    seen = rgb(surface.makeImageSnapshot())
    assert seen[150, 90].min() == 255
    assert seen[2, 2].max() < 240


def test_palettes_are_many_distinct_and_relit() -> None:
    assert COUNT >= 12
    looks = {(p.wall, p.floor, p.accent) for p in (palette(n, "day") for n in range(COUNT))}
    assert len(looks) == COUNT
    assert palette(COUNT + 3, "day").wall == palette(3, "day").wall
    assert palette(999, "night").wall == palette(999 % COUNT, "night").wall
    for number in range(COUNT):
        day, night = palette(number, "day"), palette(number, "night")
        inside = palette(number, "night", lamplit=True)
        assert luminance(night.wall) < luminance(inside.wall) < luminance(day.wall)
        # Walls stay lighter than ink and quieter than accents, or figures drown in them.
        assert luminance(day.wall) > 0.5
        assert night.light == day.light
    names = [f.name for f in fields(Palette) if f.type == "str" and f.name != "name"]
    for hour in HOURS:
        for name in names:
            value = getattr(palette(1, hour), name)
            assert len(value) == 7, name
            assert value.startswith("#"), name
