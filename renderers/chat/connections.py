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


class Connections:
    """Those that one HTTP client opens; threads may share it. The client keeps none alive: an
    answer takes far longer than a handshake, and one that is used again could not be told from
    another question's."""

    def __init__(self) -> None:
        self._open = threading.local()

    @property
    def hooks(self) -> Mapping[str, list[Callable[[Any], None]]]:
        """The client's `event_hooks`."""
        return {"request": [self._watch]}

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
