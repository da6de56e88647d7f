"""The kinds of defect that the technical reviewer claims to find, and how findings are worded.

Knows: names, what each means, which step and which edit of the plan may mend it. Does not
know: how any of them is measured.
"""

from __future__ import annotations

from collections.abc import Mapping

from renderers.base import JSON
from storyboard.plan import Plan
from storyboard.plan.shots import file_name, pointer, shot_of
from storyboard.plan.timeline import HOOK, Segment
from storyboard.review.finding import Finding, Severity
from storyboard.stages.clips import clip_name
from storyboard.stages.speech import speech_name

REVIEWER = "technical"
SPEECH, CLIP, SOUND = "speech", "clip", "assemble/sound"
SEGMENT, CAPTIONS, FILM = "segment", "assemble/captions", "assemble/film"

DEFECTS: Mapping[str, str] = {
    "wrong_format": "the file is not what players and platforms take",
    "uneven_frame_rate": "frames do not last equally long",
    "repeated_frames": "many frames repeat the one before: motion judders",
    "sound_too_short": "sound and picture differ in length",
    "too_quiet": "the film is quieter than −15 LUFS",
    "too_loud": "the film is louder than −13 LUFS",
    "true_peak": "the true peak is above −1 dBTP",
    "loudness_jump": "one line is far louder or softer than the others",
    "one_ear": "the sound is in one channel only",
    "click": "a click at a cut",
    "dead_air": "nothing is heard for longer than 0.9 s, unasked",
    "music_over_speech": "what is under a line is nearly as loud as the line",
    "sound_missing": "a spoken beat is mute",
    "line_missing": "a beat's recorded line is not in the film",
    "last_word_cut": "the end of a line is missing",
    "syllable_missing": "a hole inside a line",
    "sound_out_of_sync": "speech is off its place",
    "wrong_line": "something else is said than the line",
    "wrong_number": "a number, a sign or a unit said otherwise than it is written, or not at all",
    "unclear_line": "the opening or the last line is not understood word by word",
    "wrong_voice": "a line in another voice than its speaker's",
    "effect_missing": "a sound that the plan asks for is not heard where it belongs",
    "speech_in_silence": "speech in a silent beat",
    "speech_too_fast": "a line faster than one can follow",
    "black": "a black stretch",
    "frozen": "a stretch in which the picture stands still, from 0.6 s on",
    "mouth_in_silence": "a mouth talks in a silent beat",
    "duplicated_beat": "a beat shows or says another one's content once more",
    "beats_out_of_order": "two beats stand in each other's place",
    "slow_start": "neither movement nor sound in the first 2 s",
    "hook_too_long": "the hook lasts longer than 5 s",
    "caption_missing": "a line without a caption",
    "caption_incomplete": "a caption that lacks letters of its line, or shows others",
    "caption_late": "a caption that does not stand while its line is spoken",
    "caption_too_fast": "a caption nobody can read in its time",
    "caption_over_face": "a caption over a face",
    "caption_clipped": "a caption that reaches the picture's edge",
    "picture_contradicts_line": "a picture that shows a thing otherwise than its line says, or not",
    "title_missing": "the hook's title is not to be seen",
    "title_over_face": "the title over a face, hair or an inset",
    "title_clipped": "the title outside the safe area",
}


def flag(
    defect: str,
    severity: Severity,
    evidence: str,
    segment: Segment | None = None,
    span: tuple[float, float] | None = None,
    *,
    stage: str = "",
    patch: tuple[Mapping[str, JSON], ...] = (),
) -> Finding:
    """A finding of this reviewer; `span` is the segment's where none is given."""
    assert defect in DEFECTS, defect
    if span is None and segment is not None:
        span = (segment.start, segment.end)
    return Finding(
        reviewer=REVIEWER,
        defect=defect,
        severity=severity,
        evidence=evidence,
        beat=segment.index if segment is not None else None,
        start=round(float(span[0]), 3) if span else None,
        end=round(float(span[1]), 3) if span else None,
        stage=step_of(stage, segment),
        patch=patch,
    )


def step_of(stage: str, segment: Segment | None) -> str:
    """The step's full name for this segment."""
    if segment is None:
        return stage
    match stage:
        case "speech":
            return speech_name(segment.index, segment.slug)
        case "clip":
            return clip_name(segment.index, segment.slug)
        case "segment":
            return f"assemble/{file_name(segment.index, segment.slug)}"
        case _:
            return stage


def name_of(segment: Segment) -> str:
    return "the hook" if segment.index == HOOK else f"beat {segment.index}"


def another_take(plan: Plan, segment: Segment) -> tuple[Mapping[str, JSON], ...]:
    """The edit that speaks and films a beat anew, over the same picture."""
    take = shot_of(plan, segment.index).record.take
    return (replace(f"{path_of(segment)}/take", take % 999 + 1),)


def path_of(segment: Segment) -> str:
    """Path of a segment's record, as patches name it."""
    return pointer(segment.index)


def replace(path: str, value: JSON) -> Mapping[str, JSON]:
    return {"op": "replace", "path": path, "value": value}
