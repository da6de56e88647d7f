"""One picture before the judge: what its loop needs to know, and the tries that were made.

Knows: the inputs of a loop's steps. Does not know: how a picture is drawn or what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from renderers.base import JSON
from storyboard.core.files import read_json
from storyboard.graph.contract import F, Files, Numbered, if_set, many
from storyboard.graph.steps import Source
from storyboard.judge.brief import Brief
from storyboard.judge.mending import Means, Try
from storyboard.judge.picture import REFERENCE, Drawing, DrawInputs, DrawParams
from storyboard.judge.verdict import Verdict


class TryFiles(Files[F]):
    """One try at a picture, and what was said of it."""

    image: F
    info: F
    verdict: F


class MendParams(DrawParams):
    number: int
    brief: Brief
    means: Means
    words: Sequence[tuple[str, Sequence[str], str, str]]
    """Of each rule its id, its remedies and their words."""
    keep: str
    editing: Mapping[str, JSON] | None = if_set()


class MendInputs(DrawInputs[F]):
    tries: Mapping[str, TryFiles[F]] = many("try {}")


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """What the loop needs to know of one picture beside the step that draws it."""

    brief: Brief
    roles: Mapping[Numbered, str]
    """By reference, what it shows the judge; others are not shown."""
    means: Means
    editing: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    """Who edits pictures, where that is another backend than the one that draws them."""


def roles_of(task: JudgeTask) -> dict[str, str]:
    """By the label of a reference, what it shows the judge."""
    return {REFERENCE.format(number): role for number, role in task.roles.items()}


def shown_of(step: Drawing, task: JudgeTask) -> dict[Numbered, Source]:
    """The references of a picture that the judge is shown."""
    return {k: source for k, source in step.inputs.references.items() if k in task.roles}


def tries_of(tries: Mapping[str, TryFiles[Path]]) -> list[Try]:
    """The tries among a step's inputs, in order."""
    return [
        Try(name, one.image, read_json(one.info), Verdict.of_document(read_json(one.verdict)))
        for name, one in tries.items()
    ]
