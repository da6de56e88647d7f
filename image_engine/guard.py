"""Who may talk to a web server of ours, and how much they may send: plain ASGI, before any route.

The engine's server and the studio are behind it; `renderers/guard.py` holds the workers' servers,
which have nothing of the web installed, to the same rules.

Knows: the API key, browsers of other origins, the size of a body, which addresses are local.
Does not know: routes, pictures, the engine, how a refusal is worded for its clients.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

log = logging.getLogger("image_engine.server")

SLOWEST = 64 << 10
"""A body may take a second more for so many bytes that have come."""
OPEN_PATHS = frozenset({"/health"})
"""Answered without a key, so that supervisors need none."""


def is_loopback(host: str) -> bool:
    """Whether binding to `host` keeps other machines out."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the guard holds requests to."""

    body_bytes: int
    api_key: str | None = None
    """Bearer token that every path but `/health` wants."""
    loopback: bool = True
    """Bound to this machine alone, so a request under any other host name is a web page's trick
    (DNS rebinding)."""
    instead: str = ""
    """What whoever sent too much could do instead."""
    patience_s: float = 5.0
    """A body may take so long, and some more where it is large."""


Answer = Callable[[int, str, str], ASGIApp]
"""What is sent back for a status, a short code and a sentence."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that gives a client up which does not get to the end of its headers."""

    headers_s: ClassVar[float] = 10.0
    """A request's line and headers may take so long."""
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Have the clock run while a request is awaited or begun, and not while it is answered."""
        # None before the first request, whatever its type says.
        cycle: Any = self.cycle
        answered = cycle is None or cycle.response_complete
        if answered and self._late is None:
            self._late = self.loop.call_later(self.headers_s, self._give_up)
        elif not answered and self._late is not None:
            self._late.cancel()
            self._late = None

    def _make_room(self) -> None:
        """Let clients that say nothing hold half of the places at most: the oldest of them goes."""
        most = self.config.limit_concurrency
        silent = [c for c in self.connections if isinstance(c, PatientProtocol) and c._late]
        if most is not None and len(silent) > most // 2:
            min(silent, key=lambda c: c._late.when() if c._late else 0.0)._give_up()

    def _give_up(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
        if not self.transport.is_closing():
            log.debug("a client was given up: it did not say what it wants")
            self.transport.close()


class Guard:
    """ASGI middleware that refuses what `Rules` do not allow."""

    def __init__(self, app: ASGIApp, rules: Rules, answer: Answer) -> None:
        self._app = app
        self._rules = rules
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        fault = self._fault(scope["path"], headers)
        if fault is not None:
            await self._answer(*fault)(scope, receive, send)
            return
        await self._app(scope, self._counted(receive), send)

    def _fault(self, path: str, headers: Headers) -> tuple[int, str, str] | None:
        if self._is_foreign_page(headers):
            message = (
                "requests of web pages from elsewhere are refused, and so is any Host but this "
                "machine; a proxy in front must send 'Host: 127.0.0.1' and no Origin"
            )
            return 403, "cross_origin", message
        if self._rules.api_key is not None and path not in OPEN_PATHS:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            # Headers are latin-1 on the wire: back to the bytes that were sent.
            sent = given.strip().encode("latin-1")
            same = hmac.compare_digest(sent, self._rules.api_key.encode())
            if not same or scheme.lower() != "bearer":
                message = "this server wants its key: send 'Authorization: Bearer KEY'"
                return 401, "invalid_api_key", message
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._rules.body_bytes:
            return 413, "body_too_large", self._too_large
        return None

    def _is_foreign_page(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        try:
            name = urlsplit(f"//{host}").hostname or ""
            if origin is not None and urlsplit(origin).netloc != host:
                return True
        except ValueError:  # such as an unclosed bracket
            return True
        return self._rules.loopback and not is_loopback(name)

    @property
    def _too_large(self) -> str:
        return (
            f"the body is larger than {self._rules.body_bytes:,} bytes; send fewer or smaller "
            f"pictures{self._rules.instead}"
        )

    def _counted(self, receive: Receive) -> Receive:
        """The same stream, cut off once it is larger or slower than it may be (whatever it
        declared): a body that is read holds a place that others wait for."""
        seen, whole, began = 0, False, time.monotonic()

        async def counted() -> Message:
            nonlocal seen, whole
            if whole:
                # What is left to come is that the client leaves.
                return await receive()
            left = began + self._rules.patience_s + seen / SLOWEST - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.001))
            except TimeoutError:
                raise HTTPException(408, "the body came too slowly") from None
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if seen > self._rules.body_bytes:
                    raise HTTPException(413, self._too_large)
            return message

        return counted
