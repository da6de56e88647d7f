"""How much can be asked of a model at once: a whole script, or one line.

A profile may say it. Else a model's name tells its size, and where it does not, three small
questions do: whether it keeps to a number of words, to a form, and to who is spoken to.

Knows: sizes in names, the three questions. Does not know: scripts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from renderers.base import JSON, ChatRequest, Message
from renderers.errors import BadOutput, Refused, TooLong
from storyboard.core.answer_schema import object_of
from storyboard.writing.planning.conversation import Conversation

Strength = Literal["script", "lines"]
SMALL = 9.0
"""Billions of parameters up to which a model is asked for one line at a time."""
ABLE = 20.0
"""Billions from which on one may be asked for a film's style and for words on its signs."""
SLOW = 6.0
"""Tokens a second below which even a good model is: a whole script has some 2,000."""
A_QUESTION = 1 / 12
"""Share of the time that is left, for one of the three."""
_SIZE = re.compile(r"(?<![\w.])(?:[a-z]*\d*x)?(\d+(?:\.\d+)?)\s?([bm])(?![a-z0-9])", re.IGNORECASE)
_ACTIVE = re.compile(r"-a\d+(\.\d+)?b", re.IGNORECASE)


def size_of(model: str) -> float | None:
    """Billions of parameters by a model's name; None where it does not say."""
    found = [
        float(match[1]) / (1000 if match[2].lower() == "m" else 1)
        for match in _SIZE.finditer(_ACTIVE.sub("", model.replace("_", "-")))
    ]
    return max(found) if found else None


def designs(model: str) -> bool:
    """Whether a model may choose the film's style and what its signs read."""
    size = size_of(model)
    return size is None or size >= ABLE


def strength_of(talk: Conversation, wanted: str, model: str) -> Strength:
    """What to ask of this model. `wanted` is what the profile says: "script", "lines" or "auto"."""
    if wanted in ("script", "lines"):
        return "script" if wanted == "script" else "lines"
    size = size_of(model)
    if size is not None:
        strength: Strength = "lines" if size < SMALL else "script"
        talk.story.append(f"Asked for {_asked(strength)}: {model} has {size:g}B parameters.")
        return strength
    return _measured(talk)


def _asked(strength: Strength) -> str:
    return "a whole script" if strength == "script" else "one line at a time"


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    schema: Mapping[str, JSON]
    holds: Callable[[Mapping[str, Any]], bool]


def _text(most: int) -> dict[str, JSON]:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _keeps_to_words(said: Mapping[str, Any]) -> bool:
    line = str(said.get("line", ""))
    return 3 <= len(line.split()) <= 9 and "umbrella" in line.lower() and ":" not in line


def _keeps_order(said: Mapping[str, Any]) -> bool:
    return [said.get(name) for name in ("first", "second", "third")] == ["setup", "turn", "payoff"]


def _keeps_people_apart(said: Mapping[str, Any]) -> bool:
    speaks, spoken_to = (str(said.get(name, "")).lower() for name in ("speaker", "spoken_to"))
    return "ana" in speaks and "ben" in spoken_to and "ben" not in speaks


_PARTS: JSON = {"enum": ["payoff", "setup", "turn"]}
_QUESTIONS = (
    _Question(
        "A tired waiter tells a guest that it is raining. Write what the waiter says: at most "
        "eight words, with the word umbrella in it.",
        object_of({"line": _text(120)}),
        _keeps_to_words,
    ),
    _Question(
        "A joke has three parts: payoff, setup, turn. In which order are they told?",
        object_of({"first": _PARTS, "second": _PARTS, "third": _PARTS}),
        _keeps_order,
    ),
    _Question(
        "Cleo watches as Ben, who has lost his keys again, is told by Ana to look in his other "
        "coat. Who speaks, and who is spoken to?",
        object_of({"speaker": _text(20), "spoken_to": _text(20)}),
        _keeps_people_apart,
    ),
)


def _measured(talk: Conversation) -> Strength:
    talk.report("finding out what this model can do")
    right, tokens, seconds = 0, 0, 0.0
    for number, question in enumerate(_QUESTIONS):
        request = ChatRequest(
            (Message("user", question.text),),
            schema=question.schema,
            schema_name="probe",
            purpose="probe",
            max_tokens=200,
            temperature=0.2,
            attempts=1,
            seed=talk.assignment.seed + number,
        )
        try:
            result = talk.ask(request, A_QUESTION)
        except (BadOutput, Refused, TooLong):
            continue
        tokens, seconds = tokens + result.completion_tokens, seconds + result.seconds
        if isinstance(result.data, dict) and question.holds(result.data):
            right += 1
    speed = tokens / seconds if seconds > 0 else 0.0
    able = right == len(_QUESTIONS) and (speed >= SLOW or seconds < 1)
    strength: Strength = "script" if able else "lines"
    talk.story.append(
        f"Asked for {_asked(strength)}: {talk.model} answered {right} of {len(_QUESTIONS)} small "
        f"questions well, at {speed:.0f} tokens a second."
    )
    return strength
