"""A client of an OpenAI-compatible endpoint, and what its refusals mean.

Knows: the client library's errors. Does not know: what was asked for.
"""

from __future__ import annotations

import openai

from renderers import http
from renderers.errors import BadRequest, OutOfMemory, RendererError, Unavailable


def client(base_url: str, api_key: str | None, timeout_s: float, retries: int) -> openai.OpenAI:
    """A client; local servers want no key, but the library insists on one."""
    return openai.OpenAI(
        base_url=base_url,
        api_key=api_key or "none",
        timeout=timeout_s,
        max_retries=retries,
        http_client=http.for_openai(base_url),
    )


def refused(status: int, text: str, where: str) -> RendererError:
    """What an answer of 400 and more means, by what to do about it."""
    text = text[:400]
    if "out of memory" in text.lower():
        return OutOfMemory(f"{where}: {text}")
    if status in (401, 403):
        return Unavailable(f"{where} refuses the key: set the variable that api_key_env names")
    if status == 404:
        return Unavailable(f"{where} is not there: look at base_url ({text})")
    if status < 500 and status != 429:
        return BadRequest(f"{where} refuses the request: {text}")
    return Unavailable(f"{where} answers {status}; try again later ({text})")


def translated(error: openai.OpenAIError, where: str, model: str) -> RendererError:
    """The error of ours that says the same, with what to do about it."""
    text = str(error)[:400]
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return Unavailable(f"{where} refuses the key: set the variable that api_key_env names")
        case openai.NotFoundError():
            return Unavailable(
                f"{where} is not there, or does not serve {model or 'a model'}: look at base_url "
                f"and model ({text})"
            )
        case openai.APIStatusError() if "out of memory" in text.lower():
            return OutOfMemory(f"{where}: {text}")
        case openai.APIStatusError(status_code=status) if 400 <= status < 500 and status != 429:
            return BadRequest(f"{where} refuses the request: {text}")
        case openai.APIStatusError(status_code=status):
            return Unavailable(f"{where} keeps answering {status}; try again later ({text})")
        case _:
            return Unavailable(
                f"no answer from {where} ({type(error).__name__}); is the server up?"
            )
