"""What the morning sheet says of one film, read from its run folder.

Knows: what lies in a run folder. Does not know: how the sheet looks.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from renderers.errors import RendererError
from renderers.probe import probe
from storyboard.core import events
from storyboard.core.directory import Linked
from storyboard.core.errors import StoryboardError
from storyboard.core.files import read_record
from storyboard.graph.folder import RunFolder
from storyboard.media.check_report import read_checks
from storyboard.plan import load_plan
from storyboard.profile.metering import Call
from storyboard.review.markdown import in_a_line
from storyboard.review.review_history import load_history
from storyboard.stages.going_on import NobodysWord, made_with

Status = Literal["ready", "look", "failed"]
"""`look`: it is made, and a check or a review holds something against it."""


@dataclass(frozen=True, slots=True)
class FailedFilm:
    """A film that was not made: failed, parked or never begun."""

    idea: str
    reason: str
    command: str
    """What goes on with it."""


@dataclass(frozen=True, slots=True)
class FilmCard:
    """One film of the sheet. Paths are None where there is no such file."""

    folder: Path
    title: str
    idea: str
    language: str
    status: Status
    reason: str
    """Why there is no film; empty where there is one."""
    command: str
    """Makes anew what is held against it, or goes on with it."""
    film: Path | None = None
    poster: Path | None = None
    hook: Path | None = None
    report: Path | None = None
    upload: Path | None = None
    """The folder that is ready to be uploaded."""
    seconds: float = 0.0
    """Length of the film."""
    checks: int = 0
    broken: tuple[str, ...] = ()
    """Checks that do not hold, by their message."""
    reviewed: bool = False
    score: float | None = None
    findings: tuple[str, ...] = ()
    """What the review still holds against the film, worst first, a line each."""
    calls: int = 0
    cost: float = 0.0
    """US dollars spent on language models."""
    minutes: float = 0.0
    """That the work took, all runs of the folder together."""

    @property
    def review(self) -> str:
        """What came of the review, in a few words."""
        if not self.reviewed:
            return "not reviewed"
        left = len(self.findings)
        said = f"{left or 'no'} open finding{'' if left == 1 else 's'}"
        return said if self.score is None else f"score {self.score:.0f}, {said}"


def read_card(path: Path) -> FilmCard:
    """The card of a run folder, whatever is in it: a folder without a plan is a failed film."""
    folder = RunFolder(path)
    try:
        folder.check()
    except Linked as error:
        return FilmCard(path, path.name, "", "", "failed", str(error), "")
    log = list(events.events_in(folder.events))
    calls = [event for event in log if isinstance(event, Call)]
    title, idea, language = _words(folder)
    card = FilmCard(
        folder=path,
        title=title,
        idea=idea,
        language=language,
        status="failed",
        reason=_why(log),
        command=_command(path, log, ""),
        poster=_file(path / "poster.jpg"),
        hook=_file(path / "images" / "hook.png"),
        seconds=_seconds(folder),
        calls=sum(call.calls for call in calls),
        cost=sum(call.cost for call in calls),
        minutes=sum(e.seconds for e in log if isinstance(e, events.RunFinished)) / 60,
    )
    return replace(card, **_finished(folder, log)) if card.seconds else card


def _seconds(folder: RunFolder) -> float:
    """Seconds of the film; 0 where there is none that plays."""
    try:
        return probe(folder.film).seconds
    except RendererError:
        return 0.0


def _finished(folder: RunFolder, log: Sequence[events.Event]) -> dict[str, Any]:
    """What is known of a film that is there."""
    checks = read_checks(folder.path)
    broken = [check for check in checks if not check["ok"]]
    review = load_history(folder.path)
    reviewed = review is not None and bool(review.rounds)
    held = review.open() if review is not None and reviewed else []
    beats = {j.finding.beat for j in held} | {check.get("beat") for check in broken}
    return {
        "status": "look" if held or broken else "ready",
        "reason": "",
        "command": _command(folder.path, log, _beats(beats)),
        "film": folder.film,
        "report": _file(folder.path / "report.html"),
        "upload": _upload(folder.path / "upload"),
        "checks": len(checks),
        "broken": tuple(str(check["message"]) for check in broken),
        "reviewed": reviewed,
        "score": review.film.score if review is not None and reviewed else None,
        "findings": tuple(in_a_line(judged) for judged in held),
    }


def _upload(folder: Path) -> Path | None:
    return folder if (folder / "metadata.json").is_file() else None


def _beats(beats: set[int | None]) -> str:
    """The value of `--regen-beats` that redoes them: all, if it is none in particular."""
    named = sorted(beat for beat in beats if beat is not None)
    return ",".join("hook" if beat == 0 else str(beat) for beat in named) or "all"


def _command(path: Path, log: Sequence[events.Event], beats: str) -> str:
    """The command that works on the film again, with the profile that it was made with."""
    words = ["storyboard", "run", "--dir", str(path)]
    if beats:
        words += ["--regen-beats", beats]
    # A command is there to be copied: what nobody here has said is left out.
    with suppress(NobodysWord):
        words += made_with(log)
    return shlex.join(words)


def _why(log: Sequence[events.Event]) -> str:
    """Why the last run ended without a film, in its own words."""
    for event in reversed(log):
        if isinstance(event, events.RunFinished):
            return event.message or f"the last run was {event.status}"
        if isinstance(event, events.RunStarted):
            return "the last run was killed before its end"
    return "nothing has been made yet"


def _words(folder: RunFolder) -> tuple[str, str, str]:
    """Title, idea and language, as far as they are known."""
    try:
        plan = load_plan(folder.plan)
    except StoryboardError:
        idea = str(read_record(folder.request).get("idea") or "")
        return idea or folder.path.name, idea, ""
    return plan.title, plan.idea, plan.language


def _file(path: Path) -> Path | None:
    return path if path.is_file() else None
