"""The last look at a film's pictures: each measured once more, and all beside each other.

Two beats with one picture are found here and not in the loop of either: a picture must not
be drawn again because of another one that it does not refer to. Finals of judged drafts
come by here for the first time.

Knows: pictures side by side. Does not know: how any was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from storyboard.core.files import write_json
from storyboard.graph.steps import From, Step, StepContext
from storyboard.judge.brief import Brief
from storyboard.judge.measures import Picture, difference, measure
from storyboard.judge.rubric import rubric

NAME = "images/compare"
_COPY = "duplicate"


def compare_step(wanted: Mapping[str, Brief]) -> Step:
    """`wanted` has the brief of each picture by the name of the step that makes it."""
    return Step(
        name=NAME,
        stage="images",
        kind="compare.compare",
        action=compare,
        version=1,
        params={
            "briefs": {name: brief.document() for name, brief in wanted.items()},
            "measures": [rule.model_dump(mode="json") for rule in rubric().measures],
        },
        inputs={name: From(name, "image") for name in wanted},
        outputs={"compared": f"{NAME}.json"},
        parallel=True,
    )


def compare(context: StepContext) -> None:
    """Write what is found, and warn of it with what to do."""
    found: list[dict[str, Any]] = []
    for name, document in context.params["briefs"].items():
        brief = Brief.of(document)
        for fault in measure(brief.measures(), context.inputs[name], brief):
            if fault.verdict == "fail":
                found.append({"pictures": [name], "id": fault.id, "evidence": fault.evidence})
    bad = {name for fault in found for name in fault["pictures"]}
    pictures = {n: Picture(path) for n, path in context.inputs.items() if n not in bad}
    limit = next(rule for rule in rubric().measures if rule.id == _COPY).limits["difference"]
    for (one, picture), (other, second) in combinations(pictures.items(), 2):
        if difference(picture, second) < limit:
            evidence = f"is the same picture as {one.removeprefix('images/')}"
            found.append({"pictures": [other, one], "id": _COPY, "evidence": evidence})
    write_json(context.outputs["compared"], {"faults": found})
    for fault in found:
        name = fault["pictures"][0].removeprefix("images/")
        context.warn(f"{name}: {fault['id']}: {fault['evidence']}; redo it with --regen-beats")
