"""`storyboard export RUN --to otio`: the film as an editor opens it, every cut on its frame.

    <out>/<name>.otio  .fcpxml  .edl  .srt  .vtt
    <out>/media/picture/*.mp4  speech/*.wav  stems/*.wav
    <out>/capcut/<name>/draft_content.json …  media/picture/*.mp4 …

One track has the clips without captions, one each the lines of a speaker, one the effects, one the
music. Markers name the beats and what the review found. Media are gathered beside the project and
named relative to it, so that the folder can be moved as a whole. A line that begins within a frame
begins in its file with the missing part of silence: editors cut on frames.

Knows: the timeline, OpenTimelineIO. Does not know: how clips and sound were made.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import soundfile

from renderers.audio_file import read_audio
from storyboard.core.directory import Directory, directory_of
from storyboard.core.errors import UsageError
from storyboard.core.files import digest_file, read_record, slugify
from storyboard.graph.folder import RunFolder, existing
from storyboard.graph.run_record import read_run
from storyboard.graph.steps import Source
from storyboard.graph.work import WorkContext
from storyboard.media.audio.mix import RATE, Samples
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import read_srt
from storyboard.plan import NARRATOR, Plan, load_plan
from storyboard.plan.shots import shot_of
from storyboard.plan.timeline import Segment, Timeline, segment_plans
from storyboard.publish.capcut import capcut_draft
from storyboard.publish.fcpxml import fcpxml
from storyboard.review.review_history import load_history
from storyboard.stages import sound
from storyboard.stages.clips import clip_name
from storyboard.stages.film import dry_run
from storyboard.stages.going_on import NobodysWord, request_to_go_on
from storyboard.stages.speech import speech_name, timeline_of

Target = Literal["otio", "fcpxml", "edl", "capcut", "srt", "vtt", "stems"]
TARGETS: tuple[Target, ...] = get_args(Target)
PROJECTS: tuple[Target, ...] = ("otio", "fcpxml", "edl")
_TIMECODED = (24, 25, 30, 48, 50, 60)
_NEEDS = "needs OpenTimelineIO: pip install 'storyboard[export]'"


def export(folder: Path, out: Path, targets: Sequence[Target]) -> list[Path]:
    """Write the film in `folder` into `out` as each of `targets`; returns what was written.

    Raises:
        UsageError: no such run, its film is not made or older than its plan, or a package lacks.
    """
    run = existing(folder, "RUN")
    if not run.film.is_file():
        raise UsageError(
            f"{folder} holds no final.mp4 yet: finish it with storyboard run --dir {folder}"
        )
    plan = load_plan(run.plan)
    media = Media.of(run, plan)
    files = directory_of(out, folder)
    files.make()
    name, written = slugify(plan.title), list[Path]()

    def write(file: str, data: bytes | str) -> None:
        files.write(file, data)
        written.append(out / file)

    captions = read_srt((run.path / "subs.srt").read_text(encoding="utf-8"))
    if "srt" in targets:
        write(f"{name}.srt", (run.path / "subs.srt").read_bytes())
    if "vtt" in targets:
        write(f"{name}.vtt", vtt(captions))
    if {"stems", *PROJECTS} & set(targets):
        media.stem(files)
        written.append(out / "media")
        projects: list[Target] = [target for target in PROJECTS if target in targets]
        if projects:
            media.gather(files)
            project = assemble(plan, media, run)
            for target in projects:
                write(f"{name}.{target}", written_as(project, target, plan))
    if "capcut" in targets:
        # Its media lie inside it: the folder is moved to CapCut's drafts as a whole.
        inside = files.sub(f"capcut/{name}")
        inside.make()
        media.stem(inside)
        media.gather(inside)
        project, folder = assemble(plan, media, run), out / "capcut" / name
        for file, text in capcut_draft(project, folder, plan.canvas, captions).items():
            inside.write(file, text)
        written.append(folder)
    return written


@dataclass(frozen=True, slots=True)
class Media:
    """What the film was cut from, as it lies in the run folder."""

    run: RunFolder
    timeline: Timeline
    context: sound.Mixing
    """Of the step that mixed the sound."""
    stems: tuple[str, ...]

    @classmethod
    def of(cls, run: RunFolder, plan: Plan) -> Media:
        """Raises: UsageError: something of it is not there: the plan was changed since."""
        step = sound.sound_step(plan, _takes(run, plan, "json"), _takes(run, plan, "wav"))
        inputs: sound.SoundInputs[Path] = step.inputs.map(
            lambda _, source: source if isinstance(source, Path) else _clip_file(run, source.step)
        )
        lacking = [path for path in inputs.labelled().values() if not path.is_file()]
        context = WorkContext(step.params, inputs, None)
        timeline = None if lacking else timeline_of(step.params.segments, inputs.takes)
        clips = [] if timeline is None else [_clip(run, s) for s in timeline.segments]
        lacking += [path for path in clips if not path.is_file()]
        told = f"{lacking[0]} is not made" if lacking else _behind(run, timeline) or _edited(run)
        if told or timeline is None:
            raise UsageError(
                f"{told}: the plan was changed since the film was; "
                f"bring it up to date with storyboard run --dir {run.path}"
            )
        speakers = dict.fromkeys(str(s.speaker) for s in timeline.segments if s.speech_seconds)
        stems = [f"speech {speaker}" for speaker in speakers] + ["effects"]
        return cls(run, timeline, context, (*stems, *(["music"] if inputs.music else [])))

    def stem(self, files: Directory) -> None:
        """Mix the sound anew, a file a stem."""
        for stem, samples in sound.stems(self.context).items():
            _write_wave(files, f"media/stems/{slugify(stem)}.wav", samples)

    def gather(self, files: Directory) -> None:
        """Copy clips, and lines that begin on a frame, beside the project."""
        for segment in self.timeline.segments:
            files.sub("media/picture").make()
            files.copy(_clip(self.run, segment), f"media/picture/{segment.slug}.mp4")
            if segment.speech_seconds:
                samples, rate = read_audio(self.context.inputs.audio[segment.index])
                begin = segment.speech_start
                early = round((begin - self.frame(begin) / self.timeline.fps) * rate)
                padded = np.concatenate([np.zeros((early, samples.shape[1]), np.float32), samples])
                _write_wave(files, f"media/speech/{segment.slug}.wav", padded)

    def frame(self, seconds: float) -> int:
        """The frame that a time lies in."""
        return int(seconds * self.timeline.fps + 1e-6)


def _behind(run: RunFolder, timeline: Timeline | None) -> str:
    """The first segment that the plan has otherwise than the film; "" where there is none."""
    made: Any = read_record(run.path / "audio/timeline.json").get("segments")
    wanted = [asdict(segment) for segment in timeline.segments] if timeline else []
    if made == wanted:
        return ""
    apart = next((s["slug"] for s in wanted if not isinstance(made, list) or s not in made), "")
    return f"{apart or 'the order of the beats'} is not as in the film"


def _edited(run: RunFolder) -> str:
    """What of the film an edit of the plan since would make anew, be it a coat or a shot; "" for
    nothing, or where the film does not know its plan (those of before)."""
    filmed = read_run(run).get("filmed")
    if filmed in (None, digest_file(run.plan)):
        return ""
    try:
        steps = dry_run(request_to_go_on(run)).steps
    except NobodysWord:
        return ""
    # A film that lies apart from its store lacks results, which is no edit.
    stale = next((step for step in steps if step.changed), None)
    return f"{stale.step} is to be made anew ({stale.reason})" if stale else ""


def _takes(run: RunFolder, plan: Plan, kind: str) -> dict[int, Source]:
    return {
        part.index: run.path
        / f"audio/{speech_name(part.index, part.slug).partition('/')[2]}.{kind}"
        for part in segment_plans(plan)
        if part.line
    }


def _clip(run: RunFolder, segment: Segment) -> Path:
    return _clip_file(run, clip_name(segment.index, segment.slug))


def _clip_file(run: RunFolder, step: str) -> Path:
    return run.path / f"clips/{step.partition('/')[2]}.mp4"


def _write_wave(files: Directory, name: str, samples: Samples) -> None:
    files.sub(str(Path(name).parent)).make()
    held = io.BytesIO()
    soundfile.write(held, samples, RATE, subtype="PCM_24", format="WAV")
    files.write(name, held.getvalue())


# --- the project --------------------------------------------------------------------


def assemble(plan: Plan, media: Media, run: RunFolder) -> Any:
    """The film as an `opentimelineio.schema.Timeline`.

    Raises:
        UsageError: the package lacks.
    """
    otio = _otio()
    fps, segments = media.timeline.fps, media.timeline.segments
    project = otio.schema.Timeline(plan.title, global_start_time=otio.opentime.RationalTime(0, fps))
    project.metadata["storyboard"] = {"idea": plan.idea, "frames": media.timeline.frames}
    make = _Maker(otio, fps)
    picture = otio.schema.Track("Picture", kind=otio.schema.TrackKind.Video)
    for number, segment in enumerate(segments):
        after = segments[number + 1] if number + 1 < len(segments) else None
        if segment.overlap:
            picture.append(make.dissolve(segment.overlap))
        frames = _shown(segment, after)
        clip = make.clip(f"media/picture/{segment.slug}.mp4", segment.slug, frames, segment.frames)
        clip.markers.extend(make.markers(plan, segment, run))
        picture.append(clip)
    project.tracks.append(picture)
    for stem in media.stems:
        track = otio.schema.Track(_title(plan, stem), kind=otio.schema.TrackKind.Audio)
        if stem.startswith("speech "):
            track.extend(make.lines(media, stem.removeprefix("speech ")))
        else:
            whole = media.timeline.frames
            track.append(make.clip(f"media/stems/{slugify(stem)}.wav", stem, whole, whole))
        project.tracks.append(track)
    return project


def _shown(segment: Segment, after: Segment | None) -> int:
    """Frames of a clip in its track: what fades over belongs to the clip that comes, and the one
    that goes has it as a handle."""
    return segment.frames - (after.overlap if after else 0)


def shown_seconds(run: RunFolder, plan: Plan) -> dict[int, float]:
    """The lengths of the clips as a project has them, by beat; 0 is the hook."""
    timeline = Media.of(run, plan).timeline
    pairs = zip(timeline.segments, (*timeline.segments[1:], None), strict=True)
    return {s.index: _shown(s, after) / timeline.fps for s, after in pairs}


def written_as(project: Any, target: Target, plan: Plan) -> str:
    """The text of a project file."""
    canvas = plan.canvas
    if target == "fcpxml":
        return fcpxml(project, canvas.fps, canvas.width, canvas.height)
    write = _otio().adapters.write_to_string
    if target == "otio":
        return write(project, "otio_json")
    if canvas.fps not in _TIMECODED:
        raise UsageError(
            f"--to edl: an edit list has timecode, and there is none for {canvas.fps} fps "
            f"({', '.join(map(str, _TIMECODED))}): take otio or fcpxml"
        )
    # A CMX 3600 list has one track of pictures, and names of eight letters.
    alone = _otio().schema.Timeline(project.name, tracks=[project.tracks[0].clone()])
    return write(alone, "cmx_3600", rate=canvas.fps)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes items of a track in frames of the film."""

    otio: Any
    fps: int

    def clip(self, file: str, name: str, frames: int, available: int) -> Any:
        media = self.otio.schema.ExternalReference(file, self.range(0, available))
        return self.otio.schema.Clip(name, media, self.range(0, frames))

    def range(self, start: int, frames: int) -> Any:
        time = self.otio.opentime.RationalTime
        return self.otio.opentime.TimeRange(time(start, self.fps), time(frames, self.fps))

    def dissolve(self, frames: int) -> Any:
        time = self.otio.opentime.RationalTime
        return self.otio.schema.Transition(
            "crossfade",
            transition_type=self.otio.schema.TransitionTypes.SMPTE_Dissolve,
            in_offset=time(0, self.fps),
            out_offset=time(frames, self.fps),
        )

    def lines(self, media: Media, speaker: str) -> Iterator[Any]:
        """A speaker's lines with the gaps between them."""
        at = 0
        for segment in media.timeline.segments:
            if not segment.speech_seconds or str(segment.speaker) != speaker:
                continue
            start = media.frame(segment.speech_start)
            if start > at:
                yield self.otio.schema.Gap(source_range=self.range(0, start - at))
            frames = media.frame(segment.speech_end) + 1 - start
            frames = min(frames, media.timeline.frames - start)
            # The line is metadata: adapters look clips up by name, and trip over its quotes.
            said = self.clip(f"media/speech/{segment.slug}.wav", segment.slug, frames, frames)
            said.metadata["storyboard"] = {"line": segment.line}
            yield said
            at = start + frames

    def markers(self, plan: Plan, segment: Segment, run: RunFolder) -> Iterator[Any]:
        colours = self.otio.schema.MarkerColor
        what = shot_of(plan, segment.index).type
        yield self.otio.schema.Marker(f"{segment.slug}: {what}", self.range(0, 1), colours.GREEN)
        for finding in _findings(run):
            if finding.beat == segment.index:
                at = (
                    0
                    if finding.start is None
                    else round((finding.start - segment.start) * self.fps)
                )
                at = min(max(0, at), segment.frames - 1)
                told = f"{finding.defect}: {finding.evidence}"
                yield self.otio.schema.Marker(told, self.range(at, 1), colours.RED)


def _findings(run: RunFolder) -> list[Any]:
    review = load_history(run.path)
    return [one.finding for one in (review.findings if review else ()) if one.counts]


def _title(plan: Plan, stem: str) -> str:
    who = stem.removeprefix("speech ")
    if who == stem:
        return stem.capitalize()
    return "Narrator" if who == NARRATOR else plan.character(who).name


def _otio() -> Any:
    try:
        import opentimelineio  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        raise UsageError(f"--to otio, fcpxml, edl, capcut: {_NEEDS}") from None
    return opentimelineio


# --- captions -----------------------------------------------------------------------


def vtt(captions: Sequence[Caption]) -> str:
    """The captions as WebVTT."""
    said = (f"{_vtt_time(c.start)} --> {_vtt_time(c.end)}\n{_escaped(c.text)}\n" for c in captions)
    return "WEBVTT\n\n" + "\n".join(said)


def _vtt_time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
