"""The film's sound as a step: lines, effects, the clips' own sound, music.

An effect is the clip's own sound where the beat keeps it and something is heard in it, else
the synthesised one.

Knows: what is heard when. Does not know: how sounds are made, mixed or mastered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from renderers.audio_file import read_audio
from renderers.errors import BadOutput
from renderers.probe import probe
from storyboard.core.events import Measured
from storyboard.core.files import write_json
from storyboard.graph.contract import F, Files, Params, if_set, many
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.media.audio import effects, mix, music
from storyboard.plan import Beat, Plan, SoundEffect, SoundName
from storyboard.plan.shots import shots_of
from storyboard.plan.staging import derived_seed
from storyboard.plan.timeline import Segment, SegmentPlan, Timeline, segment_plans
from storyboard.stages.clips import clip_of
from storyboard.stages.footage import own_sounds
from storyboard.stages.speech import timeline_of

VERSION = 4
EFFECT_DB = -9.0
"""Gain on a sound effect, which then is as loud as speech."""
STING_DB = -14.0
"""Gain on an accent of music: felt under the line, not heard over it."""
ROOM_DB = -42.0
"""The air of a place under the speech, dB: what makes a pause no hole."""
_TURNS: Mapping[str, effects.StingName] = {
    "reversal": "reversal",
    "consequence": "reversal",
    "surprise": "reversal",
    "verdict": "reversal",
    "payoff": "payoff",
    "takeaway": "payoff",
    "realisation": "payoff",
}
"""Types of beats that turn the story."""
_OUTDOORS = frozenset({"street", "park", "beach", "night city", "taxi"})
_SOUNDING: tuple[tuple[SoundName, re.Pattern[str]], ...] = (
    (
        "door",
        re.compile(
            r"\b(?:opens?|closes?|slams?|shuts?|bursts?)\b.*\bdoors?\b|\bdoors?\b.*\b(?:opens?|closes?|slams?|shuts?)",
            re.I,
        ),
    ),
    (
        "footsteps",
        re.compile(
            r"\b(?:walks?|steps?|strides?|marches|paces|runs?|tiptoes?)\b (?:in|out|off|away|up|over|across|past|into|back|toward)",
            re.I,
        ),
    ),
    (
        "cup",
        re.compile(
            r"\b(?:puts?|sets?|places?|lifts?|drops?|slides?|hands?)\b.*\b(?:cups?|mugs?|glass(?:es)?|saucers?)\b",
            re.I,
        ),
    ),
    (
        "crowd",
        re.compile(
            r"\b(?:crowd|audience|queue|guests|everyone|onlookers)\b.*\b(?:gasps?|laughs?|murmurs?|cheers?|stares?|turns?|whispers?)",
            re.I,
        ),
    ),
)
"""What is heard where an action names it: words in which plans are written."""
MOST_GAIN = 4.0
"""On a clip's own sound: more would turn its noise into an effect."""
AUDIBLE = 0.004
"""RMS of a clip's loudest 100 ms (−48 dBFS) below which it is silent: a hiss is no effect."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A sound that is asked for, and how many seconds after its beat begins it is heard."""

    name: SoundName
    at: float


class SoundParams(Params):
    """What is heard beside the lines, by segment."""

    segments: Sequence[SegmentPlan]
    effects: Mapping[int, Effect]
    level: float
    stings: Mapping[int, effects.StingName]
    rooms: Mapping[int, bool]
    seed: int
    own: Mapping[int, float] | None = if_set()


class SoundInputs(Files[F]):
    takes: Mapping[int, F] = many("take {}")
    audio: Mapping[int, F] = many("audio {}")
    clips: Mapping[int, F] = many("clip {}")
    music: F | None = None
    tracks: Mapping[int, F] = many("music {}")
    """The music of single beats."""


class SoundFiles(Files[F]):
    sound: F
    timeline: F


Mixing = StepContext[SoundParams, SoundInputs[Path], SoundFiles[Path]]
MixedStep = Step[SoundParams, SoundInputs[Source], SoundFiles[str]]


def sound_step(plan: Plan, takes: Mapping[int, Source], audio: Mapping[int, Source]) -> MixedStep:
    """One step for the whole film's sound; a clip whose own sound is kept is an input too."""
    return Step(
        name="assemble/sound",
        stage="assemble",
        kind="sound.mix_sound",
        action=mix_sound,
        version=VERSION,
        params=SoundParams(
            segments=segment_plans(plan),
            effects=effects_of(plan),
            level=plan.music.level,
            stings=stings_of(plan),
            rooms=rooms_of(plan),
            seed=derived_seed(plan.seed, "room tone"),
            own=own_sounds(plan) or None,
        ),
        inputs=SoundInputs[Source](
            takes=takes,
            audio=audio,
            clips={
                shot.index: clip_of(shot.index, shot.slug)
                for shot in shots_of(plan)
                if shot.keeps_sound
            },
            music=music_of(plan),
            tracks=tracks_of(plan),
        ),
        outputs=SoundFiles(sound="audio/mix.m4a", timeline="audio/timeline.json"),
        parallel=True,
    )


def effects_of(plan: Plan) -> dict[int, Effect]:
    """The sound effects that are asked for, by the beat's index."""
    asked = {beat.index: beat.sound_effect or _heard_in(beat) for beat in plan.beats}
    return {index: Effect(effect.name, effect.at) for index, effect in asked.items() if effect}


def _heard_in(beat: Beat) -> SoundEffect | None:
    """What the action of a beat makes to be heard, where it names a thing that sounds."""
    for name, words in _SOUNDING:
        if words.search(beat.action):
            return SoundEffect(name=name)
    return None


def stings_of(plan: Plan) -> dict[int, effects.StingName]:
    """The accents under the turns of the story, by the beat's index; none without music."""
    if plan.music.mood == "none" and not plan.music.track:
        return {}
    effects = effects_of(plan)
    turns: dict[int, effects.StingName] = {
        b.index: _TURNS[b.type] for b in plan.beats if b.type in _TURNS
    }
    return {index: kind for index, kind in turns.items() if index not in effects}


def rooms_of(plan: Plan) -> dict[int, bool]:
    """Of each segment, whether its place is outdoors."""
    outside = {setting.id: setting.place in _OUTDOORS for setting in plan.settings}
    return {shot.index: outside.get(shot.setting, False) for shot in shots_of(plan)}


def music_of(plan: Plan) -> Path | None:
    """The track under the film; None for none."""
    return music.find_track(plan.music, derived_seed(plan.seed, f"music for {plan.idea}"))


def tracks_of(plan: Plan) -> dict[int, Path]:
    """The tracks that single beats bring, by the beat's index."""
    return {
        beat.index: music.packaged_track(beat.media.music) or Path(beat.media.music)
        for beat in plan.beats
        if beat.media is not None and beat.media.music
    }


class Mastered(Measured, kind="loudness"):
    """How loud the film's sound came out."""

    lufs: float
    dbtp: float


def mix_sound(context: Mixing) -> None:
    """Mix and master the whole film's sound, and say what of it belongs to which segment."""
    timeline = timeline_of(context.params.segments, context.inputs.takes)
    write_json(context.outputs.timeline, {"segments": [asdict(s) for s in timeline.segments]})
    lines, effects, track = _heard(context, timeline)
    mixed = mix.mix(timeline.seconds, lines, effects, track, context.params.level)
    loudness = mix.master(mixed, context.outputs.sound)
    context.measured(Mastered(loudness.integrated, loudness.true_peak))


def stems(context: Mixing) -> dict[str, mix.Samples]:
    """What the sound is mixed of, each as long as the film, before mastering: "speech mia" of each
    speaker, "effects", "music" if there is some. Together they are the mix."""
    timeline = timeline_of(context.params.segments, context.inputs.takes)
    lines, effects, track = _heard(context, timeline)
    spoken = [s for s in timeline.segments if s.speech_seconds]
    found: dict[str, mix.Samples] = {}
    for speaker in dict.fromkeys(str(s.speaker) for s in spoken):
        mine = [cue for cue, s in zip(lines, spoken, strict=True) if s.speaker == speaker]
        found[f"speech {speaker}"] = mix.laid(timeline.seconds, mine)
    found["effects"] = mix.laid(timeline.seconds, effects)
    if track is not None:
        voices = mix.laid(timeline.seconds, lines)
        found["music"] = mix.under(voices, track, context.params.level)
    return found


def _heard(
    context: Mixing, timeline: Timeline
) -> tuple[list[mix.Cue], list[mix.Cue], mix.Samples | None]:
    """The lines on their places, the effects, and the music at full length."""
    lines = [
        mix.Cue(_stereo(context.inputs.audio[s.index]), s.speech_start)
        for s in timeline.segments
        if s.speech_seconds
    ]
    effects = [_own_sound(context, s) or _synthesised(context, s) for s in timeline.segments]
    effects += [_sting(context, s) for s in timeline.segments]
    if lines:
        # A film in which nobody speaks is as still as it likes: its air would be made loud.
        spoken = float(np.mean([mix.active_rms(cue.samples) for cue in lines]))
        effects += [_room(context, s, spoken) for s in timeline.segments]
    return lines, list(filter(None, effects)), _music(context, timeline)


def _music(context: Mixing, timeline: Timeline) -> mix.Samples | None:
    """The film's music at full length, with that of single beats in its place."""
    count, most = round(timeline.seconds * mix.RATE), timeline.seconds + 1.0
    track = None
    if context.inputs.music is not None:
        track = music.loop(music.read_audio(context.inputs.music, most), count)
    stretches: list[music.Stretch] = []
    # Neighbours that bring the same track play it through.
    for own, group in groupby(timeline.segments, lambda s: context.inputs.tracks.get(s.index)):
        if own is not None:
            beats = list(group)
            samples = music.read_audio(own, most)
            stretches.append(music.Stretch(samples, beats[0].start, beats[-1].end))
    return music.woven(track, stretches, count) if stretches else track


def _own_sound(context: Mixing, segment: Segment) -> mix.Cue | None:
    """What a clip's model made to be heard, for the length of its beat."""
    clip = context.inputs.clips.get(segment.index)
    if clip is None or not probe(clip).channels:
        return None
    samples = music.read_audio(clip)[: round(segment.seconds * mix.RATE)]
    loudest = effects.loudest(samples.mean(axis=1)) if len(samples) else 0.0
    level = (context.params.own or {}).get(segment.index)
    if level is not None:
        # A user's footage: as it is, at its level; one without a sound has none.
        gain = effects.LOUDNESS / max(loudest, AUDIBLE)
        return mix.Cue(samples * np.float32(min(gain, MOST_GAIN)), segment.start, level)
    if loudest < AUDIBLE:
        stock = context.params.effects.get(segment.index)
        instead = f"the stock effect '{stock.name}' is heard" if stock else "none is heard"
        context.warn(f"clip {segment.slug}: its model was to make a sound and made none; {instead}")
        return None
    gain = min(effects.LOUDNESS / loudest, MOST_GAIN)
    return mix.Cue(samples * np.float32(gain), segment.start, EFFECT_DB)


def _synthesised(context: Mixing, segment: Segment) -> mix.Cue | None:
    asked = context.params.effects.get(segment.index)
    if asked is None:
        return None
    wave = effects.effect(asked.name)
    return mix.Cue(np.repeat(wave[:, None], 2, axis=1), segment.start + asked.at, EFFECT_DB)


def _sting(context: Mixing, segment: Segment) -> mix.Cue | None:
    kind = context.params.stings.get(segment.index)
    if kind is None:
        return None
    # On the cut, under the first breath of the line.
    return mix.Cue(_both(effects.sting(kind)), segment.start, STING_DB)


def _room(context: Mixing, segment: Segment, spoken: float) -> mix.Cue | None:
    outside = context.params.rooms.get(segment.index)
    if outside is None:
        return None
    seed = context.params.seed + segment.index
    air = effects.room_tone(segment.seconds, outside=outside, seed=seed)
    edge = np.minimum(1.0, np.minimum(np.arange(len(air)), np.arange(len(air))[::-1]) / 2400)
    return mix.Cue(_both((air * edge * spoken).astype(np.float32)), segment.start, ROOM_DB)


def _both(wave: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.repeat(wave[:, None], 2, axis=1)


def _stereo(path: Path) -> npt.NDArray[np.float32]:
    samples, rate = read_audio(path)
    if rate != mix.RATE:
        raise BadOutput(f"{path.name} has {rate} Hz, {mix.RATE} are needed")
    sides = [samples[:, 0], samples[:, -1]]
    return np.stack(sides, axis=1).astype(np.float32)
