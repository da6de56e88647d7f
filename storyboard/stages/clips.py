"""Stage C: one clip a beat, exactly as long as its measured line asks.

A drawn clip is one step. Where a model moves the lips to a line, they are looked at: lips that
stand still are tried again with another seed, then by the next backend that can, each in a
step of its own, because each wants its own server on the card; a step with nothing to mend
hands on what it was given and wakes nobody.

Knows: which picture and which line make a clip, takes and what is kept of them. Does not
know: how a backend animates, which backend a beat goes to (`storyboard.profile.routing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from renderers.base import ClipCaps
from renderers.scene import Scene
from storyboard.graph.contract import From, Numbered, outputs_of
from storyboard.graph.steps import Source, Step
from storyboard.judge.picture import PictureFiles
from storyboard.plan import Plan, staging
from storyboard.plan.shots import Shot, file_name, shots_of
from storyboard.plan.timeline import SegmentPlan
from storyboard.profile.backends import Backends
from storyboard.profile.routing import Route, route
from storyboard.stages.animating import (
    ClipInputs,
    ClipParams,
    WatchedInputs,
    WatchedParams,
    animate,
    animate_and_look,
    makes_no_take,
)
from storyboard.stages.footage import own_clip
from storyboard.stages.images import image_name, picture_of
from storyboard.stages.speech import speech_name
from storyboard.stages.stage_files import ClipFiles, TakeFiles
from storyboard.writing.prompting.motion import motion_prompt

Animation = Step[ClipParams, ClipInputs[Source], ClipFiles[str]]


def clip_name(index: int, slug: str) -> str:
    return f"clips/{file_name(index, slug, 'clip_')}"


def clip_of(index: int, slug: str) -> From:
    """The clip of a segment."""
    return outputs_of(ClipFiles[From], clip_name(index, slug)).clip


def clip_steps(plan: Plan, backends: Backends, scenes: Mapping[int, Scene]) -> list[Step]:
    """The steps of every segment, each with the backend it is routed to; `scenes`: what each of
    them shows, by its index."""
    return [
        step for shot in shots_of(plan) for step in _steps(plan, shot, backends, scenes[shot.index])
    ]


def _steps(plan: Plan, shot: Shot, backends: Backends, scene: Scene) -> Iterator[Step]:
    segment = shot.part
    way = route(plan, segment, backends)
    name = clip_name(segment.index, segment.slug)
    draws = backends.clip(way.renderers[0]).caps().draws
    image = image_name(segment.index, segment.slug)
    if (own := own_clip(plan, shot, name, image, draws=draws)) is not None:
        yield own
        return
    if not way.checked:
        yield _step(plan, shot, scene, backends, way, way.renderers[0], name)
        return
    before = ""
    for number, renderer in enumerate(way.renderers, 1):
        last = number == len(way.renderers)
        own = name if last else f"clips/takes/{segment.slug}_{number}_{renderer}"
        step = _step(plan, shot, scene, backends, way, renderer, own)
        longest = None if last else backends.clip(renderer).caps().max_seconds
        yield _looked_at(step, way, number, before, longest)
        before = own


def _step(
    plan: Plan,
    shot: Shot,
    scene: Scene,
    backends: Backends,
    way: Route,
    renderer: str,
    name: str,
) -> Animation:
    backend = backends.clip(renderer)
    caps = backend.caps()
    segment = shot.part
    return Step(
        name=name,
        stage="clips",
        kind="clips.animate",
        action=animate,
        version=1,
        params=ClipParams(
            # What is known of things, and a cutaway, count where they are drawn: they would make a
            # model's clips, which do not read them, stale for nothing.
            scene=scene if caps.draws else replace(scene, things=(), cutaway=None),
            prompt=shot.action
            if caps.draws
            else motion_prompt(plan, segment, way, caps.makes_sound),
            camera=shot.camera.move,
            keep_audio=shot.keeps_sound,
            width=plan.canvas.width,
            height=plan.canvas.height,
            segment=segment,
            seed=staging.part_seed_of(plan, segment.index, "clip"),
            renderer=renderer,
            backend=backend.fingerprint(),
            speaks=None if caps.draws else way.speaks,
            notes=None if caps.draws else tuple(way.notes),
        ),
        inputs=_inputs(plan, segment, way, caps, _sheets(plan, shot, caps, backends)),
        outputs=ClipFiles(clip=f"{name}.mp4"),
        beat=segment.index,
        parallel=not caps.needs_gpu,
        # What a model reads of a name is in the prompt; who draws reads none.
        unread=frozenset({"scene.figures.*.name"}),
        uses=f"video.{renderer}",
    )


def _inputs(
    plan: Plan, segment: SegmentPlan, way: Route, caps: ClipCaps, sheets: Mapping[Numbered, Source]
) -> ClipInputs[Source]:
    picture = outputs_of(PictureFiles[From], image_name(segment.index, segment.slug))
    line = (
        outputs_of(TakeFiles[From], speech_name(segment.index, segment.slug))
        if segment.line
        else None
    )
    before = None
    if way.continues is not None:
        before = clip_of(way.continues, plan.beat(way.continues).slug)
    return ClipInputs(
        image=picture.image if before is None else None,
        before=before,
        take=line.take if line else None,
        speech=line.audio if line and (way.speaks or caps.draws) else None,
        info=picture.info if way.checked else None,
        sheets=sheets,
    )


def _sheets(plan: Plan, shot: Shot, caps: ClipCaps, backends: Backends) -> dict[Numbered, Source]:
    """The sheets of who is in the picture, for a model that takes them; where they are drawn."""
    drawn = backends.image.uses_references and (backends.editor or backends.image).max_references
    if not caps.references or not drawn:
        return {}
    sheets: dict[Numbered, Source] = {}
    for number, id in enumerate(shot.cast[: caps.references], 1):
        person = plan.character(id)
        label = Numbered(number, person.name)
        if len(person.references) == 1:
            sheets[label] = Path(person.references[0])
        else:
            sheets[label] = picture_of(f"images/cast_{id}")
    return sheets


def _looked_at(
    step: Animation, way: Route, number: int, before: str, longest: float | None
) -> Step:
    """The step with its lips measured, after the one called `before`."""
    rest = way.renderers[number:]
    earlier = outputs_of(ClipFiles[From], before) if before else None
    params = WatchedParams(**_fields(step.params), next=rest[0] if rest else "", longest=longest)
    return Step(
        name=step.name,
        stage=step.stage,
        kind="clips.animate_and_look",
        action=animate_and_look,
        version=1,
        params=params,
        inputs=WatchedInputs[Source](
            **_fields(step.inputs),
            earlier=earlier.clip if earlier else None,
            made=earlier.made if earlier else None,
        ),
        outputs=ClipFiles(clip=step.outputs.clip, made=f"{step.name}.json"),
        beat=step.beat,
        unread=step.unread,
        uses=step.uses,
        skip_resources_if=partial(makes_no_take, params) if before or longest is not None else None,
        fallback=bool(before),
        intermediate=bool(rest),
    )


def _fields(record: Any) -> dict[str, Any]:
    """The fields of a record, for one with more of them."""
    return {one.name: getattr(record, one.name) for one in fields(record)}


# --- what the steps do ------------------------------------------------------
