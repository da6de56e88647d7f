"""The connection to a chat server: one request at a time, cut at its deadline whatever comes.

Knows: HTTP, deadlines, refusals. Does not know: questions, answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import openai

from renderers import http
from renderers.chat.completion import Completion
from renderers.chat.connections import Connections, refuse
from renderers.chat.patience import BrokenAnswer, Deadline, Late, read, send
from renderers.chat.refusals import Declined
from renderers.chat.stream import completion
from renderers.errors import BadOutput

_HTTP: Any = sys.modules[openai.DefaultHttpxClient.__mro__[1].__module__.partition(".")[0]]
"""httpx, or what followed it: whichever this release of the client library is built on."""
A_GLANCE = 3.0
"""Seconds for a question about the server itself."""


class Wire:
    """Posts chat completions to `base_url`; threads may share it."""

    def __init__(self, base_url: str, api_key: str | None) -> None:
        self.base_url = base_url
        self._connections = Connections()
        hooks = self._connections.hooks
        self._http = http.for_openai(
            base_url,
            event_hooks={**hooks, "response": [*hooks["response"], refuse]},
            limits=_HTTP.Limits(max_keepalive_connections=0),
        )
        # Local servers want no key, but the library insists on one.
        self._client = openai.OpenAI(
            base_url=base_url, api_key=api_key or "none", max_retries=0, http_client=self._http
        )

    def close(self) -> None:
        self._client.close()

    def post(self, arguments: Mapping[str, Any], deadline: Deadline, retries: int) -> Completion:
        """What a server answers, asked again while it is busy.

        Raises:
            Late, BrokenAnswer: no whole answer came.
            Declined: the server refuses.
            BadOutput: what came is no answer.
        """
        asked = sum(_length(message["content"]) for message in arguments["messages"])

        def call() -> Completion:
            asking: Any = self._client.chat.completions.with_streaming_response
            with (
                self._connections.cut_at(deadline),
                asking.create(**arguments, timeout=deadline.timeout()) as response,
            ):
                return completion(read(response.iter_bytes(), deadline), asked)

        return send(lambda: self._plainly(call, deadline), deadline, retries)

    def _plainly(self, call: Callable[[], Completion], deadline: Deadline) -> Completion:
        """What `call` returns, its errors in our words."""
        try:
            return call()
        except BadOutput:
            # One that was cut at its deadline looks like one that broke off.
            if not deadline.left():
                raise Late from None
            raise
        except (openai.APIError, _HTTP.HTTPError, _HTTP.StreamError, OSError) as error:
            cause = error.__cause__ or error
            if isinstance(cause, Declined):
                raise cause from None
            if not deadline.left() or isinstance(
                error, openai.APITimeoutError | _HTTP.TimeoutException
            ):
                raise Late from error
            raise BrokenAnswer(str(cause) or type(cause).__name__) from error

    def glance(self, path: str) -> Any:
        """The JSON at a path of the server's root (`/props`); None where there is none."""
        root = self.base_url.rstrip("/").removesuffix("/v1")
        deadline = Deadline.after(A_GLANCE)
        try:
            with (
                self._connections.cut_at(deadline),
                self._http.stream("GET", root + path, timeout=A_GLANCE) as answer,
            ):
                return json.loads(b"".join(read(answer.iter_bytes(), deadline)))
        except (_HTTP.HTTPError, _HTTP.StreamError, ValueError, RecursionError, OSError):
            return None
        except (Declined, Late, BrokenAnswer):
            return None


def _length(content: Any) -> int:
    """Characters of a message's text."""
    if isinstance(content, str):
        return len(content)
    return sum(len(str(part.get("text", ""))) for part in content)
