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
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from renderers.audio_file import read_audio
from renderers.base import ClipBackend, ClipCaps, ClipRequest, Reference
from renderers.errors import BadOutput
from renderers.scene import Scene
from storyboard.core.files import copy, read_json, write_json
from storyboard.graph.steps import From, Step, StepContext
from storyboard.media import lips
from storyboard.media.stills import last_frame
from storyboard.plan import Plan, ShotPlan, staging
from storyboard.plan.timeline import HOOK, SegmentPlan, segment_plans
from storyboard.profile.backends import Backends
from storyboard.profile.routing import Route, route
from storyboard.stages.drawing import SCENE, scene_params
from storyboard.stages.footage import own_clip
from storyboard.stages.images import image_name
from storyboard.stages.speech import speech_name
from storyboard.writing.prompting.motion import motion_prompt

SHEET = "sheet "
"""How the labels of character sheets begin: "sheet 1 (Ann)"."""
TRIES = 2
"""Takes by one backend before the next is asked."""


def clip_name(index: int, slug: str) -> str:
    return "clips/hook" if index == HOOK else f"clips/clip_{slug}"


def keeps_sound(plan: Plan, index: int) -> bool:
    """Whether a clip's own sound is wanted; a spoken line is never doubled by it."""
    if index == HOOK:
        return False
    beat = plan.beat(index)
    if beat.media is not None and beat.media.clip:
        return True
    return beat.keep_audio and beat.silent


def clip_steps(plan: Plan, backends: Backends) -> list[Step]:
    """The steps of every segment, each with the backend it is routed to."""
    parts = segment_plans(plan)
    return [step for part in parts for step in _steps(plan, part, backends)]


def _steps(plan: Plan, segment: SegmentPlan, backends: Backends) -> Iterator[Step]:
    way = route(plan, segment, backends)
    name = clip_name(segment.index, segment.slug)
    draws = backends.clip(way.renderers[0]).caps().draws
    image = image_name(segment.index, segment.slug)
    if (own := own_clip(plan, segment, name, image, draws=draws)) is not None:
        yield own
        return
    if not way.checked:
        yield _step(plan, segment, backends, way, way.renderers[0], name)
        return
    before = ""
    for number, renderer in enumerate(way.renderers, 1):
        last = number == len(way.renderers)
        own = name if last else f"clips/takes/{segment.slug}_{number}_{renderer}"
        step = _step(plan, segment, backends, way, renderer, own)
        longest = None if last else backends.clip(renderer).caps().max_seconds
        yield _looked_at(step, way, number, before, longest)
        before = own


def _step(
    plan: Plan, segment: SegmentPlan, backends: Backends, way: Route, renderer: str, name: str
) -> Step:
    backend = backends.clip(renderer)
    caps = backend.caps()
    scene, shot, action = _content(plan, segment.index)
    params: dict[str, Any] = {
        "scene": scene_params(scene, drawn=caps.draws, moving=True),
        "prompt": action if caps.draws else motion_prompt(plan, segment, way, caps.makes_sound),
        "camera": shot.move,
        "keep_audio": keeps_sound(plan, segment.index),
        "width": plan.canvas.width,
        "height": plan.canvas.height,
        "segment": asdict(segment),
        "seed": staging.part_seed_of(plan, segment.index, "clip"),
        "renderer": renderer,
        "backend": dict(backend.fingerprint()),
    }
    if not caps.draws:
        params |= {"speaks": way.speaks, "notes": list(way.notes)}
    return Step(
        name=name,
        stage="clips",
        kind="clips.animate",
        action=animate,
        version=1,
        params=params,
        inputs={
            **_inputs(plan, segment, way, caps),
            **_sheets(plan, segment.index, caps, backends),
        },
        outputs={"clip": f"{name}.mp4"},
        beat=segment.index,
        parallel=not caps.needs_gpu,
        # What a model reads of a name is in the prompt; who draws reads none.
        unread=frozenset({"scene.figures.*.name"}),
        uses=f"video.{renderer}",
    )


def _inputs(plan: Plan, segment: SegmentPlan, way: Route, caps: ClipCaps) -> dict[str, From | Path]:
    picture = image_name(segment.index, segment.slug)
    inputs: dict[str, From | Path] = {}
    if way.continues is None:
        inputs["image"] = From(picture, "image")
    else:
        inputs["before"] = From(clip_name(way.continues, plan.beat(way.continues).slug), "clip")
    if segment.line:
        inputs["take"] = From(speech_name(segment.index, segment.slug), "take")
        if way.speaks or caps.draws:
            inputs["speech"] = From(speech_name(segment.index, segment.slug), "audio")
    if way.checked:
        inputs["info"] = From(picture, "info")
    return inputs


def _sheets(plan: Plan, index: int, caps: ClipCaps, backends: Backends) -> dict[str, From | Path]:
    """The sheets of who is in the picture, for a model that takes them; where they are drawn."""
    drawn = backends.image.uses_references and (backends.editor or backends.image).max_references
    if not caps.references or not drawn:
        return {}
    cast = plan.hook.cast if index == HOOK and plan.hook else plan.beat(index).cast
    sheets: dict[str, From | Path] = {}
    for number, id in enumerate(cast[: caps.references], 1):
        person = plan.character(id)
        label = f"{SHEET}{number} ({person.name})"
        if len(person.references) == 1:
            sheets[label] = Path(person.references[0])
        else:
            sheets[label] = From(f"images/cast_{id}", "image")
    return sheets


def _looked_at(step: Step, way: Route, number: int, before: str, longest: float | None) -> Step:
    """The step with its lips measured, after the one called `before`.

    `longest` bounds, in seconds, what its backend makes where another may be asked instead:
    how long the line is nobody knows before it is spoken.
    """
    inputs = dict(step.sources)
    if before:
        inputs |= {"earlier": From(before, "clip"), "made": From(before, "made")}
    rest = way.renderers[number:]
    params: dict[str, Any] = {**step.params, "next": rest[0] if rest else ""}
    if longest is not None:
        params["longest"] = longest
    return Step(
        name=step.name,
        stage=step.stage,
        kind="clips.animate_and_look",
        action=animate_and_look,
        version=1,
        params=params,
        inputs=inputs,
        outputs={**step.targets, "made": f"{step.name}.json"},
        beat=step.beat,
        unread=step.unread,
        uses=step.uses,
        spared=partial(_spared, params) if before or longest is not None else None,
        fallback=bool(before),
        inner=bool(rest),
    )


def _content(plan: Plan, index: int) -> tuple[Scene, ShotPlan, str]:
    if index == HOOK:
        assert plan.hook is not None
        return staging.stage_hook(plan, plan.hook), plan.hook.shot, plan.hook.image_prompt
    beat = plan.beat(index)
    return staging.stage_beat(plan, beat), beat.shot, beat.action


# --- what the steps do ------------------------------------------------------


def animate(context: StepContext) -> None:
    """Make one clip: as many frames as the measured line needs, its audio padded to fit."""
    for note in context.params.get("notes", []):
        context.warn(note)
    _take(context, context.params["seed"], context.outputs["clip"])


def animate_and_look(context: StepContext) -> None:
    """Make a clip whose lips follow its line, or hand on the best there is and say so."""
    params, out = context.params, context.outputs["clip"]
    kept: dict[str, Any] = {"follow": False, "tries": []}
    if "made" in context.inputs:
        kept = read_json(context.inputs["made"])
        copy(context.inputs["earlier"], out)
    if too_long := _too_long(params, context.inputs):
        kept["passed_over"] = [*kept.get("passed_over", []), params["renderer"]]
        context.warn(f"{too_long}; video.{params['next']} is asked instead")
        if "score" not in kept:
            # Nobody has made one yet: what the next is handed is empty, and it knows.
            out.touch()
    elif not kept["follow"]:
        for note in params["notes"]:
            context.warn(note)
        for number in range(1, TRIES + 1):
            made = _try(context, number, out.with_name(f"take_{number}.mp4"))
            tries = [*kept["tries"], made]
            if "score" not in kept or _better(made, kept):
                out.with_name(f"take_{number}.mp4").replace(out)
                kept = {**made, "passed_over": kept.get("passed_over", [])}
            kept["tries"] = tries
            if made["follow"]:
                break
        _report(context, kept)
    write_json(context.outputs["made"], kept)


def _try(context: StepContext, number: int, out: Path) -> dict[str, Any]:
    """One take, looked at."""
    params = context.params
    seed = params["seed"]
    if number > 1:
        seed = staging.derived_seed(seed, f"lips {number}")
    audio = _take(context, seed, out)
    assert audio is not None
    seen = lips.measure(out, audio, _face(context))
    made = {"renderer": params["renderer"], "seed": seed, "follow": seen.follow, **asdict(seen)}
    context.measured("lips", made)
    return made


def _take(context: StepContext, seed: int, out: Path) -> Path | None:
    """Make the clip with this seed; returns the padded line that its lips follow, if any."""
    params = context.params
    backend: ClipBackend = context.backends.clip(params["renderer"])
    segment = SegmentPlan(**params["segment"])
    seconds = read_json(context.inputs["take"])["seconds"] if "take" in context.inputs else None
    frames = segment.frames(seconds)
    audio = None
    if "speech" in context.inputs:
        audio = out.with_name("clip.wav")
        pad_speech(context.inputs["speech"], audio, segment.speech_offset, frames / segment.fps)
    result = backend.render(
        ClipRequest(
            image=_first_picture(context, out),
            width=params["width"],
            height=params["height"],
            fps=segment.fps,
            frames=frames,
            audio=audio,
            scene=SCENE.validate_python(params["scene"]),
            prompt=params["prompt"],
            camera=params["camera"],
            keep_audio=params["keep_audio"],
            references=tuple(
                Reference(path, label.partition("(")[2].rstrip(")"))
                for label, path in context.inputs.items()
                if label.startswith(SHEET)
            ),
            seed=seed,
        ),
        out,
    )
    for warning in result.warnings:
        context.warn(warning)
    if result.frames < frames:
        raise BadOutput(f"the clip has {result.frames} frames, {frames} are needed")
    return audio


def _first_picture(context: StepContext, out: Path) -> Path:
    if "before" not in context.inputs:
        return context.inputs["image"]
    return last_frame(context.inputs["before"], out.with_name("before.png"))


def _spared(params: Mapping[str, Any], inputs: Mapping[str, Path]) -> bool:
    """Whether the step makes no take: an earlier one is good enough, or the line too long."""
    settled = "made" in inputs and bool(read_json(inputs["made"])["follow"])
    return settled or bool(_too_long(params, inputs))


def _too_long(params: Mapping[str, Any], inputs: Mapping[str, Path]) -> str:
    """Why this backend cannot make the clip of the line as it was spoken; "" if it can."""
    longest: float | None = params.get("longest")
    if longest is None or "take" not in inputs:
        return ""
    segment = SegmentPlan(**params["segment"])
    seconds = segment.frames(read_json(inputs["take"])["seconds"]) / segment.fps
    if seconds <= longest:
        return ""
    return (
        f"the clip lasts {seconds:.1f} s with its line as it was spoken, and "
        f"video.{params['renderer']} makes at most {longest:g} s"
    )


def _better(made: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
    return _rank(made) > _rank(kept)


def _rank(made: Mapping[str, Any]) -> tuple[bool, bool, float]:
    return made["follow"], made["speaking"] >= lips.STILL, made["score"]


def _report(context: StepContext, kept: Mapping[str, Any]) -> None:
    """Say what was not as it should be: which takes failed, who made the clip that is used."""
    own = [made for made in kept["tries"] if made["renderer"] == context.params["renderer"]]
    failed = [made for made in own if not made["follow"]]
    if not failed:
        return
    seen = ", ".join(f"{m['score']:.2f} and {m['speaking']:.1f}" for m in failed)
    what = f"the lips made by video.{context.params['renderer']} did not follow the line "
    what += f"(score and motion {seen}; {lips.THRESHOLD:g} and {lips.STILL:g} are needed)"
    if kept["follow"]:
        context.warn(f"{what}; another seed was used")
    elif context.params["next"]:
        context.warn(f"{what}; video.{context.params['next']} is asked next")
    else:
        context.warn(f"{what}; the best take is used, by video.{kept['renderer']}")


def _face(context: StepContext) -> lips.Face | None:
    """Where the picture says that the speaker's face is."""
    info: dict[str, Any] = read_json(context.inputs["info"])
    faces: dict[str, list[float]] = info.get("faces") or {}
    box = faces.get(context.params["segment"]["speaker"])
    width, height = float(info.get("width", 0)), float(info.get("height", 0))
    if not box or not width or not height:
        return None
    return lips.Face(box[0] / width, box[1] / height, box[2] / width, box[3] / height)


def pad_speech(speech: Path, out: Path, offset: float, seconds: float) -> None:
    """Write `speech` at `offset` seconds into stereo silence of `seconds`; never cut."""
    samples, rate = read_audio(speech)
    start = round(offset * rate)
    length = max(round(seconds * rate), start + len(samples))
    track = np.zeros((length, 2), dtype=np.float32)
    track[start : start + len(samples)] = samples if samples.shape[1] == 2 else samples[:, :1]
    soundfile.write(out, track, rate, subtype="PCM_16")
