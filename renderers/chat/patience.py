"""How long a question is waited for, and how often a busy server is asked again.

One deadline holds for a whole question. A server that trickles bytes (some clouds send
blanks to keep a connection open) is cut off as well as one that sends nothing.

Knows: time, busy servers. Does not know: questions, answers.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import openai

T = TypeVar("T")
_HTTP: Any = sys.modules[openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0]]
"""httpx, or what followed it: whichever this release of the client library is built on."""
LONGEST_PAUSE = 120.0
"""Seconds. A server that names more than this is as good as away."""
CONNECT_S = 10.0
LONGEST_ANSWER = 16 * 2**20
"""Bytes."""


class Late(Exception):
    """An answer did not end before its deadline."""


class Broken(Exception):
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


def send(call: Callable[[openai.Timeout], T], deadline: Deadline, retries: int) -> T:
    """What `call` returns, asked again while the server is busy or hangs up.

    Raises:
        openai.APIError, Broken: of the last try, once retries or time have run out.
        Late: the answer was under way when time ran out.
    """
    for number in range(retries + 1):
        try:
            return call(deadline.timeout())
        except openai.APIStatusError as error:
            busy = error.status_code in (408, 409, 429) or error.status_code >= 500
            pause = pause_of(error, number)
            if not busy or number == retries or not 0 <= pause < deadline.left():
                raise
        except (openai.APIConnectionError, Broken):
            pause = _growing(number)
            if number == retries or pause >= deadline.left():
                raise
        time.sleep(pause)
    raise AssertionError("the last try returns or raises")


def pause_of(error: openai.APIStatusError, number: int) -> float:
    """Seconds that a server asks to wait for, or a growing pause; -1: far too long."""
    asked = error.response.headers.get("retry-after", "")
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(asked).timestamp() - time.time()
        except (ValueError, TypeError):
            return _growing(number)
    return max(0.0, seconds) if seconds <= LONGEST_PAUSE else -1.0


def _growing(number: int) -> float:
    return min(0.5 * 2**number, 8.0)


def read(pieces: Iterable[bytes], deadline: Deadline) -> bytes:
    """All of an answer's bytes.

    Raises:
        Late: it did not end in time.
        Broken: the connection was lost on the way.
    """
    body = bytearray()
    try:
        for piece in pieces:
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise Broken(f"the answer is longer than {LONGEST_ANSWER // 2**20} MB")
            if not deadline.left():
                raise Late
    except _HTTP.TimeoutException as error:
        raise Late from error
    except _HTTP.TransportError as error:
        raise Broken(str(error) or type(error).__name__) from error
    return bytes(body)
