"""When everything in the film happens. Audio is the master clock.

`lay_out` turns a plan and the measured length of every spoken line into segments on the
film's frame grid. Everything after it (clips, captions, mix, checks) reads times from
here and computes none of its own.

Knows: seconds, frames, order. Does not know: files, pixels, how speech was made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storyboard.plan.elements import Transition
from storyboard.plan.languages import plain
from storyboard.plan.records import NARRATOR, Plan

HOOK = 0
"""Index of the hook's segment; beats count from 1."""
LEAD_IN = 0.15
"""Silence before a line, seconds: a word that starts on the cut sounds cut."""
HOOK_PAUSE = 0.4
CROSSFADE_SECONDS = 0.35
TAIL_SECONDS = 0.5
"""Extra picture after the last beat, so that the film does not end on a syllable."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of the film: the hook (index 0) or a beat.

    Times are seconds; `start` is on the film's clock, `speech_start` too. `frames` is the
    length of the clip, which with a crossfade overlaps the clip before by `overlap` frames.
    """

    index: int
    slug: str
    start: float
    frames: int
    seconds: float
    overlap: int
    transition: Transition
    speaker: str | None
    line: str
    reading: str
    speech_start: float
    speech_seconds: float

    @property
    def end(self) -> float:
        return self.start + self.seconds

    @property
    def speech_end(self) -> float:
        return self.speech_start + self.speech_seconds

    @property
    def speech_offset(self) -> float:
        """Seconds from the start of the clip to the start of its line."""
        return self.speech_start - self.start


@dataclass(frozen=True, slots=True)
class Timeline:
    fps: int
    segments: tuple[Segment, ...]

    @property
    def frames(self) -> int:
        return sum(s.frames - s.overlap for s in self.segments)

    @property
    def seconds(self) -> float:
        return self.frames / self.fps

    def segment(self, index: int) -> Segment:
        return next(s for s in self.segments if s.index == index)


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """All that the plan alone says of a segment's time: enough to make its clip.

    Its overlap is bounded by *planned* lengths, so a clip depends on no other clip's line.
    """

    index: int
    slug: str
    fps: int
    planned: float
    pause: float
    tail: float
    overlap: int
    transition: Transition
    speaker: str | None
    line: str
    reading: str

    @property
    def speech_offset(self) -> float:
        """Seconds from the start of the clip to the start of its line."""
        return self.overlap / self.fps + LEAD_IN

    def frames(self, speech: float | None) -> int:
        """Frames of the clip for a line of `speech` seconds: max(planned, speech + pause)."""
        seconds = self.planned
        if speech is not None:
            seconds = max(seconds, LEAD_IN + speech + self.pause)
        # The epsilon keeps 3.0 s × 24 fps at 72 when the sum came out as 3.0000000000000004.
        return max(1, math.ceil((seconds + self.tail) * self.fps - 1e-6)) + self.overlap


def segment_plans(plan: Plan) -> list[SegmentPlan]:
    """The hook, if there is one, and every beat, in order."""
    fps = plan.canvas.fps
    segments: list[SegmentPlan] = []
    if plan.hook is not None:
        hook = plan.hook
        speaker = NARRATOR if hook.line else None
        segments.append(
            SegmentPlan(
                index=HOOK,
                slug="00_hook",
                fps=fps,
                planned=hook.duration,
                pause=HOOK_PAUSE,
                tail=0.0,
                overlap=0,
                transition="cut",
                speaker=speaker,
                line=hook.text,
                reading=plain(hook.reading),
            )
        )
    for beat in plan.beats:
        overlap = 0
        if beat.transition == "crossfade" and segments:
            # At most a third of either clip, so that no clip is all fade.
            shorter = min(beat.duration, segments[-1].planned)
            overlap = min(round(CROSSFADE_SECONDS * fps), int(shorter * fps) // 3)
        segments.append(
            SegmentPlan(
                index=beat.index,
                slug=beat.slug,
                fps=fps,
                planned=beat.duration,
                pause=beat.pause,
                tail=TAIL_SECONDS if beat is plan.beats[-1] else 0.0,
                overlap=overlap,
                transition=beat.transition,
                speaker=beat.speaker,
                line=beat.text,
                reading=plain(beat.reading),
            )
        )
    return segments


def lay_out(parts: Sequence[SegmentPlan], speech: Mapping[int, float]) -> Timeline:
    """Place every segment. `speech` maps a segment's index to its measured seconds."""
    fps = parts[0].fps
    segments: list[Segment] = []
    cursor = 0
    for part in parts:
        spoken = speech.get(part.index)
        frames = part.frames(spoken)
        start = (cursor - part.overlap) / fps
        segments.append(
            Segment(
                index=part.index,
                slug=part.slug,
                start=start,
                frames=frames,
                seconds=frames / fps,
                overlap=part.overlap,
                transition=part.transition,
                speaker=part.speaker,
                line=part.line,
                reading=part.reading,
                speech_start=start + part.speech_offset,
                speech_seconds=spoken or 0.0,
            )
        )
        cursor += frames - part.overlap
    return Timeline(fps, tuple(segments))
