"""Schedules and update rules, by what they must do rather than by their formulas."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from image_engine import ImageRequest  # noqa: E402
from image_engine.presets import DEV_TIMESTEPS  # noqa: E402
from image_engine.samplers import make_schedule, make_update  # noqa: E402


def run(request: ImageRequest, clean: Any, start: Any) -> Any:
    """Sample with a model that always predicts what `clean` returns for (z, τ)."""
    schedule = make_schedule(request)
    update = make_update(request, schedule)
    z = start
    for index, timestep in enumerate(schedule.timesteps):
        direction = (z - clean(z, timestep)) / schedule.velocity_sigma(index)
        z = update.step(index, z, direction)
    return z


def test_the_schedule_of_the_full_model() -> None:
    schedule = make_schedule(ImageRequest("x", steps=50, shift=3.0))
    assert len(schedule.timesteps) == 50
    assert len(schedule.sigmas) == 51
    assert schedule.timesteps[0] == 999
    assert schedule.sigmas[0] == pytest.approx(0.9998888, abs=1e-7)
    assert schedule.sigmas[-1] == 0
    assert list(schedule.timesteps) == sorted(schedule.timesteps, reverse=True)
    assert all(timestep == int(timestep) for timestep in schedule.timesteps)


def test_the_dev_levels_are_taken_as_they_are() -> None:
    schedule = make_schedule(ImageRequest("x", timesteps=DEV_TIMESTEPS, sampler="flash", shift=3.0))
    assert schedule.timesteps == DEV_TIMESTEPS
    assert schedule.sigmas[:2] == pytest.approx((0.999, 0.987))


@pytest.mark.parametrize("sampler", ["unipc", "flash", "flow_match"])
@pytest.mark.parametrize("steps", [1, 2, 3, 20])
def test_a_model_that_knows_the_picture_draws_it(sampler: Any, steps: int) -> None:
    picture = torch.rand(6, 3072) * 2 - 1
    request = ImageRequest("x", steps=steps, sampler=sampler)
    drawn = run(request, lambda z, timestep: picture, 8 * torch.randn(6, 3072))
    # UniPC's τ is cut to whole numbers, so its σ and the velocity's differ a little.
    assert torch.allclose(drawn, picture, atol=5e-2 if sampler == "unipc" else 1e-4)


def test_the_order_of_unipc_shows_in_its_convergence() -> None:
    """On a linear flow, twice the steps must quarter the error; Euler only halves it."""

    def error(sampler: Any, steps: int) -> float:
        levels = [round(900 - 800 * index / steps) for index in range(steps)]

        def clean(z: Any, timestep: float) -> Any:
            return 0.5 * z  # dz/dσ = z / 2σ, so z ∝ √σ

        request = ImageRequest("x", timesteps=levels, sampler=sampler)
        schedule = make_schedule(request)
        update = make_update(request, schedule)
        z = torch.ones(1, dtype=torch.float64)
        for index in range(steps - 1):
            direction = (z - clean(z, 0)) / schedule.velocity_sigma(index)
            z = update.step(index, z, direction)
        true = (schedule.sigmas[steps - 1] / schedule.sigmas[0]) ** 0.5
        return abs(z.item() - true)

    assert error("flow_match", 40) / error("flow_match", 80) < 2.6
    assert error("unipc", 40) / error("unipc", 80) > 2.9
    assert error("unipc", 80) < error("flow_match", 80) / 5


def test_flash_noise_is_seeded_scaled_and_cut() -> None:
    def drawn(**fields: Any) -> Any:
        request = ImageRequest("x", timesteps=[900, 500], sampler="flash", **fields)
        update = make_update(request, make_schedule(request))
        return update.step(0, torch.zeros(4, 3072), torch.zeros(4, 3072))

    torch.manual_seed(0)
    first = drawn(noise_scale_start=7.5, seed=3)
    torch.manual_seed(1)
    assert torch.equal(first, drawn(noise_scale_start=7.5, seed=3))
    assert not torch.equal(first, drawn(noise_scale_start=7.5, seed=4))
    assert first.std().item() == pytest.approx(0.5 * 7.5, rel=0.03)
    cut = drawn(noise_scale_start=7.5, noise_clip_std=2.5, seed=3)
    assert cut.abs().max().item() == pytest.approx(0.5 * 7.5 * 2.5, rel=0.03)
