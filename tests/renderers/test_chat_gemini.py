"""Gemini as a writer: its dialect, what it refuses, what it costs."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fake_gemini import FakeGemini
from raw_server import RawServer

from renderers.base import ChatBackend, ChatRequest, Message
from renderers.chat.gemini import ROOM, GeminiChat
from renderers.errors import BadOutput, BadRequest, Refused, Unavailable
from storyboard.core.errors import CapReached
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends

pytest.importorskip("google.genai", reason="needs google-genai: pip install 'storyboard[review]'")
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}},
}
GOOD = {"text": '{"title": "Two cats"}'}
ASKED = ChatRequest(
    (Message("system", "You write."), Message("user", "A film about cats.")), schema=SCHEMA, seed=5
)


def chat(server: FakeGemini, **options: Any) -> GeminiChat:
    return GeminiChat("gemini-fake", "fake-key", server.url, retry_s=0.01, **options)


def test_a_schema_a_level_and_thresholds_reach_the_service() -> None:
    with FakeGemini([{**GOOD, "thought": "cats are funny"}]) as server:
        backend: ChatBackend = chat(
            server, thinking_level="high", safety={"sexually_explicit": "block_none"}
        )
        result = backend.ask(ASKED)
        backend.ask(ChatRequest((Message("user", "think"),), thinking=True))
        backend.close()
    quick, thorough = (request["generationConfig"] for request in server.requests)
    assert quick["responseJsonSchema"] == SCHEMA
    assert (quick["responseMimeType"], quick["seed"]) == ("application/json", 5)
    assert quick["thinkingConfig"] == {"thinking_level": "LOW"}
    assert quick["maxOutputTokens"] == 2048 + ROOM["low"]
    assert thorough["thinkingConfig"] == {"thinking_level": "HIGH"}
    assert "responseJsonSchema" not in thorough
    asked = server.requests[0]
    assert asked["systemInstruction"]["parts"][0]["text"] == "You write."
    assert asked["contents"] == [{"role": "user", "parts": [{"text": "A film about cats."}]}]
    (setting,) = asked["safetySettings"]
    assert setting["threshold"] == "BLOCK_NONE"
    assert (result.data, result.reasoning) == ({"title": "Two cats"}, "cats are funny")
    assert (result.prompt_tokens, result.completion_tokens, result.calls) == (2500, 500, 1)


def test_sampling_is_the_profiles_where_something_is_written() -> None:
    wanted = {"temperature": 0.6, "top_p": 0.8, "top_k": 20, "seed": 3}
    with FakeGemini([GOOD]) as server:
        backend = chat(server, sampling=wanted)
        backend.ask(ASKED)
        backend.ask(ChatRequest((Message("user", "check"),), schema=SCHEMA, temperature=0.2))
    written, checked = (request["generationConfig"] for request in server.requests)
    sent = {"temperature": 0.6, "topP": 0.8, "topK": 20, "seed": 3}
    assert {name: written[name] for name in sent} == sent
    assert checked["temperature"] == 0.2 and "topP" not in checked
    for odd, told in (({"min_p": 0.1}, "no such thing"), ({"top_p": 7}, "not between 0 and 1")):
        with pytest.raises(BadRequest, match=told):
            GeminiChat("gemini-fake", "k", sampling=odd)


def test_pictures_go_with_their_labels(tmp_path: Path) -> None:
    import skia

    surface = skia.Surface(8, 8)
    surface.getCanvas().clear(skia.ColorRED)
    surface.makeImageSnapshot().save(str(tmp_path / "ann.png"))
    message = Message("user", "Is it Ann?", (tmp_path / "ann.png",), ("Image 1: Ann",))
    with FakeGemini([{"text": "yes"}]) as server:
        assert chat(server).ask(ChatRequest((message,))).text == "yes"
    label, picture, question = server.requests[0]["contents"][0]["parts"]
    assert (label["text"], question["text"]) == ("Image 1: Ann", "Is it Ann?")
    assert picture["inlineData"]["mime_type"] == "image/png"


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ({"finish_reason": "SAFETY"}, r"blocked \(SAFETY\); chat options\.safety relaxes it"),
        (
            {"block_reason": "SAFETY"},
            r"what was asked was blocked \(SAFETY\); chat options\.safety",
        ),
        ({"finish_reason": "PROHIBITED_CONTENT"}, "no threshold lets this through"),
        ({"block_reason": "PROHIBITED_CONTENT"}, "no threshold lets this through"),
    ],
)
def test_what_a_filter_blocks_is_a_refusal_that_is_paid_for(reply: Any, told: str) -> None:
    with FakeGemini([reply]) as server:
        with pytest.raises(Refused, match=told) as caught:
            chat(server).ask(ASKED)
        assert len(server.requests) == 1, "the same question is blocked again"
    assert caught.value.usage.prompt_tokens == 2500


def test_a_cut_or_broken_answer_is_asked_for_again_and_counted() -> None:
    cut: Any = {"text": '{"title"', "finish_reason": "MAX_TOKENS"}
    with FakeGemini([cut, {"text": "no json"}, GOOD]) as server:
        result = chat(server).ask(ASKED)
        assert (result.calls, result.prompt_tokens) == (3, 7500)
        assert [r["generationConfig"]["seed"] for r in server.requests] == [5, 6, 7]
    with FakeGemini([cut]) as server, pytest.raises(BadOutput, match="MAX_TOKENS") as caught:
        chat(server).ask(ASKED)
    assert caught.value.usage.calls == 3


def test_a_schema_that_is_refused_is_told_in_words() -> None:
    said = "Invalid JSON payload: response_json_schema: unsupported keyword"
    with FakeGemini([{"status": 400, "error": said}, GOOD]) as server:
        backend = chat(server)
        for _ in range(2):
            assert backend.ask(ASKED).data == {"title": "Two cats"}
    assert len(server.requests) == 3
    for asked in server.requests[1:]:
        assert "responseJsonSchema" not in asked["generationConfig"]
        assert '"required": ["title"]' in asked["contents"][0]["parts"][0]["text"]


def test_an_answer_comes_in_pieces_cut_anywhere_with_its_thoughts_apart() -> None:
    said: Any = {"text": '{"title": "猫が二匹、列車に乗る"}', "thought": "猫は、おもしろい。" * 4}
    with FakeGemini([said]) as server:
        result = chat(server).ask(ASKED)
        assert server.events > 4, "it was streamed"
    assert result.data == {"title": "猫が二匹、列車に乗る"}
    assert result.reasoning == "猫は、おもしろい。" * 4
    assert (result.prompt_tokens, result.completion_tokens) == (2500, 500), "counted once"


def test_an_answer_that_repeats_itself_is_stopped_while_it_is_written() -> None:
    loop: Any = {"text": '{"title": "' + "on and on we go " * 2000 + '"}', "pause": 0.002}
    with FakeGemini([loop, GOOD]) as server:
        result = chat(server).ask(ASKED)
        assert server.events < 900, "2700 events were not waited for"
    assert result.data == {"title": "Two cats"}
    assert result.calls == 2 and result.prompt_tokens == 5000
    assert result.completion_tokens > 520, "what was written of it counts"


def test_a_slow_answer_is_cut_off_at_the_deadline_and_the_service_told() -> None:
    said = " ".join(f"word{i}" for i in range(900))
    with FakeGemini([{"text": said, "pause": 0.02}]) as server:
        with pytest.raises(Unavailable, match="gave no whole answer in time"):
            chat(server).ask(ChatRequest((Message("user", "tell"),), seconds=0.4))
        time.sleep(0.3)
        sent = server.events
        time.sleep(0.2)
        assert server.events == sent, "the service was not told that nobody listens"


def test_ctrl_c_ends_an_answer_at_once_and_the_service_hears_of_it() -> None:
    said = " ".join(f"word{i}" for i in range(900))
    with FakeGemini([{"text": said, "pause": 0.02}]) as server:
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            chat(server).ask(ChatRequest((Message("user", "tell"),)))
        time.sleep(0.3)
        sent = server.events
        time.sleep(0.2)
        assert server.events == sent < 400


def test_a_stream_that_breaks_off_is_asked_for_again() -> None:
    with FakeGemini([{**GOOD, "breaks_off": 1}, GOOD]) as server:
        assert chat(server).ask(ASKED).data == {"title": "Two cats"}
    with (
        FakeGemini([{**GOOD, "breaks_off": 1}]) as server,
        pytest.raises(BadOutput, match="broke off"),
    ):
        chat(server, attempts=1).ask(ASKED)


def test_an_error_within_a_stream_is_that_error_and_a_busy_one_is_asked_again() -> None:
    with FakeGemini([{**GOOD, "then_error": 1}, GOOD]) as server:
        assert chat(server).ask(ASKED).data == {"title": "Two cats"}
    event = b'data: {"error": {"code": 429, "message": "Quota of fake-key exceeded"}}\r\n\r\n'
    with (
        FakeGemini([{"raw": event}]) as server,
        pytest.raises(Unavailable, match="keeps answering 429") as caught,
    ):
        chat(server, retries=1).ask(ASKED)
    assert "fake-key" not in str(caught.value)


def test_a_busy_service_is_asked_again_after_the_time_it_names() -> None:
    with FakeGemini([{"status": 429, "retry_delay": "0.01s"}, GOOD]) as server:
        assert chat(server).ask(ASKED).data
    with (
        FakeGemini([{"status": 429, "retry_delay": "3600s"}]) as server,
        pytest.raises(Unavailable, match="keeps answering 429"),
    ):
        chat(server).ask(ASKED)
    assert len(server.requests) == 1, "an hour is not waited for"


def test_another_host_is_not_told_the_key() -> None:
    with RawServer(lambda: [b"HTTP/1.1 200 OK\r\n\r\n{}"]) as thief:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {thief.root}/x\r\nContent-Length: 0\r\n\r\n"
        with RawServer(lambda: [moved.encode()]) as server:
            backend = GeminiChat("gemini-fake", "fake-key", server.root, retry_s=0.01)
            with pytest.raises(BadRequest, match="sends its callers to"):
                backend.ask(ASKED)
            backend.close()
        assert thief.heard == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"data: no json\r\n\r\n",
        b"data: 7\r\n\r\n",
        b'data: {"candidates": 5}\r\n\r\n',
        b'data: {"candidates": [{"content": "cats"}]}\r\n\r\n',
        b": ping\r\n\r\n" * 9,
        b"data: " + b"[" * 200_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_stream_of_answers_is_no_answer(raw: bytes) -> None:
    with FakeGemini([{"raw": raw}]) as server, pytest.raises(BadOutput):
        chat(server, attempts=2).ask(ASKED)


def test_a_busy_service_and_a_wrong_key_are_told() -> None:
    with FakeGemini([{"status": 429}, GOOD]) as server:
        assert chat(server).ask(ASKED).data
    with FakeGemini([{"status": 503}]) as server, pytest.raises(Unavailable, match="answering 503"):
        chat(server, retries=1).ask(ASKED)
    with FakeGemini([GOOD], key="other") as server, pytest.raises(Unavailable) as caught:
        chat(server).ask(ASKED)
    assert "chat.api_key_env" in str(caught.value) and "fake-key" not in str(caught.value)
    with pytest.raises(Unavailable, match="wants a key"):
        GeminiChat("gemini-fake")
    with pytest.raises(BadRequest, match="is no minimal, low, medium, high"):
        GeminiChat("gemini-fake", "k", thinking_level="enormous")
    with pytest.raises(BadRequest, match="exclude each other"):
        GeminiChat("gemini-fake", "k", thinking_level="low", thinking_tokens=5)


def test_a_profile_names_it_as_planner_and_its_thoughts_count_towards_the_cap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "fake-key")
    with FakeGemini([GOOD]) as server:
        told = ["chat.backend=gemini", "chat.model=gemini-fake", f"chat.base_url={server.url}"]
        told += ["chat.api_key_env=GEMINI_API_KEY", "chat.output_price=1000"]
        told += ["chat.options.thinking_level=high"]
        # 2048 tokens of answer and 4096 of thoughts at $1000 a million: $6.15 at most.
        for cap, fits in ((6.5, True), (6.0, False)):
            with Backends(load_profile("embedded", [*told, f"limits.max_cost={cap}"])) as backends:
                assert backends.chat is not None
                if fits:
                    backends.chat.ask(ASKED)
                    assert backends.meter.cost == pytest.approx(0.5)
                else:
                    with pytest.raises(CapReached, match="may cost up to"):
                        backends.chat.ask(ASKED)
