"""A question in the form that one server takes: fields, roles, how the JSON is asked for.

What a server once refused stays away, is folded or is said in words, for every later question.

Knows: the dialects' fields. Does not know: connections, what is asked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from renderers.base import ChatRequest, Message
from renderers.chat.refusals import is_about_format, is_about_roles, refused_fields
from renderers.errors import BadRequest
from renderers.image.incoming import incoming

Mode = Literal["json_schema", "json_object", "words"]
MODES: tuple[Mode, ...] = ("json_schema", "json_object", "words")
TEMPLATE_SWITCH = {"vllm", "vllm-omni", "sglang", "llama-server"}
"""Dialects that switch thinking by an argument of the chat template."""
ONLY_JSON = "Answer with one JSON object that is valid by this JSON Schema, and nothing else:"
FREE = 0.5
"""Temperature from which on a question is about writing: what is checked or chosen is asked
for below it, and a profile's sampling does not touch it."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a profile wants what is written to be sampled; None leaves it to question or server."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repetition_penalty: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    """Takes the place of the plan's."""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Sampling:
        """
        Raises:
            BadRequest: a value is out of its range, or a name is none.
        """
        known = {**_RANGES, "seed": (0, 2**31 - 1)}
        for name, value in told.items():
            if name not in known:
                raise BadRequest(f"sampling.{name}: is not one of {', '.join(known)}")
            least, most = known[name]
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not least <= value <= most:
                raise BadRequest(f"sampling.{name}: {value!r} is not between {least} and {most}")
            if name in ("top_k", "seed") and not isinstance(value, int):
                raise BadRequest(f"sampling.{name}: {value!r} is no whole number")
        return cls(**told)

    def fields(self, request: ChatRequest) -> dict[str, Any]:
        """What a question is sent with."""
        if request.temperature < FREE:
            return {"temperature": request.temperature}
        named = {name: getattr(self, name) for name in _RANGES}
        fields = {name: value for name, value in named.items() if value is not None}
        return {"temperature": request.temperature, **fields}


_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (-1, 1000),
    "min_p": (0, 1),
    "repetition_penalty": (0.5, 2),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
_OWN = {"model", "messages", "max_tokens", "max_completion_tokens", "response_format", "seed"} | {
    *("temperature", "top_p", "presence_penalty", "frequency_penalty", "stream", "stream_options")
}
"""Fields that the client library knows; all others go into the body as they are."""


@dataclass(slots=True)
class Manner:
    """How one server has to be asked, as far as it is known by now."""

    model: str
    dialect: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    tell: bool = False
    """Say a schema in words as well: the server heard it and did not keep to it."""
    _mode: int = 0
    _plain_roles: bool = False
    """No system message, and never two of one role in a row."""
    _refused: set[str] = field(default_factory=set[str])

    def arguments(self, request: ChatRequest, attempt: int) -> dict[str, Any]:
        """The fields of a request; the last attempt's answer was bad."""
        messages = list(request.messages)
        body: dict[str, Any] = {"model": self.model, "max_tokens": request.max_tokens}
        body |= self.sampling.fields(request)
        seed = request.seed if self.sampling.seed is None else self.sampling.seed
        if seed is not None:
            # A retry with the same seed would give the same bad answer.
            body["seed"] = seed + attempt
        if request.schema is not None:
            told = self._constrain(body, request)
            if told:
                messages[-1] = replace(messages[-1], text=f"{messages[-1].text}\n\n{told}")
        body |= self._thinking(request)
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        if "max_tokens" in self._refused:
            body["max_completion_tokens"] = body["max_tokens"]
        if "stream" in self._refused:
            del body["stream_options"]
        kept = {name: value for name, value in body.items() if name not in self._refused}
        kept["messages"] = [
            _message(m) for m in (_folded(messages) if self._plain_roles else messages)
        ]
        extra = {name: kept.pop(name) for name in set(kept) - _OWN}
        return {**kept, "extra_body": extra}

    def soften(self, said: str, arguments: Mapping[str, Any]) -> bool:
        """Whether there is less to ask of a server that refuses a request with these words."""
        roles = [message["role"] for message in arguments["messages"]]
        odd = "system" in roles or any(a == b for a, b in pairwise(roles))
        if is_about_roles(said) and odd:
            self._plain_roles = True
            return True
        if fields := refused_fields(said, arguments):
            self._refused.update(fields)
            return True
        if "response_format" in arguments and is_about_format(said):
            self._mode += 1
            return True
        return False

    def _constrain(self, body: dict[str, Any], request: ChatRequest) -> str:
        """Ask for JSON in the strongest way known to work; what must be said in words too."""
        mode = MODES[self._mode]
        if mode == "json_schema":
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": request.schema_name, "schema": request.schema},
            }
            if not self.tell:
                return ""
        if mode == "json_object":
            body["response_format"] = {"type": "json_object"}
        return f"{ONLY_JSON}\n{json.dumps(request.schema, ensure_ascii=False)}"

    def _thinking(self, request: ChatRequest) -> dict[str, Any]:
        if self.dialect not in TEMPLATE_SWITCH:
            return {}
        extra: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": request.thinking}}
        if request.thinking and request.thinking_tokens is not None:
            extra["thinking_token_budget"] = request.thinking_tokens
        return extra


def _folded(messages: Sequence[Message]) -> list[Message]:
    """Messages whose roles alternate, the user's first: many templates refuse all others."""
    folded: list[Message] = []
    for message in messages:
        role = "user" if message.role == "system" else message.role
        if folded and folded[-1].role == role:
            last = folded[-1]
            text = f"{last.text}\n\n{message.text}"
            folded[-1] = replace(
                last,
                text=text,
                images=last.images + message.images,
                labels=last.labels + message.labels,
            )
        else:
            folded.append(replace(message, role=role))
    return folded


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = []
    for number, path in enumerate(message.images):
        if number < len(message.labels):
            parts.append({"type": "text", "text": message.labels[number]})
        picture = incoming(path)
        data = base64.b64encode(picture.data).decode()
        url = f"data:{picture.mime};base64,{data}"
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}
