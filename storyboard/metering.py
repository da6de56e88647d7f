"""Every question to a language model, counted: tokens, seconds, cost, and the caps on them.

A metered backend is the backend itself with a meter before it: each call is written to
`events.jsonl` under the step that asked, and none is made once a cap is reached. A cap
counts for the whole life of a run folder, so that a run which is killed and started again
cannot spend its money twice.

Knows: usage, prices, caps, the log. Does not know: servers, what is asked; never sees a key.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeGuard

from renderers.base import (
    JSON,
    ChatBackend,
    ChatRequest,
    ChatResult,
    ReviewBackend,
    ReviewRequest,
    ReviewResult,
)
from renderers.errors import RendererError
from renderers.usage import Usage
from storyboard import events
from storyboard.errors import CapReached
from storyboard.profile import Limits, Section

WHAT = "chat"
"""Kind of the `Measured` events of calls."""
_room: ContextVar[str] = ContextVar("room", default="plan")


@contextmanager
def room(name: str) -> Generator[None]:
    """Calls made inside are logged under `name`: a step's, or that of a part of planning."""
    token = _room.set(name)
    try:
        yield
    finally:
        _room.reset(token)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens."""

    input: float = 0.0
    output: float = 0.0

    @classmethod
    def of(cls, section: Section) -> Price:
        return cls(section.input_price, section.output_price)

    def cost(self, usage: Usage) -> float:
        """US dollars."""
        return (usage.prompt_tokens * self.input + usage.completion_tokens * self.output) / 1e6


class Meter:
    """Counts the calls of one run against its caps. Threads may share it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.calls = 0
        self.cost = 0.0
        """US dollars."""
        self._log: events.EventLog | None = None
        self._lock = threading.Lock()

    def attach(self, log: events.EventLog) -> None:
        """Write calls to `log` from now on, and count those that are in it already."""
        past = [e.values for _, e in events.read_events(log.path) if is_call(e)]
        with self._lock:
            self._log = log
            self.calls += sum(int(values.get("calls", 1)) for values in past)
            self.cost += sum(float(values.get("cost", 0.0)) for values in past)

    def admit(self) -> None:
        """Let a call pass. The last one that passes may exceed the cap on cost by itself.

        Raises:
            CapReached: which cap, and how to raise it.
        """
        limits = self.limits
        if limits.max_calls is not None and self.calls >= limits.max_calls:
            raise CapReached(
                f"the run has made {self.calls} calls of language models, and limits.max_calls "
                f"is {limits.max_calls}: {_how_on('max_calls', limits.max_calls * 2)}"
            )
        if limits.max_cost is not None and self.cost >= limits.max_cost:
            raise CapReached(
                f"the run has cost ${self.cost:.4f}, and limits.max_cost is "
                f"${limits.max_cost:g}: {_how_on('max_cost', limits.max_cost * 2)}"
            )

    def note(self, call: Call) -> None:
        """Count a call that was made, and log it."""
        with self._lock:
            self.calls += call.usage.calls
            self.cost += call.cost
            if self._log is not None:
                self._log.emit(events.Measured(_room.get(), WHAT, call.values()))


@dataclass(frozen=True, slots=True)
class Call:
    """One question, with all the answers it took; `error` names what became of a failed one."""

    model: str
    purpose: str
    usage: Usage
    cost: float
    """US dollars."""
    seconds: float
    error: str = ""

    def values(self) -> dict[str, JSON]:
        told: dict[str, JSON] = {
            "model": self.model,
            "purpose": self.purpose,
            "calls": self.usage.calls,
            "prompt_tokens": self.usage.prompt_tokens,
            "completion_tokens": self.usage.completion_tokens,
            "seconds": round(self.seconds, 3),
            "cost": round(self.cost, 6),
        }
        return {**told, "error": self.error} if self.error else told


class MeteredChat:
    """A `ChatBackend` whose every call passes a meter."""

    def __init__(self, chat: ChatBackend, meter: Meter, section: Section) -> None:
        self._chat, self._meter = chat, meter
        self._price, self._model = Price.of(section), section.model

    @property
    def name(self) -> str:
        return self._chat.name

    def fingerprint(self) -> Mapping[str, JSON]:
        return self._chat.fingerprint()

    def close(self) -> None:
        self._chat.close()

    def ask(self, request: ChatRequest) -> ChatResult:
        """As the backend's own.

        Raises:
            CapReached: the question was not asked.
        """
        self._meter.admit()
        started = time.perf_counter()
        try:
            result = self._chat.ask(request)
        except RendererError as error:
            # What was answered is paid for, whether it is of use or not.
            self._note(request, error.usage, started, self._model, type(error).__name__)
            raise
        usage = Usage(result.calls, result.prompt_tokens, result.completion_tokens)
        self._note(request, usage, started, result.model)
        return result

    def _note(
        self, request: ChatRequest, usage: Usage, started: float, model: str, error: str = ""
    ) -> None:
        purpose = request.purpose or request.schema_name
        seconds = time.perf_counter() - started
        cost = self._price.cost(usage)
        self._meter.note(Call(model, purpose, usage, cost, seconds, error))


class MeteredReview:
    """A `ReviewBackend` whose every look passes a meter."""

    def __init__(self, reviewer: ReviewBackend, meter: Meter, section: Section) -> None:
        self._reviewer, self._meter = reviewer, meter
        self._price, self._model = Price.of(section), section.model

    @property
    def name(self) -> str:
        return self._reviewer.name

    def fingerprint(self) -> Mapping[str, JSON]:
        return self._reviewer.fingerprint()

    def close(self) -> None:
        self._reviewer.close()

    def watch(self, request: ReviewRequest) -> ReviewResult:
        """As the backend's own.

        Raises:
            CapReached: the film was not shown.
        """
        self._meter.admit()
        started = time.perf_counter()
        model, error = self._model, ""
        usage = Usage()
        try:
            result = self._reviewer.watch(request)
            model, error = result.model, "" if result.outcome == "answered" else result.outcome
            usage = Usage(result.calls, result.prompt_tokens, result.completion_tokens)
        except RendererError as fault:
            usage, error = fault.usage, type(fault).__name__
            raise
        finally:
            seconds = time.perf_counter() - started
            cost = self._price.cost(usage)
            self._meter.note(Call(model, "review", usage, cost, seconds, error))
        return result


def is_call(event: events.Event) -> TypeGuard[events.Measured]:
    return isinstance(event, events.Measured) and event.what == WHAT


def _how_on(cap: str, value: float) -> str:
    return (
        f"raise it in the profile's [limits] or with --set limits.{cap}={value:g} and run the "
        "same command again; everything made so far is kept"
    )
