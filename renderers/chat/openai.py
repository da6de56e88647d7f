"""Any OpenAI-compatible chat endpoint: vLLM, SGLang, llama.cpp, Ollama, the clouds.

A schema is asked for in the strongest way the server takes: `json_schema`, else
`json_object`, else by words; a refusal moves one step down for good, and a server that
takes a schema and ignores it is told it in words as well. So does a field that a server
does not want stay away, and a budget that its context has no room for shrinks.

Knows: the dialects' fields, what a call cost. Does not know: what is asked, clocks.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import openai

from renderers.base import JSON, ChatRequest, ChatResult, Message
from renderers.chat.answer import is_runaway, parse_json, split_reasoning, strings
from renderers.chat.completion import Completion
from renderers.chat.patience import Broken, Deadline, Late, read, send
from renderers.chat.refusals import is_about_format, is_too_long, refused_field
from renderers.chat.shape import lacks, shaped
from renderers.errors import BadOutput, BadRequest, Refused, RendererError, TooLong, Unavailable
from renderers.usage import Usage

VERSION = 1
Mode = Literal["json_schema", "json_object", "words"]
MODES: tuple[Mode, ...] = ("json_schema", "json_object", "words")
TEMPLATE_SWITCH = {"vllm", "vllm-omni", "sglang", "llama-server"}
"""Dialects that switch thinking by an argument of the chat template."""
FEWEST_TOKENS = 512
"""A budget is never made smaller than this for a server with a small context."""

ONLY_JSON = "Answer with one JSON object that is valid by this JSON Schema, and nothing else:"
SERVE_LONGER = (
    "Serve it with a longer context (vLLM: --max-model-len, llama.cpp: -c, Ollama: num_ctx; "
    "16384 tokens is plenty)"
)


class OpenAIChat:
    """A `ChatBackend` over `base_url`.

    One question takes at most `timeout_s` seconds and `attempts` answers; a busy server is
    asked `retries` times more for each.
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
    ) -> None:
        self.model = model
        self.dialect = dialect
        self.vision = vision
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._attempts, self._retries = attempts, retries
        self._key = api_key
        self._mode = 0
        self._tell = False
        """Say a schema in words as well: the server heard it and did not keep to it."""
        self._refused: set[str] = set()
        """Fields that the server does not want."""
        # Local servers want no key, but the library insists on one.
        self._client = openai.OpenAI(
            base_url=base_url, api_key=api_key or "none", timeout=timeout_s, max_retries=0
        )

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"openai-chat/{VERSION}", "model": self.model}

    def close(self) -> None:
        self._client.close()

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
        started, spent = time.perf_counter(), Usage()
        deadline = Deadline.after(min(self._timeout_s, request.seconds or self._timeout_s))
        fault = BadOutput("no answer was asked for")
        attempts = request.attempts or self._attempts
        for attempt in range(attempts):
            if request.admit is not None:
                request.admit(spent)
            try:
                completion = self._complete(request, attempt, deadline)
                spent += completion.usage
                result = self._answer(request, completion)
            except BadOutput as error:
                spent += error.usage
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
        failure = BadOutput(f"{self.model}: {fault} ({attempts} attempts)")
        failure.usage = spent
        raise failure

    def _answer(self, request: ChatRequest, completion: Completion) -> ChatResult:
        """What a completion says, if it holds up. What it took is counted by `ask`."""
        answer, inline = split_reasoning(self._without_key(completion.text))
        if completion.finish_reason == "content_filter" or completion.refusal:
            said = self._without_key(completion.refusal or "content filter")
            raise Refused(f"{self.model} declined: {said}")
        if completion.finish_reason == "length":
            raise BadOutput(_cut(request, completion.usage))
        if not answer and (request.schema is None or not completion.reasoning):
            raise BadOutput("the answer is empty")
        schema = request.schema
        data = None if schema is None else self._parsed(schema, completion, answer)
        # A plan repeats its keys; only what it says may not repeat itself.
        if any(is_runaway(text) for text in (strings(data) if data is not None else [answer])):
            raise BadOutput("the answer repeats itself")
        reasoning = completion.reasoning or inline
        return ChatResult(answer, data, reasoning, completion.model or self.model, 0, 0, seconds=0)

    def _parsed(self, schema: Mapping[str, JSON], completion: Completion, answer: str) -> JSON:
        """The JSON of an answer. One that knows nothing of the schema was never told it."""
        try:
            # Some servers leave all that a reasoning model writes in its thoughts.
            written = answer or completion.reasoning
            return shaped(parse_json(written, lambda value: lacks(value, schema)), schema)
        except BadOutput:
            # Some servers take a schema and ignore it.
            self._tell = True
            raise

    def _complete(self, request: ChatRequest, attempt: int, deadline: Deadline) -> Completion:
        smaller = request
        while True:
            arguments = self._arguments(smaller, attempt)
            try:
                return self._send(arguments, deadline)
            except openai.AuthenticationError as error:
                raise Unavailable(
                    f"{self._base_url} refuses the key: set the variable that api_key_env names"
                ) from error
            except openai.NotFoundError as error:
                raise Unavailable(
                    f"{self._base_url} has no model {self.model!r}; `storyboard doctor` lists what is served"
                ) from error
            except (openai.APITimeoutError, Late) as error:
                raise Unavailable(
                    f"{self._base_url} gave no whole answer within {deadline.seconds:.0f} s; is the "
                    "server up, and fast enough? (timeout_s in the profile's section)"
                ) from error
            except (openai.APIConnectionError, Broken) as error:
                raise Unavailable(
                    f"no answer from {self._base_url} ({type(error).__name__}); is the server up?"
                ) from error
            except openai.APIStatusError as error:
                said = self._without_key(str(error))
                if self._weaker(said, arguments):
                    continue
                if is_too_long(said):
                    if smaller.max_tokens <= FEWEST_TOKENS:
                        raise TooLong(f"{self.model}: {said}. {SERVE_LONGER}") from None
                    smaller = replace(smaller, max_tokens=smaller.max_tokens // 2)
                    continue
                if error.status_code < 500 and error.status_code not in (408, 409, 429):
                    raise BadRequest(f"{self._base_url} refuses the request: {said}") from None
                raise Unavailable(
                    f"{self._base_url} keeps answering {error.status_code}; try again later"
                ) from error

    def _send(self, arguments: dict[str, Any], deadline: Deadline) -> Completion:
        def call(timeout: openai.Timeout) -> bytes:
            asking: Any = self._client.chat.completions.with_streaming_response
            with asking.create(**arguments, timeout=timeout) as response:
                return read(response.iter_bytes(), deadline)

        return Completion.parse(send(call, deadline, self._retries))

    def _weaker(self, said: str, arguments: dict[str, Any]) -> bool:
        """Whether there is less to ask of a server that refuses a request with these words."""
        if field := refused_field(said, arguments):
            self._refused.add(field)
            return True
        if "response_format" in arguments and is_about_format(said):
            self._mode += 1
            return True
        return False

    def _without_key(self, text: str) -> str:
        """Some gateways quote the whole request, its key included."""
        return text.replace(self._key, "***") if self._key else text

    def _arguments(self, request: ChatRequest, attempt: int) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "model": self.model,
            "messages": [_message(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.seed is not None:
            # A retry with the same seed would give the same bad answer.
            arguments["seed"] = request.seed + attempt
        if request.schema is not None:
            self._constrain(arguments, request)
        extra = self._extra(request)
        if "max_tokens" in self._refused:
            arguments["max_completion_tokens"] = arguments["max_tokens"]
        known = {name: value for name, value in arguments.items() if name not in self._refused}
        return {**known, "extra_body": {n: v for n, v in extra.items() if n not in self._refused}}

    def _constrain(self, arguments: dict[str, Any], request: ChatRequest) -> None:
        mode = MODES[self._mode]
        if mode == "json_schema":
            arguments["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": request.schema_name, "schema": request.schema},
            }
            if not self._tell:
                return
        if mode == "json_object":
            arguments["response_format"] = {"type": "json_object"}
        said = json.dumps(request.schema, ensure_ascii=False)
        told = f"{ONLY_JSON}\n{said}"
        arguments["messages"][-1] = _message(_with(request.messages[-1], told))

    def _extra(self, request: ChatRequest) -> dict[str, Any]:
        if self.dialect not in TEMPLATE_SWITCH:
            return {}
        extra: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": request.thinking}}
        if request.thinking and request.thinking_tokens is not None:
            extra["thinking_token_budget"] = request.thinking_tokens
        return extra


def _cut(request: ChatRequest, usage: Usage) -> str:
    """Why an answer ended before its end, as far as the server's count of tokens tells."""
    written, asked = usage.completion_tokens, usage.prompt_tokens
    if not 0 < written < request.max_tokens:
        return f"the answer was cut at max_tokens={request.max_tokens}"
    return (
        f"the answer was cut after {written} tokens, where the server's context of about "
        f"{asked + written} tokens ends. {SERVE_LONGER}"
    )


def _with(message: Message, told: str) -> Message:
    """More said in one message: many chat templates refuse two of the same role in a row."""
    return replace(message, text=f"{message.text}\n\n{told}")


def _message(message: Message) -> dict[str, Any]:
    if not message.images:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, Any]] = []
    for path in message.images:
        kind = mimetypes.guess_type(path.name)[0] or "image/png"
        data = base64.b64encode(path.read_bytes()).decode()
        parts.append({"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}})
    return {"role": message.role, "content": [*parts, {"type": "text", "text": message.text}]}
