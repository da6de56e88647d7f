"""Models that Ollama fetches and keeps itself: asked for through its own server.

Knows: Ollama's API, the folder of its manifests. Does not know: the hub.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from renderers import http
from renderers.errors import Unavailable
from storyboard.core.files import state_directory
from storyboard.gpu.cards import environment_of
from storyboard.gpu.control import healthy
from storyboard.gpu.services import program
from storyboard.profile import Service

_UP_S = 60.0
# A service of systemd keeps its own, where another user has no business.
Told = Callable[[int, int], None]
"""Hears of a layer how many bytes of how many are here."""


def has(service: Service) -> bool:
    """Whether its model is on this machine, for the user who would start the server."""
    name, _, tag = service.model.partition(":")
    stated = service.env.get("OLLAMA_MODELS") or os.environ.get("OLLAMA_MODELS")
    folder = Path(stated or "~/.ollama/models").expanduser()
    path = Path("manifests/registry.ollama.ai/library") / name / (tag or "latest")
    return (folder / path).is_file()


def pull(name: str, service: Service, device: int, told: Told) -> None:
    """Have the model fetched; Ollama itself goes on where it was cut off, and checks it.

    Raises:
        Unavailable: the server does not come up, or does not get it.
    """
    log = state_directory() / "services" / f"{name}-pull.log"
    server = None
    if not healthy(service):
        server = program.begin(name, service, "", environment_of(device), log)
    try:
        end = time.monotonic() + _UP_S
        while not healthy(service):
            if (server is not None and server.poll() is not None) or time.monotonic() > end:
                raise Unavailable(f"{name} does not come up: {program.last_words(log)}")
            time.sleep(0.2)
        _pull(name, service, told)
    finally:
        if server is not None:
            server.terminate()
            try:
                server.wait(service.stop_timeout_s)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _pull(name: str, service: Service, told: Told) -> None:
    url = f"{service.root_url}/api/pull"
    try:
        with (
            http.client(url, timeout=httpx.Timeout(30.0, read=300.0)) as client,
            client.stream("POST", url, json={"model": service.model}) as answer,
        ):
            for line in answer.iter_lines():
                said = json.loads(line or "{}")
                if "error" in said or answer.status_code != 200:
                    raise Unavailable(
                        f"{name}: Ollama cannot get {service.model} "
                        f"({said.get('error', answer.status_code)}): see that this machine is "
                        "online, and run the same command again: it goes on where it was"
                    )
                told(int(said.get("completed", 0)), int(said.get("total", 0)))
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(
            f"{name}: Ollama broke off while it fetched {service.model} ({type(error).__name__}): "
            "run the same command again: it goes on where it was"
        ) from None
