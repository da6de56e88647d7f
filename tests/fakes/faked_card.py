"""The whole measured layout for a test: `rtx6000-96gb` with every server a fake child process
on a free port, and a ledger for a card.

Knows: which fake stands for which server. Does not know: what a run does with them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ledger_books import LedgerBooks
from ports import ports_in_a_row

from storyboard.core.events import Event, StepFinished, StepStarted, read_events
from storyboard.gpu.services.processes import Ident
from storyboard.profile import load_profile

HERE = Path(__file__).parent
SERVERS: dict[str, list[str]] = {
    "planner": [str(HERE / "serve_model.py"), "{port}"],
    "images": [str(HERE / "serve_engine.py"), "{port}"],
    "speech": [str(HERE / "serve_voices.py"), "kokoro-fastapi", "{port}"],
    "voices-clone": [str(HERE / "serve_voices.py"), "vllm-omni", "{port}", "Base"],
    "voices-design": [str(HERE / "serve_voices.py"), "vllm-omni", "{port}", "VoiceDesign"],
    "ditto": ["-m", "fake_worker", "ditto", "--port", "{port}"],
    "a2v": ["-m", "fake_worker", "ltx2-a2v", "--port", "{port}"],
    "i2v": ["-m", "fake_worker", "ltx2-i2v", "--port", "{port}"],
}
"""Arguments of Python that start each fake."""


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str]
) -> Generator[subprocess.Popen[str]]:
    """A command as a process; killed, if it still runs at the end."""
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@dataclass(frozen=True)
class FakedCard:
    """A profile of fakes, its ledger, and one run on them."""

    folder: Path
    total: float = 96.0
    slow: tuple[str, ...] = ()
    """Servers whose every answer takes long enough to be watched, or killed."""

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def profile(self) -> Path:
        return self.folder / "faked.toml"

    @property
    def ledger(self) -> LedgerBooks:
        return self.ledger_of("0")

    def ledger_of(self, card: str) -> LedgerBooks:
        """The books of one card, by what CUDA_VISIBLE_DEVICES calls it."""
        return LedgerBooks(self.folder / "ledger" / card, self.total)

    @property
    def environment(self) -> dict[str, str]:
        paths = [str(HERE), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        }

    def write(self, extra: str = "", **programs: list[str]) -> None:
        """Write the profile; `programs` replaces the arguments that start a fake."""
        services = load_profile("rtx6000-96gb").services
        # Room for the same servers on a second card.
        ports = dict(zip(SERVERS, ports_in_a_row(2 * len(SERVERS)), strict=False))
        text = [
            'extends = "rtx6000-96gb"',
            f"gpu.budget_gib = {self.total}",
            f"gpu.port_step = {len(SERVERS)}",
            f"gpu.ledger = {json.dumps(str(self.folder / 'ledger'))}",
        ]
        for name, arguments in {**SERVERS, **programs}.items():
            service = services[name]
            launch = ["python", str(HERE / "weighed.py"), str(ports[name]), name]
            launch += ["--ledger", str(self.folder / "ledger"), "--total", str(self.total)]
            launch += ["--idle", str(service.idle_gib), "--peak", str(service.peak_gib)]
            if name in self.slow:
                launch += ["--seconds", "0.6"]
            text += [
                f"[services.{name}]",
                f"launch = {json.dumps([*launch, '--', *arguments])}",
                f'health = "http://127.0.0.1:{ports[name]}/health"',
                'cwd = ""',
                "weights = []",
                # Fakes sleep in no memory, and the machine may have little.
                "ram_gib = 0",
                "stop_timeout_s = 5",
            ]
        for path, name in SECTIONS.items():
            root = "" if name in ROOTS else "/v1"
            text += [f"[{path}]", f'base_url = "http://127.0.0.1:{ports[name]}{root}"']
        self.profile.write_text("\n".join([*text, REST, extra]), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        profile = ["--profile", str(self.profile), "--jobs", "1"]
        return [
            sys.executable,
            "-m",
            "storyboard.run",
            "--dir",
            str(self.run),
            *profile,
            *arguments,
        ]

    @contextmanager
    def running(self, *arguments: str) -> Generator[subprocess.Popen[str]]:
        """A run in a process of its own; killed, if it still runs at the end."""
        with running(self.command(*arguments), self.environment) as process:
            yield process

    def finish(self, *arguments: str, seconds: float = 300.0) -> tuple[int, str]:
        """A whole run: its exit code and what it said."""
        with self.running(*arguments) as process:
            said, _ = process.communicate(timeout=seconds)
        return process.returncode, said

    # --- what came of it ---

    def events(self) -> list[tuple[float, Event]]:
        return list(read_events(self.run / "events.jsonl"))

    def told(self, what: str) -> list[dict[str, Any]]:
        """What the broker said of one kind, in order."""
        return [asdict(event) for _, event in self.events() if event.kind == f"vram.{what}"]

    def ran(self) -> list[str]:
        return [e.step for _, e in self.events() if isinstance(e, StepStarted)]

    def finished(self) -> list[str]:
        found = [e for _, e in self.events() if isinstance(e, StepFinished)]
        return [e.step for e in found if not e.cached]

    def servers(self) -> list[Ident]:
        """Processes that ever booked on the ledger and still live."""
        pids = {booking.pid for booking in self.ledger.history()}
        return [ident for pid in pids if (ident := Ident.of(pid)) is not None]

    def kill(self, service: str) -> None:
        """`kill -9` to a server."""
        holders = [h.pid for h in self.ledger.sample().holders if h.name == service]
        os.kill(holders[0], signal.SIGKILL)


SECTIONS = {
    "chat": "planner",
    "image": "images",
    "speech": "speech",
    "speech.clone": "voices-clone",
    "speech.design": "voices-design",
    "video.ditto": "ditto",
    "video.a2v": "a2v",
    "video.i2v": "i2v",
}
"""Whose address each section needs."""
ROOTS = {"images", "ditto", "a2v", "i2v"}
REST = """
[image.options]
resolution = 288
[transcription]
backend = "tones"
[review]
backend = "none"
"""
