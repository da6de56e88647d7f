"""The bench compares like with like and counts what is really computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch")

from image_engine.bench.__main__ import Bench, _draw, main, request  # noqa: E402
from image_engine.bench.ladder import RUNGS  # noqa: E402
from image_engine.bench.measure import operations, times_as_fast  # noqa: E402
from image_engine.bench.random_model import Shape, random_engine  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Shape(64, 3, 4, 2, 16, 128, 512, 32, 4, 2, 64, 64, (0, 1, 2))
BENCH = Bench("cpu", torch.float32, 128, 2, 1)


CPU_ATTENTION = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
"""A kernel that torch's own counter does not know."""


def attention_operations(
    query: tuple[int, ...], key: tuple[int, ...], *_: object, **__: object
) -> int:
    return 4 * math.prod(query) * key[2]


@pytest.mark.parametrize("references", [0, 2])
def test_every_rung_draws_the_same_picture(references: int) -> None:
    with random_engine(SMALL, "cpu", torch.float32) as engine:
        plan = engine.plan(request(BENCH, references))
        pictures = [_draw(engine, plan, index) for index in range(len(RUNGS) + 1)]
        ours = engine.generate(plan.request).patches
    for picture in pictures:
        assert float((picture - ours).norm() / ours.norm()) < 1e-5


def test_operations_are_those_that_torch_counts() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    with random_engine(SMALL, "cpu", torch.float32) as engine:
        drawn = request(BENCH, 1)
        engine.generate(drawn)  # the prefix is cached from here on
        counter = FlopCounterMode(
            display=False, custom_mapping={CPU_ATTENTION: attention_operations}
        )
        with counter:
            engine.generate(drawn)
        counted = counter.get_total_flops() / BENCH.steps
        expected = operations(engine.config, engine.count_tokens(engine.plan(drawn))).total
    # Embedding the references and the timestep is left out.
    assert expected == pytest.approx(counted, rel=0.03)


def test_a_rung_is_compared_with_the_lowest_of_the_same_round() -> None:
    # The machine was half as fast in the second round, for both.
    assert times_as_fast([2.0, 4.0, 2.1], [1.0, 2.0, 1.0]) == pytest.approx(2.0)


@pytest.mark.parametrize("rung", range(len(RUNGS)))
def test_every_rung_runs_the_vision_tower_once(rung: int) -> None:
    """As the reference does; else a rung would save what nobody spends."""
    seen = list[int]()
    with random_engine(SMALL, "cpu", torch.float32) as engine:
        plan = engine.plan(request(BENCH, 2))
        model, _ = engine.loaded()
        with model.visual.register_forward_hook(lambda *_: seen.append(1)):
            _draw(engine, plan, rung)
    assert len(seen) == 2  # references


@pytest.mark.slow
def test_the_command_writes_its_report(tmp_path: Path) -> None:
    arguments = ["--device", "cpu", "--side", "128", "--steps", "1", "--rounds", "1"]
    assert main([*arguments, "--references", "0", "--no-trade-off", "--out", str(tmp_path)]) == 0
    assert "| reference style |" in (tmp_path / "engine.md").read_text()
