"""The planning agent against models that are sound, sloppy, stubborn and absurd."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from scripted_model import NOTES, sound_script

from renderers.chat.fake_server import FakeChatServer, Reply
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput
from storyboard.errors import PlanError
from storyboard.formats import list_formats, load_format
from storyboard.plan import dump_plan, parse_plan
from storyboard.planner import Assignment, Planned, brief, write_plan
from storyboard.script import script_schema

IDEA = "A barista who can only speak in haiku"


def model(
    *scripts: dict[str, Any] | Callable[[dict[str, Any]], Any],
) -> Callable[[dict[str, Any]], Reply]:
    """A model that thinks in prose and gives these scripts, one a round, the last for ever."""
    given = iter(scripts)
    last: list[Any] = []

    def answer(body: dict[str, Any]) -> Reply:
        if "response_format" not in body:
            return {"text": NOTES, "reasoning": "hm"}
        last[:] = [next(given, last[0] if last else None)]
        script = last[0](body) if callable(last[0]) else last[0]
        return {"text": json.dumps(script, ensure_ascii=False)}

    return answer


def plan_with(server: FakeChatServer, format: str = "comedy_5", **options: Any) -> Planned:
    chat = OpenAIChat(server.url, "fake", dialect="vllm")
    options = {"language": "en", **options}
    return write_plan(Assignment(IDEA, load_format(format), **options), chat)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("format", [f.name for f in list_formats()])
def test_a_sound_model_fills_every_format(format: str, language: str) -> None:
    shape = load_format(format)
    with FakeChatServer(model(sound_script(shape, language))) as server:
        planned = plan_with(server, format, language=language)
    plan = planned.plan
    assert parse_plan(json.loads(dump_plan(plan))) == plan
    assert [b.type for b in plan.beats] == [b.type for b in shape.beats]
    assert [b.speaker for b in plan.beats] == [b.speaker for b in shape.beats]
    assert plan.idea == IDEA
    assert plan.author == "fake"
    assert NOTES in planned.planning


def test_thinking_and_schema_never_share_a_call() -> None:
    with FakeChatServer(model(sound_script(load_format("comedy_5")))) as server:
        plan_with(server)
    think, write = server.requests
    assert think["chat_template_kwargs"] == {"enable_thinking": True}
    assert "response_format" not in think
    assert write["chat_template_kwargs"] == {"enable_thinking": False}
    assert write["response_format"]["type"] == "json_schema"
    assert NOTES in write["messages"][1]["content"]


def test_no_prompt_holds_a_json_example() -> None:
    with FakeChatServer(model(sound_script(load_format("comedy_5")))) as server:
        plan_with(server)
    for request in server.requests:
        assert not re.search(r"[{}\"]\s*:", json.dumps([m["content"] for m in request["messages"]]))


def test_faults_go_back_by_path_until_they_are_mended() -> None:
    format = load_format("comedy_5")
    bad = sound_script(format)
    bad["cast"][1]["name"] = bad["cast"][0]["name"]
    bad["beats"][0]["line"] = " ".join(f"word{i}" for i in range(30))
    bad["beats"][1]["line"] = "(sighs) Well *wink*."
    bad["hook"]["line"] = "彼女は賭けに負けた。"
    with FakeChatServer(model(bad, sound_script(format))) as server:
        plan_with(server)
        told = server.requests[-1]["messages"][-1]["content"]
    assert "cast[1].name: 'Mia' is the name of two people" in told
    assert "beats[0].line: has 199 characters; at most" in told
    assert "beats[1].line: '(sighs)' cannot be spoken" in told
    assert "hook.line: is not English" in told


def test_a_stubborn_model_is_refused_with_its_faults_and_no_half_plan() -> None:
    bad = sound_script(load_format("comedy_5"))
    bad["beats"][2]["line"] = bad["beats"][0]["line"]
    with FakeChatServer(model(bad)) as server:
        with pytest.raises(PlanError, match=r"beats\[2\].line: says the same as beats\[0\].line"):
            plan_with(server, rounds=2)
        assert len(server.requests) == 1 + 3


def test_silent_beats_stay_silent() -> None:
    format = load_format("consent_dilemma")
    bad = sound_script(format)
    silent = next(i for i, beat in enumerate(format.beats) if beat.speaker is None)
    bad["beats"][silent]["line"] = "I speak anyway."
    with (
        FakeChatServer(model(bad)) as server,
        pytest.raises(PlanError, match=rf"beats\[{silent}\].line: this beat is silent"),
    ):
        plan_with(server, "consent_dilemma", rounds=0)


@pytest.mark.parametrize("seed", range(12))
def test_an_absurd_model_ends_in_a_valid_plan_or_a_clear_refusal(seed: int) -> None:
    """Answers valid by schema and drawn at random, as from a small untrained model."""
    rng = random.Random(seed)

    def absurd(body: dict[str, Any]) -> Any:
        schema = body["response_format"]["json_schema"]["schema"]
        return sample(schema, schema.get("$defs", {}), rng)

    with FakeChatServer(model(absurd)) as server:
        try:
            planned = plan_with(server, rounds=1)
        except (PlanError, BadOutput) as error:
            assert str(error)
        else:
            assert parse_plan(json.loads(dump_plan(planned.plan)))


def test_the_best_of_several_premises_is_written_and_the_reasons_are_kept() -> None:
    format = load_format("comedy_5")
    marks = {"fit": 5, "escalation": 5, "payoff": 5, "visual": 5}

    def answer(body: dict[str, Any]) -> Reply:
        name = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        if name == "scores":
            scores = [
                {"premise": i, **marks, "fresh": 9 if i == 2 else 1, "reason": f"reason {i}"}
                for i in (1, 2, 3)
            ]
            return {"text": json.dumps({"scores": scores})}
        if name == "script":
            return {"text": json.dumps(sound_script(format))}
        return {"text": f"Premise of seed {body['seed']}"}

    with FakeChatServer(answer) as server:
        planned = plan_with(server, candidates=3, seed=100)
    assert "Premise of seed 101" in server.requests[-1]["messages"][1]["content"]
    assert "## Premise 2 (chosen)\n\n29.0 of 50: reason 2" in planned.planning
    assert "Premise of seed 102" in planned.planning


def test_a_judge_of_premises_that_marks_nonsense_decides_nothing() -> None:
    format = load_format("comedy_5")

    def answer(body: dict[str, Any]) -> Reply:
        name = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        if name == "scores":
            return {"text": '{"scores": "all good"}'}
        return {"text": json.dumps(sound_script(format)) if name else NOTES}

    with FakeChatServer(answer) as server:
        assert plan_with(server, candidates=2).plan.title == "Seventeen Syllables"


def test_the_schema_bounds_every_text_and_count() -> None:
    schema = script_schema(load_format("language_mishap"), "ja")
    assert (
        schema["properties"]["beats"]["minItems"] == schema["properties"]["beats"]["maxItems"] == 6
    )
    for record in (schema, *schema["$defs"].values()):
        for name, field in record.get("properties", {}).items():
            if field.get("type") == "string" and "enum" not in field:
                assert "maxLength" in field, name


def test_the_brief_reads_as_prose_with_every_beat() -> None:
    format = load_format("consent_dilemma")
    text = brief(format, "en")
    assert all(f"{i}. {beat.type} (" in text for i, beat in enumerate(format.beats, 1))
    assert "silent, nobody speaks" in text
    assert "{" not in text


def sample(schema: dict[str, Any], records: dict[str, Any], rng: random.Random) -> Any:
    """A random value that is valid by the subset of JSON Schema that Pydantic writes."""
    if "$ref" in schema:
        return sample(records[schema["$ref"].rpartition("/")[2]], records, rng)
    if "anyOf" in schema:
        return sample(rng.choice(schema["anyOf"]), records, rng)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    match schema.get("type"):
        case "object":
            return {k: sample(v, records, rng) for k, v in schema["properties"].items()}
        case "array":
            count = rng.randint(schema.get("minItems", 0), schema.get("maxItems", 4))
            return [sample(schema["items"], records, rng) for _ in range(count)]
        case "string":
            length = rng.randint(schema.get("minLength", 0), min(schema["maxLength"], 40))
            return "".join(rng.choice('aé 語の{}\n"💥z') for _ in range(length))
        case "integer" | "number":
            return rng.randint(int(schema.get("minimum", 0)), int(schema.get("maximum", 9)))
        case _:
            return None
