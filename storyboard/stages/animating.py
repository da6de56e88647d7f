"""What the clips' steps do: one clip rendered, its mouth looked at, the best of several tries kept.

Knows: one step's inputs. Does not know: which clips a film has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from renderers.audio_file import read_audio
from renderers.base import JSON, ClipRequest, Reference
from renderers.errors import BadOutput
from renderers.scene import CameraMove, Scene
from storyboard.core.files import copy, read_json, write_json
from storyboard.graph.contract import F, Files, Numbered, if_set, many
from storyboard.graph.steps import StepContext
from storyboard.judge.picture import SceneParams
from storyboard.media import lips
from storyboard.media.stills import last_frame
from storyboard.plan import staging
from storyboard.plan.timeline import SegmentPlan
from storyboard.stages.stage_files import ClipFiles

TRIES = 2
"""Takes by one backend before the next is asked."""


class ClipParams(SceneParams):
    scene: Scene
    prompt: str
    camera: CameraMove
    keep_audio: bool
    width: int
    height: int
    segment: SegmentPlan
    seed: int
    renderer: str
    backend: Mapping[str, JSON]
    speaks: bool | None = if_set()
    """This and the notes are None for a backend that draws."""
    notes: tuple[str, ...] | None = if_set()


class WatchedParams(ClipParams):
    """Of a clip whose lips are looked at."""

    next: str
    """Who is asked if they do not follow; "": nobody."""
    longest: float | None = if_set()
    """Seconds that its backend makes, where another may be asked instead: how long the line is
    nobody knows before it is spoken."""


class ClipInputs(Files[F]):
    image: F | None = None
    before: F | None = None
    """The clip whose last picture is the first of this one, instead of an image."""
    take: F | None = None
    speech: F | None = None
    info: F | None = None
    sheets: Mapping[Numbered, F] = many("sheet {}")


class WatchedInputs(ClipInputs[F]):
    earlier: F | None = None
    """The best clip so far, by those asked before."""
    made: F | None = None


Animating = StepContext[ClipParams, ClipInputs[Path], ClipFiles[Path]]

Watching = StepContext[WatchedParams, WatchedInputs[Path], ClipFiles[Path]]


def animate(context: Animating) -> None:
    """Make one clip: as many frames as the measured line needs, its audio padded to fit."""
    for note in context.params.notes or ():
        context.warn(note)
    _take(context, context.params.seed, context.outputs.clip)


def animate_and_look(context: Watching) -> None:
    """Make a clip whose lips follow its line, or hand on the best there is and say so."""
    params, inputs, out = context.params, context.inputs, context.outputs.clip
    assert context.outputs.made is not None, "a clip that is looked at leaves what was seen"
    kept: dict[str, Any] = {"follow": False, "tries": []}
    if inputs.made is not None and inputs.earlier is not None:
        kept = read_json(inputs.made)
        copy(inputs.earlier, out)
    if too_long := _too_long(params, inputs):
        kept["passed_over"] = [*kept.get("passed_over", []), params.renderer]
        context.warn(f"{too_long}; video.{params.next} is asked instead")
        if "score" not in kept:
            # Nobody has made one yet: what the next is handed is empty, and it knows.
            out.touch()
    elif not kept["follow"]:
        for note in params.notes or ():
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
    write_json(context.outputs.made, kept)


def _try(context: Watching, number: int, out: Path) -> dict[str, Any]:
    """One take, looked at."""
    params = context.params
    seed = params.seed
    if number > 1:
        seed = staging.derived_seed(seed, f"lips {number}")
    audio = _take(context, seed, out)
    assert audio is not None
    seen = lips.measure(out, audio, _face(context))
    context.measured(lips.LipsSeen(params.renderer, seed, seen.follow, **asdict(seen)))
    return {"renderer": params.renderer, "seed": seed, "follow": seen.follow, **asdict(seen)}


def _take(context: Animating, seed: int, out: Path) -> Path | None:
    """Make the clip with this seed; returns the padded line that its lips follow, if any."""
    params, inputs = context.params, context.inputs
    backend = context.backends.clip(params.renderer)
    segment = params.segment
    seconds = None if inputs.take is None else read_json(inputs.take)["seconds"]
    frames = segment.frames(seconds)
    audio = None
    if inputs.speech is not None:
        audio = out.with_name("clip.wav")
        pad_speech(inputs.speech, audio, segment.speech_offset, frames / segment.fps)
    result = backend.render(
        ClipRequest(
            image=_first_picture(inputs, out),
            width=params.width,
            height=params.height,
            fps=segment.fps,
            frames=frames,
            audio=audio,
            scene=params.scene,
            prompt=params.prompt,
            camera=params.camera,
            keep_audio=params.keep_audio,
            references=tuple(Reference(path, who.name) for who, path in inputs.sheets.items()),
            seed=seed,
        ),
        out,
    )
    for warning in result.warnings:
        context.warn(warning)
    if result.frames < frames:
        raise BadOutput(f"the clip has {result.frames} frames, {frames} are needed")
    return audio


def _first_picture(inputs: ClipInputs[Path], out: Path) -> Path:
    if inputs.before is not None:
        return last_frame(inputs.before, out.with_name("before.png"))
    assert inputs.image is not None, "a clip begins with a picture or goes on with another"
    return inputs.image


def _better(made: Mapping[str, Any], kept: Mapping[str, Any]) -> bool:
    return _rank(made) > _rank(kept)


def _rank(made: Mapping[str, Any]) -> tuple[bool, bool, float]:
    return made["follow"], made["speaking"] >= lips.STILL, made["score"]


def _report(context: Watching, kept: Mapping[str, Any]) -> None:
    """Say what was not as it should be: which takes failed, who made the clip that is used."""
    own = [made for made in kept["tries"] if made["renderer"] == context.params.renderer]
    failed = [made for made in own if not made["follow"]]
    if not failed:
        return
    seen = ", ".join(f"{m['score']:.2f} and {m['speaking']:.1f}" for m in failed)
    what = f"the lips made by video.{context.params.renderer} did not follow the line "
    what += f"(score and motion {seen}; {lips.THRESHOLD:g} and {lips.STILL:g} are needed)"
    if kept["follow"]:
        context.warn(f"{what}; another seed was used")
    elif context.params.next:
        context.warn(f"{what}; video.{context.params.next} is asked next")
    else:
        context.warn(f"{what}; the best take is used, by video.{kept['renderer']}")


def _face(context: Watching) -> lips.Face | None:
    """Where the picture says that the speaker's face is."""
    assert context.inputs.info is not None, "who looks at lips is told where they are"
    info: dict[str, Any] = read_json(context.inputs.info)
    faces: dict[str, list[float]] = info.get("faces") or {}
    box = faces.get(context.params.segment.speaker or "")
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


def makes_no_take(params: WatchedParams, inputs: WatchedInputs[Path]) -> bool:
    """Whether the step makes no take: an earlier one is good enough, or the line too long."""
    settled = inputs.made is not None and bool(read_json(inputs.made)["follow"])
    return settled or bool(_too_long(params, inputs))


def _too_long(params: WatchedParams, inputs: WatchedInputs[Path]) -> str:
    """Why this backend cannot make the clip of the line as it was spoken; "" if it can."""
    longest = params.longest
    if longest is None or inputs.take is None:
        return ""
    segment = params.segment
    seconds = segment.frames(read_json(inputs.take)["seconds"]) / segment.fps
    if seconds <= longest:
        return ""
    return (
        f"the clip lasts {seconds:.1f} s with its line as it was spoken, and "
        f"video.{params.renderer} makes at most {longest:g} s"
    )
