"""`storyboard vram`: what a run will need of the card, and what a past run really took.

Knows: options, tables, exit codes. Does not know: how the sums come about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.options import Overrides, ProfileName
from storyboard.gpu.card_session import budget_of, needs_card
from storyboard.gpu.chart import draw_forecast, draw_trace
from storyboard.gpu.forecast import (
    CardForecast,
    Residency,
    Scale,
    card_forecast,
    forecast_changes,
    hold_together,
)
from storyboard.gpu.log import trace as read_trace
from storyboard.gpu.overview import recorded
from storyboard.graph import simulation
from storyboard.graph.folder import RunFolder
from storyboard.graph.steps import Graph
from storyboard.plan import load_plan
from storyboard.profile import Profile, Together, load_profile
from storyboard.profile.backends import Backends
from storyboard.profile.source import shipped_profiles
from storyboard.stages.growing import Growing
from storyboard.stages.render_request import RenderRequest

DOES_NOT_FIT = 1

app = typer.Typer(
    help="Memory of the card: forecast by stage, and trace of a past run.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="Draw the chart to this PNG.")]


@app.callback()
def show(
    context: typer.Context,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    plan: Annotated[Path | None, typer.Option(help="Only what this plan.json needs.")] = None,
    gpu: Annotated[
        float | None, typer.Option(min=0, help="GiB of the card, instead of the profile's budget.")
    ] = None,
    together: Annotated[
        str | None,
        typer.Option(help="Hold these services at once: a name of [together], or a list: a,b,c."),
    ] = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Forecast the memory of each stage. Exits 1 if a stage does not fit."""
    if context.invoked_subcommand is not None:
        return
    with console.border():
        loaded = load_profile(profile, tuple(overrides or ()))
        scale = None if gpu is not None else recorded(loaded)
        budget = budget_of(loaded) if gpu is None else gpu
        graph = None if plan is None else _graph(loaded, plan)
        seen, free = (_forecast(loaded, graph, gib, scale) for gib in (budget, inf))
        if together is not None:
            seen = _only(loaded, seen, together, scale)
        if out is not None:
            draw_forecast(seen, out)
        if as_json:
            typer.echo(json.dumps(seen.as_json(), ensure_ascii=False, indent=2))
        elif together is None and not needs_card(loaded):
            console.out.print(f"Profile {loaded.name} works without a card: nothing is held there.")
        else:
            _print(loaded, seen, forecast_changes(seen, free))
        if not seen.fits:
            raise typer.Exit(DOES_NOT_FIT)


@app.command()
def trace(
    run: Annotated[Path, typer.Argument(help="A run's folder, or its events.jsonl.")],
    budget: Annotated[
        float | None,
        typer.Option(min=0, help="Budget line of the chart, GiB (default: the run's)."),
    ] = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Predicted against measured memory of a past run."""
    with console.border():
        held = read_trace(run)
        if out is not None:
            draw_trace(held, max(h.budget_gib for h in held) if budget is None else budget, out)
        if as_json:
            typer.echo(json.dumps([lease.as_json() for lease in held], indent=2))
            return
        table = Table(
            "stage", "services", "predicted", "measured", "external", "seconds", "", box=None
        )
        for lease in held:
            over = lease.measured_gib > lease.predicted_gib + 0.5
            table.add_row(
                lease.stage,
                ", ".join(lease.services),
                f"{lease.predicted_gib:g}",
                Text(f"{lease.measured_gib:.1f}", style="red" if over else ""),
                f"{lease.external_gib:.1f}",
                f"{lease.ended - lease.began:.0f}" if lease.ended is not None else "unfinished",
                Text(", ".join(lease.mishaps), style="yellow"),
            )
        console.out.print(table)


def _graph(profile: Profile, plan: Path) -> Graph:
    """Every step of the film of a plan."""
    with Backends(profile) as backends:
        folder = RunFolder(plan.absolute().parent)
        return Growing(RenderRequest(), folder, backends, load_plan(plan)).whole()


def _forecast(
    profile: Profile, graph: Graph | None, budget: float, scale: Scale | None
) -> CardForecast:
    """What a film's run holds of a card of so many GiB; without its graph, what any may hold."""
    seen = card_forecast(profile, budget_gib=budget, scale=scale)
    if graph is None:
        return seen
    run = simulation.simulate(
        [simulation.whole(profile, graph, budget_gib=budget, scale=scale)], simulation.LoadTimes()
    )
    return replace(seen, residencies=run.residencies)


def _only(profile: Profile, seen: CardForecast, together: str, scale: Scale | None) -> CardForecast:
    """The forecast of holding some services at once, as the only residency."""
    group = profile.together.get(together)
    if group is None:
        names = [name.strip() for name in together.split(",") if name.strip()]
        if unknown := [name for name in names if name not in profile.services]:
            raise UsageError(
                f"--together: '{unknown[0]}' is neither in [together] "
                f"({', '.join(profile.together) or 'none'}) nor in [services] "
                f"({', '.join(profile.services) or 'none'})"
            )
        group = Together(peak=names)
    held = profile.model_copy(update={"together": {together: group}})
    limit = max(0.0, seen.budget_gib - profile.gpu.margin_gib)
    return replace(seen, residencies=(hold_together(held, together, limit, scale),), together=())


def _print(profile: Profile, seen: CardForecast, changed: Sequence[str]) -> None:
    title = f"{seen.profile}: {seen.budget_gib:g} GiB, {profile.gpu.margin_gib:g} kept free"
    table = Table("stage", "on the card", "peak", "left", "", title=title, title_justify="left")
    for residency in seen.residencies:
        _row(table, residency)
    for i, residency in enumerate(seen.together):
        if i == 0:
            table.add_section()
        _row(table, residency, note=profile.together[residency.stage].note)
    console.out.print(table)
    for line in changed:
        console.out.print(Text(line))
    if any(not residency.fits for residency in seen.together):
        console.out.print(
            Text("The sums below the line are no stages: nothing starts them.", "dim")
        )
    for line in seen.refusals():
        console.err.print(Text(line, style="red"), soft_wrap=True)
    if not seen.fits:
        console.err.print(Text(_advice(seen)), soft_wrap=True)


def _row(table: Table, residency: Residency, note: str = "") -> None:
    names = Text()
    for resident in residency.residents:
        if names:
            names.append(" + ")
        names.append(f"{resident} {resident.gib:g}", "" if resident.doing == "working" else "dim")
        if resident.measured:
            names.append(" measured", "green")
    if note:
        names.append(f"\n{note}", "dim")
    verdict = Text("fits", "green") if residency.fits else Text("refused", "red")
    left = f"{residency.limit_gib - residency.peak_gib:+.1f}"
    table.add_row(
        residency.name, names or Text("–", "dim"), f"{residency.peak_gib:g}", left, verdict
    )


def _advice(seen: CardForecast) -> str:
    fitting = [
        name
        for name in shipped_profiles()
        if name != seen.profile
        and (other := load_profile(name)).gpu.budget_gib
        and card_forecast(other, budget_gib=seen.budget_gib).fits
    ]
    profile = f", or the profile {' or '.join(fitting)}, which fits" if fitting else ""
    return f"Take a lighter model, a variant with offload, or an API for these{profile}."
