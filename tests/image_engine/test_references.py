"""References as the model gets them: sizes, copies, layout canvas."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from image_engine import BadRequest, ImageRequest  # noqa: E402
from image_engine.references import (  # noqa: E402
    COLORS,
    draw_layout,
    prepare_scene,
    to_image,
    to_patches,
)


def picture(width: int = 640, height: int = 480) -> Image.Image:
    return Image.effect_noise((width, height), 60).convert("RGB")


def test_patches_and_back() -> None:
    image = torch.randn(3, 96, 160)
    patches = to_patches(image)
    assert patches.shape == (15, 3072)
    assert torch.equal(patches[1].view(3, 32, 32), image[:, :32, 32:64])
    assert torch.equal(to_image(patches, 160, 96), image)


@pytest.mark.parametrize("count", range(12))
def test_every_number_of_references(count: int) -> None:
    scene = prepare_scene(
        ImageRequest("x", [picture()] * count, width=1024, height=512, snap_resolution=False)
    )
    assert (scene.width, scene.height) == (1024, 512)
    assert len(scene.references) == count
    budget = [1024, 768, 512, 512, 384, 384, 384, 384, 256, 256, 256][max(0, count - 1)] ** 2
    copy = (384 if count <= 4 else 288 if count <= 8 else 192) ** 2
    for reference in scene.references:
        width, height = reference.size
        assert width % 32 == height % 32 == 0
        assert width * height <= budget
        assert reference.vision_copy.width * reference.vision_copy.height <= copy
        assert reference.patches().shape == (width * height // 1024, 3072)
        assert reference.patches().abs().max() <= 1


def test_the_original_aspect_becomes_the_size() -> None:
    request = ImageRequest("x", [picture(900, 600)], 256, 256, keep_original_aspect=True)
    scene = prepare_scene(request)
    assert (scene.width, scene.height) == (2496, 1664)
    assert scene.references[0].size == (2496, 1664)


def test_snapping_is_on_unless_told_otherwise() -> None:
    scene = prepare_scene(ImageRequest("x", width=720, height=1280))
    assert (scene.width, scene.height) == (1440, 2560)


def test_a_layout_adds_a_canvas_and_colours_the_references() -> None:
    boxes = [[0.0, 0.3, 0.0, 0.3], [0.4, 1.0, 0.2, 1.0]]
    request = ImageRequest(
        "x", [picture()] * 3, 1024, 1024, layout_bboxes=boxes, snap_resolution=False
    )
    scene = prepare_scene(request)
    assert len(scene.references) == 4
    assert scene.references[3].size == (512, 512)
    corners = [reference.image.getpixel((2, 2)) for reference in scene.references[:3]]
    # The larger box is drawn first, in the first colour; without a box, the place in the list.
    assert corners == [COLORS[1], COLORS[0], COLORS[2]]


def test_boxes_are_drawn_largest_first_and_five_at_most() -> None:
    boxes = tuple((0.0, 0.2 + 0.1 * index, 0.0, 0.2 + 0.1 * index) for index in range(7))
    canvas, colors = draw_layout(boxes, 1000, 1000, 7)
    assert colors == [COLORS[0], COLORS[1], COLORS[4], COLORS[3], COLORS[2], COLORS[1], COLORS[0]]
    drawn = {color for _, color in canvas.getcolors() or []}
    assert drawn == {(0, 0, 0), *COLORS[:5]}
    # 5 % of 1000 wide, inside the box, then 10 px less for each smaller box.
    assert canvas.getpixel((799, 400)) == COLORS[0]
    assert canvas.getpixel((752, 400)) == COLORS[0]
    assert canvas.getpixel((748, 400)) == (0, 0, 0)


def test_unreadable_and_narrow_references_are_named(tmp_path: pytest.TempPathFactory) -> None:
    broken = tmp_path / "broken.png"  # type: ignore[operator]
    broken.write_bytes(b"no picture")
    with pytest.raises(BadRequest, match=r"references\[1\]: .*not a readable picture"):
        prepare_scene(ImageRequest("x", [picture(), broken]))
    narrow = picture(4000, 3)
    with pytest.raises(BadRequest, match=r"references\[0\]: .*too narrow"):
        prepare_scene(ImageRequest("x", [narrow], 256, 256, snap_resolution=False))
