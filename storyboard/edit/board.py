"""A film as a board: every beat with what was made of it, what was found, what happened.

Read from the run folder alone, so that opening it costs nothing; what would be redone is asked of
`preview.explain`.

Knows: what lies in a run folder. Does not know: how any of it is made or shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.core.files import read_record
from storyboard.edit import history
from storyboard.graph.folder import RunFolder, existing
from storyboard.judge.outcome import attempts
from storyboard.media.check_report import read_checks
from storyboard.plan import Plan, load_plan
from storyboard.plan.regen import name_of
from storyboard.plan.shots import shot_of
from storyboard.plan.timeline import HOOK, Segment, lay_out, segment_plans
from storyboard.profile.metering import Call
from storyboard.review.review_history import Judged, ReviewHistory, load_history
from storyboard.stages.clips import clip_name
from storyboard.stages.images import draft_name, image_name
from storyboard.stages.speech import speech_name

State = Literal["done", "failed", "interrupted", "working", "planned", "empty"]
"""Of a film: `working` while a process makes it, `planned` with a plan and nothing made."""


@dataclass(frozen=True, slots=True)
class BeatCard:
    """One beat (0: the hook). Files are named relative to the run folder; "" where none is."""

    number: int
    type: str
    speaker: str | None
    line: str
    start: float
    """Seconds in the film; with lines that are not spoken yet, as planned."""
    seconds: float
    spoken: float
    """Seconds of its line; 0: it has none, or it is not spoken yet."""
    picture: str
    take: str
    clip: str
    locked: bool
    record: dict[str, Any]
    """The beat as it stands in the plan."""
    verdicts: tuple[dict[str, Any], ...] = ()
    """Every attempt at its picture that was judged."""
    heard: dict[str, Any] = field(default_factory=dict[str, Any])
    """What was heard in its take."""
    findings: tuple[int, ...] = ()
    """Places in `Board.findings`."""


@dataclass(frozen=True, slots=True)
class Board:
    """One film."""

    folder: RunFolder
    plan: Plan
    cards: tuple[BeatCard, ...]
    state: State
    message: str
    """Why it failed."""
    seconds: float
    film: bool
    checks: tuple[dict[str, Any], ...]
    review: ReviewHistory | None
    warnings: tuple[events.Warned, ...]
    calls: int
    dollars: float
    """Spent on language models so far."""
    undoable: int
    redoable: int

    @property
    def findings(self) -> list[Judged]:
        """What the review found in the film as it is."""
        return list(self.review.findings) if self.review else []

    def card(self, number: int) -> BeatCard:
        """
        Raises:
            UsageError: the film has no such beat.
        """
        for card in self.cards:
            if card.number == number:
                return card
        known = ", ".join(name_of(card.number) for card in self.cards)
        name = self.folder.path.name
        raise UsageError(f"{name} has no beat {name_of(number)}: it has {known}")

    def as_json(self) -> dict[str, Any]:
        return {
            "directory": str(self.folder.path),
            "title": self.plan.title,
            "idea": self.plan.idea,
            "state": self.state,
            "message": self.message,
            "seconds": round(self.seconds, 2),
            "film": str(self.folder.film) if self.film else None,
            "failed_checks": [c["message"] for c in self.checks if not c["ok"]],
            "warnings": [f"{w.step}: {w.message}" for w in self.warnings],
            "dollars": self.dollars,
            "undoable": self.undoable,
            "beats": [asdict(card) for card in self.cards],
        }


def open_board(path: Path) -> Board:
    """The board of a run folder.

    Raises:
        UsageError: it is none. PlanError: its plan does not hold.
    """
    folder = existing(path, "RUN")
    plan = load_plan(folder.plan)
    log = list(events.events_in(folder.events))
    state, message = state_of(folder, log)
    review = load_history(folder.path)
    found = review.findings if review else ()
    parts = segment_plans(plan)
    takes = {
        part.index: read_record(folder.path / _audio(part.index, part.slug, "json"))
        for part in parts
        if part.line
    }
    spoken = {n: float(t["seconds"]) for n, t in takes.items() if _is_number(t.get("seconds"))}
    timeline = lay_out(parts, spoken)
    cards = [
        _card(folder, plan, segment, takes.get(segment.index, {}), found)
        for segment in timeline.segments
    ]
    calls = [event for event in log if isinstance(event, Call)]
    undoable, redoable = history.depth(folder)
    return Board(
        folder,
        plan,
        tuple(cards),
        state,
        message,
        timeline.seconds,
        folder.film.is_file(),
        tuple(read_checks(folder.path)),
        review,
        tuple(events.standing(log)),
        sum(call.calls for call in calls),
        round(sum(call.cost for call in calls), 6),
        undoable,
        redoable,
    )


def state_of(folder: RunFolder, log: Sequence[events.Event]) -> tuple[State, str]:
    """What has become of a film, by its log, and why it failed."""
    state: State = "planned" if folder.plan.is_file() else "empty"
    message = ""
    for event in log:
        match event:
            case events.RunStarted():
                state, message = "working", ""
            case events.RunFinished(status="done" | "failed" | "interrupted" as status):
                state, message = status, event.message
            case _:
                pass
    if state == "done" and not folder.film.is_file():
        state = "planned"
    return state, message


def _card(
    folder: RunFolder, plan: Plan, segment: Segment, heard: dict[str, Any], found: Sequence[Judged]
) -> BeatCard:
    number, slug = segment.index, segment.slug
    shot = shot_of(plan, number)
    record = shot.record
    image = image_name(number, slug)
    pages = (image, *([] if number == HOOK else [draft_name(slug)]))
    return BeatCard(
        number,
        shot.type,
        segment.speaker,
        segment.line,
        round(segment.start, 3),
        round(segment.seconds, 3),
        round(segment.speech_seconds, 3),
        _there(folder, f"{image}.png"),
        _there(folder, _audio(number, slug, "wav")) if segment.line else "",
        _there(folder, f"{clip_name(number, slug)}.mp4"),
        record.locked,
        record.model_dump(mode="json"),
        tuple(a for page in pages for a in attempts(folder.path / f"{page}.verdicts.json")),
        heard,
        tuple(i for i, judged in enumerate(found) if judged.finding.beat == number),
    )


def _audio(number: int, slug: str, suffix: str) -> str:
    return f"audio/{speech_name(number, slug).partition('/')[2]}.{suffix}"


def _there(folder: RunFolder, name: str) -> str:
    return name if folder.files.holds(name) else ""


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
