"""Approximations: off unless asked for, each close to exact, each doing less work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CHECKPOINT, GOLDEN, golden_case, golden_request  # noqa: E402
from PIL import Image  # noqa: E402

from image_engine import BadRequest, ImageEngine, calibrate  # noqa: E402
from image_engine.acceleration import Acceleration, parse_acceleration  # noqa: E402
from image_engine.engine import EngineOptions  # noqa: E402
from image_engine.similarity import psnr, structural_error  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

EDIT = golden_case("pub_edit_1ref")


def error(engine: ImageEngine, acceleration: str, **changes: Any) -> float:
    """Relative difference from exact."""
    exact = engine.generate(golden_request(EDIT, **changes)).patches
    quick = engine.generate(golden_request(EDIT, acceleration=acceleration, **changes)).patches
    return float((quick - exact).norm() / exact.norm())


@pytest.mark.parametrize(
    "text",
    ["exact", "ref_kv=4", "guidance=0.1-0.8", "step_cache=0.08", "ref_kv=2,step_cache=0.1,fp8"],
)
def test_settings_read_back_as_written(text: str) -> None:
    assert str(parse_acceleration(text)) == text
    assert parse_acceleration(text).exact == (text == "exact")


@pytest.mark.parametrize(
    "text",
    ["", "fast", "ref_kv", "ref_kv=1", "guidance=0.8-0.1", "step_cache=0", "ref_kv=2,ref_kv=4"],
)
def test_unknown_settings_are_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="acceleration: "):
        parse_acceleration(text)


@pytest.mark.parametrize(
    ("acceleration", "limit"),
    [("ref_kv=2", 0.2), ("ref_kv=4", 0.3), ("guidance=0.1-0.8", 0.5), ("step_cache=0.1", 0.3)],
)
def test_approximations_differ_but_not_by_far(
    engine: ImageEngine, acceleration: str, limit: float
) -> None:
    assert 0 < error(engine, acceleration) < limit


def test_settings_that_never_act_are_exact(engine: ImageEngine) -> None:
    assert error(engine, "guidance=0-1") == 0
    assert error(engine, "step_cache=1e-9") == 0
    text_only = golden_request(golden_case("pub_t2i_cfg"), steps=4)
    with_memory = golden_request(golden_case("pub_t2i_cfg"), steps=4, acceleration="ref_kv=4")
    exact, quick = engine.generate_many([text_only, with_memory])
    assert torch.equal(exact.patches, quick.patches)


def test_guidance_runs_in_its_part_of_the_steps_only(engine: ImageEngine) -> None:
    info = engine.generate(golden_request(EDIT, steps=10, acceleration="guidance=0.2-0.7")).info
    assert info.forwards == 10 + 5
    assert info.acceleration == "guidance=0.2-0.7"


def test_all_together_still_draw(engine: ImageEngine) -> None:
    together = "ref_kv=3,guidance=0.2-0.7,step_cache=0.05"
    assert 0 < error(engine, together, seam_smoothing=0.5) < 0.6


def test_stored_in_8_bits_the_decoder_is_half_the_size() -> None:
    with (
        ImageEngine.load(CHECKPOINT, dtype="bfloat16") as full,
        ImageEngine.load(CHECKPOINT, dtype="bfloat16", options=EngineOptions("fp8")) as small,
    ):
        request = golden_request(EDIT, steps=2)
        saved = full.estimate(request).weights
        with pytest.raises(BadRequest, match="held in 8 bits; add fp8"):
            small.generate(request)
        with pytest.raises(BadRequest, match="held in full"):
            full.generate(golden_request(EDIT, steps=2, acceleration="fp8"))
        quick_request = golden_request(EDIT, steps=2, acceleration="fp8")
        saved -= small.estimate(quick_request).weights
        exact, quick = full.generate(request), small.generate(quick_request)
        model, _ = full.loaded()
        linear = sum(
            weight.numel()
            for name, weight in model.language_model.layers.named_parameters()
            if name.endswith("proj.weight")
        )
    assert 0.95 * linear < saved <= linear
    assert 0 < float((quick.patches - exact.patches).norm() / exact.patches.norm()) < 0.2


def test_half_precision_draws_nearly_the_same(engine: ImageEngine) -> None:
    request = golden_request(EDIT, steps=4)
    with ImageEngine.load(CHECKPOINT, dtype="bfloat16") as half:
        difference = half.generate(request).patches - engine.generate(request).patches
    assert 0 < float(difference.norm() / engine.generate(request).patches.norm()) < 0.05


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch.compile's own imports
def test_compiled_layers_compute_the_same(engine: ImageEngine) -> None:
    assert error(engine, "compile", steps=2) < 1e-4


def test_similarity_of_known_pictures() -> None:
    picture = Image.open(GOLDEN / "cases" / "pub_edit_1ref_ref0.png").convert("RGB")
    assert psnr(picture, picture) == 100
    assert structural_error(picture, picture) == pytest.approx(0, abs=1e-12)
    brighter = picture.point([min(255, value + 10) for value in range(256)] * 3)
    assert 27 < psnr(picture, brighter) < 30
    noise = Image.effect_noise(picture.size, 80).convert("RGB")
    assert structural_error(picture, noise) > 0.8 > structural_error(picture, brighter)


def test_calibration_finds_the_fastest_within_the_limits(tmp_path: Path) -> None:
    out = tmp_path / "calibration.json"
    arguments = [
        *("--checkpoint", str(CHECKPOINT), "--device", "cpu", "--dtype", "float32"),
        *("--prompt", "a lamp", "--width", "128", "--height", "128", "--steps", "3"),
        *("--min-psnr", "5", "--max-structural-error", "1", "--out", str(out)),
    ]
    assert calibrate.main(arguments) == 0
    record = json.loads(out.read_text())
    tried = {item["acceleration"]: item for item in record["measured"]}
    assert "guidance=0-0.7" in tried
    assert not any("ref_kv" in name for name in tried), "there are no references to keep"
    faster = {name: item["seconds"] for name, item in tried.items() if item["times_as_fast"] > 1}
    assert record["acceleration"] == (
        min(faster, key=lambda name: faster[name]) if faster else "exact"
    )
    with ImageEngine.load(CHECKPOINT, options=EngineOptions(calibration=out)) as engine:
        request = golden_request(EDIT, steps=2, acceleration="calibrated")
        assert engine.generate(request).info.acceleration == record["acceleration"]
    record["checkpoint"] = "another"
    out.write_text(json.dumps(record))
    with pytest.raises(BadRequest, match="another checkpoint"):
        ImageEngine.load(CHECKPOINT, options=EngineOptions(calibration=out))


def test_limits_that_nothing_meets_leave_exact() -> None:
    measured = [calibrate.Measured("ref_kv=4", 1.0, 2.0, 25.0, 0.2)]
    assert calibrate.fastest(measured, calibrate.CalibrationLimits()) == "exact"
    assert calibrate.fastest(measured, calibrate.CalibrationLimits(20, 0.3)) == "ref_kv=4"


def test_calibrated_needs_a_file(engine: ImageEngine) -> None:
    with pytest.raises(BadRequest, match="calibration file"):
        engine.generate(golden_request(EDIT, acceleration="calibrated"))
    assert Acceleration().exact
