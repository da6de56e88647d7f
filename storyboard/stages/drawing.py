"""From a step's inputs to a request, from what was drawn to the step's records; and mending.

Knows: what a picture step is handed and what it leaves. Does not know: which pictures a
film needs, how a backend draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from renderers.base import JSON, ImageRequest, ImageResult, Reference
from renderers.scene import Scene
from storyboard.core.files import copy, read_json, write_json
from storyboard.graph.steps import StepContext
from storyboard.judge.brief import Brief
from storyboard.judge.mending import Means, Words, best, finished, mended, mending_for, words_of
from storyboard.judge.trial import tries_of

SCENE = TypeAdapter(Scene)


def scene_params(scene: Scene, *, drawn: bool = True, moving: bool = False) -> dict[str, Any]:
    """A scene as a step's parameter. What is known of things counts where they are `drawn`, a
    cutaway where that is `moving`, too: what does not read them would be stale for nothing."""
    params = asdict(scene)
    if not (drawn and scene.things):
        del params["things"]
    if not (drawn and moving and scene.cutaway):
        del params["cutaway"]
    return params


def request_of(context: StepContext) -> ImageRequest:
    """The step's request; a final follows what its draft settled on."""
    params = context.params
    settled: dict[str, Any] = {}
    if "settled" in context.inputs:
        settled = read_json(context.inputs["settled"])
    request = ImageRequest(
        prompt=settled.get("prompt", params["prompt"]),
        width=params["width"],
        height=params["height"],
        seed=settled.get("seed", params["seed"]),
        references=tuple(
            Reference(path, role)
            for role, path in context.inputs.items()
            if role.startswith("image ")
        ),
        scene=SCENE.validate_python(params["scene"]) if params["scene"] else None,
        options=params["options"],
    )
    return finished(request, context.inputs["draft"]) if settled.get("edited") else request


def record(
    context: StepContext,
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
    write_json(context.outputs["info"], drawn)
    if "settled" in context.outputs:
        # Nothing else: a draft drawn again with the same outcome leaves its final as it is.
        settled = {"prompt": request.prompt, "seed": request.seed}
        write_json(context.outputs["settled"], settled)


def mend(context: StepContext) -> None:
    """Try again to draw a picture that failed; the best so far goes through if it passed."""
    params, tries = context.params, tries_of(context.inputs)
    parent = best(tries)
    if parent.verdict.passed:
        copy(parent.image, context.outputs["image"])
        write_json(context.outputs["info"], dict(parent.info))
        return
    first = request_of(context)
    brief = Brief.of(params["brief"])
    mending = mending_for(tries, brief, Means(**params["means"]))
    request = mended(first, parent, mending, params["number"])
    result = context.backends.drawing(request).render(request, context.outputs["image"])
    edited = mending.kind == "edit"
    source = words_of(parent, first) if edited else Words(request.prompt, request.seed)
    history = {"mending": asdict(mending), "drawn_from": asdict(source), "edited": edited}
    record(context, request, result, history)
