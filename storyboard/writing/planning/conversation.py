"""A planner's talk with a language model: what it may take, and what came of it.

Knows: the assignment, its clock, the calls made. Does not know: scripts, prompts, faults.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from renderers.base import ChatBackend, ChatRequest, ChatResult
from renderers.errors import BadOutput, RendererError, Unavailable
from renderers.usage import Usage
from storyboard.plan import Aspect, Language
from storyboard.plan.formats import Format


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the planner is to write."""

    idea: str
    format: Format
    language: Language
    aspect: Aspect | None = None
    seed: int = 42
    candidates: int = 1
    """Premises to think up; the best by the rubric is written."""
    rounds: int = 3
    """How often faults go back to the model before the plan is refused."""
    minutes: float = 20.0
    """How long it may take in all."""
    strength: Literal["script", "lines", "auto"] = "script"
    """What the model is asked for: a whole script, one line at a time in the offline draft, or
    whichever its size, or three small questions, say that it can do."""
    series: Sequence[str] = ()
    """What is to be known of the series that this is an episode of, line by line."""
    said: Sequence[str] = ()
    """Lines of its other episodes, none of which is said again."""


class OutOfTime(Unavailable):
    """Planning has taken all the minutes that it may."""


class Conversation:
    """One assignment's questions, each for a share of the time that is left."""

    def __init__(
        self, assignment: Assignment, chat: ChatBackend, report: Callable[[str], None]
    ) -> None:
        self.assignment = assignment
        self.report = report
        self.calls: list[ChatResult] = []
        self.story = ["# Planning"]
        """How the plan came about, as paragraphs of Markdown."""
        self._chat = chat
        self._spent = Usage()
        self._ends = time.monotonic() + 60 * assignment.minutes

    @property
    def model(self) -> str:
        """Whoever answered last."""
        return self.calls[-1].model if self.calls else "the model"

    def left(self) -> float:
        """Seconds."""
        return max(0.0, self._ends - time.monotonic())

    def tell(self, what: str) -> None:
        """Something the reader of planning.md, and whoever waits, should know."""
        self.story.append(what)
        self.report(what)

    def ask(self, request: ChatRequest, share: float = 1.0) -> ChatResult:
        """Ask, for at most this share of the time that is left.

        Raises:
            BadOutput: no good answer came, or none within the share.
            OutOfTime: all the time is up.
            RendererError: the model cannot be asked.
        """
        started = time.monotonic()
        allowed = share * self.left()
        if not allowed:
            raise OutOfTime(self._too_late())
        try:
            result = self._chat.ask(replace(request, seconds=allowed))
        except RendererError as error:
            self._spent += error.usage
            now = time.monotonic()
            if not isinstance(error, Unavailable):
                raise
            if now >= self._ends:
                raise OutOfTime(self._too_late()) from error
            if now >= started + allowed:
                raise BadOutput(f"it did not end within {allowed:.0f} s") from error
            raise
        self._spent += Usage(result.calls, result.prompt_tokens, result.completion_tokens)
        self.calls.append(result)
        return result

    def _too_late(self) -> str:
        return (
            f"no plan after {self.assignment.minutes:g} minutes ({self._spent.calls} answers, "
            f"{self._spent.completion_tokens} tokens written): take a faster model, or raise "
            "limits.plan_minutes in the profile"
        )
