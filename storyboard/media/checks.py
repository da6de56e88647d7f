"""Checks on the final file: what a viewer would notice, measured where a viewer would.

Nothing here trusts an intermediate: speech is looked for in the film's own sound, captions
are compared with the speech that was found, pictures are decoded from the film.

Knows: the film file, and what ought to be in it. Does not know: how it was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from renderers.base import Span, Word
from storyboard.media import stillness
from storyboard.media.agreement import contradictions, mistaken
from storyboard.media.audio import mixed, wording
from storyboard.media.audio.hearing import unheard
from storyboard.media.audio.mix import PEAK_DBTP, TARGET_LUFS, TOLERANCE_LU
from storyboard.media.audio.take_quality import CLEAR
from storyboard.media.evidence import Evidence, Found, locate, longest, longest_hold
from storyboard.media.text.captions import lacking
from storyboard.plan import Canvas, Language
from storyboard.plan.timeline import Segment, Timeline

PRESENT = 0.35
"""Least correlation of a line with the film's sound; music under it takes some away."""
LOST = 0.1
"""Seconds of a line that may be covered by something louder."""
HEARD = 0.55
"""Least similarity of what is heard in a beat with its line."""
UNDERSTOOD = 0.75
"""Least part of the sounds of an opening or last line that the ear must have understood. More are
asked for of its takes (`CLEAR`), but of lines that people understand the ear itself mistakes some: of
14 openings by twelve Japanese voices 33 of 168 were under that, the worst at 76 %."""
LAST_WORDS = 0.5
"""Least part of a line's last syllables that must be heard."""
BLACK_LUMA, BLACK_SECONDS = 18.0, 0.6
"""A picture is black below this mean luma (16 is none); a fade may be, for so long."""
CAPTION_SLACK = 0.12
"""Seconds by which a caption may leave its speech, as found in the film."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. `step` is what to redo when it does not.

    `fault` is the kind of defect found, "" if it holds; `start` and `end` where it is in the
    film, in seconds, as far as that is known.
    """

    name: str
    ok: bool
    message: str
    beat: int | None = None
    step: str = ""
    measured: float | None = None
    limit: float | None = None
    fault: str = ""
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Tongues:
    """In which language each line is: the film's, but for the segments whose `spans` say more."""

    film: Language
    spans: Mapping[int, Sequence[Span]] = field(default_factory=dict[int, Sequence[Span]])

    def of(self, index: int) -> str:
        spans = self.spans.get(index)
        return spans[0].language if spans else self.film

    def joiner(self, index: int) -> str:
        return "" if self.of(index) in ("ja", "zh") else " "


def run_checks(
    evidence: Evidence, timeline: Timeline, canvas: Canvas, tongues: Tongues
) -> list[Check]:
    """Every check, in the order in which a person would look."""
    found = {s.index: locate(evidence, s) for s in timeline.segments if s.speech_seconds}
    return [
        *_streams(evidence, timeline, canvas),
        *_loudness(evidence, speaks=bool(found)),
        *_speech(timeline, found),
        *_words(evidence, timeline, tongues),
        *_clear(evidence, timeline),
        *_captions(evidence, timeline, found),
        *_pictures(evidence, timeline),
        *_title(evidence),
        *_agreement(evidence, timeline),
    ]


def _streams(evidence: Evidence, timeline: Timeline, canvas: Canvas) -> Iterator[Check]:
    media, frame = evidence.media, 1 / timeline.fps
    facts = {
        "H.264 in yuv420p": (media.video_codec, media.pixel_format) == ("h264", "yuv420p"),
        "AAC in 48 kHz stereo": (media.audio_codec, media.sample_rate, media.channels)
        == ("aac", 48_000, 2),
        f"{canvas.width}×{canvas.height}": (media.width, media.height)
        == (canvas.width, canvas.height),
        f"a constant {timeline.fps} fps": media.constant_rate
        and abs(media.fps - timeline.fps) < 0.01,
        f"{timeline.frames} frames": media.frames == timeline.frames,
        "its index at the front": evidence.faststart,
    }
    wrong = [fact for fact, holds in facts.items() if not holds]
    what = f"{media.width}×{media.height}, {media.fps:g} fps, {media.seconds:.2f} s"
    yield Check(
        "file",
        not wrong,
        f"the file is not {', not '.join(wrong)}" if wrong else what,
        step="assemble/film",
        fault="" if not wrong else "wrong_format" if media.constant_rate else "uneven_frame_rate",
    )
    apart = abs(media.audio_seconds - media.video_seconds)
    yield Check(
        "length",
        apart <= frame,
        f"sound and picture differ by {apart * 1000:.0f} ms",
        step="assemble/sound",
        measured=apart,
        limit=frame,
        fault="" if apart <= frame else "sound_too_short",
        start=min(media.audio_seconds, media.video_seconds),
        end=max(media.audio_seconds, media.video_seconds),
    )


def _loudness(evidence: Evidence, *, speaks: bool) -> Iterator[Check]:
    loudness = evidence.loudness
    off = loudness.integrated - TARGET_LUFS
    # A film in which nobody speaks may be as quiet as it likes.
    ok = off <= TOLERANCE_LU and (off >= -TOLERANCE_LU or not speaks)
    yield Check(
        "loudness",
        ok,
        f"{loudness.integrated:.1f} LUFS ({TARGET_LUFS:g} ± {TOLERANCE_LU:g} is asked for)",
        step="assemble/sound",
        measured=loudness.integrated,
        limit=TARGET_LUFS,
        fault="" if ok else "too_quiet" if off < 0 else "too_loud",
    )
    yield Check(
        "true peak",
        loudness.true_peak <= PEAK_DBTP,
        f"{loudness.true_peak:.1f} dBTP (at most {PEAK_DBTP:g})",
        step="assemble/sound",
        measured=loudness.true_peak,
        limit=PEAK_DBTP,
        fault="" if loudness.true_peak <= PEAK_DBTP else "true_peak",
    )


def _speech(timeline: Timeline, found: Mapping[int, Found]) -> Iterator[Check]:
    frame = 1 / timeline.fps
    for segment in timeline.segments:
        if segment.index not in found:
            continue
        line = found[segment.index]
        where, step = _name(segment), "assemble/sound"
        begin, fault = segment.speech_start + line.offset, ""
        span = (begin, begin + segment.speech_seconds)
        if line.sureness < PRESENT:
            fault, span = "line_missing", (segment.speech_start, segment.speech_end)
            message = f"{where}: its line is not in the film's sound"
        elif line.lost > LOST:
            place = "" if line.ends else "the end of "
            fault = "syllable_missing" if line.ends else "last_word_cut"
            span = (begin + line.hole[0], begin + line.hole[1])
            message = f"{where}: {place}its line is missing ({line.lost:.2f} s)"
        elif abs(line.offset) > frame:
            fault = "sound_out_of_sync"
            message = f"{where}: its line is {line.offset * 1000:+.0f} ms off the picture"
        else:
            message = f"{where}: its line is whole and {line.offset * 1000:+.1f} ms off the picture"
        off = abs(line.offset)
        yield Check("speech", not fault, message, segment.index, step, off, frame, fault, *span)


def _words(evidence: Evidence, timeline: Timeline, tongues: Tongues) -> Iterator[Check]:
    """Whether what is heard in each beat is its line, to the last word."""
    for segment in timeline.segments:
        heard = [
            word
            for word in evidence.words
            if segment.start <= (word.start + word.end) / 2 < segment.end
        ]
        if segment.speech_seconds:
            yield _line_heard(evidence, segment, heard, tongues)
        elif segment.index not in evidence.footage:
            yield _nobody_heard(segment, heard, tongues.joiner(segment.index))


def _line_heard(
    evidence: Evidence, segment: Segment, heard: Sequence[Word], tongues: Tongues
) -> Check:
    language, where = tongues.of(segment.index), _name(segment)
    text = tongues.joiner(segment.index).join(word.text.strip() for word in heard).strip()
    step = f"speech/{'hook' if segment.index == 0 else f'beat_{segment.slug}'}"
    script = segment.reading or segment.line
    texts = evidence.texts.get(segment.index)
    if texts is not None and (spans := tongues.spans.get(segment.index)):
        text = mixed.in_all(texts)
        likeness, last = mixed.likeness(spans, texts), mixed.ending(spans, texts)
    else:
        # A line is right as it is written or as it is to be read: 五七五 is goshichigo.
        scripts = {segment.line, script}
        likeness = max(wording.similarity(line, text, language) for line in scripts)
        last = max(_last_words(line, text, language) for line in scripts)
    ok = likeness >= HEARD and last >= LAST_WORDS
    fault = "" if ok else "wrong_line"
    message = f"{where}: “{text[-60:]}” is heard ({likeness:.0%} like the line)"
    if likeness >= HEARD > 0 and last < LAST_WORDS:
        fault = "last_word_cut"
        message = f"{where}: the last words of its line are not heard, but “{text[-60:]}”"
    lacking = unheard(script, text, language)
    if not fault and lacking:
        fault, ok = "wrong_number", False
        said = ", ".join(lacking)
        message = f"{where}: {said} of its line is not heard as written, but “{text[-60:]}”"
    span = (segment.speech_start, segment.speech_end)
    return Check("words", ok, message, segment.index, step, likeness, HEARD, fault, *span)


def _nobody_heard(segment: Segment, heard: Sequence[Word], joiner: str) -> Check:
    where = _name(segment)
    inside = [w for w in heard if segment.start + 0.2 <= w.start and w.end <= segment.end - 0.1]
    said = joiner.join(word.text.strip() for word in inside)
    ok = len(inside) < 2
    message = f"{where}: nobody speaks" if ok else f"{where}: is silent, but “{said}” is heard"
    spoken = (inside[0].start, inside[-1].end) if inside else (segment.start, segment.end)
    fault = "" if ok else "speech_in_silence"
    return Check(
        "silence", ok, message, segment.index, "assemble/sound", None, None, fault, *spoken
    )


def _clear(evidence: Evidence, timeline: Timeline) -> Iterator[Check]:
    """Whether every sound of the lines on which the film hangs was understood in their takes."""
    for segment in timeline.segments:
        clarity = evidence.clarity.get(segment.index)
        if clarity is None or not segment.speech_seconds:
            continue
        where = _name(segment)
        what = "opens the film" if segment.index == 0 else "is the last"
        yield Check(
            "clear",
            clarity >= UNDERSTOOD,
            f"{where}: its line {what}, and {int(100 * clarity)}% of its sounds are heard "
            f"({CLEAR:.0%} are asked for, {UNDERSTOOD:.0%} at least)",
            segment.index,
            f"speech/{'hook' if segment.index == 0 else f'beat_{segment.slug}'}",
            clarity,
            UNDERSTOOD,
            "" if clarity >= UNDERSTOOD else "unclear_line",
            segment.speech_start,
            segment.speech_end,
        )


def _last_words(line: str, heard: str, language: str) -> float:
    """How much of the end of the line is found, in order, near the end of what is heard.

    Compared by sound. The next line's first syllables may be heard on this side of the cut,
    and a sighed "eh?" may not be heard at all, so the window is wider than the end.
    """
    length = 6 if language in ("ja", "zh", "ko") else 12
    end = wording.normalise(line, language)[-length:]
    window = wording.normalise(heard, language)[-2 * length :]
    matcher = SequenceMatcher(None, end, window, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / max(1, len(end))


def _captions(
    evidence: Evidence, timeline: Timeline, found: Mapping[int, Found]
) -> Iterator[Check]:
    """Captions against the line that they are to show, and the speech as it was found."""
    for segment in timeline.segments:
        if segment.index not in found:
            continue
        shift = found[segment.index].offset
        begin, end = segment.speech_start + shift, segment.speech_end + shift
        own = [c for c in evidence.captions if segment.start <= (c.start + c.end) / 2 < segment.end]
        outside = max([0.0, *(begin - c.start for c in own), *(c.end - end for c in own)])
        where = _name(segment)
        fault, message = "", f"{where}: captions leave their speech by {outside * 1000:.0f} ms"
        if not own:
            fault, message = "caption_missing", f"{where}: its line has no caption"
        elif outside > CAPTION_SLACK:
            fault = "caption_late"
        elif lost := lacking(segment.line, [c.text for c in own]):
            fault = "caption_incomplete"
            message = f"{where}: its captions are not its line: “{lost[:60]}” is not as written"
        step = "assemble/captions"
        span = (own[0].start, own[-1].end) if own else (begin, end)
        yield Check(
            "captions",
            not fault,
            message,
            segment.index,
            step,
            outside,
            CAPTION_SLACK,
            fault,
            *span,
        )


def _pictures(evidence: Evidence, timeline: Timeline) -> Iterator[Check]:
    """Black and frozen stretches, each beat by its own frames."""
    fps = timeline.fps
    for segment in timeline.segments:
        first = round(segment.start * fps) + segment.overlap
        last = min(len(evidence.luma), first + segment.frames - segment.overlap)
        dark_at, dark_frames = longest(evidence.luma[first:last] < BLACK_LUMA)
        still_at, still_frames = longest_hold(evidence, first, last)
        dark, still = dark_frames / fps, still_frames / fps
        where = _name(segment)
        clip = f"clips/{'hook' if segment.index == 0 else f'clip_{segment.slug}'}"
        message, fault, at, long = f"{where}: the picture lives", "", first, last - first
        if dark > BLACK_SECONDS:
            message = f"{where}: the picture is black for {dark:.1f} s"
            fault, at, long = "black", first + dark_at, dark_frames
        elif still >= stillness.LONG:
            message = f"{where}: the picture is frozen for {still:.1f} s"
            fault, at, long = "frozen", first + still_at, still_frames
        span = (at / fps, (at + long) / fps)
        worst = max(dark, still)
        yield Check(
            "picture", not fault, message, segment.index, clip, worst, stillness.LONG, fault, *span
        )


def _title(evidence: Evidence) -> Iterator[Check]:
    if evidence.title is None:
        return
    covered = [face for face in evidence.faces if face.overlaps(evidence.title)]
    yield Check(
        "title",
        not covered,
        "the title covers a face, hair or an inset" if covered else "the title covers nothing",
        0,
        "images/hook",
        fault="title_over_face" if covered else "",
    )


def _agreement(evidence: Evidence, timeline: Timeline) -> Iterator[Check]:
    """Each drawn picture against the line that is spoken over it."""
    found = False
    for segment in timeline.segments:
        drawn = evidence.pictures.get(segment.index)
        if drawn is None:
            continue
        index = segment.index
        wrong = mistaken(evidence.beings.get(index, ()), evidence.people.get(index, ()))
        messages = [wrong] if wrong else []
        if segment.line:
            messages += contradictions(segment.line, drawn, evidence.props.get(index, ()))
        for message in messages:
            found = True
            where = "the hook" if segment.index == 0 else f"beat {segment.index}"
            yield Check(
                "agreement",
                False,
                f"{where}: {message}",
                segment.index,
                f"images/beat_{segment.slug}" if segment.index else "images/hook",
                fault="picture_contradicts_line",
                start=segment.start,
                end=segment.end,
            )
    if evidence.pictures and not found:
        yield Check("agreement", True, "what the lines say of things is what is drawn")


def _name(segment: Segment) -> str:
    return "hook" if segment.index == 0 else f"beat {segment.index}"
