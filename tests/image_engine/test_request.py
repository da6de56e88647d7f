"""Requests are checked at the border; every fault names its field. Needs no torch."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from golden_cases import GOLDEN

from image_engine import BadRequest, ImageRequest, preset_request
from image_engine.presets import DEV_TIMESTEPS, PRESETS
from image_engine.sizes import closest_bucket, fitted_size, reference_side, vision_copy_size

PICTURE = GOLDEN / "cases" / "pub_edit_1ref_ref0.png"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"prompt": "  "}, "prompt"),
        ({"width": 1000, "snap_resolution": False}, "width"),
        ({"height": 96, "snap_resolution": False}, "height"),
        ({"height": 0}, "height"),
        ({"width": 2560, "height": 2048, "snap_resolution": False}, "width"),
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"guidance_scale": float("nan")}, "guidance_scale"),
        ({"guidance_scale": -1.0}, "guidance_scale"),
        ({"shift": 0.0}, "shift"),
        ({"sampler": "euler"}, "sampler"),
        ({"timesteps": [900, 900]}, "timesteps[1]"),
        ({"timesteps": [0]}, "timesteps[0]"),
        ({"timesteps": []}, "timesteps"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"seam_smoothing": 1.5}, "seam_smoothing"),
        ({"acceleration": "fast"}, "acceleration"),
        ({"noise_clip_std": -0.1}, "noise_clip_std"),
        ({"references": ["/nowhere/a.png"]}, "references[0]"),
        ({"references": [PICTURE] * 12}, "references"),
        ({"keep_original_aspect": True}, "keep_original_aspect"),
        ({"keep_original_aspect": True, "references": [PICTURE] * 2}, "keep_original_aspect"),
        ({"layout_bboxes": "[[0,1,0,1]]"}, "layout_bboxes"),
        ({"layout_bboxes": "[[0,1"}, "layout_bboxes"),
        ({"layout_bboxes": {"rectangles": []}}, "layout_bboxes"),
        ({"layout_bboxes": [[0, 1, 0]], "references": [PICTURE]}, "layout_bboxes[0]"),
        ({"layout_bboxes": [[0, 300, 0, 50]], "references": [PICTURE]}, "layout_bboxes[0]"),
    ],
)
def test_a_fault_names_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        ImageRequest(**({"prompt": "a lamp"} | fields))
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")


@pytest.mark.parametrize(
    "layout",
    [
        [[0.2, 0.4, 0.1, 0.8]],
        [[20, 40, 10, 80]],
        [{"bbox": [0.2, 0.4, 0.1, 0.8], "text": "the baker"}],
        {"bbox_list": [[0.4, 0.2, 0.8, 0.1]]},
        '{"boxes": [[0.2, 0.4, 0.1, 0.8]]}',
    ],
)
def test_every_form_of_a_box_means_the_same(layout: Any) -> None:
    request = ImageRequest("two people", references=[PICTURE], layout_bboxes=layout)
    assert request.boxes() == (pytest.approx((0.2, 0.4, 0.1, 0.8)),)


def test_steps_are_the_length_of_the_timesteps() -> None:
    assert ImageRequest("a lamp", timesteps=DEV_TIMESTEPS, sampler="flash").steps == 28


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_makes_a_request(name: str) -> None:
    request = preset_request(name, "a lamp", seed=7)
    assert (request.seed, request.steps) == (7, PRESETS[name].steps)


def test_dev_with_one_reference_takes_the_editing_recipe() -> None:
    edit = preset_request("dev", "remove the lamp", references=[PICTURE])
    assert (edit.sampler, edit.noise_scale_start, edit.noise_clip_std) == ("flow_match", 8.0, 0.0)
    several = preset_request("dev", "both of them", references=[PICTURE] * 2)
    assert (several.sampler, several.noise_scale_start) == ("flash", 7.5)


def test_an_unknown_preset_lists_the_known() -> None:
    with pytest.raises(BadRequest, match="preview, standard, high, official, dev"):
        preset_request("best", "a lamp")


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ((512, 512), (2048, 2048)),
        ((1024, 1024), (2048, 2048)),
        ((720, 1280), (1440, 2560)),
        ((1920, 1080), (2560, 1440)),
        ((4000, 1000), (3104, 1312)),
        ((900, 700), (2304, 1792)),
    ],
)
def test_sizes_snap_to_the_closest_trained_ratio(
    asked: tuple[int, int], drawn: tuple[int, int]
) -> None:
    assert closest_bucket(*asked) == drawn


def test_references_shrink_with_their_number() -> None:
    sides = [reference_side(2048, count) for count in range(1, 12)]
    assert sides == [2048, 1536, 1024, 1024, 768, 768, 768, 768, 512, 512, 512]


def test_fitted_sizes_fill_the_area_in_whole_patches() -> None:
    for width, height in [(1000, 1000), (1920, 1080), (333, 999), (4000, 500)]:
        fitted = fitted_size(width, height, 1024)
        assert fitted[0] % 32 == fitted[1] % 32 == 0
        assert 0.8 * 1024**2 < fitted[0] * fitted[1] <= 1024**2
    assert vision_copy_size(384, 1000, 1000) == (384, 384)
    assert vision_copy_size(384, 4000, 100) == (2400, 32)


def test_requests_import_no_torch() -> None:
    script = (
        "import sys\n"
        "from image_engine import BadRequest, ImageRequest, preset_request\n"
        "ImageRequest('a lamp')\n"
        "assert not {'torch', 'transformers', 'PIL'} & set(sys.modules), 'heavy import'\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
