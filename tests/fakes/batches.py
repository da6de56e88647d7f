"""Batches of tiny films, made by a worker in a process of its own that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiny_films import TONES, tiny_plan
from waiting import soon

from storyboard.batch.entry import Entry, Row, check_entries
from storyboard.core import events
from storyboard.plan import dump_plan

FAKES = Path(__file__).parent


def tiny_entry(idea: str, **changes: Any) -> Entry:
    """A film of one beat and no hook on a small canvas, ready in seconds."""
    plan = json.loads(dump_plan(tiny_plan(idea, 1)))
    # With the beats their places: another seed's story may play elsewhere.
    overrides = {part: plan[part] for part in ("canvas", "settings", "beats")} | {"hook": None}
    fields = {"idea": idea, "language": "en", "profile": str(TONES), "plan": overrides, **changes}
    (entry,) = check_entries([Row("test", fields)], {})
    return entry


@dataclass
class Worker:
    """`storyboard batch run --once`, or `serve`, as a process."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, root: Path, *options: str, stay: bool = False) -> Worker:
        command = [sys.executable, "-c", "from storyboard.cli.batch import app; app()"]
        what = ["serve"] if stay else ["run", "--once"]
        arguments = [*what, "--runs", str(root), "--jobs", "1", *options]
        process = subprocess.Popen(
            [*command, *arguments],
            env={**os.environ, "PYTHONPATH": str(FAKES)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return cls(process)

    def works_until(self, holds: Callable[[], bool], seconds: float = 600.0) -> None:
        """Wait until it is so, while it lives."""

        def at_last() -> bool:
            assert self.process.poll() is None, self.end()
            return holds()

        soon(at_last, seconds)

    def kill(self) -> None:
        """Outright, and whatever it had started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()

    def tell(self, number: signal.Signals = signal.SIGTERM) -> None:
        """As `kill` and a terminal do: the process that was started, no other."""
        self.process.send_signal(number)

    def end(self, timeout: float = 240.0) -> tuple[int, str]:
        """Exit code and all that it said."""
        told, _ = self.process.communicate(timeout=timeout)
        return self.process.returncode, told


def rendered(folder: Path) -> Counter[str]:
    """How often each step of a film was really made, by its log."""
    return Counter(
        event.step
        for event in events.events_in(folder / "events.jsonl")
        if isinstance(event, events.StepFinished) and not event.cached
    )


def made_again(folder: Path, calm: Path) -> Counter[str]:
    """Steps that were made more often than in the film that nobody disturbed.

    Less often is no fault: killed between the store and the log, a step is made and not told of.
    """
    return rendered(folder) - rendered(calm)
