"""The title: big, at the top, inside the safe area, clear of faces, whatever it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_films import burn, ink_box

from storyboard.media.text.subtitles import TitleCue, ass
from storyboard.media.text.title import LARGEST, SIDE, SMALLEST, TOP, Box, lay_title
from storyboard.plan import Aspect, Canvas

TITLES = [
    "GO",
    "The barista who only speaks in haiku",
    "俳句でしか話せないバリスタ",
    '"It\'s 3:00: run!" \\N {x} 100%',
    "Wait… 😱🇯🇵👨‍👩‍👧‍👦",
    "مرحبا بكم في المقهى",
    "Antidisestablishmentarianismantidisestablishmentarianism",
    "電車に乗るな！終電の秘密を知ってしまった男の話、そしてその結末がどうなったのかという物語",
    "one two three four five six seven eight nine ten eleven twelve thirteen",
]


@pytest.mark.parametrize("aspect", ["9:16", "16:9", "1:1"])
@pytest.mark.parametrize("title", TITLES)
def test_any_title_fits_the_safe_area_on_three_lines(title: str, aspect: Aspect) -> None:
    canvas = Canvas.of(aspect)
    layout = lay_title(title, canvas)
    assert 1 <= len(layout.lines) <= 3
    assert layout.box.y == pytest.approx(TOP * canvas.height)
    assert layout.box.x >= SIDE * canvas.width - 0.5
    assert layout.box.x + layout.box.width <= canvas.width * (1 - SIDE) + 0.5
    assert layout.box.y + layout.box.height <= canvas.height * 0.3
    assert layout.em >= SMALLEST * min(canvas.width, canvas.height) * 0.99


@pytest.mark.parametrize("title", TITLES)
def test_what_is_drawn_stays_in_the_box_that_is_told(title: str, tmp_path: Path) -> None:
    canvas = Canvas(width=360, height=640, fps=12)
    layout = lay_title(title, canvas)
    frame = burn(ass([], canvas, TitleCue(layout, 0.0, 1.0)), tmp_path, canvas, seconds=1.0)
    left, top, right, bottom = ink_box(frame)
    box = layout.box
    assert left >= box.x - 3
    assert right <= box.x + box.width + 3
    assert top >= box.y - 1
    assert bottom <= box.y + box.height + 3
    # And fills it: the box is no wider claim than the letters need.
    assert right - left > 0.7 * box.width


def test_a_short_title_is_as_large_as_it_may_be() -> None:
    assert lay_title("GO", Canvas()).em == pytest.approx(LARGEST * 720)


def test_a_title_shrinks_above_a_face_and_never_covers_it() -> None:
    face = Box(200, 170, 300, 400)
    free = lay_title(TITLES[1], Canvas())
    layout = lay_title(TITLES[1], Canvas(), [face])
    assert free.box.overlaps(face)
    assert not layout.box.overlaps(face)
    assert layout.em < free.em
    assert not layout.warnings


def test_a_title_with_no_room_is_shortened_and_says_so() -> None:
    layout = lay_title(TITLES[-1], Canvas(), [Box(0, 90, 700, 700)])
    assert layout.lines[-1].endswith("…")
    assert any("shortened" in warning for warning in layout.warnings)


def test_a_face_at_the_very_top_is_told() -> None:
    layout = lay_title("GO", Canvas(), [Box(100, 0, 300, 300)])
    assert any("face" in warning for warning in layout.warnings)


def test_a_glyph_that_no_font_has_is_a_box() -> None:
    # Runic: of no font that the project or one of its extras brings.
    assert lay_title("ᚠ GO", Canvas()).lines == ("□ GO",)


def test_japanese_titles_break_between_phrases() -> None:
    assert lay_title("俳句でしか話せないバリスタ", Canvas()).lines == (
        "俳句でしか",
        "話せない",
        "バリスタ",
    )


def test_lines_of_a_title_are_of_like_length() -> None:
    layout = lay_title("My boss is secretly a houseplant", Canvas())
    assert max(map(len, layout.lines)) - min(map(len, layout.lines)) <= 6
