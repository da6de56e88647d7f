"""What only a CUDA device can show: the allocator after release, peaks, half precision."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CASES, CHECKPOINT, GOLDEN, golden_case, golden_request  # noqa: E402

from image_engine import Cancelled, ImageEngine, Progress  # noqa: E402
from image_engine.attention import choose_attention, why_not  # noqa: E402
from image_engine.bench.__main__ import Bench, request  # noqa: E402
from image_engine.bench.random_model import MID, random_engine  # noqa: E402
from image_engine.engine import EngineOptions, make_denoiser  # noqa: E402
from image_engine.samplers import FreshNoise, make_schedule  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available(), reason="needs a card: no CUDA device is here"
    ),
]


@pytest.mark.parametrize("name", [case["name"] for case in CASES])
def test_float32_on_the_device_draws_what_the_reference_drew(name: str) -> None:
    import numpy as np

    case = golden_case(name)
    expected = np.load(GOLDEN / "cases" / case["expected"])["z"]
    with ImageEngine.load(CHECKPOINT, device="cuda") as engine:
        drawn = engine.generate(golden_request(case)).patches.numpy()
    assert np.linalg.norm(drawn - expected) / np.linalg.norm(expected) < 1e-3


def test_after_release_the_allocator_holds_nothing_of_ours() -> None:
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    with ImageEngine.load(CHECKPOINT, device="cuda", dtype="bfloat16") as engine:
        result = engine.generate(golden_request(golden_case("pub_edit_1ref"), steps=2))
        assert result.info.peak_bytes is not None
        assert torch.cuda.memory_allocated() > before
    assert torch.cuda.memory_allocated() == before


def test_offloading_frees_the_device_and_restoring_changes_nothing() -> None:
    with ImageEngine.load(CHECKPOINT, device="cuda", dtype="bfloat16") as engine:
        drawn = golden_request(golden_case("pub_edit_1ref"), steps=2)
        before = engine.generate(drawn).patches
        loaded = torch.cuda.memory_allocated()
        engine.offload()
        assert torch.cuda.memory_allocated() < 0.2 * loaded
        engine.restore()
        assert torch.equal(engine.generate(drawn).patches, before)


@pytest.mark.parametrize("references", [0, 3])
def test_the_estimate_covers_the_allocators_peak(references: int) -> None:
    options = EngineOptions(cache_bytes=0)
    with random_engine(MID, "cuda", torch.bfloat16, options) as engine:
        drawn = request(Bench("cuda", torch.bfloat16, 1024, 2, 1), references)
        estimate = engine.estimate(drawn)
        peak = engine.generate(drawn).info.peak_bytes
    assert peak is not None
    assert peak <= estimate.peak < 1.8 * peak + estimate.reserve


@pytest.mark.parametrize("name", ["fa3", "fa2", "cudnn", "flash"])
@pytest.mark.parametrize("past", [0, 37])
def test_every_attention_kernel_computes_the_same(name: str, past: int) -> None:
    device = torch.device("cuda")
    if problem := why_not(name, device, torch.bfloat16):  # type: ignore[arg-type]
        pytest.skip(problem)
    torch.manual_seed(0)
    query = torch.randn(1, 130, 8, 128, device=device).bfloat16()
    key, value = (torch.randn(1, 130 + past, 2, 128, device=device).bfloat16() for _ in range(2))
    exact = choose_attention(device, torch.float32, "sdpa").attend
    attend = choose_attention(device, torch.bfloat16, name).attend
    for causal in (False, True):
        expected = exact(query.float(), key.float(), value.float(), causal)
        drawn = attend(query, key, value, causal).float()
        assert (drawn - expected).norm() / expected.norm() < 1e-2


def test_fused_regions_draw_the_same_picture() -> None:
    drawn = golden_request(golden_case("pub_edit_1ref"), steps=4)
    with ImageEngine.load(CHECKPOINT, device="cuda") as engine:
        plain = engine.generate(drawn).patches
        fused = engine.generate(replace(drawn, acceleration="compile")).patches
    assert (fused - plain).norm() / plain.norm() < 1e-4


def test_noise_of_the_device_is_its_global_generators() -> None:
    """As the reference draws it: seeded with seed + 1, on the device."""
    request = golden_request(golden_case("pub_dev_flash_t2i"), noise_device="device")
    noise = FreshNoise(replace(request, noise_clip_std=0.0), torch.device("cuda"))
    torch.cuda.manual_seed(request.seed + 1)
    expected = torch.randn(1, 36, 3072, device="cuda")[0]
    assert torch.equal(noise.draw(torch.Size((36, 3072)), last=True), expected)


def test_steps_are_reported_when_they_are_done_and_cancelling_is_soon() -> None:
    cancel, seen = threading.Event(), []

    def watch(progress: Progress) -> None:
        seen.append((progress.step, progress.seconds))
        progress.preview()
        if progress.step == 3:
            cancel.set()

    with random_engine(MID, "cuda", torch.bfloat16) as engine:
        drawn = request(Bench("cuda", torch.bfloat16, 1024, 12, 1), 0)
        whole = engine.generate(drawn, lambda progress: seen.append((0, progress.seconds)))
        assert sum(seconds for _, seconds in seen) > 0.8 * whole.info.seconds["sampling"]
        seen.clear()
        with pytest.raises(Cancelled, match=r"cancelled after [45] of 12 steps"):
            engine.generate(drawn, watch, cancel=cancel)
    assert [step for step, _ in seen] == [1, 2, 3]


def test_no_step_waits_for_the_device() -> None:
    """Nothing between the first step and the last synchronises, but for what `_Watch` waits for."""
    with random_engine(MID, "cuda", torch.bfloat16) as engine:
        drawn = request(Bench("cuda", torch.bfloat16, 1024, 6, 1), 1)
        engine.generate(drawn)
        model, prefixes = engine.loaded()
        plan = engine.plan(drawn)
        schedule = make_schedule(drawn)
        with torch.inference_mode():
            built = [prefixes.build(each, plan.residual) for each in plan.conditionings]
            denoiser = make_denoiser(model, plan, built, schedule)
            z = torch.randn(1024, 3072, device="cuda")
            torch.cuda.synchronize()
            torch.cuda.set_sync_debug_mode("error")
            try:
                for step in range(6):
                    z = denoiser.predict(z, step, 5.0)
            finally:
                torch.cuda.set_sync_debug_mode("default")
