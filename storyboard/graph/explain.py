"""What a run would do and why, before it does anything.

Walks the graph as the runner would, with keys instead of work: each step is cached, new,
or stale for a reason, with the seconds that steps like it took before.

Knows: keys, the store's manifests, the documents of the last run. Does not run anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from renderers.loose import record_of
from storyboard.core.directory import Directory
from storyboard.core.files import dump_json, read_json
from storyboard.graph.steps import LOST, Graph, Step, input_digests, key_of, why
from storyboard.graph.store import Manifest, Output, Store
from storyboard.graph.timings import Timings

STATE_FILE = ".steps.json"
_WAITS = "because"


@dataclass(frozen=True, slots=True)
class StepForecast:
    """What would become of one step. `seconds` is None when nothing like it was ever timed."""

    step: str
    stage: str
    beat: int | None
    status: Literal["cached", "stale", "new"]
    reason: str
    seconds: float | None

    @property
    def cached(self) -> bool:
        return self.status == "cached"

    @property
    def changed(self) -> bool:
        """Whether it is asked for otherwise than in the last run: neither lost from the store nor
        behind a step that is."""
        return not self.cached and self.reason != LOST and not self.reason.startswith(_WAITS)


def step_forecasts(
    graph: Graph,
    store: Store,
    last: Mapping[str, Mapping[str, Any]],
    timings: Timings | None = None,
) -> list[StepForecast]:
    """One forecast a step, in the graph's order.

    `last` has the key documents of the last run by step name. A step that is of use only where
    an earlier one failed counts no time.
    """
    made: dict[str, Mapping[str, Output]] = {}
    found: list[StepForecast] = []
    for step in graph.steps:
        if step.given:
            found.append(StepForecast(step.name, step.stage, step.beat, "cached", "", 0.0))
            continue
        before = last.get(step.name)
        if (kept := locked_result(step, last, store)) is not None:
            made[step.name] = kept.outputs
            found.append(StepForecast(step.name, step.stage, step.beat, "cached", "locked", 0.0))
            continue
        waiting = sorted(step.upstream - made.keys())
        if waiting:
            reason = f"{_WAITS} {waiting[0]} will be made again"
            if before is None:
                reason = "new"
        else:
            document = step.document(input_digests(step, made))
            stored = stored_result(step, document, last, store)
            if stored is not None:
                made[step.name] = stored[1].outputs
                found.append(StepForecast(step.name, step.stage, step.beat, "cached", "", 0.0))
                continue
            reason = why(before, document)
        manner = step.document(dict.fromkeys(step.sources, ""))
        seconds = 0.0 if step.fallback else timings.expect(manner) if timings else None
        status = "new" if before is None else "stale"
        found.append(StepForecast(step.name, step.stage, step.beat, status, reason, seconds))
    return found


def stored_result(
    step: Step, document: dict[str, Any], last: Mapping[str, Mapping[str, Any]], store: Store
) -> tuple[dict[str, Any], Manifest] | None:
    """What the store has for a step, and the document it is there by: that of the last run
    where nothing has changed since that the step reads."""
    before = dict(last.get(step.name, {}))
    for each in (document, before if step.unread else {}):
        same = each is document or (each and step.as_read(each) == step.as_read(document))
        if same and (manifest := store.get(key_of(each))) is not None:
            return each, manifest
    return None


def locked_result(
    step: Step, last: Mapping[str, Mapping[str, Any]], store: Store
) -> Manifest | None:
    """What the last run had of a locked step; None: it is not locked, or there is nothing."""
    if not step.locked or step.name not in last:
        return None
    manifest = store.get(key_of(last[step.name]))
    # Another kind of backend makes more of a step: what is missing, others wait for.
    wanted = step.targets.keys() - step.optional
    return manifest if manifest is not None and wanted <= manifest.outputs.keys() else None


def load_state(directory: Path) -> dict[str, dict[str, Any]]:
    """Key documents of the last run in `directory`, by step name; empty if there is none."""
    try:
        state: object = read_json(directory / STATE_FILE)
    except (OSError, ValueError):
        return {}
    return {name: each for name, each in record_of(state).items() if isinstance(each, dict)}


def save_state(directory: Path, documents: Mapping[str, Mapping[str, Any]]) -> None:
    Directory(directory).write(STATE_FILE, dump_json(documents))
