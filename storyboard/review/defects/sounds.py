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
from storyboard.media.audio.sound import effect
from storyboard.media.text.captions import time_captions
from storyboard.plan import NARRATOR, Music, SoundEffect, Voice
from storyboard.plan.casting import cast_plan
from storyboard.plan.timeline import HOOK, Segment, segment_plans
from storyboard.review.defects.bench import (
    RATE,
    Bench,
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
def last_word(bench: Bench) -> Where:
    beat = bench.spoken()[0]
    cut = beat.speech_seconds - 0.4
    bench.put_sound(bench.without_voice(beat, cut, beat.speech_seconds + 0.1))
    return at(beat, beat.speech_start + cut, beat.speech_end)


@kind("missing syllable", "syllable_missing", follows="wrong_line last_word_cut")
def syllable(bench: Bench) -> Where:
    beat = bench.spoken()[0]
    take = np.square(bench.take(beat)).sum(axis=1)
    size = RATE // 4
    sums = np.cumsum(np.concatenate([[0.0], take]))
    energy = sums[size:] - sums[:-size]
    third = len(energy) // 3
    first = (third + int(energy[third : 2 * third].argmax())) / RATE
    bench.put_sound(bench.without_voice(beat, first, first + 0.25))
    return at(beat, beat.speech_start + first, beat.speech_start + first + 0.25)


@kind("line missing", "line_missing")
def line(bench: Bench) -> Where:
    beat = bench.spoken()[0]
    bench.put_sound(bench.without_voice(beat, -0.01, beat.speech_seconds + 0.1))
    return at(beat, beat.speech_start, beat.speech_end)


@kind("audio missing in a beat", "sound_missing")
def muted(bench: Bench) -> Where:
    beat = bench.spoken()[0]
    sound = bench.sound()
    sound[round(beat.start * RATE) : round(beat.end * RATE)] = 0
    bench.put_sound(sound)
    return at(beat)


@kind("film's audio 0.3 s late", "sound_out_of_sync")
def all_late(bench: Bench) -> Where:
    sound = bench.sound()
    late = round(0.3 * RATE)
    bench.put_sound(np.pad(sound, ((late, 0), (0, 0)))[: len(sound)])
    return whole(bench)


@kind("a beat's audio 0.3 s late", "sound_out_of_sync", follows="caption_late wrong_line")
def late(bench: Bench) -> Where:
    beat = bench.spoken()[0]
    sound = bench.sound()
    voice = bench.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    add(sound, voice, beat.speech_start + 0.3)
    bench.put_sound(sound)
    return at(beat)


@kind("loudness jump", "loudness_jump")
def jump(bench: Bench) -> Where:
    beat = bench.spoken()[-1]
    sound = bench.sound()
    first, last = round(beat.start * RATE), round(beat.end * RATE)
    sound[first:last] *= np.float32(10 ** (-11 / 20))
    bench.put_sound(sound)
    return at(beat)


@kind("sound effect missing", "effect_missing", follows="dead_air")
def effect_gone(bench: Bench) -> Where:
    """A sound that the plan asks for is taken out, or asked for and never laid."""
    sound = bench.sound()
    for number, asked in effects_of(bench.plan).items():
        segment = bench.cut.timeline.segment(number)
        wave, start = effect(asked.name), segment.start + asked.at
        if bench.cut.has_own_sound(segment) or round(start * RATE) + len(wave) > len(sound):
            continue
        gain = float(part(sound, start, len(wave)).mean(axis=1) @ wave) / float(wave @ wave)
        add(sound, np.repeat((-gain * wave)[:, None], 2, axis=1).astype(np.float32), start)
        bench.put_sound(sound)
        return at(segment, start, start + len(wave) / RATE)
    beat = bench.spoken()[0]
    beats = list(bench.plan.beats)
    at_fault = next(i for i, b in enumerate(beats) if b.index == beat.index)
    asked = {"sound_effect": SoundEffect(name="thud", at=0.1)}
    beats[at_fault] = beats[at_fault].model_copy(update=asked)
    bench.put_plan(bench.plan.model_copy(update={"beats": beats}))
    return at(beat)


@kind("silent beat with speech", "speech_in_silence", follows="duplicated_beat")
def chatter(bench: Bench) -> Where:
    beat = bench.silent()
    speaker = bench.spoken()[0]
    sound = bench.sound()
    said = bench.voice(speaker, sound)[: round((beat.seconds - 0.5) * RATE)]
    add(sound, fade(said), beat.start + 0.3)
    bench.put_sound(sound)
    return at(beat)


@kind("clipped sound", "true_peak", follows="too_loud")
def clipped(bench: Bench) -> Where:
    loud: Sound = bench.sound() * np.float32(10 ** (9 / 20))
    bench.put_sound(loud.clip(-1.0, 1.0).astype(np.float32))
    return whole(bench)


@kind("too quiet", "too_quiet")
def quiet(bench: Bench) -> Where:
    soft: Sound = bench.sound()
    soft *= np.float32(10 ** (-12 / 20))
    bench.put_sound(soft)
    return whole(bench)


@kind(
    "music over speech", "music_over_speech", follows="wrong_line last_word_cut speech_in_silence"
)
def drowned(bench: Bench) -> Where:
    sound = bench.sound()
    track = music.find_track(Music(mood="playful"), bench.plan.seed)
    assert track is not None
    under = music.loop(music.read_audio(track), len(sound))
    speech = bench.voice(bench.spoken()[0], sound)
    level = float(np.sqrt(np.square(speech).mean() / np.square(under).mean()))
    sound += under * np.float32(level * 1.2)
    bench.put_sound(sound, master=True)
    return whole(bench)


@kind("click at a cut", "click")
def click(bench: Bench) -> Where:
    beat = next((s for s in bench.spoken() if not _effect(bench, s)), None)
    if beat is None:
        raise NotHere("every cut to a spoken beat has a sound effect")
    sound = bench.sound()
    place = round(beat.start * RATE)
    sound[place : place + 2] += np.float32(0.6)
    bench.put_sound(sound)
    return at(beat, beat.start - 0.01, beat.start + 0.01)


def _effect(bench: Bench, segment: Segment) -> bool:
    return segment.index != HOOK and bench.plan.beat(segment.index).sound_effect is not None


@kind("dead air", "dead_air", follows="sound_missing")
def dead_air(bench: Bench) -> Where:
    ends = [n.speech_start if n.speech_seconds else n.end for _, n in bench.pairs()]
    stretches = [
        (max(s.start, s.speech_end if s.speech_seconds else s.start), end, s)
        for s, end in zip(
            bench.cut.timeline.segments, [*ends, bench.cut.timeline.seconds], strict=True
        )
    ]
    if not stretches:
        raise NotHere("the film has no pause")
    start, end, _ = max(stretches, key=lambda s: s[1] - s[0])
    if end - start < 1.1:
        raise NotHere("no pause of the film is long enough to be dead")
    music_plays = bench.plan.music.mood != "none" or bench.plan.music.track
    if not music_plays:
        raise NotHere("where there is no music, a pause is silent by right")
    sound = bench.sound()
    sound[round(start * RATE) : round(end * RATE)] = 0
    bench.put_sound(sound)
    silent = [s.index for s in bench.cut.timeline.segments if s.start < end and s.end > start]
    return Where(tuple(silent), start, end)


@kind("sound in one ear", "one_ear", follows="too_quiet")
def one_ear(bench: Bench) -> Where:
    sound = bench.sound()
    sound[:, 1] = 0
    bench.put_sound(sound)
    return whole(bench)


@kind("sound ends early", "sound_too_short")
def short(bench: Bench) -> Where:
    bench.put_sound(bench.sound()[: -round(0.45 * RATE)])
    return whole(bench)


@kind("wrong line spoken", "wrong_line", follows="last_word_cut wrong_voice")
def wrong_line(bench: Bench) -> Where:
    """As if the voice had said something else: the take and the film agree."""
    beats = bench.spoken()
    if len(beats) < 2:
        raise NotHere("the film has one line only")
    beat, other = beats[1], beats[0]
    sound = bench.sound()
    voice = bench.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    # Backwards in time of its middle: no other beat's line is doubled by it.
    said = _turned(part(bench.take(other), 0.0, len(voice)))
    add(sound, fade(said) * _usual_gain(voice, bench.take(beat)), beat.speech_start)
    bench.put_take(beat, fade(said))
    bench.put_sound(sound)
    return at(beat)


@kind("a number left out", "wrong_number", follows="caption_too_fast")
def number(bench: Bench) -> Where:
    """As if the voice had skipped a number: line and captions have it, take and film have not."""
    beat = bench.spoken()[0]
    first, space, rest = beat.line.partition(" ")
    if not space:
        raise NotHere("the longest line is one word")
    _write(bench, beat, f"{first} 78 {rest}")
    _recaption(bench, beat.index, beat.speech_seconds)
    return at(beat)


@kind("a number said wrong", "wrong_number", follows="caption_too_fast speech_too_fast")
def another_number(bench: Bench) -> Where:
    """As if the voice had read 50 for 15: line and captions have one, take and film the other."""
    beat = bench.spoken()[0]
    written, text = (_with_number(beat.line, number) for number in ("15", "50"))
    asked = changed(beat, line=text, reading="")
    said = _said_by(bench, asked, beat.speaker or NARRATOR, beat.speech_seconds)
    sound = bench.sound()
    voice = bench.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    add(sound, said * _usual_gain(voice, bench.take(beat)), beat.speech_start)
    bench.put_take(beat, said)
    bench.put_sound(sound)
    _write(bench, beat, written)
    _retime(bench, beat, len(said) / RATE)
    return at(beat)


def _with_number(line: str, number: str) -> str:
    """A line whose longest word is a number: it is not said longer than before."""
    words = re.findall(r"[A-Za-z]{3,}|[一-鿿]{2,}|[ァ-ヶー]{3,}", line)
    if len(words) < 2:
        raise NotHere("the longest line has too few words")
    return line.replace(max(words, key=len), number, 1)


def _write(bench: Bench, beat: Segment, line: str) -> None:
    beats = [
        b.model_copy(update={"line": line, "reading": ""}) if b.index == beat.index else b
        for b in bench.plan.beats
    ]
    bench.put_plan(bench.plan.model_copy(update={"beats": beats}))


def _turned(samples: Sound) -> Sound:
    """The second half first: words that stand in no script."""
    half = len(samples) // 2
    return np.concatenate([fade(samples[half:]), fade(samples[:half])])


def _usual_gain(voice: Sound, take: Sound) -> np.float32:
    return np.float32(np.sqrt(np.square(voice).mean() / max(float(np.square(take).mean()), 1e-9)))


@kind("wrong speaker's voice", "wrong_voice", follows="wrong_line true_peak")
def wrong_voice(bench: Bench) -> Where:
    """As if the voice had been mixed up: the take and the film agree."""
    counts: dict[str, list[Segment]] = {}
    for segment in bench.spoken():
        counts.setdefault(segment.speaker or NARRATOR, []).append(segment)
    often = [who for who, own in counts.items() if len(own) >= 2]
    if not often or len(counts) < 2:
        raise NotHere("it takes a speaker of two lines, and another one")
    who = max(often, key=lambda name: len(counts[name]))
    other = next(name for name in counts if name != who)
    beat = counts[who][-1]
    said = _said_by(bench, beat, other, beat.speech_seconds, exactly=True)
    sound = bench.sound()
    voice = bench.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    add(sound, said * _usual_gain(voice, bench.take(beat)), beat.speech_start)
    bench.put_take(beat, said)
    bench.put_sound(sound)
    return at(beat)


def _said_by(
    bench: Bench, beat: Segment, who: str, seconds: float, *, exactly: bool = False
) -> Sound:
    """The beat's line in somebody's voice, in so many seconds at most."""
    if bench.speech is None:
        raise NotHere("no voice is there to speak the line")
    # A plan written by hand leaves the voices to the casting.
    plan = cast_plan(bench.plan, bench.speech.voices(bench.plan.language))
    voice = plan.narrator if who == NARRATOR else plan.character(who).voice or Voice()
    request = SpeechRequest(
        text=beat.line,
        language=plan.language,
        voice=VoiceSpec(kind="preset", preset=voice.preset),
        reading=beat.reading,
        speed=plan.beat(beat.index).speed * voice.speed,
    )
    with TemporaryDirectory(dir=bench.folder, prefix=".voice.") as scratch:
        spoken = bench.speech.render(request, Path(scratch) / "line.wav")
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
def fast(bench: Bench) -> Where:
    """As if the voice had hurried: take, film and captions agree."""
    beat = bench.spoken()[0]
    sound = bench.sound()
    voice = bench.voice(beat, sound)
    add(sound, -voice, beat.speech_start)
    gain = _usual_gain(voice, bench.take(beat))
    said = _tempo(bench.take_path(beat), FAST)
    add(sound, said * gain, beat.speech_start)
    bench.put_take(beat, said)
    bench.put_sound(sound)
    _retime(bench, beat, len(said) / RATE)
    return at(beat)


def _retime(bench: Bench, beat: Segment, seconds: float) -> None:
    """Tell the run of a shorter take, in a beat that stays as long as it is."""
    record = bench.take_path(beat).with_suffix(".json")
    write_json(record, {**read_json(record), "seconds": seconds})
    tail = next(p.tail for p in segment_plans(bench.plan) if p.index == beat.index)
    planned = (beat.frames - beat.overlap) / bench.cut.timeline.fps - tail
    beats = [
        b.model_copy(update={"duration": planned}) if b.index == beat.index else b
        for b in bench.plan.beats
    ]
    bench.put_plan(bench.plan.model_copy(update={"beats": beats}))
    _recaption(bench, beat.index, seconds)


def _recaption(bench: Bench, index: int, seconds: float) -> None:
    """Give a beat the captions of its line as the plan now has it, in the file and the picture."""
    now = bench.cut.timeline.segment(index)
    others = [c for c in bench.captions() if not now.start <= (c.start + c.end) / 2 < now.end]
    own = time_captions(now.line, now.speech_offset, seconds)
    bench.burn(now, bench.script(now, own))
    moved = [changed(c, start=c.start + now.start, end=c.end + now.start) for c in own]
    bench.put_captions(sorted([*others, *moved], key=lambda c: c.start))


@kind("hook too long", "hook_too_long")
def long_hook(bench: Bench) -> Where:
    hook, old = bench.hook(), bench.plan.hook
    assert old is not None
    captions, sound = bench.captions(), bench.sound()
    bench.put_plan(bench.plan.model_copy(update={"hook": old.model_copy(update={"duration": 6.5})}))
    now = bench.cut.timeline.segment(HOOK)
    more = (now.frames - hook.frames) / bench.cut.timeline.fps
    if more <= 0:
        raise NotHere("the hook is longer than that already")
    own = [c for c in captions if c.start < hook.end]
    later = [changed(c, start=c.start + more, end=c.end + more) for c in captions[len(own) :]]
    bench.put_captions([*own, *later])
    _lengthen(bench, bench.clip_path(hook), now.frames)
    bench.burn(now, bench.script(now, own))
    # The same music as elsewhere would do; any that is quiet does.
    track = music.find_track(Music(mood="calm"), bench.plan.seed)
    assert track is not None
    bed = music.read_audio(track)[: round(more * RATE)]
    level = np.float32(0.02 / max(float(np.sqrt(np.square(bed).mean())), 1e-6))
    border = round(hook.end * RATE)
    bench.put_sound(np.concatenate([sound[:border], fade(bed * level, 0.05), sound[border:]]))
    return at(now)


def _lengthen(bench: Bench, clip: Path, count: int) -> None:
    """A clip of `count` frames: played to its end, then backwards, and so on."""
    frames = planes(clip)
    there_and_back = [*frames, *frames[-2:0:-1]]
    with TemporaryDirectory(dir=clip.parent, prefix=".long.") as scratch:
        out = Path(scratch) / "long.mp4"
        write_planes(
            (there_and_back[i % len(there_and_back)] for i in range(count)), out, bench.cut
        )
        out.replace(clip)
