"""Agents against models that know nothing: a valid plan or a clear refusal, and nothing between.

The answers are valid by schema and absurd by content, as from a small random model behind a
grammar; whoever cannot use them has to say so.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fake_chat import FakeChatServer, Reply
from random_model import RandomModel
from typer.testing import CliRunner

from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput
from storyboard.cli import app
from storyboard.core.errors import PlanError
from storyboard.plan import Language, Plan, dump_plan, parse_plan
from storyboard.plan.format_files import list_formats, load_format
from storyboard.writing.offline import write_plan as write_offline
from storyboard.writing.planner import Assignment, write_plan
from storyboard.writing.prompting.prompter import rewrite

IDEA = "A barista who can only speak in haiku"
SEEDS = 10


def outcome(seed: int, format: str, language: Language, server: FakeChatServer) -> str:
    """Plan once; what came of it."""
    chat = OpenAIChat(server.url, "random", dialect="vllm", attempts=2)
    order = Assignment(IDEA, load_format(format), language, seed=seed, candidates=1 + seed % 2)
    try:
        plan = write_plan(order, chat).plan
    except PlanError as error:
        assert error.faults
        assert all(":" in fault for fault in error.faults)
        return "refused"
    except BadOutput as error:
        assert str(error)
        return "refused"
    finally:
        chat.close()
    assert parse_plan(json.loads(dump_plan(plan))) == plan
    sayable(plan)
    return "planned"


def sayable(plan: Plan) -> None:
    """What is said and shown can be written to any file."""
    texts = json.dumps(plan.model_dump(mode="json"), ensure_ascii=False)
    assert texts.encode()
    for beat in plan.beats:
        assert (beat.speaker is None) == (not beat.line)
        assert beat.line.isprintable()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("format", [f.name for f in list_formats()])
def test_a_random_model_ends_in_a_valid_plan_or_a_clear_refusal(
    format: str, language: Language
) -> None:
    """Seeds of every kind of text; those of words are to be accepted at times."""
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        sayable_kinds = ("words",) if language == "en" else ("kana",)
        model = RandomModel(seed) if seed % 5 else RandomModel(seed, sayable_kinds)
        with FakeChatServer(model) as server:
            seen[outcome(seed, format, language, server)] += 1
            assert len(server.requests) <= 48
    assert seen["refused"]
    assert sum(seen.values()) == SEEDS


def test_what_the_random_model_says_is_valid_by_schema() -> None:
    checked: list[str] = []
    model = RandomModel(3)

    def answer(body: dict[str, Any]) -> Reply:
        reply = model(body)
        if asked := body.get("response_format"):
            jsonschema.validate(json.loads(reply["text"]), asked["json_schema"]["schema"])
            checked.append(asked["json_schema"]["name"])
        return reply

    with FakeChatServer(answer) as server:
        outcome(1, "comedy_5", "en", server)
    assert "script" in checked


def test_words_of_no_language_are_planned() -> None:
    for seed in range(40):
        with FakeChatServer(RandomModel(seed, ("words",))) as server:
            if outcome(seed, "comedy_5", "en", server) == "planned":
                return
    pytest.fail("no plan of forty was accepted: the planner refuses too much")


@pytest.mark.parametrize("seed", range(8))
def test_prompts_of_a_random_model_give_way_to_the_template(seed: int) -> None:
    plan = write_offline(IDEA, load_format("comedy_5"), "en")
    with FakeChatServer(RandomModel(seed)) as server:
        written = rewrite(plan, plan.beats[0], OpenAIChat(server.url, "random", attempts=2))
    assert "the template stands in" in written.note
    assert plan.cast[0].name in written.prompt.text


def test_a_refused_plan_leaves_no_plan(tmp_path: Path) -> None:
    with FakeChatServer(RandomModel(1, ("anything",))) as server:
        chat = f"chat.backend=openai chat.base_url={server.url} chat.model=random"
        chat = [*chat.split(), "chat.strength=script"]
        sets = [part for item in chat for part in ("--set", item)]
        command = [
            "run",
            "--quiet",
            "--idea",
            IDEA,
            "--out",
            str(tmp_path / "x"),
            "--only",
            "plan",
            *sets,
        ]
        result = CliRunner().invoke(app, command)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert not (tmp_path / "x" / "plan.json").exists()
