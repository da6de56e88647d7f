"""What used to go wrong without a word: wrong weights, no numbers, foreign recipes, long prompts."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CHECKPOINT, GOLDEN, golden_case, golden_request  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

from image_engine import (  # noqa: E402
    BadRequest,
    EngineError,
    ImageEngine,
    ImageRequest,
    PromptTooLong,
    preset_request,
)
from image_engine.engine import EngineOptions  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

EDIT = golden_case("pub_edit_1ref")
TEXT = golden_case("pub_t2i_cfg")
LAYER = "model.language_model.layers.2.mlp.up_proj.weight"


def checkpoint(folder: Path, name: str, **changes: Any) -> Path:
    """A copy of the golden checkpoint with some weights multiplied."""
    copy = shutil.copytree(CHECKPOINT, folder / name)
    tensors = load_file(copy / "model.safetensors")
    tensors = {key: value * changes.get(key, 1) for key, value in tensors.items()}
    save_file(tensors, copy / "model.safetensors", {"format": "pt"})
    return copy


def test_other_weights_are_another_checkpoint_though_their_headers_are_equal(
    tmp_path: Path,
) -> None:
    from image_engine.metadata import checkpoint_fingerprint

    one = checkpoint(tmp_path, "one")
    other = checkpoint(tmp_path, "other", **{LAYER: 1.01})
    assert (one / "model.safetensors").stat().st_size == (
        other / "model.safetensors"
    ).stat().st_size
    with ImageEngine.load(one) as engine:
        assert engine.fingerprint == checkpoint_fingerprint(one)
        assert engine.fingerprint != checkpoint_fingerprint(other)
        record = {"acceleration": "exact", "checkpoint": engine.fingerprint}
    calibration = tmp_path / "calibration.json"
    calibration.write_text(json.dumps(record))
    options = EngineOptions(calibration=calibration)
    ImageEngine.load(one, options=options).release()
    with pytest.raises(BadRequest, match="another checkpoint; run calibrate"):
        ImageEngine.load(other, options=options)


def test_a_large_file_with_one_tensor_trained_is_another_checkpoint(tmp_path: Path) -> None:
    """A fine-tune may touch a few small tensors only, between any evenly spread samples."""
    from image_engine import metadata

    found = set[str]()
    for number, value in enumerate((1.0, 2.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        tensors = {f"large.{index}": torch.zeros(2_000_003) for index in range(3)}
        tensors["large.1.adapter"] = torch.full((64,), value)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
        found.add(metadata.checkpoint_fingerprint(folder, small_file=0))
    assert len(found) == 2
    (tmp_path / "0" / "model.safetensors").write_bytes(b"{}" * 9)
    assert metadata.checkpoint_fingerprint(tmp_path / "0", small_file=0) not in found


def test_a_calibration_by_headers_alone_is_called_that(tmp_path: Path) -> None:
    calibration = tmp_path / "calibration.json"
    calibration.write_text(json.dumps({"acceleration": "exact", "checkpoint": "a" * 64}))
    with pytest.raises(BadRequest, match=r"by their headers alone.*calibrate again"):
        ImageEngine.load(CHECKPOINT, options=EngineOptions(calibration=calibration))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_ends_in_an_error_that_names_the_step(tmp_path: Path, value: float) -> None:
    broken = checkpoint(tmp_path, "broken", **{LAYER: value})
    with (
        ImageEngine.load(broken) as engine,
        pytest.raises(EngineError, match=r"step 1 of 3 \(τ 999\) gave NaN or infinity"),
    ):
        engine.generate(golden_request(TEXT, steps=3))


def test_float16_is_refused_with_the_reason() -> None:
    with pytest.raises(BadRequest, match=r"dtype: float16 ends at 65,504.*use bfloat16"):
        ImageEngine.load(CHECKPOINT, dtype="float16")


def test_the_estimate_knows_the_acceleration(engine: ImageEngine) -> None:
    exact = engine.estimate(golden_request(EDIT)).peak
    reuse = engine.estimate(golden_request(EDIT, acceleration="ref_kv=4")).peak
    config, references = engine.config, 30  # 192×160 in patches
    kept = 2 * references * config.layers * 2 * config.key_heads * config.head_dim * 4
    assert kept <= reuse - exact < 1.5 * kept
    assert engine.estimate(golden_request(EDIT, acceleration="step_cache=0.1")).peak > exact


@pytest.mark.parametrize("acceleration", ["ref_kv=2", "step_cache=0.05", "ref_kv=2,step_cache=0.1"])
def test_the_estimate_covers_the_peak_of_approximations(acceleration: str) -> None:
    from live_bytes import LiveBytes

    request = golden_request(
        golden_case("pub_ip_6ref_shift1"), steps=4, width=512, height=512, acceleration=acceleration
    )
    with ImageEngine.load(CHECKPOINT, options=EngineOptions(cache_bytes=0)) as engine:
        estimate = engine.estimate(request)
        with LiveBytes() as live:
            engine.generate(request)
    assert live.peak <= estimate.peak - estimate.weights < 1.6 * live.peak


@pytest.mark.parametrize(
    ("name", "preset", "expected"),
    [
        ("HiDream-O1-Image-Dev", "preview", "this is a Dev checkpoint.*use preset dev"),
        ("HiDream-O1-Image", "dev", "this is the Full checkpoint.*use preset standard"),
        ("HiDream-O1-Image-Nano", "dev", "this is the Nano checkpoint.*use preset standard"),
        ("HiDream-O1-Image-Dev", "dev", None),
        ("HiDream-O1-Image", "preview", None),
        ("my-finetune", "dev", None),
    ],
)
def test_a_recipe_of_the_other_checkpoint_is_warned_of(
    tmp_path: Path, name: str, preset: str, expected: str | None
) -> None:
    import re

    folder = shutil.copytree(CHECKPOINT, tmp_path / name)
    request = preset_request(
        preset, "a lamp", width=256, height=256, snap_resolution=False, references=()
    )
    from image_engine.request_warnings import request_warnings

    with ImageEngine.load(folder) as engine:
        warnings = request_warnings(request, engine.plan(request).scene, engine.family)
    found = [warning for warning in warnings if "checkpoint," in warning]
    assert bool(found) == (expected is not None)
    if expected:
        assert re.search(expected, found[0])


@pytest.mark.parametrize("marker", ["<|im_start|>", "<|vision_start|>", "<|boi_token|>"])
@pytest.mark.parametrize("special", [True, False])
def test_markers_are_refused_also_where_they_are_plain_added_tokens(
    tmp_path: Path, marker: str, special: bool
) -> None:
    folder = shutil.copytree(CHECKPOINT, tmp_path / "checkpoint")
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    for token in tokenizer["added_tokens"]:
        token["special"] = special
    file.write_text(json.dumps(tokenizer))
    for other in ("special_tokens_map.json", "tokenizer_config.json"):
        settings = json.loads((folder / other).read_text())
        for key in [key for key in settings if "token" in key and key != "tokenizer_class"]:
            if not special and key in ("additional_special_tokens", "extra_special_tokens"):
                settings[key] = []
            if not special and key == "added_tokens_decoder":
                for token in settings[key].values():
                    token["special"] = False
        (folder / other).write_text(json.dumps(settings))
    with (
        ImageEngine.load(folder) as engine,
        pytest.raises(BadRequest, match=r"prompt: must not contain the model's own marker <\|"),
    ):
        engine.generate(ImageRequest(f"a lamp {marker} on a table"))


def test_a_prompt_longer_than_the_model_takes_is_refused(engine: ImageEngine) -> None:
    with pytest.raises(PromptTooLong, match=r"prompt: [\d,]+ tokens; at most 2,048"):
        engine.generate(ImageRequest("a lamp, " * 4000))


@pytest.mark.parametrize(
    ("width", "height"), [(250, 256), (64, 256), (256, 1056), (2080, 2080), (128, 4096)]
)
def test_sizes_are_refused_with_those_that_are_allowed(width: int, height: int) -> None:
    with pytest.raises(BadRequest, match=r"(width|height): .*Allowed .*multiples of 32.*1344×768"):
        ImageRequest("x", width=width, height=height, snap_resolution=False)


def test_the_parts_of_transformers_are_of_a_tested_release() -> None:
    from image_engine.transformers_parts import TESTED, TRANSFORMERS

    minor = ".".join(TRANSFORMERS.split(".")[:2])
    assert minor in TESTED, (
        f"transformers {TRANSFORMERS} was never tested: its inside may have moved. Run the golden "
        "cases; if they pass, add the release to TESTED and to pyproject.toml"
    )


def test_enlarged_copies_go_through_the_filter_of_the_reference(engine: ImageEngine) -> None:
    """Nine references and more fall below what the vision tower takes. The reference enlarges
    with antialiased bicubic of PyTorch; here the same by its formula, in float64."""
    import numpy as np

    picture = GOLDEN / "cases" / "pub_edit_1ref_ref0.png"
    request = ImageRequest("x", [picture] * 9, 512, 384, steps=1, snap_resolution=False)
    plan = engine.plan(request)
    copy = plan.scene.references[0].vision_copy
    vision = next(chunk.vision for chunk in plan.conditionings[0].chunks if chunk.vision)
    height, width = vision.rows * 16, vision.columns * 16
    assert copy.width * copy.height < 65_536 <= width * height
    expected = np.asarray(copy, dtype=np.float64)
    across = bicubic(expected.transpose(1, 0, 2), width).transpose(1, 0, 2)
    expected = bicubic(across, height)
    patches = vision.pixels.view(-1, 3, 2, 16, 16)[:, :, 0]
    blocks = patches.view(vision.rows // 2, vision.columns // 2, 2, 2, 3, 16, 16)
    drawn = blocks.permute(4, 0, 2, 5, 1, 3, 6).reshape(3, height, width)
    levels = (drawn.numpy() * 0.5 + 0.5).transpose(1, 2, 0) * 255
    difference = np.abs(levels - expected.clip(0, 255))
    assert difference.max() < 2.01  # rounded to whole levels, once in each direction
    assert difference.mean() < 0.05
    pixels = torch.from_numpy(np.array(copy)).permute(2, 0, 1)[None]
    filtered = torch.nn.functional.interpolate(
        pixels, (height, width), mode="bicubic", antialias=True
    )
    assert np.array_equal(levels.round(), filtered[0].permute(1, 2, 0).numpy())


def bicubic(rows: Any, size: int) -> Any:
    """Keys' cubic of a = -0.5 along the first axis, enlarging, clipped and rounded to levels."""
    import numpy as np

    centers = (np.arange(size) + 0.5) * len(rows) / size
    distance = np.abs(np.arange(len(rows))[None] + 0.5 - centers[:, None])
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("oi,ijc->ojc", weights, rows).clip(0, 255).round()
