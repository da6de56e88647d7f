"""The 32-px grid: measured, smoothed, left alone unless asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

torch = pytest.importorskip("torch")

from golden_cases import golden_case, golden_request  # noqa: E402

from image_engine import patch_smoothing  # noqa: E402
from image_engine.references import to_image, to_patches  # noqa: E402

if TYPE_CHECKING:
    from image_engine import ImageEngine

SIZE = (256, 192)


def smooth_picture() -> Any:
    down, across = torch.meshgrid(
        torch.linspace(-1, 1, 192), torch.linspace(-1, 1, 256), indexing="ij"
    )
    noise = torch.randn(3, 192, 256, generator=torch.Generator().manual_seed(0))
    return 0.3 * torch.sin(3 * down + 2 * across).expand(3, -1, -1) + 0.01 * noise


def with_patch_errors(picture: Any) -> Any:
    """Each patch off by a level of its own, as a patch-wise model errs."""
    patches = to_patches(picture)
    return patches + 0.05 * torch.randn(len(patches), 1)


def test_a_grid_shows_in_its_energy() -> None:
    clean = patch_smoothing.grid_energy(to_patches(smooth_picture()), SIZE)
    torch.manual_seed(0)
    gridded = patch_smoothing.grid_energy(with_patch_errors(smooth_picture()), SIZE)
    assert clean == pytest.approx(1, abs=0.1)
    assert gridded > 3 * clean


def test_averaging_over_shifted_grids_removes_most_of_it() -> None:
    torch.manual_seed(0)
    z = to_patches(smooth_picture())

    def predict(patches: Any) -> Any:
        return with_patch_errors(to_image(patches, *SIZE))

    clean = predict(z)
    before = patch_smoothing.grid_energy(clean, SIZE)
    after = {
        strength: patch_smoothing.grid_energy(
            patch_smoothing.smooth_prediction(predict, z, clean, SIZE, strength), SIZE
        )
        for strength in (0.0, 0.5, 1.0)
    }
    assert after[0.0] == before
    assert 1 + (before - 1) / 2 > after[0.5] > after[1.0]
    assert after[1.0] < 1 + (before - 1) / 4


def test_a_perfect_prediction_is_not_blurred() -> None:
    z = to_patches(smooth_picture())
    smoothed = patch_smoothing.smooth_prediction(lambda patches: patches, z, z, SIZE, 1.0)
    assert torch.allclose(smoothed, z, atol=1e-6)


def test_only_the_last_fifth_is_smoothed() -> None:
    assert [step for step in range(10) if patch_smoothing.smooths(step, 10)] == [8, 9]
    assert [step for step in range(2) if patch_smoothing.smooths(step, 2)] == [1]


def test_the_engine_reports_the_energy_before_and_after(engine: ImageEngine) -> None:
    case = golden_case("pub_t2i_cfg")
    plain = engine.generate(golden_request(case, steps=5))
    smoothed = engine.generate(golden_request(case, steps=5, seam_smoothing=1.0))
    assert plain.info.grid_energy_unsmoothed is None
    assert plain.info.forwards == 10
    assert smoothed.info.forwards == 10 + 3 * 2
    assert smoothed.info.grid_energy_unsmoothed is not None
    assert smoothed.info.grid_energy != smoothed.info.grid_energy_unsmoothed
    unsmoothed_energy = smoothed.info.grid_energy_unsmoothed
    assert unsmoothed_energy == pytest.approx(plain.info.grid_energy, rel=0.2)
