"""Up to which checkpoint a step is made, and what of the card each needs, by the graph."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_plans import a_plan, uncast

from storyboard.graph.checkpoints import checkpoints, needs_by_checkpoint, part_of
from storyboard.graph.folder import RunFolder
from storyboard.graph.steps import Graph
from storyboard.plan import Plan, parse_plan
from storyboard.plan.stages import CHECKPOINTS
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.growing import Growing
from storyboard.stages.render_request import RenderRequest

BIG = load_profile("rtx6000-96gb")


def graph(plan: Plan, folder: Path) -> Graph:
    with Backends(BIG) as backends:
        return Growing(RenderRequest(), RunFolder(folder), backends, plan).whole()


def spoken(*renderers: str) -> Plan:
    """Ann says a line in each beat, made by these video backends."""
    beats = [
        {"index": n, "type": "beat", "setting": "bar", "cast": ["ann"], "action": "waits"}
        | {"speaker": "ann", "line": "Now.", "renderer": renderer}
        for n, renderer in enumerate(renderers, 1)
    ]
    return parse_plan(json.loads(uncast(a_plan(beats=beats, hook=None))))


def test_a_talking_head_has_a_stage_of_its_own_and_who_follows_it_has_not(tmp_path: Path) -> None:
    made = graph(spoken("ditto", "a2v"), tmp_path)
    clips = {n: s for n, s in checkpoints(made).items() if n.startswith("clips/")}
    assert clips == {
        "clips/takes/01_beat_1_ditto": "dialogue",
        "clips/clip_01_beat": "clips",
        "clips/takes/02_beat_1_a2v": "clips",
        # A talking head, too, but made from what the video model made.
        "clips/clip_02_beat": "clips",
    }
    names = {step.name for step in part_of(made, "dialogue").steps}
    assert names & clips.keys() == {"clips/takes/01_beat_1_ditto"}
    assert {step.stage for step in part_of(made, "plan").steps} == {"plan"}
    assert part_of(made, "finish") == made


@pytest.mark.parametrize(
    ("renderer", "clips", "dialogue"),
    [("ditto", set[str](), {"ditto"}), ("a2v", {"a2v"}, set[str]())],
)
def test_who_is_only_asked_if_lips_stand_still_is_not_expected(
    renderer: str, clips: set[str], dialogue: set[str], tmp_path: Path
) -> None:
    made = graph(spoken(renderer), tmp_path)
    found: dict[str, set[str]] = {stage: set() for stage in CHECKPOINTS}
    for step in made.steps:
        if step.requires and not step.fallback:
            found[checkpoints(made)[step.name]].update(step.requires.services)
    assert (found["clips"], found["dialogue"]) == (clips, dialogue)
    every = needs_by_checkpoint(BIG, made)
    services = {
        stage: {name for need in every[stage] for name in need.services} for stage in CHECKPOINTS
    }
    assert (services["plan"], services["speech"]) == ({"planner"}, {"speech"})
    assert services["clips"] | services["dialogue"] == {"a2v", "ditto"}


def test_without_a_plan_only_the_planner_is_known(tmp_path: Path) -> None:
    request = RenderRequest(idea="A duck and a vet", out=tmp_path)
    with Backends(BIG) as backends:
        known = Growing(request, RunFolder(tmp_path), backends, None).whole()
    needs = needs_by_checkpoint(BIG, known)
    assert {stage for stage in CHECKPOINTS if needs[stage]} == {"plan"}
