"""The last look at a film's pictures: each measured once more, and all beside each other.

Two beats with one picture are found here and not in the loop of either: a picture must not
be drawn again because of another one that it does not refer to. Finals of judged drafts
come by here for the first time.

Knows: pictures side by side. Does not know: how any was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from storyboard.core.files import write_json
from storyboard.graph.contract import F, Files, From, Params, many, outputs_of
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge.brief import Brief
from storyboard.judge.measures import MeasuredPicture, measure, picture_difference
from storyboard.judge.picture import PictureFiles
from storyboard.judge.rubric import Measure, rubric

NAME = "images/compare"
_COPY = "duplicate"


class CompareParams(Params):
    briefs: Mapping[str, Brief]
    measures: Sequence[Measure]


class CompareInputs(Files[F]):
    pictures: Mapping[str, F] = many("{}")
    """By the name of the step that makes each."""


class ComparedFiles(Files[F]):
    compared: F


def compare_step(wanted: Mapping[str, Brief]) -> Step:
    """`wanted` has the brief of each picture by the name of the step that makes it."""
    return Step(
        name=NAME,
        stage="images",
        kind="compare.compare",
        action=compare,
        version=1,
        params=CompareParams(briefs=wanted, measures=rubric().measures),
        inputs=CompareInputs[Source](
            pictures={name: outputs_of(PictureFiles[From], name).image for name in wanted}
        ),
        outputs=ComparedFiles(compared=f"{NAME}.json"),
        parallel=True,
    )


def compare(context: StepContext[CompareParams, CompareInputs[Path], ComparedFiles[Path]]) -> None:
    """Write what is found, and warn of it with what to do."""
    found: list[dict[str, Any]] = []
    for name, brief in context.params.briefs.items():
        for fault in measure(brief.measures(), context.inputs.pictures[name], brief):
            if fault.verdict == "fail":
                found.append({"pictures": [name], "id": fault.id, "evidence": fault.evidence})
    bad = {name for fault in found for name in fault["pictures"]}
    pictures = {
        n: MeasuredPicture(path) for n, path in context.inputs.pictures.items() if n not in bad
    }
    limit = next(rule for rule in rubric().measures if rule.id == _COPY).limits["difference"]
    for (one, picture), (other, second) in combinations(pictures.items(), 2):
        if picture_difference(picture, second) < limit:
            evidence = f"is the same picture as {one.removeprefix('images/')}"
            found.append({"pictures": [other, one], "id": _COPY, "evidence": evidence})
    write_json(context.outputs.compared, {"faults": found})
    for fault in found:
        name = fault["pictures"][0].removeprefix("images/")
        context.warn(f"{name}: {fault['id']}: {fault['evidence']}; redo it with --regen-beats")
