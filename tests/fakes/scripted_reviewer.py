"""A reviewer by script: a chat server that judges a film by the plan it was made of.

    with reviewer(folder, lambda plan, look: verdict(90)) as server: ...

The opinion is a function of the plan as it lies in the run folder, and of how many looks
came before; so it can be true, useless, fickle or hostile.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fake_chat import FakeChatServer, Reply

from storyboard.plan import Plan, load_plan

Opinion = Callable[[Plan, int], dict[str, Any] | Reply]


def put(path: str, value: Any) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def held(*patch: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """One finding, severe unless said otherwise."""
    return {
        "beat": 0,
        "start": 0.5,
        "end": 1.0,
        "defect": "weak_hook",
        "severity": "severe",
        "evidence": "The opening says nothing.",
        "patch": list(patch),
        **changes,
    }


def verdict(score: float, *findings: Any) -> dict[str, Any]:
    return {"score": score, "summary": "As scripted.", "findings": list(findings)}


def reviewer(folder: Path, opinion: Opinion) -> FakeChatServer:
    """The server; `looks` of a film are its requests."""
    looks = iter(range(1_000_000))

    def answer(_: dict[str, Any]) -> Reply:
        said = opinion(load_plan(folder / "plan.json"), next(looks))
        if "score" in said or "findings" in said:
            return {"text": json.dumps(said)}
        return Reply(**said)  # type: ignore[typeddict-item]

    return FakeChatServer(answer)


def by(server: FakeChatServer) -> tuple[str, ...]:
    """The profile's values that make `server` the reviewer."""
    return (
        "review.backend=openai",
        f"review.base_url={server.url}",
        "review.model=scripted",
        "review.options.frames=4",
        "review.options.attempts=1",
        "review.options.retries=0",
    )
