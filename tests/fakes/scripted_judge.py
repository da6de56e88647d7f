"""A judge by script, behind a real chat server: it passes whatever it has no other word for.

    judge = ScriptedJudge({"pours tea": [{"mouth_closed": fault("edit", "Close her mouth")}]})
    with FakeChatServer(judge) as server: ...

A picture is known by a phrase of the question about it. Each new picture of that subject takes
the next entry of its list, the last one for ever; the same picture gets the same answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fake_chat import Reply

Findings = Mapping[str, Mapping[str, Any]]
PASS = {"verdict": "pass", "evidence": "as asked", "box": [], "remedy": "none", "instruction": ""}


def fault(remedy: str = "reroll", instruction: str = "", evidence: str = "seen") -> dict[str, Any]:
    found = {"verdict": "fail", "evidence": evidence, "box": [100, 100, 400, 300]}
    return {**PASS, **found, "remedy": remedy, "instruction": instruction}


def doubt() -> dict[str, Any]:
    return {**PASS, "verdict": "unsure", "evidence": "too small to tell"}


class ScriptedJudge:
    """`asked` keeps the text of every question, `shown` how many pictures came with it."""

    def __init__(self, script: Mapping[str, Sequence[Findings | str]] | None = None) -> None:
        self.script = script or {}
        self.asked: list[str] = []
        self.shown: list[int] = []
        self._seen: dict[str, list[str]] = {}

    def __call__(self, body: dict[str, Any]) -> Reply:
        parts: list[dict[str, Any]] = body["messages"][1]["content"]
        question = parts[-1]["text"]
        self.asked.append(question)
        images = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
        self.shown.append(len(images))
        picture = images[0]
        answers: dict[str, Any] = dict.fromkeys(self._names(body), PASS)
        for phrase, entries in self.script.items():
            if phrase not in question:
                continue
            seen = self._seen.setdefault(phrase, [])
            if picture not in seen:
                seen.append(picture)
            entry = entries[min(seen.index(picture), len(entries) - 1)]
            if isinstance(entry, str):
                return {"text": entry}
            answers |= {name: found for name, found in entry.items() if name in answers}
        return {"text": json.dumps(answers)}

    def _names(self, body: Mapping[str, Any]) -> list[str]:
        schema = body["response_format"]["json_schema"]["schema"]
        return list(schema["properties"])
