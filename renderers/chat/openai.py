"""Any OpenAI-compatible chat endpoint: vLLM, SGLang, llama.cpp, Ollama, the clouds.

A schema is asked for in the strongest way the server takes: `json_schema`, else
`json_object`, else by words; a refusal moves one step down for good. Retries on 429, 5xx
and lost connections, with Retry-After, are the client library's.

Knows: the dialects' fields, retries, what a call cost. Does not know: what is asked.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, cast

import openai
from openai.types.chat import ChatCompletion

from renderers.base import JSON, ChatRequest, ChatResult, Message
from renderers.chat.answer import is_runaway, parse_json, split_reasoning, strings
from renderers.errors import BadOutput, BadRequest, Refused, RendererError, Unavailable
from renderers.usage import Usage

VERSION = 1
Mode = Literal["json_schema", "json_object", "words"]
MODES: tuple[Mode, ...] = ("json_schema", "json_object", "words")
TEMPLATE_SWITCH = {"vllm", "vllm-omni", "sglang", "llama-server"}
"""Dialects that switch thinking by an argument of the chat template."""


class OpenAIChat:
    """A `ChatBackend` over `base_url`. `attempts` bounds the answers asked for in all."""

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
    ) -> None:
        self.model = model
        self.dialect = dialect
        self.vision = vision
        self._base_url = base_url
        self._attempts = attempts
        self._key = api_key
        self._mode = 0
        # Local servers want no key, but the library insists on one.
        self._client = openai.OpenAI(
            base_url=base_url, api_key=api_key or "none", timeout=timeout_s, max_retries=retries
        )

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"openai-chat/{VERSION}", "model": self.model}

    def close(self) -> None:
        self._client.close()

    def ask(self, request: ChatRequest) -> ChatResult:
        """Ask until an answer is whole.

        Raises:
            BadRequest: the server refuses the request itself, or images are not seen.
            BadOutput: every answer was cut, ran away, or was no JSON.
            Refused: the model's safety filter answered instead.
            Unavailable: no server, no such model, no valid key, or it stays busy.
        """
        if not self.vision and any(message.images for message in request.messages):
            raise BadRequest(f"{self.model} does not see images; choose a multimodal model")
        started, spent = time.perf_counter(), Usage()
        fault = BadOutput("no answer was asked for")
        for attempt in range(self._attempts):
            try:
                completion = self._complete(request, attempt)
                spent += _usage(completion)
                result = self._answer(request, completion)
            except BadOutput as error:
                fault = error
                continue
            except RendererError as error:
                error.usage = spent
                raise
            return replace(
                result,
                prompt_tokens=spent.prompt_tokens,
                completion_tokens=spent.completion_tokens,
                seconds=time.perf_counter() - started,
                calls=spent.calls,
            )
        failure = BadOutput(f"{self.model}: {fault} ({self._attempts} attempts)")
        failure.usage = spent
        raise failure

    def _answer(self, request: ChatRequest, completion: ChatCompletion) -> ChatResult:
        """What a completion says, if it holds up. What it took is counted by `ask`."""
        if not completion.choices:
            raise BadOutput("the server returned no choice")
        choice = completion.choices[0]
        message = choice.message
        answer, inline = split_reasoning(self._without_key(message.content or ""))
        extra: dict[str, Any] = message.model_extra or {}
        reasoning = extra.get("reasoning") or extra.get("reasoning_content") or inline
        if choice.finish_reason == "content_filter" or message.refusal:
            said = self._without_key(message.refusal or "content filter")
            raise Refused(f"{self.model} declined: {said}")
        if choice.finish_reason == "length":
            raise BadOutput(f"the answer was cut at max_tokens={request.max_tokens}")
        if not answer:
            raise BadOutput("the answer is empty")
        data = parse_json(answer) if request.schema is not None else None
        # A plan repeats its keys; only what it says may not repeat itself.
        if any(is_runaway(text) for text in (strings(data) if data is not None else [answer])):
            raise BadOutput("the answer repeats itself")
        return ChatResult(
            answer, data, str(reasoning), completion.model or self.model, 0, 0, seconds=0.0
        )

    def _complete(self, request: ChatRequest, attempt: int) -> ChatCompletion:
        while True:
            try:
                arguments = self._arguments(request, attempt)
                return cast(ChatCompletion, self._client.chat.completions.create(**arguments))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                weaker = request.schema is not None and self._mode + 1 < len(MODES)
                if not (weaker and _about_format(error)):
                    said = self._without_key(str(error))
                    raise BadRequest(f"{self._base_url} refuses the request: {said}") from None
                self._mode += 1
            except openai.AuthenticationError as error:
                raise Unavailable(
                    f"{self._base_url} refuses the key: set the variable that api_key_env names"
                ) from error
            except openai.NotFoundError as error:
                raise Unavailable(
                    f"{self._base_url} has no model {self.model!r}; `storyboard doctor` lists what is served"
                ) from error
            except openai.APIConnectionError as error:
                raise Unavailable(
                    f"no answer from {self._base_url} ({type(error).__name__}); is the server up?"
                ) from error
            except openai.APIStatusError as error:
                raise Unavailable(
                    f"{self._base_url} keeps answering {error.status_code}; try again later"
                ) from error

    def _without_key(self, text: str) -> str:
        """Some gateways quote the whole request, its key included."""
        return text.replace(self._key, "***") if self._key else text

    def _arguments(self, request: ChatRequest, attempt: int) -> dict[str, Any]:
        messages = [_message(message) for message in request.messages]
        arguments: dict[str, Any] = {
            "model": self.model,
            "messages": messages,
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "extra_body": self._extra(request),
        }
        if request.seed is not None:
            # A retry with the same seed would give the same bad answer.
            arguments["seed"] = request.seed + attempt
        if request.schema is not None:
            self._constrain(arguments, request)
        return arguments

    def _constrain(self, arguments: dict[str, Any], request: ChatRequest) -> None:
        mode = MODES[self._mode]
        if mode == "json_schema":
            arguments["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": request.schema_name, "schema": request.schema},
            }
            return
        if mode == "json_object":
            arguments["response_format"] = {"type": "json_object"}
        arguments["messages"].append(
            {
                "role": "user",
                "content": "Answer with one JSON object that is valid by this JSON Schema, "
                f"and nothing else:\n{json.dumps(request.schema, ensure_ascii=False)}",
            }
        )

    def _extra(self, request: ChatRequest) -> dict[str, Any]:
        if self.dialect not in TEMPLATE_SWITCH:
            return {}
        extra: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": request.thinking}}
        if request.thinking and request.thinking_tokens is not None:
            extra["thinking_token_budget"] = request.thinking_tokens
        return extra


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = []
    for path in message.images:
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        data = base64.b64encode(path.read_bytes()).decode()
        parts.append({"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}})
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}


def _usage(completion: ChatCompletion) -> Usage:
    told = completion.usage
    return Usage(1, told.prompt_tokens, told.completion_tokens) if told else Usage(1)


def _about_format(error: openai.APIStatusError) -> bool:
    """Whether a refusal is about how the JSON was asked for, not about the question."""
    text = str(error).lower()
    words = ("response_format", "json_schema", "json_object", "schema", "grammar", "guided")
    return any(word in text for word in words)
