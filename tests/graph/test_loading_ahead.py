"""While one lease works, what the film needs next is loaded beside it: where there is room, for nobody's
loss, and not for a plan that fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from card_stage import Stage

from renderers.errors import Unavailable
from storyboard.core.errors import StepFailed
from storyboard.graph.simulation import FilmAhead, LoadTimes, StepAhead, simulate
from storyboard.profile import Profile, load_profile
from storyboard.profile.needs import Need, need_of

SMALL = ("rtx4090-24gb", 24.0)


@pytest.fixture
def big(tmp_path: Path) -> Stage:
    return Stage(tmp_path, load_profile("rtx6000-96gb"), 96.0)


def until(stage: Stage, service: str, state: str = "awake") -> Callable[[], None]:
    """Waits until the service is in that state, as somebody at work would see it."""

    def wait() -> None:
        end = time.monotonic() + 20
        while stage.services.state(service) != state:
            assert time.monotonic() < end, f"{service} is {stage.services.state(service)}"
            time.sleep(0.005)

    return wait


def needed(profile: Profile, uses: str) -> Need:
    need = need_of(profile, uses)
    assert need is not None
    return need


def test_the_engine_is_loaded_while_the_planner_writes(big: Stage) -> None:
    big.mishaps = [until(big, "images")]
    big.make(big.step("write", "chat", stage="plan"), big.step("draw", "image", "write"))
    assert big.resident == [{"planner", "images"}, {"images"}]
    assert big.services.log == ["start planner", "start images", "sleep planner", "sleep images"]
    plan, pictures = big.told("released")
    assert plan["predicted_gib"] == 38 + 16, "what is loaded is in the sum of the lease"
    assert plan["measured_gib"] <= plan["predicted_gib"] and pictures["measured_gib"] <= 33 + 38
    assert big.card.highest <= 95.5


def test_what_follows_a_plan_is_loaded_though_the_film_is_not_known(big: Stage) -> None:
    big.to_come = [needed(big.profile, "image")]
    big.mishaps = [until(big, "images")]
    big.make(big.step("write", "chat", stage="plan"))
    assert big.resident == [{"planner", "images"}]


def test_each_stage_loads_the_next_and_none_is_started_twice(big: Stage) -> None:
    stages = ("chat", "image", "video.ditto", "video.i2v")
    steps = [big.step("0", stages[0], stage="plan")]
    steps += [big.step(str(n), uses, str(n - 1)) for n, uses in enumerate(stages[1:], 1)]
    big.mishaps = [until(big, name) for name in ("images", "ditto", "i2v")]
    big.make(*steps)
    starts = [entry for entry in big.services.log if entry.startswith("start")]
    assert starts == ["start planner", "start images", "start ditto", "start i2v"]
    assert big.card.highest <= 95.5


def test_nobody_is_let_go_for_what_comes_later(tmp_path: Path) -> None:
    # Planner and engine alone fill this card; the video model has to wait for its turn.
    stage = Stage(tmp_path, load_profile("rtx6000-96gb", ["gpu.budget_gib=40"]), 40.0)
    stage.make(stage.step("write", "chat", stage="plan"), stage.step("draw", "image", "write"))
    assert stage.resident == [{"planner"}, {"images"}]
    assert stage.services.log[:3] == ["start planner", "sleep planner", "start images"]
    assert stage.card.highest <= 40


def test_a_stranger_on_the_card_leaves_no_room(big: Stage) -> None:
    big.mishaps = [lambda: None]
    big.card.hold(77, 50.0, "blender")
    big.make(big.step("write", "chat", stage="plan"))
    big.to_come = [needed(big.profile, "image")]
    big.make(big.step("write again", "chat", stage="plan"))
    assert "start images" not in big.services.log


def test_a_plan_that_fails_has_loaded_for_nobody(big: Stage) -> None:
    def fails() -> None:
        until(big, "images")()
        raise Unavailable("the planner is gone")

    big.to_come = [needed(big.profile, "image")]
    big.mishaps = [fails] * 9
    with pytest.raises(StepFailed, match="the planner is gone"):
        big.make(big.step("write", "chat", stage="plan"))
    assert big.services.state("images") == "asleep", "released, as after any lease"
    assert not big.told("restarted")


def test_a_plan_that_fails_does_not_wait_for_what_is_loading(big: Stage) -> None:
    begun, ended = threading.Event(), threading.Event()
    start, release = big.services.start, big.services.release

    def slow(service: str, variant: str) -> None:
        if service == "images":
            begun.set()
            assert ended.wait(20), "told to end while it loads"
            raise Unavailable("images ended")
        start(service, variant)

    def told(service: str, level: str) -> None:
        if service == "images":
            ended.set()
        release(service, level)  # pyright: ignore[reportArgumentType]

    def fails() -> None:
        assert begun.wait(20)
        raise ValueError("no plan")

    big.services.start, big.services.release = slow, told  # pyright: ignore[reportAttributeAccessIssue]
    big.services.state = lambda service: (  # pyright: ignore[reportAttributeAccessIssue]
        "starting"
        if service == "images" and begun.is_set() and not ended.is_set()
        else type(big.services).state(big.services, service)
    )
    big.to_come = [needed(big.profile, "image")]
    big.mishaps = [fails]
    with pytest.raises(StepFailed, match="no plan"):
        big.make(big.step("write", "chat", stage="plan"))
    assert ended.is_set() and big.services.state("images") == "stopped"


def test_one_that_does_not_come_up_is_the_error_of_whoever_needs_it(big: Stage) -> None:
    big.services.temper("images").failing_starts = 1
    big.mishaps = [lambda: time.sleep(0.1)]
    big.make(big.step("write", "chat", stage="plan"), big.step("draw", "image", "write"))
    assert big.services.log.count("start images") == 1, "the second try"
    assert big.ran == ["write", "draw"]


def test_on_24_gb_nothing_changes(tmp_path: Path) -> None:
    profile, total = SMALL
    stage = Stage(tmp_path, load_profile(profile), total)
    stage.to_come = [needed(stage.profile, "image")]
    stage.make(
        stage.step("write", "chat", stage="plan"),
        stage.step("draw", "image", "write"),
        stage.step("speak", "video.ditto", "draw"),
        stage.step("film", "video.i2v", "speak"),
    )
    assert stage.resident == [{"planner"}, {"images"}, {"ditto"}, {"i2v"}]
    assert stage.card.highest <= 24


# --- on paper ----------------------------------------------------------------


def on_paper(profile: Profile, *more: FilmAhead) -> tuple[float, float, list[str]]:
    """Of a film of a minute a stage: seconds of loading, seconds that the film waits for them, and
    who is on the card."""
    stages = (
        ("plan", "chat"),
        ("images", "image"),
        ("dialogue", "video.ditto"),
        ("clips", "video.i2v"),
    )
    tasks = tuple(StepAhead(uses, stage, 60.0, needed(profile, uses)) for stage, uses in stages)  # pyright: ignore[reportArgumentType]
    times = LoadTimes(dict.fromkeys(profile.services, 20.0))
    found = simulate([FilmAhead(profile, tasks), *more], times)
    waited = found.seconds - found.work_seconds
    return found.load_seconds, waited, [residency.sum() for residency in found.residencies]


def test_the_dry_run_shows_what_is_loaded_beside() -> None:
    loads, waited, held = on_paper(load_profile("rtx6000-96gb"))
    assert (loads, waited) == (80.0, 20.0), "only the first one is waited for"
    assert held[:2] == ["planner 38 + images idle 16 = 54 GiB", "images 33 + ditto idle 3 = 36 GiB"]


def test_the_dry_run_of_24_gb_is_what_it_was() -> None:
    loads, waited, held = on_paper(load_profile(SMALL[0]))
    assert loads == waited == 80.0
    assert not any("idle" in told for told in held)


def test_among_several_films_nothing_is_loaded_ahead() -> None:
    profile = load_profile("rtx6000-96gb")
    other = FilmAhead(profile, (StepAhead("draw", "images", 60.0, needed(profile, "image")),))
    _, _, held = on_paper(profile, other)
    assert held[0] == "planner 38 = 38 GiB"
