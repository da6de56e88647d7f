"""What the broker said, into `events.jsonl` and out of it again.

Knows: events. Does not know: the card, the broker's rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storyboard.core.errors import UsageError
from storyboard.core.events import Event, EventLog, Measured, read_events
from storyboard.gpu.evictor import Emit
from storyboard.gpu.notices import told

_PREFIX = "vram."
_MISHAPS = {"restarted", "out_of_memory", "recycled", "let_go_failed", "lighter"}


def log_to(log: EventLog) -> Emit:
    """The broker's events as `Measured` records named `vram.…` of the run's log, and in words
    where a person waits or gets something else than was planned."""
    said = set[str]()

    def emit(kind: str, /, **fields: object) -> None:
        log.emit(Measured(str(fields.get("stage", "")), _PREFIX + kind, dict(fields)))
        event = told(kind, fields)
        # Leases come by the dozen: what each of them finds is said of the first.
        if event is not None and not (kind == "granted" and str(event) in said):
            said.add(str(event))
            log.emit(event)

    return emit


@dataclass(slots=True)
class LeaseTrace:
    """One lease of a past run: what was predicted, what was measured."""

    stage: str
    services: tuple[str, ...]
    predicted_gib: float
    foreign_gib: float
    budget_gib: float
    """What might be used; 0 where the log does not say."""
    began: float
    """Seconds from the first event of the log."""
    ended: float | None = None
    measured_gib: float = 0.0
    samples: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    """(seconds, GiB of ours)."""
    held: dict[str, float] = field(default_factory=dict[str, float])
    """Who held how much at the highest sample, GiB."""
    mishaps: list[str] = field(default_factory=list[str])
    """What went wrong and was mended, as `kind service`."""


def trace(run: Path) -> list[LeaseTrace]:
    """The leases of a run, in order.

    Raises:
        UsageError: the folder has no events, or none of the card.
    """
    path = run / "events.jsonl" if run.is_dir() else run
    events = [(t, e) for t, e in read_events(path) if _ours(e)]
    if not events:
        raise UsageError(
            f"{path} has no events of a card: a run on a profile with [services] writes them"
        )
    start, found = events[0][0], list[LeaseTrace]()
    for moment, event in events:
        assert isinstance(event, Measured)
        _follow(found, event.what.removeprefix(_PREFIX), moment - start, event.values)
    return found


def _ours(event: Event) -> bool:
    return isinstance(event, Measured) and event.what.startswith(_PREFIX)


def _follow(found: list[LeaseTrace], kind: str, moment: float, values: dict[str, Any]) -> None:
    stage = str(values.get("stage", ""))
    if kind == "granted":
        held = LeaseTrace(
            stage,
            tuple(values.get("services", ())),
            float(values.get("predicted_gib", 0.0)),
            float(values.get("foreign_gib", 0.0)),
            float(values.get("budget_gib", 0.0)),
            moment,
        )
        found.append(held)
    if kind in _MISHAPS and found and found[-1].ended is None:
        found[-1].mishaps.append(f"{kind.replace('_', ' ')} {values.get('service', '')}".strip())
    last = next((h for h in reversed(found) if h.stage == stage and h.ended is None), None)
    readers: dict[str, Callable[[LeaseTrace], None]] = {
        "sample": lambda h: _sample(h, moment, values),
        "released": lambda h: _end(h, moment, float(values.get("measured_gib", 0.0))),
    }
    if last is not None and kind in readers:
        readers[kind](last)
        last.measured_gib = max([last.measured_gib, *(gib for _, gib in last.samples)])


def _sample(lease: LeaseTrace, moment: float, values: dict[str, Any]) -> None:
    gib = float(values.get("ours_gib", 0.0))
    if all(gib >= earlier for _, earlier in lease.samples):
        lease.held = {str(name): float(part) for name, part in values.get("held", {}).items()}
    lease.samples.append((moment, gib))


def _end(held: LeaseTrace, moment: float, gib: float) -> None:
    held.ended, held.measured_gib = moment, max(held.measured_gib, gib)
