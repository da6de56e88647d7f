"""What would run, as a table: for whoever asks with --explain.

Knows: forecasts, the console. Does not know: how one is made.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from storyboard.core import console
from storyboard.graph.explain import StepForecast
from storyboard.graph.folder import RunFolder
from storyboard.stages.film import DryRun

if TYPE_CHECKING:
    # A laptop's film must not load what only a card needs.
    from storyboard.graph.simulation import SimulatedRun


def card_of(told: DryRun) -> SimulatedRun | None:
    """What of the card it takes, as `storyboard batch explain` reckons it for many films; None
    where nothing works on one."""
    if not told.graph.needs:
        return None
    from storyboard.graph.simulation import LoadTimes, ahead, simulate

    return simulate([ahead(told.profile, told.parts, reviewed=False)], LoadTimes())


def print_forecast(
    folder: RunFolder, steps: list[StepForecast], *, as_json: bool, card: SimulatedRun | None = None
) -> None:
    if as_json:
        rows = [asdict(step) for step in steps]
        found: dict[str, Any] = {"directory": str(folder.path), "steps": rows}
        if card is not None:
            found["card"] = {"loads": card.loads, "wakes": card.wakes, "peak_gib": card.peak_gib}
        console.out.print_json(json.dumps(found))
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
    if card is not None and card.loads:
        loads = ", ".join(f"{name}{f' {n}×' * (n > 1)}" for name, n in card.loads.items())
        console.out.print(f"loads {loads}; at most {card.peak_gib:g} GiB on the card")
    console.out.print(
        f"{folder.path}: {len(steps) - len(todo)} cached, {len(todo)} to run "
        f"(about {known / 60:.1f} min of work{note})"
    )
