"""What the broker said, into `events.jsonl` and out of it again, and in words for who waits.

Knows: events, sentences. Does not know: the card, the broker's rules.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from storyboard.core.errors import UsageError
from storyboard.core.events import CARD, Event, EventLog, Noted, Warned, read_events
from storyboard.gpu.events import (
    CardEvent,
    Emit,
    Granted,
    Lighter,
    NotEvicted,
    RanOut,
    Recycled,
    Released,
    Restarted,
    Sampled,
    Started,
    Starting,
    Waiting,
    WakeFailed,
)

_MISHAPS = (Restarted, RanOut, Recycled, NotEvicted, Lighter)


def log_to(log: EventLog) -> Emit:
    """The broker's events go to the run's log, and in words where a person waits or gets
    something else than was planned."""
    said = set[str]()

    def emit(event: CardEvent) -> None:
        log.emit(event)
        words = told(event)
        # Leases come by the dozen: what each of them finds is said of the first.
        if words is not None and not (isinstance(event, Granted) and str(words) in said):
            said.add(str(words))
            log.emit(words)

    return emit


@dataclass(slots=True)
class LeaseTrace:
    """One lease of a past run: what was predicted, what was measured."""

    stage: str
    services: tuple[str, ...]
    predicted_gib: float
    external_gib: float
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

    def as_json(self) -> dict[str, Any]:
        """For scripts, which know what external processes hold by its first name."""
        told = asdict(self)
        return {"foreign_gib" if name == "external_gib" else name: told[name] for name in told}


def trace(run: Path) -> list[LeaseTrace]:
    """The leases of a run, in order.

    Raises:
        UsageError: the folder has no events, or none of the card.
    """
    path = run / "events.jsonl" if run.is_dir() else run
    events = [(t, e) for t, e in read_events(path) if isinstance(e, CardEvent)]
    if not events:
        raise UsageError(
            f"{path} has no events of a card: a run on a profile with [services] writes them"
        )
    start, found = events[0][0], list[LeaseTrace]()
    for moment, event in events:
        _follow(found, moment - start, event)
    return found


def _follow(found: list[LeaseTrace], moment: float, event: CardEvent) -> None:
    if isinstance(event, Granted):
        parts = event.predicted_gib, event.external_gib, event.budget_gib
        found.append(LeaseTrace(event.stage, tuple(event.services), *parts, moment))
    if isinstance(event, _MISHAPS) and found and found[-1].ended is None:
        what = event.kind.removeprefix("vram.").replace("_", " ")
        found[-1].mishaps.append(f"{what} {event.service}")
    if not isinstance(event, Sampled | Released):
        return
    last = next((h for h in reversed(found) if h.stage == event.stage and h.ended is None), None)
    if last is None:
        return
    if isinstance(event, Released):
        last.ended, gib = moment, event.measured_gib
    else:
        gib = event.ours_gib
        if all(gib >= earlier for _, earlier in last.samples):
            last.held = dict(event.held)
        last.samples.append((moment, gib))
    last.measured_gib = max(last.measured_gib, gib)


# --- in words -------------------------------------------------------------------

_EXTERNAL_GIB = 0.5
"""Less than this of others' memory is a desktop's, and not worth a word."""


def told(event: CardEvent) -> Event | None:
    """What to say of one of the broker's events; None for those that only the log keeps."""
    if message := _warning(event):
        return Warned(CARD, message)
    if message := _note(event):
        return Noted(CARD, message)
    return None


def _warning(event: CardEvent) -> str:
    match event:
        case Restarted(service=name):
            return f"{name} died and was started again"
        case Recycled(service=name, held_gib=held, idle_gib=idle):
            return f"{name} held {held:g} GiB, {idle:g} when idle are stated: it was started anew"
        case WakeFailed(service=name, error=error):
            return f"{name} did not come up ({error}): it is started anew"
        case RanOut(service=name, error=error):
            return f"{name} ran out of memory: {error}"
        case Lighter(service=name, variant=form):
            return f"{name} ran out of memory and goes on as {form}"
        case Started(service=name, variant=form) if form:
            return f"{name} runs as {form}: its usual form found no room"
        case _:
            return ""


def _note(event: CardEvent) -> str:
    match event:
        case Waiting(stage=stage, reason=reason) if reason:
            return f"{stage} waits: {reason} holds the card"
        case Waiting(stage=stage, missing_gib=missing, held=held):
            return f"{stage} waits for {missing:g} GiB more" + (
                f"; on the card: {held}" if held else ""
            )
        case Granted(stage=stage, external_gib=gib, external=who) if gib >= _EXTERNAL_GIB:
            return f"{stage}: {gib:g} GiB of the card are held by {', '.join(who) or 'others'}"
        case Starting(service=name):
            return f"{name} starts"
        case NotEvicted(service=name, level=level, error=error):
            return f"{name} did not {level}: {error}"
        case _:
            return ""
