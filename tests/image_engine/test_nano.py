"""The small checkpoint: what is trained is what the engine computes, and a run can be stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import GOLDEN  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from image_engine import EngineError, ImageEngine, ImageRequest  # noqa: E402
from image_engine.bench.random_model import Shape  # noqa: E402
from image_engine.conditioning import Conditioner  # noqa: E402
from image_engine.config import read_config  # noqa: E402
from image_engine.engine import make_denoiser  # noqa: E402
from image_engine.nano.checkpoint import (  # noqa: E402
    export,
    new_model,
    parameters_of,
    write_frame,
)
from image_engine.nano.examples import Example, Examples, draw_examples, read_examples  # noqa: E402
from image_engine.nano.objective import predict  # noqa: E402
from image_engine.nano.train import TrainingPlan, read_log, train  # noqa: E402
from image_engine.samplers import Schedule  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

TINY = Shape(48, 3, 2, 1, 24, 64, 400, 32, 3, 2, 48, 64, (0, 1, 2))
SIDE = 128


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve examples, drawn by the animatic."""
    folder = tmp_path_factory.mktemp("examples")
    assert draw_examples(folder, 8, SIDE, 0) == 8
    assert draw_examples(folder, 12, SIDE, 0) == 4  # goes on where it was
    return folder


def steps(data: Path, out: Path, count: int) -> TrainingPlan:
    return TrainingPlan(data, out, TINY, SIDE, steps=count, batch=2, warmup=1, every=2)


def test_examples_have_words_and_every_number_of_references(data: Path) -> None:
    examples = read_examples(data)
    assert len(examples) == 12
    assert {len(example.references) for example in examples} >= {0, 1}
    for example in examples:
        assert len(example.prompt) > 10
        for path in (example.picture, *example.references):
            with Image.open(path) as picture:
                assert picture.size == (SIDE, SIDE)
                assert len(picture.convert("RGB").getcolors(99_999) or []) > 50
    with pytest.raises(EngineError, match=r"examples\.jsonl is missing: .* nano data --out"):
        read_examples(data / "nowhere")


@pytest.mark.parametrize(("text", "others"), [(1.0, 0), (0.75, 5), (0.5, 10), (0.0, 20)])
def test_examples_without_references_are_as_many_as_asked_for(text: float, others: int) -> None:
    from renderers.image.animatic_pairs import pairs

    drawn = list(pairs(20, 32, text=text))
    assert sum(bool(pair.references) for pair in drawn) == others
    edits = sum(pair.prompt.startswith(("Make", "Put")) for pair in drawn)
    assert edits == (others + 1) // 2


@pytest.mark.parametrize("references", [0, 1, 2])
def test_training_computes_what_the_engine_draws(tmp_path: Path, references: int) -> None:
    captions = ["a woman in a red coat", "Make it night; keep everything else."]
    write_frame(tmp_path, TINY, captions, SIDE)
    weights = parameters_of(new_model(tmp_path, seed=3))
    # As bfloat16 they are what the checkpoint holds.
    weights = {key: value.to(torch.bfloat16).float() for key, value in weights.items()}
    export(weights, tmp_path)
    conditioner = Conditioner.read(tmp_path, read_config(tmp_path))
    picture = GOLDEN / "cases" / "pub_edit_1ref_ref0.png"
    examples = [
        Example(prompt, picture, (picture,) * references)
        for prompt in ("a woman in a red coat", "Make it night; keep everything else, please.")
    ]
    batch = Examples(examples, conditioner, SIDE).make(examples, None)
    levels = torch.tensor([0.5, 0.125])
    z = torch.randn(batch.target.shape, generator=torch.Generator().manual_seed(0))
    with ImageEngine.load(tmp_path) as engine:
        model, prefixes = engine.loaded()
        with torch.inference_mode():
            learned = predict(model, batch, z, levels)
            for index, example in enumerate(examples):
                fields: dict[str, Any] = {"guidance_scale": 1.0, "snap_resolution": False}
                request = ImageRequest(example.prompt, example.references, SIDE, SIDE, **fields)
                plan = engine.plan(request)
                built = [prefixes.build(each, plan.residual) for each in plan.conditionings]
                sigma = float(levels[index])
                schedule = Schedule((sigma * 1000,), (sigma, 0.0))
                drawn = make_denoiser(model, plan, built, schedule).predict(z[index], 0, None)
                assert (drawn - learned[index]).norm() / drawn.norm() < 1e-5
        assert (learned[0] - learned[1]).norm() > 0


def test_a_run_that_was_stopped_is_the_run_that_was_not(data: Path, tmp_path: Path) -> None:
    told: list[str] = []
    whole = train(steps(data, tmp_path / "whole", 4), told.append)
    stopped = steps(data, tmp_path / "stopped", 4)

    def stop_at_two(line: str) -> None:
        if line.startswith("step 2 "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(stopped, stop_at_two)
    train(stopped, told.append)
    one = load_file(whole / "model.safetensors")
    other = load_file(tmp_path / "stopped" / "checkpoint" / "model.safetensors")
    assert set(one) == set(other)
    assert all(torch.equal(one[key], other[key]) for key in one)
    log = read_log(tmp_path / "stopped")
    assert [record["step"] for record in log] == [2, 4]
    assert log == [
        record | {"seconds": log[i]["seconds"]}
        for i, record in enumerate(read_log(tmp_path / "whole"))
    ]
    assert any("from step 2" in line for line in told)
    for name in ("sample_000002.png", "sample_000004.png", "curve.png"):
        with Image.open(tmp_path / "stopped" / name) as picture:
            assert picture.width >= 512
    with pytest.raises(EngineError, match=r"was trained with batch 2; keep that"):
        train(replace(stopped, batch=4, steps=6), told.append)


def test_the_exported_folder_is_a_checkpoint_like_any_other(data: Path, tmp_path: Path) -> None:
    folder = train(steps(data, tmp_path, 2), lambda line: None)
    keys = set(load_file(folder / "model.safetensors"))
    golden = set(load_file(GOLDEN / "checkpoint" / "model.safetensors"))
    strip = ("layers.", "blocks.")
    assert {key for key in keys if not any(part in key for part in strip)} == {
        key for key in golden if not any(part in key for part in strip)
    } - {"lm_head.weight"}
    with ImageEngine.load(folder, dtype="bfloat16") as engine:
        request = ImageRequest("a lamp", (), SIDE, SIDE, steps=2, snap_resolution=False)
        drawn = engine.generate(request)
        assert drawn.image.size == (SIDE, SIDE)
        assert drawn.info.warnings == ()  # it was trained on small pictures, and says so


def test_it_learns(data: Path, tmp_path: Path) -> None:
    plan = replace(steps(data, tmp_path, 24), every=12, rate=3e-3, average=0.8, batch=4)
    train(plan, lambda line: None)
    first, last = read_log(tmp_path)
    assert last["loss"] < 0.9 * first["loss"]
