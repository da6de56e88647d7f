"""What a caller sees of the engine: repeatability, progress, cancelling, moving, release."""

from __future__ import annotations

import gc
import re
import shutil
import threading
import weakref
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CHECKPOINT, GOLDEN, golden_case, golden_request  # noqa: E402
from PIL import Image  # noqa: E402

from image_engine import (  # noqa: E402
    BadRequest,
    BudgetExceeded,
    Cancelled,
    ImageEngine,
    ImageRequest,
    NotLoaded,
    Progress,
)
from image_engine.engine import EngineOptions  # noqa: E402
from image_engine.similarity import psnr  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

EDIT = golden_case("pub_edit_1ref")
TEXT = golden_case("pub_t2i_cfg")


def test_many_are_drawn_as_one_by_one(engine: ImageEngine) -> None:
    requests = [
        golden_request(TEXT, steps=2),
        golden_request(EDIT, steps=3),
        golden_request(golden_case("pub_dev_flash_t2i"), timesteps=(900, 500, 100)),
    ]
    together = engine.generate_many(requests)
    for request, result in zip(requests, together, strict=True):
        assert torch.equal(engine.generate(request).patches, result.patches)


def test_a_result_does_not_depend_on_what_was_drawn_before() -> None:
    request = golden_request(golden_case("pub_ip_3ref_shift2"), steps=2)
    longer = golden_request(
        golden_case("pub_ip_3ref_shift2"), steps=2, prompt=request.prompt + " Rain on the window."
    )
    with ImageEngine.load(CHECKPOINT, options=EngineOptions(cache_bytes=0)) as uncached:
        fresh = uncached.generate(request)
        assert uncached.generate(request).info.prefix_reused < 500
    with ImageEngine.load(CHECKPOINT) as cached:
        cached.generate(longer)
        warm = cached.generate(request)
    assert torch.equal(fresh.patches, warm.patches)


def test_requests_that_begin_alike_share_their_prefix() -> None:
    request = golden_request(golden_case("pub_ip_3ref_shift2"), steps=1, guidance_scale=1.0)
    with ImageEngine.load(CHECKPOINT) as engine:
        assert engine.generate(request).info.prefix_reused == 0
        again = golden_request(EDIT, steps=1).references
        other_end = golden_request(
            golden_case("pub_ip_3ref_shift2"),
            steps=1,
            guidance_scale=1.0,
            references=[*request.references[:2], *again],
        )
        shared = engine.generate(other_end).info.prefix_reused
        whole = engine.generate(request).info.prefix_reused
    # Each reference has 64 to 144 placeholder tokens; two of three are shared.
    assert 120 < shared < whole


def test_guidance_shares_the_references_of_both_prompts(engine: ImageEngine) -> None:
    with ImageEngine.load(CHECKPOINT) as engine:
        info = engine.generate(golden_request(EDIT, steps=1)).info
    assert info.prefix_reused >= 64
    assert info.forwards == 2


def test_the_cache_stays_within_its_bytes() -> None:
    with ImageEngine.load(CHECKPOINT, options=EngineOptions(cache_bytes=300_000)) as engine:
        for case in ("pub_ip_3ref_shift2", "pub_edit_1ref", "pub_ip_6ref_shift1"):
            engine.generate(golden_request(golden_case(case), steps=1))
            _, prefixes = engine.loaded()
            assert 0 < prefixes.chunks.bytes <= 300_000
            assert prefixes.features.bytes <= 75_000


def test_every_number_of_references_is_drawn(engine: ImageEngine) -> None:
    picture = GOLDEN / "cases" / "pub_edit_1ref_ref0.png"
    for count in (2, 4, 5, 8, 9, 11):
        request = ImageRequest(
            "x", [picture] * count, 128, 160, steps=1, guidance_scale=1.0, snap_resolution=False
        )
        result = engine.generate(request)
        assert result.patches.shape == (20, 3072)
        assert len(result.info.reference_sizes) == count


def test_progress_and_previews(engine: ImageEngine) -> None:
    steps: list[Progress] = []
    previews: list[Image.Image] = []

    def watch(progress: Progress) -> None:
        steps.append(progress)
        previews.append(progress.preview())

    result = engine.generate(golden_request(TEXT, steps=4), watch)
    assert [step.step for step in steps] == [1, 2, 3, 4]
    assert steps[0].timestep == 999
    assert {preview.size for preview in previews} == {(192, 160)}
    # The last prediction is where UniPC ends, but for its τ being cut to a whole number.
    errors = [psnr(preview, result.image) for preview in previews]
    assert errors[-1] > 35 > errors[0]


def test_cancelling_stops_before_the_next_step(engine: ImageEngine) -> None:
    cancel = threading.Event()
    seen: list[int] = []

    def watch(progress: Progress) -> None:
        seen.append(progress.step)
        if progress.step == 2:
            cancel.set()

    with pytest.raises(Cancelled, match="after 2 of 6"):
        engine.generate(golden_request(TEXT, steps=6), watch, cancel=cancel)
    assert seen == [1, 2]


def test_offloaded_weights_come_back_without_the_disk(tmp_path: Path, engine: ImageEngine) -> None:
    folder = shutil.copytree(CHECKPOINT, tmp_path / "checkpoint")
    request = golden_request(EDIT, steps=1)
    moved = ImageEngine.load(folder)
    before = moved.generate(request).patches
    moved.offload()
    assert moved.state == "offloaded"
    with pytest.raises(NotLoaded, match=r"restore\(\)"):
        moved.generate(request)
    shutil.rmtree(folder)
    moved.restore()
    assert torch.equal(moved.generate(request).patches, before)
    moved.release()


def test_after_release_nothing_is_held() -> None:
    engine = ImageEngine.load(CHECKPOINT)
    engine.generate(golden_request(EDIT, steps=1))
    model, prefixes = engine.loaded()
    watched = [weakref.ref(tensor) for tensor in model.parameters()]
    watched += [weakref.ref(tensor) for tensor in model.buffers()]
    watched += [weakref.ref(model), weakref.ref(prefixes)]
    assert all(reference() is not None for reference in watched)
    del model, prefixes
    engine.release()
    gc.collect()
    assert [reference() for reference in watched if reference() is not None] == []
    assert engine.state == "released"
    with pytest.raises(NotLoaded):
        engine.generate(golden_request(TEXT))
    engine.release()


def test_leaving_the_context_releases() -> None:
    with ImageEngine.load(CHECKPOINT) as engine:
        assert engine.state == "loaded"
    assert engine.state == "released"


def test_a_request_above_the_budget_is_refused_with_the_sum() -> None:
    options = EngineOptions(budget_bytes=40 * 2**20, cache_bytes=2**20)
    request = ImageRequest("x", width=1024, height=1024, steps=1, snap_resolution=False)
    with ImageEngine.load(CHECKPOINT, options=options) as engine:
        with pytest.raises(BudgetExceeded, match=r"weights .* \+ prefix .* = .* GiB") as caught:
            engine.generate(request)
        assert caught.value.needed == engine.estimate(request).peak > caught.value.budget


@pytest.mark.parametrize("case", ["pub_t2i_nocfg", "pub_t2i_cfg", "pub_ip_6ref_shift1"])
def test_the_estimate_covers_the_peak_but_not_by_far(case: str) -> None:
    from live_bytes import LiveBytes

    request = golden_request(golden_case(case), steps=3, width=512, height=512)
    with ImageEngine.load(CHECKPOINT, options=EngineOptions(cache_bytes=0)) as engine:
        estimate = engine.estimate(request)
        with LiveBytes() as live:
            engine.generate(request)
    predicted = estimate.peak - estimate.weights
    assert live.peak <= predicted < 1.6 * live.peak


def test_markers_of_the_model_are_no_prompt(engine: ImageEngine) -> None:
    with pytest.raises(BadRequest, match=r"prompt: .*<\|image_pad\|>"):
        engine.generate(ImageRequest("a lamp <|image_pad|>"))


@pytest.mark.parametrize(
    ("arguments", "field"),
    [({"device": "tpu9"}, "device"), ({"dtype": "int8"}, "dtype")],
)
def test_bad_places_are_named(arguments: dict[str, str], field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        ImageEngine.load(CHECKPOINT, **arguments)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"width": 1024, "height": 1024, "snap_resolution": False}, None),
        ({"guidance_scale": 7.0}, "guidance 7 is above 6.*shift of 3"),
        ({"width": 4000, "height": 1000}, "far from every trained ratio; 3104×1312"),
        ({"references": 6}, r"6 references.*768×768"),
        ({"references": 2}, "shift 3 with guidance 5.1"),
        ({"references": 2, "prompt": "image 2 is the skeleton. She sits."}, "'sits'.*words win"),
    ],
)
def test_warnings_say_why(
    engine: ImageEngine, fields: dict[str, Any], expected: str | None
) -> None:
    from image_engine.request_warnings import request_warnings

    count = fields.pop("references", 0)
    picture = GOLDEN / "cases" / "pub_edit_1ref_ref0.png"
    defaults = {"prompt": "a lamp", "guidance_scale": 5.1 if count == 2 else 5.0}
    request = ImageRequest(**(defaults | fields), references=[picture] * count)
    warnings = request_warnings(request, engine.plan(request).scene)
    if expected is None:
        assert warnings == ()
    else:
        assert any(re.search(expected, warning) for warning in warnings), warnings
