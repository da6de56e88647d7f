"""Asking until an answer is whole, and what holds of every answer, whoever gives it.

Knows: attempts, what they cost, schemas. Does not know: services, connections.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from renderers.base import JSON, ChatRequest, ChatResult
from renderers.chat.answer import is_runaway, parse_json, strings
from renderers.chat.shape import lacks, shaped
from renderers.errors import BadOutput, RendererError
from renderers.usage import Usage

Attempt = Callable[[int], tuple[Usage, Callable[[], ChatResult]]]
"""What an answer cost, and the answer if it holds up, which may be refused as a BadOutput."""


def until_whole(request: ChatRequest, model: str, attempts: int, ask: Attempt) -> ChatResult:
    """The first answer that holds up, with what all of them cost.

    Raises:
        BadOutput: none does. What `ask` raises else.
    """
    started, spent = time.perf_counter(), Usage()
    fault = BadOutput("no answer was asked for")
    attempts = request.attempts or attempts
    for attempt in range(attempts):
        if request.admit is not None:
            request.admit(spent)
        try:
            usage, answer = ask(attempt)
            spent += usage
            result = answer()
        except BadOutput as error:
            spent += error.usage
            fault = error
        except RendererError as error:
            error.usage = spent
            raise
        else:
            return replace(
                result,
                prompt_tokens=spent.prompt_tokens,
                completion_tokens=spent.completion_tokens,
                seconds=time.perf_counter() - started,
                calls=spent.calls,
            )
    raise type(fault)(f"{model}: {fault} ({attempts} attempts)").costing(spent)


def data_of(request: ChatRequest, text: str) -> JSON:
    """The JSON that was asked for; None where none was.

    Raises:
        BadOutput: it is not there.
    """
    if (schema := request.schema) is None:
        return None
    return shaped(parse_json(text, lambda value: lacks(value, schema)), schema)


def refuse_runaway(text: str, data: JSON) -> None:
    """
    Raises:
        BadOutput: the answer repeats itself.
    """
    # A plan repeats its keys; only what it says may not repeat itself.
    if any(map(is_runaway, strings(data) if data is not None else [text])):
        raise BadOutput("the answer repeats itself")
