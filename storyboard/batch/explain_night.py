"""`storyboard batch explain`: the waiting films, what they would load and how long they take.

Seconds are those that steps of the same kind took here before, GiB those of the profile or
measured here; loading and waking are timed by what they took in the logs of runs.

Knows: the queue, what a film's steps would take. Does not know: how it is all walked through.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median

from rich.table import Table

from storyboard.batch.film_stage import Work, request_of
from storyboard.batch.queue import LEFT, FilmQueue, QueuedFilm
from storyboard.core import console, events
from storyboard.gpu.events import Started, Woken
from storyboard.graph.simulation import FilmAhead, LoadTimes, SimulatedRun, ahead, simulate
from storyboard.stages.film import dry_run
from storyboard.stages.render_request import RenderRequest


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both ways to make the same films."""

    films: int
    group: int | None
    stage_major: SimulatedRun
    film_major: SimulatedRun
    unknown: int
    """Steps of kinds that were never timed here."""
    unloaded: tuple[str, ...]
    """Services whose loading, or waking, was never timed here."""
    sharing: int = 0
    """Films whose models share a card: what their reviews would have another way is mended in
    waves, of which nobody knows before what they hold."""
    wave_load_seconds: float = 0.0
    """What a wave takes at most to load what it needs."""


def explain_queue(queue: FilmQueue, group: int | None = None) -> Comparison:
    """What the films that are left would take."""
    films = [film for film in queue.films() if film.state in LEFT]
    return compare_orders([_ahead(film) for film in films], group, _load_times(films))


def compare_orders(films: Sequence[FilmAhead], group: int | None, times: LoadTimes) -> Comparison:
    together = simulate(films, times, group)
    apart = simulate(films, times, alone=True)
    untimed = set(apart.loads) - times.start.keys() | set(together.wakes) - times.wake.keys()
    unknown = sum(film.unknown for film in films)
    sharing = sum(bool(film.needs) for film in films)
    # Films of a wave go together, whatever their groups were.
    wave = simulate(films, times)
    return Comparison(
        len(films),
        group,
        together,
        apart,
        unknown,
        tuple(sorted(untimed)),
        sharing,
        round(wave.load_seconds, 3),
    )


def _ahead(film: QueuedFilm) -> FilmAhead:
    request = request_of(Work(film.id, film.entry, film.folder, "finish"))
    return work_of(request, reviewed=film.mending > 0)


def work_of(request: RenderRequest, *, reviewed: bool = False) -> FilmAhead:
    """What the film of a request would take, and its review unless it is `reviewed`."""
    run = dry_run(request)
    return ahead(run.profile, run.parts, request.profile, reviewed=reviewed)


def _load_times(films: Sequence[QueuedFilm]) -> LoadTimes:
    """What it took to start and to wake each service, by the logs of runs here."""
    taken: dict[type[Started | Woken], dict[str, list[float]]] = {Started: {}, Woken: {}}
    logs = {path for film in films for path in film.folder.parent.glob("*/events.jsonl")}
    logs |= {film.folder.parent / ".batch" / "events.jsonl" for film in films}
    for path in logs:
        for event in events.events_in(path):
            if isinstance(event, Started | Woken):
                taken[type(event)].setdefault(event.service, []).append(event.seconds)
    start, wake = (
        {service: median(seconds) for service, seconds in taken[what].items()}
        for what in (Started, Woken)
    )
    return LoadTimes(start, wake)


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
        fewer, woken = found.stage_major.loads.get(service, 0), found.stage_major.wakes
        again = f", woken {woken[service]}×" if service in woken else ""
        console.out.print(f"  {service}: loaded {fewer}× instead of {count}×{again}")
    if found.unknown:
        told = f"{found.unknown} steps are of kinds never timed here, and count nothing"
        console.out.print(told, soft_wrap=True)
    if found.sharing:
        load = f" ({found.wave_load_seconds / 60:.1f} min)" if found.wave_load_seconds else ""
        told = (
            f"{found.sharing} of them share a card: what their reviews want mended is made in "
            f"waves after that, for all of them together. A wave loads each model at most once "
            f"more{load}; at most --max-rounds waves follow, and none that the night's limits "
            "leave no room for. What they will hold is not known before, and not counted above."
        )
        console.out.print(told, soft_wrap=True)
    if found.unloaded:
        told = f"never timed here: loading {', '.join(found.unloaded)}"
        console.out.print(told, soft_wrap=True)


def _cells(way: SimulatedRun) -> tuple[str, ...]:
    return (
        str(sum(way.loads.values())),
        f"{way.load_seconds / 60:.1f}",
        f"{way.work_seconds / 60:.1f}",
        f"{way.seconds / 60:.1f}",
        f"{way.peak_gib:g}",
    )
