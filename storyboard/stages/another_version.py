"""A film in another version, in a folder of its own beside the first: what every kind of it shares.

Knows: folders, requests. Does not know: what sets the version apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from storyboard.core.files import disk_errors, read_json
from storyboard.core.lock import exclusive
from storyboard.graph.explain import StepForecast, load_state, step_forecasts
from storyboard.graph.folder import RunFolder, remember_request
from storyboard.graph.steps import Graph, Step
from storyboard.graph.store import Store
from storyboard.plan import Plan, load_plan
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.film_graph import graph_of, own_roots
from storyboard.stages.own_media import beside_the_plan
from storyboard.stages.render_request import RenderRequest

Foreseen = tuple[RunFolder, Graph, list[StepForecast]]
"""A version's folder, all of its steps, and what would become of each."""


def lay_version(
    source: RunFolder,
    target: RunFolder,
    plan: Plan,
    request: RenderRequest,
    brought: Mapping[str, Path] | None = None,
    **asked: str,
) -> RenderRequest:
    """Leave a version's `plan` in its folder, with the media that the film brought, what else it
    names (`brought`), and what the film was asked for, `asked` in place of its own; the request
    that makes it."""
    first = load_plan(source.plan)
    profile = load_profile(request.profile, request.overrides)
    target.open()
    with exclusive(target.path), disk_errors("saving another version of the film"):
        for name in beside_the_plan(first, source.path, own_roots(request.allow, profile)):
            target.files.copy(source.path / name, name)
        for name, path in (brought or {}).items():
            target.files.copy(path, name)
        target.save_plan(plan)
        try:
            before = read_json(source.request)
        except (OSError, ValueError):
            before = RenderRequest(idea=first.idea, format=first.format).identity()
        remember_request(target, {**before, **asked})
    return request.version(target.path, request.place)


def foreseen(
    source: RunFolder,
    versions: Mapping[RunFolder, Plan],
    request: RenderRequest,
    beside: Graph | None = None,
) -> list[Foreseen]:
    """What would be made anew of each version, one after the other and all after what lies
    `beside`, the film itself; nothing is written."""
    found: list[Foreseen] = []
    there = [beside] if beside else list[Graph]()
    with Backends(load_profile(request.profile, request.overrides)) as backends:
        for target, plan in versions.items():
            graph = graph_of(plan, source.path, backends, request.allow)
            store = Store(target.store)
            told = step_forecasts(graph, store, load_state(target.path), store.timings())
            common = frozenset[str]().union(*(_common(graph, other) for other in there))
            steps = [_made_there(step) if step.step in common else step for step in told]
            found.append((target, graph, steps))
            there.append(graph)
    return found


def _common(graph: Graph, other: Graph) -> frozenset[str]:
    """Steps that another graph has as they are here, from the first one on."""
    theirs = {step.name: step for step in other.steps}
    found: set[str] = set()
    for step in graph.steps:
        twin = theirs.get(step.name)
        if twin is not None and step.upstream <= found and _manner(step) == _manner(twin):
            found.add(step.name)
    return frozenset(found)


def _manner(step: Step) -> tuple[object, ...]:
    return step.document(dict.fromkeys(step.sources, "")), dict(step.sources)


def _made_there(step: StepForecast) -> StepForecast:
    return step if step.cached else replace(step, status="cached", reason="", seconds=0.0)
