"""One picture before the judge: what its loop needs to know, and the tries that were made.

Knows: the inputs of a loop's steps. Does not know: how a picture is drawn or what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from renderers.base import JSON
from storyboard.core.files import read_json
from storyboard.graph.steps import StepContext
from storyboard.judge.brief import Brief
from storyboard.judge.mending import Try
from storyboard.judge.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """What the loop needs to know of one picture beside the step that draws it."""

    brief: Brief
    roles: Mapping[str, str]
    """By the label of a reference input, what it shows the judge; others are not shown."""
    mend: Callable[[StepContext], None]
    means: Mapping[str, bool]
    editing: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    """Who edits pictures, where that is another backend than the one that draws them."""


def tries_of(inputs: Mapping[str, Path]) -> list[Try]:
    """The tries among a step's inputs, in order."""
    names = [label.split()[1] for label in inputs if label.startswith("try ") and " image" in label]
    return [
        Try(
            name,
            inputs[f"try {name} image"],
            read_json(inputs[f"try {name} info"]),
            Verdict.of_document(read_json(inputs[f"try {name} verdict"])),
        )
        for name in names
    ]
