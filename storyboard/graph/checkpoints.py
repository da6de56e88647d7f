"""A film's graph, parted at the checkpoints at which a queue notes how far it has come.

Knows: graphs, needs. Does not know: films, queues, whose turn it is.
"""

from __future__ import annotations

from storyboard.graph.steps import Graph
from storyboard.plan.stages import CHECKPOINTS, Checkpoint, checkpoint_of
from storyboard.profile import Profile
from storyboard.profile.needs import Need, review_need


def checkpoints(graph: Graph) -> dict[str, Checkpoint]:
    """By step, the checkpoint up to which it is made: its own, or the last of what it is made
    from."""
    found: dict[str, Checkpoint] = {}
    for step in graph.steps:
        own = checkpoint_of(step.stage, step.requires.stages if step.requires else frozenset())
        parts: list[Checkpoint] = [own, *(found[name] for name in step.upstream)]
        found[step.name] = max(parts, key=CHECKPOINTS.index)
    return found


def part_of(graph: Graph, upto: Checkpoint) -> Graph:
    """What is to be made for a checkpoint; for the last one, whatever is missing."""
    if upto == CHECKPOINTS[-1]:
        return graph
    return graph.needed_for([name for name, own in checkpoints(graph).items() if own == upto])


def needs_by_checkpoint(profile: Profile, graph: Graph) -> dict[Checkpoint, tuple[Need, ...]]:
    """What a film needs of the card up to each checkpoint, its review at the last."""
    needs: dict[Checkpoint, tuple[Need, ...]] = dict.fromkeys(CHECKPOINTS, ())
    own = checkpoints(graph)
    for step in graph.steps:
        if step.requires is not None:
            needs[own[step.name]] += (step.requires,)
    if (review := review_need(profile)) is not None:
        needs["finish"] += (review,)
    return needs
