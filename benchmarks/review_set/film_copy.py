"""A copy of a finished run whose film is taken apart, to have a defect planted in it.

Whatever is planted is planted in files: the film's own sound is decoded, changed and
encoded again; segments are burnt anew and joined. The run that is copied is never touched.

Knows: how a film is taken apart and put together. Does not know: which defects there are.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import av
import numpy as np
import numpy.typing as npt
import soundfile

from renderers.base import SpeechBackend
from renderers.ffmpeg import FrameWriter, run_ffmpeg
from storyboard.core.errors import StoryboardError
from storyboard.core.files import atomic, link, read_json, write_text
from storyboard.media import cut as cutting
from storyboard.media.audio import mix, music
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import TitleCue, ass, read_srt, srt
from storyboard.media.text.title import Box, TitleLayout, kept_clear, lay_title
from storyboard.plan import Plan, dump_plan
from storyboard.plan.caption_look import USUAL
from storyboard.plan.shots import file_name
from storyboard.plan.timeline import HOOK, Segment
from storyboard.review.finished_cut import Cut
from storyboard.review.technical.measure import speech_file
from storyboard.stages.clips import clip_name
from storyboard.stages.images import image_name

RATE = mix.RATE
Sound = npt.NDArray[np.float32]
Planes = npt.NDArray[np.uint8]
"""A frame as YUV 4:2:0, shape (height · 3/2, width): luma above, the two chromas below."""


class NotHere(StoryboardError):
    """This film has nothing in which the defect could be planted (no silent beat, no face)."""


@dataclass
class FilmCopy:
    """A copied run, open for damage. `speech` renders what has to be said anew."""

    cut: Cut
    speech: SpeechBackend | None = None

    @classmethod
    def of(cls, run: Path, target: Path, speech: SpeechBackend | None = None) -> FilmCopy:
        """A copy of `run` at `target`; files are shared until they are replaced."""
        shutil.copytree(run, target, copy_function=link, ignore=shutil.ignore_patterns(".*"))
        # Absolute: ffmpeg joins and burns in a folder of its own.
        return cls(Cut.of(target.absolute()), speech)

    @property
    def folder(self) -> Path:
        return self.cut.folder

    @property
    def plan(self) -> Plan:
        return self.cut.plan

    # --- which beat -----------------------------------------------------------

    def spoken(self) -> list[Segment]:
        """Beats with a line, the longest first."""
        found = [s for s in self.cut.timeline.segments if s.speech_seconds and s.index != HOOK]
        return sorted(found, key=lambda s: -s.speech_seconds)

    def silent(self) -> Segment:
        """The longest silent beat."""
        found = [s for s in self.cut.timeline.segments if not s.speech_seconds and s.index != HOOK]
        if not found:
            raise NotHere("the film has no silent beat")
        return max(found, key=lambda s: s.seconds)

    def hook(self) -> Segment:
        if self.plan.hook is None:
            raise NotHere("the film has no hook")
        return self.cut.timeline.segment(HOOK)

    def face(self, segment: Segment) -> Box:
        """The largest face of a segment's picture."""
        info = self.folder / f"{image_name(segment.index, segment.slug)}.json"
        boxes = [Box(*b) for b in read_json(info).get("faces", {}).values()]
        if not boxes:
            raise NotHere("the picture says of no face where it is")
        return max(boxes, key=lambda b: b.width)

    # --- sound ----------------------------------------------------------------

    def sound(self) -> Sound:
        return music.read_audio(self.cut.film)

    def take_path(self, segment: Segment) -> Path:
        return self.folder / f"audio/{speech_file(segment)}.wav"

    def take(self, segment: Segment) -> Sound:
        """The recorded line, 48 kHz stereo."""
        return music.read_audio(self.take_path(segment))

    def put_take(self, segment: Segment, samples: Sound) -> None:
        """Record another take, as if the voice had spoken so."""
        with atomic(self.take_path(segment)) as out:
            soundfile.write(out, samples, RATE, subtype="PCM_16")

    def voice(self, segment: Segment, sound: Sound) -> Sound:
        """The line as loud as it is in the film, for the length of its take.

        Fitted piece by piece, since mastering moved its level.
        """
        take = self.take(segment)
        there = part(sound, segment.speech_start, len(take))
        size = RATE // 20
        count = max(1, len(take) // size)
        own, held = take[: count * size].mean(axis=1), there[: count * size].mean(axis=1)
        own, held = own.reshape(count, -1), held.reshape(count, -1)
        power = np.square(own).sum(axis=1)
        usual = (own * held).sum() / max(float(power.sum()), 1e-9)
        gains: npt.NDArray[np.float64] = (own * held).sum(axis=1) / np.maximum(power, 1e-9)
        gains[power <= 0.01 * power.max(initial=0.0)] = usual
        middles = (np.arange(count) + 0.5) * size
        gain = np.interp(np.arange(len(take)), middles, gains).astype(np.float32)
        return take * gain[:, None]

    def without_voice(self, segment: Segment, first: float, last: float) -> Sound:
        """The film's sound without the line, from `first` to `last` seconds of it."""
        sound = self.sound()
        voice = self.voice(segment, sound)
        time = np.arange(len(voice)) / RATE
        window = np.clip(np.minimum(time - first, last - time) / 0.004, 0.0, 1.0)
        add(sound, -voice * window[:, None].astype(np.float32), segment.speech_start)
        return sound

    def put_sound(self, sound: Sound, *, master: bool = False) -> None:
        """Give the film another sound, encoded as its own was."""
        with TemporaryDirectory(dir=self.folder, prefix=".sound.") as scratch:
            wave, coded = Path(scratch) / "mix.wav", Path(scratch) / "mix.m4a"
            if master:
                mix.master(sound, coded)
            else:
                soundfile.write(wave, sound, RATE, subtype="FLOAT")
                run_ffmpeg(["-i", wave, "-c:a", "aac", "-b:a", "192k", "-ac", "2", coded])
            self.remux(["-i", self.cut.film, "-i", coded, "-map", "0:v", "-map", "1:a"])

    def remux(self, inputs: Sequence[str | Path], codec: Sequence[str] = ("-c", "copy")) -> None:
        """Write the film anew from these inputs."""
        with atomic(self.cut.film) as out:
            tail = ["-movflags", "+faststart", "-map_metadata", "-1"]
            run_ffmpeg([*inputs, *codec, *tail, out])

    # --- picture --------------------------------------------------------------

    def segment_path(self, segment: Segment) -> Path:
        return self.folder / f"segments/{file_name(segment.index, segment.slug)}.mp4"

    def clip_path(self, segment: Segment) -> Path:
        return self.folder / f"{clip_name(segment.index, segment.slug)}.mp4"

    def captions(self) -> list[Caption]:
        return read_srt((self.folder / "subs.srt").read_text(encoding="utf-8"))

    def put_captions(self, captions: Sequence[Caption]) -> None:
        write_text(self.folder / "subs.srt", srt(captions))

    def own_captions(self, segment: Segment) -> list[Caption]:
        """A segment's captions, on its own clock."""
        return [
            replace(c, start=c.start - segment.start, end=c.end - segment.start)
            for c in self.captions()
            if segment.start <= (c.start + c.end) / 2 < segment.end
        ]

    def title(self) -> TitleLayout:
        hook = self.plan.hook
        assert hook is not None
        info = read_json(self.folder / f"{image_name(HOOK, '')}.json")
        return lay_title(hook.title, self.plan.canvas, kept_clear(info))

    def script(
        self, segment: Segment, captions: Sequence[Caption], title: TitleLayout | None = None
    ) -> str:
        """The letters of a segment; the hook keeps its title where none is given."""
        if segment.index == HOOK and title is None:
            title = self.title()
        cue = TitleCue(title, 0.0, segment.seconds) if title else None
        return ass(captions, self.plan.canvas, cue, self.plan.caption_look or USUAL)

    def burn(self, segment: Segment, script: str, clip: Path | None = None) -> None:
        """Encode one segment anew from its clip (or another one), and join the film."""
        segments = self.cut.timeline.segments
        place = segments.index(segment)
        given = segments[place + 1].overlap if place + 1 < len(segments) else 0
        before = segments[place - 1] if segment.overlap and clip is None else None
        with TemporaryDirectory(dir=self.folder, prefix=".burn.") as scratch:
            out = Path(scratch) / "segment.mp4"
            parts = cutting.SegmentCut(
                clip=clip or self.clip_path(segment),
                frames=segment.frames - given,
                overlap=segment.overlap if before else 0,
                before=self.clip_path(before) if before else None,
                before_frames=before.frames if before else 0,
                transition=segment.transition if clip is None else "cut",
                script=script,
            )
            cutting.cut_segment(parts, self.plan.canvas, out)
            out.replace(self.segment_path(segment))
        self.join([(self.segment_path(s), s) for s in segments])

    def join(self, parts: Sequence[tuple[Path, Segment]]) -> None:
        """The film from these files, each as long as the segment beside it."""
        after = {s.index: n.overlap for s, n in self.pairs()}
        with TemporaryDirectory(dir=self.folder, prefix=".join.") as scratch:
            sound, out = Path(scratch) / "sound.m4a", Path(scratch) / "film.mp4"
            run_ffmpeg(["-i", self.cut.film, "-vn", "-c", "copy", sound])
            timed = [
                (path, (s.frames - after.get(s.index, 0)) / self.cut.timeline.fps)
                for path, s in parts
            ]
            cutting.join(timed, sound, out)
            out.replace(self.cut.film)

    def pairs(self) -> list[tuple[Segment, Segment]]:
        """Each segment with the one after it."""
        segments = self.cut.timeline.segments
        return list(pairwise(segments))

    def repaint(self, segment: Segment, edit: Callable[[int, list[Planes]], Planes]) -> None:
        """Encode a segment anew with `edit(number, frames)` in each frame's place."""
        frames = planes(self.segment_path(segment))
        with TemporaryDirectory(dir=self.folder, prefix=".paint.") as scratch:
            clip = Path(scratch) / "clip.mp4"
            write_planes((edit(i, frames) for i in range(len(frames))), clip, self.cut)
            self.burn(segment, ass([], self.plan.canvas), clip)

    def put_plan(self, plan: Plan) -> None:
        write_text(self.folder / "plan.json", dump_plan(plan))
        self.cut = Cut.of(self.folder)

    def put_beat(self, index: int, **changes: object) -> None:
        """Give one beat of the plan other fields."""
        beats = [
            beat.model_copy(update=changes) if beat.index == index else beat
            for beat in self.plan.beats
        ]
        self.put_plan(self.plan.model_copy(update={"beats": beats}))


def part(sound: Sound, start: float, count: int) -> Sound:
    """`count` samples from `start` seconds on; silence where there are none."""
    first = round(start * RATE)
    piece = sound[max(0, first) : first + count]
    return np.pad(piece, ((0, count - len(piece)), (0, 0)))


def add(sound: Sound, more: Sound, start: float) -> None:
    """Mix `more` into `sound` from `start` seconds on, in place; what reaches beyond is cut."""
    first = round(start * RATE)
    there = sound[first : first + len(more)]
    there += more[: len(there)]


def fade(sound: Sound, seconds: float = 0.005) -> Sound:
    """Both ends faded, so that a cut does not click."""
    count = min(len(sound) // 2, round(seconds * RATE))
    ramp = np.ones(len(sound), dtype=np.float32)
    ramp[:count] = np.linspace(0, 1, count)
    ramp[len(ramp) - count :] = np.linspace(1, 0, count)
    return sound * ramp[:, None]


def planes(path: Path) -> list[Planes]:
    """Every frame of a video in the film's own pixel format: nothing is converted."""
    with av.open(str(path)) as container:
        return [
            cast(Any, frame).to_ndarray(format="yuv420p") for frame in container.decode(video=0)
        ]


def write_planes(frames: Any, out: Path, cut: Cut) -> None:
    """A lossless clip of these frames."""
    canvas = cut.plan.canvas
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{canvas.width}x{canvas.height}"]
    arguments = [*raw, "-r", str(cut.timeline.fps), "-i", "-", "-c:v", "libx264", "-qp", "0"]
    with FrameWriter([*arguments, "-preset", "ultrafast", out]) as writer:
        for frame in frames:
            writer.write(np.ascontiguousarray(frame).tobytes())
