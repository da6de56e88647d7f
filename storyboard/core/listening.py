"""A socket that listens before its address is told, and the token that who calls must know.

Knows: addresses, what is wrong with one. Does not know: who serves there.
"""

from __future__ import annotations

import errno
import secrets
import socket
from collections.abc import Callable
from typing import Any

from image_engine import nearby
from renderers.guard import is_loopback
from storyboard.core.errors import StoryboardError, UsageError

_SHORTEST = 12
"""Characters of a token that cannot be guessed over a network in a night."""


def token_for(host: str, given: str | None) -> str | None:
    """The token to ask for: the one that is given; outside of this machine, else one made up.

    Raises:
        UsageError: it is too short.
    """
    if given is not None and len(given) < _SHORTEST:
        raise UsageError(f"--token: give at least {_SHORTEST} characters, or none")
    return secrets.token_urlsafe(18) if given is None and not is_loopback(host) else given


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any that is free.

    Raises:
        StoryboardError: the port is taken. UsageError: there is no such address.
    """
    try:
        return nearby.bound(host, port, waiting=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StoryboardError(
                f"port {port} of {host} is taken: choose another with --port, or 0 for any"
            ) from None
        raise UsageError(f"--host {host} --port {port}: {error.strerror}") from None


def serve(
    app: Any, listener: socket.socket, most: int, ending: Callable[[], None] = lambda: None
) -> None:
    """Answer there until Ctrl-C, which calls `ending` first; `most` connections at once."""
    import uvicorn

    from image_engine.guard import PatientProtocol

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: Any) -> None:
            ending()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        log_level="warning",
        server_header=False,
        limit_concurrency=most,
        timeout_graceful_shutdown=1,
    )
    Server(config).run(sockets=[listener])
