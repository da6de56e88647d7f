"""Asking an aligner when each word of a line is said, where the profile names one.

What it cannot do is warned of, and voice or ear are believed instead.

Knows: steps. Does not know: who else tells, and who is believed first (`storyboard.media.text.word_times`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from renderers.base import JSON
from renderers.errors import BadOutput, BadRequest
from storyboard.graph.contract import F, Files, From, Params, outputs_of
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.media.text.word_times import WordTimes
from storyboard.plan import Language, Plan
from storyboard.plan.spoken import said_of
from storyboard.plan.timeline import SegmentPlan, segment_plans
from storyboard.profile.backends import Backends
from storyboard.stages.speech import speech_name
from storyboard.stages.stage_files import TakeFiles


class WordsParams(Params):
    text: str
    language: Language
    backend: Mapping[str, JSON]


class WordsInputs(Files[F]):
    audio: F
    words: F


class WordsFiles(Files[F]):
    words: F


def words_source(backends: Backends, segment: SegmentPlan) -> From:
    """Who is asked, after its take, when the words of a segment's line are said."""
    name = speech_name(segment.index, segment.slug)
    if backends.alignment is None:
        return outputs_of(TakeFiles[From], name).words
    return outputs_of(WordsFiles[From], _step_name(name)).words


def _step_name(speech: str) -> str:
    return f"speech/words_{speech.partition('/')[2]}"


def word_steps(plan: Plan, backends: Backends) -> Iterator[Step]:
    """One step a line, if the profile has an aligner."""
    if backends.alignment is None:
        return
    aligner = dict(backends.alignment.fingerprint())
    for segment in segment_plans(plan):
        if segment.line:
            name = speech_name(segment.index, segment.slug)
            take = outputs_of(TakeFiles[From], name)
            yield Step(
                name=_step_name(name),
                stage="speech",
                kind="words.align_words",
                action=align_words,
                version=1,
                params=WordsParams(
                    text=segment.line,
                    language=said_of(plan, segment.index).language,
                    backend=aligner,
                ),
                inputs=WordsInputs[Source](audio=take.audio, words=take.words),
                outputs=WordsFiles(words=f"audio/words/{name.partition('/')[2]}_aligned.json"),
                beat=segment.index,
                uses="alignment",
            )


def align_words(context: StepContext[WordsParams, WordsInputs[Path], WordsFiles[Path]]) -> None:
    """Ask the aligner; where it cannot, keep what voice or ear told, and say so."""
    aligner, params = context.backends.alignment, context.params
    assert aligner is not None, "the step is there where an aligner is"
    times = WordTimes.load(context.inputs.words)
    try:
        words = aligner.align(context.inputs.audio, params.text, params.language)
        times = WordTimes("aligner", words)
    except (BadRequest, BadOutput) as error:
        context.warn(f"{aligner.name}: {error}; words are timed by: {times.by}")
    times.save(context.outputs.words)
    context.measured(times.told)
