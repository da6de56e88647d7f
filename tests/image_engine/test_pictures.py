"""What the engine sees of pictures that are not plain RGB, from a file, in memory, uploaded."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

from PIL import Image

from image_engine.metadata import picture_digest
from image_engine.pictures import normal_picture, origin_of
from image_engine.server.uploads import UploadLimits, decode_picture

if TYPE_CHECKING:
    from pathlib import Path

RED, BLUE = (255, 0, 0), (0, 0, 255)


def two_halves() -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (64, 32), RED)
    picture.paste(BLUE, (32, 0, 64, 32))
    return picture


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def seen(data: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture as it comes out of an upload."""
    picture = decode_picture(data, UploadLimits(), label="image 1")
    origin = origin_of(picture)
    assert origin is not None
    assert picture.mode == "RGB"
    return picture, origin.notes


def test_a_photograph_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90° clockwise
    picture, notes = seen(saved(two_halves(), "PNG", exif=exif))
    assert picture.size == (32, 64)
    assert picture.getpixel((16, 5)) == RED
    assert picture.getpixel((16, 60)) == BLUE
    assert notes == ()


@pytest.mark.parametrize("mode", ["I;16", "I"])
def test_sixteen_bits_of_grey_keep_their_steps(mode: str) -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None].repeat(8, axis=0)
    picture = Image.fromarray(ramp)
    grey = np.asarray(normal_picture(picture if mode == "I;16" else picture.convert("I")))
    assert np.array_equal(grey[0, :, 0], np.arange(256))
    uploaded, _ = seen(saved(picture, "PNG"))
    assert np.array_equal(np.asarray(uploaded), grey)


def test_floats_are_read_as_they_are_meant() -> None:
    for values, expected in [((0.0, 1.0), (0, 255)), ((0.0, 255.0), (0, 255)), ((-4, 9), (0, 255))]:
        picture = Image.fromarray(np.array([values] * 4, dtype=np.float32))
        grey = np.asarray(normal_picture(picture))
        assert tuple(grey[0, :, 0]) == expected, values


def test_transparency_is_put_on_white_and_said() -> None:
    picture = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    picture.paste((*RED, 255), (10, 10, 30, 30))
    cut, notes = seen(saved(picture, "PNG"))
    assert cut.getpixel((2, 2)) == (255, 255, 255)
    assert cut.getpixel((20, 20)) == RED
    assert notes == ("transparent parts are drawn on white",)
    opaque, notes = seen(saved(two_halves().convert("RGBA"), "PNG"))
    assert opaque.getpixel((2, 2)) == RED
    assert notes == ()


def test_print_colours_are_converted_and_said() -> None:
    picture, notes = seen(saved(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG"))
    red, green, blue = picture.getpixel((5, 5))  # type: ignore[misc]
    assert red > 240
    assert green < 15 > blue
    assert "CMYK" in notes[0]


def test_of_an_animation_the_first_frame_is_used_and_said() -> None:
    frames = [Image.new("RGB", (32, 32), color) for color in (RED, BLUE)]
    data = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    picture, notes = seen(data)
    assert picture.getpixel((3, 3)) == RED
    assert notes == ("an animation of 2 frames: only its first frame is used",)


def test_a_photograph_with_a_preview_behind_it_is_no_animation() -> None:
    data = saved(two_halves(), "MPO", save_all=True, append_images=[Image.new("RGB", (8, 8))])
    picture, notes = seen(data)
    assert picture.size == (64, 32)
    assert notes == ()


def test_a_file_cannot_say_that_it_was_read_already() -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("image_engine.origin", "Origin()")
    picture = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    assert seen(saved(picture, "PNG", pnginfo=text))[0].getpixel((1, 1)) == (255, 255, 255)


def test_what_changed_is_a_warning_of_the_picture(engine: Any) -> None:
    from image_engine import ImageRequest

    cut = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    request = ImageRequest("x", [cut], 256, 256, steps=1, snap_resolution=False)
    warnings = engine.generate(request).info.warnings
    assert "reference 1: transparent parts are drawn on white" in warnings


def test_one_picture_has_one_digest_however_it_is_stored(tmp_path: Path) -> None:
    turned = two_halves().transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "a.png").write_bytes(saved(turned, "PNG", exif=exif))
    assert picture_digest(tmp_path / "a.png") == picture_digest(two_halves())


def test_references_that_wait_are_no_larger_than_they_are_drawn_with() -> None:
    from image_engine.references import prepare_scene, shrink_references
    from image_engine.request import ImageRequest

    noise = Image.effect_noise((1500, 1100), 60).convert("RGB")
    small = Image.effect_noise((300, 260), 60).convert("RGB")
    boxes = [[0, 0.5, 0, 1], [0.5, 1, 0, 1]]
    for fields in (
        {"references": [noise]},
        {"references": [noise, small]},
        {"references": [noise, small], "layout_bboxes": boxes},
    ):
        request = ImageRequest("x", width=512, height=384, snap_resolution=False, **fields)
        shrunk = shrink_references(request)
        for before, after in zip(request.references, shrunk.references, strict=True):
            assert isinstance(before, Image.Image)
            assert isinstance(after, Image.Image)
            assert after.width * after.height <= min(512 * 512, before.width * before.height)
            assert picture_digest(after) == picture_digest(before)
        for one, other in zip(
            prepare_scene(request).references, prepare_scene(shrunk).references, strict=True
        ):
            assert one.image.tobytes() == other.image.tobytes()
            assert one.vision_copy.tobytes() == other.vision_copy.tobytes()
