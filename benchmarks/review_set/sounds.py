"""Planted defects of the sound.

Knows: samples. Does not know: how they are found.
"""

from __future__ import annotations

from dataclasses import replace as changed
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.review_set.film_copy import (
    RATE,
    FilmCopy,
    NotHere,
    Sound,
    add,
    fade,
    part,
    planes,
    write_planes,
)
from benchmarks.review_set.kinds import Where, at, kind, whole
from storyboard.media.audio import music
from storyboard.media.audio.effects import effect
from storyboard.plan import Music, SoundEffect
from storyboard.plan.shots import shot_of
from storyboard.plan.timeline import HOOK, Segment
from storyboard.stages.sound import effects_of


@kind("audio missing in a beat", "sound_missing")
def muted(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    sound = copy.sound()
    sound[round(beat.start * RATE) : round(beat.end * RATE)] = 0
    copy.put_sound(sound)
    return at(beat)


@kind("film's audio 0.3 s late", "sound_out_of_sync")
def all_late(copy: FilmCopy) -> Where:
    sound = copy.sound()
    late = round(0.3 * RATE)
    copy.put_sound(np.pad(sound, ((late, 0), (0, 0)))[: len(sound)])
    return whole(copy)


@kind("a beat's audio 0.3 s late", "sound_out_of_sync", follows="caption_late wrong_line")
def late(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    sound = copy.sound()
    voice = copy.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    add(sound, voice, beat.speech_start + 0.3)
    copy.put_sound(sound)
    return at(beat)


@kind("loudness jump", "loudness_jump")
def jump(copy: FilmCopy) -> Where:
    beat = copy.spoken()[-1]
    sound = copy.sound()
    first, last = round(beat.start * RATE), round(beat.end * RATE)
    sound[first:last] *= np.float32(10 ** (-11 / 20))
    copy.put_sound(sound)
    return at(beat)


@kind("sound effect missing", "effect_missing", follows="dead_air")
def effect_gone(copy: FilmCopy) -> Where:
    """A sound that the plan asks for is taken out, or asked for and never laid."""
    sound = copy.sound()
    for number, asked in effects_of(copy.plan).items():
        segment = copy.cut.timeline.segment(number)
        wave, start = effect(asked.name), segment.start + asked.at
        if copy.cut.has_own_sound(segment) or round(start * RATE) + len(wave) > len(sound):
            continue
        gain = float(part(sound, start, len(wave)).mean(axis=1) @ wave) / float(wave @ wave)
        add(sound, np.repeat((-gain * wave)[:, None], 2, axis=1).astype(np.float32), start)
        copy.put_sound(sound)
        return at(segment, start, start + len(wave) / RATE)
    beat = copy.spoken()[0]
    copy.put_beat(beat.index, sound_effect=SoundEffect(name="thud", at=0.1))
    return at(beat)


@kind("silent beat with speech", "speech_in_silence", follows="duplicated_beat")
def chatter(copy: FilmCopy) -> Where:
    beat = copy.silent()
    speaker = copy.spoken()[0]
    sound = copy.sound()
    said = copy.voice(speaker, sound)[: round((beat.seconds - 0.5) * RATE)]
    add(sound, fade(said), beat.start + 0.3)
    copy.put_sound(sound)
    return at(beat)


@kind("clipped sound", "true_peak", follows="too_loud")
def clipped(copy: FilmCopy) -> Where:
    loud: Sound = copy.sound() * np.float32(10 ** (9 / 20))
    copy.put_sound(loud.clip(-1.0, 1.0).astype(np.float32))
    return whole(copy)


@kind("too quiet", "too_quiet")
def quiet(copy: FilmCopy) -> Where:
    soft: Sound = copy.sound()
    soft *= np.float32(10 ** (-12 / 20))
    copy.put_sound(soft)
    return whole(copy)


@kind(
    "music over speech", "music_over_speech", follows="wrong_line last_word_cut speech_in_silence"
)
def drowned(copy: FilmCopy) -> Where:
    sound = copy.sound()
    track = music.find_track(Music(mood="playful"), copy.plan.seed)
    assert track is not None
    under = music.loop(music.read_audio(track), len(sound))
    speech = copy.voice(copy.spoken()[0], sound)
    level = float(np.sqrt(np.square(speech).mean() / np.square(under).mean()))
    sound += under * np.float32(level * 1.2)
    copy.put_sound(sound, master=True)
    return whole(copy)


@kind("click at a cut", "click")
def click(copy: FilmCopy) -> Where:
    beat = next((s for s in copy.spoken() if not _effect(copy, s)), None)
    if beat is None:
        raise NotHere("every cut to a spoken beat has a sound effect")
    sound = copy.sound()
    place = round(beat.start * RATE)
    sound[place : place + 2] += np.float32(0.6)
    copy.put_sound(sound)
    return at(beat, beat.start - 0.01, beat.start + 0.01)


def _effect(copy: FilmCopy, segment: Segment) -> bool:
    return shot_of(copy.plan, segment.index).effect is not None


@kind("dead air", "dead_air", follows="sound_missing")
def dead_air(copy: FilmCopy) -> Where:
    ends = [n.speech_start if n.speech_seconds else n.end for _, n in copy.pairs()]
    stretches = [
        (max(s.start, s.speech_end if s.speech_seconds else s.start), end, s)
        for s, end in zip(
            copy.cut.timeline.segments, [*ends, copy.cut.timeline.seconds], strict=True
        )
    ]
    if not stretches:
        raise NotHere("the film has no pause")
    start, end, _ = max(stretches, key=lambda s: s[1] - s[0])
    if end - start < 1.1:
        raise NotHere("no pause of the film is long enough to be dead")
    music_plays = copy.plan.music.mood != "none" or copy.plan.music.track
    if not music_plays:
        raise NotHere("where there is no music, a pause is silent by right")
    sound = copy.sound()
    sound[round(start * RATE) : round(end * RATE)] = 0
    copy.put_sound(sound)
    silent = [s.index for s in copy.cut.timeline.segments if s.start < end and s.end > start]
    return Where(tuple(silent), start, end)


@kind("sound in one ear", "one_ear", follows="too_quiet")
def one_ear(copy: FilmCopy) -> Where:
    sound = copy.sound()
    sound[:, 1] = 0
    copy.put_sound(sound)
    return whole(copy)


@kind("sound ends early", "sound_too_short")
def short(copy: FilmCopy) -> Where:
    copy.put_sound(copy.sound()[: -round(0.45 * RATE)])
    return whole(copy)


@kind("hook too long", "hook_too_long")
def long_hook(copy: FilmCopy) -> Where:
    hook, old = copy.hook(), copy.plan.hook
    assert old is not None
    captions, sound = copy.captions(), copy.sound()
    copy.put_plan(copy.plan.model_copy(update={"hook": old.model_copy(update={"duration": 6.5})}))
    now = copy.cut.timeline.segment(HOOK)
    more = (now.frames - hook.frames) / copy.cut.timeline.fps
    if more <= 0:
        raise NotHere("the hook is longer than that already")
    own = [c for c in captions if c.start < hook.end]
    later = [changed(c, start=c.start + more, end=c.end + more) for c in captions[len(own) :]]
    copy.put_captions([*own, *later])
    _lengthen(copy, copy.clip_path(hook), now.frames)
    copy.burn(now, copy.script(now, own))
    # The same music as elsewhere would do; any that is quiet does.
    track = music.find_track(Music(mood="calm"), copy.plan.seed)
    assert track is not None
    bed = music.read_audio(track)[: round(more * RATE)]
    level = np.float32(0.02 / max(float(np.sqrt(np.square(bed).mean())), 1e-6))
    border = round(hook.end * RATE)
    copy.put_sound(np.concatenate([sound[:border], fade(bed * level, 0.05), sound[border:]]))
    return at(now)


def _lengthen(copy: FilmCopy, clip: Path, count: int) -> None:
    """A clip of `count` frames: played to its end, then backwards, and so on."""
    frames = planes(clip)
    there_and_back = [*frames, *frames[-2:0:-1]]
    with TemporaryDirectory(dir=clip.parent, prefix=".long.") as scratch:
        out = Path(scratch) / "long.mp4"
        write_planes((there_and_back[i % len(there_and_back)] for i in range(count)), out, copy.cut)
        out.replace(clip)
