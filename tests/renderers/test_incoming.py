"""Pictures from phones, editors and printers: sent as people see them, with their real type."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import skia

from renderers.errors import BadRequest
from renderers.image.incoming import incoming
from renderers.image.png import decode

Image = pytest.importorskip("PIL.Image")


def saved(path: Path, picture: object, **options: object) -> Path:
    picture.save(path, **options)  # type: ignore[attr-defined]
    return path


def seen(path: Path) -> np.ndarray:
    return np.asarray(decode(incoming(path).data).toarray(colorType=skia.kRGBA_8888_ColorType))


def marked(size: tuple[int, int] = (40, 30)) -> object:
    """White with its upper left quarter red."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1] // 2))
    return picture


@pytest.mark.parametrize(
    ("turn", "shape", "corner"),
    [
        (1, (30, 40), (2, 2)),
        (3, (30, 40), (-3, -3)),
        (6, (40, 30), (2, -3)),
        (8, (40, 30), (-3, 2)),
    ],
)
def test_a_phones_picture_is_turned(
    turn: int, shape: tuple[int, int], corner: tuple[int, int], tmp_path: Path
) -> None:
    picture = marked()
    exif = picture.getexif()  # type: ignore[attr-defined]
    exif[0x112] = turn
    pixels = seen(saved(tmp_path / "a.jpg", picture, exif=exif, quality=95))
    assert pixels.shape[:2] == shape
    assert pixels[corner][0] > 200 > 80 > pixels[corner][1]


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    cutout = Image.new("RGBA", (20, 20), (200, 30, 30, 0))
    cutout.paste((200, 30, 30, 255), (5, 5, 15, 15))
    pixels = seen(saved(tmp_path / "a.png", cutout))
    assert tuple(pixels[1, 1]) == (255, 255, 255, 255)
    assert tuple(pixels[10, 10]) == (200, 30, 30, 255)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    ramp = (np.arange(64 * 64).reshape(64, 64) * 16).astype(np.uint16)
    found = incoming(saved(tmp_path / "a.png", Image.fromarray(ramp)))
    assert found.data[24] == 8
    assert len(np.unique(seen(tmp_path / "a.png")[..., 0])) > 200


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)))
    assert incoming(path).mime == "image/png"
    assert seen(path)[8, 8, 0] > 200 > 60 > seen(path)[8, 8, 1]


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_of_an_animation_the_first_picture_is_taken_and_told(name: str, tmp_path: Path) -> None:
    red, blue = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    path = saved(tmp_path / name, red, save_all=True, append_images=[blue])
    assert seen(path)[8, 8, 0] > 200
    assert name == "a.png" or "animated" in incoming(path).warning


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp")])
def test_a_plain_picture_keeps_its_bytes_and_goes_by_its_real_type(
    kind: str, mime: str, tmp_path: Path
) -> None:
    buffer = io.BytesIO()
    marked().save(buffer, kind)  # type: ignore[attr-defined]
    (tmp_path / "picture.png").write_bytes(buffer.getvalue())
    found = incoming(tmp_path / "picture.png")
    assert (found.data, found.mime, found.warning) == (buffer.getvalue(), f"image/{mime}", "")


def test_no_picture_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not at all")
    with pytest.raises(BadRequest, match=r"a\.png is no picture"):
        incoming(tmp_path / "a.png")
    with pytest.raises(BadRequest, match="cannot be read"):
        incoming(tmp_path / "b.png")
