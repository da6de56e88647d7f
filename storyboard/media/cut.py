"""From clips to the picture of the film: one encoded segment a beat, then all of them joined.

A segment is a clip cut to its frames, with its transition, captions and title burnt in.
Segments are encoded alike, so joining copies them: a new title costs one segment.

Knows: encoding, transitions, burning in. Does not know: plans, where times come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from renderers.errors import BadOutput
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import probe
from storyboard.media.text import fonts
from storyboard.plan import Canvas, Transition

FADE_SECONDS = 0.5
BT709 = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
"""Set on the frames: what they carry goes before what the encoder is told."""


@dataclass(frozen=True, slots=True)
class SegmentCut:
    """What a segment is cut from. All lengths in frames.

    `frames` of `clip` are shown; the first `overlap` of them melt out of the last `overlap`
    of `before`, which had `before_frames`. `script` is ASS text on the segment's own clock.
    """

    clip: Path
    frames: int
    overlap: int
    before: Path | None
    before_frames: int
    transition: Transition
    script: str


def cut_segment(cut: SegmentCut, canvas: Canvas, out: Path) -> None:
    """Encode one segment of exactly `cut.frames` frames.

    Raises:
        BadOutput: the clip is shorter, or cannot be decoded.
    """
    work = out.parent
    (work / "captions.ass").write_text(cut.script, encoding="utf-8")
    fonts.copy_fonts(work / "fonts", cut.script)
    size = f"scale={canvas.width}:{canvas.height}:force_original_aspect_ratio=increase"
    fit = f"{size},crop={canvas.width}:{canvas.height},setsar=1,fps={canvas.fps}"
    inputs: list[str | Path] = ["-i", cut.clip]
    # The rate again at the end: before 7.1 ffmpeg forgets it at `setpts`, and `xfade` asks for it.
    afresh = f"setpts=PTS-STARTPTS,fps={canvas.fps}"
    chain = f"[0:v]{fit},trim=end_frame={cut.frames},{afresh}[clip];"
    if cut.before is not None and cut.overlap:
        inputs += ["-i", cut.before]
        start = cut.before_frames - cut.overlap
        chain += (
            f"[1:v]{fit},trim=start_frame={start}:end_frame={cut.before_frames},"
            f"{afresh}[before];"
            f"[before][clip]xfade=transition=fade:duration={cut.overlap / canvas.fps:.6f}:offset=0[mixed];"
        )
    else:
        chain += "[clip]null[mixed];"
    fade = f"fade=t=in:st=0:d={FADE_SECONDS}," if cut.transition == "fade from black" else ""
    # Names inside the filter are ours, relative to the working folder: nothing to escape.
    chain += f"[mixed]{fade}ass=captions.ass:fontsdir=fonts,format=yuv420p,{BT709}[out]"
    arguments = [*inputs, "-filter_complex", chain, "-map", "[out]", *_encoder(canvas), out]
    run_ffmpeg(arguments, work)
    if (made := probe(out).frames) != cut.frames:
        raise BadOutput(f"{cut.clip.name} gave {made} frames, the film needs {cut.frames}")


def join(segments: Sequence[tuple[Path, float]], sound: Path, out: Path) -> None:
    """Join encoded segments, each with its seconds, and the sound into one MP4, all copied."""
    work = out.parent
    listed = ""
    for number, (segment, seconds) in enumerate(segments):
        # A link under a plain name: the list file has quoting rules of its own.
        name = f"part{number:03d}.mp4"
        (work / name).symlink_to(segment.absolute())
        # Without its length said, a part ends on a whole millisecond and the rate wavers.
        listed += f"file {name}\nduration {seconds:.6f}\n"
    (work / "parts.txt").write_text(listed)
    arguments = ["-f", "concat", "-safe", "0", "-i", "parts.txt", "-i", sound.absolute()]
    arguments += ["-map", "0:v", "-map", "1:a", "-c", "copy", "-movflags", "+faststart"]
    run_ffmpeg([*arguments, "-map_metadata", "-1", out], work)


def _encoder(canvas: Canvas) -> list[str]:
    return [
        *("-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-profile:v", "high"),
        # A third less work for as good a picture in a file a tenth larger, measured on drawings.
        *("-x264-params", "subme=1:b-adapt=0:partitions=i8x8,i4x4"),
        # Segments are encoded side by side; and more threads give other bytes on other machines.
        *("-threads", "1"),
        *("-pix_fmt", "yuv420p", "-r", str(canvas.fps), "-g", str(canvas.fps * 2)),
        # One clock for all segments, or the join drifts by rounding.
        *("-video_track_timescale", str(canvas.fps * 512), "-map_metadata", "-1"),
    ]
