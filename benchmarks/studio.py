"""How fast the studio answers: the board of a film of 40 beats, and the preview of an edit; and
what ten tabs that ask without end leave of its memory.

    python -m benchmarks.studio [--beats 40] [--times 20] [--seconds 60]

A planned film of 40 beats lies in a folder with pictures, lines and a log as a finished one has
them; pages are asked for as a browser does, over a socket-less connection, and the tabs ask a
studio of their own over HTTP, each with its live stream open. Written to
`benchmarks/results/studio.md`.
"""

from __future__ import annotations

import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import httpx
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
    seconds: Annotated[float, typer.Option(min=1)] = 60.0,
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
        flood = _flooded(runs, seconds)
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
        "",
        f"Ten tabs, each with its live stream, ask for the gallery, files, now and then the board "
        f"and a preview for {seconds:.0f} s, up to 200 times a second together: {flood.answers} answers, "
        f"{flood.answers / seconds:.0f} a second ({flood.refused} refused as too many). Resident "
        f"memory of the studio in MiB, from before to the end in ten parts: "
        f"{', '.join(f'{each:.0f}' for each in flood.mib)}.",
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


@dataclass
class _Flood:
    """What ten tabs got, and what it cost."""

    answers: int = 0
    refused: int = 0
    mib: list[float] = field(default_factory=list[float])


def _flooded(runs: Path, seconds: float) -> _Flood:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "storyboard", "studio", f"--runs={runs}", f"--port={port}"]
    url, found = f"http://127.0.0.1:{port}", _Flood()
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + 120
            while time.monotonic() < until and not _up(url):
                time.sleep(0.2)
            found.mib.append(_mib(server.pid))
            over = threading.Event()
            tabs = [threading.Thread(target=_tab, args=(url, over, found)) for _ in range(10)]
            for tab in tabs:
                tab.start()
            for _ in range(10):
                time.sleep(seconds / 10)
                found.mib.append(_mib(server.pid))
            over.set()
            for tab in tabs:
                tab.join()
        finally:
            server.terminate()
    return found


def _tab(url: str, over: threading.Event, found: _Flood) -> None:
    """One tab: a stream that stays open, and twenty questions a second."""
    asked = ("/", "/static/htmx.min.js", "/nothing", "/films/long/files/images/beat_01.png")
    with httpx.Client(base_url=url, timeout=120) as client:
        token = re.findall(r'"X-CSRF-Token": "(\w+)"', client.get("/films/long").text)[0]
        with client.stream("GET", "/films/long/live"):
            number, began = 0, time.monotonic()
            while not over.is_set():
                if number % 200 == 199:
                    form = {"line": f"Something else is said here now, {number}."}
                    answer = client.post(
                        "/films/long/beats/7/preview", data=form, headers={"X-CSRF-Token": token}
                    )
                else:
                    answer = client.get("/films/long" if number % 40 == 39 else asked[number % 4])
                found.answers += 1
                found.refused += answer.status_code in (429, 503)
                number += 1
                over.wait(max(0.0, began + number / 20 - time.monotonic()))


def _up(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def _mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


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
