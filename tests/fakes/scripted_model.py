"""A language model by script: it thinks, fills the planner's schema and words prompts soundly.

`answer` is a script for `fake_chat.FakeChatServer`.
"""

from __future__ import annotations

import json
from typing import Any

from fake_chat import Reply

from storyboard.plan.format_files import load_format
from storyboard.plan.formats import Format
from storyboard.writing.planning.script import beat_keys

_judged: list[str] = []
"""Questions about pictures so far."""
SAID = (
    *("窓が開いている。", "財布を忘れた。", "犬が先に着いた。", "鍵は君が持って。", "もう遅いよ。"),
    *(
        "雨はやんだみたい。",
        "今日は休みです。",
        "椅子が一つ足りない。",
        "誰も来ないね。",
        "私の傘だ。",
    ),
)
NOTES = "Premise. She lost a bet with the espresso machine."


def answer(body: dict[str, Any]) -> Reply:
    """What a good model says to a planner's or a prompt writer's question, of any length."""
    asked: dict[str, Any] = body.get("response_format") or {}
    name = asked.get("json_schema", {}).get("name", "")
    said = str(body["messages"][min(1, len(body["messages"]) - 1)]["content"])
    if name == "script":
        return {"text": json.dumps(sound_script(load_format("comedy_5")), ensure_ascii=False)}
    if name == "probe":
        return {"text": json.dumps(probed(asked["json_schema"]["schema"]))}
    if name == "faults":
        return {"text": json.dumps({"faults": []})}
    if name == "verdict":
        return {"text": json.dumps(verdict(asked["json_schema"]["schema"]))}
    if "this one word" in str(body["messages"][-1]["content"]):
        return {"text": "Ready."}  # the canary
    # A prompt's part is asked for by its draft, which passes every check; all else is thinking.
    if "Draft of the rest\n" in said:
        draft = said.partition("Draft of the rest\n")[2].partition("\n")[0]
        light = "Soft light comes from behind, the foreground is in shadow"
        return {"text": ". ".join([*draft.rstrip(".").split(". ")[:4], light, "A breath hangs"])}
    return {"text": NOTES if said.startswith("Idea:") else said}


def probed(schema: dict[str, Any]) -> dict[str, str]:
    """What a good model answers to the three questions about itself."""
    known = {
        "line": "Sir, take an umbrella with you.",
        "first": "setup",
        "second": "turn",
        "third": "payoff",
        "speaker": "Ana",
        "spoken_to": "Ben",
    }
    return {name: known[name] for name in schema["properties"]}


def parts_asked(body: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
    """Of a script only what a question's schema asks for."""
    asked = body["response_format"]["json_schema"]["schema"]["properties"]
    return {
        name: {key: script[name][key] for key in part["properties"]}
        if "properties" in part
        else script[name]
        for name, part in asked.items()
    }


def verdict(schema: dict[str, Any]) -> dict[str, Any]:
    """Every check passes, but for the first of the first picture ever shown."""
    checks = list(schema["properties"])
    fine = {"verdict": "pass", "evidence": "as asked", "box": [], "remedy": "none"}
    found = {check: {**fine, "instruction": ""} for check in checks}
    if not _judged:
        wrong = {"verdict": "fail", "evidence": "plain to see", "remedy": "edit"}
        found[checks[0]] |= {**wrong, "instruction": "Put it right and keep the rest"}
    _judged.append(checks[0])
    return found


def sound_script(format: Format, language: str = "en") -> dict[str, Any]:
    """What a good model would fill in."""
    english = language == "en"
    looks = [
        "short black bob, round glasses",
        "tall, ginger curls",
        "grey bun, thin",
        "bald, broad",
    ]
    clothes = ["green apron over white", "navy suit", "black robe", "yellow raincoat"]
    return {
        "title": "Seventeen Syllables" if english else "十七音",
        "style": "soft window light, 35 mm",
        "music": "playful",
        "cast": {
            role.id: {
                "name": f"{['Mia', 'Leo', 'Ida', 'Tom'][i]}",
                "presentation": "neutral",
                "age": "adult",
                "appearance": looks[i],
                "wardrobe": clothes[i],
                "personality": "dry",
            }
            for i, role in enumerate(format.roles)
        },
        "settings": {
            stage.id: {
                "name": "Corner Café",
                "place": stage.place or "cafe",
                "time_of_day": "morning",
                "description": "brick, brass, steam",
                "lettering": "",
            }
            for stage in format.settings
        },
        "hook": {
            "title": "Order in 17" if english else "十七音で注文",
            "line": "She lost a bet." if english else "彼女は賭けに負けた。",
            "reading": "",
        },
        "beats": {
            key: {
                "line": ""
                if beat.speaker is None
                else (f"Line number {i} of mine." if english else SAID[i % len(SAID)]),
                "reading": "",
                "expression": "happy",
                "action": "She lifts the cup.",
            }
            for i, (key, beat) in enumerate(zip(beat_keys(format), format.beats, strict=True), 1)
        },
    }
