"""How long a question is waited for, and how often a busy server is asked again.

One deadline holds for a whole question. A server that trickles bytes (some clouds send
blanks to keep a connection open) is cut off as well as one that sends nothing.

Knows: time, busy servers. Does not know: questions, answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

import openai

from renderers.chat.refusals import Declined

T = TypeVar("T")
LONGEST_PAUSE = 120.0
"""Seconds. A server that names more than this is as good as away."""
FIRST = 0.5
"""Seconds."""
CONNECT_S = 10.0
LONGEST_ANSWER = 16 * 2**20
"""Bytes."""


class Late(Exception):
    """An answer did not end before its deadline."""


class BrokenAnswer(Exception):
    """An answer did not come through whole."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by `time.monotonic`."""

    seconds: float
    ends: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(seconds, time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds; 0 when it is past."""
        return max(0.0, self.ends - time.monotonic())

    def timeout(self) -> openai.Timeout:
        left = max(0.001, self.left())
        return openai.Timeout(left, connect=min(left, CONNECT_S))


def send(call: Callable[[], T], deadline: Deadline, retries: int, first: float = FIRST) -> T:
    """What `call` returns, asked again while the server is busy or hangs up; `first` is the
    pause in seconds after the first try of one that names none.

    Raises:
        Declined, BrokenAnswer: of the last try, once retries or time have run out.
        Late: the answer was under way when time ran out.
    """
    for number in range(retries + 1):
        try:
            return call()
        except Declined as refusal:
            pause = pause_of(refusal, number, first)
            if not refusal.busy or number == retries or not 0 <= pause < deadline.left():
                raise
        except BrokenAnswer:
            pause = _growing(number, first)
            if number == retries or pause >= deadline.left():
                raise
        time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def pause_of(refusal: Declined, number: int, first: float = FIRST) -> float:
    """Seconds that a server asks to wait for, or a growing pause; -1: far too long."""
    try:
        seconds = float(refusal.retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(refusal.retry_after).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return _growing(number, first)
    return max(0.0, seconds) if seconds <= LONGEST_PAUSE else -1.0


def _growing(number: int, first: float) -> float:
    return min(first * 2**number, 8.0)


def read(pieces: Iterable[bytes], deadline: Deadline) -> Iterator[bytes]:
    """An answer's bytes as they come.

    Raises:
        Late: it did not end in time.
        BrokenAnswer: it is too long to be one.
    """
    length = 0
    for piece in pieces:
        length += len(piece)
        if length > LONGEST_ANSWER:
            raise BrokenAnswer(f"the answer is longer than {LONGEST_ANSWER // 2**20} MB")
        if not deadline.left():
            raise Late
        yield piece
