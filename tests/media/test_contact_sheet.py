"""The contact sheet: any film fits on it, every picture is whole, no word leaves its card."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import skia

from renderers.errors import BadOutput
from storyboard.media import contact_sheet as sheet
from storyboard.media.contact_sheet import WIDTH, SheetEntry, contact_sheet
from storyboard.media.text.lettering import wrap

SHAPES = {"9:16": (72, 128), "16:9": (128, 72), "1:1": (96, 96)}
LINES = (
    "Your change is four, and so am I.",
    "",
    "終電はもう行ってしまいましたよ。次は明日の朝です。",
    'Wait: "50% off"? {\\an8} https://example.com/' + "very/long/" * 12 + " 🙂",
)


def picture(path: Path, width: int, height: int, colour: int = skia.ColorRED) -> Path:
    surface = skia.Surface(width, height)
    surface.getCanvas().clear(colour)
    surface.makeImageSnapshot().save(str(path), skia.kPNG)
    return path


def entries(folder: Path, count: int, size: tuple[int, int]) -> list[SheetEntry]:
    image = picture(folder / "frame.png", *size)
    return [
        SheetEntry(
            image=image,
            index=i,
            type=("hook", "setup", "language_mishap")[i % 3],
            shot="extreme close-up, bird's-eye view, three-quarter view",
            speaker=("", "narrator", "美咲", "Bartholomew Featherstonehaugh the Third")[i % 4],
            line=LINES[i % 4],
        )
        for i in range(count)
    ]


def drawn(path: Path) -> npt.NDArray[np.int16]:
    image = skia.Image.MakeFromEncoded(skia.Data.MakeFromFileName(str(path)))
    return image.toarray(colorType=skia.kRGBA_8888_ColorType)[:, :, :3].astype(np.int16)


def red(pixels: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    return (pixels[:, :, 0] > 240) & (pixels[:, :, 1:].max(axis=2) < 20)


@pytest.mark.parametrize("shape", list(SHAPES))
@pytest.mark.parametrize("count", [1, 2, 6, 11, 41])
def test_every_film_fits_on_one_page(tmp_path: Path, shape: str, count: int) -> None:
    films = entries(tmp_path, count, SHAPES[shape])
    contact_sheet(films, tmp_path / "sheet.png", "A barista who can only speak in haiku")
    page = drawn(tmp_path / "sheet.png")
    height, width = page.shape[:2]
    assert 500 < width <= WIDTH
    assert 0.3 < height / width < 3.2
    # Pictures, and nothing else, are red: as many of them as beats, of the shape they have.
    seen = red(page)
    rows = seen.any(axis=1)
    starts = np.flatnonzero(np.diff(rows.astype(int)) == 1)
    total = 0
    for start in starts:
        band = seen[start + 60]
        total += int((np.diff(band.astype(int)) == 1).sum())
    assert total == count
    # Nothing touches the page's edges but its own stripe at the top.
    for strip in (page[10:, :20], page[10:, -20:], page[-20:]):
        assert strip.max() < 40


@pytest.mark.parametrize("shape", list(SHAPES))
def test_words_stay_on_their_card(tmp_path: Path, shape: str) -> None:
    films = entries(tmp_path, 8, SHAPES[shape])
    contact_sheet(films, tmp_path / "sheet.png", "x" * 120)
    contact_sheet(
        [SheetEntry(f.image, f.index, f.type, f.shot, f.speaker, "") for f in films],
        tmp_path / "silent.png",
        "x" * 120,
    )
    page = drawn(tmp_path / "sheet.png")
    # Between the columns there is only the page.
    columns = red(page).any(axis=0)
    edges = np.flatnonzero(np.diff(columns.astype(int)))
    rows = np.flatnonzero(red(page).any(axis=1))
    for left, right in zip(edges[1:-1:2], edges[2::2], strict=True):
        gutter = page[rows[0] :, left + 4 : right - 3]
        assert gutter.max() < 70, "a word ran into the gutter"


def test_a_picture_of_another_shape_is_shown_whole(tmp_path: Path) -> None:
    first = entries(tmp_path, 1, (72, 128))[0]
    wide = picture(tmp_path / "wide.png", 128, 72, skia.ColorGREEN)
    other = SheetEntry(wide, 1, "setup", "full shot", "", "")
    contact_sheet([first, other], tmp_path / "sheet.png", "Two")
    page = drawn(tmp_path / "sheet.png")
    green = (page[:, :, 1] > 240) & (page[:, :, 0] < 20)
    rows, columns = np.nonzero(green)
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(128 / 72, rel=0.05)


def test_speakers_are_told_apart_by_colour_and_each_word_is_drawn(tmp_path: Path) -> None:
    image = picture(tmp_path / "frame.png", 72, 128)
    duo = [
        SheetEntry(image, 1, "setup", "full shot", "Ken", "Hello."),
        SheetEntry(image, 2, "setup", "full shot", "Ken", "Hello."),
        SheetEntry(image, 3, "setup", "full shot", "Mia", "Hello."),
    ]
    contact_sheet(duo, tmp_path / "sheet.png", "Duo")
    page = drawn(tmp_path / "sheet.png")
    first, second = (
        np.array([(colour >> s) & 255 for s in (16, 8, 0)])
        for colour in sheet._VOICES[:2]  # pyright: ignore[reportPrivateUsage]
    )

    def amount(colour: npt.NDArray[np.int_]) -> int:
        return int((np.abs(page - colour).max(axis=2) < 8).sum())

    assert amount(first) == pytest.approx(2 * amount(second), rel=0.4)


@pytest.mark.parametrize(
    "title", ["", "  ", '100% {title} "x"', "とても長い題名" * 12, "😀", "한국어"]
)
def test_any_title_is_written(tmp_path: Path, title: str) -> None:
    contact_sheet(entries(tmp_path, 2, (72, 128)), tmp_path / "sheet.png", title)
    assert drawn(tmp_path / "sheet.png").max() > 200


def test_the_same_film_gives_the_same_bytes(tmp_path: Path) -> None:
    films = entries(tmp_path, 5, (128, 72))
    contact_sheet(films, tmp_path / "one.png", "Same")
    contact_sheet(films, tmp_path / "two.png", "Same")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()


def test_what_is_no_picture_is_named(tmp_path: Path) -> None:
    films = entries(tmp_path, 2, (72, 128))
    (tmp_path / "frame.png").write_bytes(b"not a picture")
    with pytest.raises(BadOutput, match=r"frame\.png"):
        contact_sheet(films, tmp_path / "sheet.png", "Broken")
    (tmp_path / "frame.png").unlink()
    with pytest.raises(BadOutput, match=r"frame\.png"):
        contact_sheet(films, tmp_path / "sheet.png", "Gone")
    assert not (tmp_path / "sheet.png").exists()


def test_a_film_without_beats_has_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([], tmp_path / "sheet.png", "Empty")


@pytest.mark.parametrize("room", range(120, 300, 12))
def test_no_row_begins_with_a_mark_that_ends_one(room: int) -> None:
    for said in ("なくなった物は？…ない。増えた物は？", "え！本当に、昨日の夜ですか。…はい。"):
        rows = wrap(said, 20, room, 9)
        assert "".join(rows) == said
        assert not any(row[0] in "。、！？」" for row in rows), rows
