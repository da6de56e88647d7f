"""Every HTTP client of the adapters is built here: what is on this machine is reached directly.

A proxy of the environment (`http_proxy`, `all_proxy=socks5://…`) knows no way to this machine's
loopback, so it is asked for other hosts only, and there as `no_proxy` has it.

Knows: proxies, the client libraries. Does not know: what is asked.
"""

from __future__ import annotations

import os
from typing import Any

import httpx
import openai

from image_engine.nearby import is_here
from renderers.errors import Unavailable

__all__ = ["client", "for_openai", "get", "is_here", "post"]
_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def client(base_url: str, **options: Any) -> httpx.Client:
    """A client for `base_url` and its neighbours; `options` are httpx's own.

    Raises:
        Unavailable: a proxy variable of the environment is none.
    """
    with _Proxies(base_url) as trusted:
        return httpx.Client(trust_env=trusted, **options)


def get(url: str, **options: Any) -> httpx.Response:
    """One GET, as `httpx.get`."""
    with _Proxies(url) as trusted:
        return httpx.get(url, trust_env=trusted, **options)


def post(url: str, **options: Any) -> httpx.Response:
    """One POST, as `httpx.post`."""
    with _Proxies(url) as trusted:
        return httpx.post(url, trust_env=trusted, **options)


def for_openai(base_url: str, **options: Any) -> Any:
    """The HTTP client to give to the OpenAI library for `base_url`."""
    with _Proxies(base_url) as trusted:
        return openai.DefaultHttpxClient(trust_env=trusted, **options)


class _Proxies:
    """Whether the environment's proxies are used for a URL; a wrong one is told by its variable."""

    def __init__(self, url: str) -> None:
        self._trusted = not is_here(url)

    def __enter__(self) -> bool:
        return self._trusted

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        named = [f"{name}={os.environ[name]}" for name in _VARIABLES if os.environ.get(name)]
        ours = isinstance(error, ValueError | ImportError | TypeError) and bool(named)
        if ours and self._trusted and not isinstance(error, UnicodeError):
            raise Unavailable(
                f"the proxy of the environment cannot be used ({', '.join(named)}): {error}; mend "
                "or unset the variable, or add the host to no_proxy"
            ) from error
