"""The stages in which a batch makes its films, and which steps of a film belong to each.

They are the stages of steps, parted where other models must be on the card: `dialogue` makes
the clips of talking heads, and all that needs no model any more is `finish`. What a stage needs
of the card is read from the film's graph.

Knows: graphs, needs. Does not know: films, queues, whose turn it is.
"""

from __future__ import annotations

from typing import Literal

from storyboard.graph.steps import Graph, Step
from storyboard.profile import Profile
from storyboard.profile.needs import Need, film_needs

Stage = Literal["plan", "images", "speech", "dialogue", "clips", "finish"]
STAGES: tuple[Stage, ...] = ("plan", "images", "speech", "dialogue", "clips", "finish")
"""In order. The queue's records hold these names."""


def stages_of(graph: Graph) -> dict[str, Stage]:
    """By step, the stage in which it is made: its own, or the last of what it is made from."""
    found: dict[str, Stage] = {}
    for step in graph.steps:
        parts: list[Stage] = [_own(step), *(found[name] for name in step.upstream)]
        found[step.name] = max(parts, key=STAGES.index)
    return found


def _own(step: Step) -> Stage:
    if step.stage in ("assemble", "checks"):
        return "finish"
    if step.requires is not None and "dialogue" in step.requires.stages:
        return "dialogue"
    return step.stage


def part_of(graph: Graph, stage: Stage) -> Graph:
    """What is to be made in a stage; in the last one, whatever is missing."""
    if stage == "finish":
        return graph
    return graph.needed_for([name for name, own in stages_of(graph).items() if own == stage])


def needs_by_stage(
    profile: Profile, graph: Graph | None, *, expected: bool = False
) -> dict[Stage, tuple[Need, ...]]:
    """What each stage of a film needs of the card; without its graph, only what is no step.
    `expected` leaves fallbacks out."""
    steps = [s for s in graph.steps if not (expected and s.fallback)] if graph else []
    stages = stages_of(graph) if graph else {}
    needs: dict[Stage, tuple[Need, ...]] = {
        stage: tuple(s.requires for s in steps if s.requires and stages[s.name] == stage)
        for stage in STAGES
    }
    for need in film_needs(profile, ()):
        needs["finish" if "review" in need.stages else "plan"] += (need,)
    return needs
