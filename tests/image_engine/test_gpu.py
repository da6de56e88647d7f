"""What only a CUDA device can show: the allocator after release, peaks, half precision."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CASES, CHECKPOINT, GOLDEN, golden_case, golden_request  # noqa: E402

from image_engine import ImageEngine  # noqa: E402
from image_engine.bench.__main__ import Bench, request  # noqa: E402
from image_engine.bench.random_model import MID, random_engine  # noqa: E402
from image_engine.engine import EngineOptions  # noqa: E402

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
