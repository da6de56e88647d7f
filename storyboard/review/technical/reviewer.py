"""The technical reviewer: everything that can be held against a film by measuring it.

No model is needed but an ear, and without one what was heard when the film was made will
do. The checks of the final file are asked first; the modules beside this one ask the rest.

Knows: the order of questions, which finding explains which. Does not know: how anything is
measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace as changed

from renderers.base import JSON, TranscriptionBackend
from storyboard.media.checks import Check
from storyboard.review.finding import Finding
from storyboard.review.finished_cut import Cut
from storyboard.review.technical import caption_checks, pacing, pictures, sound_checks
from storyboard.review.technical.glance import glance_at
from storyboard.review.technical.measure import CutMeasures, measure
from storyboard.review.technical.vocabulary import REVIEWER, another_take, replace

_LETTERS = "caption_over_face caption_clipped caption_late caption_missing title_over_face"
_EXPLAINS: Mapping[str, frozenset[str]] = {
    cause: frozenset(effects.split())
    for cause, effects in {
        "sound_missing": "line_missing wrong_line wrong_number last_word_cut syllable_missing caption_late dead_air",
        "duplicated_beat": "line_missing wrong_line wrong_number last_word_cut syllable_missing caption_late "
        f"{_LETTERS}",
        "beats_out_of_order": "line_missing wrong_line wrong_number last_word_cut syllable_missing caption_late "
        f"duplicated_beat {_LETTERS}",
        "wrong_voice": "wrong_number line_missing syllable_missing caption_late",
        "sound_out_of_sync": "line_missing wrong_number wrong_line caption_late",
        "line_missing": "wrong_line wrong_number last_word_cut caption_late",
        "wrong_line": "last_word_cut wrong_number",
        "too_quiet": "dead_air",
        "slow_start": f"frozen dead_air music_over_speech loudness_jump {_LETTERS}",
        "caption_missing": "caption_late",
        # Compared with its clip, a picture that stands still or comes late differs by more
        # than its letters.
        "frozen": _LETTERS,
        "black": f"frozen {_LETTERS}",
        **dict.fromkeys(("repeated_frames", "uneven_frame_rate"), _LETTERS),
    }.items()
}
"""What need not be said of a beat of which, or of whose film, this is said."""


def review(cut: Cut, hear: TranscriptionBackend | None) -> list[Finding]:
    """Everything wrong with a finished cut, in the order of the film; whole-film faults first.

    Without `hear` nobody listens anew: what was heard when the film was made counts if its
    sound is unchanged, and else words are not judged.

    Raises:
        BadOutput: the film cannot be read.
        RendererError: the ear is not there.
    """
    return findings(measure(cut, hear))


def glance(cut: Cut) -> list[Finding]:
    """`review` of a film whose own run has just checked it, without decoding it all again.

    What only its frames tell is not asked. A cut without a report of its checks is reviewed
    in full.

    Raises:
        BadOutput: the film cannot be read.
    """
    try:
        m = glance_at(cut)
    except (OSError, ValueError, KeyError, TypeError):
        return review(cut, None)
    return _settled(
        m, [*_from_checks(m), *sound_checks.find(m), *caption_checks.find(m), *pacing.find(m)]
    )


def findings(m: CutMeasures) -> list[Finding]:
    """Everything wrong with what was measured."""
    found = [
        *_from_checks(m),
        *sound_checks.find(m),
        *caption_checks.find(m),
        *pictures.find(m),
        *pacing.find(m),
    ]
    return _settled(m, found)


def _settled(m: CutMeasures, found: Iterable[Finding]) -> list[Finding]:
    """Each fault once, where it is, without what follows from it."""
    kept = _explained(_whole_film(m, _merged(found)))
    return sorted(kept, key=lambda f: (f.beat is not None, f.start or 0.0, f.defect))


def _from_checks(m: CutMeasures) -> Iterator[Finding]:
    for check in m.checks:
        if check.ok or (check.name in ("words", "silence") and not m.listened):
            continue
        yield Finding(
            reviewer=REVIEWER,
            defect=check.fault,
            severity="severe",
            evidence=check.message,
            beat=check.beat,
            start=None if check.start is None else round(float(check.start), 3),
            end=None if check.end is None else round(float(check.end), 3),
            stage=check.step,
            patch=_patch(m, check),
        )


def _patch(m: CutMeasures, check: Check) -> tuple[Mapping[str, JSON], ...]:
    """The edit that may mend what a check found; none where only a step went wrong."""
    if check.fault == "title_over_face":
        return (replace("/hook/shot/scale", "medium close-up"),)
    if check.beat is None or check.name not in ("words", "clear", "picture"):
        return ()
    return another_take(m.cut.plan, m.cut.timeline.segment(check.beat))


def _merged(found: Iterable[Finding]) -> list[Finding]:
    """One finding a defect and beat, unless they lie apart in the film."""
    kept: list[Finding] = []
    for finding in found:
        at = next((i for i, other in enumerate(kept) if _same(finding, other)), None)
        if at is None:
            kept.append(finding)
        elif finding.evidence not in kept[at].evidence:
            other = kept[at]
            both = f"{other.evidence}; {finding.evidence}"
            kept[at] = changed(other, evidence=both, patch=other.patch or finding.patch)
    return kept


def _same(one: Finding, other: Finding) -> bool:
    if (one.defect, one.beat) != (other.defect, other.beat):
        return False
    if None in (one.start, one.end, other.start, other.end):
        return True
    assert one.start is not None and one.end is not None
    assert other.start is not None and other.end is not None
    return one.start < other.end + 0.1 and other.start < one.end + 0.1


def _whole_film(m: CutMeasures, found: list[Finding]) -> list[Finding]:
    """All lines off their place by as much are one fault, not one a beat."""
    spoken = [s.index for s in m.segments if s.speech_seconds]
    late = [f for f in found if f.defect == "sound_out_of_sync"]
    offsets = [m.found[f.beat].offset for f in late if f.beat is not None]
    if len(spoken) < 2 or len(late) < len(spoken) or max(offsets) - min(offsets) > 1 / m.fps:
        return found
    mean = sum(offsets) / len(offsets)
    evidence = f"every line is {mean * 1000:+.0f} ms off the picture"
    whole = changed(late[0], evidence=evidence, beat=None, start=0.0, end=m.cut.timeline.seconds)
    # What follows from it is dropped with it.
    return [whole, *(f for f in found if f.defect not in ("sound_out_of_sync", "caption_late"))]


def _explained(found: list[Finding]) -> list[Finding]:
    """The findings that no other finding of their beat explains."""
    by_beat: dict[int | None, set[str]] = {}
    for finding in found:
        by_beat.setdefault(finding.beat, set()).add(finding.defect)
    everywhere = by_beat.get(None, set())
    return [
        f
        for f in found
        if not any(
            f.defect in _EXPLAINS.get(cause, ())
            for cause in by_beat[f.beat] | everywhere
            if cause != f.defect
        )
    ]
