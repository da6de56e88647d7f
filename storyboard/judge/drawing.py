"""From a step's inputs to a request, from what was drawn to the step's records; and mending.

Knows: what a picture step is handed and what it leaves. Does not know: which pictures a
film needs, how a backend draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from renderers.base import JSON, ImageRequest, ImageResult, Reference
from storyboard.core.files import copy, read_json, write_json
from storyboard.graph.steps import StepContext
from storyboard.judge.judge_task import MendInputs, MendParams, tries_of
from storyboard.judge.mending import Words, best_try, finished, mended, mending_for, words_of
from storyboard.judge.picture import REFERENCE, DrawInputs, DrawParams, PictureFiles

Drawn = StepContext[DrawParams, DrawInputs[Path], PictureFiles[Path]]


def request_of(context: Drawn) -> ImageRequest:
    """The step's request; a final follows what its draft settled on."""
    params, inputs = context.params, context.inputs
    settled: dict[str, Any] = {} if inputs.settled is None else read_json(inputs.settled)
    request = ImageRequest(
        prompt=settled.get("prompt", params.prompt),
        width=params.width,
        height=params.height,
        seed=settled.get("seed", params.seed),
        references=tuple(
            Reference(path, REFERENCE.format(number)) for number, path in inputs.references.items()
        ),
        scene=params.scene,
        options=params.options,
    )
    if not settled.get("edited"):
        return request
    assert inputs.draft is not None, "who edits a draft hands it on"
    return finished(request, inputs.draft)


def record(
    context: Drawn,
    request: ImageRequest,
    result: ImageResult,
    history: Mapping[str, Any] | None = None,
) -> None:
    """Write the step's records of the picture that `request` made.

    `history` has what the request itself does not say: what was mended, and from what.
    """
    for warning in result.warnings:
        context.warn(warning)
    drawn: dict[str, JSON] = {
        "width": result.width,
        "height": result.height,
        "seed": result.seed,
        **result.info,
    }
    if request.prompt:
        drawn["prompt"] = request.prompt
        drawn["references"] = [reference.role for reference in request.references]
        drawn["options"] = dict(request.options)
    drawn |= history or {}
    write_json(context.outputs.info, drawn)
    if context.outputs.settled is not None:
        # Nothing else: a draft drawn again with the same outcome leaves its final as it is.
        settled = {"prompt": request.prompt, "seed": request.seed}
        write_json(context.outputs.settled, settled)


def mend(context: StepContext[MendParams, MendInputs[Path], PictureFiles[Path]]) -> None:
    """Try again to draw a picture that failed; the best so far goes through if it passed."""
    params, outputs = context.params, context.outputs
    tries = tries_of(context.inputs.tries)
    parent = best_try(tries)
    if parent.verdict.passed:
        copy(parent.image, outputs.image)
        write_json(outputs.info, dict(parent.info))
        return
    first = request_of(context)
    mending = mending_for(tries, params.brief, params.means)
    request = mended(first, parent, mending, params.number)
    result = context.backends.drawing(request).render(request, outputs.image)
    edited = mending.kind == "edit"
    source = words_of(parent, first) if edited else Words(request.prompt, request.seed)
    history = {"mending": asdict(mending), "drawn_from": asdict(source), "edited": edited}
    record(context, request, result, history)
