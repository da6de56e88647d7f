"""Tiny clips, lines and films for tests: made by the real ffmpeg in a blink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from rich.console import Console

from renderers.ffmpeg import run_ffmpeg
from renderers.probe import decode_frames
from storyboard.cli.display import ConsoleDisplay
from storyboard.media.cut import SegmentCut, cut_segment
from storyboard.plan import Canvas, Plan, dump_plan
from storyboard.plan.format_files import load_format
from storyboard.stages.film import Film, make_film
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.offline import write_plan

TINY = Canvas(width=160, height=288, fps=12)
TONES = Path(__file__).with_name("tones.toml")
Frame = npt.NDArray[np.uint8]


def colour_clip(out: Path, colour: str, frames: int, canvas: Canvas = TINY) -> Path:
    """A clip of one still colour."""
    source = f"color=c={colour}:s={canvas.width}x{canvas.height}:r={canvas.fps}"
    return _encode(["-f", "lavfi", "-i", source, "-frames:v", str(frames)], out)


def moving_clip(out: Path, frames: int, canvas: Canvas = TINY) -> Path:
    """A clip in which everything moves, slowly."""
    # Not `gradients`: what it draws differs from call to call, and now and then it stands still.
    source = f"zoneplate=s={canvas.width}x{canvas.height}:r={canvas.fps}:kx=4:ky=3:kt=4"
    return _encode(["-f", "lavfi", "-i", source, "-frames:v", str(frames)], out)


def _encode(source: list[str], out: Path) -> Path:
    run_ffmpeg([*source, "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", out])
    return out


def line(seconds: float, seed: int) -> npt.NDArray[np.float32]:
    """Something like speech, 48 kHz stereo: syllables of noise, each line unlike the others."""
    rng = np.random.default_rng(seed)
    count = round(seconds * 48_000)
    voice = np.convolve(rng.standard_normal(count), np.ones(24) / 24, mode="same")
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * np.arange(count) / 48_000)
    mono = (0.25 * voice / np.abs(voice).max() * syllables).astype(np.float32)
    return np.stack([mono, mono], axis=1)


def burn(script: str, folder: Path, canvas: Canvas, seconds: float = 0.5) -> Frame:
    """The middle frame of a grey clip with an ASS script burnt in."""
    frames = round(seconds * canvas.fps)
    clip = colour_clip(folder / "grey.mp4", "0x808080", frames, canvas)
    cut = SegmentCut(clip, frames, 0, None, 0, "cut", script)
    cut_segment(cut, canvas, folder / "burnt.mp4")
    return list(decode_frames(folder / "burnt.mp4"))[frames // 2]


def ink(frame: Frame, background: int = 128, unlike: int = 40) -> npt.NDArray[np.bool_]:
    """Where a frame is not its background: the pixels of letters and their edges."""
    return np.abs(frame.astype(int) - background).max(axis=2) > unlike


def ink_box(frame: Frame) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is drawn on a grey frame."""
    down, across = np.nonzero(ink(frame))
    return int(across.min()), int(down.min()), int(across.max()) + 1, int(down.max()) + 1


def colour_tags(path: Path) -> tuple[int, int, int]:
    """Matrix, primaries and transfer of a video, by their numbers."""
    with av.open(str(path)) as container:
        next(container.decode(video=0))
        stream = container.streams.video[0].codec_context
        return stream.colorspace, stream.color_primaries, stream.color_trc


def tiny_plan(idea: str, beats: int = 2, **changes: Any) -> Plan:
    """An offline plan of `idea` on a small canvas, with its hook and its last `beats` beats."""
    plan = write_plan(idea, load_format("comedy_5"), changes.pop("language", "en"), None, 7)
    kept = [
        beat.model_copy(update={"index": number, "duration": 0.5})
        for number, beat in enumerate(plan.beats[-beats:], 1)
    ]
    return plan.model_copy(update={"canvas": TINY, "beats": kept, **changes})


def tiny_run(folder: Path, plan: Plan) -> Path:
    """A run folder that holds nothing but `plan`: `--dir` makes its film."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(dump_plan(plan), encoding="utf-8")
    return folder


def tones(directory: Path, **request: Any) -> RenderRequest:
    """A request for the film in `directory`, with the voice that spells and the ear that reads."""
    return RenderRequest(directory=directory, profile=str(TONES), **request)


def made(request: RenderRequest, command: str = "") -> Film:
    return make_film(request, ConsoleDisplay(Console(quiet=True), quiet=True), command)


def finished_run(folder: Path, plan: Plan) -> Path:
    """A run folder with a film in it."""
    run = tiny_run(folder, plan)
    moving_clip(run / "final.mp4", 12)
    (run / "poster.jpg").write_bytes(b"a poster")
    (run / "subs.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHi.\n", encoding="utf-8")
    return run
