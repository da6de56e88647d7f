"""What can go wrong in the pipeline, as a user sees it, and the exit code each ends with.

StoryboardError       1   something failed; the message is one clear paragraph with the fix
├── UsageError        2   an option, format or profile is wrong
│   └── PlanError     2   a plan is wrong: every fault, each by its path
├── ChecksFailed      3   the film was made, but a check of the final file failed
├── Busy              4   another process works in this run folder
├── StepFailed        5   one step of the run failed; the rest is kept, run again to go on
├── TookTooLong       5   one step hung and was ended; the rest is kept, run again to go on
├── CapReached        6   the run may make no more calls of language models, or spend no more
└── Stopped         130   whoever asked for the work told it to stop; what is finished is kept
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_MOST, _LONGEST = 120, 2000
"""Faults that are told of one thing, and characters of each."""


class StoryboardError(Exception):
    """Base of all errors meant for a user's eyes."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # As it is, whatever a subclass is made from: a step may fail in another process.
        return _again, (type(self), self.args, self.__dict__)


def _again(cls: type[StoryboardError], args: tuple[Any, ...], state: dict[str, Any]) -> Exception:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class UsageError(StoryboardError):
    exit_code = 2


class Faulty(UsageError):
    """Something that people or models wrote and that does not hold. `faults` has one
    `path: message` each; `advice` says what now."""

    def __init__(self, told: str, faults: Sequence[str], advice: str = "") -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        shown = [fault if len(fault) <= _LONGEST else f"{fault[:_LONGEST]}…" for fault in faults]
        lines = [f"{told} ({count}):", *(f"  {fault}" for fault in shown[:_MOST])]
        if len(shown) > _MOST:
            lines.append(f"  and {len(shown) - _MOST} more")
        super().__init__("\n".join([*lines, advice] if advice else lines))


class PlanError(Faulty):
    """A plan that does not hold."""

    def __init__(self, source: str, faults: Sequence[str], advice: str = "") -> None:
        self.source = source
        super().__init__(f"{source} is not a valid plan", faults, advice)


class ShareSpent(StoryboardError):
    """What one use of a language model may cost is spent; the run goes on without it."""


class ChecksFailed(StoryboardError):
    exit_code = 3


class Busy(StoryboardError):
    exit_code = 4


class StepFailed(StoryboardError):
    exit_code = 5

    def __init__(self, step: str, reason: str) -> None:
        self.step = step
        super().__init__(f"step {step} failed: {reason}")


class TookTooLong(StoryboardError):
    """A step hangs, and was ended. It is why a step failed: the run ends with 5."""

    exit_code = StepFailed.exit_code


class CapReached(StoryboardError):
    exit_code = 6


class Stopped(StoryboardError):
    exit_code = 130


class LimitReached(Stopped):
    """No more of this kind is begun: a limit was reached that was set before, as a night's."""
