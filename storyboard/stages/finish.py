"""Assembly: clips, lines, music and captions become the finished file.

Segments, sound and captions are steps of their own, so that a new title or one new beat
costs little; the last step only joins what they made.

Knows: what the film is joined from, and by which steps. Does not know: encoding, mixing,
typesetting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from storyboard.core.files import read_json, write_text
from storyboard.graph.steps import From, Step, StepContext
from storyboard.media import cut, poster
from storyboard.media.contact_sheet import SheetEntry, contact_sheet
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import TitleCue, ass, srt
from storyboard.media.text.title import TitleLayout, kept_clear, lay_title
from storyboard.media.text.word_times import WordTimes
from storyboard.plan import NARRATOR, Canvas, Plan
from storyboard.plan.timeline import HOOK, SegmentPlan, segment_plans
from storyboard.profile.backends import Backends
from storyboard.stages.checking import check_steps
from storyboard.stages.clips import clip_name
from storyboard.stages.images import image_name
from storyboard.stages.sound import sound_step
from storyboard.stages.speech import speech_name, timeline_of
from storyboard.stages.words import words_source
from storyboard.writing.offline import stand_in


def finish_steps(plan: Plan, backends: Backends) -> list[Step]:
    """Segments, sound, captions, the film, its contact sheet and its checks."""
    parts = segment_plans(plan)
    takes: dict[str, From | Path] = {}
    for part in parts:
        if part.line:
            takes[f"take {part.index}"] = From(speech_name(part.index, part.slug), "take")
    audio: dict[str, From | Path] = {
        label.replace("take", "audio"): From(source.step, "audio")
        for label, source in takes.items()
        if isinstance(source, From)
    }
    words: dict[str, From | Path] = {
        f"words {part.index}": words_source(backends, part) for part in parts if part.line
    }
    steps = [*_segments(plan, parts, words), sound_step(plan, takes, audio)]
    steps.append(_captions(plan, {**takes, **words}))
    steps += [_film(plan, parts, takes), _sheet(plan)]
    return [*steps, *check_steps(plan, takes, audio, backends.transcription)]


def _segments(
    plan: Plan, parts: list[SegmentPlan], words: Mapping[str, From | Path]
) -> Iterator[Step]:
    for number, part in enumerate(parts):
        after = parts[number + 1] if number + 1 < len(parts) else None
        before = parts[number - 1] if part.overlap else None
        inputs: dict[str, From | Path] = {"clip": From(clip_name(part.index, part.slug), "clip")}
        if part.line:
            inputs["take"] = From(speech_name(part.index, part.slug), "take")
            inputs["words"] = words[f"words {part.index}"]
        if before is not None:
            inputs["before"] = From(clip_name(before.index, before.slug), "clip")
            if before.line:
                inputs["before_take"] = From(speech_name(before.index, before.slug), "take")
        title = ""
        if part.index == HOOK and plan.hook is not None:
            title = plan.hook.title
            inputs["info"] = From(image_name(HOOK, ""), "info")
        name = "hook" if part.index == HOOK else part.slug
        yield Step(
            name=f"assemble/{name}",
            stage="assemble",
            kind="finish.burn_segment",
            action=burn_segment,
            version=7,
            params={
                "segment": asdict(part),
                "before": asdict(before) if before else None,
                "given_away": after.overlap if after else 0,
                "title": title,
                "captions": plan.captions,
                "canvas": plan.canvas.model_dump(),
            },
            inputs=inputs,
            outputs={"segment": f"segments/{name}.mp4"},
            beat=part.index,
            parallel=True,
        )


def burn_segment(context: StepContext) -> None:
    """Encode one segment with its transition, captions and title."""
    params = context.params
    part = SegmentPlan(**params["segment"])
    canvas = Canvas.model_validate(params["canvas"])
    spoken = _spoken(context, "take")
    frames = part.frames(spoken) - params["given_away"]
    before_frames = 0
    if params["before"]:
        before_frames = SegmentPlan(**params["before"]).frames(_spoken(context, "before_take"))
    captions: list[Caption] = []
    if spoken is not None:
        words = WordTimes.load(context.inputs["words"])
        made = words.turning if params["captions"] == "words" else words.captions
        captions = made(part.line, part.speech_offset, spoken)
    title = None
    if params["title"]:
        layout = _title_layout(params["title"], canvas, context.inputs["info"])
        title = TitleCue(layout, 0.0, frames / part.fps)
        for warning in layout.warnings:
            context.warn(warning)
    cut.cut_segment(
        cut.SegmentCut(
            clip=context.inputs["clip"],
            frames=frames,
            overlap=part.overlap,
            before=context.inputs.get("before"),
            before_frames=before_frames,
            transition=part.transition,
            script=ass(captions, canvas, title),
        ),
        canvas,
        context.outputs["segment"],
    )


def _title_layout(title: str, canvas: Canvas, info: Path) -> TitleLayout:
    return lay_title(title, canvas, kept_clear(read_json(info)))


def _spoken(context: StepContext, label: str) -> float | None:
    path = context.inputs.get(label)
    return float(read_json(path)["seconds"]) if path else None


def _captions(plan: Plan, lines: Mapping[str, From | Path]) -> Step:
    inputs = dict(lines)
    if plan.hook is not None:
        inputs["info"] = From(image_name(HOOK, ""), "info")
    return Step(
        name="assemble/captions",
        stage="assemble",
        kind="finish.write_captions",
        action=write_captions,
        version=7,
        params={
            "segments": [asdict(part) for part in segment_plans(plan)],
            "canvas": plan.canvas.model_dump(),
            "title": plan.hook.title if plan.hook else "",
            "captions": plan.captions,
        },
        inputs=inputs,
        outputs={"ass": "subs.ass", "srt": "subs.srt"},
    )


def write_captions(context: StepContext) -> None:
    """The film's captions as files, on the film's clock, as they are burnt in."""
    timeline = timeline_of(context)
    canvas = Canvas.model_validate(context.params["canvas"])
    captions: list[Caption] = []
    for s in timeline.segments:
        if not s.speech_seconds:
            continue
        words = WordTimes.load(context.inputs[f"words {s.index}"])
        turned = context.params["captions"] == "words"
        if turned and (fault := words.fault(s.line)):
            context.warn(f"{'hook' if s.index == HOOK else f'beat {s.index}'}: {fault}")
        made = words.turning if turned else words.captions
        captions += made(s.line, s.speech_start, s.speech_seconds)
    title = None
    if context.params["title"]:
        layout = _title_layout(context.params["title"], canvas, context.inputs["info"])
        title = TitleCue(layout, 0.0, timeline.segments[0].end)
    write_text(context.outputs["ass"], ass(captions, canvas, title))
    write_text(context.outputs["srt"], srt(captions))


def _film(plan: Plan, parts: list[SegmentPlan], takes: Mapping[str, From | Path]) -> Step:
    inputs: dict[str, From | Path] = {"sound": From("assemble/sound", "sound"), **takes}
    for part in parts:
        name = "hook" if part.index == HOOK else part.slug
        inputs[f"segment {part.index}"] = From(f"assemble/{name}", "segment")
    inputs["picture"] = From(image_name(parts[0].index, parts[0].slug), "image")
    return Step(
        name="assemble/film",
        stage="assemble",
        kind="finish.join_film",
        action=join_film,
        version=7,
        params={
            "segments": [asdict(part) for part in parts],
            "title": plan.hook.title if plan.hook else plan.title,
            "hook": plan.hook is not None,
        },
        inputs=inputs,
        outputs={"film": "final.mp4", "poster": "poster.jpg"},
    )


def join_film(context: StepContext) -> None:
    """Join segments and sound; compose the poster from the first picture and the title."""
    timeline = timeline_of(context)
    film = context.outputs["film"]
    overlaps = [*(s.overlap for s in timeline.segments[1:]), 0]
    segments = [
        (context.inputs[f"segment {s.index}"], (s.frames - given) / timeline.fps)
        for s, given in zip(timeline.segments, overlaps, strict=True)
    ]
    cut.join(segments, context.inputs["sound"], film)
    params = context.params
    poster.compose(
        context.inputs["picture"], params["title"], context.outputs["poster"], free=params["hook"]
    )


def _sheet(plan: Plan) -> Step:
    entries: list[dict[str, Any]] = []
    inputs: dict[str, From | Path] = {}
    for part in segment_plans(plan):
        shot = plan.hook.shot if part.index == HOOK and plan.hook else plan.beat(part.index).shot
        speaker = part.speaker
        if speaker is not None and speaker != NARRATOR:
            speaker = plan.character(speaker).name
        inputs[f"image {part.index}"] = From(image_name(part.index, part.slug), "image")
        entries.append(
            {
                "index": part.index,
                "type": "hook" if part.index == HOOK else plan.beat(part.index).type,
                "shot": f"{shot.scale}, {shot.angle}, {shot.orientation}",
                "speaker": speaker or "",
                "line": part.line,
            }
        )
    return Step(
        name="assemble/contact_sheet",
        stage="assemble",
        kind="finish.draw_sheet",
        action=draw_sheet,
        version=7,
        params={"title": plan.title, "entries": entries, "note": stand_in(plan)},
        inputs=inputs,
        outputs={"sheet": "contact_sheet.png"},
        parallel=True,
    )


def draw_sheet(context: StepContext) -> None:
    entries = [
        SheetEntry(image=context.inputs[f"image {entry['index']}"], **entry)
        for entry in context.params["entries"]
    ]
    sheet = context.outputs["sheet"]
    contact_sheet(entries, sheet, context.params["title"], context.params["note"])
