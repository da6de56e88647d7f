"""Servers that break HTTP, their stream or their JSON in ways of their own, byte by byte.

What is sound within is taken; all else is told in a sentence, in time, without the key.
"""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from hostile_answers import BROKEN, ENDLESS, KEY, LINE, SOUND, WHOLE, head
from raw_server import RawServer

from renderers.base import ChatRequest, Message
from renderers.chat.openai import OpenAIChat
from renderers.chat.patience import pause_of
from renderers.chat.refusals import Declined
from renderers.errors import BadRequest

SCHEMA = {"type": "object", "required": ["line"], "properties": {"line": {"type": "string"}}}
SECONDS = 2.0
"""That a question is given where nothing ever ends."""


def ask(server: RawServer, seconds: float = 20.0) -> Any:
    chat = OpenAIChat(server.url, "fake", api_key=KEY, retries=0, attempts=1, timeout_s=seconds)
    try:
        return chat.ask(ChatRequest((Message("user", "Write a line."),), SCHEMA)).data
    finally:
        chat.close()


@pytest.mark.parametrize("case", SOUND)
def test_what_is_sound_within_is_taken(case: str) -> None:
    with RawServer(lambda: SOUND[case]) as server:
        assert ask(server) == {"line": LINE}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_told_in_time_and_without_the_key(case: str) -> None:
    pieces, error, told = BROKEN[case]
    started = time.monotonic()
    with RawServer(pieces) as server, pytest.raises(error, match=told) as caught:
        ask(server, SECONDS if case in ENDLESS else 20.0)
    assert KEY not in str(caught.value)
    assert len(str(caught.value)) < 1200
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    "status", ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"]
)
def test_another_host_is_told_neither_the_key_nor_the_question(status: str) -> None:
    with RawServer(lambda: [head("application/json"), WHOLE]) as thief:
        away = [head("text/html", status, f"Location: {thief.url}/chat/completions")]
        with (
            RawServer(lambda: away) as server,
            pytest.raises(BadRequest, match="sends its callers"),
        ):
            ask(server)
        assert thief.heard == []


def test_a_path_on_the_same_host_is_followed() -> None:
    answers = itertools.chain(
        [[head("text/html", "307 Temporary Redirect", "Location: /v1/chat/completions/")]],
        itertools.repeat([head("application/json"), WHOLE]),
    )
    with RawServer(lambda: next(answers)) as server:
        assert ask(server) == {"line": LINE}


@pytest.mark.parametrize(
    "after",
    [
        "soon",
        "",
        "-5",
        "nan",
        "1e400",
        "Mon, 01 Jan 0001 00:00:00 -0000",
        "9" * 400,
        "0x10",
        "１０",
    ],
)
def test_a_time_to_wait_that_is_none_costs_nothing(after: str) -> None:
    pause = pause_of(Declined(429, "busy", after), 0)
    assert not pause > 10, "what is no time is a short pause, or none at all"
