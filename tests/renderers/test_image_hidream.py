"""The engine as an image backend: sizes, options, errors, in process and over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("fastapi")

import torch
from fake_engine import FakeEngine, make_app, png, serving
from golden_cases import CHECKPOINT

from image_engine import PRESETS
from image_engine.errors import BudgetExceeded, NotLoaded
from image_engine.errors import OutOfMemory as FullDevice
from image_engine.metadata import read_png
from image_engine.request import MAX_PIXELS
from renderers.base import ImageBackend, ImageRequest, Reference
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Unavailable
from renderers.image.hidream import HiDreamImages, drawn_size, engine_request
from renderers.image.png import decode

TINY = {"steps": 2, "resolution": 256}
REQUEST = ImageRequest("a cat on a wall", 720, 1280, seed=7, options=TINY)  # pyright: ignore[reportArgumentType]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "blob"
    path.write_bytes(png(96, 128, "blue"))
    return path


def test_presets_keep_their_area_in_the_canvas_s_shape() -> None:
    assert drawn_size(960, 960, 2048**2) == (2048, 2048)
    assert drawn_size(720, 1280, 1536**2) == (1152, 2048)
    for width, height in ((720, 1280), (1280, 720), (960, 960), (1312, 3104)):
        for area in (1024**2, 1536**2, 2048**2):
            wide, high = drawn_size(width, height, area)
            assert wide % 32 == high % 32 == 0 and wide * high <= MAX_PIXELS
            assert wide * high == pytest.approx(area, rel=0.07)
            # At most one patch is cut away.
            assert abs(wide - high * width / height) < 33 or abs(high - wide * height / width) < 33


def test_a_resolution_is_the_longer_side_and_sets_bucket_snapping_aside() -> None:
    official = {"preset": "official"}
    request = engine_request(ImageRequest("x", 720, 1280, 1, options=official))  # pyright: ignore[reportArgumentType]
    assert request.snap_resolution and request.steps == 50
    request = engine_request(
        ImageRequest("x", 720, 1280, 1, options={**official, "resolution": 512, "steps": 3})
    )
    assert (request.width, request.height) == (288, 512)
    assert not request.snap_resolution and request.steps == 3


def test_a_preset_of_one_picture_sets_the_usual_steps_and_size_aside() -> None:
    draft = ImageRequest("x", 960, 960, 1, options={"preset": "preview"})
    request = engine_request(draft, {"preset": "high", "steps": 50, "resolution": 2048})
    assert (request.width, request.steps) == (1024, 20)


def test_a_draft_on_a_dev_checkpoint_keeps_its_own_noise_levels() -> None:
    draft = ImageRequest("x", 960, 960, 1, options={"preset": "preview"})
    request = engine_request(draft, {"preset": "dev"})
    assert request.timesteps == PRESETS["dev-preview"].timesteps
    assert (request.width, request.height) == (1024, 1024)
    assert engine_request(draft, {"preset": "high"}).timesteps is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"lora": 1}, "lora: unknown to hidream; it takes acceleration"),
        ({"preset": "best"}, "'best' is none of preview"),
        ({"steps": 0}, "image steps: must be 1 to"),
        ({"shift": "wide"}, "image shift: must be a finite number"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        engine_request(ImageRequest("x", 720, 1280, 1, options=options))  # pyright: ignore[reportArgumentType]


def test_the_engine_draws_in_process_from_references(tmp_path: Path, reference: Path) -> None:
    backend: ImageBackend = HiDreamImages(checkpoint=str(CHECKPOINT), device="cpu")
    request = ImageRequest(
        "image 1 is a wall", 720, 1280, 7, (Reference(reference, "image 1 (setting:a)"),), None, TINY  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    result = backend.render(request, tmp_path / "a.png")
    again = backend.render(request, tmp_path / "b.png")
    backend.close()
    backend.close()
    assert (result.width, result.height) == (144, 256)
    assert result.info["drawn"] == [160, 256] and result.info["steps"] == 2
    assert any("256" in warning for warning in result.warnings)
    left, right = (decode(path.read_bytes()).tobytes() for path in (result.path, again.path))
    assert left == right
    # The cut picture still says how it was made.
    assert read_png(result.path).fields["seed"] == 7


def test_a_server_draws_the_very_same_request(tmp_path: Path, reference: Path) -> None:
    fake = FakeEngine()
    request = ImageRequest("x", 720, 1280, 7, (Reference(reference),), None, TINY)  # pyright: ignore[reportArgumentType]
    with serving(make_app(fake)) as url:
        backend = HiDreamImages(base_url=url, model="tiny")
        result = backend.render(request, tmp_path / "x.png")
        backend.close()
    (asked,) = fake.drawn
    local = engine_request(request)
    for name in (
        "prompt",
        "width",
        "height",
        "steps",
        "seed",
        "guidance_scale",
        "shift",
        "sampler",
    ):
        assert getattr(asked, name) == getattr(local, name), name
    assert len(asked.references) == 1 and not asked.snap_resolution
    assert (result.width, result.height) == (144, 256)


@pytest.mark.parametrize(
    ("fails", "error", "says"),
    [
        (BudgetExceeded("12 + 3 = 15 GiB", needed=15, budget=12), OutOfMemory, "15 GiB"),
        (FullDevice("no room left"), OutOfMemory, "no room left"),
        (NotLoaded("the weights are away"), Unavailable, "not awake"),
        (RuntimeError("a bug"), BadOutput, "the image server failed"),
    ],
)
def test_a_server_s_troubles_say_what_to_do(
    fails: Exception, error: type[Exception], says: str, tmp_path: Path
) -> None:
    with (
        serving(make_app(FakeEngine(fails=fails), load=FakeEngine)) as url,
        pytest.raises(error, match=says),
    ):
        HiDreamImages(base_url=url).render(REQUEST, tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_is_said_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match=r"image\.base_url.*image\.checkpoint"):
        HiDreamImages()
    with pytest.raises(Unavailable, match="hf download"):
        HiDreamImages(checkpoint=str(tmp_path / "none"))
    with pytest.raises(Unavailable, match="config"):
        HiDreamImages(checkpoint=str(tmp_path)).render(REQUEST, tmp_path / "x.png")
    with pytest.raises(Unavailable, match=r"image_engine\.server"):
        HiDreamImages(base_url="http://127.0.0.1:9").render(REQUEST, tmp_path / "x.png")


def test_another_checkpoint_or_recipe_is_another_fingerprint(tmp_path: Path) -> None:
    tiny = HiDreamImages(checkpoint=str(CHECKPOINT)).fingerprint()
    assert tiny == HiDreamImages(checkpoint=str(CHECKPOINT)).fingerprint()
    assert tiny != HiDreamImages(checkpoint=str(CHECKPOINT), preset="high").fingerprint()
    (tmp_path / "model.safetensors").write_bytes(b"other")
    assert tiny != HiDreamImages(checkpoint=str(tmp_path)).fingerprint()


def test_choosing_the_engine_imports_no_torch() -> None:
    code = (
        "import sys, storyboard.stages.images, renderers.image.hidream as h;"
        "h.HiDreamImages(base_url='http://127.0.0.1:9').fingerprint();"
        "assert not {'torch', 'transformers', 'PIL'} & set(sys.modules)"
    )
    run([sys.executable, "-c", code], check=True)
