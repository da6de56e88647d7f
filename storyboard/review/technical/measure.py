"""What a reviewer measures on a finished cut, once, for all of its questions.

The film is decoded one time: its small grey frames, its sound in stereo, what is heard in
it. Where the clips are still in the run folder, the letters burnt into the film are found
as what the film has and the clip has not, so captions and title are judged by their ink
and not by the file that asked for them.

Knows: the files of a cut. Does not know: what is a defect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import soundfile

from renderers.audio_file import decode_mono
from renderers.base import TranscriptionBackend, Word
from renderers.containers import open_media
from renderers.probe import (
    decode_gray,
    is_faststart,
    keyframe_times,
    measure_loudness,
    packets_digest,
    probe,
)
from renderers.scratch import temporary_folder
from storyboard.core.files import read_json
from storyboard.media import checks
from storyboard.media.agreement import drawn_in
from storyboard.media.audio import mixed, music
from storyboard.media.cut import FADE_SECONDS
from storyboard.media.evidence import RATE, Evidence, Found, locate
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import caption_top, read_srt
from storyboard.media.text.title import Box, kept_clear, lay_title
from storyboard.plan import Canvas
from storyboard.plan.caption_look import USUAL
from storyboard.plan.spoken import said_of, spoken_otherwise
from storyboard.plan.timeline import HOOK, Segment
from storyboard.review.finished_cut import Cut
from storyboard.stages.clips import clip_name
from storyboard.stages.footage import own_sounds
from storyboard.stages.images import image_name
from storyboard.stages.speech import speech_name

SIDE = 180
"""Pixels of the shorter side of the frames that are looked at: letters are still letters."""
LOOKS = 8
"""Times a second at which a film is compared with its clips."""
INK = 40
"""Least difference of a burnt-in pixel from its clip, of 255; coding noise stays below 30."""
UNLIKE, LETTERED = 0.08, 0.2
"""Part of the middle of the picture that may differ before it may be another picture, and
before it must be: a title that stands where none should fills more than the first."""

Gray: TypeAlias = "npt.NDArray[np.uint8]"
Mask: TypeAlias = "npt.NDArray[np.bool_]"
Stereo: TypeAlias = "npt.NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class Look:
    """One frame of the film against the same frame of its clip.

    `ink` is where they differ, shape (height, width); `unlike` the part of the middle of the
    picture, where no letter ought to be, that does.
    """

    time: float
    ink: Mask
    unlike: float

    @property
    def same(self) -> bool:
        return self.unlike <= LETTERED


@dataclass(frozen=True)
class CutMeasures:
    """All that is known of a cut. Times in seconds of the film, boxes in its pixels."""

    cut: Cut
    evidence: Evidence
    found: Mapping[int, Found]
    """Where each spoken line really is, by segment."""
    sound: Stereo
    """48 kHz, shape (samples, 2)."""
    frames: Gray
    """Shape (frames, height, width), the shorter side `SIDE` pixels."""
    faces: Mapping[int, Sequence[Box]]
    """Where the picture of each segment has its faces; only of those that say so."""
    listened: bool
    """Somebody listened: no word heard means that none is there."""

    @property
    def segments(self) -> tuple[Segment, ...]:
        return self.cut.timeline.segments

    @property
    def fps(self) -> int:
        return self.cut.timeline.fps

    @cached_property
    def checks(self) -> Sequence[checks.Check]:
        """The checks of the final file, on this evidence."""
        plan = self.cut.plan
        tongues = checks.Tongues(plan.language, spoken_otherwise(plan))
        return checks.run_checks(self.evidence, self.cut.timeline, plan.canvas, tongues)

    @property
    def scale(self) -> float:
        """From the film's pixels to those of `frames`."""
        return self.frames.shape[2] / self.cut.plan.canvas.width

    @cached_property
    def change(self) -> npt.NDArray[np.float32]:
        """Mean absolute change of each frame from the one before it, of 255."""
        return _changes(self.frames)

    @cached_property
    def motion(self) -> npt.NDArray[np.float32]:
        """The same of what stands above the captions, whose words come and go."""
        return _changes(self.frames[:, : self.caption_row])

    @cached_property
    def looks(self) -> Mapping[int, Sequence[Look]]:
        """The film against the clips that are there, by segment."""
        return {s.index: list(self._compare(s)) for s in self.segments if self._clip(s).is_file()}

    def shown(self, segment: Segment) -> range:
        """The film's frames in which nothing but this segment is to be seen."""
        first = round(segment.start * self.fps)
        after = next((s for s in self.segments if s.start > segment.start), None)
        last = first + segment.frames - (after.overlap if after else 0)
        return range(first + segment.overlap, min(last, len(self.frames)))

    def clip_frames(self, segment: Segment) -> Iterator[Gray]:
        """The small frames of a segment's clip, fitted to the canvas as the film's are."""
        _, height, width = self.frames.shape
        for _, picture in small_frames(self._clip(segment), (height, width)):
            yield picture

    def piece(self, start: float, end: float) -> Stereo:
        """The film's sound between two times."""
        first, last = (max(0, round(t * music.RATE)) for t in (start, end))
        return self.sound[first:last]

    def box(self, box: Box, shrink: float = 0.0) -> tuple[slice, slice]:
        """Where a box of the film lies in `frames`: rows and columns, less a part of each side."""
        height, width = self.frames.shape[1:]
        dx, dy = box.width * shrink, box.height * shrink
        rows = (box.y + dy, box.y + box.height - dy)
        columns = (box.x + dx, box.x + box.width - dx)
        return (
            slice(*(int(np.clip(round(v * self.scale), 0, height)) for v in rows)),
            slice(*(int(np.clip(round(v * self.scale), 0, width)) for v in columns)),
        )

    @property
    def caption_row(self) -> int:
        """First row of `frames` in which a caption may stand."""
        plan = self.cut.plan
        return int(caption_top(plan.canvas, plan.caption_look or USUAL) * self.scale) - 1

    def _clip(self, segment: Segment) -> Path:
        return self.cut.folder / f"{clip_name(segment.index, segment.slug)}.mp4"

    def _compare(self, segment: Segment) -> Iterator[Look]:
        first = round(segment.start * self.fps)
        shown = self.shown(segment)
        fade = round(FADE_SECONDS * self.fps) if segment.transition == "fade from black" else 0
        step = max(1, round(self.fps / LOOKS))
        top = round(self.frames.shape[1] * 0.3)
        for number, frame in enumerate(self.clip_frames(segment)):
            at = first + number
            if at not in shown or number < fade or (number - segment.overlap) % step:
                continue
            ink = np.abs(self.frames[at].astype(np.int16) - frame) > INK
            middle = ink[top : self.caption_row]
            yield Look(at / self.fps, ink, float(middle.mean()))


def measure(cut: Cut, hear: TranscriptionBackend | None) -> CutMeasures:
    """Decode, listen to and measure a finished cut.

    Without `hear`, what was heard when the film was made counts, if its sound is the same.

    Raises:
        BadOutput: the film cannot be read.
    """
    plan, film = cut.plan, cut.film
    words, texts = _heard(cut, hear)
    faces = {s.index: _faces(cut, s) for s in cut.timeline.segments}
    title, clear = None, list[Box]()
    if plan.hook is not None:
        clear = kept_clear(_info(cut, cut.timeline.segment(HOOK)))
        title = lay_title(plan.hook.title, plan.canvas, clear).box
    luma, change = decode_gray(film)
    media = probe(film)
    evidence = Evidence(
        media=media,
        loudness=measure_loudness(film),
        faststart=is_faststart(film),
        sound=decode_mono(film, RATE),
        takes=takes_of(cut),
        luma=luma,
        change=change,
        words=words or [],
        texts=texts,
        footage=frozenset(own_sounds(plan)),
        captions=_captions(cut),
        title=title,
        faces=clear,
        pictures={
            s.index: drawn
            for s in cut.timeline.segments
            if (drawn := drawn_in(_info(cut, s))) is not None
        },
        people={s.index: _info(cut, s).get("people", []) for s in cut.timeline.segments},
        beings=plan.beings,
        props={beat.index: beat.props for beat in plan.beats},
        keyframes=[round(time * cut.timeline.fps) for time in keyframe_times(film)],
    )
    return CutMeasures(
        cut=cut,
        evidence=evidence,
        found={i: locate(evidence, cut.timeline.segment(i)) for i in evidence.takes},
        sound=music.read_audio(film),
        frames=on_the_clock(film, small_size(plan.canvas), cut.timeline.fps),
        faces=faces,
        listened=words is not None,
    )


def takes_of(cut: Cut) -> dict[int, npt.NDArray[np.float32]]:
    """The sound of each line's recording, by segment."""
    return {
        s.index: decode_mono(cut.folder / f"audio/{speech_file(s)}.wav", RATE)
        for s in cut.timeline.segments
        if s.speech_seconds
    }


def small_size(canvas: Canvas) -> tuple[int, int]:
    """Height and width of small frames, the shorter of them `SIDE`, both even."""
    scale = min(1.0, SIDE / min(canvas.width, canvas.height))
    return 2 * round(canvas.height * scale / 2), 2 * round(canvas.width * scale / 2)


def small_frames(path: Path, size: tuple[int, int]) -> Iterator[tuple[float, Gray]]:
    """Time and small grey picture of every frame, filling `size` (height, width).

    What has another shape than the canvas is cropped to it, as it is in the film.
    """
    height, width = size
    with open_media(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            grow = max(height / frame.height, width / frame.width)
            tall, wide = (
                max(height, round(frame.height * grow)),
                max(width, round(frame.width * grow)),
            )
            small = cast(Any, frame).reformat(wide, tall, "gray", interpolation="AREA")
            y, x = (tall - height) // 2, (wide - width) // 2
            yield float(frame.time or 0.0), small.to_ndarray()[y : y + height, x : x + width]


def on_the_clock(film: Path, size: tuple[int, int], fps: int) -> Gray:
    """Every frame of a film on a steady clock, as a viewer sees it: a gap holds the last one."""
    shown: list[Gray] = []
    for time, picture in small_frames(film, size):
        while shown and len(shown) < round(time * fps):
            shown.append(shown[-1])
        shown.append(picture)
    return np.array(shown, dtype=np.uint8)


def _changes(frames: Gray) -> npt.NDArray[np.float32]:
    changes = [
        float(np.abs(after.astype(np.int16) - before).mean()) for before, after in pairwise(frames)
    ]
    return np.array([0.0, *changes], dtype=np.float32)


LISTENING_RATE = 16_000


def speech_file(segment: Segment) -> str:
    """Stem of the files of a segment's line in the run folder."""
    return speech_name(segment.index, segment.slug).partition("/")[2]


def _heard(
    cut: Cut, hear: TranscriptionBackend | None
) -> tuple[list[Word] | None, Mapping[int, Mapping[str, str]]]:
    """The words in the film, None if nobody can tell; and what is heard in each language of a
    segment that has several."""
    if hear is not None:
        return _listen(cut, hear)
    heard, mix = cut.folder / "audio/heard.json", cut.folder / "audio/mix.m4a"
    if (
        not heard.is_file()
        or not mix.is_file()
        or packets_digest("audio", mix) != packets_digest("audio", cut.film)
    ):
        return None, {}
    found = read_json(heard)
    texts = {int(index): by_language for index, by_language in found.get("texts", {}).items()}
    return [Word(**word) for word in found["words"]], texts


def _listen(
    cut: Cut, hear: TranscriptionBackend
) -> tuple[list[Word], Mapping[int, Mapping[str, str]]]:
    """The whole film in its language, and again each stretch that is not all in that one."""
    words = list(hear.transcribe(cut.film, cut.plan.language).words)
    texts: dict[int, Mapping[str, str]] = {}
    if not (elsewhere := spoken_otherwise(cut.plan)):
        return words, texts
    sound = decode_mono(cut.film, LISTENING_RATE)
    with temporary_folder("listen") as scratch:
        stretch = scratch / "stretch.wav"
        for index in elsewhere:
            s = cut.timeline.segment(index)
            piece = sound[round(s.start * LISTENING_RATE) : round(s.end * LISTENING_RATE)]
            soundfile.write(stretch, piece, LISTENING_RATE, subtype="PCM_16")
            languages = said_of(cut.plan, index).languages
            heard, by_language = mixed.hear(hear, stretch, languages)
            words = [w for w in words if not s.start <= (w.start + w.end) / 2 < s.end]
            words += [Word(w.text, w.start + s.start, w.end + s.start) for w in heard.words]
            if len(by_language) > 1:
                texts[index] = by_language
    return sorted(words, key=lambda word: word.start), texts


def _captions(cut: Cut) -> list[Caption]:
    file = cut.folder / "subs.srt"
    return read_srt(file.read_text(encoding="utf-8")) if file.is_file() else []


def _faces(cut: Cut, segment: Segment) -> list[Box]:
    return [Box(*box) for box in _info(cut, segment).get("faces", {}).values()]


def _info(cut: Cut, segment: Segment) -> dict[str, Any]:
    """The record beside a segment's picture, empty where there is none."""
    info = cut.folder / f"{image_name(segment.index, segment.slug)}.json"
    return read_json(info) if info.is_file() else {}
