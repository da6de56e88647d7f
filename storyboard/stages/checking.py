"""Checks on the final file, as steps: look at its pictures, listen to its sound, compare.

What a segment shows and what is said in it are steps of their own, so that one new beat or
title is looked at and listened to alone.

Knows: which part of the film is measured by which step. Does not know: what is right (see
`storyboard.media.checks`), how a film is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from renderers.audio_file import decode_mono
from renderers.base import JSON, TranscriptionBackend, Word
from renderers.errors import BadOutput
from renderers.probe import (
    decode_gray,
    is_faststart,
    keyframe_times,
    measure_loudness,
    packets_digest,
    probe,
)
from storyboard.core.files import read_json, write_json
from storyboard.graph.contract import F, Files, From, Params, if_set, many, outputs_of, unkeyed
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge.picture import PictureFiles
from storyboard.media import checks
from storyboard.media.agreement import drawn_in
from storyboard.media.audio import mixed
from storyboard.media.audio.music import packaged_track
from storyboard.media.evidence import RATE, Evidence, look_for
from storyboard.media.text.subtitles import read_srt
from storyboard.media.text.title import Box, kept_clear, lay_title
from storyboard.plan import Canvas, Language, Plan
from storyboard.plan.shots import Shot
from storyboard.plan.spoken import as_data, of_data, said_of, spoken_otherwise
from storyboard.plan.timeline import SegmentPlan, Timeline
from storyboard.stages import sound
from storyboard.stages.footage import own_sounds
from storyboard.stages.images import image_name
from storyboard.stages.sound import Effect, SoundFiles, effects_of, music_of
from storyboard.stages.speech import timeline_of
from storyboard.stages.stage_files import CaptionsFiles, FilmFiles, SegmentFiles, segment_name

HEARING_RATE = 16_000


class LightFiles(Files[F]):
    light: F


class ListenParams(Params):
    language: Language
    others: Sequence[Language] | None = if_set()
    twice: bool | None = if_set()
    """Nobody speaks here: words count that are heard twice."""
    index: int
    line: str
    effect: Effect | None
    music: float
    mix: int
    backend: Mapping[str, JSON]


class ListenInputs(Files[F]):
    # Another beat's new line moves this stretch and turns it up or down by a hair; the
    # words in it stay. That the line is whole there is measured on every film.
    sound: F = unkeyed()
    timeline: F = unkeyed()
    take: F | None = None
    audio: F | None = unkeyed(None)
    """The take's sound, where nobody else can be heard in it."""
    music: F | None = None


class HeardFiles(Files[F]):
    heard: F


class CheckParams(Params):
    language: Language
    spoken: Mapping[int, Sequence[tuple[str, str]]] | None = if_set()
    """The lines that are not all in the film's language, by their parts."""
    footage: Sequence[int] | None = if_set()
    canvas: Canvas
    segments: Sequence[SegmentPlan]
    title: str
    props: Mapping[int, Sequence[str]]
    beings: Mapping[int, Sequence[str]] | None = if_set()
    """By beat, those of its cast who are no persons."""


class CheckInputs(Files[F]):
    film: F
    sound: F
    srt: F
    takes: Mapping[int, F] = many("take {}")
    audio: Mapping[int, F] = many("audio {}")
    segments: Mapping[int, F] = many("segment {}")
    light: Mapping[int, F] = many("light {}")
    heard: Mapping[int, F] = many("heard {}")
    info: Mapping[int, F] = many("info {}")


class ReportFiles(Files[F]):
    checks: F
    heard: F


def check_steps(
    plan: Plan,
    shots: Sequence[Shot],
    takes: Mapping[int, Source],
    audio: Mapping[int, Source],
    transcription: TranscriptionBackend,
) -> Iterator[Step]:
    """A look and a hearing a segment, and the checks of the whole."""
    parts = [shot.part for shot in shots]
    # The film's pictures are these files' packets, copied: what is seen here holds there.
    segments = {
        part.index: outputs_of(SegmentFiles[From], f"assemble/{segment_name(part)}").segment
        for part in parts
    }
    mixed = outputs_of(SoundFiles[From], "assemble/sound")
    effects, track = effects_of(plan), music_of(plan)
    alone = {i: take for i, take in audio.items() if not _others_heard(plan, i)}
    for part in parts:
        name = segment_name(part)
        yield Step(
            name=f"checks/look_{name}",
            stage="checks",
            kind="checking.look",
            action=look,
            version=1,
            inputs=SegmentFiles[Source](segment=segments[part.index]),
            outputs=LightFiles(light=f"segments/{name}.npy"),
            beat=part.index,
            parallel=True,
            intermediate=True,
        )
        inputs = ListenInputs[Source](
            sound=mixed.sound,
            timeline=mixed.timeline,
            take=takes.get(part.index),
            audio=alone.get(part.index),
            music=track,
        )
        yield _listening(plan, part, effects.get(part.index), inputs, transcription)
    spoken = {index: as_data(spans) for index, spans in spoken_otherwise(plan).items()}
    yield Step(
        name="checks/film",
        stage="checks",
        kind="checking.check_film",
        action=check_film,
        version=4,
        params=CheckParams(
            language=plan.language,
            spoken=spoken or None,
            footage=sorted(own_sounds(plan)) or None,
            canvas=plan.canvas,
            segments=parts,
            title=shots[0].title,
            props={beat.index: beat.props for beat in plan.beats},
            beings=plan.beings or None,
        ),
        inputs=CheckInputs[Source](
            film=outputs_of(FilmFiles[From], "assemble/film").film,
            sound=mixed.sound,
            srt=outputs_of(CaptionsFiles[From], "assemble/captions").srt,
            takes=takes,
            audio=audio,
            segments=segments,
            light={
                part.index: outputs_of(LightFiles[From], f"checks/look_{segment_name(part)}").light
                for part in parts
            },
            heard={
                part.index: outputs_of(
                    HeardFiles[From], f"checks/listen_{segment_name(part)}"
                ).heard
                for part in parts
            },
            info={
                part.index: outputs_of(PictureFiles[From], image_name(part.index, part.slug)).info
                for part in parts
            },
        ),
        outputs=ReportFiles(checks="checks.json", heard="audio/heard.json"),
    )


def _others_heard(plan: Plan, index: int) -> bool:
    """Whether a user brings what somebody else may speak or sing in: music, footage."""
    music = plan.music.track
    brought = own_sounds(plan).keys() | sound.tracks_of(plan).keys()
    return index in brought or bool(music and packaged_track(music) is None)


def _listening(
    plan: Plan,
    part: SegmentPlan,
    effect: Effect | None,
    inputs: ListenInputs[Source],
    transcription: TranscriptionBackend,
) -> Step:
    language, others = plan.language, ()
    if part.line:
        language, *others = said_of(plan, part.index).languages
    return Step(
        name=f"checks/listen_{segment_name(part)}",
        stage="checks",
        kind="checking.listen",
        action=listen,
        version=1,
        params=ListenParams(
            language=language,
            others=others or None,
            twice=None if part.line else True,
            index=part.index,
            line=part.line,
            effect=effect,
            music=plan.music.level,
            mix=sound.VERSION,
            backend=transcription.fingerprint(),
        ),
        inputs=inputs,
        outputs=HeardFiles(heard=f"audio/heard_{segment_name(part)}.json"),
        beat=part.index,
        uses="transcription",
        intermediate=True,
    )


def look(context: StepContext[Params, SegmentFiles[Path], LightFiles[Path]]) -> None:
    """Measure every frame of a segment: its light, and how much it changes; shape (2, frames)."""
    luma, change = decode_gray(context.inputs.segment)
    with context.outputs.light.open("wb") as file:
        np.save(file, np.stack([luma, change]), allow_pickle=False)


def listen(context: StepContext[ListenParams, ListenInputs[Path], HeardFiles[Path]]) -> None:
    """Write down what is said in one segment of the film's sound, and when, on its own clock."""
    params, inputs = context.params, context.inputs
    timeline = read_json(inputs.timeline)["segments"]
    segment = next(s for s in timeline if s["index"] == params.index)
    words, texts = _as_recorded(params, inputs, segment), dict[str, str]()
    if words is None:
        words, texts = _heard(context, segment)
    found: dict[str, Any] = {"words": [asdict(word) for word in words]}
    write_json(context.outputs.heard, found | ({"texts": texts} if len(texts) > 1 else {}))


def _as_recorded(
    params: ListenParams, inputs: ListenInputs[Path], segment: Mapping[str, Any]
) -> list[Word] | None:
    """The words that were heard in the take, where the film holds it whole and well above all else;
    None: one has to listen."""
    if inputs.take is None or inputs.audio is None or params.others:
        return None
    sound, at = decode_mono(inputs.sound, RATE), float(segment["speech_start"])
    found = look_for(decode_mono(inputs.audio, RATE), sound, at)
    if not found.clear:
        return None
    begin = at + found.offset - float(segment["start"])
    return [
        Word(word["text"], word["start"] + begin, word["end"] + begin)
        for word in read_json(inputs.take)["words"]
    ]


def _heard(
    context: StepContext[ListenParams, ListenInputs[Path], HeardFiles[Path]],
    segment: Mapping[str, Any],
) -> tuple[list[Word], dict[str, str]]:
    """What is heard in the segment, and in a line of several languages the text by language."""
    backend, params = context.backends.transcription, context.params
    stretch = context.outputs.heard.with_suffix(".wav")
    start, end = segment["start"], segment["start"] + segment["seconds"]
    samples = decode_mono(context.inputs.sound, HEARING_RATE)
    part = samples[round(start * HEARING_RATE) : round(end * HEARING_RATE)]
    soundfile.write(stretch, part, HEARING_RATE, subtype="PCM_16")
    languages = [params.language, *(params.others or ())]
    heard, texts = mixed.hear(backend, stretch, languages)
    words = list(heard.words)
    if params.twice and len(words) > 1:
        # What an ear makes up of a door and a drum is another thing a moment later, or takes no time.
        late = np.concatenate([np.zeros(HEARING_RATE // 2, np.float32), part])
        soundfile.write(stretch, late, HEARING_RATE, subtype="PCM_16")
        again = {_bare(word) for word in backend.transcribe(stretch, languages[0]).words}
        words = [word for word in words if word.end > word.start and _bare(word) in again]
    return words, texts


def _bare(word: Word) -> str:
    return word.text.strip(" .,!?…、。！？").lower()


def check_film(context: StepContext[CheckParams, CheckInputs[Path], ReportFiles[Path]]) -> None:
    """Measure the final file and write down what holds and what does not."""
    params, inputs = context.params, context.inputs
    timeline = timeline_of(params.segments, inputs.takes)
    film = inputs.film
    segments = [inputs.segments[s.index] for s in timeline.segments]
    if packets_digest("video", film) != packets_digest("video", *segments):
        raise BadOutput("the film's pictures are not the ones that were looked at")
    if packets_digest("audio", film) != packets_digest("audio", inputs.sound):
        raise BadOutput("the film's sound is not the one that was listened to")
    words, texts = _words_heard(inputs, timeline)
    evidence = _evidence(params, inputs, timeline, words, texts)
    spoken = {index: of_data(spans) for index, spans in (params.spoken or {}).items()}
    found = checks.run_checks(
        evidence, timeline, params.canvas, checks.Tongues(params.language, spoken)
    )
    write_json(context.outputs.checks, {"checks": [asdict(check) for check in found]})
    by_language = {"texts": {str(i): t for i, t in texts.items()}} if texts else {}
    heard = {"words": [asdict(word) for word in words]}
    write_json(context.outputs.heard, heard | by_language)


def _words_heard(
    inputs: CheckInputs[Path], timeline: Timeline
) -> tuple[list[Word], dict[int, dict[str, str]]]:
    """The words of the film with their times in it, and what was heard by language."""
    words = [
        Word(word["text"], word["start"] + s.start, word["end"] + s.start)
        for s in timeline.segments
        for word in read_json(inputs.heard[s.index])["words"]
    ]
    texts = {
        s.index: by_language
        for s in timeline.segments
        if (by_language := read_json(inputs.heard[s.index]).get("texts"))
    }
    return words, texts


def _evidence(
    params: CheckParams,
    inputs: CheckInputs[Path],
    timeline: Timeline,
    words: list[Word],
    texts: dict[int, dict[str, str]],
) -> Evidence:
    film = inputs.film
    light = [np.load(inputs.light[s.index]) for s in timeline.segments]
    luma, change = np.concatenate(light, axis=1)
    title: Box | None = None
    faces: list[Box] = []
    if params.title:
        faces = kept_clear(read_json(inputs.info[params.segments[0].index]))
        title = lay_title(params.title, params.canvas, faces).box
    return Evidence(
        media=probe(film),
        loudness=measure_loudness(film),
        faststart=is_faststart(film),
        sound=decode_mono(film, RATE),
        takes={
            s.index: decode_mono(inputs.audio[s.index], RATE)
            for s in timeline.segments
            if s.speech_seconds
        },
        luma=luma,
        change=change,
        words=words,
        texts=texts,
        footage=frozenset(params.footage or ()),
        captions=read_srt(inputs.srt.read_text(encoding="utf-8")),
        title=title,
        faces=faces,
        clarity={
            s.index: clarity
            for s in timeline.segments
            if s.speech_seconds
            and (clarity := read_json(inputs.takes[s.index]).get("clarity")) is not None
        },
        pictures={
            s.index: drawn
            for s in timeline.segments
            if (drawn := drawn_in(read_json(inputs.info[s.index]))) is not None
        },
        people={
            s.index: read_json(inputs.info[s.index]).get("people", []) for s in timeline.segments
        },
        beings=params.beings or {},
        props={index: list(props) for index, props in params.props.items()},
        keyframes=[round(time * timeline.fps) for time in keyframe_times(film)],
    )
