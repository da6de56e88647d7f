"""What an edit takes with the models loaded, next to the whole film: as the board and agents do it.

`python -m benchmarks.board` makes one film in a session, and in the same one redoes a beat of it:
all of it, then its picture, its speech, its clip alone. A change of a line is shown (dry run) and the
board opened several times. CPU seconds are those of all processes: on a machine that does other
things too they say more than the wall's. Writes `benchmarks/results/board.json`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.pipeline import RESULTS
from storyboard.cli.display import ConsoleDisplay
from storyboard.edit import beat_patches, preview
from storyboard.edit.board import open_board
from storyboard.edit.patch import Patch
from storyboard.graph.session import Session
from storyboard.plan import Part, load_plan
from storyboard.stages.film import make_film
from storyboard.stages.render_request import RenderRequest

TIMES = 9


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of the wall's clock, and of all cores together."""

    wall: float
    cpu: float


def timed(work: Callable[[], Any]) -> Taken:
    began, before = time.perf_counter(), cpu_seconds()
    work()
    return Taken(round(time.perf_counter() - began, 3), round(cpu_seconds() - before, 3))


def middle(work: Callable[[], Any]) -> Taken:
    """Of several times; in this process alone, by a finer clock."""
    walls, cpus = list[float](), list[float]()
    for _ in range(TIMES):
        began, before = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - before)
    return Taken(round(median(walls), 4), round(median(cpus), 4))


def cpu_seconds() -> float:
    """Of this process and all that it started, those that have ended too."""
    own, ticks = os.getsid(0), 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == own:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def main(
    idea: str = "A barista who can only speak in haiku",
    format: str = "comedy_5",
    beat: Annotated[int, typer.Option(help="The beat that is redone.")] = 3,
) -> None:
    if os.getsid(0) != os.getpid():
        # A session of its own, by which what it starts is known.
        raise SystemExit(
            subprocess.run([sys.executable, *sys.orig_argv[1:]], start_new_session=True).returncode
        )
    display = ConsoleDisplay(Console(quiet=True), quiet=True)
    taken: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory() as folder, Session() as session:
        run = Path(folder) / "film"
        first = RenderRequest(idea=idea, format=format, out=run)
        taken["the whole film"] = timed(lambda: make_film(first, display, session=session))
        request = RenderRequest(directory=run)
        parts: tuple[Part | None, ...] = (None, "picture", "speech", "clip")
        for part in parts:
            preview.apply(
                request, beat_patches.redo(load_plan(run / "plan.json"), beat, part), session
            )
            made = timed(lambda: make_film(request, display, session=session))
            taken[f"beat {beat} redone: {part or 'all of it'}"] = made
        longer: Patch = beat_patches.set_fields(beat, {"pause": 1.25})
        taken["a change shown"] = middle(lambda: preview.propose(request, longer, session))
        taken["the board opened"] = middle(lambda: open_board(run))
    report(taken)


def report(taken: dict[str, Taken]) -> None:
    whole = taken["the whole film"]
    table = Table("", "wall s", "of the whole", "CPU s", "of the whole")
    for name, each in taken.items():
        shares = (f"{each.wall / whole.wall:.1%}", f"{each.cpu / whole.cpu:.1%}")
        table.add_row(name, f"{each.wall:.3f}", shares[0], f"{each.cpu:.3f}", shares[1])
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    data = {name: asdict(each) for name, each in taken.items()}
    (RESULTS / "board.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
