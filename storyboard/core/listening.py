"""A socket that listens before its address is told: who reads it may call at once.

Knows: addresses, what is wrong with one. Does not know: who serves there.
"""

from __future__ import annotations

import errno
import socket

from storyboard.core.errors import StoryboardError, UsageError


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any that is free.

    Raises:
        StoryboardError: the port is taken. UsageError: there is no such address.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StoryboardError(
                f"port {port} of {host} is taken: choose another with --port, or 0 for any"
            ) from None
        raise UsageError(f"--host {host} --port {port}: {error.strerror}") from None
    return listener
