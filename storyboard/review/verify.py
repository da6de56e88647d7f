"""Another reviewer's finding, looked up in the file: confirmed, refuted, or beyond measuring.

A model that watches a film may be right where everybody thinks it wrong, and the other way
round; so what can be measured is measured, in the beat or the seconds that the finding
names, and nothing is dismissed by default.

Knows: which findings can be measured, and by what. Does not know: who found them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Literal

from renderers.base import TranscriptionBackend
from renderers.ffmpeg import run_ffmpeg
from renderers.scratch import temporary_folder
from storyboard.core.files import digest_file
from storyboard.media.audio import mixed
from storyboard.media.audio.wording import normalise, similarity
from storyboard.media.evidence import Found
from storyboard.plan.spoken import said_of
from storyboard.plan.timeline import Segment
from storyboard.review.finding import Finding
from storyboard.review.finished_cut import Cut
from storyboard.review.technical.measure import CutMeasures, measure
from storyboard.review.technical.reviewer import findings
from storyboard.review.technical.vocabulary import DEFECTS

Verdict = Literal["confirmed", "refuted", "unknown"]

SLACK = 1.0
"""Seconds by which a viewer's time may be off."""
PAD = 0.3
"""Seconds around a passage that are listened to with it."""
HEARD = 0.75
"""Likeness at which a line that is listened to by itself is said as written."""
ENDING = {"ja": 5, "zh": 4, "ko": 5}
"""Letters of a line's end, by sound, that must be heard for it to be whole; 10 where none are named."""

_WORDS = frozenset({"last_word_cut", "syllable_missing", "line_missing", "wrong_line"})
"""Found by listening to the passage once more."""
_NEAR: dict[str, frozenset[str]] = {
    name: frozenset(near.split())
    for name, near in {
        "last_word_cut": "syllable_missing line_missing sound_missing wrong_line",
        "syllable_missing": "last_word_cut line_missing sound_missing wrong_line",
        "line_missing": "sound_missing wrong_line last_word_cut sound_out_of_sync "
        "duplicated_beat beats_out_of_order",
        "wrong_line": "line_missing sound_missing duplicated_beat beats_out_of_order",
        "sound_missing": "line_missing dead_air",
        "frozen": "slow_start repeated_frames",
        "repeated_frames": "uneven_frame_rate frozen",
        "uneven_frame_rate": "repeated_frames wrong_format",
        "too_loud": "true_peak",
        "dead_air": "sound_missing slow_start",
        "caption_late": "caption_missing sound_out_of_sync",
        "caption_missing": "caption_late",
        "duplicated_beat": "beats_out_of_order",
        "beats_out_of_order": "duplicated_beat",
        "title_missing": "title_clipped",
    }.items()
}
"""What else, if measured at the place, means that the viewer saw something."""
_CANNOT_REFUTE = frozenset(
    {"mouth_in_silence", "wrong_voice", "music_over_speech", "click", "slow_start"}
    | {"speech_too_fast", "caption_too_fast", "duplicated_beat", "beats_out_of_order"}
    | {"caption_clipped", "caption_over_face", "title_over_face", "dead_air", "loudness_jump"}
)
"""Seen or heard by taste, or measured only where a picture says where its faces are: that
nothing is measured here refutes nobody."""

_KEPT: OrderedDict[str, CutMeasures] = OrderedDict()
_LOCK = Lock()


def borne_out(finding: Finding, cut: Cut, hear: TranscriptionBackend | None) -> Verdict:
    """Whether the film bears a finding out.

    `unknown` where nothing can measure it: another vocabulary, a matter of taste, a place
    that is not given.

    Raises:
        BadOutput: the film cannot be read.
    """
    if finding.defect not in DEFECTS:
        return "unknown"
    m = _measured(cut)
    wanted = {finding.defect, *_NEAR.get(finding.defect, ())}
    if any(f.defect in wanted and _meets(f, finding) for f in findings(m)):
        return "confirmed"
    if finding.defect in _WORDS:
        return _listen(m, finding, hear)
    if finding.defect == "speech_in_silence":
        return _silence(m, finding, hear)
    return "unknown" if finding.defect in _CANNOT_REFUTE else "refuted"


def _measured(cut: Cut) -> CutMeasures:
    """The film's measures, kept for the next finding on the same file."""
    key = digest_file(cut.film)
    with _LOCK:
        if key not in _KEPT:
            _KEPT[key] = measure(cut, None)
            while len(_KEPT) > 1:
                _KEPT.popitem(last=False)
        return _KEPT[key]


def _meets(measured: Finding, said: Finding) -> bool:
    """Whether both speak of the same place."""
    if measured.beat is not None and said.beat is not None and measured.beat == said.beat:
        return True
    if measured.start is None or said.start is None:
        return measured.beat is None or said.beat is None
    measured_end = measured.end if measured.end is not None else measured.start
    said_end = said.end if said.end is not None else said.start
    return measured.start - SLACK < said_end and said.start < measured_end + SLACK


def _listen(m: CutMeasures, finding: Finding, hear: TranscriptionBackend | None) -> Verdict:
    """Listen to the line by itself: whole, or not?"""
    segment = _segment(m, finding)
    if segment is None or not segment.speech_seconds or hear is None:
        return "unknown"
    found = m.found[segment.index]
    begin = segment.speech_start + found.offset
    said = said_of(m.cut.plan, segment.index)
    texts = _heard(m, hear, (begin - PAD, begin + segment.speech_seconds + PAD), said.languages)
    language, heard = said.languages[0], texts[said.languages[0]]
    if said.mixed:
        if mixed.likeness(said.aloud, texts) >= HEARD and mixed.ending(said.aloud, texts) >= 0.6:
            return "refuted"
        return "unknown" if _intact(found) else "confirmed"
    scripts = {segment.line, segment.reading or segment.line}
    likeness = max(similarity(script, heard, language) for script in scripts)
    whole = any(_ends_alike(script, heard, language) for script in scripts)
    if likeness >= HEARD and whole:
        return "refuted"
    return "unknown" if _intact(found) else "confirmed"


def _intact(found: Found) -> bool:
    """The recorded line is in the film to its last sound; a recogniser may mishear its words."""
    return found.sureness >= 0.7 and found.ends and found.lost == 0


def _ends_alike(script: str, heard: str, language: str) -> bool:
    """Whether a line ends as it is written, by sound."""
    length = ENDING.get(language, 10)
    end = normalise(script, language).replace(" ", "")[-length:]
    said = normalise(heard, language).replace(" ", "")[-length:]
    return similarity(end, said, language) >= 0.6


def _silence(m: CutMeasures, finding: Finding, hear: TranscriptionBackend | None) -> Verdict:
    segment = _segment(m, finding)
    if segment is None or segment.speech_seconds or hear is None:
        return "unknown"
    language = m.cut.plan.language
    heard = _heard(m, hear, (segment.start + 0.2, segment.end - 0.1), (language,))[language]
    return "confirmed" if len(normalise(heard, language)) >= 4 else "refuted"


def _segment(m: CutMeasures, finding: Finding) -> Segment | None:
    """The segment that a finding speaks of."""
    if finding.beat is not None:
        return next((s for s in m.segments if s.index == finding.beat), None)
    if finding.start is None:
        return None
    time = finding.start
    return next((s for s in m.segments if s.start <= time < s.end), None)


def _heard(
    m: CutMeasures, hear: TranscriptionBackend, span: tuple[float, float], languages: Sequence[str]
) -> dict[str, str]:
    """What is said between two times of the film, as it is heard in each language."""
    start, end = span
    with temporary_folder("verify") as scratch:
        passage = scratch / "passage.wav"
        start = max(0.0, start)
        cut = ["-ss", f"{start:.3f}", "-t", f"{max(0.1, end - start):.3f}", "-i", m.cut.film]
        run_ffmpeg([*cut, "-vn", "-ac", "1", "-ar", "48000", passage])
        return mixed.hear(hear, passage, languages)[1]
