"""What became of the judged pictures, read from the run folder: for summaries and reports.

Knows: the records that the loop leaves. Does not know: how a picture is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from renderers.loose import list_of
from storyboard.core.files import read_json
from storyboard.graph.steps import Graph
from storyboard.judge.compare import NAME
from storyboard.judge.judge_loop import complaints
from storyboard.judge.verdict import Verdict


def open_pictures(folder: Path, graph: Graph) -> list[str]:
    """A line for each picture of the film that is kept although something is open about it."""
    lines: list[str] = []
    for step in graph.steps:
        target = step.targets.get("verdicts")
        if target:
            lines += [f"{picture}: {line}" for picture, line in open_about(folder / target)]
        if step.name == NAME:
            lines += compared(folder / step.targets["compared"])
    return lines


def open_about(path: Path) -> Iterator[tuple[str, str]]:
    """The picture that was kept, with each complaint about it."""
    for attempt in attempts(path):
        if attempt["kept"]:
            yield from ((attempt["picture"], line) for line in complaints_about(attempt))


def complaints_about(attempt: Mapping[str, Any]) -> list[str]:
    """What a judge holds against one attempt."""
    found = {name: attempt[name] for name in Verdict.model_fields}
    return list(complaints(Verdict.model_validate(found)))


def attempts(path: Path) -> Iterator[dict[str, Any]]:
    """The attempts at one picture in the order of their tries; none if it was not judged."""
    yield from _records(path, "attempts")


def compared(path: Path) -> Iterator[str]:
    for fault in _records(path, "faults"):
        yield f"{fault['pictures'][0]}.png: {fault['id']}: {fault['evidence']}"


def _records(path: Path, name: str) -> list[dict[str, Any]]:
    try:
        return [each for each in list_of(read_json(path)[name]) if isinstance(each, dict)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
