"""The envelope that an answer comes in, as far as it is read; each server fills it differently.

Knows: the fields of a chat completion. Does not know: what the answer says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from renderers.chat.answer import writable
from renderers.chat.refusals import error_within
from renderers.errors import BadOutput, Empty
from renderers.loose import list_of, record_of, text_of
from renderers.usage import Usage


@dataclass(frozen=True, slots=True)
class Completion:
    """One choice of a completion. Whatever is missing is empty."""

    text: str
    reasoning: str
    refusal: str
    finish_reason: str
    model: str
    usage: Usage

    @classmethod
    def parse(cls, body: bytes) -> Completion:
        """
        Raises:
            BadOutput: this is no completion, or has no choice; its `usage` is what it counts.
            Declined: it is an error, sent as if it were an answer.
        """
        try:
            data: Any = json.loads(body)
        except (ValueError, RecursionError):
            raise BadOutput("the server sent no JSON").costing(Usage(1)) from None
        return cls.of(data)

    @classmethod
    def of(cls, data: Any) -> Completion:
        """The completion in a body that was read.

        Raises:
            BadOutput: as `parse`.
            Declined: it holds an error instead.
        """
        whole = record_of(data)
        if declined := error_within(whole):
            raise declined
        usage = _usage(whole)
        choices = list_of(whole.get("choices"))
        if not choices:
            raise Empty("the server returned no choice").costing(usage)
        choice = record_of(choices[0])
        message = record_of(choice.get("message"))
        return cls(
            _text(message.get("content")),
            _text(message.get("reasoning")) or _text(message.get("reasoning_content")),
            _text(message.get("refusal")),
            _text(choice.get("finish_reason")),
            _text(whole.get("model")),
            usage,
        )


def _text(value: Any) -> str:
    return writable(text_of(value))


def _usage(data: dict[str, Any]) -> Usage:
    told = record_of(data.get("usage"))
    return Usage(1, _count(told.get("prompt_tokens")), _count(told.get("completion_tokens")))


def _count(value: Any) -> int:
    return max(0, value) if isinstance(value, int) else 0
