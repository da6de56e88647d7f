"""The chat backend against servers that misbehave in every way seen in the field."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
import skia
from fake_chat import FakeChatServer, Reply

from renderers.base import ChatRequest, ChatResult, Message
from renderers.chat.answer import is_runaway, parse_json
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput, BadRequest, Refused, RendererError, TooLong, Unavailable
from renderers.usage import Usage

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
        pytest.raises(Unavailable, match="no whole answer within 0 s; is the server up"),
    ):
        ask(server, timeout_s=0.2, retries=4)


def test_a_server_that_trickles_blanks_is_cut_off_at_the_deadline() -> None:
    with (
        FakeChatServer([{"text": GOOD, "trickle": 0.02}]) as server,
        pytest.raises(Unavailable, match="no whole answer within"),
    ):
        ask(server, timeout_s=0.3)


def test_a_server_that_names_too_long_a_wait_is_not_waited_for() -> None:
    with FakeChatServer([{"status": 429, "retry_after": 3600, "error": "quota"}]) as server:
        with pytest.raises(Unavailable, match="keeps answering 429"):
            ask(server)
        assert len(server.requests) == 1


def test_a_page_instead_of_an_answer_is_no_answer() -> None:
    with (
        FakeChatServer([{"raw": "<html>Sign in</html>"}]) as server,
        pytest.raises(BadOutput, match="sent no JSON"),
    ):
        ask(server)


def test_text_in_parts_is_text() -> None:
    parts = [{"type": "text", "text": GOOD[:5]}, {"type": "text", "text": GOOD[5:]}]
    envelope = {"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]}
    with FakeChatServer([{"raw": json.dumps(envelope)}]) as server:
        assert ask(server).data == {"title": "The Last Train"}


@pytest.mark.parametrize("said", ["Sure, a title: The Last Train.", '{"name": "The Last Train"}'])
def test_a_server_that_ignores_the_schema_is_told_it_in_words(said: str) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        return {"text": GOOD if "JSON Schema" in str(body["messages"][-1]) else said}

    with FakeChatServer(answer) as server:
        assert ask(server).data == {"title": "The Last Train"}
        assert server.requests[-1]["response_format"]["type"] == "json_schema"


def test_a_small_context_gets_a_small_budget() -> None:
    def answer(body: dict[str, Any]) -> Reply:
        if body["max_tokens"] > 600:
            return {"status": 400, "error": "maximum context length is 1024 tokens"}
        return {"text": GOOD}

    with FakeChatServer(answer) as server:
        assert ask(server).data == {"title": "The Last Train"}
        assert [r["max_tokens"] for r in server.requests] == [2048, 1024, 512]


def test_a_context_too_small_for_the_question_is_said_with_its_size() -> None:
    said = "request (894 tokens) exceeds the available context size (512 tokens)"
    with FakeChatServer([{"status": 400, "error": said}]) as server:
        with pytest.raises(TooLong, match=r"\(512 tokens\). Serve it with a longer context"):
            ask(server)
        assert [r["max_tokens"] for r in server.requests] == [2048, 1024, 512]


@pytest.mark.parametrize(
    ("context", "told"),
    [
        (None, "cut after 102 tokens, where the server's context, or its own limit, ends"),
        (512, "cut after 102 tokens, where the server's context of 512 tokens ends"),
        (8192, "by the server itself: its context of 8192 tokens has room"),
    ],
)
def test_an_answer_that_the_server_cuts_says_what_the_server_says_of_its_context(
    context: int | None, told: str
) -> None:
    cut = {"choices": [{"message": {"content": "{"}, "finish_reason": "length"}]}
    usage = {"prompt_tokens": 410, "completion_tokens": 102}
    with FakeChatServer([{"raw": json.dumps({**cut, "usage": usage})}]) as server:
        server.context = context
        with pytest.raises(BadOutput, match=told):
            ask(server)


def test_fields_that_a_server_does_not_want_stay_away() -> None:
    def answer(body: dict[str, Any]) -> Reply:
        for field in ("max_tokens", "temperature", "seed"):
            if field in body:
                other = "; use max_completion_tokens" if field == "max_tokens" else ""
                return {"status": 400, "error": f"Unsupported parameter: '{field}'{other}"}
        return {"text": GOOD}

    with FakeChatServer(answer) as server:
        chat = OpenAIChat(server.url, "fake")
        request = ChatRequest((Message("user", "A title?"),), SCHEMA, seed=3, max_tokens=77)
        assert chat.ask(request).data
        assert chat.ask(request).data
        assert len(server.requests) == 4 + 1
        assert server.requests[-1]["max_completion_tokens"] == 77


def test_each_answer_is_admitted_and_told_what_came_before() -> None:
    told: list[int] = []

    def admit(spent: Usage) -> None:
        told.append(spent.calls)
        if spent.calls == 2:
            raise KeyError("enough")

    with FakeChatServer([{"text": ""}]) as server:
        chat = OpenAIChat(server.url, "fake", attempts=5)
        with pytest.raises(KeyError, match="enough"):
            chat.ask(ChatRequest((Message("user", "A title?"),), SCHEMA, admit=admit))
        assert len(server.requests) == 2
    assert told == [0, 1, 2]


@pytest.mark.parametrize("refuses", [["json_schema"], ["json_schema", "json_object"]])
def test_a_server_without_schemas_is_asked_in_words(refuses: list[str]) -> None:
    with FakeChatServer([{"text": GOOD}], refuses=refuses) as server:
        assert ask(server).data == {"title": "The Last Train"}
        last = server.requests[-1]
    assert last.get("response_format", {}).get("type") not in refuses
    assert '"required": ["title"]' in last["messages"][-1]["content"]
    assert len(last["messages"]) == 1, "many templates refuse two messages of one role in a row"


def test_a_refused_request_is_not_repeated() -> None:
    with FakeChatServer([{"status": 400, "error": "messages: roles must alternate"}]) as server:
        with pytest.raises(BadRequest, match="roles must alternate"):
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
    drawn = bytes(skia.Surface(2, 2).makeImageSnapshot().encodeToData(skia.kJPEG, 90))
    picture.write_bytes(drawn)
    request = ChatRequest((Message("user", "What is this?", (picture,)),))
    with FakeChatServer([{"text": "a cat"}]) as server:
        OpenAIChat(server.url, "fake").ask(request)
        part = server.requests[0]["messages"][0]["content"][0]
        # By what it is, not by what its name says.
        kind, _, data = part["image_url"]["url"].partition(";base64,")
        assert (kind, base64.b64decode(data)) == ("data:image/jpeg", drawn)
        with pytest.raises(BadRequest, match="does not see"):
            OpenAIChat(server.url, "fake", vision=False).ask(request)


def test_a_plan_that_repeats_its_keys_is_no_runaway() -> None:
    beat = '{"angle": "eye-level", "orientation": "front view", "cast": [], "n": %d}'
    text = '{"title": "x", "beats": [' + ", ".join(beat % i for i in range(40)) + "]}"
    with FakeChatServer([{"text": text}]) as server:
        data = ask(server).data
    assert isinstance(data, dict)
    assert len(data["beats"]) == 40


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("It is only the old train. " * 12, True),
        ("It is only the old train. IT IS ONLY THE OLD TRAIN. " * 6, True),
        ("It is only the old train. " * 3, False),
        ("a perfectly ordinary sentence about one old train and its driver", False),
        ("これは普通の文章です。電車が来て、彼女は乗りました。", False),
    ],
)
def test_runaways(text: str, runs: bool) -> None:
    assert is_runaway(text) is runs


def test_what_no_file_could_hold_is_made_harmless() -> None:
    data = parse_json('{"a\\ud800": "x\\udc00y", "n": [NaN, -Infinity, 1e999, 2]}')
    assert data == {"a\ufffd": "x\ufffdy", "n": [None, None, None, 2]}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"n": ' + "9" * 5000 + "}"])
def test_json_that_no_parser_can_take_is_no_answer(text: str) -> None:
    with pytest.raises(BadOutput, match="not JSON"):
        parse_json(text)


def test_what_is_no_json_says_where_it_broke() -> None:
    with pytest.raises(BadOutput, match="near"):
        parse_json('{"title": "x" "y"}')
    with (
        FakeChatServer([{"text": '{"name": "The Last Train"}'}]) as server,
        pytest.raises(BadOutput, match="the answer lacks title"),
    ):
        ask(server)
