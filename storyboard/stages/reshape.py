"""A film in another shape, in a folder of its own beside the first: the same words and voices, each
picture composed anew for the new canvas, not cut out of the old one. What a model has drawn is edited,
so that people and places stay as they are; a scene is drawn anew.

Knows: folders, canvases, which pictures hold. Does not know: how a picture is composed or worded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from storyboard.core.errors import UsageError
from storyboard.graph.explain import load_state, step_forecasts
from storyboard.graph.folder import RunFolder, existing, folder_for_out
from storyboard.graph.store import Store
from storyboard.plan import Aspect, Beat, Canvas, Hook, Plan, load_plan
from storyboard.plan.shots import at_one_end, shots_of
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.another_version import Foreseen, foreseen, lay_version
from storyboard.stages.film_graph import graph_of
from storyboard.stages.images import image_name
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.prompting.prompter import with_prompt
from storyboard.writing.prompting.recomposing import recomposed


@dataclass(frozen=True, slots=True)
class Reshape:
    """One film, the shape that it gets, and what it is made with."""

    source: RunFolder
    to: Aspect
    request: RenderRequest

    @property
    def target(self) -> RunFolder:
        path = self.source.path.resolve()
        return folder_for_out(path.with_name(f"{path.name}-{self.to.replace(':', 'x')}"))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a model has drawn of a film as its plan has it now."""

    pictures: Mapping[str, Path] = field(default_factory=dict[str, Path])
    """By the names of their steps."""
    takes: int = 0
    """How many pictures it draws another from; 0: it cannot edit."""
    reads: bool = False
    """It draws from words; another draws scenes, each anew."""
    under: str = "own"
    """The folder beside the plan in which they lie."""

    def of(self, name: str) -> str:
        """Where a picture lies beside the plan; "": it is to be drawn anew."""
        found = self.pictures.get(name)
        return f"{self.under}/{found.name}" if found and self.takes else ""


def begin(run: Path, to: Aspect, request: RenderRequest) -> Reshape:
    """
    Raises:
        UsageError: no film is there, or it has that shape already.
    """
    reshape = Reshape(existing(run, "RUN"), to, request)
    if load_plan(reshape.source.plan).canvas.aspect == to:
        raise UsageError(f"--to {to}: {run} is {to} already")
    return reshape


def written(reshape: Reshape, tell: Callable[[str], None] = lambda _: None) -> RenderRequest:
    """Leave the plan in the new folder; the request that makes it. Pictures that are not edited
    though a model draws them are told.

    It follows the film that it is a shape of: what was changed there is changed here.
    """
    source, to, request = reshape.source, reshape.to, reshape.request
    drawn = drawn_of(source, request)
    plan = reshaped(load_plan(source.plan), to, drawn)
    if lack := _lack(plan, drawn):
        tell(f"{to}: {lack}")
    shown = [each.prompt for each in (plan.hook, *plan.beats) if each and each.prompt]
    lists = [*(prompt.references for prompt in shown), *(person.references for person in plan.cast)]
    named = {reference for references in lists for reference in references}
    there = {drawn.of(name): path for name, path in drawn.pictures.items()}
    brought = {name: path for name, path in there.items() if name in named}
    return lay_version(source, reshape.target, plan, request, brought, aspect=to)


def explained(reshape: Reshape) -> list[Foreseen]:
    """What would be made anew."""
    source, request = reshape.source, reshape.request
    drawn = replace(drawn_of(source, request), under="images")
    plan = reshaped(load_plan(source.plan), reshape.to, drawn)
    return foreseen(source, {reshape.target: plan}, request)


def reshaped(plan: Plan, to: Aspect, drawn: Drawn | None = None) -> Plan:
    """The plan on a canvas of that shape. Prompts that were worded for the old one go; those of
    pictures that are `drawn` have these edited, and have people look as on their sheets."""
    drawn = drawn or Drawn()
    beats = [beat.model_copy(update={"prompt": None}) for beat in plan.beats]
    cast = [
        person.model_copy(update={"references": [sheet]})
        if len(person.references) != 1 and (sheet := drawn.of(f"images/cast_{person.id}"))
        else person
        for person in plan.cast
    ]
    canvas = _canvas(plan.canvas, to)
    hook = plan.hook and plan.hook.model_copy(update={"prompt": None})
    new = plan.model_copy(update={"canvas": canvas, "hook": hook, "beats": beats, "cast": cast})
    for shot in shots_of(at_one_end(new)):
        image = "" if shot.shows_own else drawn.of(image_name(shot.index, shot.slug))
        if image:
            prompt = recomposed(at_one_end(new), shot.record, image, plan.canvas, drawn.takes)
            own: Beat | Hook | None = new.hook
            if isinstance(shot.record, Beat):
                own = new.beat(shot.record.index)
            assert own is not None
            new = with_prompt(new, own, prompt)
    return new


def drawn_of(source: RunFolder, request: RenderRequest) -> Drawn:
    """The film's pictures that hold, if those who make the request's can edit."""
    plan = load_plan(source.plan)
    with Backends(load_profile(request.profile, request.overrides)) as backends:
        if not backends.image.uses_references:
            return Drawn()
        graph = graph_of(plan, source.path, backends, request.allow)
        takes = (backends.editor or backends.image).max_references
    told = step_forecasts(graph, Store(source.store), load_state(source.path))
    made = {step.step for step in told if step.cached and step.stage == "images"}
    found = {name: source.path / f"{name}.png" for name in made}
    return Drawn({n: path for n, path in found.items() if path.is_file()}, takes, reads=True)


def _lack(plan: Plan, drawn: Drawn) -> str:
    """Why pictures are drawn anew that could have been edited; "" where none is."""
    if not drawn.reads:
        return ""
    wanted = [shot for shot in shots_of(plan) if not shot.shows_own]
    if not drawn.takes:
        return "whoever draws here cannot edit a picture: each is drawn anew"
    anew = [s for s in wanted if not drawn.of(image_name(s.index, s.slug))]
    if not anew:
        return ""
    return (
        f"{len(anew)} of {len(wanted)} pictures are drawn anew: the film has none that is made with "
        "this profile as its plan is now (storyboard run --dir RUN makes them)"
    )


def _canvas(old: Canvas, to: Aspect) -> Canvas:
    """The usual one of that shape, as much larger or smaller as the old one was than its own."""
    scale = old.width / Canvas.of(old.aspect).width
    usual = Canvas.of(to, old.fps)
    width, height = (2 * round(side * scale / 2) for side in (usual.width, usual.height))
    return Canvas(aspect=to, width=width, height=height, fps=old.fps)
