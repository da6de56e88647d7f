"""What would run, as a table: for whoever asks with --explain.

Knows: forecasts, the console. Does not know: how one is made.
"""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from storyboard.core import console
from storyboard.graph.explain import StepForecast
from storyboard.graph.folder import RunFolder


def print_forecast(folder: RunFolder, steps: list[StepForecast], *, as_json: bool) -> None:
    if as_json:
        console.out.print_json(
            json.dumps({"directory": str(folder.path), "steps": [asdict(s) for s in steps]})
        )
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("step", "", "why", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for step in steps:
        style = {"cached": "dim", "stale": "yellow", "new": "cyan"}[step.status]
        seconds = "" if step.cached else "?" if step.seconds is None else f"{step.seconds:.1f}"
        table.add_row(step.step, Text(step.status, style=style), Text(step.reason), seconds)
    console.out.print(table)
    todo = [s for s in steps if not s.cached]
    known = sum(s.seconds or 0.0 for s in todo)
    unknown = sum(s.seconds is None for s in todo)
    note = f", {unknown} of kinds never timed here" if unknown else ""
    stages: dict[str, float] = {}
    for step in todo:
        stages[step.stage] = stages.get(step.stage, 0.0) + (step.seconds or 0.0)
    told = ", ".join(f"{stage} {seconds / 60:.1f}" for stage, seconds in stages.items() if seconds)
    if told:
        console.out.print(f"minutes by stage: {told}")
    console.out.print(
        f"{folder.path}: {len(steps) - len(todo)} cached, {len(todo)} to run "
        f"(about {known / 60:.1f} min of work{note})"
    )
