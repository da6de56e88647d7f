"""Steps on a card: what needs it takes turns, what does not goes on beside, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from card_stage import Stage

from renderers.errors import OutOfMemory, Unavailable
from storyboard.core.errors import StepFailed
from storyboard.gpu.broker import DoesNotFit
from storyboard.graph.steps import Step
from storyboard.profile import load_profile


@pytest.fixture
def big(tmp_path: Path) -> Stage:
    return Stage(tmp_path, load_profile("rtx6000-96gb"), 96.0)


@pytest.fixture
def small(tmp_path: Path) -> Stage:
    return Stage(tmp_path, load_profile("rtx4090-24gb"), 24.0)


def loop(stage: Stage) -> list[Step]:
    """Three pictures, each drawn, judged and mended."""
    steps: list[Step] = []
    for n in range(3):
        steps.append(stage.step(f"draw {n}", "image"))
        steps.append(stage.step(f"judge {n}", "judge", f"draw {n}"))
        steps.append(stage.step(f"mend {n}", "image", f"judge {n}"))
    return steps


def test_what_fits_together_shares_a_lease(big: Stage) -> None:
    big.make(*loop(big))
    (lease,) = big.told("granted")
    assert lease["stage"] == "images"
    assert sorted(lease["services"]) == ["images", "planner"]
    assert {big.services.state(n) for n in ("images", "planner")} == {"asleep"}
    assert big.card.highest <= 96


def test_what_does_not_works_in_waves(small: Stage) -> None:
    small.make(*loop(small))
    assert [lease["services"] for lease in small.told("granted")] == [
        ["images"],
        ["planner"],
        ["images"],
    ]
    wave = [name.partition(" ")[0] for name in small.ran]
    assert wave == ["draw"] * 3 + ["judge"] * 3 + ["mend"] * 3
    assert small.card.highest <= 24


def test_pictures_nobody_judges_are_drawn_as_finals(big: Stage) -> None:
    big.make(big.step("draw", "image"))
    (lease,) = big.told("granted")
    assert (lease["stage"], lease["predicted_gib"]) == ("finals", 33)


def test_what_is_made_already_takes_no_lease(big: Stage) -> None:
    big.make(*loop(big))
    big.opened = 0
    big.make(*loop(big))
    assert (big.opened, big.ran, big.told("granted")) == (0, [], [])


def test_a_step_that_is_spared_its_model_wakes_nobody(big: Stage) -> None:
    draw = big.step("draw", "image")

    def fine(inputs: Any) -> bool:
        return "images" in inputs["draw"].read_text()

    params: dict[str, Any] = {"name": "mend", "services": []}
    big.make(draw, big.step("mend", "judge", "draw", params=params, skip_resources_if=fine))
    assert [lease["services"] for lease in big.told("granted")] == [["images"]]
    assert big.services.state("planner") == "stopped"
    assert big.ran == ["draw", "mend"]


def test_preset_cloned_and_designed_voices_of_one_family_are_never_resident_together(
    big: Stage,
) -> None:
    kinds = ["speech.clone", "speech.design", "speech", "speech.clone", "speech.design"]
    big.make(*[big.step(f"line {n}", f"{kind} transcription") for n, kind in enumerate(kinds)])
    assert len(big.ran) == 5
    family = {"voices-clone", "voices-design"}
    assert all(len(family & resident) <= 1 for resident in big.resident)
    # Each was started once: the lines of one voice are spoken together.
    assert sum(entry.startswith("start") for entry in big.services.log) == 3


def test_a_step_without_a_model_runs_beside_and_after(big: Stage) -> None:
    steps = [
        big.step("a", "image"),
        big.step("b", "", "a"),
        big.step("c", "judge", "b"),
        big.step("d", "", "c"),
        big.step("e", "video.i2v", "d", stage="clips"),
        big.step("f", "", "e", stage="assemble"),
    ]
    big.make(*steps)
    assert big.ran == ["a", "b", "c", "d", "e", "f"]
    # `b` stands between two steps of one lease, `d` and `f` after the last of theirs.
    assert [lease["stage"] for lease in big.told("granted")] == ["images", "clips"]
    assert "planner" in big.resident[1]
    # What `e` needs is loaded since the pictures were begun.
    assert big.resident[3] <= {"i2v"} and big.resident[5] == frozenset()


def test_a_server_that_dies_under_a_step_comes_back_and_the_step_is_made(big: Stage) -> None:
    big.mishaps = [lambda: big.services.kill("images")] * 2
    big.make(big.step("draw", "image"))
    assert len(big.told("restarted")) == 2
    big.mishaps = [lambda: big.services.kill("images")] * 3
    with pytest.raises(StepFailed, match="images does not answer"):
        big.make(big.step("draw again", "image"))


def test_out_of_memory_goes_on_in_a_lighter_variant_and_stays_there(big: Stage) -> None:
    tried: list[str] = []

    def burst() -> None:
        tried.append(big.services.variant("a2v"))
        if tried[-1] == "":
            raise OutOfMemory("no room for the latents")

    big.mishaps = [burst] * 9
    big.make(big.step("one", "video.a2v"), big.step("two", "video.a2v"))
    # Never again under the same conditions, not by another step of the same kind either.
    assert tried == ["", "cpu-offload", "cpu-offload"]
    big.make(big.step("three", "video.a2v"))
    assert tried[-1] == "cpu-offload"
    assert tried.count("") == 1


def test_out_of_memory_with_nothing_left_to_try_fails_the_step_and_keeps_the_rest(
    tmp_path: Path,
) -> None:
    # Nothing stands beside it that could be released.
    big = Stage(tmp_path, load_profile("rtx6000-96gb", ["gpu.loads_ahead=false"]), 96.0)
    tried: list[int] = []

    def burst() -> None:
        tried.append(1)
        raise OutOfMemory("no room for the patches")

    big.mishaps = [burst]
    with pytest.raises(StepFailed, match=r"images ran out of memory with .* nothing is left"):
        big.make(big.step("draw", "image"), big.step("clip", "video.i2v", stage="clips"))
    assert len(tried) == 1
    assert (big.root / "clip.txt").exists()


def test_what_fits_nowhere_is_refused_with_its_sum_and_nothing_starts(tmp_path: Path) -> None:
    tiny = Stage(tmp_path, load_profile("rtx6000-96gb", ["gpu.budget_gib=24"]), 24.0)
    with pytest.raises(DoesNotFit, match=r"images 33 = 33 GiB, over the 23\.5"):
        tiny.make(tiny.step("draw", "image"))
    assert tiny.services.log == []


def test_a_batch_holds_a_model_across_films(big: Stage) -> None:
    with big.broker.lease("images"):
        big.make(big.step("draw 1", "image"))
        big.make(big.step("draw 2", "image"))
    assert [line for line in big.services.log if "images" in line] == [
        "start images",
        "sleep images",
    ]


def test_a_step_whose_server_is_not_there_says_so(big: Stage) -> None:
    big.services.temper("images").failing_starts = 9
    with pytest.raises(Unavailable, match="images did not come up"):
        big.make(big.step("draw", "image"))
    assert {big.services.state(name) for name in big.profile.services} == {"stopped"}


@pytest.mark.parametrize("uses", ["video.nope", "imgae"])
def test_a_backend_that_the_profile_does_not_have_is_named(big: Stage, uses: str) -> None:
    with pytest.raises(ValueError, match=f"uses {uses}"):
        big.step("draw", uses)


def test_a_laptops_film_loads_nothing_of_the_card() -> None:
    program = "import sys, storyboard.run; print(*[m for m in sys.modules if m.startswith("
    program += "('storyboard.gpu', 'storyboard.gpu.services', 'storyboard.graph.leases'))])"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert found.stdout.strip() == ""
