"""The envelope that an answer comes in, as far as it is read; each server fills it differently.

Knows: the fields of a chat completion. Does not know: what the answer says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from renderers.chat.answer import writable
from renderers.chat.refusals import error_within
from renderers.errors import BadOutput
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
        whole = _table(data)
        if declined := error_within(whole):
            raise declined
        usage = _usage(whole)
        choices = whole.get("choices")
        if not isinstance(choices, list) or not choices:
            raise BadOutput("the server returned no choice").costing(usage)
        choice = _table(cast(list[Any], choices)[0])
        message = _table(choice.get("message"))
        return cls(
            _text(message.get("content")),
            _text(message.get("reasoning")) or _text(message.get("reasoning_content")),
            _text(message.get("refusal")),
            _text(choice.get("finish_reason")),
            _text(whole.get("model")),
            usage,
        )


def _table(value: Any) -> dict[str, Any]:
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def plain(value: Any) -> str:
    """A string, or the text of a list of parts; "" for anything else."""
    if isinstance(value, list):
        return "".join(
            part if isinstance(part, str) else plain(_table(part).get("text"))
            for part in cast(list[Any], value)
        )
    return value if isinstance(value, str) else ""


def _text(value: Any) -> str:
    return writable(plain(value))


def _usage(data: dict[str, Any]) -> Usage:
    told = _table(data.get("usage"))
    return Usage(1, _count(told.get("prompt_tokens")), _count(told.get("completion_tokens")))


def _count(value: Any) -> int:
    return max(0, value) if isinstance(value, int) else 0
