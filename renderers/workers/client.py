"""A worker as its adapters ask it: a job goes over, a file comes back, faults in our words.

Knows: HTTP, the wire's errors. Does not know: what is made.
"""

from __future__ import annotations

import json
from typing import Any

import httpx

from renderers import http
from renderers.errors import RendererError, Unavailable
from renderers.workers.protocol import Job, error_of, to_wire


class WorkerClient:
    """The worker of that name at `base_url`; `work` is the route of what it makes."""

    def __init__(self, name: str, base_url: str, timeout_s: float, work: str = "/clips") -> None:
        self._name, self._url, self._work = name, base_url.rstrip("/"), work
        self._client = http.client(self._url, timeout=httpx.Timeout(30.0, read=timeout_s))

    def close(self) -> None:
        self._client.close()

    def ask(self, job: Job) -> bytes:
        """What the worker made of a job.

        Raises:
            RendererError: what it says went wrong, or that nobody answers.
        """
        try:
            answer = self._client.post(f"{self._url}{self._work}", json=to_wire(job))
        except httpx.TimeoutException:
            what = self._work.strip("/").removesuffix("s")
            raise Unavailable(
                f"{self._url} made no {what} in time: raise timeout_s, or see its log"
            ) from None
        except httpx.TransportError as error:
            raise Unavailable(
                f"no answer from the {self._name} worker at {self._url} ({type(error).__name__}): "
                f"start it (storyboard up, or storyboard worker run {self._name})"
            ) from None
        if answer.is_success:
            return answer.content
        raise _fault(answer)


def _fault(answer: httpx.Response) -> RendererError:
    where = f"{answer.request.url}"
    try:
        body: dict[str, Any] = answer.json()["error"]
        return error_of(str(body["code"]), f"{where}: {body['message']}")
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError):
        return Unavailable(f"{where} answers {answer.status_code}: is that a storyboard worker?")
