"""The planning agent against models that are sound, sloppy, stubborn and absurd."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from fake_chat import FakeChatServer, Reply
from scripted_model import NOTES, parts_asked, sound_script

from renderers.base import ChatRequest, ChatResult
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput, TooLong, Unavailable
from storyboard.core.errors import PlanError
from storyboard.plan import dump_plan, parse_plan
from storyboard.plan.format_files import list_formats, load_format
from storyboard.writing.planner import Assignment, Planned, write_plan
from storyboard.writing.planning.briefing import brief
from storyboard.writing.planning.conversation import OutOfTime
from storyboard.writing.planning.schema import script_schema
from storyboard.writing.planning.script import beat_keys

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
        if body["response_format"]["json_schema"]["name"] == "faults":
            return {"text": '{"faults": []}'}
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
    think, write, check = server.requests
    assert think["chat_template_kwargs"] == {"enable_thinking": True}
    assert "response_format" not in think
    assert write["chat_template_kwargs"] == {"enable_thinking": False}
    assert write["response_format"]["type"] == "json_schema"
    assert NOTES in write["messages"][1]["content"]
    assert "beats.1_setup.line: Line number 1 of mine." in check["messages"][1]["content"]


def test_no_prompt_holds_a_json_example() -> None:
    with FakeChatServer(model(sound_script(load_format("comedy_5")))) as server:
        plan_with(server)
    for request in server.requests:
        assert not re.search(r"[{}\"]\s*:", json.dumps([m["content"] for m in request["messages"]]))


def test_faults_go_back_by_path_and_only_their_parts_are_written_anew() -> None:
    format = load_format("comedy_5")
    bad, sound = sound_script(format), sound_script(format)
    bad["cast"]["foil"]["name"] = bad["cast"]["lead"]["name"]
    first, second, third = beat_keys(format)[:3]
    bad["beats"][first]["line"] = " ".join(f"word{i}" for i in range(30))
    bad["beats"][second]["line"] = "(sighs) Well *wink*."
    bad["beats"][third]["line"] = "A very own line."
    bad["hook"]["line"] = "彼女は賭けに負けた。"

    with FakeChatServer(model(bad, lambda body: parts_asked(body, sound))) as server:
        plan = plan_with(server).plan
        told = server.requests[2]["messages"][-1]["content"]
        asked = server.requests[2]["response_format"]["json_schema"]["schema"]["properties"]
    assert "cast.foil.name: 'Mia' is the name of two people" in told
    assert "beats.1_setup.line: has 199 characters; at most" in told
    assert "beats.2_reaction.line: '(sighs)' cannot be spoken" in told
    assert "hook.line: is not English" in told
    assert list(asked) == ["cast", "hook", "beats"]
    assert list(asked["cast"]["properties"]) == ["foil"]
    assert list(asked["beats"]["properties"]) == [first, second]
    assert plan.beats[2].line == "A very own line."
    assert plan.beats[0].line == "Line number 1 of mine."


def test_a_stubborn_model_is_refused_with_its_faults_and_no_half_plan() -> None:
    bad = sound_script(load_format("comedy_5"))
    bad["beats"]["3_escalation"]["line"] = bad["beats"]["1_setup"]["line"]
    told = r"beats.3_escalation.line: says the same as beats.1_setup.line"
    with FakeChatServer(model(bad)) as server:
        with pytest.raises(PlanError, match=told):
            plan_with(server, rounds=6)
        assert len(server.requests) == 1 + 3, "a model that mends nothing is not asked for ever"


def schema_name(body: dict[str, Any]) -> str:
    return (body.get("response_format") or {}).get("json_schema", {}).get("name", "")


@pytest.mark.parametrize(
    ("format", "language", "whole"),
    [
        ("comedy_5", "en", "cut"),
        ("consent_dilemma", "ja", "too long a question"),
        ("explainer", "ja", "no JSON"),
        ("language_mishap", "en", "cut"),
    ],
)
def test_a_model_that_the_whole_is_too_much_for_writes_it_part_by_part(
    format: str, language: str, whole: str
) -> None:
    shape = load_format(format)
    sound = sound_script(shape, language)

    def answer(body: dict[str, Any]) -> Reply:
        if schema_name(body) == "faults":
            return {"text": '{"faults": []}'}
        if schema_name(body) != "script":
            return {"text": NOTES}
        part = parts_asked(body, sound)
        if len(json.dumps(part)) < 700:
            return {"text": json.dumps(part, ensure_ascii=False)}
        if whole == "too long a question":
            said = "request (1084 tokens) exceeds the available context size (512 tokens)"
            return {"status": 400, "error": said}
        return {"text": "{", "finish_reason": "length" if whole == "cut" else "stop"}

    with FakeChatServer(answer) as server:
        planned = plan_with(server, format, language=language)
        parts = [r for r in server.requests if "Write now" in r["messages"][1]["content"]]
    assert [b.line for b in planned.plan.beats] == [b["line"] for b in sound["beats"].values()]
    assert [c.name for c in planned.plan.cast] == [c["name"] for c in sound["cast"].values()]
    assert "The whole script was too much for one answer" in planned.planning
    last = parts[-2]["messages"][1]["content"]
    assert IDEA in last
    assert NOTES in last
    assert sound["cast"][shape.roles[0].id]["name"] in last
    assert all(len(told) < 4000 for told in (r["messages"][1]["content"] for r in parts))


def test_faults_that_a_model_cannot_mend_at_once_are_mended_one_by_one() -> None:
    format = load_format("comedy_5")
    bad, sound = sound_script(format), sound_script(format)
    for key in beat_keys(format)[1:4]:
        bad["beats"][key]["line"] = "(sighs)"

    def answer(body: dict[str, Any]) -> Any:
        told = body["messages"][-1]["content"]
        return parts_asked(body, sound if "Write now" in told else bad)

    with FakeChatServer(model(answer)) as server:
        plan = plan_with(server).plan
        last = server.requests[-2]["messages"][-1]["content"]
    assert [b.line for b in plan.beats] == [b["line"] for b in sound["beats"].values()]
    assert "4_reversal (spoken by foil, at most" in last
    assert "beats.4_reversal.line: '(sighs)' cannot be spoken" in last
    assert "beats.3_escalation.line: '(sighs)'" not in last, "each is told its own faults"
    assert "Line number 3 of mine." in last, "and what was mended before it"


def test_a_part_that_only_gets_worse_stays_as_it_was() -> None:
    format = load_format("comedy_5")
    bad = sound_script(format)
    bad["beats"]["2_reaction"]["line"] = "(sighs)"
    worse = sound_script(format)
    worse["beats"]["2_reaction"]["line"] = "(sighs) 💥 " * 10
    asked = model(bad, bad, lambda body: parts_asked(body, worse))
    with (
        FakeChatServer(asked) as server,
        pytest.raises(PlanError, match=r"\(1 fault\):\n .*2_reaction.line.*\nAnother --seed"),
    ):
        plan_with(server)


def test_a_field_that_was_left_out_is_mended_though_other_faults_come_to_light() -> None:
    format = load_format("comedy_5")
    short, bad = sound_script(format), sound_script(format)
    for script in (short, bad):
        for key in ("1_setup", "2_reaction", "3_escalation"):
            script["beats"][key]["line"] = "(sighs)"
    del short["cast"]["foil"]["wardrobe"]
    sound = sound_script(format)
    asked = model(
        short,
        short,
        lambda body: parts_asked(body, bad),
        lambda body: parts_asked(body, sound),
    )
    with FakeChatServer(asked) as server:
        plan = plan_with(server).plan
    assert plan.cast[1].wardrobe == sound["cast"]["foil"]["wardrobe"]
    assert [beat.line for beat in plan.beats][:2] == [
        "Line number 1 of mine.",
        "Line number 2 of mine.",
    ]


def test_readings_that_stay_wrong_are_left_out_and_nothing_else() -> None:
    format = load_format("comedy_5")
    bad = sound_script(format, "ja")
    bad["beats"]["2_reaction"]["reading"] = "kore wa"
    bad["hook"]["reading"] = "彼女"
    with FakeChatServer(model(lambda body: parts_asked(body, bad))) as server:
        plan = plan_with(server, language="ja").plan
    assert plan.hook is not None
    assert (plan.hook.reading, plan.beats[1].reading) == ("", "")
    assert plan.beats[1].line == bad["beats"]["2_reaction"]["line"]


def test_names_and_author_lose_controls_and_directions() -> None:
    script = sound_script(load_format("comedy_5"))
    script["title"] = "A\u202e title\x00"
    for person in script["cast"].values():
        person["name"] = f"Mi\u202ea\x1b\u200b {person['name']}"
    for place in script["settings"].values():
        place["name"] = "Caf\u2066é\x07"
    with FakeChatServer(model(script), model="ev\u202eil\x1bmodel") as server:
        plan = plan_with(server).plan
    assert (plan.title, plan.author) == ("A title", "evil model")
    assert [c.name for c in plan.cast] == ["Mia Mia", "Mia Leo"]
    assert {place.name for place in plan.settings} == {"Café"}


def test_code_names_are_nothing_to_say() -> None:
    bad = sound_script(load_format("comedy_5"))
    bad["beats"]["3_escalation"]["line"] = "beats.2_reaction.line"
    with (
        FakeChatServer(model(bad)) as server,
        pytest.raises(PlanError, match=r"3_escalation.line: '2_reaction' cannot be spoken"),
    ):
        plan_with(server, rounds=0)


def test_a_model_of_which_nothing_comes_is_soon_given_up() -> None:
    with FakeChatServer([{"text": "lorem ipsum"}]) as server:
        chat = OpenAIChat(server.url, "fake", attempts=2)
        told = r"neither whole nor in parts: fake: the answer is not JSON.*stronger model"
        with pytest.raises(BadOutput, match=told):
            write_plan(Assignment(IDEA, load_format("consent_dilemma"), "ja"), chat)
        assert len(server.requests) == 1 + 2 + 2 * 2


def test_a_context_too_small_for_any_question_is_named() -> None:
    said = "request (600 tokens) exceeds the available context size (512 tokens)"
    with FakeChatServer([{"status": 400, "error": said}]) as server:
        with pytest.raises(TooLong, match=r"context size \(512 tokens\).*Serve it with a longer"):
            plan_with(server)
        assert len(server.requests) < 20


def test_a_script_that_there_is_no_time_to_read_again_is_filmed_as_it_is() -> None:
    class Tired(OpenAIChat):
        def ask(self, request: ChatRequest) -> ChatResult:
            if request.purpose == "check":
                raise OutOfTime("no plan after 20 minutes")
            return super().ask(request)

    with FakeChatServer(model(sound_script(load_format("comedy_5")))) as server:
        planned = write_plan(
            Assignment(IDEA, load_format("comedy_5"), "en"), Tired(server.url, "fake")
        )
    assert planned.plan.title == "Seventeen Syllables"
    assert "not read once more: no plan after 20 minutes" in planned.planning


def test_silent_beats_stay_silent() -> None:
    format = load_format("consent_dilemma")
    bad = sound_script(format)
    bad["beats"]["4_dejection"]["line"] = "I speak anyway."
    with FakeChatServer(model(bad)) as server:
        plan = plan_with(server, "consent_dilemma", rounds=0).plan
    assert plan.beats[3].line == "" and plan.beats[4].line


@pytest.mark.parametrize(
    "said",
    [
        "Let me try {D} Hmm, flat. Better lines.\n</think>\n\n{S}",
        "```json\n{D}\n```\nOn reflection, the final version:\n```json\n{S}\n```",
        "{D}\nHmm. Final:\n{C}",
        "Following notes [1] and [2]:\n{S}",
        '{"script": {S}}',
        "[{S}]",
    ],
)
def test_the_final_script_is_filmed_and_never_the_draft(said: str) -> None:
    final, draft = sound_script(load_format("comedy_5")), sound_script(load_format("comedy_5"))
    draft["title"] = "The Draft"
    written = {"D": json.dumps(draft), "S": json.dumps(final), "C": json.dumps(final)[:-1] + ",}"}
    for name, text in written.items():
        said = said.replace("{" + name + "}", text)

    def answer(body: dict[str, Any]) -> Reply:
        if "response_format" not in body:
            return {"text": NOTES}
        script = body["response_format"]["json_schema"]["name"] == "script"
        return {"text": said if script else '{"faults": []}'}

    with FakeChatServer(answer) as server:
        assert plan_with(server).plan.title == final["title"]
        assert len(server.requests) == 3


@pytest.mark.parametrize("story", ["sound again", "worse", "no answer", "joke lost", "always A"])
def test_what_the_second_reading_finds_is_mended_if_the_script_is_better_for_it(story: str) -> None:
    format = load_format("comedy_5")
    found = {"faults": [{"part": "beats.5_payoff", "fault": "It does not answer the hook."}]}

    def answer(body: dict[str, Any]) -> Reply:
        name = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        if name == "faults":
            return {"text": "?" if story == "no answer" else json.dumps(found)}
        if name == "better":
            mended_first = "She won." in body["messages"][0]["content"].partition("B:\n")[0]
            better = "A" if mended_first == (story == "sound again") else "B"
            return {"text": json.dumps({"better": "A" if story == "always A" else better})}
        if name != "script":
            return {"text": NOTES}
        script = sound_script(format)
        if "beats.5_payoff: It does not answer" not in str(body["messages"][-1]["content"]):
            return {"text": json.dumps(script)}
        script["beats"]["5_payoff"]["line"] = "(smiles)" if story == "worse" else "She won."
        return {"text": json.dumps({"beats": {"5_payoff": script["beats"]["5_payoff"]}})}

    with FakeChatServer(answer) as server:
        planned = plan_with(server)
    assert planned.plan.beats[4].line == (
        "She won." if story == "sound again" else "Line number 5 of mine."
    )
    told = {
        "sound again": "- beats.5_payoff: It does not answer the hook.",
        "worse": "what was mended did not hold up",
        "no answer": "The script was not read once more",
        "joke lost": "the script was better before",
        "always A": "the script was better before",
    }
    assert told[story] in planned.planning


@pytest.mark.parametrize(
    "thought", [Reply(text="so so so", finish_reason="length"), Reply(text="")]
)
def test_a_model_that_cannot_think_may_still_write(thought: Reply) -> None:
    def answer(body: dict[str, Any]) -> Reply:
        name = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        if name == "faults":
            return {"text": '{"faults": []}'}
        return {"text": json.dumps(sound_script(load_format("comedy_5")))} if name else thought

    with FakeChatServer(answer) as server:
        planned = plan_with(server, candidates=2)
    assert planned.plan.title == "Seventeen Syllables"
    assert "Nothing came of thinking up premise 2" in planned.planning
    assert "written from the brief alone" in planned.planning


@pytest.mark.slow
def test_thinking_that_takes_too_long_leaves_time_to_write() -> None:
    def answer(body: dict[str, Any]) -> Reply:
        name = (body.get("response_format") or {}).get("json_schema", {}).get("name")
        if name is None:
            return {"text": NOTES, "wait": 9.0}
        script = sound_script(load_format("comedy_5"))
        return {"text": json.dumps(script if name == "script" else {"faults": []})}

    with FakeChatServer(answer) as server:
        planned = plan_with(server, minutes=0.3)
    assert planned.plan.title == "Seventeen Syllables"
    assert "it did not end within 6 s" in planned.planning


def test_planning_ends_when_its_time_is_up() -> None:
    with FakeChatServer([{"text": NOTES, "wait": 0.5}]) as server:
        with pytest.raises(Unavailable, match=r"no plan after 0.002 minutes.*limits.plan_minutes"):
            plan_with(server, minutes=0.002)
        assert len(server.requests) < 4


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
        if name == "faults":
            return {"text": '{"faults": []}'}
        return {"text": f"Premise of seed {body['seed']}"}

    with FakeChatServer(answer) as server:
        planned = plan_with(server, candidates=3, seed=100)
    assert "Premise of seed 101" in server.requests[-2]["messages"][1]["content"]
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


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("format", [f.name for f in list_formats()])
def test_the_schema_bounds_every_text_and_names_every_part(format: str, language: Any) -> None:
    shape = load_format(format)
    schema = script_schema(shape, language)

    def bounded(part: dict[str, Any]) -> None:
        if part.get("type") == "string" and "enum" not in part:
            assert part["maxLength"] <= 280
        assert part.get("type") != "array"
        if part.get("type") == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False
            for field in part["properties"].values():
                bounded(field)

    for part in (schema, *schema["$defs"].values()):
        bounded(part)
    beats = schema["properties"]["beats"]["properties"]
    assert list(beats) == beat_keys(shape)
    assert ["line" in b["properties"] for b in beats.values()] == [
        b.speaker is not None for b in shape.beats
    ]


def test_the_brief_reads_as_prose_with_every_beat() -> None:
    format = load_format("consent_dilemma")
    text = brief(format, "en")
    assert all(f"{key} (" in text for key in beat_keys(format))
    assert "silent, nobody speaks" in text
    assert "{" not in text
