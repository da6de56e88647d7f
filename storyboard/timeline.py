"""When everything in the film happens. Audio is the master clock.

`lay_out` turns a plan and the measured length of every spoken line into segments on the
film's frame grid. Everything after it (clips, captions, mix, checks) reads times from
here and computes none of its own.

Knows: seconds, frames, order. Does not know: files, pixels, how speech was made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from storyboard.plan import Beat, Plan, Transition

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


def legal_frames(at_least: int, rule: tuple[int, int] = (1, 0)) -> int:
    """Smallest legal frame count ≥ `at_least`, where legal counts are a·k + b."""
    a, b = rule
    return a * max(0, math.ceil((at_least - b) / a)) + b


def segment_frames(fps: int, planned: float, speech: float | None, pause: float) -> int:
    """Frames of a segment: max(planned, lead-in + speech + pause), rounded up."""
    seconds = planned if speech is None else max(planned, LEAD_IN + speech + pause)
    # The epsilon keeps 3.0 s × 24 fps at 72 when the sum came out as 3.0000000000000004.
    return max(1, math.ceil(seconds * fps - 1e-6))


def lay_out(plan: Plan, speech: Mapping[int, float]) -> Timeline:
    """Place every segment. `speech` maps a segment's index to its measured seconds."""
    fps = plan.canvas.fps
    segments: list[Segment] = []
    cursor = 0
    for index, beat in _parts(plan):
        spoken = speech.get(index)
        if beat is None:
            assert plan.hook is not None
            frames = segment_frames(fps, plan.hook.duration, spoken, HOOK_PAUSE)
            slug, speaker, line = "00_hook", "narrator" if spoken else None, plan.hook.line
            transition: Transition = "cut"
        else:
            frames = segment_frames(fps, beat.duration, spoken, beat.pause)
            slug, speaker, line, transition = beat.slug, beat.speaker, beat.line, beat.transition
            if index == plan.beats[-1].index:
                frames += round(TAIL_SECONDS * fps)
        overlap = 0
        if transition == "crossfade" and segments:
            # At most a third of either clip, so that no clip is all fade.
            overlap = min(round(CROSSFADE_SECONDS * fps), frames // 3, segments[-1].frames // 3)
            frames += overlap
        start = (cursor - overlap) / fps
        segments.append(
            Segment(
                index=index,
                slug=slug,
                start=start,
                frames=frames,
                seconds=frames / fps,
                overlap=overlap,
                transition=transition,
                speaker=speaker,
                line=line,
                speech_start=start + overlap / fps + LEAD_IN,
                speech_seconds=spoken or 0.0,
            )
        )
        cursor += frames - overlap
    return Timeline(fps, tuple(segments))


def _parts(plan: Plan) -> list[tuple[int, Beat | None]]:
    hook: list[tuple[int, Beat | None]] = [(HOOK, None)] if plan.hook else []
    return [*hook, *((beat.index, beat) for beat in plan.beats)]
