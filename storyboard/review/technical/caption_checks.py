"""Captions and title, judged by the ink that is in the picture and by the caption file.

Knows: reading speed, safe areas, faces. Does not know: how letters are set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from storyboard.media.text.breaks import characters
from storyboard.plan.languages import ABOUT
from storyboard.plan.timeline import HOOK, Segment
from storyboard.review.finding import Finding
from storyboard.review.technical.measure import LOOKS, CutMeasures, Look, Mask
from storyboard.review.technical.vocabulary import (
    CAPTIONS,
    SEGMENT,
    flag,
    name_of,
    path_of,
    replace,
)

SHOWN = 0.004
"""Part of the picture that is ink while a caption stands: a short word fills 0.006."""
LATE = 0.3
"""Seconds by which a caption may begin or end away from its line, a look's length aside."""
COVERED = 0.02
"""Part of a face that letters may cover."""
EDGE = 0.015
"""Part of the width at either side in which no letter may be."""


def find(m: CutMeasures) -> Iterator[Finding]:
    yield from _reading_speed(m)
    for segment in m.segments:
        looks = [look for look in m.looks.get(segment.index, ()) if look.same]
        if not looks:
            continue
        title = _title_ink(m, segment, looks)
        if title is not None:
            yield from _title(m, segment, title)
        written = [look.ink & ~title if title is not None else look.ink for look in looks]
        if segment.speech_seconds:
            yield from _timing(m, segment, looks, written)
            yield from _place(m, segment, looks, written)


def _reading_speed(m: CutMeasures) -> Iterator[Finding]:
    """Whether each caption can be read along with its voice.

    Guides for translated subtitles ask for 17 to 20 characters a second, in Japanese for 4;
    here one reads what one hears.
    """
    for caption in m.evidence.captions:
        middle = (caption.start + caption.end) / 2
        segment = next((s for s in m.segments if s.start <= middle < s.end), None)
        language = m.cut.plan.language if segment is None else m.cut.language(segment.index)
        about = ABOUT[language]
        text, fastest = caption.text.replace("\n", " " if about.spaced else ""), about.readable
        count, seconds = len(characters(text)), max(caption.end - caption.start, 1e-3)
        if count / seconds <= fastest or count < 6:
            continue
        evidence = (
            f"“{text[:40]}” stands for {seconds:.2f} s: {count / seconds:.0f} characters "
            f"a second (at most {fastest:g})"
        )
        patch = ()
        if segment is not None and segment.index != HOOK:
            speed = m.cut.plan.beat(segment.index).speed
            slower = round(max(0.5, speed * fastest * seconds / count), 2)
            patch = (replace(f"{path_of(segment)}/speed", slower),)
        span = (caption.start, caption.end)
        yield flag(
            "caption_too_fast", "minor", evidence, segment, span, stage=CAPTIONS, patch=patch
        )


def _title_ink(m: CutMeasures, segment: Segment, looks: Sequence[Look]) -> Mask | None:
    """The pixels of the hook's title: what stands there when no caption does."""
    if segment.index != HOOK or m.cut.plan.hook is None:
        return None
    begin, end = segment.speech_start - 0.02, segment.speech_end + 0.1
    alone = [
        look.ink
        for look in looks
        if not segment.speech_seconds or look.time > end or 0.09 < look.time < begin
    ]
    if len(alone) < 2:
        alone = [look.ink for look in looks]
    steady: Mask = np.mean(alone, axis=0) >= 0.5
    # A short hook has its caption to the last frame: what stands in its place is a caption.
    steady[m.caption_row :] = False
    return _grown(steady)


def _grown(mask: Mask) -> Mask:
    """The mask and its neighbours: letters waver by a pixel where the picture under them moves."""
    grown = mask.copy()
    for axis in (0, 1):
        for step in (-1, 1):
            grown |= np.roll(mask, step, axis)
    return grown


def _title(m: CutMeasures, segment: Segment, ink: Mask) -> Iterator[Finding]:
    height, width = ink.shape
    if ink.mean() < SHOWN:
        evidence = f"{ink.mean():.2%} of the hook's picture is letters: its title is not there"
        yield flag("title_missing", "severe", evidence, segment, stage=SEGMENT)
        return
    rows, columns = np.flatnonzero(ink.sum(axis=1) > 1), np.flatnonzero(ink.sum(axis=0) > 1)
    left, right = columns[0] / width, 1 - (columns[-1] + 1) / width
    if min(left, right) < EDGE or rows[0] == 0:
        evidence = (
            f"the title reaches to {left:.1%} of the width from the left edge and to "
            f"{right:.1%} from the right one, its top to row {rows[0]} of {height}"
        )
        yield flag("title_clipped", "severe", evidence, segment, stage=SEGMENT)
    if covered := _covered(m, segment, ink):
        evidence = f"the title covers {covered:.0%} of a face"
        patch = (replace("/hook/shot/scale", "medium close-up"),)
        yield flag("title_over_face", "severe", evidence, segment, stage="images/hook", patch=patch)


def _covered(m: CutMeasures, segment: Segment, ink: Mask) -> float:
    """The largest part of a face that is under letters, 0 where that is next to nothing."""
    parts = [float(ink[m.box(box, 0.1)].mean()) for box in m.faces.get(segment.index, ())]
    worst = max((p for p in parts if not np.isnan(p)), default=0.0)
    return worst if worst > COVERED else 0.0


def _timing(
    m: CutMeasures, segment: Segment, looks: Sequence[Look], written: Sequence[Mask]
) -> Iterator[Finding]:
    found = m.found[segment.index]
    # A line that is itself off its place is another finding.
    shift = found.offset if found.sureness >= 0.35 else 0.0
    begin, end = segment.speech_start + shift, segment.speech_end + shift
    times = np.array([look.time for look in looks])
    shown = np.array([ink.mean() > SHOWN for ink in written])
    during = (times > begin + 0.2) & (times < end - 0.2)
    where = name_of(segment)
    if not shown.any():
        if during.any():
            evidence = f"{where}: no letters are in the picture while its line is spoken"
            yield flag("caption_missing", "severe", evidence, segment, (begin, end), stage=SEGMENT)
        return
    # A look sees a caption up to one look after it came.
    slack = LATE + 1 / LOOKS
    late = float(times[shown][0]) - begin
    over = float(times[shown][-1]) - end
    if (late > slack and times[0] < begin + slack) or over > slack:
        worst = late if late > slack else over
        what = "come" if late > slack else "stay"
        evidence = f"{where}: captions {what} {worst:.1f} s after their line"
        span = (begin, float(times[shown][0])) if late > slack else (end, end + over)
        yield flag("caption_late", "severe", evidence, segment, span, stage=SEGMENT)
    elif during.any() and shown[during].mean() < 0.7:
        evidence = f"{where}: a caption stands for {shown[during].mean():.0%} of its line"
        yield flag("caption_missing", "severe", evidence, segment, (begin, end), stage=SEGMENT)


def _place(
    m: CutMeasures, segment: Segment, looks: Sequence[Look], written: Sequence[Mask]
) -> Iterator[Finding]:
    width = written[0].shape[1]
    margin = max(1, round(EDGE * width))
    covering: list[tuple[float, float]] = []
    touching: list[float] = []
    for look, ink in zip(looks, written, strict=True):
        if covered := _covered(m, segment, ink):
            covering.append((look.time, covered))
        band = ink[m.caption_row :]
        if band[:, :margin].sum() > 1 or band[:, width - margin :].sum() > 1:
            touching.append(look.time)
    where = name_of(segment)
    if len(covering) >= 2:
        worst = max(part for _, part in covering)
        span = (covering[0][0], covering[-1][0] + 1 / LOOKS)
        evidence = f"{where}: letters cover {worst:.0%} of a face"
        yield flag("caption_over_face", "severe", evidence, segment, span, stage=SEGMENT)
    if len(touching) >= 2:
        span = (touching[0], touching[-1] + 1 / LOOKS)
        evidence = f"{where}: a caption reaches the outer {EDGE:.1%} of the width"
        yield flag("caption_clipped", "minor", evidence, segment, span, stage=SEGMENT)
