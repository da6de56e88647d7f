"""What a beat brings of its own (`Beat.media`), as the steps that stand for made ones.

They have no seed: whatever is redone, a user's picture, footage and recording stay, until they
are taken out of the plan.

Knows: which steps are replaced, by what. Does not know: how media are cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from renderers.base import JSON, SpeechResult
from renderers.errors import BadOutput
from renderers.scene import CameraMove
from storyboard.core.files import read_json, write_json
from storyboard.graph.contract import F, Files, From, Params, named, outputs_of
from storyboard.graph.steps import Source, Step, StepContext
from storyboard.judge.picture import PictureFiles
from storyboard.media import conform
from storyboard.media.audio.take_quality import Attempt, Take, check_take
from storyboard.media.conform import Frame
from storyboard.media.text.word_times import WordTimes
from storyboard.plan import Language, Plan
from storyboard.plan.elements import OwnMedia
from storyboard.plan.shots import Shot, file_name
from storyboard.plan.spoken import Said
from storyboard.plan.timeline import SegmentPlan
from storyboard.stages.stage_files import ClipFiles, TakeFiles, take_files


class ShownParams(Params):
    frame: Frame
    at: float | None
    """Seconds into the footage; None: it is a picture."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """What of a segment its length depends on."""

    segment: SegmentPlan

    @classmethod
    def of(cls, part: SegmentPlan) -> Lasting:
        return cls(replace(part, line="", reading=""))


class PlayedParams(Params):
    frame: Frame
    frames: Lasting
    begin: float = named("in")
    end: float | None = named("out")


class FilmedParams(Params):
    frame: Frame
    frames: Lasting
    move: CameraMove


class RecordingParams(Params):
    text: str
    reading: str
    language: Language
    begin: float = named("in")
    end: float | None = named("out")
    backend: Mapping[str, JSON]


class OwnInputs(Files[F]):
    """What the user brings; of a clip, the take of its line."""

    own: F
    take: F | None = None


def own_picture(plan: Plan, shot: Shot, name: str) -> Step | None:
    """The step that shows a user's picture, or the first one of a user's footage."""
    media = shot.media
    if media is None or not shot.shows_own:
        return None
    return Step(
        name=name,
        stage="images",
        kind="footage.show_picture",
        action=show_picture,
        version=1,
        params=ShownParams(frame=_frame(plan, media), at=None if media.image else media.begin),
        inputs=OwnInputs[Source](own=Path(media.image or media.clip)),
        outputs=PictureFiles(image=f"{name}.png", info=f"{name}.json"),
        beat=shot.index,
        parallel=True,
    )


def own_clip(plan: Plan, shot: Shot, name: str, image: str, *, draws: bool) -> Step | None:
    """The step that plays a user's footage, or moves over a user's picture.

    Whoever films a picture (and does not draw the scene itself) films a user's as well.
    """
    media, part = shot.media, shot.part
    if media is None or not (media.clip or (media.image and draws)):
        return None
    own = Path(media.clip) if media.clip else outputs_of(PictureFiles[From], image).image
    take = (
        outputs_of(TakeFiles[From], f"speech/{file_name(part.index, part.slug, 'beat_')}").take
        if part.line
        else None
    )
    inputs, outputs = OwnInputs[Source](own=own, take=take), ClipFiles(clip=f"{name}.mp4")
    frame, lasting = _frame(plan, media), Lasting.of(part)
    if not media.clip:
        return Step(
            name=name,
            stage="clips",
            kind="footage.film_picture",
            action=film_picture,
            version=1,
            params=FilmedParams(frame=frame, frames=lasting, move=shot.camera.move),
            inputs=inputs,
            outputs=outputs,
            beat=part.index,
            parallel=True,
        )
    return Step(
        name=name,
        stage="clips",
        kind="footage.play",
        action=play,
        version=1,
        params=PlayedParams(frame=frame, frames=lasting, begin=media.begin, end=media.end),
        inputs=inputs,
        outputs=outputs,
        beat=part.index,
        parallel=True,
    )


def own_recording(shot: Shot, said: Said, name: str, heard: Mapping[str, JSON]) -> Step | None:
    """The step that takes a user's recording for a spoken line: it is the clock."""
    media, part = shot.media, shot.part
    if media is None or not media.audio:
        return None
    return Step(
        name=name,
        stage="speech",
        kind="footage.take_recording",
        action=take_recording,
        version=1,
        params=RecordingParams(
            text=part.line,
            reading=part.reading,
            language=said.language,
            begin=media.begin,
            end=media.end,
            backend=heard,
        ),
        inputs=OwnInputs[Source](own=Path(media.audio)),
        outputs=take_files(name),
        beat=part.index,
        uses="transcription",
    )


def own_sounds(plan: Plan) -> dict[int, float]:
    """Of each beat with footage, how loud its own sound is, in dB, by the beat's index."""
    found: dict[int, float] = {}
    for beat in plan.beats:
        if beat.media is not None and beat.media.clip:
            usual = -9.0 if beat.silent else -20.0
            found[beat.index] = usual if beat.media.level is None else beat.media.level
    return found


def _frame(plan: Plan, media: OwnMedia) -> Frame:
    canvas = plan.canvas
    return Frame(canvas.width, canvas.height, canvas.fps, media.fit)


# --- what the steps do ------------------------------------------------------


def show_picture(context: StepContext[ShownParams, OwnInputs[Path], PictureFiles[Path]]) -> None:
    frame, own, image = context.params.frame, context.inputs.own, context.outputs.image
    if context.params.at is None:
        conform.picture(own, frame, image)
    else:
        conform.moment(own, context.params.at, frame, image)
    if not image.is_file():
        raise BadOutput(f"{own.name} has no picture at its in point")
    size = {"width": conform.SHARP * frame.width, "height": conform.SHARP * frame.height}
    write_json(context.outputs.info, {**size, "faces": {}, "own": True})


def _frames(lasting: Lasting, take: Path | None) -> int:
    return lasting.segment.frames(None if take is None else read_json(take)["seconds"])


def play(context: StepContext[PlayedParams, OwnInputs[Path], ClipFiles[Path]]) -> None:
    params, inputs = context.params, context.inputs
    frames = _frames(params.frames, inputs.take)
    span = (params.begin, params.end)
    conform.cut(inputs.own, span, frames, params.frame, context.outputs.clip)


def film_picture(context: StepContext[FilmedParams, OwnInputs[Path], ClipFiles[Path]]) -> None:
    params, inputs = context.params, context.inputs
    frames = _frames(params.frames, inputs.take)
    conform.filmed(inputs.own, params.move, frames, params.frame, context.outputs.clip)


def take_recording(context: StepContext[RecordingParams, OwnInputs[Path], TakeFiles[Path]]) -> None:
    """The user's recording as the take of its line; what is heard in it is compared, and told."""
    params, own, outputs = context.params, context.inputs.own, context.outputs
    seconds = conform.recording(own, (params.begin, params.end), outputs.audio)
    if seconds < 0.1:
        raise BadOutput(f"nothing is heard in {own.name} between in and out")
    heard = context.backends.transcription.transcribe(outputs.audio, params.language)
    report = check_take(params.text, params.reading, params.language, heard, outputs.audio)
    take = Take(SpeechResult(outputs.audio, seconds, 48_000, 2), report, (Attempt(0, 1.0, report),))
    if report.faults:
        context.warn(f"the recording {'; '.join(report.faults)[:200]}")
    write_json(outputs.take, take.to_json())
    times = WordTimes.of_take(take)
    times.save(outputs.words)
    context.measured(times.told)
