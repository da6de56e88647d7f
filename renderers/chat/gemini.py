"""Gemini writes: a `ChatBackend` by the google-genai library, for a planner, a prompter or a judge.

A schema is asked for as such; where the service refuses one, it is told in words from then on.
What a filter blocks is a refusal that names its reason, never an empty answer.

Knows: the form of a question, what an answer must hold. Does not know: the service's errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from renderers.base import JSON, ChatRequest, ChatResult, Message
from renderers.chat.asking import data_of, refuse_runaway, until_whole
from renderers.chat.patience import Deadline
from renderers.chat.question import ONLY_JSON, Sampling
from renderers.errors import BadOutput, BadRequest, Refused
from renderers.gemini import Bounds, Gemini, Said
from renderers.image.incoming import incoming
from renderers.usage import Usage

if TYPE_CHECKING:
    from google.genai import types

VERSION = 1
ROOM: Mapping[str, int] = {"minimal": 1024, "low": 4096, "medium": 12_288, "high": 32_768}
"""Tokens that a level of thinking may take beside the answer: the service bounds both together."""
_UNKNOWN = {"min_p", "repetition_penalty"}
QUICK_TOKENS = 128
"""Fewest that every model with a budget accepts."""


class GeminiChat:
    """A `ChatBackend`. Its options stand in the profile under the section's `options`.

    `thinking_level` (minimal, low, medium, high) is for questions that are worth thinking about;
    all others are thought about at the level `quick_level`. Models before Gemini 3 take
    `thinking_tokens` in its place. `safety` maps categories to thresholds; `sampling`
    (temperature, top_p, top_k, presence_penalty, frequency_penalty, seed) is for what is written;
    `section` is where all this stands, for errors.
    """

    name = "gemini"

    def __init__(
        self,
        model: str,
        api_key: str | None = None,
        base_url: str = "",
        timeout_s: float = 600.0,
        thinking_level: str = "",
        quick_level: str = "low",
        thinking_tokens: int | None = None,
        safety: Mapping[str, str] | None = None,
        attempts: int = 3,
        retries: int = 4,
        retry_s: float = 1.0,
        section: str = "chat",
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        if thinking_tokens is not None and thinking_level:
            raise BadRequest(
                f"{section} options: thinking_level and thinking_tokens exclude each other"
            )
        if thinking_tokens is None and not thinking_level:
            thinking_level = "medium"
        if odd := sorted(_UNKNOWN & (sampling or {}).keys()):
            raise BadRequest(f"{section} options.sampling.{odd[0]}: Gemini has no such thing")
        self._sampling = Sampling.of(sampling or {})
        safe = dict(safety or {})
        self._thorough = Bounds(section, thinking_tokens, thinking_level, safe)
        level = quick_level if thinking_level else ""
        quick = None if thinking_tokens is None else min(thinking_tokens, QUICK_TOKENS)
        self._quick = Bounds(section, quick, level, safe)
        self.model, self._timeout_s, self._attempts = model, timeout_s, attempts
        self._service = Gemini(section, api_key, base_url, timeout_s, (retries + 1, retry_s))
        self._in_words = False
        """The service has refused a schema."""

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"gemini-chat/{VERSION}", "model": self.model}

    def close(self) -> None:
        self._service.close()

    def thoughts(self, request: ChatRequest) -> int:
        """Tokens that an answer may take for thinking, beside those of the request."""
        bounds = self._bounds(request)
        if bounds.level:
            return ROOM[bounds.level]
        return bounds.tokens if bounds.tokens is not None and bounds.tokens >= 0 else ROOM["high"]

    def ask(self, request: ChatRequest) -> ChatResult:
        """Ask until an answer is whole.

        Raises:
            BadRequest: the service refuses the request itself.
            BadOutput: every answer was cut, empty, ran away, or was no JSON.
            Refused: a filter blocked the question or the answer; the message names it.
            Unavailable: no service, no such model, no valid key, or it stays busy.
        """
        deadline = Deadline.after(min(self._timeout_s, request.seconds or self._timeout_s))

        def once(attempt: int) -> tuple[Usage, Callable[[], ChatResult]]:
            said = self._said(request, attempt, deadline)
            return said.usage, partial(self._answer, request, said)

        return until_whole(request, self.model, self._attempts, once)

    def _bounds(self, request: ChatRequest) -> Bounds:
        return self._thorough if request.thinking else self._quick

    def _said(self, request: ChatRequest, attempt: int, deadline: Deadline) -> Said:
        try:
            return self._asked(request, attempt, deadline)
        except BadRequest as error:
            if request.schema is None or self._in_words or "schema" not in str(error).lower():
                raise
            self._in_words = True
            return self._asked(request, attempt, deadline)

    def _asked(self, request: ChatRequest, attempt: int, deadline: Deadline) -> Said:
        from google.genai import types

        bounds, messages = self._bounds(request), list(request.messages)
        if request.schema is not None and self._in_words:
            told = f"{ONLY_JSON}\n{json.dumps(request.schema, ensure_ascii=False)}"
            messages[-1] = replace(messages[-1], text=f"{messages[-1].text}\n\n{told}")
        system = "\n\n".join(m.text for m in messages if m.role == "system")
        as_json = request.schema is not None
        seed = request.seed if self._sampling.seed is None else self._sampling.seed
        config = types.GenerateContentConfig(
            system_instruction=system or None,
            **self._sampling.fields(request),
            seed=None if seed is None else (seed + attempt) % 2**31,
            max_output_tokens=request.max_tokens + self.thoughts(request),
            response_mime_type="application/json" if as_json else None,
            response_json_schema=None if self._in_words else request.schema,
            thinking_config=bounds.thoughts(),
            safety_settings=bounds.thresholds(),
        )
        return self._service.written(self.model, list(_contents(messages)), config, deadline)

    def _answer(self, request: ChatRequest, said: Said) -> ChatResult:
        """What an answer says, if it holds up.

        Raises:
            Refused, BadOutput: it does not.
        """
        if said.outcome == "blocked":
            raise Refused(f"{self.model} declined: {said.reason}")
        if said.outcome != "answered":
            raise BadOutput(said.reason)
        data = data_of(request, said.text)
        refuse_runaway(said.text, data)
        return ChatResult(said.text, data, said.thoughts, said.model, 0, 0, seconds=0)


def _contents(messages: list[Message]) -> Iterator[types.Content]:
    """The turns in the service's form: pictures with their labels before the words."""
    from google.genai import types

    for message in messages:
        if message.role == "system":
            continue
        parts: list[Any] = []
        for number, path in enumerate(message.images):
            if number < len(message.labels):
                parts.append(types.Part(text=message.labels[number]))
            picture = incoming(path)
            blob = types.Blob(data=picture.data, mime_type=picture.mime)
            parts.append(types.Part(inline_data=blob))
        role = "model" if message.role == "assistant" else "user"
        yield types.Content(role=role, parts=[*parts, types.Part(text=message.text)])
