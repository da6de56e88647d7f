"""Every question to a language model, counted: tokens, seconds, cost, and the caps on them.

A metered backend is the backend itself with a meter before it: each call is written to
`events.jsonl` under the step that asked, and none is made once a cap is reached. A cap
counts for the whole life of a run folder, so that a run which is killed and started again
cannot spend its money twice.

Knows: usage, prices, caps, the log. Does not know: servers, what is asked; never sees a key.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from renderers.base import (
    JSON,
    ChatBackend,
    ChatRequest,
    ChatResult,
    ReviewBackend,
    ReviewRequest,
    ReviewResult,
    Thinks,
)
from renderers.errors import RendererError
from renderers.usage import Admit, Usage
from storyboard.core import events, stopping
from storyboard.core.errors import CapReached, ShareSpent
from storyboard.profile.profile import Limits, Section

FRAME_TOKENS = 64
"""What a chat template adds to a message, at most."""
IMAGE_TOKENS = 4096
"""A picture of the judge's size, at most (Gemma: 256, Qwen-VL and the clouds: below 3,000)."""
FILM_TOKENS = 30_000
"""A film of a hundred seconds as Gemini counts it, or the sheets of frames that others see."""
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


@dataclass(slots=True, eq=False)
class Ticket:
    """One question under way: what it took so far, and the answer it waits for."""

    most: float
    """US dollars that its next answer can cost at most."""
    price: Price
    spent: Usage = field(default_factory=Usage)

    @property
    def calls(self) -> int:
        return self.spent.calls + 1

    @property
    def cost(self) -> float:
        return self.price.cost(self.spent) + self.most


class Call(events.Measured, kind="chat"):
    """One question, with all the answers it took; `error` names what became of a failed one."""

    model: str = ""
    purpose: str = ""
    calls: int = 1
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0
    """US dollars."""
    error: str = ""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Meter:
    """Counts the calls of one run against its caps, or those of one purpose (`share`) against a
    cap of their own. Threads may share it.

    An answer is asked for only where no cap can be passed by it, whatever it turns out to cost.
    """

    def __init__(self, limits: Limits, share: str = "") -> None:
        self.limits = limits
        self._share = share
        self.calls = 0
        self.cost = 0.0
        """US dollars."""
        self._open: list[Ticket] = []
        self._log: events.EventLog | None = None
        self._lock = threading.Lock()

    def attach(self, log: events.EventLog) -> None:
        """Write calls to `log` from now on, and count those that are in it already."""
        past = [c for c in calls_in(log.path) if not self._share or c.purpose == self._share]
        with self._lock:
            # The run's own meter logs the calls of every share.
            self._log = None if self._share else log
            self.calls += sum(call.calls for call in past)
            self.cost += sum(call.cost for call in past)

    @contextmanager
    def question(self, most: float, price: Price) -> Generator[tuple[Ticket, Admit]]:
        """A question, and what must be passed before each answer to it.

        Raises:
            CapReached: not even the first may be asked for.
        """
        ticket = Ticket(most, price)

        def admit(spent: Usage) -> None:
            stopping.check()
            with self._lock:
                ticket.spent = spent
                self._check(ticket)
                if ticket not in self._open:
                    self._open.append(ticket)

        try:
            admit(Usage())
            yield ticket, admit
        finally:
            with self._lock:
                if ticket in self._open:
                    self._open.remove(ticket)

    def _check(self, ticket: Ticket) -> None:
        """
        Raises:
            CapReached: which cap, and how to raise it.
        """
        others = [other for other in self._open if other is not ticket]
        made = self.calls + sum(other.calls for other in others) + ticket.spent.calls
        most = self.limits.max_calls
        if most is not None and made >= most:
            raise CapReached(
                f"the run has made {made} calls of language models, and limits.max_calls "
                f"is {most}: {_how_on('max_calls', max(1, most) * 2)}"
            )
        cap = self.limits.max_cost
        booked = self.cost + sum(other.cost for other in others)
        spent = booked + ticket.price.cost(ticket.spent)
        if self._share and cap is not None and booked + ticket.cost > cap:
            raise ShareSpent(
                f"the {self._share} has cost ${spent:.4f}, the next may cost up to "
                f"${ticket.most:.4f}, and its max_cost is ${cap:g}"
            )
        if cap is not None and booked + ticket.cost > cap:
            raise CapReached(
                f"the run has cost ${spent:.4f}, its next call may cost up to "
                f"${ticket.most:.4f}, and limits.max_cost is ${cap:g}: "
                f"{_how_on('max_cost', _rounded_up(max(2 * cap, booked + ticket.cost)))}"
            )

    def note(self, call: Call, ticket: Ticket) -> None:
        """Count a question that was asked, and log it."""
        with self._lock:
            if ticket in self._open:
                self._open.remove(ticket)
            self.calls += call.calls
            self.cost += call.cost
            if self._log is not None:
                self._log.emit(call)


B = TypeVar("B", bound="ChatBackend | ReviewBackend")
R = TypeVar("R", ChatResult, ReviewResult)


class _Metered(Generic[B]):
    """A backend behind a meter: the same to whoever asks who it is."""

    def __init__(self, backend: B, meter: Meter, section: Section) -> None:
        self._backend, self._meter = backend, meter
        self._price, self._model = Price.of(section), section.model

    @property
    def name(self) -> str:
        return self._backend.name

    def fingerprint(self) -> Mapping[str, JSON]:
        return self._backend.fingerprint()

    def close(self) -> None:
        self._backend.close()

    def _counted(self, most: Usage, purpose: str, ask: Callable[[Admit], R]) -> R:
        """What `ask` comes to, noted whatever becomes of it; it may take `most`."""
        started, usage = time.perf_counter(), Usage()
        model, error = self._model, ""
        with self._meter.question(self._price.cost(most), self._price) as (ticket, admit):
            try:
                result = ask(admit)
                model = result.model
                usage = Usage(result.calls, result.prompt_tokens, result.completion_tokens)
                if isinstance(result, ReviewResult) and result.outcome != "answered":
                    error = result.outcome
            except RendererError as fault:
                # What was answered is paid for, whether it is of use or not.
                usage, error = fault.usage, type(fault).__name__
                raise
            except CapReached:
                usage, error = ticket.spent, CapReached.__name__
                raise
            finally:
                tokens = usage.prompt_tokens, usage.completion_tokens
                seconds = round(time.perf_counter() - started, 3)
                cost, told = round(self._price.cost(usage), 6), (model, purpose, usage.calls)
                call = Call(*told, *tokens, seconds, cost, error, step=_room.get())
                self._meter.note(call, ticket)
        return result


class MeteredChat(_Metered[ChatBackend]):
    """A `ChatBackend` whose every call passes a meter."""

    def most(self, request: ChatRequest) -> Usage:
        """What one answer can take at most."""
        asked = most_usage(request)
        if isinstance(self._backend, Thinks):
            asked += Usage(0, 0, self._backend.thoughts(request))
        return asked

    def ask(self, request: ChatRequest) -> ChatResult:
        """As the backend's own.

        Raises:
            CapReached: an answer was not asked for.
        """
        return self._counted(
            self.most(request),
            request.purpose or request.schema_name,
            lambda admit: self._backend.ask(replace(request, admit=admit)),
        )


class SharedChat(_Metered[MeteredChat]):
    """A metered `ChatBackend` for one purpose, whose calls pass a meter of their own as well."""

    def __init__(self, chat: MeteredChat, share: Meter, section: Section, purpose: str) -> None:
        super().__init__(chat, share, section)
        self._purpose = purpose

    def ask(self, request: ChatRequest) -> ChatResult:
        """As the backend's own.

        Raises:
            ShareSpent: what this purpose may cost is spent; CapReached: what the run may.
        """
        request = replace(request, purpose=self._purpose)
        most = self._backend.most(request)
        return self._counted(most, self._purpose, lambda _: self._backend.ask(request))


class MeteredReview(_Metered[ReviewBackend]):
    """A `ReviewBackend` whose every look passes a meter."""

    def watch(self, request: ReviewRequest) -> ReviewResult:
        """As the backend's own.

        Raises:
            CapReached: the film was not shown.
        """
        most = Usage(1, len(request.question.encode()) + FILM_TOKENS, request.max_tokens)
        return self._counted(
            most, "review", lambda admit: self._backend.watch(replace(request, admit=admit))
        )


def most_usage(request: ChatRequest) -> Usage:
    """What one answer can take at most: no tokenizer makes more tokens than there are bytes."""
    told = "".join(message.text for message in request.messages)
    schema = "" if request.schema is None else json.dumps(request.schema, ensure_ascii=False)
    images = sum(len(message.images) for message in request.messages)
    frame = FRAME_TOKENS * (len(request.messages) + 1)
    prompt = len(told.encode()) + len(schema.encode()) + frame + IMAGE_TOKENS * images
    return Usage(1, prompt, request.max_tokens)


def calls_in(log: Path, since: float = 0.0) -> list[Call]:
    """The calls that a log tells of, from a Unix time on."""
    return [e for when, e in events.read_events(log) if when >= since and isinstance(e, Call)]


def _rounded_up(dollars: float) -> float:
    """To two digits."""
    digits = 1 - math.floor(math.log10(dollars)) if dollars else 0
    return math.ceil(dollars * 10**digits) / 10**digits


def _how_on(cap: str, value: float) -> str:
    return (
        f"raise it in the profile's [limits] or with --set limits.{cap}={value:g} and run the "
        "same command again; everything made so far is kept"
    )
