"""The chat backend and what servers say: refusals in every dialect, streams, time, sleep."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from fake_chat import FakeChatServer, Reply, Script

from renderers.base import ChatRequest, ChatResult, Message
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput, BadRequest, TooLong, Unavailable

SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
GOOD = '{"title": "The Last Train"}'
WRITER = Message("system", "You write titles.")


def ask(server: FakeChatServer, schema: bool = True, **options: Any) -> ChatResult:
    known = {"thinking", "thinking_tokens", "temperature", "seed", "max_tokens"}
    asked = {name: options.pop(name) for name in known & set(options)}
    backend = OpenAIChat(server.url, "fake", **options)
    messages = (WRITER, Message("user", "A title?"))
    try:
        return backend.ask(ChatRequest(messages, SCHEMA if schema else None, **asked))
    finally:
        backend.close()


def refusing(reply: Reply, sound: Callable[[dict[str, Any]], bool]) -> Script:
    """A server that answers with `reply` until `sound` holds for a request."""

    def answer(body: dict[str, Any]) -> Reply:
        return {"text": GOOD} if sound(body) else reply

    return answer


NO_BUDGET: list[Any] = [
    {"error": {"message": "thinking_token_budget is set but reasoning_config is not configured"}},
    {"object": "error", "message": "thinking_token_budget: not here", "code": 400},
    {"error": "Unexpected field thinking_token_budget"},
    {"error": "thinking_token_budget is odd", "error_type": "validation"},
    {"detail": [{"loc": ["body", "thinking_token_budget"], "msg": "Extra inputs", "type": "x"}]},
    {"detail": "unknown: thinking_token_budget"},
    [{"error": {"code": 400, "message": 'Unknown name "thinking_token_budget": no such field.'}}],
    "bad request: thinking_token_budget",
]


@pytest.mark.parametrize("body", NO_BUDGET)
def test_a_field_that_a_refusal_names_is_dropped_and_stays_away(body: Any) -> None:

    def sound(asked: dict[str, Any]) -> bool:
        return "thinking_token_budget" not in asked

    refusal = refusing({"status": 400, "body": body}, sound)
    with FakeChatServer(refusal) as server:
        chat = OpenAIChat(server.url, "fake", dialect="vllm")
        request = ChatRequest((WRITER,), thinking=True, thinking_tokens=99)
        assert chat.ask(request).text == chat.ask(request).text == GOOD
        chat.close()
        assert len(server.requests) == 3
        assert server.requests[1]["chat_template_kwargs"] == {"enable_thinking": True}


REFUSED: list[tuple[str, int, Any]] = [
    (
        "max_tokens",
        400,
        {
            "error": {
                "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead.",
                "param": "max_tokens",
            }
        },
    ),
    (
        "temperature",
        400,
        {"error": {"message": "Only the default (1) value is supported.", "param": "temperature"}},
    ),
    (
        "stream",
        400,
        {"error": {"message": "Your organization must be verified.", "param": "stream"}},
    ),
    (
        "stream_options",
        422,
        {
            "object": "error",
            "message": {
                "detail": [
                    {
                        "type": "extra_forbidden",
                        "loc": ["body", "stream_options"],
                        "msg": "Extra inputs are not permitted",
                    }
                ]
            },
        },
    ),
    (
        "seed",
        400,
        [
            {
                "error": {
                    "code": 400,
                    "message": 'Invalid JSON payload received. Unknown name "seed": no such field.',
                    "status": "INVALID_ARGUMENT",
                }
            }
        ],
    ),
    ("top_p", 400, {"error": "top_p: unknown field"}),
    ("top_k", 400, "unexpected keyword argument 'top_k'"),
    ("min_p", 400, {"error": {"message": "property 'min_p' is unsupported"}}),
    ("repetition_penalty", 400, {"message": "repetition_penalty is not taken", "code": 400}),
    (
        "presence_penalty",
        400,
        {"error": "Model m does not support parameter presencePenalty."},
    ),
    ("frequency_penalty", 400, {"detail": "frequency_penalty is not a valid field"}),
    ("chat_template_kwargs", 400, {"error": {"message": "Unknown field chat_template_kwargs"}}),
]


@pytest.mark.parametrize(
    ("field", "status", "body"), REFUSED, ids=[field for field, _, _ in REFUSED]
)
def test_every_optional_field_may_be_refused_once(field: str, status: int, body: Any) -> None:
    every = {"top_p": 0.9, "top_k": 20, "min_p": 0.1, "repetition_penalty": 1.1}
    every |= {"presence_penalty": 0.1, "frequency_penalty": 0.1}

    def sound(asked: dict[str, Any]) -> bool:
        return field not in asked

    with FakeChatServer(refusing({"status": status, "body": body}, sound)) as server:
        chat = OpenAIChat(server.url, "fake", dialect="vllm", sampling=every)
        request = ChatRequest((WRITER,), SCHEMA, seed=3)
        assert chat.ask(request).data and chat.ask(request).data
        chat.close()
        assert [field in asked for asked in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    "said",
    [
        "The input token count (9000) exceeds the maximum number of tokens allowed (8192).",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        "Please reduce the length of the messages or completion.",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000",
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500",
        "Trying to keep the first 4522 tokens when context the overflows.",
        "the request exceeds the available context size, try increasing the context size",
        "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        "The input (40000 tokens) is longer than the model's context length (32768 tokens).",
        "Range of input length should be [1, 30720]",
    ],
)
def test_a_question_that_is_too_long_is_known_by_every_wording(said: str) -> None:
    with FakeChatServer([{"status": 400, "error": said}]) as server:
        with pytest.raises(TooLong, match="Serve it with a longer context"):
            ask(server)
        assert [request["max_tokens"] for request in server.requests] == [2048, 1024, 512]


def test_a_budget_that_the_server_names_is_taken() -> None:
    said = "max_tokens is too large: 2048. This model supports at most 700 completion tokens"

    def sound(body: dict[str, Any]) -> bool:
        return body["max_tokens"] <= 700

    with FakeChatServer(refusing({"status": 400, "error": said}, sound)) as server:
        assert ask(server).data == {"title": "The Last Train"}
        assert [request["max_tokens"] for request in server.requests] == [2048, 700]


@pytest.mark.parametrize(
    "said",
    [
        "System role not supported",
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Only user and assistant roles are supported!",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        'messages: Unexpected role "system".',
    ],
)
def test_what_the_system_is_told_is_told_the_user_where_there_is_no_system(said: str) -> None:

    def sound(body: dict[str, Any]) -> bool:
        return [m["role"] for m in body["messages"]] == ["user"]

    with FakeChatServer(refusing({"status": 400, "error": said}, sound)) as server:
        assert ask(server).data == {"title": "The Last Train"}
        assert server.requests[-1]["messages"][0]["content"] == "You write titles.\n\nA title?"


@pytest.mark.parametrize(
    ("body", "raised", "told"),
    [
        (
            {"error": {"message": "Provider returned error", "code": 502}},
            Unavailable,
            "keeps answering 502",
        ),
        ({"error": {"message": "No credits left", "code": 402}}, BadRequest, "No credits left"),
        ({"error": "model is loading weights"}, BadRequest, "model is loading weights"),
        ({"object": "error", "message": "out of memory", "code": 503}, Unavailable, "503"),
        ({"detail": "no such tenant"}, BadRequest, "no such tenant"),
    ],
)
def test_an_error_that_comes_as_a_good_answer_is_an_error(
    body: Any, raised: type[Exception], told: str
) -> None:
    with (
        FakeChatServer([{"raw": json.dumps(body)}]) as server,
        pytest.raises(raised, match=told),
    ):
        ask(server, retries=0)


def test_an_error_within_a_stream_is_an_error() -> None:
    event = 'data: {"error": {"message": "out of memory", "code": 500}}\n\n'
    with (
        FakeChatServer([{"raw": event}]) as server,
        pytest.raises(Unavailable, match=r"keeps answering 500.*out of memory"),
    ):
        ask(server, retries=0)


def test_a_server_without_streams_is_asked_for_the_whole() -> None:
    def sound(body: dict[str, Any]) -> bool:
        return "stream" not in body

    refusal: Reply = {"status": 422, "body": {"detail": [{"loc": ["body", "stream"], "msg": "no"}]}}
    with FakeChatServer(refusing(refusal, sound)) as server:
        assert ask(server).data == {"title": "The Last Train"}


def test_a_stream_that_breaks_off_is_asked_for_again() -> None:
    half = 'data: {"choices": [{"delta": {"content": "{\\"title\\":"}}]}\n\n'
    with FakeChatServer([{"raw": half}, {"text": GOOD}]) as server:
        assert ask(server).data == {"title": "The Last Train"}


def test_an_answer_that_repeats_itself_is_stopped_while_it_is_written() -> None:
    loop: Reply = {"text": '{"title": "' + "on and on we go " * 2000 + '"}', "pause": 0.002}
    with FakeChatServer([loop, {"text": GOOD}]) as server:
        result = ask(server)
        assert result.data == {"title": "The Last Train"}
        assert server.pieces < 400, "1300 pieces were not waited for"
        assert result.completion_tokens > 20, "what was written of it counts"


def test_reasoning_and_usage_come_through_a_stream() -> None:
    with FakeChatServer([{"text": GOOD, "reasoning": "premise, reversal"}]) as server:
        result = ask(server)
        assert server.requests[0]["stream"] is True
    assert (result.reasoning, result.prompt_tokens) == ("premise, reversal", 7)


def test_a_json_answer_among_the_thoughts_alone_is_taken() -> None:
    with FakeChatServer([{"text": "", "reasoning": f"Hm, so: {GOOD}"}]) as server:
        assert ask(server).data == {"title": "The Last Train"}


def test_headers_that_trickle_are_cut_off_at_the_deadline() -> None:
    with FakeChatServer([{"slow_head": 0.05}]) as server:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="no whole answer within"):
            ask(server, timeout_s=0.4)
        assert time.monotonic() - started < 2


def test_a_slow_stream_is_cut_off_at_the_deadline() -> None:
    said = " ".join(f"word{i}" for i in range(900))
    with FakeChatServer([{"text": said, "pause": 0.02}]) as server:
        with pytest.raises(Unavailable, match="no whole answer within"):
            ask(server, schema=False, timeout_s=0.4)
        time.sleep(0.3)
        sent = server.pieces
        time.sleep(0.2)
        assert server.pieces == sent, "the server was not told that nobody listens"


def test_an_answer_that_is_packed_wrongly_is_no_answer() -> None:
    with (
        FakeChatServer([{"bad_gzip": True}]) as server,
        pytest.raises(Unavailable, match="no answer from"),
    ):
        ask(server, retries=0)


def test_a_sleeping_server_is_not_asked_and_how_to_wake_it_is_told() -> None:
    with FakeChatServer([{"text": GOOD}]) as server:
        server.asleep = True
        with pytest.raises(Unavailable, match="is asleep: wake it"):
            ask(server, dialect="vllm")
        assert not server.requests
        server.asleep = False
        chat = OpenAIChat(server.url, "fake", dialect="vllm")
        assert chat.ask(ChatRequest((WRITER,), SCHEMA)).data
        server.asleep = True
        with pytest.raises(Unavailable, match="is asleep: wake it"):
            chat.ask(ChatRequest((WRITER,), SCHEMA))
        chat.close()


def test_sampling_is_the_profiles_where_something_is_written() -> None:
    wanted = {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "repetition_penalty": 1.05, "seed": 3}
    with FakeChatServer([{"text": GOOD}]) as server:
        ask(server, sampling=wanted, seed=9)
        ask(server, sampling=wanted, temperature=0.2)
        written, checked = server.requests
    assert {name: written[name] for name in wanted} == wanted
    assert checked["temperature"] == 0.2 and "top_p" not in checked


@pytest.mark.parametrize(
    ("sampling", "told"),
    [
        ({"temperature": 9}, "sampling.temperature: 9 is not between 0 and 2"),
        ({"top_q": 1}, "sampling.top_q: is not one of temperature, top_p"),
        ({"seed": 1.5}, "sampling.seed: 1.5 is no whole number"),
    ],
)
def test_sampling_that_makes_no_sense_is_refused_by_name(
    sampling: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadRequest, match=told):
        OpenAIChat("http://127.0.0.1:9/v1", "fake", sampling=sampling)


def test_questions_at_once_do_not_cut_each_other_off() -> None:
    slow: Reply = {"text": GOOD * 8, "pause": 0.05}

    def answer(body: dict[str, Any]) -> Reply:
        return slow if "slow" in str(body["messages"]) else {"text": GOOD}

    with FakeChatServer(answer) as server:
        chat = OpenAIChat(server.url, "fake", timeout_s=20)
        found: list[ChatResult] = []
        asking = threading.Thread(
            target=lambda: found.append(chat.ask(ChatRequest((Message("user", "slow"),))))
        )
        asking.start()
        with pytest.raises(Unavailable):
            chat.ask(ChatRequest((Message("user", "slow"),), seconds=0.2))
        asking.join()
        chat.close()
    assert found and found[0].text == GOOD * 8


def test_nothing_but_one_bad_answer_is_told_as_such() -> None:
    with (
        FakeChatServer([{"text": "no"}]) as server,
        pytest.raises(BadOutput, match="it holds no JSON object"),
    ):
        ask(server)
