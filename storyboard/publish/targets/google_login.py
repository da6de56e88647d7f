"""A Google account's login: made once in the browser, kept in a file, asked for a token each time.

Knows: Google's own libraries for it. Does not know: what the token is for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from renderers import http
from storyboard.core.errors import UsageError
from storyboard.core.files import read_json
from storyboard.publish.targets.target import NotPublished

SCOPES = (
    "https://www.googleapis.com/auth/youtube.upload",
    "https://www.googleapis.com/auth/youtube.force-ssl",
)
"""Upload; captions want the second."""
_NEEDS = "publish: YouTube needs Google's login libraries: pip install 'storyboard[publish]'"


def access_token(account: Path) -> str:
    """A fresh token by the login in `account`.

    Raises:
        UsageError: the file is no login.
        NotPublished: Google gives none.
    """
    try:
        from google.auth.exceptions import GoogleAuthError
        from google.oauth2.credentials import Credentials
    except ImportError:
        raise UsageError(_NEEDS) from None
    try:
        told = read_json(account)
        login: Any = Credentials(
            None,
            refresh_token=told["refresh_token"],
            client_id=told["client_id"],
            client_secret=told["client_secret"],
            token_uri=told.get("token_uri") or "https://oauth2.googleapis.com/token",
        )
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise UsageError(
            f"publish: {account} is no login ({error}): storyboard publish-login makes one"
        ) from error
    try:
        login.refresh(_transport)
    except GoogleAuthError as error:
        raise NotPublished(
            f"Google gives no token for {account} ({error}): a login of an app in testing lasts "
            "seven days; storyboard publish-login makes a new one"
        ) from error
    return str(login.token)


def log_in(client_secret: Path) -> str:
    """Have the user log in by browser; the login as JSON.

    Raises:
        UsageError: `client_secret` is no file of a desktop client.
    """
    try:
        from google_auth_oauthlib.flow import InstalledAppFlow
    except ImportError:
        raise UsageError(_NEEDS) from None
    try:
        flow = InstalledAppFlow.from_client_config(read_json(client_secret), list(SCOPES))
    except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
        raise UsageError(
            f"--client-secret: {client_secret}: {error}; make an OAuth client of the kind 'desktop "
            "app' in Google's console and download its JSON"
        ) from error
    return str(flow.run_local_server(port=0, open_browser=True).to_json())


class _Answer:
    """As google.auth.transport.Response has it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.data = answer.content


def _transport(
    url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
) -> _Answer:
    """Our HTTP client in the shape that Google's libraries ask for."""
    from google.auth.exceptions import TransportError

    try:
        with http.client(url, timeout=30.0) as client:
            return _Answer(client.request(method, url, content=body, headers=headers))
    except httpx.HTTPError as error:
        raise TransportError(f"{url} does not answer: {type(error).__name__}") from error
