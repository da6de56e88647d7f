"""The server over HTTP (streamable HTTP), behind the guard that all web servers here have.

Knows: addresses, the token, the guard. Does not know: tools.
"""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from image_engine.guard import Guard, Rules, is_loopback

BODY = 4 << 20
PATH = "/mcp"


def guarded(server: MCPServer[None], host: str, token: str | None) -> ASGIApp:
    """The application: other origins, other host names and who lacks the token are refused."""
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=BODY,
        # The guard knows what the address is that is bound, and looks at both.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    return Guard(app, Rules(BODY, api_key=token, loopback=is_loopback(host)), _refusal)


def _refusal(status: int, code: str, message: str) -> ASGIApp:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse({"error": code, "message": message}, status, headers)
