"""What a beat brings of its own (`Beat.media`), as the steps that stand for made ones.

They have no seed: whatever is redone, a user's picture, footage and recording stay, until they
are taken out of the plan.

Knows: which steps are replaced, by what. Does not know: how media are cut.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from renderers.base import SpeechResult, TranscriptionBackend
from renderers.errors import BadOutput
from storyboard.core.files import read_json, write_json
from storyboard.graph.steps import From, Step, StepContext
from storyboard.media import footage
from storyboard.media.audio.takes import Attempt, Take, check_take
from storyboard.media.footage import Frame
from storyboard.media.text.word_times import WordTimes
from storyboard.plan import Beat, Plan
from storyboard.plan.spoken import Said
from storyboard.plan.timeline import HOOK, SegmentPlan


def own_picture(plan: Plan, beat: Beat, name: str) -> Step | None:
    """The step that shows a user's picture, or the first one of a user's footage."""
    media = beat.media
    if media is None or not (media.image or media.clip):
        return None
    params: dict[str, Any] = {"frame": _frame(plan, beat), "at": None}
    if not media.image:
        params["at"] = media.begin
    return Step(
        name=name,
        stage="images",
        kind="footage.show_picture",
        action=show_picture,
        version=1,
        params=params,
        inputs={"own": Path(media.image or media.clip)},
        outputs={"image": f"{name}.png", "info": f"{name}.json"},
        beat=beat.index,
        parallel=True,
    )


def own_clip(plan: Plan, part: SegmentPlan, name: str, image: str, *, draws: bool) -> Step | None:
    """The step that plays a user's footage, or moves over a user's picture.

    Whoever films a picture (and does not draw the scene itself) films a user's as well.
    """
    if part.index == HOOK:
        return None
    beat = plan.beat(part.index)
    media = beat.media
    if media is None or not (media.clip or (media.image and draws)):
        return None
    own: From | Path = Path(media.clip) if media.clip else From(image, "image")
    return Step(
        name=name,
        stage="clips",
        kind="footage.play" if media.clip else "footage.film_picture",
        action=play if media.clip else film_picture,
        version=1,
        params={
            "frame": _frame(plan, beat),
            "frames": {"segment": _segment(part)},
            **({"in": media.begin, "out": media.end} if media.clip else {"move": beat.shot.move}),
        },
        inputs={"own": own, **_take_of(part)},
        outputs={"clip": f"{name}.mp4"},
        beat=beat.index,
        parallel=True,
    )


def own_recording(
    plan: Plan, part: SegmentPlan, said: Said, name: str, heard: dict[str, Any]
) -> Step | None:
    """The step that takes a user's recording for a spoken line: it is the clock."""
    media = None if part.index == HOOK else plan.beat(part.index).media
    if media is None or not media.audio:
        return None
    file = f"audio/{name.partition('/')[2]}"
    return Step(
        name=name,
        stage="speech",
        kind="footage.take_recording",
        action=take_recording,
        version=1,
        params={
            "text": part.line,
            "reading": part.reading,
            "language": said.language,
            "in": media.begin,
            "out": media.end,
            "backend": heard,
        },
        inputs={"own": Path(media.audio)},
        outputs={
            "audio": f"{file}.wav",
            "take": f"{file}.json",
            "words": f"audio/words/{name.partition('/')[2]}_words.json",
        },
        beat=part.index,
        uses="transcription",
    )


def own_sounds(plan: Plan) -> dict[str, float]:
    """Of each beat with footage, how loud its own sound is, in dB; the beat's index as text."""
    found: dict[str, float] = {}
    for beat in plan.beats:
        if beat.media is not None and beat.media.clip:
            usual = -9.0 if beat.silent else -20.0
            found[str(beat.index)] = usual if beat.media.level is None else beat.media.level
    return found


def _frame(plan: Plan, beat: Beat) -> dict[str, Any]:
    canvas = plan.canvas
    fit = beat.media.fit if beat.media else "cover"
    return {"width": canvas.width, "height": canvas.height, "fps": canvas.fps, "fit": fit}


def _segment(part: SegmentPlan) -> dict[str, Any]:
    """What of a segment its length depends on."""
    return {
        "index": part.index, "slug": part.slug, "fps": part.fps, "planned": part.planned,
        "pause": part.pause, "tail": part.tail, "overlap": part.overlap,
        "transition": part.transition, "speaker": part.speaker, "line": "", "reading": "",
    }  # fmt: skip


def _take_of(part: SegmentPlan) -> dict[str, From | Path]:
    return {"take": From(f"speech/beat_{part.slug}", "take")} if part.line else {}


# --- what the steps do ------------------------------------------------------


def show_picture(context: StepContext) -> None:
    frame, image = Frame(**context.params["frame"]), context.outputs["image"]
    if context.params["at"] is None:
        footage.picture(context.inputs["own"], frame, image)
    else:
        footage.moment(context.inputs["own"], context.params["at"], frame, image)
    if not image.is_file():
        raise BadOutput(f"{context.inputs['own'].name} has no picture at its in point")
    size = {"width": footage.SHARP * frame.width, "height": footage.SHARP * frame.height}
    write_json(context.outputs["info"], {**size, "faces": {}, "own": True})


def _frames(context: StepContext) -> int:
    spoken = read_json(context.inputs["take"])["seconds"] if "take" in context.inputs else None
    return SegmentPlan(**context.params["frames"]["segment"]).frames(spoken)


def play(context: StepContext) -> None:
    params = context.params
    span = (params["in"], params["out"])
    frame = Frame(**params["frame"])
    footage.cut(context.inputs["own"], span, _frames(context), frame, context.outputs["clip"])


def film_picture(context: StepContext) -> None:
    params, still = context.params, context.inputs["own"]
    frame = Frame(**params["frame"])
    footage.filmed(still, params["move"], _frames(context), frame, context.outputs["clip"])


def take_recording(context: StepContext) -> None:
    """The user's recording as the take of its line; what is heard in it is compared, and told."""
    params, audio = context.params, context.outputs["audio"]
    seconds = footage.recording(context.inputs["own"], (params["in"], params["out"]), audio)
    if seconds < 0.1:
        raise BadOutput(f"nothing is heard in {context.inputs['own'].name} between in and out")
    ear: TranscriptionBackend = context.backends.transcription
    heard = ear.transcribe(audio, params["language"])
    report = check_take(params["text"], params["reading"], params["language"], heard, audio)
    take = Take(SpeechResult(audio, seconds, 48_000, 2), report, (Attempt(0, 1.0, report),))
    if report.faults:
        context.warn(f"the recording {'; '.join(report.faults)[:200]}")
    write_json(context.outputs["take"], take.to_json())
    times = WordTimes.of_take(take)
    times.save(context.outputs["words"])
    context.measured("word times", {"by": times.by, "words": len(times.words)})
