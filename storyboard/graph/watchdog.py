"""Steps under way, by the clock: that they go on is told, and one that hangs is found.

A step's process leaves a mark in the folder that the step writes to when it begins. So what
waits for a worker is not counted, whichever process or machine the work is done by.

Knows: folders, seconds, limits. Does not know: how a step is ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from storyboard.core import events
from storyboard.graph.steps import Step

POLL_S = 1.0
"""Between two looks."""
BEAT_S = 30.0
"""Between two signs of life in the log."""
GRACE_S = 1.0
"""Beyond its limit, with a hundredth of it: for a step that itself ends the program that hangs."""
_MARK = ".begun"


def mark(folder: Path) -> None:
    """Say that the step that writes to `folder` has begun."""
    (folder / _MARK).touch()


@dataclass(slots=True)
class _Seen:
    began: float
    told: float


class Watchdog:
    """Looks after the steps of one run."""

    def __init__(
        self,
        log: events.EventLog,
        allowed: Callable[[Step], float],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log, self._allowed, self._clock = log, allowed, clock
        self._seen: dict[Path, _Seen] = {}

    def overdue(self, under_way: Mapping[Path, Step]) -> Path | None:
        """The folder of a step that is to be ended; of the others, tell now and then."""
        now = self._clock()
        self._seen = {folder: seen for folder, seen in self._seen.items() if folder in under_way}
        for folder, step in under_way.items():
            seen = self._seen.get(folder)
            if seen is None:
                if _has_begun(folder):
                    self._seen[folder] = _Seen(now, now)
                continue
            most, taken = self._allowed(step), now - seen.began
            if taken > most * 1.01 + GRACE_S:
                return folder
            if now - seen.told >= BEAT_S:
                seen.told = now
                beat = events.StepGoesOn(step.name, step.stage, round(taken, 1), most)
                self._log.emit(beat)
        return None


def too_long(step: Step, seconds: float) -> str:
    """The paragraph for a step that was ended."""
    return (
        f"it was ended after {seconds:g} s, the most that {step.kind} may take: what it waited for "
        "hangs, or is far too slow. Everything finished is kept: the same command goes on from "
        f"here. Where it is only slow, give it longer: --set limits.step_seconds.{step.kind}="
        f"{4 * seconds:.0f}, or [limits.step_seconds] in the profile"
    )


def _has_begun(folder: Path) -> bool:
    # On a cluster each attempt has a folder of its own in this one.
    return any(True for pattern in (_MARK, f"*/{_MARK}") for _ in folder.glob(pattern))
