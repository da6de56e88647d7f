"""The sound: levels, holes, clicks, and what lies over the speech.

Whether each line is there, whole and on its place is measured by the checks of the final
file; here it is said what is in its stead.

Knows: samples, takes. Does not know: pictures, captions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from storyboard.media.audio import music
from storyboard.media.audio.effects import effect
from storyboard.media.audio.take_quality import MAX_GAP, longest_gap
from storyboard.media.checks import PRESENT
from storyboard.media.evidence import PIECE, RATE, Mono, correlation, cut_out
from storyboard.plan.shots import shot_of
from storyboard.plan.timeline import HOOK, Segment
from storyboard.review.finding import Finding
from storyboard.review.technical import voice
from storyboard.review.technical.measure import CutMeasures, speech_file
from storyboard.review.technical.vocabulary import (
    FILM,
    SOUND,
    SPEECH,
    another_take,
    flag,
    name_of,
    path_of,
    replace,
)
from storyboard.stages.sound import effects_of

SILENT = 10 ** (-50 / 20)
"""RMS under which nothing is heard in a film at −14 LUFS, full scale 1."""
ENDING = 0.6
"""Seconds of silence, beyond a pause, at the end of the film."""
JUMP = 6.0
"""Decibels by which a line may be louder or softer than the film's usual line."""
CLEAR = 6.0
"""Decibels by which a line must stand above everything else that sounds with it."""
ONE_EAR = 12.0
"""Decibels between the two channels."""
CLICK, CLICK_AREA, CLICK_NEAR = 0.04, 0.25, 0.02
"""Least size of a click (second difference of the samples, full scale 1), and the seconds
around a cut that are compared and searched."""
CLICK_RATIO = 6.0
HERE = 0.5
"""Correlation at which another line is said in a beat."""
EFFECT_HEARD, EFFECT_REACH = 0.2, 0.1
"""Correlation from which on an effect is in the film, and the seconds by which it may be off."""


@dataclass(frozen=True, slots=True)
class HeardLine:
    """A line as it is in the film: level in dB, dB above the rest."""

    level: float
    above: float


def find(m: CutMeasures) -> Iterator[Finding]:
    yield from _channels(m)
    yield from _clicks(m)
    yield from _dead_air(m)
    yield from _effects(m)
    lines = {i: _line(m, i) for i, found in m.found.items() if found.sureness >= PRESENT}
    yield from _levels(m, lines)
    yield from _covered(m, lines)
    yield from voice.find(m, list(lines))
    for index, found in m.found.items():
        segment = m.cut.timeline.segment(index)
        if found.sureness < PRESENT:
            yield from _instead(m, segment)
        yield from _stalls(m, segment)


def _channels(m: CutMeasures) -> Iterator[Finding]:
    left, right = (_rms(m.sound[:, c]) if len(m.sound) else 0.0 for c in (0, 1))
    apart = abs(20 * np.log10(max(left, 1e-6) / max(right, 1e-6)))
    if apart > ONE_EAR:
        side = "left" if left > right else "right"
        evidence = f"the {side} channel is {apart:.0f} dB louder than the other one"
        yield flag("one_ear", "severe", evidence, stage=SOUND)


def _clicks(m: CutMeasures) -> Iterator[Finding]:
    """Jumps of the samples at a cut, far above what sounds around it."""
    effects = [
        s.start + asked.at for s in m.segments if (asked := shot_of(m.cut.plan, s.index).effect)
    ]
    for segment in m.segments[1:]:
        cut = segment.start
        if (
            any(abs(time - cut) < 0.1 for time in effects)
            or shot_of(m.cut.plan, segment.index).keeps_sound
        ):
            continue
        piece = m.piece(cut - CLICK_AREA, cut + CLICK_AREA)
        if len(piece) < music.RATE * CLICK_AREA:
            continue
        jumps = np.abs(np.diff(piece, n=2, axis=0)).max(axis=1)
        middle, near = len(jumps) // 2, round(CLICK_NEAR * music.RATE)
        there = float(jumps[middle - near : middle + near].max())
        around = np.concatenate([jumps[: middle - near], jumps[middle + near :]])
        usual = float(np.quantile(around, 0.999))
        if there > CLICK and there > CLICK_RATIO * usual:
            evidence = (
                f"at the cut to {name_of(segment)} the sound jumps by {there:.2f} of full scale, "
                f"{there / max(usual, 1e-6):.0f} times what it does around it"
            )
            span = (cut - CLICK_NEAR, cut + CLICK_NEAR)
            yield flag("click", "minor", evidence, segment, span, stage=SOUND)


def _effects(m: CutMeasures) -> Iterator[Finding]:
    """Effects of our own that are asked for and not there; a clip's own sound nobody knows."""
    for number, asked in effects_of(m.cut.plan).items():
        segment = m.cut.timeline.segment(number)
        if m.cut.has_own_sound(segment):
            continue
        wave, start = effect(asked.name), segment.start + asked.at
        end = start + len(wave) / music.RATE
        window = m.piece(start - EFFECT_REACH, end + EFFECT_REACH).mean(axis=1)
        if end > m.cut.timeline.seconds or len(window) <= len(wave):
            continue
        if float(correlation(window, wave).max(initial=0.0)) < EFFECT_HEARD:
            evidence = f"{name_of(segment)}: the {asked.name} that belongs there is not heard"
            yield flag("effect_missing", "minor", evidence, segment, (start, end), stage=SOUND)


def _dead_air(m: CutMeasures) -> Iterator[Finding]:
    """Stretches in which nothing is heard at all, beyond the pauses that the plan asks for."""
    sound = m.evidence.sound
    hop = RATE // 50
    count = len(sound) // hop
    quiet = np.sqrt(np.square(sound[: count * hop]).reshape(count, hop).mean(axis=1)) < SILENT
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        start, end = first / 50, last / 50
        if end - start <= MAX_GAP:
            continue
        asked, blame = _asked_silence(m, start, end)
        if end > m.cut.timeline.seconds - 0.1:
            # The music has faded out: a film may end in silence.
            asked += ENDING
        if end - start - asked <= MAX_GAP:
            continue
        evidence = f"nothing is heard for {end - start:.1f} s"
        if asked:
            evidence += f", {asked:.1f} s of it asked for"
        patch = ()
        if blame.index != HOOK and m.cut.plan.beat(blame.index).pause > MAX_GAP:
            patch = (replace(f"{path_of(blame)}/pause", 0.6),)
        yield flag("dead_air", "minor", evidence, blame, (start, end), stage=SOUND, patch=patch)


def _asked_silence(m: CutMeasures, start: float, end: float) -> tuple[float, Segment]:
    """Seconds of a stretch that the plan wants silent, and the segment with most of it.

    Where there is no music, a silent beat is silence and so is a pause after a line.
    """
    dry = m.cut.plan.music.mood == "none" and not m.cut.plan.music.track
    asked, blame, most = 0.0, m.segments[0], -1.0
    for segment in m.segments:
        shared = min(end, segment.end) - max(start, segment.start)
        if shared > most:
            blame, most = segment, shared
        if not dry or shared <= 0:
            continue
        if not segment.speech_seconds:
            asked += shared
        elif segment.index != HOOK:
            after = min(end, segment.end) - max(start, segment.speech_end)
            asked += min(max(0.0, after), m.cut.plan.beat(segment.index).pause)
    return asked, blame


def _line(m: CutMeasures, index: int) -> HeardLine:
    """Measure a line where it was found."""
    segment, found, take = m.cut.timeline.segment(index), m.found[index], m.evidence.takes[index]
    begin = round((segment.speech_start + found.offset) * RATE)
    there = cut_out(m.evidence.sound, begin, begin + len(take))
    take = _fitted(take, there)
    size = round(PIECE * RATE)
    count = len(take) // size
    pieces = take[: count * size].reshape(count, size).astype(np.float64)
    heard = there[: count * size].reshape(count, size).astype(np.float64)
    own = np.square(pieces).sum(axis=1)
    active = own > 0.1 * own.max(initial=0.0)
    gain = (heard * pieces).sum(axis=1) / np.maximum(own, 1e-12)
    rest = np.square(heard - gain[:, None] * pieces).sum(axis=1)
    above = 10 * np.log10(np.maximum(gain**2 * own, 1e-12) / np.maximum(rest, 1e-12))
    level = 10 * np.log10(max(float(np.square(heard[active]).mean()), 1e-12))
    return HeardLine(level, float(np.median(above[active])))


def _fitted(take: Mono, there: Mono) -> Mono:
    """The take as it would sound in the film: moved by parts of a sample, and filtered a little."""
    reach = 3
    wide = np.pad(take, reach)
    near = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1).astype(np.float64)
    weights, *_ = np.linalg.lstsq(near, there.astype(np.float64), rcond=None)
    return (near @ weights).astype(np.float32)


def _levels(m: CutMeasures, lines: Mapping[int, HeardLine]) -> Iterator[Finding]:
    if len(lines) < 3:
        return
    usual = float(np.median([line.level for line in lines.values()]))
    for index, line in lines.items():
        off = line.level - usual
        if abs(off) <= JUMP:
            continue
        segment = m.cut.timeline.segment(index)
        how = "louder" if off > 0 else "softer"
        evidence = f"{name_of(segment)}: its line is {abs(off):.0f} dB {how} than the others"
        span = (segment.speech_start, segment.speech_end)
        patch = another_take(m.cut.plan, segment)
        yield flag("loudness_jump", "severe", evidence, segment, span, stage=SPEECH, patch=patch)


def _covered(m: CutMeasures, lines: Mapping[int, HeardLine]) -> Iterator[Finding]:
    drowned = {i: line for i, line in lines.items() if line.above < CLEAR}
    if not drowned:
        return
    level = max(-40.0, round(m.cut.plan.music.level - 6.0, 1))
    patch = (replace("/music/level", level),)
    worst = min(line.above for line in drowned.values())
    if len(drowned) == len(lines) > 1:
        evidence = f"lines stand as little as {worst:.0f} dB above what sounds with them"
        yield flag("music_over_speech", "severe", evidence, stage=SOUND, patch=patch)
        return
    for index, line in drowned.items():
        segment = m.cut.timeline.segment(index)
        evidence = (
            f"{name_of(segment)}: its line stands {line.above:.0f} dB above what sounds with it "
            f"({CLEAR:g} at least)"
        )
        span = (segment.speech_start, segment.speech_end)
        yield flag("music_over_speech", "severe", evidence, segment, span, stage=SOUND, patch=patch)


def _instead(m: CutMeasures, segment: Segment) -> Iterator[Finding]:
    """What is there where a line is not."""
    where = name_of(segment)
    span = (segment.speech_start, segment.speech_end)
    begin, end = (round(t * RATE) for t in span)
    level = _rms(cut_out(m.evidence.sound, begin, end))
    if level < SILENT:
        evidence = f"{where}: its line is not there, nothing is heard"
        yield flag("sound_missing", "severe", evidence, segment, span, stage=SOUND)
        return
    window = cut_out(m.evidence.sound, round(segment.start * RATE), round(segment.end * RATE))
    for index, take in m.evidence.takes.items():
        if index == segment.index:
            continue
        part = take[: min(len(take), len(window) - 1)]
        if float(correlation(window, part).max(initial=0.0)) < HERE:
            continue
        swapped = m.found[index].sureness < PRESENT
        defect = "beats_out_of_order" if swapped else "duplicated_beat"
        evidence = f"{where} says the line of {name_of(m.cut.timeline.segment(index))}"
        yield flag(defect, "severe", evidence, segment, stage=FILM)
        return
    whole = correlation(m.evidence.sound, m.evidence.takes[segment.index])
    if float(whole.max(initial=0.0)) >= HERE:
        late = int(whole.argmax()) / RATE - segment.speech_start
        evidence = f"{where}: its line is {late:+.1f} s off its place"
        yield flag("sound_out_of_sync", "severe", evidence, segment, span, stage=SOUND)
    elif m.listened and any(
        check.ok for check in m.checks if (check.name, check.beat) == ("words", segment.index)
    ):
        evidence = f"{where}: its words are heard, but it is not the voice that was recorded"
        yield flag("wrong_voice", "severe", evidence, segment, span, stage=SPEECH)


def _stalls(m: CutMeasures, segment: Segment) -> Iterator[Finding]:
    gap = longest_gap(m.cut.folder / f"audio/{speech_file(segment)}.wav")
    if gap > MAX_GAP:
        evidence = f"{name_of(segment)}: the voice is silent for {gap:.1f} s inside its line"
        patch = another_take(m.cut.plan, segment)
        yield flag("dead_air", "minor", evidence, segment, stage=SPEECH, patch=patch)


def _rms(sound: Mono) -> float:
    return float(np.sqrt(np.square(sound, dtype=np.float64).mean())) if len(sound) else 0.0
