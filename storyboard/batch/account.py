"""What a night's batch has used so far, on disk: a worker that is killed loses count of nothing.

A night ends at noon, or when a batch has gone through. Whatever runs before that, by whichever
worker and however often it is started again, counts together. One line is added before and one
after each stage that uses models; what a dead worker left open is counted up to the last sign
of life of its film.

Knows: a file of lines, films' logs. Does not know: limits, stages, films that wait.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from storyboard.batch.budget import Budget, Spent
from storyboard.core import events
from storyboard.core.directory import Directory
from storyboard.profile.metering import Call

_FILE = "night.jsonl"
_NOON = 12


@dataclass(frozen=True, slots=True)
class _Stage:
    """One stage that was begun and has not ended."""

    film: str
    stage: str
    folder: str
    began: float
    """Unix time."""


class Account:
    """The account of the night in which the batch in `root` runs. Processes may share it."""

    def __init__(self, root: Path) -> None:
        self._root, self._files = root, Directory(root, (".batch",))
        self._path = self._files.at(_FILE)

    def open(self, now: datetime, *, afresh: bool = False) -> None:
        """Go on with tonight's account, or begin a new one. Only while no worker lives."""
        night = self._night()
        if afresh or night is None or now >= datetime.fromisoformat(night["ends"]):
            noon = now.replace(hour=_NOON, minute=0, second=0, microsecond=0)
            ends = noon if noon > now else noon + timedelta(days=1)
            # What is counted begins anew; the batch is the same until it has gone through.
            batch = night["batch"] if night else now.isoformat()
            line = {"what": "night", "batch": batch, "ends": ends.isoformat()}
            self._files.write(_FILE, json.dumps(line) + "\n")
        self._settle()

    def began(self) -> float:
        """Unix time at which the batch began: films that ended since then are its own."""
        night = self._night()
        return datetime.fromisoformat(night["batch"]).timestamp() if night else _now()

    def _night(self) -> dict[str, Any] | None:
        """The line with which it begins; None without one, or with one of another version."""
        for line in self._lines():
            if line["what"] == "night":
                with suppress(KeyError, TypeError, ValueError):
                    for name in ("batch", "ends"):
                        datetime.fromisoformat(line[name])
                    return line
        return None

    def close(self) -> None:
        """The batch went through: the next one has an account of its own."""
        self._files.remove(_FILE)

    def same_night(self, budget: Budget) -> Budget:
        """The budget with `until` as it was meant when the night began: what was to stop at
        07:00, and is started again at 07:05, does not go on until tomorrow."""
        if budget.until is None:
            return budget
        for line in self._lines():
            moment = datetime.fromisoformat(line["until"]) if line["what"] == "until" else None
            if moment is not None and moment.time() == budget.until.time():
                return replace(budget, until=min(moment, budget.until))
        self._add({"what": "until", "until": budget.until.isoformat()})
        return budget

    def begin(self, film: str, stage: str) -> None:
        """A stage that uses models begins now."""
        # Whoever began it before and did not end it is dead.
        self._settle(film)
        opened = _Stage(film, stage, str(self._root / film), _now())
        self._add({"what": "begun", **asdict(opened)})

    def end(self, film: str, stage: str, gpu_seconds: float) -> None:
        """It ended."""
        self._add(
            {"what": "ended", "film": film, "stage": stage, "gpu_seconds": round(gpu_seconds, 3)}
        )

    def pay(self, film: str, cost: float) -> None:
        """US dollars that a film's stage cost."""
        if cost:
            self._add({"what": "paid", "film": film, "cost": cost})

    def spent(self) -> Spent:
        """All of the night so far, of every worker."""
        lines = self._lines()
        return Spent(
            sum(float(line.get("gpu_seconds", 0.0)) for line in lines),
            sum(float(line.get("cost", 0.0)) for line in lines),
        )

    def _settle(self, film: str | None = None) -> None:
        """Count what dead workers began and did not end: of one film, or of all."""
        left: dict[str, _Stage] = {}
        for line in self._lines():
            name = str(line.get("film", ""))
            if line["what"] == "begun" and film in (None, name):
                left[name] = _Stage(name, line["stage"], line["folder"], float(line["began"]))
            elif line["what"] == "ended":
                left.pop(name, None)
        for stage in left.values():
            seconds, cost = _lived(stage)
            self.end(stage.film, stage.stage, seconds)
            self.pay(stage.film, cost)

    def _lines(self) -> list[dict[str, Any]]:
        found = list[dict[str, Any]]()
        with suppress(FileNotFoundError):
            for text in self._path.read_text(encoding="utf-8").splitlines():
                # The last line of a process that was killed may be half a line.
                with suppress(ValueError):
                    line: object = json.loads(text)
                    if isinstance(line, dict) and "what" in line:
                        found.append(cast("dict[str, Any]", line))
        return found

    def _add(self, line: dict[str, Any]) -> None:
        # On a full disk the stage itself says so.
        with suppress(OSError):
            self._files.append(_FILE, json.dumps(line) + "\n")


def _now() -> float:
    """Unix time in whole milliseconds gone by, as logs of films count it."""
    return int(time.time() * 1000) / 1000


def _lived(stage: _Stage) -> tuple[float, float]:
    """Seconds and US dollars from a stage's beginning to the last event of its film."""
    last, cost = stage.began, 0.0
    for when, event in events.read_events(Path(stage.folder) / "events.jsonl"):
        if when >= stage.began:
            last = max(last, when)
            cost += event.cost if isinstance(event, Call) else 0.0
    return last - stage.began, round(cost, 6)
