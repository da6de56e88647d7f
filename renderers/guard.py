"""Who may talk to a server of ours on loopback, and how long it may take to say what it wants.

The workers' environments hold their models' packages and nothing of the web, so this is for the
standard library's server. The image engine's own guard holds requests to the same rules.

Knows: addresses, headers, deadlines. Does not know: routes, what is asked.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import time
from email.message import Message
from urllib.parse import urlsplit

SAY_S = 10.0
"""For so long a client may take over its request's line and headers."""
CHUNK, CHUNK_S = 1 << 18, 10.0
"""Of a body so many bytes must come in so many seconds: 26 KB/s is no network's fault."""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine and reached from nowhere else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def fault_of(headers: Message, most: int, *, local: bool, body: bool) -> tuple[int, str]:
    """HTTP status and reason for which a request is refused; 0 where it is taken.

    `local`: the server is bound to loopback, so a request under any other host name is a web
    page's trick (DNS rebinding). `body`: the method has one, of `most` bytes at most.
    """
    host, origin = headers.get("Host") or "", headers.get("Origin")
    try:
        name = urlsplit(f"//{host}").hostname or ""
        foreign = origin is not None and urlsplit(origin).netloc != host
    except ValueError:
        return 403, "the Host or Origin header is none"
    if foreign or (local and not is_loopback(name)):
        return 403, "requests of web pages from elsewhere, and under other host names, are refused"
    if not body:
        return 0, ""
    length = headers.get("Content-Length") or ""
    if headers.get("Transfer-Encoding") or not (length.isascii() and length.isdecimal()):
        return 411, "Content-Length must say how many bytes follow"
    if len(length) > 15 or int(length) > most:
        return 413, f"{length[:20]} bytes; at most {most} are taken"
    # A page of another origin may post forms and plain text unasked, but no JSON.
    kind = (headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    if int(length) and kind != "application/json":
        return 415, "the body must be application/json"
    return 0, ""


class PatientReader(io.RawIOBase):
    """What a client sends, until its time is over. `extend` gives it more."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = time.monotonic() + SAY_S

    def extend(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        """
        Raises:
            TimeoutError: the time is over.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the client took too long")
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)  # type: ignore[arg-type]
