"""Which addresses are this machine, and a place to serve at: what runs here is reached without any
proxy.

Knows: hosts by name and number, sockets. Does not know: clients, requests.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


def is_here(url: str) -> bool:
    """Whether a URL leads to this machine, by its host's name alone: no name is looked up."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost") or host == socket.gethostname().lower():
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def bound(host: str, port: int, waiting: int = 0) -> socket.socket:
    """A socket that is bound there; port 0 is any that is free. `waiting` callers are let wait; with
    0, it does not listen yet and they are refused.

    Raises:
        OSError: the port is taken, or there is no such address.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        if waiting:
            listener.listen(waiting)
    except OSError:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket, host: str) -> str:
    """What a browser calls it by."""
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
