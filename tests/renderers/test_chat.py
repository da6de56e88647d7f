"""The chat backend against servers that misbehave in every way seen in the field."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from renderers.base import ChatRequest, ChatResult, Message
from renderers.chat.answer import is_runaway, parse_json
from renderers.chat.fake_server import FakeChatServer, Reply
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput, BadRequest, Refused, RendererError, Unavailable

SCHEMA = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
GOOD = '{"title": "The Last Train"}'


def ask(server: FakeChatServer, schema: bool = True, **options: object) -> ChatResult:
    backend = OpenAIChat(server.url, "fake", **options)  # type: ignore[arg-type]
    try:
        request = ChatRequest((Message("user", "A title?"),), SCHEMA if schema else None)
        return backend.ask(request)
    finally:
        backend.close()


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"Sure! Here is the JSON:\n```json\n{GOOD}\n```\nHope that helps.",
        f"<think>{{not this}} hmm</think>{GOOD}",
        f"\ufeff\n\n{GOOD}",
        f"The set {{a, b}} is fine. {GOOD}",
    ],
)
def test_json_is_found_whatever_stands_around_it(text: str) -> None:
    with FakeChatServer([{"text": text}]) as server:
        assert ask(server).data == {"title": "The Last Train"}


def test_raw_control_characters_in_strings_are_survived() -> None:
    with FakeChatServer([{"text": '{"title": "The\nLast\tTrain\x01"}'}]) as server:
        assert ask(server).data == {"title": "The\nLast\tTrain\x01"}


@pytest.mark.parametrize(
    "bad",
    [
        Reply(text="I cannot answer in JSON."),
        Reply(text='{"title": "The La'),
        Reply(text=GOOD, finish_reason="length"),
        Reply(text=""),
        Reply(no_choice=True),
        Reply(text='{"title": "' + "no no no no no " * 20 + '"}'),
        Reply(text='{"title": "' + "電車は来ない。" * 60 + '"}'),
        Reply(text='{"title":' + " " * 4000),
    ],
)
def test_a_bad_answer_is_asked_again_and_never_passed_on(bad: Reply) -> None:
    with FakeChatServer([bad, {"text": GOOD}]) as server:
        assert ask(server).data == {"title": "The Last Train"}
        assert len(server.requests) == 2
    with FakeChatServer([bad]) as server:
        with pytest.raises(BadOutput, match="3 attempts"):
            ask(server)
        assert len(server.requests) == 3


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_reasoning_is_kept_apart(field: str) -> None:
    with FakeChatServer([{"text": GOOD, field: "premise, reversal"}]) as server:  # type: ignore[misc]
        result = ask(server)
    assert result.reasoning == "premise, reversal"
    assert "premise" not in result.text


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again_after_the_time_it_names(status: int) -> None:
    busy: Reply = {"status": status, "retry_after": 0.6, "error": "busy"}
    with FakeChatServer([busy, {"text": GOOD}]) as server:
        started = time.monotonic()
        assert ask(server).data
        assert time.monotonic() - started >= 0.55


def test_a_server_that_hangs_up_is_asked_again() -> None:
    with FakeChatServer([{"hang_up": True}, {"text": GOOD}]) as server:
        assert ask(server).data


def test_a_server_that_never_answers_is_unavailable() -> None:
    with (
        FakeChatServer([{"text": GOOD, "wait": 2.0}]) as server,
        pytest.raises(Unavailable, match="is the server up"),
    ):
        ask(server, timeout_s=0.2, retries=0)


@pytest.mark.parametrize("refuses", [["json_schema"], ["json_schema", "json_object"]])
def test_a_server_without_schemas_is_asked_in_words(refuses: list[str]) -> None:
    with FakeChatServer([{"text": GOOD}], refuses=refuses) as server:
        assert ask(server).data == {"title": "The Last Train"}
        last = server.requests[-1]
    assert last.get("response_format", {}).get("type") not in refuses
    assert '"required": ["title"]' in last["messages"][-1]["content"]


def test_a_refused_request_is_not_repeated() -> None:
    with FakeChatServer([{"status": 400, "error": "context length exceeded"}]) as server:
        with pytest.raises(BadRequest, match="context length"):
            ask(server)
        assert len(server.requests) == 1


def test_a_declined_question_is_said_to_be_declined() -> None:
    with (
        FakeChatServer([{"text": "", "finish_reason": "content_filter"}]) as server,
        pytest.raises(Refused),
    ):
        ask(server)


def test_a_wrong_key_names_the_setting_and_never_the_key() -> None:
    with FakeChatServer([{"status": 401, "error": "invalid key sk-very-secret"}]) as server:
        with pytest.raises(RendererError) as caught:
            ask(server, api_key="sk-very-secret")
        assert server.headers[0]["authorization"] == "Bearer sk-very-secret"
    assert "api_key_env" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_thinking_is_switched_and_budgeted_where_the_dialect_can() -> None:
    request = ChatRequest((Message("user", "Think."),), thinking=True, thinking_tokens=256)
    with FakeChatServer([{"text": "done"}]) as server:
        OpenAIChat(server.url, "fake", dialect="vllm").ask(request)
        OpenAIChat(server.url, "fake", dialect="openai").ask(request)
    assert server.requests[0]["chat_template_kwargs"] == {"enable_thinking": True}
    assert server.requests[0]["thinking_token_budget"] == 256
    assert "chat_template_kwargs" not in server.requests[1]


def test_images_travel_as_data_urls_and_blind_models_refuse_them(tmp_path: Path) -> None:
    picture = tmp_path / "beat.png"
    picture.write_bytes(b"\x89PNG")
    request = ChatRequest((Message("user", "What is this?", (picture,)),))
    with FakeChatServer([{"text": "a cat"}]) as server:
        OpenAIChat(server.url, "fake").ask(request)
        part = server.requests[0]["messages"][0]["content"][0]
        assert part["image_url"]["url"] == "data:image/png;base64,iVBORw=="
        with pytest.raises(BadRequest, match="does not see"):
            OpenAIChat(server.url, "fake", vision=False).ask(request)


def test_a_plan_that_repeats_its_keys_is_no_runaway() -> None:
    beat = '{"angle": "eye-level", "orientation": "front view", "cast": [], "n": %d}'
    text = "[" + ", ".join(beat % i for i in range(40)) + "]"
    with FakeChatServer([{"text": text}]) as server:
        data = ask(server).data
    assert isinstance(data, list)
    assert len(data) == 40


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("It is only the old train. " * 12, True),
        ("It is only the old train. " * 3, False),
        ("a perfectly ordinary sentence about one old train and its driver", False),
        ("これは普通の文章です。電車が来て、彼女は乗りました。", False),
    ],
)
def test_runaways(text: str, runs: bool) -> None:
    assert is_runaway(text) is runs


def test_what_is_no_json_says_where_it_broke() -> None:
    with pytest.raises(BadOutput, match="near"):
        parse_json('{"title": "x" "y"}')
