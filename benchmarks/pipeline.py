"""How long a film takes next to its own length, and what partial redos save.

`python -m benchmarks.pipeline [--format comedy_5]` makes one film in a fresh folder and
measures, in that one run: the whole film, one beat redone, a title change. Each is a whole
process, started as a user starts it. Prints a table and writes it to
`benchmarks/results/pipeline.json`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from renderers.probe import probe

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Measure:
    """One command: wall and CPU seconds, and the most memory that it and its children held.

    Memory is proportional set size, in which pages that several processes share count once.
    It is read where the resident size, looked at ten times a second, has grown: to add it up
    the kernel holds each process still, and ten times a second that cost a film a seventh.
    """

    name: str
    wall: float
    cpu: float
    peak_gib: float


def measure(name: str, *arguments: str) -> Measure:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, "-m", "storyboard.run", "-q", *arguments]
    process = subprocess.Popen(command, start_new_session=True)
    peak = most = 0
    while process.poll() is None:
        if (resident := session_memory(process.pid, _resident)) > most * 1.01:
            most = resident
            peak = max(peak, session_memory(process.pid, _proportional))
        time.sleep(0.1)
    wall = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measure(name, wall, cpu, peak / 2**30)


def session_memory(session: int, size: Callable[[Path], int]) -> int:
    """Bytes of every process of a session, by `size` of its folder in /proc."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                total += size(stat.parent)
        except (OSError, ValueError, IndexError):
            continue
    return total


def _resident(process: Path) -> int:
    return int((process / "statm").read_text().split()[1]) * resource.getpagesize()


def _proportional(process: Path) -> int:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024


def retitle(plan: Path) -> None:
    data = json.loads(plan.read_text(encoding="utf-8"))
    data["hook"]["title"] = "Another title altogether"
    plan.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def main(
    idea: str = "A barista who can only speak in haiku",
    format: str = "comedy_5",
    beat: Annotated[int, typer.Option(help="The beat that is redone.")] = 3,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "film"
        asked = ("--idea", idea, "--format", format, "--out", str(run))
        whole = measure("whole film", *asked)
        length = probe(run / "final.mp4").seconds
        again = measure("nothing changed", "--dir", str(run))
        redone = measure(f"beat {beat} redone", "--dir", str(run), "--regen-beats", str(beat))
        retitle(run / "plan.json")
        titled = measure("title changed", "--dir", str(run), "--regen-beats", "none")
    report([whole, again, redone, titled], length)


def report(measures: list[Measure], length: float) -> None:
    whole = measures[0].wall
    table = Table(title=f"a film of {length:.1f} s")
    for heading in ("", "wall s", "of the whole", "× the film", "CPU s", "peak GiB"):
        table.add_column(heading, justify="left" if not heading else "right")
    for m in measures:
        table.add_row(
            m.name,
            f"{m.wall:.1f}",
            f"{m.wall / whole:.0%}",
            f"{m.wall / length:.2f}",
            f"{m.cpu:.1f}",
            f"{m.peak_gib:.2f}",
        )
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    data = {"film_seconds": round(length, 2), "measures": [asdict(m) for m in measures]}
    (RESULTS / "pipeline.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
