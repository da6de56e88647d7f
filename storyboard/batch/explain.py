"""`storyboard batch explain`: the waiting films, what they would load and how long they take.

Seconds are those that steps of the same kind took here before, GiB those of the profile or
measured here; loading is timed by what starting a service took in the logs of runs.

Knows: queue, pipeline's forecast, card's forecast. Does not know: how it is all walked through.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median

from rich.table import Table

from storyboard import console, events
from storyboard.batch.card import card_stages
from storyboard.batch.floor import STAGES, Stage
from storyboard.batch.loads import FilmWork, Forecast, film_major, forecast, stage_major
from storyboard.batch.making import Work, order_of, talking_heads
from storyboard.batch.queue import LEFT, Film, FilmQueue
from storyboard.pipeline import explain
from storyboard.plan import load_plan
from storyboard.profile import load_profile
from storyboard.vram.forecast import Turn, stage_turns

_STAGE_OF: dict[str, Stage] = {
    "plan": "plan",
    "images": "images",
    "speech": "speech",
    "clips": "clips",
    "assemble": "finish",
    "checks": "finish",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both ways to make the same films."""

    films: int
    group: int | None
    stage_major: Forecast
    film_major: Forecast
    unknown: int
    """Steps of kinds that were never timed here."""
    unloaded: tuple[str, ...]
    """Services whose loading was never timed here."""


def explain_queue(queue: FilmQueue, group: int | None = None) -> Comparison:
    """What the films that are left would take."""
    films = [film for film in queue.films() if film.state in LEFT]
    work = [_work_of(film) for film in films]
    return compare(work, group, _load_seconds(films))


def compare(
    films: Sequence[FilmWork], group: int | None, load_seconds: dict[str, float]
) -> Comparison:
    together = forecast(films, stage_major(len(films), group), load_seconds)
    apart = forecast(films, film_major(len(films)), load_seconds, beside=False)
    unloaded = tuple(sorted(set(apart.loads) - load_seconds.keys()))
    return Comparison(
        len(films), group, together, apart, sum(film.unknown for film in films), unloaded
    )


def _work_of(film: Film) -> FilmWork:
    work = Work(film.id, film.entry, film.folder, "finish")
    order, talking = order_of(work), talking_heads(work)
    seconds: dict[Stage, float] = dict.fromkeys(STAGES, 0.0)
    unknown = 0
    folder, steps = explain(replace(order, stages=()))
    for step in steps:
        stage = _STAGE_OF[step.stage]
        if stage == "clips" and step.beat in talking:
            stage = "dialogue"
        seconds[stage] += step.seconds or 0.0
        unknown += step.seconds is None
    profile = load_profile(film.entry.profile)
    plan = load_plan(folder.plan) if folder.plan.is_file() else None
    limit = max(0.0, (profile.gpu.budget_gib or float("inf")) - profile.gpu.margin_gib)
    turns: dict[Stage, tuple[Turn, ...]] = {
        stage: tuple(
            turn
            for card_stage in card_stages(stage, plan)
            for turn in stage_turns(profile, card_stage, limit, plan=plan)
            if turn.working
        )
        for stage in STAGES
        if stage not in film.made and (stage != "dialogue" or talking or plan is None)
    }
    return FilmWork(seconds, turns, unknown)


def _load_seconds(films: Sequence[Film]) -> dict[str, float]:
    """Median seconds that it took to start or wake each service, by the logs of runs here."""
    taken: dict[str, list[float]] = {}
    logs = {path for film in films for path in film.folder.parent.glob("*/events.jsonl")}
    logs |= {film.folder.parent / ".batch" / "events.jsonl" for film in films}
    for path in logs:
        for _, event in events.read_events(path):
            if isinstance(event, events.Measured) and event.what in ("vram.started", "vram.woken"):
                service, seconds = event.values.get("service"), event.values.get("seconds")
                if isinstance(service, str) and isinstance(seconds, int | float):
                    taken.setdefault(service, []).append(float(seconds))
    return {service: median(seconds) for service, seconds in taken.items()}


def print_comparison(found: Comparison, *, as_json: bool) -> None:
    if as_json:
        told = asdict(found)
        for name in ("stage_major", "film_major"):
            told[name]["seconds"] = getattr(found, name).seconds
        console.out.print_json(json.dumps(told))
        return
    if not found.films:
        console.out.print("nothing waits")
        return
    together = "stage by stage" + (f", {found.group} films at a time" if found.group else "")
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in (
        f"{found.films} films",
        "loads",
        "loading min",
        "work min",
        "all min",
        "peak GiB",
    ):
        table.add_column(heading, justify="right" if heading[0] not in "0123456789" else "left")
    for name, way in ((together, found.stage_major), ("film by film", found.film_major)):
        table.add_row(name, *_cells(way))
    console.out.print(table)
    for service, count in sorted(found.film_major.loads.items()):
        fewer = found.stage_major.loads.get(service, 0)
        console.out.print(f"  {service}: {fewer} loads instead of {count}")
    if found.unknown:
        console.out.print(f"{found.unknown} steps are of kinds never timed here, and count nothing")
    if found.unloaded:
        console.out.print(f"never timed here: loading {', '.join(found.unloaded)}")


def _cells(way: Forecast) -> tuple[str, ...]:
    return (
        str(sum(way.loads.values())),
        f"{way.load_seconds / 60:.1f}",
        f"{way.work_seconds / 60:.1f}",
        f"{way.seconds / 60:.1f}",
        f"{way.peak_gib:g}",
    )
