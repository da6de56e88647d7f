"""A studio over a folder of films, as a browser's page talks to it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason='needs FastAPI: pip install "storyboard[studio]"')

from rich.console import Console
from starlette.testclient import TestClient
from tiny_films import TONES, tiny_plan, tiny_run, tones

from storyboard.batch import duty
from storyboard.batch.entry import Entry
from storyboard.batch.jobs import LAB
from storyboard.batch.queue import open_queue
from storyboard.cli.display import ConsoleDisplay
from storyboard.edit.lab import Lab, SheetRequest
from storyboard.review.finding import Finding
from storyboard.review.review_history import Judged, Look, ReviewHistory, Round, save_history
from storyboard.stages.film import make_film
from storyboard.studio.app import create_app
from storyboard.studio.safety import Secrets

HERE = "http://127.0.0.1:8765"


@dataclass
class Browser:
    """A client that has opened a page, and so holds what a page of the studio holds."""

    client: TestClient
    runs: Path

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, follow_redirects=False, **more)

    def post(self, path: str, csrf: str | None = None, **more: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf() if csrf is None else csrf, "HX-Request": "true"}
        return self.client.post(path, headers=headers | more.pop("headers", {}), **more)

    def csrf(self) -> str:
        return re.findall(r'"X-CSRF-Token": "(\w+)"', self.get("/").text)[0]


def opened(
    runs: Path,
    token: str | None = None,
    *,
    loopback: bool = True,
    engine: str = "",
    profile: str = "embedded",
) -> Browser:
    app = create_app(runs, Secrets.of(token, loopback=loopback, port=8765), profile, engine)
    return Browser(TestClient(app, base_url=HERE, raise_server_exceptions=False), runs)


def film_of_two(folder: Path, idea: str = "A cat opens a bank") -> Path:
    """A finished film of a hook and two beats, with the voice that spells; it goes on with it."""
    run = tiny_run(folder, tiny_plan(idea, 2))
    display = ConsoleDisplay(Console(quiet=True), quiet=True)
    make_film(tones(run), display, f"storyboard run --dir x --profile {TONES}")
    return run


def furnished(film: Path) -> None:
    """Give a finished film all that a page can show: tries, findings, cuts, a queue, the lab."""
    (picture,) = (
        each for each in (film / "images").glob("beat_01*.png") if "_try" not in each.name
    )
    cuts, tried = film / "cuts", picture.with_name("beat_01_try.png")
    cuts.mkdir(exist_ok=True)
    shutil.copyfile(film / "final.mp4", cuts / "cut_01.mp4")
    shutil.copyfile(picture, tried)
    check = {"id": "hands", "level": "hard", "verdict": "fail", "evidence": "a hand of six fingers"}
    rest = {"judge": "gemma", "note": "", "stopped": False}
    attempts = [
        {"picture": f"images/{tried.name}", "kept": False, "checks": [check], **rest},
        {"picture": f"images/{picture.name}", "kept": True, "checks": [], **rest},
    ]
    picture.with_suffix(".verdicts.json").write_text(json.dumps({"attempts": attempts}))
    patch = ({"op": "replace", "path": "/beats/1/pause", "value": 1.5},)
    found = (
        Judged(
            Finding(
                "technical", "pacing", "severe", "the answer comes too fast", 1, 1.25, patch=patch
            ),
            "confirmed",
        ),
        Judged(Finding("technical", "pacing", "minor", "a bit loud at the end", 2, 2.5), "unknown"),
    )
    rounds = [
        Round(1, "a", "b", looks=(Look("technical", "answered", score=61.0),), findings=found),
        Round(
            2,
            "c",
            "d",
            looks=(Look("technical", "answered", score=82.0),),
            findings=found,
            kept=True,
        ),
    ]
    save_history(film, ReviewHistory(1.0, {}, rounds=rounds, best=2))
    lab = Lab(film.parent / LAB)
    sheet = lab.begin(SheetRequest(prompt="a fox in a yellow raincoat", guidance=(1.0, 4.0)), [])
    shutil.copyfile(picture, sheet.folder / "01.png")
    with open_queue(film.parent) as queue:
        ideas = ("A robot that is afraid of rain", "Two snails race for the last leaf")
        queue.add([Entry(idea=idea) for idea in ideas], film.parent)


def off_duty(runs: Path) -> None:
    """End the worker of these films, whatever it is in the middle of."""
    worker = duty.on_duty(runs)
    if worker is not None:
        os.killpg(worker.process.pid, signal.SIGKILL)
        when(lambda: not worker.process.alive)


def when(true: Callable[[], Any], seconds: float = 40.0) -> Any:
    """What `true` says once it holds.

    Raises:
        AssertionError: it does not within that time.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:g} s")
