"""How far a film is, read from its log: what runs, what is done, what went wrong.

Knows: events. Does not know: who listens, how it looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from storyboard.batch import jobs
from storyboard.core import events
from storyboard.graph.folder import RunFolder

State = Literal["new", "queued", "working", "waiting", "done", "failed", "stopped"]
"""`queued`: a job of it waits for its turn. `stopped`: interrupted, or killed before its end."""
BUSY: frozenset[State] = frozenset({"queued", "working"})
_BEAT = re.compile(r"(?:^|[/_])(\d\d)_")


@dataclass(slots=True)
class FilmProgress:
    """Of the last run. `beats` has the stage that each beat is in, where one is under way."""

    steps: int = 0
    ended: int = 0
    running: dict[str, str] = field(default_factory=dict[str, str])
    said: str = ""
    """What is being done that is no step, or why the run ended."""
    status: str = ""
    """As the run's own last word has it; empty while there is none."""

    @property
    def beats(self) -> dict[int, str]:
        found = ((beat_of(step), stage) for step, stage in self.running.items())
        return {beat: stage for beat, stage in found if beat is not None}

    @property
    def share(self) -> int:
        """Hundredths of the steps that are done."""
        return min(100, 100 * self.ended // self.steps) if self.steps else 0

    def hear(self, event: events.Event) -> None:
        match event:
            case events.RunStarted(steps=steps):
                self.steps, self.ended, self.status, self.said = steps, 0, "", ""
                self.running.clear()
            case events.GraphGrew(steps=steps):
                self.steps = steps
            case events.RunFinished(status=status, message=message):
                self.status, self.said = status, message
                self.running.clear()
            case events.StepStarted(step=step, stage=stage):
                self.running[step], self.status = stage, ""
            case events.StepFinished(step=step):
                self.running.pop(step, None)
                self.ended += 1
                self.said = ""
            case events.StepFailed(step=step, message=message):
                self.running.pop(step, None)
                self.said = message
            case events.Noted(message=message):
                self.said = message
            case _:
                pass


def progress_of(log: Iterable[events.Event]) -> FilmProgress:
    found = FilmProgress()
    for event in log:
        found.hear(event)
    return found


def state_of(folder: RunFolder, progress: FilmProgress) -> State:
    """What a film is doing."""
    if jobs.working(folder.path):
        return "queued" if jobs.waits(folder.path) else "working"
    match progress.status:
        case "done" | "waiting":
            return "done" if folder.film.is_file() else "waiting"
        case "failed":
            return "failed"
        case "":
            return "stopped" if progress.steps else "new"
        case _:
            return "stopped"


def beat_of(step: str) -> int | None:
    """The beat that a step belongs to; 0 is the hook."""
    if step.rpartition("/")[2] in ("hook", "look_hook"):
        return 0
    found = _BEAT.search(step)
    return None if found is None else int(found[1])
