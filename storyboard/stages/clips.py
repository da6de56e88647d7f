"""Stage C: one clip a beat, exactly as long as its measured line asks.

Knows: which picture and which line make a clip, frame counts, padding. Does not know: how
a backend animates.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import soundfile

from renderers.base import ClipBackend, ClipRequest
from renderers.errors import BadOutput
from renderers.scene import Scene
from storyboard import staging
from storyboard.backends import Backends
from storyboard.files import read_json
from storyboard.plan import NARRATOR, Plan, ShotPlan
from storyboard.profile import BeatKind
from storyboard.stages.images import SCENE, image_name
from storyboard.stages.speech import speech_name
from storyboard.steps import From, Step, StepContext
from storyboard.timeline import HOOK, SegmentPlan, legal_frames, segment_plans

VERSION = 1
SAMPLE_RATE = 48_000


def clip_name(index: int, slug: str) -> str:
    return "clips/hook" if index == HOOK else f"clips/clip_{slug}"


def kind_of(plan: Plan, segment: SegmentPlan) -> BeatKind:
    """What a segment asks of its renderer; the profile routes by it."""
    if segment.speaker == NARRATOR:
        return "narration"
    beat = plan.beat(segment.index) if segment.index != HOOK else None
    if segment.speaker is None:
        if beat is not None and beat.keep_audio:
            return "effect"
        return "reaction" if segment.slug.endswith("reaction") else "silent"
    calm = beat is not None and beat.expression in ("neutral", "deadpan", "happy")
    return "dialogue" if calm else "drama"


def keeps_sound(plan: Plan, index: int) -> bool:
    """Whether a clip's own sound is wanted; a spoken line is never doubled by it."""
    return index != HOOK and plan.beat(index).keep_audio and plan.beat(index).silent


def clip_steps(plan: Plan, backends: Backends) -> list[Step]:
    """One step a segment, each with the backend that its beat names or its kind is routed to."""
    steps: list[Step] = []
    for segment in segment_plans(plan):
        chosen = plan.beat(segment.index).renderer if segment.index != HOOK else None
        renderer = chosen or backends.profile.video.route(kind_of(plan, segment))
        backend = backends.clip(renderer)
        scene, shot, action = _content(plan, segment.index)
        inputs: dict[str, From | Path] = {
            "image": From(image_name(segment.index, segment.slug), "image")
        }
        if segment.line:
            inputs["speech"] = From(speech_name(segment.index, segment.slug), "audio")
            inputs["take"] = From(speech_name(segment.index, segment.slug), "take")
        name = clip_name(segment.index, segment.slug)
        steps.append(
            Step(
                name=name,
                stage="clips",
                action=animate,
                version=VERSION,
                params={
                    "scene": asdict(scene),
                    "prompt": action,
                    "camera": shot.move,
                    "keep_audio": keeps_sound(plan, segment.index),
                    "width": plan.canvas.width,
                    "height": plan.canvas.height,
                    "segment": asdict(segment),
                    "seed": staging.take_seed_of(plan, segment.index),
                    "renderer": renderer,
                    "backend": dict(backend.fingerprint()),
                },
                inputs=inputs,
                outputs={"clip": f"{name}.mp4"},
                beat=segment.index,
                parallel=not backend.caps().needs_gpu,
            )
        )
    return steps


def _content(plan: Plan, index: int) -> tuple[Scene, ShotPlan, str]:
    if index == HOOK:
        assert plan.hook is not None
        return staging.stage_hook(plan, plan.hook), plan.hook.shot, plan.hook.image_prompt
    beat = plan.beat(index)
    return staging.stage_beat(plan, beat), beat.shot, beat.action


def animate(context: StepContext) -> None:
    """Make one clip: as many frames as the measured line needs, its audio padded to fit."""
    params = context.params
    backend: ClipBackend = context.backends.clip(params["renderer"])
    segment = SegmentPlan(**params["segment"])
    speech = context.inputs.get("speech")
    seconds = read_json(context.inputs["take"])["seconds"] if speech else None
    frames = segment.frames(seconds)
    caps = backend.caps()
    audio = None
    if speech is not None:
        audio = context.outputs["clip"].with_name("clip.wav")
        pad_speech(speech, audio, segment.speech_offset, frames / segment.fps)
    result = backend.render(
        ClipRequest(
            image=context.inputs["image"],
            width=params["width"],
            height=params["height"],
            fps=segment.fps,
            frames=legal_frames(frames, caps.frame_rule),
            audio=audio,
            scene=SCENE.validate_python(params["scene"]),
            prompt=params["prompt"],
            camera=params["camera"],
            keep_audio=params["keep_audio"],
            seed=params["seed"],
        ),
        context.outputs["clip"],
    )
    for warning in result.warnings:
        context.warn(warning)
    if result.frames < frames:
        raise BadOutput(f"the clip has {result.frames} frames, {frames} are needed")


def pad_speech(speech: Path, out: Path, offset: float, seconds: float) -> None:
    """Write `speech` at `offset` seconds into stereo silence of `seconds`; never cut."""
    samples, rate = soundfile.read(speech, dtype="float32", always_2d=True)
    start = round(offset * rate)
    length = max(round(seconds * rate), start + len(samples))
    track = np.zeros((length, 2), dtype=np.float32)
    track[start : start + len(samples)] = samples if samples.shape[1] == 2 else samples[:, :1]
    soundfile.write(out, track, rate, subtype="PCM_16")
