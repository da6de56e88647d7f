"""Planning with small models: how strong one is found to be, and lines in the offline draft."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_chat import FakeChatServer, Reply
from scripted_model import probed, sound_script

from renderers.chat.openai import OpenAIChat
from storyboard.plan import dump_plan, parse_plan
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan as offline_plan
from storyboard.writing.planner import Assignment, Planned, write_plan
from storyboard.writing.planning.strength import size_of

IDEA = "A barista who can only speak in haiku"
GOOD = "Steam, foam, a sigh. Your coffee is ready, and so is my verse."


def plan_with(server: FakeChatServer, **options: Any) -> Planned:
    chat = OpenAIChat(server.url, options.pop("model", "fake"))
    options = {"language": "en", "strength": "auto", **options}
    try:
        return write_plan(Assignment(IDEA, load_format("comedy_5"), **options), chat)
    finally:
        chat.close()


def name_of(body: dict[str, Any]) -> str:
    return str((body.get("response_format") or {}).get("json_schema", {}).get("name", ""))


def small(line: Callable[[str], str], better: Callable[[str], str]) -> Any:
    """A model that writes `line(question)` and prefers `better(question)`."""

    def answer(body: dict[str, Any]) -> Reply:
        asked = body["messages"][-1]["content"]
        if name_of(body) == "better":
            return {"text": json.dumps({"better": better(asked)})}
        return {"text": json.dumps({"line": line(asked)})}

    return answer


def prefers_own(question: str) -> str:
    """The better one by name: not the draft's."""
    a = question.partition("A:\n")[2].partition("\n")[0]
    return "A" if a == GOOD else "B"


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("Qwen2.5-Coder-1.5B-Instruct", 1.5),
        ("google/gemma-3-270m-it", 0.27),
        ("qwen3:8b", 8.0),
        ("Qwen3-30B-A3B-NVFP4", 30.0),
        ("mistralai/Mixtral-8x7B-Instruct", 7.0),
        ("nvidia/Gemma-4-31B-IT-NVFP4", 31.0),
        ("gpt-5-mini", None),
        ("gemini-3.8-flash", None),
    ],
)
def test_a_name_tells_a_size(name: str, size: float | None) -> None:
    assert size_of(name) == size


def test_a_small_model_writes_lines_and_the_draft_keeps_the_rest() -> None:
    with FakeChatServer(small(lambda _: GOOD, prefers_own), model="tiny-1.5b") as server:
        planned = plan_with(server, model="tiny-1.5b")
        assert {name_of(body) for body in server.requests} == {"line", "better"}
        assert all(body["max_tokens"] <= 96 for body in server.requests)
    draft = offline_plan(IDEA, load_format("comedy_5"), "en", None, 42)
    plan = planned.plan
    assert parse_plan(json.loads(dump_plan(plan))) == plan
    assert (plan.cast, plan.settings) == (draft.cast, draft.settings)
    assert [b.expression for b in plan.beats] == [b.expression for b in draft.beats]
    changed = [b.line for b, d in zip(plan.beats, draft.beats, strict=True) if b.line != d.line]
    assert changed == [GOOD], "what was said once is not said again"
    assert "offline draft with lines by tiny-1.5b" in plan.author


@pytest.mark.parametrize("format", ["explainer", "consent_dilemma", "language_mishap"])
def test_where_each_line_holds_only_as_it_is_written_none_is_worded_anew(format: str) -> None:
    draft = offline_plan(IDEA, load_format(format), "en", None, 42)
    with FakeChatServer(small(lambda _: GOOD, prefers_own)) as server:
        chat = OpenAIChat(server.url, "fake")
        asked = Assignment(IDEA, load_format(format), "en", strength="lines")
        plan = write_plan(asked, chat).plan
        chat.close()
        assert all("title" in str(b) or "narrator" in str(b) for b in server.requests)
    assert [b.line for b in plan.beats] == [b.line for b in draft.beats]


@pytest.mark.parametrize(
    "line",
    [
        "Nora: hello there, what a morning it is",
        "Say what the viewer is thinking, drily.",
        "Line 3 goes here.",
        "Je voudrais un café, monsieur.",
        "As an AI, I cannot say.",
        "x" * 500,
        "",
    ],
)
def test_what_is_no_line_leaves_the_drafts(line: str) -> None:
    draft = offline_plan(IDEA, load_format("comedy_5"), "en", None, 42)
    with FakeChatServer(small(lambda _: line, prefers_own)) as server:
        plan = plan_with(server, strength="lines").plan
    if line.startswith("Nora:"):
        assert not any(beat.line.startswith("Nora:") for beat in plan.beats)
    else:
        assert [b.line for b in plan.beats] == [b.line for b in draft.beats]
        assert plan.title == draft.title


def test_a_model_that_prefers_whatever_comes_first_decides_nothing() -> None:
    lines = itertools.cycle([GOOD, "The gate to platform nine is closed for repairs today."])
    with FakeChatServer(small(lambda _: next(lines), lambda _: "B")) as server:
        planned = plan_with(server, strength="lines")
        pairs = [b["messages"][0]["content"] for b in server.requests if name_of(b) == "better"]
    assert len(pairs) % 2 == 0 and pairs, "each pair is asked about both ways round"
    assert "not taken" in planned.planning or "**" in planned.planning


def test_a_draft_that_is_found_better_stays() -> None:
    def prefers_draft(question: str) -> str:
        return "B" if prefers_own(question) == "A" else "A"

    draft = offline_plan(IDEA, load_format("comedy_5"), "en", None, 42)
    with FakeChatServer(small(lambda _: GOOD, prefers_draft)) as server:
        planned = plan_with(server, strength="lines")
    assert [b.line for b in planned.plan.beats] == [b.line for b in draft.beats]
    assert planned.plan.author == draft.author, "the film is nobody else's"
    assert "No line of the model's was better" in planned.planning


@pytest.mark.parametrize("able", [True, False])
def test_a_model_without_a_size_is_asked_three_small_questions(able: bool) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        name = name_of(body)
        if name == "probe":
            said = probed(body["response_format"]["json_schema"]["schema"])
            return {"text": json.dumps(said if able else dict.fromkeys(said, "setup"))}
        if name == "script":
            return {"text": json.dumps(sound_script(load_format("comedy_5")))}
        if name in ("line", "better"):
            return small(lambda _: GOOD, prefers_own)(body)
        return {"text": '{"faults": []}' if name else "Premise."}

    with FakeChatServer(answer) as server:
        planned = plan_with(server)
        names = [name_of(body) for body in server.requests]
    assert names[:3] == ["probe"] * 3 and ("script" in names) is able
    assert ("a whole script" if able else "one line at a time") in planned.planning
