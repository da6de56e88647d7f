"""A studio over a folder of films, as a browser's page talks to it."""

from __future__ import annotations

import os
import re
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
from storyboard.cli.display import Display
from storyboard.stages.film import make_film
from storyboard.studio.app import ENGINE, create_app
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
    runs: Path, token: str | None = None, *, loopback: bool = True, engine: str = ENGINE
) -> Browser:
    app = create_app(runs, Secrets.of(token, loopback=loopback, port=8765), engine=engine)
    return Browser(TestClient(app, base_url=HERE, raise_server_exceptions=False), runs)


def film_of_two(folder: Path, idea: str = "A cat opens a bank") -> Path:
    """A finished film of a hook and two beats, with the voice that spells; it goes on with it."""
    run = tiny_run(folder, tiny_plan(idea, 2))
    display = Display(Console(quiet=True), quiet=True)
    make_film(tones(run), display, f"storyboard run --dir x --profile {TONES}")
    return run


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
