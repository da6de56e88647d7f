"""What was paid for stays: steps keep the keys that they had, as long as their version does.

`recorded/` holds the key documents of a small plan's steps, without their values, as the
code of commit 668b113 described them. A step may change what is in its key only together with
its version, or with that of the adapter that does its work, and its kind never.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from storyboard.graph.steps import Step
from storyboard.plan import load_plan
from storyboard.plan.casting import cast_plan
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.film_graph import build_graph

RECORDED = Path(__file__).with_name("recorded")
BEFORE: dict[str, dict[str, Any]] = json.loads((RECORDED / "steps.json").read_text("utf-8"))


def steps_of(profile: str) -> tuple[Step, ...]:
    with Backends(load_profile(profile)) as backends:
        plan = cast_plan(load_plan(RECORDED / "plan.json"), backends.speech.voices("en"))
        return build_graph(plan, backends).steps


def adapters(params: Mapping[str, Any]) -> dict[str, Any]:
    """The versions of adapters among a step's parameters."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        if name == "adapter":
            found[name] = value
        elif isinstance(value, dict) and (inner := adapters(cast("dict[str, Any]", value))):
            found[name] = inner
    return found


def changed(steps: Iterable[Step], before: Mapping[str, Any]) -> list[str]:
    """Steps whose key became another one though no version says so, and how."""
    found: list[str] = []
    for step in steps:
        old = before.get(step.name)
        if old is None:
            continue
        document = step.document(dict.fromkeys(step.sources, ""))
        if step.kind != old["kind"]:
            found.append(f"{step.name}: kind {old['kind']} → {step.kind}")
        elif step.version == old["version"] and adapters(document["params"]) == old["adapters"]:
            found += [
                f"{step.name}: {part} {old[part]} → {sorted(document[part])}"
                for part in ("params", "inputs")
                if sorted(document[part]) != old[part]
            ]
    return found


@pytest.mark.parametrize("profile", list(BEFORE))
def test_steps_of_one_version_keep_their_keys(profile: str) -> None:
    steps = steps_of(profile)
    assert changed(steps, BEFORE[profile]) == []
    kept = {step.name for step in steps} & BEFORE[profile].keys()
    assert len(kept) > len(BEFORE[profile]) / 2, "most steps still have their names"


def test_a_new_parameter_without_a_new_version_is_seen() -> None:
    before = {
        name: {**old, "params": old["params"][1:]} for name, old in BEFORE["embedded"].items()
    }
    assert changed(steps_of("embedded"), before), "or no version is what it was: record them anew"
