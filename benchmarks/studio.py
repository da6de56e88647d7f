"""How fast the studio answers: the board of a film of 40 beats, and the preview of an edit.

    python -m benchmarks.studio [--beats 40] [--times 20]

A planned film of 40 beats lies in a folder with pictures, lines and a log as a finished one has
them; pages are asked for as a browser does, over a socket-less connection. Written to
`benchmarks/results/studio.md`.
"""

from __future__ import annotations

import os
import platform
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from starlette.testclient import TestClient

from storyboard.core import events
from storyboard.plan import Plan, dump_plan
from storyboard.plan.format_files import load_format
from storyboard.studio.app import create_app
from storyboard.studio.safety import Secrets
from storyboard.writing.offline import write_plan

RESULT = Path(__file__).parent / "results" / "studio.md"


def main(
    beats: Annotated[int, typer.Option(min=1, max=40)] = 40,
    times: Annotated[int, typer.Option(min=3)] = 20,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder) / "runs"
        plan = _long(beats)
        _film(runs / "long", plan)
        secrets = Secrets.of(None)
        with TestClient(create_app(runs, secrets), base_url="http://127.0.0.1:8765") as client:
            page = client.get("/films/long").text
            token = re.findall(r'"X-CSRF-Token": "(\w+)"', page)[0]
            headers = {"X-CSRF-Token": token}
            form = {"line": "Something else is said here now."}

            def preview() -> Any:
                return client.post("/films/long/beats/7/preview", data=form, headers=headers)

            rows = [
                ("board", *_measured(lambda: client.get("/films/long"), times)),
                ("one card", *_measured(lambda: client.get("/films/long/beats/7"), times)),
                ("gallery", *_measured(lambda: client.get("/"), times)),
                ("preview of an edit", *_measured(preview, times)),
            ]
    load = os.getloadavg()[0]
    lines = [
        "# The studio's answers",
        "",
        f"A film of {beats} beats, {times} times each, `python -m benchmarks.studio`; "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f} meanwhile.",
        "Milliseconds; *processor* is what the work itself takes, whatever else the machine does.",
        "",
        "| page | median | worst | processor, median |",
        "|---|---|---|---|",
        *(f"| {name} | {mid:.0f} | {most:.0f} | {own:.0f} |" for name, mid, most, own in rows),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    typer.echo("\n".join(lines))


def _measured(ask: Callable[[], Any], times: int) -> tuple[float, float, float]:
    """Milliseconds: median and worst by the clock, median of the processor's."""
    took: list[float] = []
    worked: list[float] = []
    for number in range(times + 2):
        began, before = time.perf_counter(), time.process_time()
        answer = ask()
        assert answer.status_code == 200 and answer.text, answer.text
        if number >= 2:
            took.append(1000 * (time.perf_counter() - began))
            worked.append(1000 * (time.process_time() - before))
    return statistics.median(took), max(took), statistics.median(worked)


def _long(beats: int) -> Plan:
    plan = write_plan("A cat opens a bank", load_format("comedy_5"), "en", None, 7)
    many = [
        plan.beats[i % len(plan.beats)].model_copy(update={"index": i + 1}) for i in range(beats)
    ]
    return plan.model_copy(update={"beats": many})


def _film(run: Path, plan: Plan) -> None:
    for name in ("images", "audio", "clips"):
        (run / name).mkdir(parents=True)
    (run / "plan.json").write_text(dump_plan(plan), encoding="utf-8")
    log = events.EventLog(run / "events.jsonl")
    log.emit(events.RunStarted(str(run), "storyboard run --idea x", 8 * len(plan.beats)))
    for beat in plan.beats:
        name = f"beat_{beat.slug}"
        (run / "images" / f"{name}.png").write_bytes(b"picture")
        (run / "audio" / f"{name}.wav").write_bytes(b"sound")
        (run / "audio" / f"{name}.json").write_text('{"seconds": 2.5}', encoding="utf-8")
        (run / "clips" / f"clip_{beat.slug}.mp4").write_bytes(b"clip")
        for stage in ("images", "speech", "words", "clips", "assemble", "checks"):
            log.emit(events.StepStarted(f"{stage}/{name}", stage, "new"))
            log.emit(events.StepFinished(f"{stage}/{name}", stage, False, 1.0))
    log.emit(events.RunFinished("done", 300.0))


if __name__ == "__main__":
    typer.run(main)
