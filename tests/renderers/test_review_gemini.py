"""The Gemini reviewer against a service with Gemini's dialect and traps."""

from __future__ import annotations

import base64
import json
import logging
from pathlib import Path

import pytest
from fake_gemini import FakeGemini, Reply
from tiny_films import moving_clip

from renderers.base import ReviewRequest, ReviewResult
from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.review.gemini import GeminiReview

SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}}
GOOD: Reply = {"text": '{"score": 80}'}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return moving_clip(tmp_path_factory.mktemp("film") / "it's 'mine'.mp4", 12)


def watch(server: FakeGemini, film: Path, **options: object) -> ReviewResult:
    given = {"api_key": server.key, "retry_s": 0.01, "poll_s": 0.01, "timeout_s": 20.0, **options}
    backend = GeminiReview("gemini-fake", base_url=server.url, **given)  # type: ignore[arg-type]
    try:
        return backend.watch(ReviewRequest(film, "You review films.", "What is wrong?", SCHEMA))
    finally:
        backend.close()


def test_a_small_film_goes_along_with_the_question(film: Path) -> None:
    safety = {"harassment": "off", "dangerous_content": "block_only_high"}
    with FakeGemini([{**GOOD, "thought": "Hm, is it 80?"}]) as server:
        result = watch(server, film, fps=6.0, thinking_tokens=512, safety=safety, resolution="low")
    assert (result.outcome, result.data) == ("answered", {"score": 80})
    assert (result.prompt_tokens, result.completion_tokens) == (2500, 500)
    body = server.requests[0]
    video, text = body["contents"][0]["parts"]
    assert base64.urlsafe_b64decode(video["inlineData"]["data"]) == film.read_bytes()
    assert video["videoMetadata"]["fps"] == 6.0
    assert text["text"] == "What is wrong?"
    config = body["generationConfig"]
    assert config["responseJsonSchema"] == SCHEMA
    assert config["thinkingConfig"]["thinking_budget"] == 512
    assert config["maxOutputTokens"] == 8192 + 512
    assert config["mediaResolution"] == "MEDIA_RESOLUTION_LOW"
    assert {s["category"]: s["threshold"] for s in body["safetySettings"]} == {
        "HARM_CATEGORY_HARASSMENT": "OFF",
        "HARM_CATEGORY_DANGEROUS_CONTENT": "BLOCK_ONLY_HIGH",
    }
    assert server.uploads == {}


def test_thoughts_are_bounded_by_tokens_or_by_level_and_never_eat_the_answer(film: Path) -> None:
    """A level says nothing of tokens, so the answer is given no bound that thoughts would fill."""
    with FakeGemini([GOOD]) as server:
        watch(server, film, thinking_level="low")
        watch(server, film, thinking_tokens=None)
        watch(server, film, thinking_tokens=-1)
        watch(server, film, thinking_tokens=0)
    asked = [request["generationConfig"] for request in server.requests]
    assert [config.get("thinkingConfig") for config in asked] == [
        {"thinking_level": "LOW"},
        None,
        {"thinking_budget": -1},
        {"thinking_budget": 0},
    ]
    assert [config.get("maxOutputTokens") for config in asked] == [None, None, None, 8192]


def test_a_large_film_is_uploaded_waited_for_and_taken_back(film: Path) -> None:
    with FakeGemini([GOOD], processing=3) as server:
        result = watch(server, film, inline_bytes=1000)
    (upload,) = server.uploads.values()
    assert result.data == {"score": 80}
    assert upload.data == film.read_bytes()
    assert upload.deleted
    video = server.requests[0]["contents"][0]["parts"][0]
    assert video["fileData"]["file_uri"].endswith(upload.name)
    assert video["videoMetadata"]["fps"] == 4.0


def test_a_film_that_stays_in_processing_or_cannot_be_read_is_said_to(film: Path) -> None:
    with (
        FakeGemini([GOOD], processing=10_000) as server,
        pytest.raises(Unavailable, match="still processes the film"),
    ):
        watch(server, film, inline_bytes=1000, timeout_s=0.5)
    with (
        FakeGemini([GOOD], processing=1, broken=True) as server,
        pytest.raises(BadOutput, match="cannot read the film: The video is corrupt"),
    ):
        watch(server, film, inline_bytes=1000)


@pytest.mark.parametrize(
    ("reply", "outcome", "reason"),
    [
        ({"block_reason": "PROHIBITED_CONTENT"}, "blocked", "PROHIBITED_CONTENT"),
        ({"finish_reason": "SAFETY"}, "blocked", "safety relaxes it"),
        ({"finish_reason": "MODEL_ARMOR"}, "blocked", "MODEL_ARMOR"),
        ({"finish_reason": "OTHER"}, "empty", "finish reason OTHER"),
        ({"no_candidates": True}, "empty", "no candidate came back"),
        ({}, "empty", "finish reason STOP"),
        ({"text": "  \n"}, "empty", "has no text"),
        ({"text": '{"sco', "finish_reason": "MAX_TOKENS"}, "cut", "thinking_tokens"),
        ({"text": "I liked it."}, "unreadable", "not JSON"),
    ],
)
def test_no_answer_is_an_outcome_with_its_reason(
    film: Path, reply: Reply, outcome: str, reason: str
) -> None:
    with FakeGemini([reply]) as server:
        result = watch(server, film)
    assert result.outcome == outcome
    assert result.data is None
    assert reason in result.reason
    assert result.prompt_tokens == 2500


def test_a_busy_service_is_asked_again_and_then_given_up(film: Path) -> None:
    with FakeGemini([{"status": 429}, {"status": 503}, GOOD]) as server:
        assert watch(server, film).data == {"score": 80}
    assert len(server.requests) == 3
    with (
        FakeGemini([{"status": 429}]) as server,
        pytest.raises(Unavailable, match="keeps answering 429"),
    ):
        watch(server, film, attempts=2)
    assert len(server.requests) == 2


def test_a_refused_request_is_not_repeated(film: Path) -> None:
    with (
        FakeGemini([{"status": 400, "error": "Invalid JSON schema"}]) as server,
        pytest.raises(BadRequest, match="Invalid JSON schema"),
    ):
        watch(server, film)
    assert len(server.requests) == 1


def test_the_key_is_never_told(film: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = "AIza-very-secret"
    caplog.set_level(logging.DEBUG)
    with FakeGemini([GOOD]) as server, pytest.raises(Unavailable) as caught:
        watch(server, film, api_key=key)
    assert "review.api_key_env" in str(caught.value)
    with (
        FakeGemini([{"status": 400, "error": f"bad request by {key}"}], key=key) as server,
        pytest.raises(BadRequest) as refused,
    ):
        watch(server, film, api_key=key)
    told = f"{caught.value} {refused.value} {caplog.text} {json.dumps(server.requests)}"
    assert key not in told


def test_no_server_and_no_key_are_said_plainly(film: Path) -> None:
    server = FakeGemini([GOOD])
    server.__enter__()
    server.__exit__()
    with pytest.raises(Unavailable, match="no answer from Gemini"):
        watch(server, film, attempts=1)
    with pytest.raises(Unavailable, match=r"review\.api_key_env"):
        GeminiReview("gemini-fake")


@pytest.mark.parametrize(
    "options",
    [
        {"fps": 0},
        {"resolution": "huge"},
        {"thinking_level": "huge"},
        {"thinking_tokens": -5},
        {"safety": {"jokes": "off"}},
        {"safety": {"harassment": "no"}},
    ],
)
def test_a_wrong_option_is_refused_by_name(options: dict[str, object]) -> None:
    with pytest.raises(BadRequest, match=f"options.{next(iter(options))}"):
        GeminiReview("gemini-fake", api_key="k", **options)  # type: ignore[arg-type]
