"""Pacing: how long the hook is, when something first happens, how fast one speaks.

Knows: limits of attention. Does not know: how a film is cut.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from storyboard.media.audio.wording import normalise
from storyboard.plan import Plan
from storyboard.plan.languages import ABOUT
from storyboard.plan.timeline import HOOK, HOOK_PAUSE, LEAD_IN, Segment
from storyboard.review.finding import Finding
from storyboard.review.technical.measure import CutMeasures
from storyboard.review.technical.vocabulary import CLIP, SPEECH, flag, name_of, path_of, replace

LONGEST_HOOK = 5.0
START = 2.0
"""Seconds in which something must have happened."""
STILL = 0.05
"""Mean change from frame to frame, of 255, under which nothing is seen to move."""
SILENT = 10 ** (-50 / 20)


def find(m: CutMeasures) -> Iterator[Finding]:
    yield from _long_hook(m)
    yield from _slow_start(m)
    for segment in m.segments:
        if segment.speech_seconds:
            yield from _fast_speech(m, segment)


def _long_hook(m: CutMeasures) -> Iterator[Finding]:
    hook = m.cut.plan.hook
    if hook is None:
        return
    segment = m.cut.timeline.segment(HOOK)
    if segment.seconds <= LONGEST_HOOK + 1 / m.fps:
        return
    rest = segment.seconds - segment.speech_seconds
    wanted = segment.speech_seconds / max(0.5, LONGEST_HOOK - LEAD_IN - HOOK_PAUSE)
    if hook.duration > LONGEST_HOOK:
        patch = (replace("/hook/duration", LONGEST_HOOK),)
    elif wanted <= 1.25:
        # A quarter faster is still a narrator; beyond it the line is too long.
        speed = min(2.0, m.cut.plan.narrator.speed * wanted)
        patch = (replace("/narrator/speed", round(speed + 0.005, 2)),)
    else:
        patch = ()
    said = f"{segment.speech_seconds:.1f} s of speech and {rest:.1f} s without"
    evidence = f"the hook lasts {segment.seconds:.1f} s ({said}), {LONGEST_HOOK:g} s hold attention"
    yield flag("hook_too_long", "minor", evidence, segment, stage=SPEECH, patch=patch)


def _slow_start(m: CutMeasures) -> Iterator[Finding]:
    count = min(len(m.frames), round(START * m.fps))
    moved = float(np.quantile(m.change[1:count], 0.9)) if count > 1 else 0.0
    loudest = float(np.abs(m.piece(0.0, START)).max(initial=0.0))
    if moved < STILL and loudest < SILENT:
        first = m.segments[0]
        evidence = (
            f"for the first {START:g} s the picture changes by {moved:.2f} of 255 a frame, "
            "and nothing is heard"
        )
        yield flag("slow_start", "severe", evidence, first, (0.0, START), stage=CLIP)


def _fast_speech(m: CutMeasures, segment: Segment) -> Iterator[Finding]:
    language = m.cut.language(segment.index)
    letters = len(normalise(segment.reading or segment.line, language))
    # Pauses count: ordinary English has 12 to 17 letters a second, Japanese 6 to 9 kana.
    rate, fastest = letters / segment.speech_seconds, ABOUT[language].fastest
    if rate <= fastest:
        return
    unit = "kana" if language == "ja" else "letters"
    evidence = (
        f"{name_of(segment)}: {letters} {unit} are said in {segment.speech_seconds:.1f} s, "
        f"{rate:.0f} a second (at most {fastest:g})"
    )
    patch = ()
    if segment.index != HOOK:
        slower = slowed(m.cut.plan, segment, fastest * 0.8 / rate)
        patch = (replace(f"{path_of(segment)}/speed", slower),)
    yield flag("speech_too_fast", "severe", evidence, segment, stage=SPEECH, patch=patch)


def slowed(plan: Plan, segment: Segment, factor: float) -> float:
    """The beat's speed times `factor`, within what a plan allows."""
    return round(min(2.0, max(0.5, plan.beat(segment.index).speed * factor)), 2)
