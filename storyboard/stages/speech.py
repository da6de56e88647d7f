"""Spoken lines: one take a line, checked by ear before anything is timed by it.

Knows: who says what in which voice. Does not know: how a backend speaks or listens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from renderers.base import (
    JSON,
    KnowsKinds,
    KnowsLanguages,
    KnowsScripts,
    KnowsVoices,
    Span,
    SpeechBackend,
    SpeechRequest,
    VoiceSpec,
    Warms,
)
from renderers.scene import Expression
from renderers.tts.voices import added
from renderers.tts.written.length import too_long
from storyboard.core.errors import UsageError
from storyboard.core.files import read_json, write_json
from storyboard.graph.contract import F, Files, Params, if_set
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.media.audio.hearing import spelt_otherwise
from storyboard.media.audio.take_quality import best_take
from storyboard.media.text.word_times import WordTimes
from storyboard.plan import NARRATOR, Language, Plan, Voice, staging
from storyboard.plan.languages import ABOUT, known
from storyboard.plan.shots import Shot, file_name, shots_of
from storyboard.plan.spoken import Said, as_data, of_data, said_of
from storyboard.plan.timeline import SegmentPlan, Timeline, lay_out
from storyboard.profile.backends import Backends
from storyboard.stages.footage import own_recording
from storyboard.stages.stage_files import TakeFiles, take_files

RETRIES = 3
"""How often a line that is not heard as written is spoken anew."""


@dataclass(frozen=True, slots=True)
class SpokenVoice:
    """What of a voice is in the key of a line. Of a recording its contents count, wherever it
    lies: it is an input."""

    kind: Literal["preset", "clone", "design"]
    preset: str
    description: str
    reference_text: str
    reference_audio: str = ""


class SpeechParams(Params):
    text: str
    reading: str
    language: Language
    spans: Sequence[tuple[str, str]] | None = if_set()
    voice: SpokenVoice
    speed: float
    expression: Expression
    seed: int
    retries: int
    clear: bool
    backends: Mapping[str, Mapping[str, JSON]]


class SpeechInputs(Files[F]):
    recording: F | None = None


def speech_name(index: int, slug: str) -> str:
    return f"speech/{file_name(index, slug, 'beat_')}"


def speech_steps(plan: Plan, backends: Backends) -> list[Step]:
    """One step a line, by the backend that speaks with that kind of voice.

    Raises:
        UsageError: the recording of a cloned voice is not there, or nobody speaks with a voice
            of that kind.
    """
    heard = dict(backends.transcription.fingerprint())
    steps: list[Step] = []
    spoken_by = [shot.index for shot in shots_of(plan) if shot.part.line]
    # The film hangs on these: who does not understand them has seen no film.
    clear = {*(shot.index for shot in shots_of(plan) if shot.title), *spoken_by[-1:]}
    # Asked once a film: whoever tells it looks for packages and voices, and whether a protocol
    # fits is found by asking.
    tongues: dict[int, tuple[str, ...] | None] = {}
    for shot in shots_of(plan):
        segment = shot.part
        if not segment.line:
            continue
        name = speech_name(segment.index, segment.slug)
        voice = _voice(plan, segment.speaker)
        said = said_of(plan, segment.index)
        if (own := own_recording(shot, said, name, heard)) is not None:
            steps.append(own)
            continue
        speaking = _able(backends, segment.speaker, voice, said.language)
        spoken = dict(speaking.fingerprint())
        if id(speaking) not in tongues:
            told = speaking.languages if isinstance(speaking, KnowsLanguages) else None
            tongues[id(speaking)] = told
        if (spoken_here := tongues[id(speaking)]) is not None:
            _refuse_unspoken(shot, said, speaking, spoken_here)
        _refuse_unreadable(shot, said, speaking)
        steps.append(
            Step(
                name=name,
                stage="speech",
                kind="speech.speak",
                action=speak,
                version=4,
                params=SpeechParams(
                    text=segment.line,
                    reading=segment.reading,
                    language=said.language,
                    spans=as_data(said.aloud) if said.mixed else None,
                    voice=_as_kept(voice),
                    speed=round(shot.speed * voice.speed, 4),
                    expression=shot.tone,
                    seed=staging.part_seed_of(plan, segment.index, "speech"),
                    retries=RETRIES,
                    clear=segment.index in clear
                    and not spelt_otherwise(segment.line, said.language),
                    backends={"speech": spoken, "transcription": heard},
                ),
                # The recording that a clone is made from: its contents are in the step's key.
                inputs=SpeechInputs[Source](
                    recording=Path(voice.reference_audio) if voice.kind == "clone" else None
                ),
                outputs=take_files(name),
                beat=segment.index,
                uses=f"{backends.voice_path(voice.kind)} transcription",
            )
        )
    return steps


def _as_kept(voice: Voice) -> SpokenVoice:
    return SpokenVoice(
        kind=voice.kind,
        preset=voice.preset,
        description=voice.description,
        reference_text=voice.reference_text,
    )


def _able(
    backends: Backends, speaker: str | None, voice: Voice, language: Language
) -> SpeechBackend:
    """Who speaks with the voice; told now, not when the pictures are drawn, if nobody does."""
    backend = backends.voice(voice.kind)
    if isinstance(backend, KnowsKinds) and voice.kind not in backend.kinds:
        where = "[speech]" if voice.kind == "preset" else f"[speech.{voice.kind}]"
        raise UsageError(
            f"{_whose(speaker)}: voice.kind: [{backends.voice_path(voice.kind)}] of profile "
            f"{backends.profile.name} ({backend.name}) has no {voice.kind} voices, only "
            f"{', '.join(backend.kinds)}: give the profile a {where} that has"
        )
    if voice.preset and isinstance(backend, KnowsVoices) and not backend.has_voice(voice.preset):
        known = ", ".join(each.name for each in backend.voices(language))
        raise UsageError(
            f"{_whose(speaker)}: voice.preset: '{voice.preset[:60]}' is no voice of "
            f"{backend.name}: {known} (`storyboard voices list` has all)"
        )
    return backend


def _refuse_unspoken(
    shot: Shot, said: Said, backend: SpeechBackend, speaks: tuple[str, ...]
) -> None:
    """Told now, not when the pictures are drawn: nobody here speaks this language."""
    for span in said.aloud:
        if span.language in speaks or _small(span, said, backend):
            continue
        where = shot.path
        name = ABOUT[known(span.language)].name
        raise UsageError(
            f"{where}.{'reading' if shot.part.reading else 'line'}: “{span.text.strip()[:60]}” is "
            f"{name} ({span.language}), which {backend.name} does not speak (it speaks "
            f"{', '.join(speaks)}): {_way_on(span.language)}write in "
            f"{where}.reading how it sounds, in Latin letters or kana, or give the profile a "
            "[speech] that speaks it"
        )


def _small(span: Span, said: Said, backend: SpeechBackend) -> bool:
    """A foreign word inside of a line: it is said as its letters sound, and told of."""
    letters = sum(len(part.text) for part in said.aloud)
    return (
        isinstance(backend, KnowsScripts)
        and span.language != said.language
        and 2 * len(span.text) < letters
    )


def _way_on(language: str) -> str:
    return f"{way}, or " if (way := added(language)) else ""


def _refuse_unreadable(shot: Shot, said: Said, backend: SpeechBackend) -> None:
    """Told now, not when the pictures are drawn: nobody here can say this line, or nobody would
    hear it to its end."""
    reading, where = shot.part.reading, shot.path
    what, text = ("reading", reading) if reading else ("line", shot.part.line)
    if fault := too_long(text, said.language):
        raise UsageError(
            f"{where}.{what}: “{text[:60]}” {fault}: shorten it, or write in {where}.reading how "
            "it sounds"
        )
    if isinstance(backend, KnowsScripts) and (fault := backend.unreadable(text, said.language)):
        raise UsageError(
            f"{where}.{what}: “{text[:60]}” {fault}: write in {where}.reading how it sounds, in "
            "Latin letters or kana, or give the profile a [speech] that reads it"
        )


def _whose(speaker: str | None) -> str:
    return "narrator" if speaker in (NARRATOR, None) else f"cast '{speaker}'"


def _voice(plan: Plan, speaker: str | None) -> Voice:
    if speaker == NARRATOR or speaker is None:
        return plan.narrator
    return plan.character(speaker).voice or Voice()


def speak(context: StepContext[SpeechParams, SpeechInputs[Path], TakeFiles[Path]]) -> None:
    """Record the line until a take holds up; keep the best, and what was heard in each."""
    params, voice = context.params, context.params.voice
    speech = context.backends.voice(voice.kind)
    for backend in (speech, context.backends.transcription):
        if isinstance(backend, Warms):
            backend.warm()
    request = SpeechRequest(
        text=params.text,
        language=params.language,
        voice=VoiceSpec(
            kind=voice.kind,
            preset=voice.preset,
            description=voice.description,
            reference_audio=context.inputs.recording,
            reference_text=voice.reference_text,
        ),
        reading=params.reading,
        speed=params.speed,
        expression=params.expression,
        seed=params.seed,
        spans=of_data(params.spans or ()),
    )
    take = best_take(
        speech,
        context.backends.transcription,
        request,
        context.outputs.audio,
        retries=params.retries,
        clear=params.clear,
    )
    if take.report.faults and len(take.attempts) > 1:
        context.warn(
            f"after {len(take.attempts)} takes the line {'; '.join(take.report.faults)[:200]}"
        )
    asked = {
        "expression": f"expression {request.expression}",
        "speed": f"speed {request.speed:g}",
        "word_times": "the times of its words",
    }
    if dropped := ", ".join(asked.get(name, name) for name in take.speech.dropped):
        context.warn(f"{speech.name} cannot do all that was asked for ({dropped})")
    said = request.reading or request.text
    if request.spans and not (isinstance(speech, KnowsLanguages) and speech.mixes):
        foreign = [s.text.strip() for s in request.spans if s.language != request.language]
        context.warn(
            f"{speech.name} says a whole line in one language, {', '.join(foreign)[:80]} too: a "
            "reading says it otherwise"
        )
    if isinstance(speech, KnowsScripts) and (words := speech.approximated(said)):
        context.warn(
            f"{speech.name} reads no such script and says {', '.join(words)}: a reading says it "
            "otherwise"
        )
    write_json(context.outputs.take, take.to_json())
    times = WordTimes.of_take(take)
    times.save(context.outputs.words)
    context.measured(times.told)


def timeline_of(parts: Sequence[SegmentPlan], takes: Mapping[int, Path]) -> Timeline:
    """The film's timeline, from the segments' plans and the measured takes."""
    spoken = {
        part.index: float(read_json(takes[part.index])["seconds"]) for part in parts if part.line
    }
    return lay_out(parts, spoken)
