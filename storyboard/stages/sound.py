"""The film's sound as a step: lines, effects, the clips' own sound, music.

An effect is the clip's own sound where the beat keeps it and something is heard in it, else
the synthesised one.

Knows: what is heard when. Does not know: how sounds are made, mixed or mastered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from renderers.audio_file import read_audio
from renderers.errors import BadOutput
from renderers.probe import probe
from storyboard.core.files import write_json
from storyboard.graph.steps import From, Step, StepContext
from storyboard.media.audio import mix, music, sound
from storyboard.plan import Plan
from storyboard.plan.staging import derived_seed
from storyboard.plan.timeline import Segment, segment_plans
from storyboard.stages.clips import clip_name, keeps_sound
from storyboard.stages.speech import timeline_of

VERSION = 3
EFFECT_DB = -9.0
"""Gain on a sound effect, which then is as loud as speech."""
MOST_GAIN = 4.0
"""On a clip's own sound: more would turn its noise into an effect."""
AUDIBLE = 0.004
"""RMS of a clip's loudest 100 ms (−48 dBFS) below which it is silent: a hiss is no effect."""


def sound_step(
    plan: Plan, takes: Mapping[str, From | Path], audio: Mapping[str, From | Path]
) -> Step:
    """One step for the whole film's sound; a clip whose own sound is kept is an input too."""
    inputs: dict[str, From | Path] = {**takes, **audio}
    for beat in plan.beats:
        if keeps_sound(plan, beat.index):
            inputs[f"clip {beat.index}"] = From(clip_name(beat.index, beat.slug), "clip")
    if (track := music_of(plan)) is not None:
        inputs["music"] = track
    return Step(
        name="assemble/sound",
        stage="assemble",
        kind="sound.mix_sound",
        action=mix_sound,
        version=VERSION,
        params={
            "segments": [asdict(part) for part in segment_plans(plan)],
            "effects": effects_of(plan),
            "level": plan.music.level,
        },
        inputs=inputs,
        outputs={"sound": "audio/mix.m4a", "timeline": "audio/timeline.json"},
        parallel=True,
    )


def effects_of(plan: Plan) -> dict[str, Any]:
    """The sound effects that are asked for, by the beat's index."""
    return {
        str(beat.index): beat.sound_effect.model_dump(exclude={"prompt"})
        for beat in plan.beats
        if beat.sound_effect
    }


def music_of(plan: Plan) -> Path | None:
    """The track under the film; None for none."""
    return music.find_track(plan.music, derived_seed(plan.seed, "music"))


def mix_sound(context: StepContext) -> None:
    """Mix and master the whole film's sound, and say what of it belongs to which segment."""
    timeline = timeline_of(context)
    write_json(context.outputs["timeline"], {"segments": [asdict(s) for s in timeline.segments]})
    lines = [
        mix.Cue(_stereo(context.inputs[f"audio {s.index}"]), s.speech_start)
        for s in timeline.segments
        if s.speech_seconds
    ]
    effects = [_own_sound(context, s) or _synthesised(context, s) for s in timeline.segments]
    track = None
    if "music" in context.inputs:
        count = round(timeline.seconds * mix.RATE)
        track = music.loop(music.read_audio(context.inputs["music"], timeline.seconds + 1.0), count)
    mixed = mix.mix(
        timeline.seconds, lines, list(filter(None, effects)), track, context.params["level"]
    )
    loudness = mix.master(mixed, context.outputs["sound"])
    context.measured("loudness", {"lufs": loudness.integrated, "dbtp": loudness.true_peak})


def _own_sound(context: StepContext, segment: Segment) -> mix.Cue | None:
    """What a clip's model made to be heard, for the length of its beat."""
    clip = context.inputs.get(f"clip {segment.index}")
    if clip is None or not probe(clip).channels:
        return None
    samples = music.read_audio(clip)[: round(segment.seconds * mix.RATE)]
    loudest = sound.loudest(samples.mean(axis=1)) if len(samples) else 0.0
    if loudest < AUDIBLE:
        stock = context.params["effects"].get(str(segment.index))
        instead = f"the stock effect '{stock['name']}' is heard" if stock else "none is heard"
        context.warn(f"clip {segment.slug}: its model was to make a sound and made none; {instead}")
        return None
    gain = min(sound.LOUDNESS / loudest, MOST_GAIN)
    return mix.Cue(samples * np.float32(gain), segment.start, EFFECT_DB)


def _synthesised(context: StepContext, segment: Segment) -> mix.Cue | None:
    asked = context.params["effects"].get(str(segment.index))
    if asked is None:
        return None
    wave = sound.effect(asked["name"])
    return mix.Cue(np.repeat(wave[:, None], 2, axis=1), segment.start + asked["at"], EFFECT_DB)


def _stereo(path: Path) -> npt.NDArray[np.float32]:
    samples, rate = read_audio(path)
    if rate != mix.RATE:
        raise BadOutput(f"{path.name} has {rate} Hz, {mix.RATE} are needed")
    sides = [samples[:, 0], samples[:, -1]]
    return np.stack(sides, axis=1).astype(np.float32)
