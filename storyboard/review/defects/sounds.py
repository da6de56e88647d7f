"""Planted defects of the sound.

Knows: samples. Does not know: how they are found.
"""

from __future__ import annotations

import re
from dataclasses import replace as changed
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from renderers.base import SpeechRequest, VoiceSpec
from renderers.ffmpeg import run_ffmpeg
from storyboard.core.files import read_json, write_json
from storyboard.media.audio import music
from storyboard.media.audio.effects import effect
from storyboard.media.text.captions import time_captions
from storyboard.plan import NARRATOR, Music, SoundEffect, Voice
from storyboard.plan.casting import cast_plan
from storyboard.plan.shots import shot_of
from storyboard.plan.timeline import HOOK, Segment, segment_plans
from storyboard.review.defects.film_copy import (
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
from storyboard.review.defects.kinds import Where, at, kind, whole
from storyboard.stages.sound import effects_of

FAST = 2.1
"""Factor on the tempo of a line that is too fast."""


@kind("truncated last word", "last_word_cut", follows="wrong_line")
def last_word(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    cut = beat.speech_seconds - 0.4
    copy.put_sound(copy.without_voice(beat, cut, beat.speech_seconds + 0.1))
    return at(beat, beat.speech_start + cut, beat.speech_end)


@kind("missing syllable", "syllable_missing", follows="wrong_line last_word_cut")
def syllable(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    take = np.square(copy.take(beat)).sum(axis=1)
    size = RATE // 4
    sums = np.cumsum(np.concatenate([[0.0], take]))
    energy = sums[size:] - sums[:-size]
    third = len(energy) // 3
    first = (third + int(energy[third : 2 * third].argmax())) / RATE
    copy.put_sound(copy.without_voice(beat, first, first + 0.25))
    return at(beat, beat.speech_start + first, beat.speech_start + first + 0.25)


@kind("line missing", "line_missing")
def line(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    copy.put_sound(copy.without_voice(beat, -0.01, beat.speech_seconds + 0.1))
    return at(beat, beat.speech_start, beat.speech_end)


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
    beats = list(copy.plan.beats)
    at_fault = next(i for i, b in enumerate(beats) if b.index == beat.index)
    asked = {"sound_effect": SoundEffect(name="thud", at=0.1)}
    beats[at_fault] = beats[at_fault].model_copy(update=asked)
    copy.put_plan(copy.plan.model_copy(update={"beats": beats}))
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


@kind("wrong line spoken", "wrong_line", follows="last_word_cut wrong_voice")
def wrong_line(copy: FilmCopy) -> Where:
    """As if the voice had said something else: the take and the film agree."""
    beats = copy.spoken()
    if len(beats) < 2:
        raise NotHere("the film has one line only")
    beat, other = beats[1], beats[0]
    sound = copy.sound()
    voice = copy.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    # Backwards in time of its middle: no other beat's line is doubled by it.
    said = _turned(part(copy.take(other), 0.0, len(voice)))
    add(sound, fade(said) * _usual_gain(voice, copy.take(beat)), beat.speech_start)
    copy.put_take(beat, fade(said))
    copy.put_sound(sound)
    return at(beat)


@kind("a number left out", "wrong_number", follows="caption_too_fast")
def number(copy: FilmCopy) -> Where:
    """As if the voice had skipped a number: line and captions have it, take and film have not."""
    beat = copy.spoken()[0]
    first, space, rest = beat.line.partition(" ")
    if not space:
        raise NotHere("the longest line is one word")
    _write(copy, beat, f"{first} 78 {rest}")
    _recaption(copy, beat.index, beat.speech_seconds)
    return at(beat)


@kind("a number said wrong", "wrong_number", follows="caption_too_fast speech_too_fast")
def another_number(copy: FilmCopy) -> Where:
    """As if the voice had read 50 for 15: line and captions have one, take and film the other."""
    beat = copy.spoken()[0]
    written, text = (_with_number(beat.line, number) for number in ("15", "50"))
    asked = changed(beat, line=text, reading="")
    said = _said_by(copy, asked, beat.speaker or NARRATOR, beat.speech_seconds)
    sound = copy.sound()
    voice = copy.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    add(sound, said * _usual_gain(voice, copy.take(beat)), beat.speech_start)
    copy.put_take(beat, said)
    copy.put_sound(sound)
    _write(copy, beat, written)
    _retime(copy, beat, len(said) / RATE)
    return at(beat)


def _with_number(line: str, number: str) -> str:
    """A line whose longest word is a number: it is not said longer than before."""
    # Of an address no part is a number by itself.
    word = r"(?<![\w.@/:-])[A-Za-z]{3,}(?![\w@/:-]|\.\w)|[一-鿿]{2,}|[ァ-ヶー]{3,}"
    words = re.findall(word, line)
    if len(words) < 2:
        raise NotHere("the longest line has too few words")
    return re.sub(rf"(?<![A-Za-z.@/]){max(words, key=len)}(?![A-Za-z])", number, line, count=1)


def _write(copy: FilmCopy, beat: Segment, line: str) -> None:
    beats = [
        b.model_copy(update={"line": line, "reading": ""}) if b.index == beat.index else b
        for b in copy.plan.beats
    ]
    copy.put_plan(copy.plan.model_copy(update={"beats": beats}))


def _turned(samples: Sound) -> Sound:
    """The second half first: words that stand in no script."""
    half = len(samples) // 2
    return np.concatenate([fade(samples[half:]), fade(samples[:half])])


def _usual_gain(voice: Sound, take: Sound) -> np.float32:
    return np.float32(np.sqrt(np.square(voice).mean() / max(float(np.square(take).mean()), 1e-9)))


@kind("wrong speaker's voice", "wrong_voice", follows="wrong_line true_peak")
def wrong_voice(copy: FilmCopy) -> Where:
    """As if the voice had been mixed up: the take and the film agree."""
    counts: dict[str, list[Segment]] = {}
    for segment in copy.spoken():
        counts.setdefault(segment.speaker or NARRATOR, []).append(segment)
    often = [who for who, own in counts.items() if len(own) >= 2]
    if not often or len(counts) < 2:
        raise NotHere("it takes a speaker of two lines, and another one")
    who = max(often, key=lambda name: len(counts[name]))
    other = next(name for name in counts if name != who)
    beat = counts[who][-1]
    said = _said_by(copy, beat, other, beat.speech_seconds, exactly=True)
    sound = copy.sound()
    voice = copy.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    add(sound, said * _usual_gain(voice, copy.take(beat)), beat.speech_start)
    copy.put_take(beat, said)
    copy.put_sound(sound)
    return at(beat)


def _said_by(
    copy: FilmCopy, beat: Segment, who: str, seconds: float, *, exactly: bool = False
) -> Sound:
    """The beat's line in somebody's voice, in so many seconds at most."""
    if copy.speech is None:
        raise NotHere("no voice is there to speak the line")
    # A plan written by hand leaves the voices to the casting.
    plan = cast_plan(copy.plan, copy.speech.voices(copy.plan.language))
    voice = plan.narrator if who == NARRATOR else plan.character(who).voice or Voice()
    request = SpeechRequest(
        text=beat.line,
        language=plan.language,
        voice=VoiceSpec(kind="preset", preset=voice.preset),
        reading=beat.reading,
        speed=plan.beat(beat.index).speed * voice.speed,
    )
    with TemporaryDirectory(dir=copy.folder, prefix=".voice.") as scratch:
        spoken = copy.speech.render(request, Path(scratch) / "line.wav")
        tempo = spoken.seconds / seconds
        said = music.read_audio(spoken.path)
        if tempo > 1.01 or (exactly and tempo < 0.99):
            said = _tempo(spoken.path, tempo)
    return part(said, 0.0, min(len(said), round(seconds * RATE)))


def _tempo(path: Path, factor: float) -> Sound:
    """A recording said faster or slower, in its own pitch."""
    with TemporaryDirectory(dir=path.parent, prefix=".tempo.") as scratch:
        out = Path(scratch) / "fast.wav"
        steps = [f"atempo={factor:.4f}"]
        if factor > 2.0:
            steps = ["atempo=2.0", f"atempo={factor / 2:.4f}"]
        run_ffmpeg(["-i", path, "-af", ",".join(steps), "-ar", str(RATE), out])
        return music.read_audio(out)


@kind("speech too fast", "speech_too_fast", follows="caption_too_fast wrong_line last_word_cut")
def fast(copy: FilmCopy) -> Where:
    """As if the voice had hurried: take, film and captions agree."""
    beat = copy.spoken()[0]
    sound = copy.sound()
    voice = copy.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    gain = _usual_gain(voice, copy.take(beat))
    said = _tempo(copy.take_path(beat), FAST)
    add(sound, said * gain, beat.speech_start)
    copy.put_take(beat, said)
    copy.put_sound(sound)
    _retime(copy, beat, len(said) / RATE)
    return at(beat)


def _retime(copy: FilmCopy, beat: Segment, seconds: float) -> None:
    """Tell the run of a shorter take, in a beat that stays as long as it is."""
    record = copy.take_path(beat).with_suffix(".json")
    write_json(record, {**read_json(record), "seconds": seconds})
    tail = next(p.tail for p in segment_plans(copy.plan) if p.index == beat.index)
    planned = (beat.frames - beat.overlap) / copy.cut.timeline.fps - tail
    beats = [
        b.model_copy(update={"duration": planned}) if b.index == beat.index else b
        for b in copy.plan.beats
    ]
    copy.put_plan(copy.plan.model_copy(update={"beats": beats}))
    _recaption(copy, beat.index, seconds)


def _recaption(copy: FilmCopy, index: int, seconds: float) -> None:
    """Give a beat the captions of its line as the plan now has it, in the file and the picture."""
    now = copy.cut.timeline.segment(index)
    others = [c for c in copy.captions() if not now.start <= (c.start + c.end) / 2 < now.end]
    own = time_captions(now.line, now.speech_offset, seconds)
    copy.burn(now, copy.script(now, own))
    moved = [changed(c, start=c.start + now.start, end=c.end + now.start) for c in own]
    copy.put_captions(sorted([*others, *moved], key=lambda c: c.start))


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
