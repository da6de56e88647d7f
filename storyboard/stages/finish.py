"""Assembly: clips, lines, music and captions become the finished file.

Segments, sound and captions are steps of their own, so that a new title or one new beat
costs little; the last step only joins what they made.

Knows: what the film is joined from, and by which steps. Does not know: encoding, mixing,
typesetting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storyboard.core.files import read_json, write_text
from storyboard.graph.contract import F, Files, From, Params, if_set, many, outputs_of
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge.picture import PictureFiles
from storyboard.media import cut, poster
from storyboard.media.contact_sheet import SheetEntry, contact_sheet
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import TitleCue, ass, srt
from storyboard.media.text.title import TitleLayout, kept_clear, lay_title
from storyboard.media.text.word_times import WordTimes
from storyboard.plan import NARRATOR, Canvas, Plan
from storyboard.plan.caption_look import USUAL, CaptionLook, Turning
from storyboard.plan.shots import Shot, said_name, shots_of
from storyboard.plan.timeline import SegmentPlan
from storyboard.profile.backends import Backends
from storyboard.stages.alignment import words_source
from storyboard.stages.checking import check_steps
from storyboard.stages.clips import clip_of
from storyboard.stages.images import image_name, picture_of
from storyboard.stages.sound import SoundFiles, sound_step
from storyboard.stages.speech import speech_name, timeline_of
from storyboard.stages.stage_files import (
    CaptionsFiles,
    FilmFiles,
    SegmentFiles,
    TakeFiles,
    segment_name,
)
from storyboard.writing import offline


class SegmentParams(Params):
    segment: SegmentPlan
    before: SegmentPlan | None
    """The one that it is faded from."""
    given_away: int
    """Frames at its end that the fade to the next one takes."""
    title: str
    captions: Turning
    canvas: Canvas
    look: CaptionLook | None = if_set()


class SegmentInputs(Files[F]):
    clip: F
    take: F | None = None
    words: F | None = None
    before: F | None = None
    before_take: F | None = None
    info: F | None = None


class CaptionsParams(Params):
    segments: Sequence[SegmentPlan]
    canvas: Canvas
    title: str
    captions: Turning
    look: CaptionLook | None = if_set()


class CaptionsInputs(Files[F]):
    takes: Mapping[int, F] = many("take {}")
    words: Mapping[int, F] = many("words {}")
    info: F | None = None


class FilmParams(Params):
    segments: Sequence[SegmentPlan]
    title: str
    hook: bool


class FilmInputs(Files[F]):
    sound: F
    takes: Mapping[int, F] = many("take {}")
    segments: Mapping[int, F] = many("segment {}")
    picture: F


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """What the contact sheet says of a segment."""

    index: int
    type: str
    shot: str
    speaker: str
    line: str


class SheetParams(Params):
    title: str
    entries: Sequence[SheetRow]
    note: str


class SheetInputs(Files[F]):
    images: Mapping[int, F] = many("image {}")


class SheetFiles(Files[F]):
    sheet: F


def finish_steps(plan: Plan, backends: Backends, note: str | None = None) -> list[Step]:
    """Segments, sound, captions, the film, its contact sheet (which tells `note`) and its checks."""
    shots = shots_of(plan)
    parts = [shot.part for shot in shots]
    spoken = [part for part in parts if part.line]
    lines = {
        part.index: outputs_of(TakeFiles[From], speech_name(part.index, part.slug))
        for part in spoken
    }
    takes: dict[int, Source] = {index: line.take for index, line in lines.items()}
    audio: dict[int, Source] = {index: line.audio for index, line in lines.items()}
    words: dict[int, Source] = {part.index: words_source(backends, part) for part in spoken}
    steps = [*_segments(plan, shots, takes, words), sound_step(plan, takes, audio)]
    steps.append(_captions(plan, shots, takes, words))
    steps += [_film(plan, shots, takes), _sheet(plan, shots, note)]
    return [*steps, *check_steps(plan, shots, takes, audio, backends.transcription)]


def _segments(
    plan: Plan, shots: Sequence[Shot], takes: Mapping[int, Source], words: Mapping[int, Source]
) -> Iterator[Step]:
    for number, shot in enumerate(shots):
        part = shot.part
        after = shots[number + 1].part if number + 1 < len(shots) else None
        before = shots[number - 1].part if part.overlap else None
        name = segment_name(part)
        yield Step(
            name=f"assemble/{name}",
            stage="assemble",
            kind="finish.burn_segment",
            action=burn_segment,
            version=10,
            params=SegmentParams(
                segment=part,
                before=before,
                given_away=after.overlap if after else 0,
                title=shot.title,
                captions=plan.captions,
                canvas=plan.canvas,
                look=plan.caption_look,
            ),
            inputs=SegmentInputs[Source](
                clip=clip_of(part.index, part.slug),
                take=takes.get(part.index),
                words=words.get(part.index),
                before=clip_of(before.index, before.slug) if before else None,
                before_take=takes.get(before.index) if before else None,
                info=_under_title(shot),
            ),
            outputs=SegmentFiles(segment=f"segments/{name}.mp4"),
            beat=part.index,
            parallel=True,
        )


def _under_title(shot: Shot) -> From | None:
    """Where the faces are that a title must not cover."""
    if not shot.title:
        return None
    return outputs_of(PictureFiles[From], image_name(shot.index, shot.slug)).info


def burn_segment(
    context: StepContext[SegmentParams, SegmentInputs[Path], SegmentFiles[Path]],
) -> None:
    """Encode one segment with its transition, captions and title."""
    params, inputs = context.params, context.inputs
    part, canvas = params.segment, params.canvas
    spoken = _spoken(inputs.take)
    frames = part.frames(spoken) - params.given_away
    before_frames = 0
    if params.before:
        before_frames = params.before.frames(_spoken(inputs.before_take))
    captions: list[Caption] = []
    if spoken is not None and inputs.words is not None:
        words = WordTimes.load(inputs.words)
        turned = words.turning if params.captions == "words" else words.captions
        captions = turned(part.line, part.speech_offset, spoken)
    title = None
    if params.title and inputs.info is not None:
        layout = _title_layout(params.title, canvas, inputs.info)
        title = TitleCue(layout, 0.0, frames / part.fps)
        for warning in layout.warnings:
            context.warn(warning)
    cut.cut_segment(
        cut.SegmentCut(
            clip=inputs.clip,
            frames=frames,
            overlap=part.overlap,
            before=inputs.before,
            before_frames=before_frames,
            transition=part.transition,
            script=ass(captions, canvas, title, params.look or USUAL),
        ),
        canvas,
        context.outputs.segment,
    )


def _title_layout(title: str, canvas: Canvas, info: Path) -> TitleLayout:
    return lay_title(title, canvas, kept_clear(read_json(info)))


def _spoken(take: Path | None) -> float | None:
    return float(read_json(take)["seconds"]) if take else None


def _captions(
    plan: Plan, shots: Sequence[Shot], takes: Mapping[int, Source], words: Mapping[int, Source]
) -> Step:
    return Step(
        name="assemble/captions",
        stage="assemble",
        kind="finish.write_captions",
        action=write_captions,
        version=8,
        params=CaptionsParams(
            segments=[shot.part for shot in shots],
            canvas=plan.canvas,
            title=shots[0].title,
            captions=plan.captions,
            look=plan.caption_look,
        ),
        inputs=CaptionsInputs[Source](takes=takes, words=words, info=_under_title(shots[0])),
        outputs=CaptionsFiles(ass="subs.ass", srt="subs.srt"),
    )


def write_captions(
    context: StepContext[CaptionsParams, CaptionsInputs[Path], CaptionsFiles[Path]],
) -> None:
    """The film's captions as files, on the film's clock, as they are burnt in."""
    params, inputs = context.params, context.inputs
    timeline = timeline_of(params.segments, inputs.takes)
    captions: list[Caption] = []
    for s in timeline.segments:
        if not s.speech_seconds:
            continue
        words = WordTimes.load(inputs.words[s.index])
        turned = params.captions == "words"
        if turned and (fault := words.fault(s.line)):
            context.warn(f"{said_name(s.index)}: {fault}")
        made = words.turning if turned else words.captions
        captions += made(s.line, s.speech_start, s.speech_seconds)
    title = None
    if params.title and inputs.info is not None:
        layout = _title_layout(params.title, params.canvas, inputs.info)
        title = TitleCue(layout, 0.0, timeline.segments[0].end)
    write_text(context.outputs.ass, ass(captions, params.canvas, title, params.look or USUAL))
    write_text(context.outputs.srt, srt(captions))


def _film(plan: Plan, shots: Sequence[Shot], takes: Mapping[int, Source]) -> Step:
    parts = [shot.part for shot in shots]
    return Step(
        name="assemble/film",
        stage="assemble",
        kind="finish.join_film",
        action=join_film,
        version=7,
        params=FilmParams(
            segments=parts, title=shots[0].title or plan.title, hook=bool(shots[0].title)
        ),
        inputs=FilmInputs[Source](
            sound=outputs_of(SoundFiles[From], "assemble/sound").sound,
            takes=takes,
            segments={
                part.index: outputs_of(SegmentFiles[From], f"assemble/{segment_name(part)}").segment
                for part in parts
            },
            picture=picture_of(image_name(parts[0].index, parts[0].slug)),
        ),
        outputs=FilmFiles(film="final.mp4", poster="poster.jpg"),
    )


def join_film(context: StepContext[FilmParams, FilmInputs[Path], FilmFiles[Path]]) -> None:
    """Join segments and sound; compose the poster from the first picture and the title."""
    params, inputs, outputs = context.params, context.inputs, context.outputs
    timeline = timeline_of(params.segments, inputs.takes)
    overlaps = [*(s.overlap for s in timeline.segments[1:]), 0]
    segments = [
        (inputs.segments[s.index], (s.frames - given) / timeline.fps)
        for s, given in zip(timeline.segments, overlaps, strict=True)
    ]
    cut.join(segments, inputs.sound, outputs.film)
    poster.compose(inputs.picture, params.title, outputs.poster, free=params.hook)


def _sheet(plan: Plan, shots: Sequence[Shot], note: str | None) -> Step:
    entries: list[SheetRow] = []
    for shot in shots:
        part, camera, speaker = shot.part, shot.camera, shot.part.speaker
        if speaker is not None and speaker != NARRATOR:
            speaker = plan.character(speaker).name
        entries.append(
            SheetRow(
                index=part.index,
                type=shot.type,
                shot=f"{camera.scale}, {camera.angle}, {camera.orientation}",
                speaker=speaker or "",
                line=part.line,
            )
        )
    return Step(
        name="assemble/contact_sheet",
        stage="assemble",
        kind="finish.draw_sheet",
        action=draw_sheet,
        version=8,
        params=SheetParams(
            title=plan.title, entries=entries, note=offline.stand_in(plan) if note is None else note
        ),
        inputs=SheetInputs[Source](
            images={shot.index: picture_of(image_name(shot.index, shot.slug)) for shot in shots}
        ),
        outputs=SheetFiles(sheet="contact_sheet.png"),
        parallel=True,
    )


def draw_sheet(context: StepContext[SheetParams, SheetInputs[Path], SheetFiles[Path]]) -> None:
    params, images = context.params, context.inputs.images
    entries = [
        SheetEntry(images[row.index], row.index, row.type, row.shot, row.speaker, row.line)
        for row in params.entries
    ]
    contact_sheet(entries, context.outputs.sheet, params.title, params.note)
