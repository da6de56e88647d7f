"""The picture: judder, mouths that talk in a silent beat, beats in each other's place.

Black stretches are measured by the checks of the final file.

Knows: frames, faces, clips. Does not know: sound, letters.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from storyboard.media import stillness
from storyboard.media.text.title import Box
from storyboard.plan.timeline import Segment
from storyboard.review.finding import Finding
from storyboard.review.technical.measure import LOOKS, UNLIKE, CutMeasures, Gray
from storyboard.review.technical.vocabulary import CLIP, FILM, another_take, flag, name_of

REPEATED, MUCH = 0.96, 0.25
"""Part of every second frame, where something moves, that may repeat the one before. Half the frame
rate written as the whole one has 1.0, a cartoon drawn on twos in one clip up to 0.93; over several
clips it has less, since each begins anew. Under `MUCH` of all frames nothing judders."""
REPEATS, MOVES = 0.15, 0.3
"""A frame repeats the one before if it changes by less than this part of what a frame beside
it does, and that one changes by so much of 255."""
TALKING = 2.2
"""Movements a second of a mouth that talks; in measured films one talks with 3 to 8, and the
shakes of a camera pass for at most 1.3."""
MOVED = 3.0
"""Mean change of the mouth's picture, of 255, that is a movement of it."""
SHIFT = 3
"""Pixels by which a face may drift from frame to frame and still be compared."""
SMALLEST_MOUTH = 8
"""Pixels across under which no mouth is seen."""

Pictures: TypeAlias = "npt.NDArray[np.float32]"


def find(m: CutMeasures) -> Iterator[Finding]:
    yield from _repeated(m)
    for segment in m.segments:
        yield from _frozen(m, segment)
        yield from _elsewhere(m, segment)
        if segment.speaker is None:
            yield from _talking(m, segment)


def _repeated(m: CutMeasures) -> Iterator[Finding]:
    """Frames shown twice, as by a wrong frame rate."""
    change = np.pad(m.change, 1)
    beside = np.maximum(change[:-2], change[2:])
    moves = beside > MOVES
    same = (m.change < REPEATS * beside) & moves
    second = max(same[n::2].sum() / max(1, moves[n::2].sum()) for n in (0, 1))
    if second > REPEATED and same.mean() > MUCH:
        evidence = f"{same.mean():.0%} of the frames repeat the one before: the picture judders"
        yield flag("repeated_frames", "severe", evidence, stage=FILM)


def _frozen(m: CutMeasures, segment: Segment) -> Iterator[Finding]:
    """A picture that stands still, whatever a keyframe inside it does to the noise."""
    shown, last = m.shown(segment), segment is m.segments[-1]
    begin = shown.start + 1
    keys = [key - begin for key in m.evidence.keyframes if key in shown[1:]]
    found = stillness.freeze(m.motion[begin : shown.stop], m.fps, keys, ends=last)
    if found is None:
        return
    first, seconds = shown.start + found[0], found[1] / m.fps
    evidence = f"{name_of(segment)}: the picture stands still for {seconds:.1f} s"
    span = (first / m.fps, first / m.fps + seconds)
    long = seconds >= stillness.LONG
    if not long:
        evidence += ", and nowhere else in the clip"
    patch = another_take(m.cut.plan, segment)
    severity = "severe" if long else "minor"
    yield flag("frozen", severity, evidence, segment, span, stage=CLIP, patch=patch)


def _elsewhere(m: CutMeasures, segment: Segment) -> Iterator[Finding]:
    """Whether a beat shows another beat's clip."""
    looks = m.looks.get(segment.index, ())
    if len(looks) < 2 or np.mean([look.unlike <= UNLIKE for look in looks]) > 0.5:
        return
    for other in m.segments:
        if other is segment or other.index not in m.looks:
            continue
        if not _shows(m, segment, other):
            continue
        # Does the other one's own place show something else, too?
        theirs = m.looks[other.index]
        swapped = np.mean([look.unlike <= UNLIKE for look in theirs]) <= 0.5
        defect = "beats_out_of_order" if swapped else "duplicated_beat"
        evidence = f"{name_of(segment)} shows the picture of {name_of(other)}"
        yield flag(defect, "severe", evidence, segment, stage=FILM)
        return


def _shows(m: CutMeasures, segment: Segment, other: Segment) -> bool:
    """Whether the film, from where a segment begins, is another segment's clip."""
    first, top = m.shown(segment).start, round(m.frames.shape[1] * 0.3)
    step = max(1, round(m.fps / LOOKS))
    alike: list[bool] = []
    for number, frame in enumerate(m.clip_frames(other)):
        at = first + number - other.overlap
        if number < other.overlap or (number - other.overlap) % step:
            continue
        if at >= m.shown(segment).stop:
            break
        ink = np.abs(m.frames[at].astype(np.int16) - frame)[top : m.caption_row] > 40
        alike.append(float(ink.mean()) <= UNLIKE)
    return len(alike) >= 2 and bool(np.mean(alike) > 0.7)


def _talking(m: CutMeasures, segment: Segment) -> Iterator[Finding]:
    frames = m.frames[m.shown(segment).start : m.shown(segment).stop]
    for face in m.faces.get(segment.index, ()):
        mouth = m.box(_part(face, 0.25, 0.55, 0.5, 0.33))
        brow = m.box(_part(face, 0.1, 0.02, 0.8, 0.25))
        if mouth[1].stop - mouth[1].start < SMALLEST_MOUTH or len(frames) < m.fps // 2:
            continue
        still = _moved(frames, *brow)
        rate = float((_moved(frames, *mouth) > MOVED + 2 * still).sum()) / (len(frames) / m.fps)
        if rate > TALKING:
            evidence = (
                f"{name_of(segment)} is silent, but a mouth moves {rate:.1f} times a second "
                f"(at most {TALKING:g})"
            )
            patch = another_take(m.cut.plan, segment)
            yield flag("mouth_in_silence", "severe", evidence, segment, stage=CLIP, patch=patch)
            return


def _part(face: Box, x: float, y: float, width: float, height: float) -> Box:
    return Box(
        face.x + x * face.width, face.y + y * face.height, width * face.width, height * face.height
    )


def _moved(frames: Gray, rows: slice, columns: slice) -> Pictures:
    """Change of a part of the picture from frame to frame, whatever the camera did to it.

    Each frame's part is looked for nearby in the next one; what differs at the best place is
    movement of its own.
    """
    height, width = frames.shape[1:]
    top, left = max(rows.start, SHIFT), max(columns.start, SHIFT)
    bottom, right = min(rows.stop, height - SHIFT), min(columns.stop, width - SHIFT)
    if bottom - top < 3 or right - left < 3:
        return np.zeros(max(0, len(frames) - 1), dtype=np.float32)
    near = frames[:, top - SHIFT : bottom + SHIFT, left - SHIFT : right + SHIFT]
    soft = _soft(near.astype(np.float32))
    tall, wide = bottom - top, right - left
    part = soft[:-1, SHIFT : SHIFT + tall, SHIFT : SHIFT + wide]
    best = np.full(len(frames) - 1, np.inf, dtype=np.float32)
    for y in range(2 * SHIFT + 1):
        for x in range(2 * SHIFT + 1):
            there = soft[1:, y : y + tall, x : x + wide]
            best = np.minimum(best, np.abs(there - part).mean(axis=(1, 2)))
    return best


def _soft(pictures: Pictures) -> Pictures:
    """Slightly blurred, so that a shift by half a pixel is no change."""
    for axis in (1, 2):
        around = np.roll(pictures, 1, axis) + np.roll(pictures, -1, axis)
        pictures = ((around + 2 * pictures) / 4).astype(np.float32)
    return pictures
