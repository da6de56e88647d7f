"""Planted defects of the picture, the captions and the title.

Knows: frames, letters. Does not know: how they are found.
"""

from __future__ import annotations

from dataclasses import replace as changed

import numpy as np

from benchmarks.review_set.film_copy import RATE, FilmCopy, NotHere, Planes, fade, part, planes
from benchmarks.review_set.kinds import Where, at, kind, whole
from storyboard.media.text import fonts
from storyboard.media.text.breaks import phrases_of
from storyboard.media.text.subtitles import caption_margin, caption_size
from storyboard.media.text.title import Box
from storyboard.plan.caption_look import USUAL
from storyboard.plan.timeline import HOOK, Segment

BLACK_Y, GREY_UV = 16, 128
KEYFRAMES = 2.0
"""Seconds from one keyframe of a film to the next."""


@kind("frozen clip", "frozen")
def frozen(copy: FilmCopy) -> Where:
    return _freeze(copy, 0.4, 2.3)


@kind("short freeze", "frozen")
def short_freeze(copy: FilmCopy) -> Where:
    """A moment of standstill, with a keyframe of the encoder in its middle."""
    return _freeze(copy, KEYFRAMES - 0.4, 0.8)


def _freeze(copy: FilmCopy, start: float, seconds: float) -> Where:
    """The longest line's picture stands still from `start` on, and then is where it would be."""
    beat = copy.spoken()[0]
    fps = copy.cut.timeline.fps
    first, last = round(start * fps), round((start + seconds) * fps)
    if last >= round(beat.seconds * fps) - 1:
        raise NotHere("no beat with a line is long enough")
    copy.repaint(beat, lambda i, frames: frames[first if first < i <= last else i])
    return at(beat, beat.start + first / fps, beat.start + last / fps)


@kind("black gap", "black")
def black(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    fps, height = copy.cut.timeline.fps, copy.plan.canvas.height
    first, last = round(0.8 * fps), round(1.8 * fps)

    def edit(number: int, frames: list[Planes]) -> Planes:
        frame = frames[number].copy()
        if first <= number < last:
            frame[:height], frame[height:] = BLACK_Y, GREY_UV
        return frame

    copy.repaint(beat, edit)
    return at(beat, beat.start + first / fps, beat.start + last / fps)


@kind("mouth moves in silence", "mouth_in_silence")
def talking(copy: FilmCopy) -> Where:
    """A silent beat in which somebody's jaw goes up and down four times a second."""
    found = [s for s in copy.cut.timeline.segments if not s.speech_seconds and s.index != HOOK]
    if not found:
        raise NotHere("the film has no silent beat")
    # The steadiest: what shakes already is no picture of somebody who talks.
    beat = max(found, key=lambda s: (s.seconds, -s.index))
    face, fps = copy.face(beat), copy.cut.timeline.fps
    top, bottom = (round(face.y + face.height * share) for share in (0.5, 1.0))
    left, right = (round(face.x + face.width * share) for share in (0.15, 0.85))
    top, left = max(0, top), max(0, left)
    tall = bottom - top

    def edit(number: int, frames: list[Planes]) -> Planes:
        frame = frames[number].copy()
        open_ = 0.5 * abs(np.sin(2 * np.pi * 2.0 * number / fps))
        rows = top + (np.arange(tall) / (1 + open_)).astype(int)
        frame[top : top + tall, left:right] = frames[number][rows, left:right]
        return frame

    copy.repaint(beat, edit)
    return at(beat)


@kind(
    "slow start",
    "slow_start",
    follows="caption_late caption_missing syllable_missing "
    "line_missing sound_missing wrong_line title_missing last_word_cut",
)
def slow_start(copy: FilmCopy) -> Where:
    first = copy.cut.timeline.segments[0]
    fps = copy.cut.timeline.fps
    count = round(2.2 * fps)
    copy.repaint(first, lambda i, frames: frames[0] if i < count else frames[i])
    sound = copy.sound()
    sound[: round(2.2 * RATE)] = 0
    copy.put_sound(sound)
    return at(first)


@kind("duplicated beat", "duplicated_beat", follows="caption_late caption_missing frozen dead_air")
def duplicated(copy: FilmCopy) -> Where:
    """A beat is played twice, and the next one never."""
    segments = [s for s, n in copy.pairs() if not s.overlap and not n.overlap and s.index != HOOK]
    pairs = [(s, n) for s, n in copy.pairs() if s in segments and n.speech_seconds]
    if not pairs:
        raise NotHere("no two beats follow each other by a cut")
    beat, after = min(pairs, key=lambda pair: abs(pair[0].frames - pair[1].frames))
    frames = _frames_of(copy, beat, after.frames)
    copy.repaint(after, lambda i, own: frames[i] if i < len(own) else own[i])
    sound = copy.sound()
    count = round(after.seconds * RATE)
    said = part(sound, beat.start, min(count, round(beat.seconds * RATE)))
    first = round(after.start * RATE)
    sound[first : first + count] = part(fade(said), 0.0, len(sound[first : first + count]))
    copy.put_sound(sound)
    return at(after)


def _frames_of(copy: FilmCopy, beat: Segment, count: int) -> list[Planes]:

    frames = planes(copy.segment_path(beat))
    return [frames[min(i, len(frames) - 1)] for i in range(count)]


@kind(
    "beats out of order",
    "beats_out_of_order",
    follows="duplicated_beat caption_late "
    "caption_missing line_missing sound_missing wrong_line sound_out_of_sync speech_in_silence",
)
def swapped(copy: FilmCopy) -> Where:
    """Two beats that follow each other change places, with picture and sound."""
    segments = list(copy.cut.timeline.segments)
    starts = [s.start for s in segments]
    for at_ in range(1, len(segments) - 1):
        one, two = segments[at_], segments[at_ + 1]
        after = segments[at_ + 2] if at_ + 2 < len(segments) else None
        if (
            one.speech_seconds
            and two.speech_seconds
            and not one.overlap
            and not two.overlap
            and not (after and after.overlap)
        ):
            break
    else:
        raise NotHere("no two spoken beats follow each other by a cut")
    order = [*segments[:at_], two, one, *segments[at_ + 2 :]]
    copy.join([(copy.segment_path(s), s) for s in order])
    sound = copy.sound()
    first = round(starts[at_] * RATE)
    middle = round(two.start * RATE)
    last = round((two.start + two.seconds) * RATE) if after is None else round(after.start * RATE)
    said = [fade(sound[middle:last]), fade(sound[first:middle])]
    copy.put_sound(np.concatenate([sound[:first], *said, sound[last:]]))
    return Where((one.index, two.index), one.start, two.end)


@kind("variable frame rate", "uneven_frame_rate", follows="wrong_format repeated_frames")
def uneven(copy: FilmCopy) -> Where:
    filters = ["-vf", "select='not(eq(mod(n,7),3))'", "-fps_mode", "vfr"]
    _encode(copy, filters)
    return whole(copy)


@kind("duplicated frames", "repeated_frames", follows="wrong_format")
def repeated(copy: FilmCopy) -> Where:
    """Half the frame rate, written as the whole one."""
    fps, frames = copy.cut.timeline.fps, copy.cut.timeline.frames
    # As many frames as before, also where that is no even number.
    halved = f"fps={fps / 2:g},fps={fps},tpad=stop=2:stop_mode=clone"
    _encode(copy, ["-vf", halved, "-frames:v", str(frames)])
    return whole(copy)


def _encode(copy: FilmCopy, filters: list[str]) -> None:
    coding = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"]
    clock = ["-video_track_timescale", str(copy.cut.timeline.fps * 512)]
    copy.remux(["-i", copy.cut.film], [*filters, *coding, *clock, "-c:a", "copy"])


@kind("caption late by 1 s", "caption_late", follows="caption_missing")
def late(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    _move(copy, beat, 1.0)
    shown = [
        changed(c, start=c.start + 1.0, end=c.end + 1.0)
        if beat.start <= (c.start + c.end) / 2 < beat.end
        else c
        for c in copy.captions()
    ]
    copy.put_captions(shown)
    return at(beat, beat.start, beat.end + 1.0)


@kind("burnt caption late by 1 s", "caption_late", follows="caption_missing")
def burnt_late(copy: FilmCopy) -> Where:
    """In the picture only: the caption file is right."""
    beat = copy.spoken()[0]
    _move(copy, beat, 1.0)
    return at(beat)


def _move(copy: FilmCopy, beat: Segment, seconds: float) -> None:
    own = copy.own_captions(beat)
    moved = [changed(c, start=c.start + seconds, end=c.end + seconds) for c in own]
    copy.burn(beat, copy.script(beat, moved))


@kind("caption missing", "caption_missing")
def missing(copy: FilmCopy) -> Where:
    beat = copy.spoken()[0]
    others = [c for c in copy.captions() if not beat.start <= (c.start + c.end) / 2 < beat.end]
    copy.put_captions(others)
    copy.burn(beat, copy.script(beat, []))
    return at(beat)


@kind("caption lacks a word", "caption_incomplete", follows="caption_missing")
def lacking_word(copy: FilmCopy) -> Where:
    """The middle word of the longest line is in no caption, neither in the file nor the picture."""
    beat = copy.spoken()[0]
    own = copy.own_captions(beat)
    longest = max(range(len(own)), key=lambda n: len(own[n].text))
    pieces = phrases_of(own[longest].text)
    if len(pieces) < 2:
        raise NotHere("no caption has two words")
    text = "".join(piece for n, piece in enumerate(pieces) if n != len(pieces) // 2)
    own[longest] = changed(own[longest], text=text.strip())
    copy.burn(beat, copy.script(beat, own))
    others = [c for c in copy.captions() if not beat.start <= (c.start + c.end) / 2 < beat.end]
    moved = [changed(c, start=c.start + beat.start, end=c.end + beat.start) for c in own]
    copy.put_captions(sorted([*others, *moved], key=lambda c: c.start))
    return at(beat)


@kind("caption not burnt in", "caption_missing")
def not_burnt(copy: FilmCopy) -> Where:
    """In the picture only: the caption file is right."""
    beat = copy.spoken()[0]
    copy.burn(beat, copy.script(beat, []))
    return at(beat)


@kind("caption too fast to read", "caption_too_fast", follows="caption_missing")
def too_fast(copy: FilmCopy) -> Where:
    """The first caption of a line is gone before it is read."""
    beat = max(copy.spoken(), key=lambda s: len(copy.own_captions(s)))
    own = copy.own_captions(beat)
    if not own:
        raise NotHere("the film has no captions")
    brief = changed(own[0], end=own[0].start + 0.2)
    rest = [changed(own[1], start=brief.end), *own[2:]] if len(own) > 1 else []
    now = [brief, *rest]
    copy.burn(beat, copy.script(beat, now))
    film = [changed(c, start=c.start + beat.start, end=c.end + beat.start) for c in now]
    others = [c for c in copy.captions() if not beat.start <= (c.start + c.end) / 2 < beat.end]
    copy.put_captions(sorted([*others, *film], key=lambda c: c.start))
    return at(beat)


@kind("caption over a face", "caption_over_face", follows="caption_missing")
def over_face(copy: FilmCopy) -> Where:
    for beat in copy.spoken():
        try:
            face = copy.face(beat)
        except NotHere:
            continue
        script = copy.script(beat, copy.own_captions(beat))
        copy.burn(beat, _raised(copy, script, face))
        return at(beat)
    raise NotHere("no picture says where a face is")


def _raised(copy: FilmCopy, script: str, face: Box) -> str:
    """The script with its captions standing in the middle of a face."""
    canvas = copy.plan.canvas
    side, margin = round(USUAL.side * canvas.width), caption_margin(canvas)
    wanted = canvas.height - face.y - face.height * 0.5 - caption_size(canvas)
    usual = f",2,{side},{side},{margin},-1\n"
    assert usual in script
    return script.replace(usual, f",2,{side},{side},{round(max(0.0, wanted))},-1\n")


@kind("title clipped", "title_clipped", follows="title_over_face")
def title_clipped(copy: FilmCopy) -> Where:
    hook, layout = copy.hook(), copy.title()

    widest = max(fonts.width(line, layout.em) for line in layout.lines)
    em = layout.em * 1.15 * copy.plan.canvas.width / widest
    bigger = changed(layout, em=em)
    copy.burn(hook, copy.script(hook, copy.own_captions(hook), bigger))
    return at(hook)


@kind("title over a face", "title_over_face")
def title_over_face(copy: FilmCopy) -> Where:
    hook, layout = copy.hook(), copy.title()
    face = copy.face(hook)
    y = face.y + 0.3 * face.height
    lower = changed(layout, box=changed(layout.box, y=y))
    copy.burn(hook, copy.script(hook, copy.own_captions(hook), lower))
    return at(hook)


@kind("title missing", "title_missing")
def title_missing(copy: FilmCopy) -> Where:
    hook = copy.hook()
    empty = changed(copy.title(), lines=())
    copy.burn(hook, copy.script(hook, copy.own_captions(hook), empty))
    return at(hook)
