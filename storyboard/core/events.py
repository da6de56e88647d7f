"""What happened, as it happens: one JSON line an event, in `events.jsonl` of the run folder.

The live display, `run.json`, the web page and the tests all read events; nothing else is
threaded through the stages. A line torn by a kill is skipped when read back, and so is one of a
kind, or a version of it, that nobody here knows. What is told of one room's work alone (a call, a
verdict, a sample of the card) is a class of that room.

Knows: what becomes of runs and steps, appending, reading. Does not know: who listens.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from threading import Lock
from typing import ClassVar, dataclass_transform

from pydantic import TypeAdapter

from storyboard.core.directory import Directory
from storyboard.core.files import disk_errors, finite, open_regular, parse_json

CARD = "card"
"""The step in whose name the GPU speaks: it serves them all."""
_MEASURED = "measured"
"""Once the kind of every figure: which one it was, `what` said, and its fields were `values`."""


_LONGEST = 16 << 20
"""Bytes of a line; what is longer is torn into lines of no kind."""
_STORED = "stored"
KINDS: dict[str, type[Event]] = {}
"""Every event that a room which is loaded may tell of, or ask a log for."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
@dataclass(frozen=True)
class Event:
    """Base of all events, which are frozen dataclasses without saying so. `kind` names the record
    in the log and never changes; `version` is raised when a field gets another meaning. What is new
    has a default, so that older logs read."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1

    def __init_subclass__(cls, kind: str = "") -> None:
        if kind:
            cls.kind = kind
            KINDS[kind] = cls
        dataclass(frozen=True)(cls)


Listener = Callable[[Event], None]


def stored_as(name: str) -> dict[str, str]:
    """Metadata of a field that has another name in the log, as it had when logs began."""
    return {_STORED: name}


class RunStarted(Event, kind="run_started"):
    """`steps`: as many as are known before the first is made. `seal`: says that the command is
    this user's own."""

    directory: str
    command: str
    steps: int
    seal: str = ""


class GraphGrew(Event, kind="graph_grew"):
    """What was made says what else is to be made: so many `steps` in all."""

    steps: int


class RunFinished(Event, kind="run_finished"):
    """`status`: done | waiting (at a gate) | failed | interrupted."""

    status: str
    seconds: float
    message: str = ""


class StageStarted(Event, kind="stage_started"):
    stage: str


class StepEvent(Event):
    """Base of what becomes of a step."""

    step: str
    stage: str


class StepStarted(StepEvent, kind="step_started"):
    reason: str
    """Why it runs: `new`, or what changed."""


class StepGoesOn(StepEvent, kind="step_goes_on"):
    """A sign of life of a step that takes long. `limit`: seconds after which it is ended."""

    seconds: float
    limit: float


class StepFinished(StepEvent, kind="step_finished"):
    """`cached`: the stored result was used and nothing ran."""

    cached: bool
    seconds: float


class StepFailed(StepEvent, kind="step_failed"):
    error: str
    message: str


class Message(Event):
    """Base of what is said in words. `step`: a step's name, or who speaks."""

    step: str
    message: str


class Warned(Message, kind="warned"):
    """Something the user should know that stops nothing; shown in the summary."""


class Noted(Message, kind="noted"):
    """What is being done now, where it takes long and is no step of its own."""


class Measured(Event):
    """Base of figures worth keeping of the work on a step, each told by the room that measures."""

    step: str = field(default="", kw_only=True)


class EventLog:
    """Appends events to a file and hands each to the listeners, in order."""

    def __init__(self, path: Path, *listeners: Listener) -> None:
        self.path = path
        self._listeners = listeners
        # Steps and the calls they make tell from threads of their own.
        self._lock = Lock()
        self._folder = Directory(path.parent)

    def emit(self, event: Event) -> None:
        head = {"t": round(time.time(), 3), "kind": event.kind, "v": event.version}
        names = _stored_names(type(event))
        record = {**head, **{names[name]: value for name, value in asdict(event).items()}}
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
    try:
        log = open_regular(path)
    except OSError:
        return
    with log as file:
        while line := file.readline(_LONGEST):
            if (found := parse_event(line)) is not None:
                yield found


def events_in(path: Path) -> Iterator[Event]:
    """Every event of a log."""
    return (event for _, event in read_events(path))


def parse_event(line: str | bytes) -> tuple[float, Event] | None:
    """The event of a line with its Unix time; None for a torn or unknown one."""
    try:
        record = parse_json(line, lambda constant: None)
        if record["kind"] == _MEASURED:
            record |= {**record["values"], "kind": record["what"], "v": 1}
        cls = KINDS[record["kind"]]
        if record.get("v", 1) > cls.version:
            return None
        names = _stored_names(cls).items()
        known = {name: record[stored] for name, stored in names if stored in record}
        return float(record["t"]), _shape(cls).validate_python(known)
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


@cache
def _stored_names(kind: type[Event]) -> dict[str, str]:
    return {f.name: f.metadata.get(_STORED, f.name) for f in fields(kind)}


@cache
def _shape(kind: type[Event]) -> TypeAdapter[Event]:
    """What the fields of a kind hold: a log may be a stranger's."""
    return TypeAdapter(kind)


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
