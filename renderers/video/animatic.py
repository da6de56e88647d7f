"""The animatic as a clip backend: the drawn scene acts, speaks and is filmed by a camera.

A picture that this animatic did not draw (one by an image model, or by hand) is filmed as
it is: the same camera moves over it.

Knows: requests, encoding. Does not know: drawing and acting (see `renderers.animatic`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from renderers.animatic import motion, pan
from renderers.base import JSON, ClipCaps, ClipRequest, ClipResult
from renderers.errors import BadOutput, BadRequest
from renderers.ffmpeg import BT709, FrameWriter
from renderers.image.animatic import drawn_from
from renderers.packages import version_of
from renderers.probe import probe

VERSION = 20
# An intermediate: quick to write, and better than anything the final encode keeps.
_QUANTIZER = "10"


class AnimaticClips:
    """Animates a scene on the CPU; several may run at once in worker processes."""

    name = "animatic"

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": VERSION,
            "art": version_of("dicebear-styles"),
            "skia": version_of("skia-python"),
        }

    def caps(self) -> ClipCaps:
        return ClipCaps(needs_gpu=False, lip_sync=True, draws=True)

    def render(self, request: ClipRequest, out: Path) -> ClipResult:
        """Write `request.frames` frames of H.264 (yuv420p, BT.709, no sound) to `out`.

        Raises:
            BadRequest: a size is odd, the length is not positive, or an input is unreadable.
            BadOutput: the file holds something else than was drawn.
        """
        if request.frames < 1 or request.fps < 1:
            raise BadRequest(
                f"a clip of {request.frames} frames at {request.fps} fps has no length"
            )
        if request.width % 2 or request.height % 2:
            raise BadRequest(f"{request.width}×{request.height}: H.264 needs even sides")
        temporary = out.with_name(f"{out.stem}.part{out.suffix}")
        clip = _reel(request)
        with FrameWriter([*_encoding(request, clip.begins), temporary]) as writer:
            drawing = memoryview(b"")
            for drawing in clip.drawings:
                writer.write(drawing)
            # Once more, where the clip is over: how long the last one is held.
            writer.write(drawing)
        media = probe(temporary)
        if (media.frames, media.width, media.height) != (
            request.frames,
            request.width,
            request.height,
        ):
            raise BadOutput(
                f"the clip has {media.frames} frames of {media.width}×{media.height}, "
                f"{request.frames} of {request.width}×{request.height} were drawn"
            )
        temporary.replace(out)
        return ClipResult(out, media.width, media.height, media.fps, media.frames, False)

    def close(self) -> None:
        pass


def _reel(request: ClipRequest) -> motion.Reel:
    shooting = motion.Shooting(
        width=request.width,
        height=request.height,
        fps=request.fps,
        frames=request.frames,
        audio=request.audio,
        camera=request.camera,
        seed=request.seed,
    )
    scene = request.scene
    if scene is not None and drawn_from(request.image, scene, request.width, request.height):
        return motion.reel(scene, shooting)
    return motion.Reel(range(request.frames), pan.film_picture(request.image, shooting))


def _encoding(request: ClipRequest, begins: Sequence[int]) -> list[str]:
    # Each drawing is handed over and converted once, then held until the next begins.
    places = _places([*begins, request.frames])
    held = f"settb=1/{request.fps},setpts='{places}',fps={request.fps}"
    return [
        "-f", "rawvideo", "-pix_fmt", "bgra", "-s", f"{request.width}x{request.height}",
        "-r", str(request.fps), "-i", "pipe:0", "-an",
        "-vf", f"scale=out_color_matrix=bt709:out_range=tv,format=yuv420p,{held}",
        "-frames:v", str(request.frames),
        "-c:v", "libx264", "-preset", "ultrafast", "-qp", _QUANTIZER, "-pix_fmt", "yuv420p",
        *BT709, "-color_range", "tv", "-threads", "1", "-r", str(request.fps),
        "-video_track_timescale", str(request.fps * 512), "-f", "mp4",
    ]  # fmt: skip


def _places(begins: Sequence[int]) -> str:
    """At which frame the N-th drawing begins, as ffmpeg counts: from 0 on, a line that bends where
    drawings are held for longer or shorter than those before."""
    places, pace = "0", 0
    for number, held in enumerate(after - begin for begin, after in pairwise(begins)):
        if held != pace:
            places += f"+({held - pace})*max(0,N-{number})"
            pace = held
    return places
