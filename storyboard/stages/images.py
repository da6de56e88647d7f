"""Stage B: the pictures. One a setting, one a character, one a beat, one for the hook.

A backend that draws scenes gets scenes and nothing else. One that reads prompts gets base
pictures and sheets first, and each beat is drawn from those that its prompt numbers: so an
edited wardrobe touches the sheet, and through it the pictures that show this character.

With a judge, the step that draws a picture is unrolled into tries and verdicts
(`storyboard.judge.judge_loop`); the last of them has its name and outputs, so that nothing else
of the film knows of it. `settled` says which prompt and seed hold, and whether they are all.

Knows: which pictures a plan needs and which of them refer to which. Does not know: how a
backend draws, how prompts are worded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from renderers.base import JSON, ImageBackend
from renderers.scene import Scene
from storyboard.core.errors import PlanError
from storyboard.core.files import copy
from storyboard.graph.contract import F, Files, From, Numbered, Params, outputs_of
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge import brief as briefs
from storyboard.judge.compare import compare_step
from storyboard.judge.drawing import Drawn, record, request_of
from storyboard.judge.judge_loop import JudgeConfig, judged
from storyboard.judge.judge_task import JudgeTask
from storyboard.judge.mending import Means
from storyboard.judge.picture import Drawing, DrawInputs, DrawParams, PictureFiles
from storyboard.plan import Character, Plan, staging
from storyboard.plan.cast_library import CastLibrary, LibraryEntry
from storyboard.plan.referred import Referred
from storyboard.plan.shots import Shot, file_name, shot_of, shots_of
from storyboard.stages import grid
from storyboard.stages.footage import own_picture
from storyboard.writing.prompting import prompter
from storyboard.writing.prompting.references import (
    MAX_REFERENCES,
    REFRAME,
    RESTAGE,
    reference_faults,
)
from storyboard.writing.prompting.template import prompt

DRAFT_PRESET = "preview"
_OF_SIZE = {"preset", "resolution", "steps", "guidance_scale"}


class SheetInputs(Files[F]):
    sheet: F


class SheetFiles(Files[F]):
    image: F


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """How the stage works, beside what the plan says."""

    library: CastLibrary | None = None
    draft: bool = False
    grid: bool = False
    judging: JudgeConfig | None = None
    """Who looks at the pictures; None: the first ones are kept."""
    editor: ImageBackend | None = None
    """Who draws what is drawn from other pictures; None: the same backend as all else."""


def image_name(index: int, slug: str) -> str:
    return f"images/{file_name(index, slug, 'beat_')}"


def picture_of(name: str) -> From:
    """The picture that the step of this name makes."""
    return outputs_of(PictureFiles[From], name).image


def draft_name(slug: str) -> str:
    return f"images/drafts/beat_{slug}"


def image_steps(
    plan: Plan, backend: ImageBackend, options: PictureOptions, scenes: Mapping[int, Scene]
) -> list[Step]:
    """Every picture of the film, references before what refers to them; `scenes`: what each shows,
    by the index of its shot.

    Raises:
        PlanError: a reference that leads nowhere, by its path.
    """
    if faults := list(reference_faults(plan)):
        raise PlanError("plan", faults)
    maker = _Maker(plan, backend, options, scenes)
    steps = [*maker.bases(), *maker.grids()]
    for shot in maker.shots:
        steps += maker.shot(shot)
    if maker.options.judging is not None:
        steps.append(maker.compared())
    return steps


@dataclass(frozen=True, slots=True)
class Picture:
    """What one picture step draws, and from what."""

    prompt: str
    scene: Scene
    references: Mapping[Numbered, Source]
    shift: float = RESTAGE
    options: Mapping[str, JSON] | None = None
    beat: int | None = None


class _Maker:
    """What all picture steps of one film share."""

    def __init__(
        self,
        plan: Plan,
        backend: ImageBackend,
        options: PictureOptions,
        scenes: Mapping[int, Scene],
    ) -> None:
        self.plan, self.shots, self.scenes = plan, shots_of(plan), scenes
        self.reads = backend.uses_references
        takes = (options.editor or backend).max_references
        self.limit = min(takes, MAX_REFERENCES) if self.reads else 0
        self.options = options
        self.fingerprint = dict(backend.fingerprint())
        self.editing = dict(options.editor.fingerprint()) if options.editor else {}

    # --- what others refer to -----------------------------------------------

    def bases(self) -> Iterator[Step]:
        """The empty places and the character sheets, where the backend can refer to them."""
        if not self.limit:
            return
        plan = self.plan
        referred = self._referred()
        for setting in plan.settings:
            if f"setting:{setting.id}" not in referred:
                continue
            text = prompter.prompt_of(plan, setting).text
            picture = Picture(text, staging.stage_setting(plan, setting), {})
            brief = briefs.setting_brief(plan, setting)
            yield from self._tried(self._step(f"images/set_{setting.id}", picture), brief)
        for character in plan.cast:
            # One picture given by the user is the sheet; several are drawn into one.
            if len(character.references) != 1:
                yield from self._sheet(character)

    def _referred(self) -> set[str]:
        """What the pictures of the film are drawn from."""
        drawn = [shot.record for shot in self.shots if not shot.shows_own]
        return {
            r for each in drawn for r in prompter.prompt_of(self.plan, each, self.limit).references
        }

    def _sheet(self, character: Character) -> Iterator[Step]:
        name, plan = f"images/cast_{character.id}", self.plan
        given: list[Path] = [Path(path) for path in character.references]
        kept = self._kept(character)
        if kept is not None and kept.same:
            # For people to see; who refers to it reads the library itself.
            yield Step(
                name=name,
                stage="images",
                kind="images.take_in",
                action=take_in,
                version=1,
                inputs=SheetInputs[Source](sheet=kept.sheet),
                outputs=SheetFiles(image=f"{name}.png"),
            )
            return
        sources = [kept.sheet] if kept is not None else given[: self.limit]
        roles = [f"character:{character.id}"] * len(sources)
        picture = Picture(
            prompt(plan, character, roles) if roles else prompter.prompt_of(plan, character).text,
            staging.stage_character(plan, character),
            _numbered(roles, sources),
            REFRAME,
        )
        yield from self._tried(self._step(name, picture), briefs.character_brief(plan, character))

    def _kept(self, character: Character) -> LibraryEntry | None:
        library = self.options.library
        if library is None or character.references:
            return None
        return library.find(self.plan, character)

    def grids(self) -> Iterator[Step]:
        if not (self.options.grid and self.limit):
            return
        canvas = self.plan.canvas
        for number, beats in enumerate(grid.sheets(self.plan), 1):
            shape = grid.layout(len(beats), grid.ratio(canvas))
            name = f"images/grid_{number}"
            yield Step(
                name=name,
                stage="images",
                kind="images.grid.draw_grid",
                action=grid.draw_grid,
                version=1,
                params=grid.GridParams(
                    prompt=grid.grid_prompt(self.plan, beats),
                    layout=shape,
                    seed=staging.derived_seed(self.plan.seed, f"grid {number}"),
                    backend=self.fingerprint,
                ),
                outputs=grid.GridFiles(
                    image=f"{name}.png",
                    panels={b.index: f"images/drafts/panel_{b.slug}.png" for b in beats},
                ),
                uses="image",
            )

    # --- what the film shows ------------------------------------------------

    def shot(self, shot: Shot) -> Iterator[Step]:
        name, brief = image_name(shot.index, shot.slug), briefs.brief_of(self.plan, shot.record)
        if (own := own_picture(self.plan, shot, name)) is not None:
            yield own
            return
        if not self._drafted(shot):
            yield from self._tried(self._step(name, self._picture(shot)), brief)
            return
        draft = self._picture(shot, draft=True)
        # The judge looks at drafts, which are cheap to mend; finals follow what they settle.
        yield from self._tried(self._step(draft_name(shot.slug), draft, settles=True), brief)
        yield self._step(name, self._picture(shot), after=draft_name(shot.slug))

    def _drafted(self, shot: Shot) -> bool:
        """Whether a small picture comes first; what a title lies over is drawn at once."""
        small = self.reads and self.options.draft and not shot.title and not shot.shows_own
        return small and not self._recomposed(shot)

    def _recomposed(self, shot: Shot) -> bool:
        """Whether it is a picture of another shape, edited."""
        return self.limit > 0 and prompter.prompt_of(self.plan, shot.record, self.limit).recomposes

    def compared(self) -> Step:
        """The last look: all pictures of the film beside each other."""
        drawn = [shot for shot in self.shots if not shot.shows_own]
        return compare_step(
            {
                image_name(shot.index, shot.slug): briefs.brief_of(self.plan, shot.record)
                for shot in drawn
            }
        )

    def _tried(self, step: Drawing, brief: briefs.Brief) -> Iterator[Step]:
        """The step itself, or what a judge makes of it."""
        if self.options.judging is None:
            yield step
            return
        means = Means(reads=self.reads, edits=self.limit > 0)
        roles = {
            number: briefs.role_of(self.plan, number.name)
            for number in step.inputs.references
            if Referred.of(number.name).kind != "file"
        }
        task = JudgeTask(brief, roles, means, self.editing)
        yield from judged(step, task, self.options.judging)

    def _picture(self, shot: Shot, *, draft: bool = False) -> Picture:
        scene, options = self.scenes[shot.index], dict(shot.record.image_options)
        if not self.reads:
            return Picture("", scene, {}, options=options, beat=shot.index)
        written = prompter.prompt_of(self.plan, shot.record, self.limit)
        text, sources = written.text, self._sources(written.references, draft=draft)
        panel = None if written.recomposes else self._panel(shot)
        if panel is not None and len(sources) < self.limit:
            number = len(sources) + 1
            text = grid.with_layout(text, number)
            sources[Numbered(number, "layout")] = panel
        if draft:
            kept = {k: v for k, v in options.items() if k not in _OF_SIZE}
            options = {**kept, "preset": DRAFT_PRESET}
        return Picture(text, scene, sources, written.shift, options, shot.index)

    def _sources(self, references: Sequence[str], *, draft: bool = False) -> dict[Numbered, Source]:
        """Where each reference of a prompt is to be had, under the number the prompt gives it."""
        return _numbered(references, [self._source(r, draft) for r in references])

    def _source(self, reference: str, draft: bool) -> Source:
        kind, name = Referred.of(reference)
        match kind:
            case "setting":
                return picture_of(f"images/set_{name}")
            case "character":
                character = self.plan.character(name)
                if len(character.references) == 1:
                    return Path(character.references[0])
                kept = self._kept(character)
                if kept is not None and kept.same:
                    # The same bytes as the sheet had when it was drawn: nothing gets stale.
                    return kept.sheet
                return picture_of(f"images/cast_{name}")
            case "beat":
                other = self.plan.beat(int(name))
                drafted = draft and self._drafted(shot_of(self.plan, other.index))
                step = draft_name(other.slug) if drafted else image_name(other.index, other.slug)
                return picture_of(step)
            case _:
                return Path(reference)

    def _panel(self, shot: Shot) -> Source | None:
        """Its panel on a storyboard sheet; None where it is on none."""
        sheets = grid.sheets(self.plan) if self.options.grid else []
        for number, beats in enumerate(sheets, 1):
            if shot.record in beats:
                return From(f"images/grid_{number}", f"panel {shot.index}")
        return None

    def _step(
        self, name: str, picture: Picture, *, settles: bool = False, after: str = ""
    ) -> Drawing:
        canvas, options = self.plan.canvas, dict(picture.options or {})
        edits = bool(self.editing) and bool(picture.references)
        uses = "image.edit" if edits else "image"
        if self.editing and after and not edits:
            # A draft that was edited is finished from its picture.
            uses = "image image.edit"
        if picture.references:
            options = {"shift": picture.shift, **options}
        draft = outputs_of(PictureFiles[From], after) if after else None
        judged_draft = draft is not None and self.options.judging is not None
        return Step(
            name=name,
            stage="images",
            kind="images.draw",
            action=draw,
            version=1,
            params=DrawParams(
                # The drawn scene or the prompt: whichever this backend does not read would
                # only make its pictures stale for nothing.
                prompt=picture.prompt if self.reads else "",
                # A cutaway is seen where the scene moves.
                scene=None if self.reads else replace(picture.scene, cutaway=None),
                width=canvas.width,
                height=canvas.height,
                seed=picture.scene.seed,
                options=options,
                backend=self.editing if edits else self.fingerprint,
            ),
            inputs=DrawInputs[Source](
                references=picture.references,
                settled=draft.settled if draft else None,
                draft=draft.image if draft and judged_draft else None,
            ),
            outputs=PictureFiles(
                image=f"{name}.png",
                info=f"{name}.json",
                settled=f"{name}.settled.json" if settles else None,
            ),
            beat=picture.beat,
            parallel=not self.reads,
            unread=frozenset({"scene.figures.*.name"}),
            uses=uses,
        )


def _numbered(references: Sequence[str], sources: Sequence[Source]) -> dict[Numbered, Source]:
    pairs = zip(references, sources, strict=True)
    return {Numbered(i, _label(r)): source for i, (r, source) in enumerate(pairs, 1)}


def _label(reference: str) -> str:
    """A reference as it is in a key: of a file its contents count, not where it lies."""
    return Path(reference).name if Referred.of(reference).kind == "file" else reference


# --- what the steps do ------------------------------------------------------


def draw(context: Drawn) -> None:
    """Draw one picture, and note beside it what it was drawn from and what was measured."""
    request = request_of(context)
    result = context.backends.drawing(request).render(request, context.outputs.image)
    record(context, request, result)


def take_in(context: StepContext[Params, SheetInputs[Path], SheetFiles[Path]]) -> None:
    """Put a sheet from the cast library beside the film's other pictures."""
    copy(context.inputs.sheet, context.outputs.image)
