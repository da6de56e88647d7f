"""Connections that are shut at a moment, whatever comes through them.

A client's timeout is per read: a server that trickles a byte a second is never late by it.
Here every connection is known, and shut when the time is up, or when nobody reads on.

Knows: sockets, the HTTP client's hooks. Does not know: services, answers.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from renderers.chat.patience import Deadline
from renderers.chat.refusals import Declined, said_by

LONGEST_REFUSAL = 2**16
"""Bytes that are read of one."""


class Connections:
    """Those that one HTTP client opens; threads may share it. The client keeps none alive: an
    answer takes far longer than a handshake, and one that is used again could not be told from
    another question's."""

    def __init__(self) -> None:
        self._open = threading.local()

    @property
    def hooks(self) -> dict[str, list[Callable[[Any], None]]]:
        """The client's `event_hooks`."""
        return {"request": [self._watch], "response": [stay]}

    @contextmanager
    def cut_at(self, deadline: Deadline) -> Generator[None]:
        """Shut the connections that this thread opens meanwhile, once the time is up or the block
        is left by an error or by Ctrl-C."""
        opened: list[socket.socket] = []
        self._open.sockets = opened

        def cut() -> None:
            for one in opened:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(deadline.left(), cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except BaseException:
            cut()
            raise
        finally:
            timer.cancel()

    def _watch(self, request: Any) -> None:
        opened: list[socket.socket] = getattr(self._open, "sockets", [])

        def trace(event: str, info: Mapping[str, Any]) -> None:
            if event.endswith(("connect_tcp.complete", "start_tls.complete")):
                one = info["return_value"].get_extra_info("socket")
                if one is not None:
                    opened.append(one)

        request.extensions["trace"] = trace


def stay(response: Any) -> None:
    """See that nobody else is asked: a key and an idea are for whom the profile names.

    Raises:
        Declined: the service sends its callers to another host.
    """
    if response.has_redirect_location:
        there = response.request.url.join(response.headers["location"])
        here = response.request.url
        if (there.scheme, there.host, there.port) != (here.scheme, here.host, here.port):
            raise Declined(
                400, f"it sends its callers to {there.scheme}://{there.host}: name that one"
            )


def refuse(response: Any) -> None:
    """Read why a service refuses, and no more of it than is told.

    Raises:
        Declined: it refuses.
    """
    if response.status_code < 400:
        return
    body = b""
    with suppress(Exception):
        for piece in response.iter_bytes(LONGEST_REFUSAL):
            body += piece
            if len(body) >= LONGEST_REFUSAL:
                break
    response.close()
    raise Declined(
        response.status_code,
        said_by(body[:LONGEST_REFUSAL]),
        response.headers.get("retry-after", ""),
    )
