"""A film in another version, in a folder of its own beside the first: what every kind of it shares.

Knows: folders, requests. Does not know: what sets the version apart.
"""

from __future__ import annotations

from collections.abc import Iterable

from storyboard.core.files import read_json
from storyboard.graph.explain import StepForecast, forecast, load_state
from storyboard.graph.folder import RunFolder, remember_request
from storyboard.graph.steps import Graph
from storyboard.graph.store import Store
from storyboard.plan import Plan, dump_plan, load_plan
from storyboard.stages.render_request import RenderRequest


def lay(
    source: RunFolder, target: RunFolder, plan: Plan, media: Iterable[str], **asked: str
) -> None:
    """Leave a version's `plan` in its folder, with the `media` that the film brought and with
    what the film was asked for, `asked` in place of its own."""
    for name in media:
        target.files.copy(source.path / name, name)
    target.files.write(target.plan.name, dump_plan(plan))
    try:
        before = read_json(source.request)
    except (OSError, ValueError):
        first = load_plan(source.plan)
        before = RenderRequest(idea=first.idea, format=first.format).identity()
    remember_request(target, {**before, **asked})


def made_anew(target: RunFolder, graph: Graph) -> list[StepForecast]:
    """What of a version's graph would be made; nothing is written."""
    store = Store(target.store)
    return forecast(graph, store, load_state(target.path), store.timings())
