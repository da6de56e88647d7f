"""What a server makes as jobs: started, asked after until they are done, given up.

A job outlives the connection that asked after it, so a look that finds nobody is repeated; one
that finds the job gone is not. What a job is called and how it ends, each adapter says.

Knows: HTTP, waiting. Does not know: any server's routes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from renderers.errors import BadOutput, Unavailable
from renderers.loose import record_of

T = TypeVar("T")
_MISSES = 5
"""Looks in a row that may find nobody."""


class Silent(Unavailable):
    """Nobody answered: no connection, or it broke off."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a job is asked after, and for how long, in seconds."""

    timeout_s: float
    poll_s: float

    def wait(self, look: Callable[[], T | None], where: str) -> T:
        """What `look` finds at last; None means not yet.

        Raises:
            Unavailable: it takes too long, or nobody answers any more. What `look` raises else.
        """
        end, missed = time.monotonic() + self.timeout_s, 0
        while True:
            try:
                found = look()
            except Silent:
                missed += 1
                if missed == _MISSES:
                    raise
            else:
                missed = 0
                if found is not None:
                    return found
            if time.monotonic() > end:
                raise Unavailable(
                    f"{where}: the job is not done after {self.timeout_s:g} s; raise timeout_s"
                )
            time.sleep(self.poll_s)


def sent(client: httpx.Client, method: str, url: str, **arguments: Any) -> httpx.Response:
    """The server's answer, whatever its status.

    Raises:
        Silent: there is none.
    """
    try:
        return client.request(method, url, **arguments)
    except httpx.HTTPError as error:
        raise Silent(f"no answer from {url} ({type(error).__name__}); is the server up?") from None


def json_of(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; {} for another value.

    Raises:
        BadOutput: it is no JSON.
    """
    try:
        return record_of(answer.json())
    except ValueError:
        raise BadOutput(f"{answer.request.url} answers with no JSON") from None
