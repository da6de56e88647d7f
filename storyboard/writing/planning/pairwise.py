"""Which of two texts is the better one, asked twice with their order swapped.

Many models favour whichever stands first. Only an answer that names the same text both times
says anything; all else is "cannot tell".

Knows: pairs. Does not know: what is compared.
"""

from __future__ import annotations

from typing import Literal

from renderers.base import ChatRequest, Message
from renderers.errors import BadOutput, Refused, TooLong
from renderers.loose import record_of
from storyboard.core.answer_schema import object_of
from storyboard.writing.planning.conversation import Conversation, OutOfTime

Choice = Literal["first", "second", "neither"]
SCHEMA = object_of({"better": {"enum": ["A", "B"]}})


def better_of(talk: Conversation, asked: str, first: str, second: str, purpose: str) -> Choice:
    """Which text answers `asked` better; "neither" where the model cannot tell or be asked."""
    if first == second:
        return "neither"
    one = _answer(talk, asked, first, second, purpose)
    if one is None:
        return "neither"
    other = _answer(talk, asked, second, first, purpose)
    match one, other:
        case "A", "B":
            return "first"
        case "B", "A":
            return "second"
        case _:
            return "neither"


def _answer(talk: Conversation, asked: str, a: str, b: str, purpose: str) -> str | None:
    request = ChatRequest(
        (Message("user", f"{asked}\n\nA:\n{a}\n\nB:\n{b}\n\nWhich is better, A or B?"),),
        schema=SCHEMA,
        schema_name="better",
        purpose=purpose,
        max_tokens=64,
        temperature=0.0,
        attempts=1,
        seed=talk.assignment.seed,
    )
    try:
        data = record_of(talk.ask(request, 1 / 4).data)
    except (BadOutput, Refused, TooLong, OutOfTime):
        return None
    return str(data.get("better")) if data else None
