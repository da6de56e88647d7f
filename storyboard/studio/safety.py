"""What a request must bring along, and what every answer carries: plain ASGI, before any route.

The guard before it (`image_engine/guard.py`) has refused other origins and other host names by
then. Here a page that is not ours is refused once more by what its browser says of it; whoever
changes anything must hold the secret of a page of ours; and where a token is asked for, it must
be known.

Knows: cookies, headers. Does not know: films, routes but the one to log in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: browsers then send no Origin with a form of our own.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=()",
}
CSRF_HEADER = "x-csrf-token"
_OPEN = ("/login", "/static/")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is compared with what a request brings. Nothing of it is written down."""

    loopback: bool
    cookie: str
    token: str | None = field(default=None, repr=False)
    key: bytes = field(default=b"", repr=False)
    boot: str = ""
    """Of this start of the studio: a page that knows another one loads itself anew."""

    @classmethod
    def of(cls, token: str | None, *, loopback: bool = True, port: int = 0) -> Secrets:
        # From the token, so that whoever is in stays in when the studio is started again.
        key = hashlib.sha256(token.encode()).digest() if token else secrets.token_bytes(32)
        # By port: cookies are shared by all servers of a host.
        return cls(loopback, f"storyboard_{port}", token, key, secrets.token_hex(4))

    def knows(self, token: str) -> bool:
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def sealed(self, name: str) -> str:
        """The value of a cookie that says who holds it is in."""
        return f"{name}.{self._digest('in', name)}"

    def csrf(self, name: str) -> str:
        return self._digest("csrf", name)

    def name_in(self, cookie: str) -> str:
        """The name in a cookie of ours; empty if it is none."""
        name, _, seal = cookie.partition(".")
        return name if hmac.compare_digest(seal, self._digest("in", name)) else ""

    def _digest(self, what: str, name: str) -> str:
        return hmac.new(self.key, f"{what}:{name}".encode(), "sha256").hexdigest()


class Safety:
    """ASGI middleware; a route finds `csrf` and `boot` in `request.state`."""

    def __init__(self, app: ASGIApp, own: Secrets) -> None:
        self._app = app
        self._own = own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        name = self._own.name_in(_cookie(headers, self._own.cookie))
        fresh = not name and self._own.token is None
        if fresh:
            name = secrets.token_urlsafe(12)
        scope.setdefault("state", {}).update(csrf=self._own.csrf(name), boot=self._own.boot)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for header, value in HEADERS.items():
                    out[header] = value
                if "cache-control" not in out:
                    out["cache-control"] = "no-store"
                if fresh:
                    out.append("set-cookie", cookie_of(self._own, name))
            await send(message)

        refusal = self._refusal(scope, headers, name)
        await (refusal or self._app)(scope, receive, answer)

    def _refusal(self, scope: Scope, headers: Headers, name: str) -> Response | None:
        path, method = scope["path"], scope["method"]
        site, mode = headers.get("sec-fetch-site", ""), headers.get("sec-fetch-mode", "")
        safe = method in ("GET", "HEAD")
        if site in ("cross-site", "same-site") and not (safe and mode == "navigate"):
            return PlainTextResponse("Pages of other sites get nothing here.", 403)
        if path.startswith(_OPEN):
            return None
        if self._own.token is not None and not name and not self._bears(headers):
            if safe and mode == "navigate":
                return RedirectResponse("/login", 303)
            return PlainTextResponse("Log in first: this studio wants its token.", 401)
        if not safe and not hmac.compare_digest(
            headers.get(CSRF_HEADER, "").encode(), self._own.csrf(name).encode()
        ):
            message = "This page is of an earlier start of the studio: load it again."
            return PlainTextResponse(message, 403)
        return None

    def _bears(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._own.knows(given.strip())


def cookie_of(own: Secrets, name: str) -> str:
    """The header that has a browser keep who it is, and send it to nobody else."""
    return f"{own.cookie}={own.sealed(name)}; Path=/; HttpOnly; SameSite=Strict"


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""
