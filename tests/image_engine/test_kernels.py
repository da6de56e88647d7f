"""The regions between the products: fused they agree with plain, and one graph serves all layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import CHECKPOINT, golden_case, golden_request  # noqa: E402

from image_engine import BadRequest, ImageEngine, ImageRequest  # noqa: E402
from image_engine.attention import Choice, choose_attention, why_not  # noqa: E402
from image_engine.engine import EngineOptions, make_denoiser  # noqa: E402
from image_engine.kernels import compiled_kernels, plain_kernels  # noqa: E402
from image_engine.samplers import make_schedule  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

CPU = torch.device("cpu")
EDIT = golden_case("pub_edit_1ref")


class CountingBackend:
    """A compiler that compiles nothing and counts what it was given."""

    def __init__(self) -> None:
        self.graphs = 0

    def __call__(self, graph: Any, inputs: Any) -> Callable[..., Any]:
        self.graphs += 1
        return graph.forward


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch.compile's own imports
def test_one_graph_of_each_region_serves_every_layer_and_request(engine: ImageEngine) -> None:
    torch.compiler.reset()
    backend = CountingBackend()
    requests = [
        golden_request(golden_case("pub_t2i_cfg"), steps=2),
        golden_request(golden_case("pub_t2i_nocfg"), steps=2),
        golden_request(EDIT, steps=4, acceleration="ref_kv=2"),
        golden_request(EDIT, steps=4, guidance_scale=1.0, acceleration="ref_kv=2,step_cache=0.1"),
        golden_request(golden_case("pub_ip_6ref_shift1"), steps=2),
    ]
    for request in requests:
        plan = engine.plan(request)
        model, prefixes = engine.loaded()
        kernels = compiled_kernels(model.kernels.attention, backend)
        schedule = make_schedule(request)
        with torch.inference_mode():
            built = [prefixes.build(each, plan.residual) for each in plan.conditionings]
            compiled = make_denoiser(model, plan, built, schedule, kernels)
            plain = make_denoiser(model, plan, built, schedule)
            z = torch.randn(plan.scene.width * plan.scene.height // 1024, 3072)
            guidance = request.guidance_scale if request.guidance_scale > 1 else None
            for step in range(request.steps):
                expected = plain.predict(z, step, guidance)
                drawn = compiled.predict(z, step, guidance)
                assert (drawn - expected).norm() / expected.norm() < 1e-5
    assert backend.graphs == 4  # norm, sum and norm, norm and rotation, gate
    torch.compiler.reset()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("weights", [torch.float32, torch.bfloat16])
def test_fused_regions_agree_with_plain_ones(weights: Any) -> None:
    attention = choose_attention(CPU, weights)
    plain, fused = plain_kernels(attention), compiled_kernels(attention)
    torch.manual_seed(0)
    hidden, added = torch.randn(2, 77, 64), torch.randn(2, 77, 64).to(weights)
    heads = torch.randn(2, 77, 4, 16).to(weights)
    weight, head_weight = torch.randn(64).to(weights), torch.randn(16).to(weights)
    angles = torch.rand(2, 77, 1, 16)
    cos, sin = angles.cos().to(weights), angles.sin().to(weights)
    one, two = torch.randn(2, 77, 96).to(weights), torch.randn(2, 77, 96).to(weights)
    calls: list[Callable[[Any], Any]] = [
        lambda kernels: kernels.norm(hidden, weight, 1e-6),
        lambda kernels: torch.cat(
            [x.float() for x in kernels.add_norm(hidden, added, weight, 1e-6)]
        ),
        lambda kernels: kernels.norm_rotate(heads, head_weight, 1e-6, cos, sin),
        lambda kernels: kernels.gate(one.clone(), two),
    ]
    with torch.inference_mode():
        for call in calls:
            expected, drawn = call(plain).float(), call(fused).float()
            # bfloat16: the fused kernel rounds once where the plain ones round in between.
            limit = 1e-6 if weights == torch.float32 else 6e-3
            assert (drawn - expected).norm() / expected.norm() < limit


def test_float32_above_bfloat16_weights_is_nearer_to_exact(engine: ImageEngine) -> None:
    requests = [
        golden_request(EDIT, steps=4, residual_dtype=residual)
        for residual in ("weights", "float32")
    ]
    exact = engine.generate(requests[1]).patches
    assert torch.equal(engine.generate(requests[0]).patches, exact)  # the same where all is float32
    with ImageEngine.load(CHECKPOINT, dtype="bfloat16") as half:
        rough, fine = (half.generate(request).patches for request in requests)
    errors = [float((each - exact).norm() / exact.norm()) for each in (rough, fine)]
    assert 0 < errors[1] < 0.7 * errors[0], errors


def test_noise_of_the_device_is_that_of_the_cpu_on_a_cpu(engine: ImageEngine) -> None:
    case = golden_case("pub_dev_flash_t2i")
    requests = [
        golden_request(case, timesteps=(900, 500, 100), noise_device=place)
        for place in ("cpu", "device")
    ]
    one, other = engine.generate_many(requests)
    assert torch.equal(one.patches, other.patches)
    with pytest.raises(BadRequest, match="noise_device: 'cuda' is none of cpu, device"):
        ImageRequest("x", noise_device="cuda")  # type: ignore[arg-type]


def test_attention_says_what_was_chosen_and_why(engine: ImageEngine) -> None:
    assert (engine.attention.name, engine.attention.reason) == ("sdpa", "PyTorch's own on cpu")
    with pytest.raises(BadRequest, match="attention: fa3 does not run here: it needs a CUDA"):
        ImageEngine.load(CHECKPOINT, options=EngineOptions(attention="fa3"))
    with pytest.raises(BadRequest, match="attention: 'fastest' is none of auto, fa3"):
        ImageEngine.load(CHECKPOINT, options=EngineOptions(attention="fastest"))
    names: tuple[Choice, ...] = ("fa3", "fa2", "cudnn", "flash")
    assert all(why_not(name, CPU, torch.bfloat16) for name in names)


def test_causal_attention_sees_the_past_and_itself() -> None:
    attend = choose_attention(CPU, torch.float32).attend
    torch.manual_seed(0)
    query, key, value = torch.randn(1, 3, 4, 8), torch.randn(1, 5, 2, 8), torch.randn(1, 5, 2, 8)
    drawn = attend(query, key, value, True)
    for index in range(3):
        seen = 2 + index + 1
        alone = attend(query[:, index : index + 1], key[:, :seen], value[:, :seen], False)
        assert torch.allclose(drawn[:, index], alone[:, 0], atol=1e-6)
