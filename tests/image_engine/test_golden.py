"""The engine draws what the reference drew, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")

from golden_cases import CASES, GOLDEN, golden_case, golden_request  # noqa: E402

if TYPE_CHECKING:
    from image_engine import ImageEngine

TOLERANCE = 1e-5
"""A tenth of what is asked; another prompt, shift or reference moves z by more than 0.1."""


def relative_error(patches: Any, expected: Any) -> float:
    return float(np.linalg.norm(np.asarray(patches) - expected) / np.linalg.norm(expected))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_draws_what_the_reference_drew(engine: ImageEngine, case: dict[str, Any]) -> None:
    result = engine.generate(golden_request(case))
    expected = np.load(GOLDEN / "cases" / case["expected"])["z"]
    assert result.patches.dtype == torch.float32
    assert relative_error(result.patches, expected) < TOLERANCE
    assert result.image.size == (case["width"], case["height"])


def test_another_shift_or_seed_is_another_picture(engine: ImageEngine) -> None:
    case = golden_case("pub_t2i_nocfg")
    expected = np.load(GOLDEN / "cases" / case["expected"])["z"]
    for change in ({"shift": 2.0}, {"seed": 44}, {"prompt": "a lamp"}):
        result = engine.generate(golden_request(case, **change))
        assert relative_error(result.patches, expected) > 0.1, change
