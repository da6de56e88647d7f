"""Any OpenAI-compatible chat endpoint: vLLM, SGLang, llama.cpp, Ollama, the clouds.

A schema is asked for in the strongest way the server takes: `json_schema`, else
`json_object`, else by words; a refusal moves one step down for good, and a server that
takes a schema and ignores it is told it in words as well. So does a field that a server
does not want stay away, and a budget that its context has no room for shrinks.

Knows: what an answer must hold, what a call cost. Does not know: what is asked, connections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from renderers.base import JSON, ChatRequest, ChatResult
from renderers.chat.answer import split_reasoning
from renderers.chat.asking import data_of, refuse_runaway, until_whole
from renderers.chat.completion import Completion
from renderers.chat.patience import BrokenAnswer, Deadline, Late
from renderers.chat.question import Manner, Sampling
from renderers.chat.refusals import Declined, is_too_long, most_allowed
from renderers.chat.wire import Wire
from renderers.errors import (
    BadOutput,
    BadRequest,
    CutShort,
    Empty,
    Refused,
    RendererError,
    TooLong,
    Unavailable,
)
from renderers.loose import list_of, record_of
from renderers.usage import Usage

VERSION = 1
FEWEST_TOKENS = 512
"""A budget is never made smaller than this for a server with a small context."""
SLEEPS = {"vllm", "vllm-omni"}
"""Dialects whose servers can be asleep."""
SERVE_LONGER = (
    "Serve it with a longer context (vLLM: --max-model-len, llama.cpp: -c, Ollama: num_ctx; "
    "16384 tokens is plenty)"
)


class OpenAIChat:
    """A `ChatBackend` over `base_url`.

    One question takes at most `timeout_s` seconds and `attempts` answers; a busy server is
    asked `retries` times more for each. `sampling` (temperature, top_p, top_k, min_p,
    repetition_penalty, presence_penalty, frequency_penalty, seed) is for what is written:
    checks and choices keep their own low temperature.
    """

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        dialect: str = "",
        timeout_s: float = 600.0,
        attempts: int = 3,
        retries: int = 4,
        vision: bool = True,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.dialect = dialect
        self.vision = vision
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._attempts, self._retries = attempts, retries
        self._key = api_key
        self._manner = Manner(model, dialect, Sampling.of(sampling or {}))
        self._wire = Wire(base_url, api_key)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"openai-chat/{VERSION}", "model": self.model}

    def close(self) -> None:
        self._wire.close()

    def ask(self, request: ChatRequest) -> ChatResult:
        """Ask until an answer is whole.

        Raises:
            BadRequest: the server refuses the request itself, or images are not seen.
            TooLong: the question alone is more than the model's context holds.
            BadOutput: every answer was cut, ran away, or was no JSON.
            Refused: the model's safety filter answered instead.
            Unavailable: no server, no such model, no valid key, it stays busy, or is too slow.
        """
        if not self.vision and any(message.images for message in request.messages):
            raise BadRequest(f"{self.model} does not see images; choose a multimodal model")
        deadline = Deadline.after(min(self._timeout_s, request.seconds or self._timeout_s))

        def once(attempt: int) -> tuple[Usage, Callable[[], ChatResult]]:
            completion = self._complete(request, attempt, deadline)
            return completion.usage, partial(self._answer, request, completion)

        return until_whole(request, self.model, self._attempts, once)

    def _answer(self, request: ChatRequest, completion: Completion) -> ChatResult:
        """What a completion says, if it holds up."""
        answer, inline = split_reasoning(self._without_key(completion.text))
        if completion.finish_reason == "content_filter" or completion.refusal:
            said = self._without_key(completion.refusal or "content filter")
            raise Refused(f"{self.model} declined: {said}")
        if completion.finish_reason == "length":
            raise CutShort(self._cut(request, completion.usage))
        if not answer and (request.schema is None or not completion.reasoning):
            raise Empty("the answer is empty")
        try:
            # Some servers leave all that a reasoning model writes in its thoughts.
            data = data_of(request, answer or completion.reasoning)
        except BadOutput:
            # Some servers take a schema and ignore it.
            self._manner.tell = True
            raise
        refuse_runaway(answer, data)
        reasoning = completion.reasoning or inline
        return ChatResult(answer, data, reasoning, completion.model or self.model, 0, 0, seconds=0)

    def _complete(self, request: ChatRequest, attempt: int, deadline: Deadline) -> Completion:
        smaller = request
        while True:
            arguments = self._manner.arguments(smaller, attempt)
            try:
                self._must_be_awake()
                return self._wire.post(arguments, deadline, self._retries)
            except Late as error:
                raise Unavailable(
                    f"{self._base_url} gave no whole answer within {deadline.seconds:.0f} s; is the "
                    "server up, and fast enough? (timeout_s in the profile's section)"
                ) from error
            except BrokenAnswer as error:
                raise Unavailable(
                    f"no answer from {self._base_url} ({error}); is the server up?"
                ) from error
            except Declined as refusal:
                said = self._without_key(refusal.said)
                if refusal.busy or refusal.status in (401, 404):
                    raise self._gone(refusal, said) from None
                if is_too_long(said):
                    smaller = self._shorter(smaller, said)
                elif (most := most_allowed(said)) is not None and most < smaller.max_tokens:
                    smaller = replace(smaller, max_tokens=most)
                elif not self._manner.soften(said, arguments):
                    raise BadRequest(f"{self._base_url} refuses the request: {said}") from None

    def _shorter(self, request: ChatRequest, said: str) -> ChatRequest:
        if request.max_tokens <= FEWEST_TOKENS:
            raise TooLong(f"{self.model}: {said}. {SERVE_LONGER}")
        return replace(request, max_tokens=max(FEWEST_TOKENS, request.max_tokens // 2))

    def _gone(self, refusal: Declined, said: str) -> RendererError:
        """A server that cannot be asked at all."""
        match refusal.status:
            case 401:
                return Unavailable(
                    f"{self._base_url} refuses the key: set the variable that api_key_env names"
                )
            case 404:
                return Unavailable(
                    f"{self._base_url} has no model {self.model!r}; `storyboard doctor` lists what "
                    f"is served ({said})"
                )
            case status:
                return Unavailable(
                    f"{self._base_url} keeps answering {status}; try again later ({said})"
                )

    def _must_be_awake(self) -> None:
        """
        Raises:
            Unavailable: the server sleeps: a question would hang, or be answered with noise.
        """
        if self.dialect not in SLEEPS:
            return
        if record_of(self._wire.glance("/is_sleeping")).get("is_sleeping") is True:
            raise Unavailable(
                f"{self._base_url} is asleep: wake it (POST /wake_up), or let `storyboard up` and "
                "the profile's [services] do so"
            )

    def _cut(self, request: ChatRequest, usage: Usage) -> str:
        """Why an answer ended before its end, as far as the server tells."""
        written, asked = usage.completion_tokens, usage.prompt_tokens
        if not 0 < written < request.max_tokens:
            return f"the answer was cut at max_tokens={request.max_tokens}"
        context = self._context()
        if context is None or asked + written >= context - FEWEST_TOKENS // 4:
            ends = f"context of {context} tokens" if context else "context, or its own limit,"
            return f"the answer was cut after {written} tokens, where the server's {ends} ends. {SERVE_LONGER}"
        return (
            f"the answer was cut after {written} tokens by the server itself: its context of "
            f"{context} tokens has room, so look for a limit of its own (Ollama: num_predict, "
            "llama.cpp: -n)"
        )

    def _context(self) -> int | None:
        """Tokens of the model's context, as the server reports it."""
        for told in map(record_of, list_of(record_of(self._wire.glance("/v1/models")).get("data"))):
            meta = record_of(told.get("meta"))
            for length in (
                told.get("max_model_len"),
                told.get("context_length"),
                meta.get("n_ctx"),
            ):
                if told.get("id") == self.model and isinstance(length, int) and length > 0:
                    return length
        settings = record_of(
            record_of(self._wire.glance("/props")).get("default_generation_settings")
        )
        length = settings.get("n_ctx")
        return length if isinstance(length, int) and length > 0 else None

    def _without_key(self, text: str) -> str:
        """Some gateways quote the whole request, its key included."""
        return text.replace(self._key, "***") if self._key else text
