"""Every step of a planned film, with what each requires of the card.

Knows: which steps a film is made of, by its plan and profile. Does not know: how any works.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from storyboard.graph.steps import Graph
from storyboard.judge.escalation import Escalated
from storyboard.judge.judge_loop import JudgeConfig
from storyboard.plan import Plan
from storyboard.plan.cast_library import CastLibrary
from storyboard.plan.casting import cast_plan
from storyboard.plan.shots import at_one_end
from storyboard.plan.staging import scenes_of
from storyboard.profile import Profile
from storyboard.profile.backends import Backends
from storyboard.stages.alignment import word_steps
from storyboard.stages.clips import clip_steps
from storyboard.stages.finish import finish_steps
from storyboard.stages.images import PictureOptions, image_steps
from storyboard.stages.own_media import with_own_media
from storyboard.stages.plan_reading import PlanReading
from storyboard.stages.speech import speech_steps

OF_A_BEAT = frozenset({"images", "speech", "clips"})
"""Stages in which a beat is made by itself: what a lock keeps."""


def graph_of(plan: Plan, folder: Path, backends: Backends, allow: Sequence[Path] = ()) -> Graph:
    """Every step of the film of a plan in a folder: cast, and with the files that it names.

    Raises:
        PlanError: a file that it names may not be used.
    """
    cast = cast_plan(plan, backends.speech.voices(plan.language))
    return build_graph(with_own_media(cast, folder, own_roots(allow, backends.profile)), backends)


def build_graph(plan: Plan, backends: Backends, reading: PlanReading | None = None) -> Graph:
    """Every step of the film, in order, with what each requires of the card. `reading`: what was
    read of the plan, if it was."""
    scenes, note = (reading.scenes, reading.note) if reading else (None, None)
    if backends.image.uses_references:
        plan, scenes = at_one_end(plan), None
    scenes = scenes_of(plan) if scenes is None else scenes
    steps = (
        *image_steps(
            plan,
            backends.image,
            replace(
                picture_options(backends.profile),
                judging=_judging(plan, backends),
                editor=backends.editor,
            ),
            scenes,
        ),
        *speech_steps(plan, backends),
        *word_steps(plan, backends),
        *clip_steps(plan, backends, scenes),
        *finish_steps(plan, backends, note),
    )
    locked = (replace(s, locked=s.beat in plan.locked and s.stage in OF_A_BEAT) for s in steps)
    return Graph.of(locked, backends.profile)


def picture_overrides(
    cast_library: Path | None, *, draft: bool = False, grid: bool = False
) -> Iterator[str]:
    """The options of the picture stage as values of the profile, where they belong."""
    if cast_library is not None:
        yield f"image.cast_library={cast_library.absolute()}"
    if draft:
        yield "image.draft=true"
    if grid:
        yield "image.grid=true"


def own_roots(allow: Sequence[Path], profile: Profile) -> tuple[Path, ...]:
    """Folders from which a plan may take files, besides the film's own."""
    roots = [*profile.media.roots, *filter(None, [profile.image.cast_library])]
    return (*allow, *(Path(root).expanduser() for root in roots))


def picture_options(profile: Profile) -> PictureOptions:
    image = profile.image
    library = CastLibrary(Path(image.cast_library).expanduser()) if image.cast_library else None
    return PictureOptions(library, image.draft, image.grid)


def _judging(plan: Plan, backends: Backends) -> JudgeConfig | None:
    """Who judges the pictures: nobody, measures alone, or the profile's judge as well."""
    if plan.judging is None:
        return None
    judge = backends.judge
    fingerprint = None if judge is None else judge.fingerprint()
    second, escalation = backends.second_judge, backends.profile.escalating
    doubts = None
    if judge is not None and second is not None and escalation is not None:
        doubts = Escalated(escalation.threshold, second.fingerprint())
    return JudgeConfig(plan.judging.retries, plan.judging.best_of, fingerprint, doubts)
