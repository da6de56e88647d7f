"""Checks on the final file, as steps: look at its pictures, listen to its sound, compare.

What a segment shows and what is said in it are steps of their own, so that one new beat or
title is looked at and listened to alone.

Knows: which part of the film is measured by which step. Does not know: what is right (see
`storyboard.media.checks`), how a film is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from renderers.audio_file import decode_mono
from renderers.base import TranscriptionBackend, Word
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
from storyboard.graph.steps import From, Step, StepContext
from storyboard.media import checks
from storyboard.media.agreement import drawn_in
from storyboard.media.audio import mixed
from storyboard.media.text.subtitles import read_srt
from storyboard.media.text.title import Box, kept_clear, lay_title
from storyboard.plan import Canvas, Plan
from storyboard.plan.spoken import as_data, of_data, said_of, spoken_otherwise
from storyboard.plan.timeline import HOOK, SegmentPlan, segment_plans
from storyboard.stages import sound
from storyboard.stages.footage import own_sounds
from storyboard.stages.images import image_name
from storyboard.stages.sound import effects_of, music_of
from storyboard.stages.speech import timeline_of

HEARING_RATE = 16_000


def check_steps(
    plan: Plan,
    takes: Mapping[str, From | Path],
    audio: Mapping[str, From | Path],
    transcription: TranscriptionBackend,
) -> Iterator[Step]:
    """A look and a hearing a segment, and the checks of the whole."""
    parts = segment_plans(plan)
    inputs: dict[str, From | Path] = {
        "film": From("assemble/film", "film"),
        "sound": From("assemble/sound", "sound"),
        "srt": From("assemble/captions", "srt"),
        **takes,
        **audio,
    }
    for part in parts:
        name = "hook" if part.index == HOOK else part.slug
        # The film's pictures are this file's packets, copied: what is seen here holds there.
        segment = From(f"assemble/{name}", "segment")
        inputs[f"segment {part.index}"] = segment
        inputs[f"light {part.index}"] = From(f"checks/look_{name}", "light")
        inputs[f"heard {part.index}"] = From(f"checks/listen_{name}", "heard")
        yield Step(
            name=f"checks/look_{name}",
            stage="checks",
            kind="checking.look",
            action=look,
            version=1,
            inputs={"segment": segment},
            outputs={"light": f"segments/{name}.npy"},
            beat=part.index,
            parallel=True,
            inner=True,
        )
        yield _listening(plan, part, name, takes, transcription)
        inputs[f"info {part.index}"] = From(image_name(part.index, part.slug), "info")
    yield Step(
        name="checks/film",
        stage="checks",
        kind="checking.check_film",
        action=check_film,
        version=4,
        params={
            "language": plan.language,
            **_other_languages(plan),
            **({"footage": sorted(map(int, own))} if (own := own_sounds(plan)) else {}),
            "canvas": plan.canvas.model_dump(),
            "segments": [asdict(part) for part in parts],
            "title": plan.hook.title if plan.hook else "",
            "props": {str(beat.index): beat.props for beat in plan.beats},
        },
        inputs=inputs,
        outputs={"checks": "checks.json", "heard": "audio/heard.json"},
    )


def _other_languages(plan: Plan) -> dict[str, Any]:
    """The lines that are not all in the film's language, if there are any."""
    other = {str(index): as_data(spans) for index, spans in spoken_otherwise(plan).items()}
    return {"spoken": other} if other else {}


def _listening(
    plan: Plan,
    part: SegmentPlan,
    name: str,
    takes: Mapping[str, From | Path],
    transcription: TranscriptionBackend,
) -> Step:
    inputs: dict[str, From | Path] = {
        "sound": From("assemble/sound", "sound"),
        "timeline": From("assemble/sound", "timeline"),
    }
    if part.line:
        inputs["take"] = takes[f"take {part.index}"]
    if (music := music_of(plan)) is not None:
        inputs["music"] = music
    language, others = plan.language, ()
    if part.line:
        language, *others = said_of(plan, part.index).languages
    return Step(
        name=f"checks/listen_{name}",
        stage="checks",
        kind="checking.listen",
        action=listen,
        version=1,
        params={
            "language": language,
            **({"others": list(others)} if others else {}),
            "index": part.index,
            "line": part.line,
            "effect": effects_of(plan).get(str(part.index)),
            "music": plan.music.level,
            "mix": sound.VERSION,
            "backend": dict(transcription.fingerprint()),
        },
        inputs=inputs,
        # Another beat's new line moves this stretch and turns it up or down by a hair; the
        # words in it stay. That the line is whole there is measured on every film.
        loose=frozenset({"sound", "timeline"}),
        outputs={"heard": f"audio/heard_{name}.json"},
        beat=part.index,
        uses="transcription",
        inner=True,
    )


def look(context: StepContext) -> None:
    """Measure every frame of a segment: its light, and how much it changes; shape (2, frames)."""
    luma, change = decode_gray(context.inputs["segment"])
    with context.outputs["light"].open("wb") as file:
        np.save(file, np.stack([luma, change]), allow_pickle=False)


def listen(context: StepContext) -> None:
    """Write down what is said in one segment of the film's sound, and when, on its own clock."""
    backend: TranscriptionBackend = context.backends.transcription
    timeline = read_json(context.inputs["timeline"])["segments"]
    segment = next(s for s in timeline if s["index"] == context.params["index"])
    stretch = context.outputs["heard"].with_suffix(".wav")
    start, end = segment["start"], segment["start"] + segment["seconds"]
    samples = decode_mono(context.inputs["sound"], HEARING_RATE)
    part = samples[round(start * HEARING_RATE) : round(end * HEARING_RATE)]
    soundfile.write(stretch, part, HEARING_RATE, subtype="PCM_16")
    languages = [context.params["language"], *context.params.get("others", ())]
    heard, texts = mixed.hear(backend, stretch, languages)
    found: dict[str, Any] = {"words": [asdict(word) for word in heard.words]}
    write_json(context.outputs["heard"], found | ({"texts": texts} if len(texts) > 1 else {}))


def check_film(context: StepContext) -> None:
    """Measure the final file and write down what holds and what does not."""
    timeline = timeline_of(context)
    canvas = Canvas.model_validate(context.params["canvas"])
    film = context.inputs["film"]
    segments = [context.inputs[f"segment {s.index}"] for s in timeline.segments]
    if packets_digest("video", film) != packets_digest("video", *segments):
        raise BadOutput("the film's pictures are not the ones that were looked at")
    if packets_digest("audio", film) != packets_digest("audio", context.inputs["sound"]):
        raise BadOutput("the film's sound is not the one that was listened to")
    light = [np.load(context.inputs[f"light {s.index}"]) for s in timeline.segments]
    luma, change = np.concatenate(light, axis=1)
    title: Box | None = None
    faces: list[Box] = []
    if context.params["title"]:
        faces = kept_clear(read_json(context.inputs[f"info {HOOK}"]))
        title = lay_title(context.params["title"], canvas, faces).box
    words = [
        Word(word["text"], word["start"] + s.start, word["end"] + s.start)
        for s in timeline.segments
        for word in read_json(context.inputs[f"heard {s.index}"])["words"]
    ]
    texts = {
        s.index: by_language
        for s in timeline.segments
        if (by_language := read_json(context.inputs[f"heard {s.index}"]).get("texts"))
    }
    spoken = {
        int(index): of_data(spans) for index, spans in context.params.get("spoken", {}).items()
    }
    evidence = checks.Evidence(
        media=probe(film),
        loudness=measure_loudness(film),
        faststart=is_faststart(film),
        sound=decode_mono(film, checks.RATE),
        takes={
            s.index: decode_mono(context.inputs[f"audio {s.index}"], checks.RATE)
            for s in timeline.segments
            if s.speech_seconds
        },
        luma=luma,
        change=change,
        words=words,
        texts=texts,
        footage=frozenset(context.params.get("footage", ())),
        captions=read_srt(context.inputs["srt"].read_text(encoding="utf-8")),
        title=title,
        faces=faces,
        clarity={
            s.index: clarity
            for s in timeline.segments
            if s.speech_seconds
            and (clarity := read_json(context.inputs[f"take {s.index}"]).get("clarity")) is not None
        },
        pictures={
            s.index: drawn
            for s in timeline.segments
            if (drawn := drawn_in(read_json(context.inputs[f"info {s.index}"]))) is not None
        },
        props={int(index): props for index, props in context.params["props"].items()},
        keyframes=[round(time * timeline.fps) for time in keyframe_times(film)],
    )
    language = context.params["language"]
    found = checks.run_checks(evidence, timeline, canvas, checks.Tongues(language, spoken))
    write_json(context.outputs["checks"], {"checks": [asdict(check) for check in found]})
    by_language = {"texts": {str(i): t for i, t in texts.items()}} if texts else {}
    heard = {"words": [asdict(word) for word in words]}
    write_json(context.outputs["heard"], heard | by_language)
