"""Subtitles as a viewer sees them: burnt in, any text as it is, inside the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from split_captions import split_captions
from tiny_films import TINY, burn, ink, ink_box

from renderers.probe import decode_frames
from storyboard.media.text import fonts
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import ass, caption_size, caption_top, read_srt, srt
from storyboard.plan import Aspect, Canvas
from storyboard.plan.caption_look import USUAL


def show(text: str, folder: Path, canvas: Canvas = TINY) -> np.ndarray:
    return burn(ass([Caption(0.0, 9.0, text)], canvas), folder, canvas)


def rows_of_ink(frame: np.ndarray) -> int:
    """How many separate rows of letters there are."""
    rows = ink(frame).any(axis=1)
    return int((np.diff(np.concatenate([[False], rows]).astype(int)) == 1).sum())


@pytest.mark.parametrize(
    "text",
    [
        "W" * 21 + "\n" + "W" * 21,
        "\n".join(split_captions("乗客が自分の父親だったことを、") * 2),
        "👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦",
        "{\\an8}{\\fs900}big?",
        "\u202eright to left\u202c",
        "قهوة أم شاي اليوم؟",
    ],
)
def test_any_caption_stays_in_its_place(text: str, tmp_path: Path) -> None:
    canvas = Canvas(width=360, height=640, fps=12)
    left, top, right, bottom = ink_box(show(text, tmp_path, canvas))
    assert left >= USUAL.side * canvas.width - 2
    assert right <= canvas.width * (1 - USUAL.side) + 2
    assert top >= caption_top(canvas) - 0.4 * caption_size(canvas)
    assert bottom <= canvas.height * 0.92


@pytest.mark.parametrize(("text", "rows"), [("one\ntwo", 2), ("a\\Nb", 1), ("a\\nb", 1)])
def test_only_a_newline_breaks_a_line(text: str, rows: int, tmp_path: Path) -> None:
    assert rows_of_ink(show(text, tmp_path)) == rows


@pytest.mark.parametrize(
    ("odd", "plain"),
    [("{wrong}", "wrong"), ("a{\\b1}c", "ac"), ("C:\\hello", "C:ello"), ("x\\hy", "x y")],
)
def test_braces_and_backslashes_are_shown(odd: str, plain: str, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    shown, without = show(odd, tmp_path / "a"), show(plain, tmp_path / "b")
    assert ink(shown).sum() > ink(without).sum() * 1.1


def test_hebrew_runs_from_right_to_left(tmp_path: Path) -> None:
    # First a narrow word, then a wide one: in Hebrew the narrow one stands right.
    canvas = Canvas(width=360, height=640, fps=12)
    across = np.flatnonzero(ink(show("ו   שששששששש", tmp_path, canvas)).any(axis=0))
    widest = int(np.argmax(np.diff(across)))
    assert np.diff(across)[widest] > 4
    assert across[widest] > canvas.width / 2


def test_scripts_of_other_fonts_are_as_large_as_latin(tmp_path: Path) -> None:
    canvas = Canvas(width=360, height=640, fps=12)
    heights: list[int] = []
    for number, text in enumerate(("HHH", "ההה")):
        (tmp_path / str(number)).mkdir()
        _, top, _, bottom = ink_box(show(text, tmp_path / str(number), canvas))
        heights.append(bottom - top)
    assert heights[1] == pytest.approx(heights[0], rel=0.35)


SCRIPTS = [
    "ə̃Ӂ",
    "😱",
    "☘⚭",
    "مرحبا",
    "Հայ",
    "বাংলা",
    "हिन्दी",
    "አማ",
    "ქარ",
    "ગુજ",
    "ਪੰਜ",
    "שלום",
    "ಕನ್ನ",
    "ខ្មែរ",
    "ລາວ",
    "മലയ",
    "မြန်",
    "ଓଡ଼",
    "සිං",
    "தமி",
    "తెలు",
    "ไทย",
]


def test_every_font_is_found_by_its_name(tmp_path: Path) -> None:
    brought = {name.partition("-")[0] for _, name in fonts.OF_EXTRAS.values()}
    families = {f for f in fonts.font_files() if f.replace(" ", "") not in brought}
    assert {run.family for text in SCRIPTS for run in fonts.runs(text)} | {fonts.MAIN} == families
    step = 1 / TINY.fps
    captions = [
        Caption(i * step - 0.02, (i + 1) * step - 0.02, text) for i, text in enumerate(SCRIPTS)
    ]
    burn(ass(captions, TINY), tmp_path, TINY, seconds=len(SCRIPTS) * step)
    shown = [bool(ink(frame).any()) for frame in decode_frames(tmp_path / "burnt.mp4")]
    assert dict(zip(SCRIPTS, shown, strict=True)) == dict.fromkeys(SCRIPTS, True)


def test_captions_stand_only_in_their_time(tmp_path: Path) -> None:
    early = ass([Caption(0.0, 0.2, "early")], TINY)
    assert not ink(burn(early, tmp_path, TINY, seconds=2.0)).any()


def test_a_glyph_that_no_font_has_is_named_and_shown_as_a_box() -> None:
    assert fonts.missing_glyphs("a 𒀀 𓀀 𒀀 é 猫 😱 ا") == ["𒀀", "𓀀"]
    assert fonts.without_missing("a 𒀀 é") == "a □ é"
    assert "□" in ass([Caption(0, 1, "𒀀")], TINY)


@pytest.mark.parametrize(("extra", "text"), [("ko", "한국어"), ("zh", "们谁")])
def test_an_extra_brings_the_font_of_its_script(extra: str, text: str, tmp_path: Path) -> None:
    pytest.importorskip(fonts.OF_EXTRAS[extra][0], reason=f"needs storyboard[{extra}]")
    assert fonts.missing_glyphs(text) == []
    assert ink(burn(ass([Caption(0, 0.5, text)], TINY), tmp_path, TINY)).any()


def test_the_font_folder_holds_only_the_fonts_that_are_needed(tmp_path: Path) -> None:
    fonts.copy_fonts(tmp_path / "few", "plain")
    fonts.copy_fonts(tmp_path / "more", "plain 😱 שלום")
    assert [p.name for p in (tmp_path / "few").iterdir()] == ["NotoSansJP-Regular.otf"]
    assert {p.suffix for p in (tmp_path / "more").iterdir()} == {".otf", ".ttf"}
    assert len(list((tmp_path / "more").iterdir())) == 3


def test_srt_reads_back_to_the_millisecond() -> None:
    captions = [
        Caption(0.15, 1.9264, "Meet Nora,\na barista."),
        Caption(3599.9996, 3661.5, "五・七・五 --> {x}"),
    ]
    text = srt(captions)
    assert text.startswith("1\n00:00:00,150 --> 00:00:01,926\nMeet Nora,\na barista.\n")
    assert "01:00:00,000 --> 01:01:01,500" in text
    back = read_srt(text)
    assert [c.text for c in back] == [c.text for c in captions]
    assert back[1].end == 3661.5
    assert read_srt("") == []


@pytest.mark.parametrize("aspect", ["9:16", "16:9", "1:1"])
def test_captions_keep_clear_of_the_edge_in_every_aspect(aspect: Aspect) -> None:
    canvas = Canvas.of(aspect)
    assert 0.6 * canvas.height < caption_top(canvas) < 0.9 * canvas.height
    assert fonts.width("乗客が自分の父親だった", caption_size(canvas)) < canvas.width * 0.9
