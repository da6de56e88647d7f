"""A film in another shape, in a folder of its own beside the first: the same words and voices, each
picture composed anew for the new canvas, not cut out of the old one.

Knows: folders, canvases. Does not know: how a picture is composed, how a film is made.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from storyboard.core.errors import UsageError
from storyboard.graph.folder import RunFolder, chosen, existing
from storyboard.plan import Aspect, Canvas, Plan, load_plan
from storyboard.stages.another_version import Foreseen, foreseen, lay
from storyboard.stages.render_request import RenderRequest


@dataclass(frozen=True, slots=True)
class Reshape:
    """One film, the shape that it gets, and what it is made with."""

    source: RunFolder
    to: Aspect
    request: RenderRequest

    @property
    def target(self) -> RunFolder:
        path = self.source.path.resolve()
        return chosen(path.with_name(f"{path.name}-{self.to.replace(':', 'x')}"))


def begin(run: Path, to: Aspect, request: RenderRequest) -> Reshape:
    """
    Raises:
        UsageError: no film is there, or it has that shape already.
    """
    reshape = Reshape(existing(run, "RUN"), to, request)
    if load_plan(reshape.source.plan).canvas.aspect == to:
        raise UsageError(f"--to {to}: {run} is {to} already")
    return reshape


def reshaped(plan: Plan, to: Aspect) -> Plan:
    """The plan on a canvas of that shape; prompts that were worded for the old one go."""
    beats = [beat.model_copy(update={"prompt": None}) for beat in plan.beats]
    return plan.model_copy(update={"canvas": _canvas(plan.canvas, to), "beats": beats})


def _canvas(old: Canvas, to: Aspect) -> Canvas:
    """The usual one of that shape, as much larger or smaller as the old one was than its own."""
    scale = old.width / Canvas.of(old.aspect).width
    usual = Canvas.of(to, old.fps)
    width, height = (2 * round(side * scale / 2) for side in (usual.width, usual.height))
    return Canvas(aspect=to, width=width, height=height, fps=old.fps)


def written(reshape: Reshape) -> RenderRequest:
    """Leave the plan in the new folder; the request that makes it.

    It follows the film that it is a shape of: what was changed there is changed here.
    """
    source, to = reshape.source, reshape.to
    plan = reshaped(load_plan(source.plan), to)
    return lay(source, reshape.target, plan, reshape.request, aspect=to)


def explained(reshape: Reshape) -> list[Foreseen]:
    """What would be made anew."""
    plan = reshaped(load_plan(reshape.source.plan), reshape.to)
    return foreseen(reshape.source, {reshape.target: plan}, reshape.request)
