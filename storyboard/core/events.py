"""What happened, as it happens: one JSON line an event, in `events.jsonl` of the run folder.

The live display, `run.json`, the web page and the tests all read events; nothing else is
threaded through the stages. A line torn by a kill is skipped when read back.

Knows: the kinds of events, appending, reading. Does not know: who listens.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar

from storyboard.core.directory import Directory
from storyboard.core.files import disk_errors, finite

CARD = "card"
"""The step in whose name the GPU speaks: it serves them all."""


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events. `kind` names the record in the log."""

    kind: ClassVar[str]


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """`steps`: as many as are known before the first is made."""

    kind: ClassVar[str] = "run_started"
    directory: str
    command: str
    steps: int


@dataclass(frozen=True, slots=True)
class GraphGrew(Event):
    """What was made says what else is to be made: so many `steps` in all."""

    kind: ClassVar[str] = "graph_grew"
    steps: int


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """`status`: done | waiting (at a gate) | failed | interrupted."""

    kind: ClassVar[str] = "run_finished"
    status: str
    seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class StageStarted(Event):
    kind: ClassVar[str] = "stage_started"
    stage: str


@dataclass(frozen=True, slots=True)
class StepStarted(Event):
    kind: ClassVar[str] = "step_started"
    step: str
    stage: str
    reason: str
    """Why it runs: `new`, or what changed."""


@dataclass(frozen=True, slots=True)
class StepGoesOn(Event):
    """A sign of life of a step that takes long. `limit`: seconds after which it is ended."""

    kind: ClassVar[str] = "step_goes_on"
    step: str
    stage: str
    seconds: float
    limit: float


@dataclass(frozen=True, slots=True)
class StepFinished(Event):
    """`cached`: the stored result was used and nothing ran."""

    kind: ClassVar[str] = "step_finished"
    step: str
    stage: str
    cached: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    kind: ClassVar[str] = "step_failed"
    step: str
    stage: str
    error: str
    message: str


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something the user should know that stops nothing; shown in the summary."""

    kind: ClassVar[str] = "warned"
    step: str
    message: str


@dataclass(frozen=True, slots=True)
class Noted(Event):
    """What is being done now, where it takes long and is no step of its own."""

    kind: ClassVar[str] = "noted"
    step: str
    message: str


@dataclass(frozen=True, slots=True)
class Measured(Event):
    """A figure worth keeping: a judge's verdict, a VRAM sample, a chat call, a take."""

    kind: ClassVar[str] = "measured"
    step: str
    what: str
    values: dict[str, Any]


KINDS: dict[str, type[Event]] = {cls.kind: cls for cls in Event.__subclasses__()}
Listener = Callable[[Event], None]


class EventLog:
    """Appends events to a file and hands each to the listeners, in order."""

    def __init__(self, path: Path, *listeners: Listener) -> None:
        self.path = path
        self._listeners = listeners
        # Steps and the calls they make tell from threads of their own.
        self._lock = Lock()
        self._folder = Directory(path.parent)

    def emit(self, event: Event) -> None:
        record = {"t": round(time.time(), 3), "kind": event.kind, **asdict(event)}
        with self._lock:
            # Opened per event: a log rotated or deleted under a long run must not lose the rest.
            with disk_errors("writing the log"):
                self._folder.append(
                    self.path.name, json.dumps(finite(record), ensure_ascii=False) + "\n"
                )
            for listener in self._listeners:
                listener(event)


def read_events(path: Path) -> Iterator[tuple[float, Event]]:
    """Every event of a log with its Unix time; torn and unknown lines are passed over."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if (found := parse_event(line)) is not None:
                yield found


def parse_event(line: str | bytes) -> tuple[float, Event] | None:
    """The event of a line with its Unix time; None for a torn or unknown one."""
    try:
        record = json.loads(line)
        cls = KINDS[record["kind"]]
        known = {f.name: record[f.name] for f in fields(cls) if f.name in record}
        return float(record["t"]), cls(**known)
    except (ValueError, KeyError, TypeError):
        return None


def standing(log: Iterable[Event]) -> list[Warned]:
    """The warnings that still hold: of each step its last making's, of the card the last run's."""
    found: dict[tuple[str, str], Warned] = {}
    for event in log:
        match event:
            case StepStarted():
                found = {key: w for key, w in found.items() if key[0] != event.step}
            case RunStarted():
                found = {key: w for key, w in found.items() if key[0] != CARD}
            case Warned():
                found[event.step, event.message] = event
            case _:
                pass
    return list(found.values())
