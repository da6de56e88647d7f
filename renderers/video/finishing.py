"""From a model's answer to the clip that was wanted: cut, scaled, trimmed, measured.

The answer is believed in nothing: its size, rate, length and sound are read from the file.

Knows: encoding, cutting. Does not know: who made the answer.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from renderers.base import ClipRequest, ClipResult
from renderers.errors import BadOutput
from renderers.ffmpeg import BT709, run_ffmpeg
from renderers.probe import Media, probe
from renderers.video.planning import ClipPlan

# An intermediate: quick to write, and better than anything the final encode keeps.
_VIDEO = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p")
_SOUND = ("-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2")
_ASKEW = 1.02
"""An answer whose shape differs by more than this factor is warned of: it loses its sides."""


def finish_data(data: bytes, plan: ClipPlan, request: ClipRequest, out: Path) -> ClipResult:
    """`finish` of an answer that is no file yet."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".clip-") as folder:
        raw = Path(folder) / "raw.mp4"
        raw.write_bytes(data)
        return finish(raw, plan, request, out)


def finish(raw: Path, plan: ClipPlan, request: ClipRequest, out: Path) -> ClipResult:
    """Write the wanted clip to `out`: `request.frames` frames of its size and rate.

    Its sound is the request's own (a model may return it resampled, noisy or late), else
    what the model made where that is to be kept, else none.

    Raises:
        BadOutput: the answer is no video, or is too short.
    """
    media = probe(raw)
    if not media.frames or not media.width:
        raise BadOutput("the answer holds no picture")
    seconds = request.frames / request.fps
    # Half a frame of slack: 97 frames at 24 fps are enough for 97 frames.
    if media.frames / media.fps + 0.5 / request.fps < seconds:
        raise BadOutput(
            f"the answer lasts {media.frames / media.fps:.2f} s "
            f"({media.frames} frames at {media.fps:g} fps), {seconds:.2f} s are needed"
        )
    temporary = out.with_name(f"{out.stem}.part{out.suffix}")
    sound = _sound(request, media, seconds)
    source = ["-i", request.audio] if request.audio is not None else []
    run_ffmpeg(
        [
            "-i", raw, *source,
            "-map", "0:v:0", "-vf", _filters(media, plan, request), *sound,
            "-frames:v", str(request.frames), *_VIDEO, *BT709, "-color_range", "tv",
            "-threads", "2", "-video_track_timescale", str(request.fps * 512), "-f", "mp4",
            temporary,
        ]
    )  # fmt: skip
    made = probe(temporary)
    got, asked = (made.frames, made.width, made.height), (request.frames, *_size(request))
    if got != asked:
        raise BadOutput(
            f"cut from the answer, the clip has {made.frames} frames of "
            f"{made.width}×{made.height}; {request.frames} of "
            f"{request.width}×{request.height} are needed"
        )
    temporary.replace(out)
    return ClipResult(
        out,
        made.width,
        made.height,
        made.fps,
        made.frames,
        made.channels > 0,
        tuple(_warnings(media, plan, request)),
    )


def _size(request: ClipRequest) -> tuple[int, int]:
    return request.width, request.height


def _filters(media: Media, plan: ClipPlan, request: ClipRequest) -> str:
    """Numbers only: nothing that a user or a model wrote reaches the filter."""
    chain = [f"fps={request.fps}"]
    width, height = _size(request)
    if (media.width, media.height) == (plan.width, plan.height):
        inner = (plan.content_width, plan.content_height)
    else:
        # A server that snaps sizes by itself: what it made is filled, its middle is kept.
        inner = _fitting(media.width, media.height, width, height)
    chain.append(f"crop={inner[0]}:{inner[1]}")
    if inner != (width, height):
        chain.append(f"scale={width}:{height}:flags=lanczos")
    return ",".join([*chain, "scale=out_color_matrix=bt709:out_range=tv", "setsar=1"])


def _fitting(have_width: int, have_height: int, width: int, height: int) -> tuple[int, int]:
    """The largest even part of the shape `width`:`height`."""
    scale = min(have_width / width, have_height / height)
    across, down = (max(2, math.floor(side * scale / 2) * 2) for side in (width, height))
    return across, down


def _sound(request: ClipRequest, media: Media, seconds: float) -> list[str]:
    length = f"{seconds:.6f}"
    if request.audio is not None:
        chosen = "1:a:0"
    elif request.keep_audio and media.channels:
        chosen = "0:a:0"
    else:
        # Image-to-video models add ambience unasked.
        return ["-an"]
    return ["-map", chosen, "-af", f"apad=whole_dur={length},atrim=end={length}", *_SOUND]


def _warnings(media: Media, plan: ClipPlan, request: ClipRequest) -> list[str]:
    found: list[str] = []
    have, want = media.width / media.height, plan.width / plan.height
    if max(have / want, want / have) > _ASKEW:
        found.append(
            f"{plan.width}×{plan.height} was asked and {media.width}×{media.height} came back: "
            "its sides were cut off"
        )
    if request.keep_audio and not media.channels and request.audio is None:
        found.append("the model made no sound")
    spoken = plan.wanted.audio_seconds or 0.0
    if request.audio is not None and spoken > (request.frames + 1) / request.fps:
        found.append(f"the sound lasts {spoken:.2f} s, longer than the clip")
    return found
