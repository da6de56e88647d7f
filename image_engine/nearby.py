"""Which addresses are this machine: what runs here is reached without any proxy.

Knows: hosts by name and number. Does not know: clients, requests.
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
