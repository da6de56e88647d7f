"""Planted defects of what is said: lines cut, missing, wrong, hurried, in another's voice.

Knows: takes, lines, captions. Does not know: how they are found.
"""

from __future__ import annotations

import re
from dataclasses import replace as changed
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.review_set.film_copy import RATE, FilmCopy, NotHere, Sound, add, fade, part
from benchmarks.review_set.kinds import Where, at, kind
from renderers.base import SpeechRequest, VoiceSpec
from renderers.ffmpeg import run_ffmpeg
from storyboard.core.files import read_json, write_json
from storyboard.media.audio import music
from storyboard.media.text.captions import time_captions
from storyboard.plan import NARRATOR, Voice
from storyboard.plan.casting import cast_plan
from storyboard.plan.timeline import Segment, segment_plans

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


@kind("wrong line spoken", "wrong_line", follows="last_word_cut wrong_voice")
def wrong_line(copy: FilmCopy) -> Where:
    """As if the voice had said something else: the take and the film agree."""
    beats = copy.spoken()
    if len(beats) < 2:
        raise NotHere("the film has one line only")
    beat, other = beats[1], beats[0]
    length = len(copy.voice(beat, copy.sound()))
    # Backwards in time of its middle: no other beat's line is doubled by it.
    _say_instead(copy, beat, fade(_turned(part(copy.take(other), 0.0, length))))
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
    _say_instead(copy, beat, said)
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
    copy.put_beat(beat.index, line=line, reading="")


def _turned(samples: Sound) -> Sound:
    """The second half first: words that stand in no script."""
    half = len(samples) // 2
    return np.concatenate([fade(samples[half:]), fade(samples[:half])])


def _say_instead(copy: FilmCopy, beat: Segment, said: Sound) -> None:
    """Lay another take in a line's place, as loud as the film has that line."""
    sound, take = copy.sound(), copy.take(beat)
    voice = copy.voice(beat, sound)
    gain = np.sqrt(np.square(voice).mean() / max(float(np.square(take).mean()), 1e-9))
    add(sound, -voice, beat.speech_start)
    add(sound, said * np.float32(gain), beat.speech_start)
    copy.put_take(beat, said)
    copy.put_sound(sound)


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
    _say_instead(copy, beat, _said_by(copy, beat, other, beat.speech_seconds, exactly=True))
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
    said = _tempo(copy.take_path(beat), FAST)
    _say_instead(copy, beat, said)
    _retime(copy, beat, len(said) / RATE)
    return at(beat)


def _retime(copy: FilmCopy, beat: Segment, seconds: float) -> None:
    """Tell the run of a shorter take, in a beat that stays as long as it is."""
    record = copy.take_path(beat).with_suffix(".json")
    write_json(record, {**read_json(record), "seconds": seconds})
    tail = next(p.tail for p in segment_plans(copy.plan) if p.index == beat.index)
    planned = (beat.frames - beat.overlap) / copy.cut.timeline.fps - tail
    copy.put_beat(beat.index, duration=planned)
    _recaption(copy, beat.index, seconds)


def _recaption(copy: FilmCopy, index: int, seconds: float) -> None:
    """Give a beat the captions of its line as the plan now has it, in the file and the picture."""
    now = copy.cut.timeline.segment(index)
    others = [c for c in copy.captions() if not now.start <= (c.start + c.end) / 2 < now.end]
    own = time_captions(now.line, now.speech_offset, seconds)
    copy.burn(now, copy.script(now, own))
    moved = [changed(c, start=c.start + now.start, end=c.end + now.start) for c in own]
    copy.put_captions(sorted([*others, *moved], key=lambda c: c.start))
