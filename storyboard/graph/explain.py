"""What a run would do and why, before it does anything.

Walks the graph as the runner would, with keys instead of work: each step is cached, new,
or stale for a reason, with the seconds that steps like it took before.

Knows: keys, the store's manifests, the documents of the last run. Does not run anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from storyboard.core.directory import Directory
from storyboard.core.files import dump_json, read_json
from storyboard.graph.steps import Graph, input_digests, key_of, why
from storyboard.graph.store import Output, Store
from storyboard.graph.timings import Timings

STATE_FILE = ".steps.json"


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


def forecast(
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
        before = last.get(step.name)
        waiting = sorted(step.upstream - made.keys())
        if waiting:
            reason = f"because {waiting[0]} will be made again"
            if before is None:
                reason = "new"
        else:
            document = step.document(input_digests(step, made))
            manifest = store.get(key_of(document))
            if manifest is not None:
                made[step.name] = manifest.outputs
                found.append(StepForecast(step.name, step.stage, step.beat, "cached", "", 0.0))
                continue
            reason = why(before, document)
        manner = step.document(dict.fromkeys(step.inputs, ""))
        seconds = 0.0 if step.fallback else timings.expect(manner) if timings else None
        status = "new" if before is None else "stale"
        found.append(StepForecast(step.name, step.stage, step.beat, status, reason, seconds))
    return found


def load_state(directory: Path) -> dict[str, dict[str, Any]]:
    """Key documents of the last run in `directory`, by step name; empty if there is none."""
    try:
        state: object = read_json(directory / STATE_FILE)
    except (OSError, ValueError):
        return {}
    found = cast("dict[str, object]", state) if isinstance(state, dict) else {}
    return {
        name: cast("dict[str, Any]", each) for name, each in found.items() if isinstance(each, dict)
    }


def save_state(directory: Path, documents: Mapping[str, Mapping[str, Any]]) -> None:
    Directory(directory).write(STATE_FILE, dump_json(documents))
