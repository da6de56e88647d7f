"""A user's picture, footage or recording in the shape that the film needs.

Knows: shapes, camera moves over a still, in and out points. Does not know: plans, steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from renderers.audio_file import decode_audio
from renderers.ffmpeg import run_ffmpeg
from renderers.image.incoming import incoming
from renderers.scene import CameraMove
from renderers.tts import waveform

Fit = Literal["cover", "contain"]
SHARP = 2
"""A still is kept at so many times the canvas: a move goes into it."""
REACH = 0.12
"""Part of the picture that a move goes through."""
_ENCODING = ("-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-crf", "16")


@dataclass(frozen=True, slots=True)
class Frame:
    """The canvas, and how a picture of another shape lies in it."""

    width: int
    height: int
    fps: int
    fit: Fit = "cover"

    def filters(self, scale: int = 1) -> str:
        """From any picture to this shape; `contain` lies on itself, blurred and dimmed."""
        size = f"{self.width * scale}:{self.height * scale}"
        fill = f"scale={size}:force_original_aspect_ratio=increase,crop={size},setsar=1"
        if self.fit == "cover":
            return fill
        within = f"scale={size}:force_original_aspect_ratio=decrease,setsar=1"
        return (
            f"split[all][sharp];[all]{fill},gblur=sigma={24 * scale},eq=brightness=-0.12[behind];"
            f"[sharp]{within}[within];[behind][within]overlay=(W-w)/2:(H-h)/2"
        )


def picture(source: Path, frame: Frame, out: Path) -> None:
    """A picture in the canvas's shape, upright and opaque, as PNG."""
    seen = incoming(source)
    upright = out.with_name(f"upright.{seen.kind}")
    upright.write_bytes(seen.data)
    run_ffmpeg(["-i", upright, "-vf", frame.filters(SHARP), "-frames:v", "1", "-y", out])
    upright.unlink()


def moment(source: Path, at: float, frame: Frame, out: Path) -> None:
    """One picture of footage, `at` seconds, in the canvas's shape."""
    cut = ["-ss", f"{at:.3f}", "-i", source]
    run_ffmpeg([*cut, "-vf", frame.filters(SHARP), "-frames:v", "1", "-y", out])


def filmed(still: Path, move: CameraMove, frames: int, frame: Frame, out: Path) -> None:
    """A camera that moves over a still for so many frames."""
    part = f"on/{max(1, frames - 1)}"
    middle = ("iw/2-(iw/zoom/2)", "ih/2-(ih/zoom/2)")
    close = f"{1 + REACH:g}"
    zoom, (x, y) = {
        "push in": (f"1+{REACH:g}*{part}", middle),
        "pull out": (f"{close}-{REACH:g}*{part}", middle),
        "pan left": (close, (f"(iw-iw/zoom)*(1-{part})", middle[1])),
        "pan right": (close, (f"(iw-iw/zoom)*{part}", middle[1])),
        "tilt up": (close, (middle[0], f"(ih-ih/zoom)*(1-{part})")),
        "shake": ("1.06", (f"{middle[0]}+iw*0.012*sin(on*1.9)", f"{middle[1]}+ih*0.008*sin(on*2.7)")),
        "handheld": ("1.05", (f"{middle[0]}+iw*0.008*sin(on/9)", f"{middle[1]}+ih*0.006*sin(on/7)")),
        # Nothing alive stands quite still, and a check would take it for a frozen picture.
        "static": (f"1+0.02*{part}", middle),
    }[move]  # fmt: skip
    size = f"{frame.width}x{frame.height}"
    pan = f"zoompan=z='{zoom}':x='{x}':y='{y}':d={frames}:s={size}:fps={frame.fps}"
    run_ffmpeg(["-i", still, "-vf", pan, "-frames:v", str(frames), *_ENCODING, "-an", "-y", out])


def cut(
    source: Path, span: tuple[float, float | None], frames: int, frame: Frame, out: Path
) -> None:
    """Footage from an in point to an out point, for so many frames; its last one is held, its
    sound ends with it."""
    begin, end = span
    shown = ["-ss", f"{begin:.3f}", *(["-to", f"{end:.3f}"] if end is not None else [])]
    seconds = frames / frame.fps
    hold = f",fps={frame.fps},tpad=stop_mode=clone:stop_duration={seconds:.3f}"
    run_ffmpeg(
        [
            *shown, "-i", source,
            "-filter_complex", f"[0:v:0]{frame.filters()}{hold}[v]",
            "-map", "[v]", "-map", "0:a:0?", "-frames:v", str(frames), *_ENCODING,
            "-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2", "-t", f"{seconds:.3f}",
            "-y", out,
        ]
    )  # fmt: skip


def recording(source: Path, span: tuple[float, float | None], out: Path) -> float:
    """A recording of a line as the film takes it: 48 kHz stereo, silence at its ends cut,
    levelled. Returns its seconds."""
    begin, end = span
    rate = waveform.OUTPUT_RATE
    samples = decode_audio(source, rate, seconds=end).mean(axis=1)[round(begin * rate) :]
    first, last = waveform.trimmed_span(samples, rate)
    spoken = waveform.fade(waveform.level(samples[first:last], rate), rate)
    waveform.write_stereo(np.asarray(spoken, dtype=np.float32), out)
    return len(spoken) / rate
