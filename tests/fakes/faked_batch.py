"""A batch of tiny films on a `FakedCard`: every server a process, the worker one of its own.

Knows: the queue, the worker's command, the batch's log. Does not know: what is expected of it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from batches import tiny_entry
from fake_chat import FakeChatServer, Reply
from faked_card import FakedCard, running
from scripted_reviewer import by, held, put, verdict
from tiny_films import tiny_plan

from storyboard.batch.queue import QueuedFilm, open_queue
from storyboard.core.events import Event, StepFinished, StepStarted, events_in, read_events
from storyboard.gpu.events import Evicted, Restarted, Started, Woken
from storyboard.plan import dump_plan

HEAVY = ("planner", "images", "speech", "ditto", "i2v")
"""Services that these films need."""


def _plan(idea: str) -> dict[str, Any]:
    plan = json.loads(dump_plan(tiny_plan(idea, 2)))
    for beat, renderer in zip(plan["beats"], ("ditto", "i2v"), strict=True):
        beat["renderer"] = renderer
    return {"canvas": plan["canvas"], "beats": plan["beats"], "hook": None}


@dataclass(frozen=True)
class FakedBatch:
    """The films in `card.folder / "runs"`."""

    card: FakedCard

    @property
    def runs(self) -> Path:
        return self.card.folder / "runs"

    def add(self, *ideas: str, **changes: Any) -> list[str]:
        """Queue films of two beats, one for each kind of video model; their ids. No two films
        share a picture."""
        changes = {"profile": str(self.card.profile), **changes}
        entries = [
            tiny_entry(idea, seed=sum(idea.encode()), plan=_plan(idea), **changes) for idea in ideas
        ]
        # Queued by the one who makes them: his state holds the key that says so.
        state = self.card.environment["XDG_STATE_HOME"]
        with pytest.MonkeyPatch.context() as whose, open_queue(self.runs) as queue:
            whose.setenv("XDG_STATE_HOME", state)
            new, old = queue.add(entries, self.runs)
        assert not old
        return new

    def films(self) -> list[QueuedFilm]:
        with open_queue(self.runs) as queue:
            return queue.films()

    @contextmanager
    def running(self, *options: str) -> Generator[subprocess.Popen[str]]:
        """`storyboard batch run --once` as a process; killed, if it still runs at the end."""
        command = [sys.executable, "-c", "from storyboard.cli.batch import app; app()"]
        command += ["run", "--once", "--runs", str(self.runs), "--jobs", "1", *options]
        with running(command, self.card.environment) as process:
            yield process

    def finish(self, *options: str, seconds: float = 400.0) -> tuple[int, str]:
        """A whole run of the batch: its exit code and what it said."""
        with self.running(*options) as process:
            said, _ = process.communicate(timeout=seconds)
        return process.returncode, said

    # --- what came of it ---

    def log(self) -> list[tuple[str, str]]:
        """What became of services, in order: (`started`, `woken` or a release level, service)."""
        found = list[tuple[str, str]]()
        for event in events_in(self.runs / ".batch" / "events.jsonl"):
            match event:
                case Evicted(service=service, level=level):
                    found.append((level, service))
                case Started() | Woken() | Restarted():
                    found.append((event.kind.removeprefix("vram."), event.service))
                case _:
                    pass
        return found

    def starts(self) -> Counter[str]:
        """How often each service was started."""
        return Counter(service for kind, service in self.log() if kind == "started")

    def processes(self) -> Counter[str]:
        """How many processes of each service ever held anything, by the card's own books."""
        seen = {(booking.name, booking.pid) for booking in self.card.ledger.history()}
        return Counter(name for name, _ in seen)

    def highest(self) -> float:
        return max(booking.total for booking in self.card.ledger.history())

    def steps(self, film: QueuedFilm) -> list[tuple[float, Event]]:
        """When the steps of a film began and ended, those from the store left out."""
        return [
            (when, event)
            for when, event in read_events(film.folder / "events.jsonl")
            if isinstance(event, StepStarted)
            or (isinstance(event, StepFinished) and not event.cached)
        ]

    def under_way(self, stage: str) -> bool:
        """Whether any film has begun a step of this stage."""
        return any(
            isinstance(event, StepStarted) and event.step.startswith(f"{stage}/")
            for path in self.runs.glob("*/events.jsonl")
            for event in events_in(path)
        )


BETTER = "He turns to the window and waves."


def _critic(body: dict[str, Any]) -> Reply:
    """Wants another action in beat 2 of every film but the lighthouse keeper's."""
    said = json.dumps(body, ensure_ascii=False)
    if "lighthouse" in said or BETTER in said:
        return {"text": json.dumps(verdict(90))}
    wrong = held(put("/beats/2/action", BETTER), beat=2, defect="other")
    return {"text": json.dumps(verdict(50, wrong))}


@contextmanager
def reviewed_batch(folder: Path, slow: tuple[str, ...] = ()) -> Generator[FakedBatch]:
    """Films of the profile `reviewed.toml` are reviewed by a model elsewhere."""
    card = FakedCard(folder, slow=slow)
    card.write()
    with FakeChatServer(_critic) as server:
        values = [value.replace("=", ' = "', 1) + '"' for value in by(server)[:3]]
        numbers = [value.replace("=", " = ", 1) for value in by(server)[3:]]
        text = [f'extends = "{card.profile}"', *values, *numbers]
        (folder / "reviewed.toml").write_text("\n".join(text), encoding="utf-8")
        yield FakedBatch(card)


def assert_left_nothing(found: FakedBatch) -> None:
    assert found.highest() <= found.card.total
    assert found.card.ledger.sample().used == 0
    assert found.card.servers() == []
